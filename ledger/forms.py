"""What people type in: a report, a decision, a payment."""

import contextlib
from datetime import date, datetime
from decimal import Decimal
from typing import cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from office.forms import ClockInput, DayInput, NoteField, RefusingForm, YuanField
from office.money import yuan
from office.months import Month
from people.forms import MemberField
from rulebooks.services import NoRulebook, in_force

from .models import FACTS_LENGTH, REASON_LENGTH, REMARK_LENGTH, Bonus


def _offered(asked: dict[str, str], members) -> dict[str, object]:
    """What an address may fill in beforehand: one of these members, and a day; whatever else it says is left out."""
    found: dict[str, object] = {}
    number = asked.get("membership", "")
    if number.isdecimal() and len(number) < 19 and members.filter(pk=int(number)).exists():
        found["membership"] = int(number)
    with contextlib.suppress(KeyError, ValueError):
        found["day"] = date.fromisoformat(asked["day"])
    return found


class ReportForm(RefusingForm):
    """A fact under a clause. Offers the clauses in force on the day that was typed in, at first those of today."""

    fields_of_codes = {
        "in_future": "time",
        "not_member": "membership",
        "unknown_clause": "clause_code",
        "no_rulebook": "day",
        "no_facts": "facts",
        "too_long": "facts",
    }

    membership = MemberField(label=_("Who"), queryset=None, empty_label=_("Choose"))
    clause_code = forms.ChoiceField(label=_("Clause"))
    day = forms.DateField(label=_("Day"), widget=DayInput())
    time = forms.TimeField(label=_("Time"), widget=ClockInput())
    facts = NoteField(
        label=_("What happened"),
        help_text=_("What was seen or found, where, and who else saw it. Facts only: the decision comes later."),
        rows=5,
        max_length=FACTS_LENGTH,
    )

    def __init__(self, data=None, *, department, **kwargs):
        now = department.today()
        # Somebody who left lately may still have to be reported; long ago is the journal's, not the list's.
        members = department.memberships.touching(Month.of(now).previous.first, now)
        super().__init__(data, initial={"day": now} | _offered(kwargs.pop("initial", {}), members), **kwargs)
        self.department = department
        self.without_rulebook: NoRulebook | None = None
        cast(MemberField, self.fields["membership"]).queryset = members.select_related("user")
        cast(forms.ChoiceField, self.fields["clause_code"]).choices = [
            ("", _("Choose")),
            *self._clauses(self._typed_day() or now),
        ]
        self.fields["day"].widget.attrs["max"] = now.isoformat()

    def _typed_day(self) -> date | None:
        try:
            return parse_date(self.data.get("day") or "")
        except ValueError:
            return None

    def _clauses(self, day: date) -> list[tuple[str, str]]:
        try:
            rulebook = in_force(self.department, day)
        except NoRulebook as refusal:
            self.without_rulebook = refusal
            return []
        return [(clause.code, f"§ {clause.number}  {clause.text}") for clause in rulebook.clauses]

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if self.without_rulebook:
            # It is the day that is wrong, not the choice of a clause on it.
            self.errors.pop("clause_code", None)
            self.add_error("day", self.without_rulebook)
        if cleaned.get("day") and cleaned.get("time"):
            # A time that the clock skips moves forward, one that comes twice is its first: both are what fold=0 means.
            cleaned["occurred_at"] = datetime.combine(cleaned["day"], cleaned["time"], tzinfo=self.department.zone)
        return cleaned

    def report(self) -> dict:
        """What `report_incident` takes."""
        return {name: self.cleaned_data[name] for name in ("membership", "clause_code", "occurred_at", "facts")}


class ConfirmForm(RefusingForm):
    """Confirm what the decider was shown: `seen_count` is the place on the ladder that stood on the page."""

    # Written by the page itself, so that a refused form comes back with the place that holds now.
    seen_count = forms.IntegerField(required=False, min_value=1)
    reason = NoteField(label=_("Remark"), required=False, rows=2, max_length=REASON_LENGTH)


class DismissForm(RefusingForm):
    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    reason = NoteField(
        label=_("Reason"), help_text=_("The member and the reporter read it."), rows=2, max_length=REASON_LENGTH
    )


class PaymentForm(RefusingForm):
    fields_of_codes = {
        "not_positive": "amount_fen",
        "more_than_due": "amount_fen",
        "in_future": "paid_on",
        "before_fine": "paid_on",
        "too_long": "remark",
    }

    amount_fen = YuanField(label=_("Amount in yuan"))
    paid_on = forms.DateField(label=_("Paid on"), widget=DayInput())
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=REMARK_LENGTH,
        help_text=_("How it was paid, number of the receipt."),
    )
    again = forms.BooleanField(label=_("It is a second payment of the same amount."), required=False)
    token = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data=None, *, sanction, today: date, **kwargs):
        initial = {"amount_fen": Decimal(sanction.due_fen).scaleb(-2), "paid_on": today, "token": uuid4()}
        super().__init__(data, initial=initial, **kwargs)
        self.sanction = sanction
        if sanction.entry:
            self.fields["paid_on"].widget.attrs.update(
                {"min": sanction.entry.business_date.isoformat(), "max": today.isoformat()}
            )

    def clean(self):
        """After "Back" the token is a new one and cannot tell: the same amount of the same day is asked about."""
        cleaned = super().clean() or {}
        alike = {"amount_fen": cleaned.get("amount_fen"), "paid_on": cleaned.get("paid_on")}
        others = self.sanction.payments.filter(**alike).exclude(token=cleaned.get("token")).select_related("entry")
        fits = all(alike.values()) and alike["amount_fen"] <= self.sanction.due_fen
        first = others.first() if fits else None
        if first is not None and not cleaned.get("again"):
            self.asks_again = True
            text = _("%(amount)s yuan of this day are recorded already, as %(entry)s.")
            self.add_error("again", ValidationError(text % {"amount": yuan(first.amount_fen), "entry": first.entry}))
        return cleaned

    asks_again = False

    def paid(self) -> dict:
        """What `record_payment` takes."""
        return {name: self.cleaned_data[name] for name in ("amount_fen", "paid_on", "remark", "token")}


class ApproveBonusForm(RefusingForm):
    """Approve a bonus; how much only where the rulebook leaves a choice."""

    fields_of_codes = {"amount": "amount_fen", "too_long": "reason"}

    amount_fen = YuanField(label=_("Amount in yuan"))
    reason = NoteField(label=_("Remark"), required=False, rows=2, max_length=REASON_LENGTH)

    def __init__(self, data=None, *, bonus: Bonus, **kwargs):
        super().__init__(data, auto_id="approve_%s", **kwargs)
        if bonus.least_fen == bonus.most_fen:
            del self.fields["amount_fen"]
            return
        ends = {"least": yuan(bonus.least_fen), "most": yuan(bonus.most_fen)}
        self.fields["amount_fen"].help_text = gettext("From %(least)s to %(most)s yuan.") % ends


class DismissBonusForm(RefusingForm):
    fields_of_codes = {"no_reason": "reason", "too_long": "reason"}

    reason = NoteField(label=_("Reason"), rows=2, max_length=REASON_LENGTH)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, auto_id="dismiss_%s", **kwargs)
