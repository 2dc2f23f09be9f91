"""What passing a duty on looks like when it arrives."""

from collections.abc import Sequence
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from people.models import Membership


class PassOnForm(forms.Form):
    """`to`: one of the people who could take the turn over."""

    to = forms.TypedChoiceField(
        label=_("To whom"),
        error_messages={
            "required": _("Choose somebody."),
            "invalid_choice": _("This person cannot take it: choose somebody of that day's shifts."),
        },
    )

    def __init__(self, *args, people: Sequence[Membership], **kwargs):
        super().__init__(*args, **kwargs)
        members = {str(member.pk): member for member in people}
        field = cast(forms.TypedChoiceField, self.fields["to"])
        field.choices = [("", "—"), *((key, f"{member.work_number} {member.name}") for key, member in members.items())]
        field.coerce = members.__getitem__
