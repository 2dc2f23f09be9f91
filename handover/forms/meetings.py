"""What people type about meetings."""

import uuid
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import Issue, Meeting, MeetingPart
from handover.services.meetings import LONGEST_REASON
from office.forms import NoteField, RefusingForm, longest
from people.models import Membership
from rulebooks.schema import Rulebook


class ArrangeForm(RefusingForm):
    """Who chairs, and what each of its people does: a field `part_<membership key>` for each."""

    fields_of_codes = {"not_there": "chair", "chair_attends": "chair"}

    chair = forms.ChoiceField(label=_("Chair"))

    def __init__(self, *args, chairs: list[Membership], people: list, **kwargs):
        super().__init__(*args, **kwargs)
        self.chairs = {str(member.pk): member for member in chairs}
        cast(forms.ChoiceField, self.fields["chair"]).choices = [
            (key, f"{member.work_number} {member.name}") for key, member in self.chairs.items()
        ]
        self.people = people
        for row in people:
            self.fields[f"part_{row.membership_id}"] = forms.ChoiceField(
                choices=MeetingPart.choices,
                initial=row.part,
                label=f"{row.membership.work_number} {row.membership.name}",
            )

    def arranged(self) -> dict:
        """The chair and the parts by membership, as the service takes them."""
        people = [row.membership_id for row in self.people]
        parts = {key: self.cleaned_data[f"part_{key}"] for key in people}
        return {"chair": self.chairs[self.cleaned_data["chair"]], "parts": parts}


class CameForm(RefusingForm):
    """Who of those who take part came."""

    came = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label=_("Who came")
    )

    def __init__(self, *args, people: list, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.TypedMultipleChoiceField, self.fields["came"]).choices = [
            (row.membership_id, f"{row.membership.work_number} {row.membership.name}") for row in people
        ]
        # Before anybody has marked it, everybody counts as there: fewer have to be taken away than added.
        self.initial.setdefault("came", [row.membership_id for row in people if row.came is not False])


class MinutesForm(RefusingForm):
    fields_of_codes = {"no_text": "text", "too_long": "text"}

    text = NoteField(rows=8, max_length=longest(Meeting, "minutes"), label=_("Minutes"))
    hand_in = forms.BooleanField(required=False)


class DecisionForm(RefusingForm):
    """A decision, which becomes an entry of the issue register; its categories are those of the rulebook in force."""

    fields_of_codes = {"unknown_category": "category"}

    text = NoteField(rows=2, max_length=longest(Issue, "text"), label=_("What was decided"))
    category = forms.ChoiceField(widget=forms.RadioSelect, label=_("Category"))
    # What is sent twice is entered once.
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args, rulebook: Rulebook, **kwargs):
        super().__init__(*args, **kwargs)
        register = rulebook.notebooks.issue_register
        cast(forms.ChoiceField, self.fields["category"]).choices = [
            (known.code, str(known.name)) for known in register.categories
        ]


class CancelForm(RefusingForm):
    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    reason = NoteField(rows=2, max_length=LONGEST_REASON, label=_("Why it is off"))
