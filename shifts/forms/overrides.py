"""What letting a warning of the plan stand asks for."""

from django.utils.translation import gettext_lazy as _

from office.forms import NoteField, RefusingForm
from shifts.services.overrides import LONGEST_REASON


class StandForm(RefusingForm):
    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    reason = NoteField(
        label=_("Why it may stand"), help_text=_("Kept beside the warning."), rows=2, max_length=LONGEST_REASON
    )
