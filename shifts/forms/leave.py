"""What people type in for a leave slip, and for its decision."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from office.forms import ClockInput, DayInput, NoteField, RefusingForm
from office.months import FIRST_YEAR, LAST_YEAR
from office.uploads import MOST_MEGABYTES, UploadField
from people.forms import MemberField
from people.models import Department, Membership, User
from rulebooks.schema import LeaveKind, LeaveRules
from rulebooks.services import NoRulebook, in_force
from shifts.leave_rules import FURTHEST, hours_on
from shifts.pages.leave import kind_words
from shifts.services.leave import REASON_LENGTH, shift_parts

# Leave may still be written down for somebody who left so many days ago.
LATELY = timedelta(days=31)
SEPARATOR = " · "


def typed_day(text: str | None) -> date | None:
    """A day as an address or a form has it; None for anything else, and for years that the program does not know."""
    try:
        day = parse_date(text or "")
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


class KnownDayField(forms.DateField):
    """A day of a year that the program knows: no month is asked for beyond."""

    def clean(self, value):
        day = super().clean(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(gettext("There is no year %(year)s here.") % {"year": day.year}, code="no_such_year")
        return day


def _what_may_be_attached() -> str:
    """In the reader's language: a lazy text loses its laziness when something is filled in."""
    return gettext("A picture (JPEG, PNG, WebP) or a PDF of at most %(most)s MB.") % {"most": MOST_MEGABYTES}


