"""What people type in about swaps and cover."""

from collections.abc import Collection

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from office.forms import NoteField, RefusingForm
from shifts.models import Assignment, SwapKind
from shifts.services.swaps import LONGEST_REASON

ALL = "all"


def why_field(**kwargs) -> NoteField:
    return NoteField(rows=2, max_length=LONGEST_REASON, **kwargs)


class OfferForm(RefusingForm):
    """To whom a shift is offered: `chosen` is the key of the shift to come back, of a colleague, or "all"."""

    fields_of_codes = {"no_partner": "chosen", "too_long": "reason", "no_reason": "acted_for"}

    kind = forms.ChoiceField(choices=SwapKind.choices, widget=forms.HiddenInput())
    chosen = forms.CharField(max_length=20, error_messages={"required": _("Choose a colleague.")})
    reason = why_field(label=_("Message"), required=False)
    acted_for = why_field(label=_("Why you act for them"), help_text=_("They are told, and it is kept."))

    def __init__(self, data=None, *, assignment: Assignment, acts: bool, **kwargs):
        super().__init__(data, **kwargs)
        self.assignment = assignment
        if not acts:
            del self.fields["acted_for"]

    def clean(self):
        cleaned = super().clean() or {}
        kind, chosen = cleaned.get("kind"), cleaned.get("chosen")
        if not kind or not chosen or (kind == SwapKind.GIVE_AWAY and chosen == ALL):
            return cleaned
        department = self.assignment.membership.department
        key = int(chosen) if chosen.isascii() and chosen.isdecimal() else 0
        if kind == SwapKind.SWAP:
            shifts = Assignment.objects.published().filter(membership__department=department)
            other = shifts.select_related("membership__user", "membership__department").filter(pk=key).first()
            cleaned["partner_assignment"], cleaned["partner"] = other, other.membership if other else None
        else:
            cleaned["partner"] = department.memberships.select_related("user", "department").filter(pk=key).first()
        if cleaned["partner"] is None:
            self.add_error("chosen", ValidationError(_("Choose a colleague."), code="no_partner"))
        return cleaned

    def offer(self) -> dict:
        """What `swaps.offer` takes."""
        names = ("kind", "partner", "partner_assignment", "reason", "acted_for")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


class StepForm(RefusingForm):
    """The words that go with a step of a swap."""

    fields_of_codes = {"no_reason": "reason", "too_long": "reason", "reason_needed": "reason"}

    reason = why_field(label=_("Reason"), required=False)


class ActForm(RefusingForm):
    """Consenting, or not, for somebody who is absent."""

    fields_of_codes = {"no_reason": "acted_for", "too_long": "acted_for"}

    acted_for = why_field(label=_("Why you act for them"), help_text=_("They are told, and it is kept."))


class CoverForm(RefusingForm):
    """Whom to put on a shift, or to whom to offer it.

    `warned`: keys of those about whom the plan warns: to put one of them on it takes a reason. `instead`: whether the
    shift is somebody's still: to ask others in their place takes one, too.
    """

    fields_of_codes = {"no_reason": "reason", "too_long": "reason", "reason_needed": "reason", "no_partner": "chosen"}

    PUT_ON, OFFER, OFFER_ALL = "put_on", "offer", "offer_all"

    does = forms.ChoiceField(choices=[(PUT_ON, ""), (OFFER, ""), (OFFER_ALL, "")])
    chosen = forms.CharField(required=False, max_length=20)
    reason = why_field(label=_("Reason"), required=False)

    def __init__(self, data=None, *, department, warned: Collection[int] = (), instead: bool = False, **kwargs):
        super().__init__(data, **kwargs)
        self.department, self.warned, self.instead = department, warned, instead
        if instead:
            self.fields["reason"].help_text = _("They are told, and it is kept.")

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("does") != self.OFFER_ALL and "does" in cleaned:
            self._choose(cleaned)
        if "reason" in cleaned and not cleaned["reason"] and self._needs_reason(cleaned):
            self.add_error("reason", ValidationError(_("Say why."), code="no_reason"))
        return cleaned

    def _needs_reason(self, cleaned) -> bool:
        member = cleaned.get("member")
        if cleaned.get("does") == self.PUT_ON:
            return member is not None and member.pk in self.warned
        return self.instead and "does" in cleaned

    def _choose(self, cleaned) -> None:
        chosen = cleaned.get("chosen") or ""
        key = int(chosen) if chosen.isascii() and chosen.isdecimal() else 0
        members = self.department.memberships.rostered().select_related("user", "department")
        cleaned["member"] = members.filter(pk=key).first()
        if cleaned["member"] is None:
            self.add_error("chosen", ValidationError(_("Choose a colleague."), code="no_partner"))
