"""What people type in about attendance: other times than were clocked, the decision, why they leave the desk."""

from typing import cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.forms import NoteField, RefusingForm, WallTimeField
from office.months import Month
from people.models import Department
from shifts.models import Assignment, Attendance
from shifts.services.corrections import LONGEST_REASON


class CorrectionForm(RefusingForm):
    """When somebody came to a shift and when they left. At first the clocked times, or the planned ones."""

    fields_of_codes = {
        "left_before_came": "left_at",
        "in_future": "left_at",
        "not_around": "came_at",
        "other_shift": "came_at",
        "no_reason": "reason",
        "too_long": "reason",
    }

    came_at = WallTimeField(label=_("Came"))
    left_at = WallTimeField(label=pgettext_lazy("clock-out", "Left"))
    reason = NoteField(
        label=_("Reason"),
        help_text=_("What happened, and who can confirm it. Whoever decides reads it."),
        rows=3,
        max_length=LONGEST_REASON,
    )

    def __init__(self, data=None, *, assignment: Assignment, attendance: Attendance | None, zone: ZoneInfo):
        planned_start, planned_end = assignment.times
        forgotten = attendance is not None and attendance.forgotten and attendance.correction_id is None
        initial = {
            "came_at": attendance.came_at if attendance else planned_start,
            "left_at": planned_end if attendance is None or forgotten else attendance.left_at,
        }
        super().__init__(data, initial=initial)
        for name in ("came_at", "left_at"):
            cast(WallTimeField, self.fields[name]).zone = zone


class ApproveCorrectionForm(RefusingForm):
    fields_of_codes = {"too_long": "reason"}

    reason = NoteField(
        label=pgettext_lazy("correction", "Note"),
        help_text=_("The member reads it."),
        required=False,
        rows=2,
        max_length=LONGEST_REASON,
    )


class RefuseCorrectionForm(RefusingForm):
    fields_of_codes = {"too_long": "reason", "no_reason": "reason"}

    reason = NoteField(label=_("Reason"), help_text=_("The member reads it."), rows=2, max_length=LONGEST_REASON)


class AllowForm(forms.Form):
    """Whether somebody may leave the desk."""

    allow = forms.TypedChoiceField(coerce=lambda value: value == "1", choices=[("1", _("Allow")), ("0", _("Refuse"))])


# Of the filter by member: all of them.
EVERYBODY = "all"


class MemberFilter(forms.Form):
    """Whose shifts of the month are shown: somebody's who was a rostered member then, or everybody's.

    `usual`: what is shown without a choice; choosing it is no filter.
    """

    member = forms.ChoiceField(label=_("Who"), required=False)

    def __init__(self, data, *, department: Department, month: Month, usual: str):
        super().__init__(data)
        self.usual = usual
        members = department.memberships.rostered().touching(month.first, month.last).select_related("user")
        offered = [(str(member.pk), f"{member.work_number} {member.name}") for member in members]
        if data["member"] not in {EVERYBODY, *(value for value, _label in offered)}:
            # Somebody who left, or never stood on the roster: still the one who is shown.
            known = department.memberships.filter(pk=data["member"]).select_related("user")
            offered += [(str(member.pk), f"{member.work_number} {member.name}") for member in known]
        cast(forms.ChoiceField, self.fields["member"]).choices = [(EVERYBODY, _("Everybody")), *offered]

    def clean_member(self) -> str:
        member = self.cleaned_data["member"]
        return "" if member == self.usual else member