class LeaveForm(RefusingForm):
    """A slip. Offers the kinds of the rulebook in force on the first day that was typed, at first those of today.

    `mine`: the membership of who asks, None for who only holds a role here; `acts`: whether they may ask for others.
    """

    fields_of_codes = {
        "days_in_order": "last_day",
        "too_far": "first_day",
        "too_long": "last_day",
        "no_hours": "to_time",
        "outside_day": "from_time",
        "outside_shift": "from_time",
        "not_member": "first_day",
        "locked": "first_day",
        "no_reason": "reason",
        "no_reason_for": "acted_for",
        "reason_too_long": "reason",
        "no_rulebook": "first_day",
        "no_leave": "first_day",
        "unknown_kind": "kind",
        "taken_in": "kind",
        "notice": "first_day",
        "days_at_most": "last_day",
        "attachment": "attachment",
        "empty_file": "attachment",
        "too_large": "attachment",
        "unknown_type": "attachment",
        "swapped_day": "first_day",
        "clash": "first_day",
    }

    membership = MemberField(label=_("Who"), queryset=None, empty_label=_("Choose"))
    acted_for = NoteField(
        label=_("Why you ask for somebody else"),
        help_text=_("Why they cannot ask themselves. They read it."),
        required=False,
        rows=2,
        max_length=REASON_LENGTH,
    )
    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect)
    first_day = KnownDayField(label=_("First day"), widget=DayInput())
    last_day = KnownDayField(label=_("Last day"), widget=DayInput(), required=False)
    from_time = forms.TimeField(label=_("Begins at"), widget=ClockInput(), required=False)
    to_time = forms.TimeField(label=_("Ends at"), widget=ClockInput(), required=False)
    reason = NoteField(label=_("Reason"), rows=3, max_length=REASON_LENGTH)
    attachment = UploadField(label=_("Attachment"), required=False, help_text=lazy(_what_may_be_attached, str)())

    def __init__(
        self, data=None, files=None, *, department: Department, mine: Membership | None, acts: bool, day: date | None
    ):
        today = department.today()
        super().__init__(data, files, initial={"first_day": day, "membership": mine})
        self.department, self.mine = department, mine
        self.without_rulebook: NoRulebook | None = None
        self.rules = self._rules(typed_day(self.data.get("first_day")) or day or today)
        kinds = self.rules.kinds if self.rules else ()
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind.code, _in_words(kind)) for kind in kinds]
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs["max"] = (today + FURTHEST).isoformat()
        members = department.memberships.touching(today - LATELY, today).select_related("user", "department")
        cast(MemberField, self.fields["membership"]).queryset = members
        if not acts:
            del self.fields["membership"], self.fields["acted_for"]

    def _rules(self, day: date) -> LeaveRules | None:
        try:
            return in_force(self.department, day).leave
        except NoRulebook as refusal:
            self.without_rulebook = refusal
            return None

    @property
    def takes_hours(self) -> bool:
        return any(kind.taken_in != "days" for kind in self._kinds)

    @property
    def takes_files(self) -> bool:
        return any(kind.attachment != "none" for kind in self._kinds)

    @property
    def _kinds(self) -> Sequence[LeaveKind]:
        return self.rules.kinds if self.rules else ()

    @property
    def opens_hours(self) -> bool:
        """Whether hours were typed in, or are asked for, so that they must be seen."""
        typed = any(self[name].value() or self[name].errors for name in ("from_time", "to_time"))
        return typed or self.has_error("kind", "taken_in")

    @property
    def lost_file(self) -> bool:
        """Whether a file was chosen that the browser does not keep on a refused form."""
        return bool(self.errors and self.files.get("attachment") and "attachment" not in self.errors)

    @property
    def shown_member(self) -> Membership | None:
        """Whose days stand beside the form."""
        chosen = getattr(self, "cleaned_data", {}).get("membership") if self.is_bound else None
        return chosen or self.mine

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if self.rules is None and "first_day" in cleaned:
            # It is the day that is wrong, not the choice of a kind on it.
            self.errors.pop("kind", None)
            text = _("The rulebook in force on that day has no leave slips.")
            self.add_error("first_day", self.without_rulebook or ValidationError(text, code="no_leave"))
        for name, other in (("from_time", "to_time"), ("to_time", "from_time")):
            if cleaned.get(other) and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(_("Hours have a beginning and an end."), code="no_hours"))
        if not self.errors and cleaned.get("from_time"):
            self._clean_hours()
        return cleaned

    def _clean_hours(self) -> None:
        day, member = self.cleaned_data["first_day"], self.cleaned_data.get("membership") or self.mine
        times = self.cleaned_data["from_time"], self.cleaned_data["to_time"]
        hours = hours_on(day, *times, self.department.zone, shift_parts(member, day) if member else [])
        if hours is None:
            self.add_error("to_time", ValidationError(_("These hours have no length."), code="no_hours"))
        self.cleaned_data["hours"] = hours

    def asked(self) -> dict:
        """What `services.leave.ask` takes, without who acts."""
        cleaned = self.cleaned_data
        hours = cleaned.get("hours")
        return {
            "membership": cleaned.get("membership") or self.mine,
            "kind": cleaned["kind"],
            "first_day": cleaned["first_day"],
            "last_day": cleaned["last_day"] or cleaned["first_day"],
            "starts_at": hours.starts_at if hours else None,
            "ends_at": hours.ends_at if hours else None,
            "reason": cleaned["reason"],
            "file": cleaned.get("attachment"),
            "acted_for": cleaned.get("acted_for", ""),
        }


def _in_words(kind: LeaveKind) -> str:
    return SEPARATOR.join([str(kind.name), *kind_words(kind)])


class DaysForm(forms.Form):
    """The days that the page is asked about while somebody is choosing them."""

    first_day = KnownDayField()
    last_day = KnownDayField(required=False)
    membership = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def clean(self):
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        return cleaned


class ApproveForm(RefusingForm):
    fields_of_codes = {"reason_too_long": "note"}

    note = NoteField(
        label=_("Remark"), help_text=_("The member reads it."), required=False, rows=2, max_length=REASON_LENGTH
    )


class RefuseForm(RefusingForm):
    fields_of_codes = {"no_reason": "reason", "reason_too_long": "reason"}

    reason = NoteField(label=_("Reason"), help_text=_("The member reads it."), rows=2, max_length=REASON_LENGTH)


class CancelForm(RefuseForm):
    """The member need not say why they stay; whoever takes a leave away from somebody says it."""

    def __init__(self, data=None, *, leave=None, actor: User | None = None, **kwargs):
        super().__init__(data, **kwargs)
        if leave is not None and actor is not None and leave.membership.user_id == actor.pk:
            self.fields["reason"].required = False
            self.fields["reason"].help_text = ""
