"""What people type about orders: a filter, a claim, a refusal, a decision."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models import OrderClaim
from handover.orders import FAULT_WORDS, FLAG_WORDS, NO_FLAG, WHOLE
from office.forms import MonthForm, NoteField, RefusingForm, longest
from office.months import Month
from people.models import Membership

ALL = "all"
NONE = "none"
# Rows of the form that splits an order: at least, and at most.
FEWEST, MOST = 3, 20
PERCENT = WHOLE // 100


class OrderFilter(MonthForm):
    """Which orders: of a month (this one, unless told otherwise), a member, a flag, a fault; words to look for."""

    member = forms.ChoiceField(label=_("Whose"), required=False)
    flag = forms.ChoiceField(label=_("Flag"), required=False)
    fault = forms.ChoiceField(label=_("Tag"), required=False)
    field_order = ("month", "member", "flag", "fault", "q")

    def __init__(self, data, *, today: Month, shown: Month | None, members: list[Membership]):
        super().__init__(data, newest=today.previous, shown=shown if shown != today else None)
        everybody, any_flag, any_tag = gettext("Everybody"), gettext("Any flag"), gettext("Right or wrong")
        self._offer("month", [("", today.name), *self.months, (ALL, _("All months"))])
        self._offer("member", [("", everybody), *((str(one.pk), _who(one)) for one in members)])
        self._offer("flag", [("", any_flag), *FLAG_WORDS.items(), (NONE, NO_FLAG)])
        self._offer("fault", [("", any_tag), *((str(code), words) for code, words in FAULT_WORDS.items())])

    def _offer(self, name: str, choices: list) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices


def _who(member: Membership) -> str:
    return f"{member.work_number} {member.name}"


class ClaimForm(RefusingForm):
    """Why an order is one's own."""

    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    reason = NoteField(rows=2, max_length=longest(OrderClaim, "reason"), label=_("Why it is yours"))


class RefuseForm(RefusingForm):
    """Why a claim does not hold."""

    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    reason = NoteField(rows=2, max_length=longest(OrderClaim, "decision"), label=_("Why not"))


class DecideForm(RefusingForm):
    """Whose an order is: up to `MOST` people with their percentage, and why.

    `members`: who can have a part. `given`: the parts to begin with, by member. `seen`: how it stands.
    """

    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, members: list[Membership], given: dict[int, int], seen: str):
        super().__init__(data, initial={"seen": seen}, auto_id="decide-%s")
        self.members = {str(member.pk): member for member in members}
        choices = [("", "—"), *((key, _who(member)) for key, member in self.members.items())]
        begun = list(given.items())
        self.count = _rows_in(data) if data is not None else min(MOST, max(FEWEST, len(begun)))
        for row in range(self.count):
            member, parts = begun[row] if row < len(begun) else (None, None)
            self.fields[f"member_{row}"] = forms.ChoiceField(
                choices=choices, required=False, label=_("Who"), initial=member
            )
            self.fields[f"share_{row}"] = forms.DecimalField(
                required=False,
                min_value=Decimal("0.01"),
                max_value=100,
                decimal_places=2,
                max_digits=5,
                label=_("Share, %"),
                initial=None if parts is None else _plain_percent(parts),
                widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
            )
        self.fields["reason"] = NoteField(rows=2, max_length=longest(OrderClaim, "decision"), label=_("Why"))

    @property
    def rows(self):
        """The fields of the shares, person by person."""
        return [(self[f"member_{row}"], self[f"share_{row}"]) for row in range(self.count)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        taken: set[str] = set()
        for row in range(self.count):
            who, share = cleaned.get(f"member_{row}"), cleaned.get(f"share_{row}")
            if who and share is None and f"share_{row}" not in self.errors:
                self.add_error(f"share_{row}", gettext("How much is theirs?"))
            if share is not None and not who and f"member_{row}" not in self.errors:
                self.add_error(f"member_{row}", gettext("Whose share is this?"))
            if who and who in taken:
                self.add_error(f"member_{row}", gettext("This person is here twice."))
            taken.add(who or "")
        return cleaned

    def decided(self) -> dict:
        """What `decide_order` takes: the parts by member, the reason, and how it stood."""
        cleaned = self.cleaned_data
        rows = ((cleaned.get(f"member_{row}"), cleaned.get(f"share_{row}")) for row in range(self.count))
        parts = {self.members[who]: int(share * PERCENT) for who, share in rows if who and share is not None}
        return {"parts": parts, "reason": cleaned["reason"], "seen": cleaned["seen"]}


def _rows_in(data) -> int:
    """How many rows were sent: as many as the page had."""
    sent = sum(f"member_{row}" in data for row in range(MOST))
    return max(FEWEST, sent)


def _plain_percent(parts: int) -> str:
    whole, hundredths = divmod(parts, PERCENT)
    return f"{whole}.{hundredths:02}" if hundredths else str(whole)
