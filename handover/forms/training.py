"""What people type about newcomers and their mentors."""

from datetime import date
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import Mentorship
from office.forms import DayInput, NoteField, RefusingForm, longest
from people.models import Membership


def day_field(label) -> forms.DateField:
    return forms.DateField(widget=DayInput(), input_formats=["%Y-%m-%d"], localize=False, label=label)


def named(members: list[Membership]) -> list[tuple[str, str]]:
    return [(str(member.pk), f"{member.work_number} {member.name}") for member in members]


class PairForm(RefusingForm):
    """Who learns from whom. `newcomers`: those without a mentor, whoever joined last first."""

    fields_of_codes = {
        "same_person": "mentor",
        "not_a_member": "from_day",
        "too_far": "from_day",
        "already_paired": "newcomer",
        "other_department": "mentor",
    }

    newcomer = forms.ChoiceField(label=_("Newcomer"))
    mentor = forms.ChoiceField(label=_("Mentor"))
    from_day = day_field(_("From"))

    def __init__(self, *args, newcomers: list[Membership], mentors: list[Membership], today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("from_day", today)
        self.members = {str(member.pk): member for member in (*newcomers, *mentors)}
        cast(forms.ChoiceField, self.fields["newcomer"]).choices = [("", "—"), *named(newcomers)]
        cast(forms.ChoiceField, self.fields["mentor"]).choices = [("", "—"), *named(mentors)]

    def clean_newcomer(self) -> Membership:
        return self.members[self.cleaned_data["newcomer"]]

    def clean_mentor(self) -> Membership:
        return self.members[self.cleaned_data["mentor"]]


class EndForm(RefusingForm):
    """Passing or ending: a day, and why. `only_on`: the one day it can be, which is not asked for then."""

    fields_of_codes = {"in_future": "day", "before_start": "day", "no_reason": "remark", "too_long": "remark"}

    day = day_field(_("On"))
    remark = NoteField(rows=2, required=False, max_length=longest(Mentorship, "remark"), label=_("Remark"))

    def __init__(self, *args, only_on: date | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if only_on is not None:
            self.fields["day"].widget = forms.HiddenInput()
            self.initial["day"] = only_on.isoformat()
