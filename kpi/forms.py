"""The supervisor's answer for one agent's month."""

from django import forms
from django.utils.translation import gettext_lazy as _

from office.forms import NoteField
from people.models import Membership
from rulebooks.schema import Indicator


class JudgeForm(forms.Form):
    """One answer of the rulebook's scale for one hand-given indicator, and why. `by_hand` is never empty."""

    indicator = forms.CharField(widget=forms.HiddenInput)
    reason = NoteField(label=_("Reason"), rows=2, max_length=500, help_text=_("The agent reads it."))

    def __init__(self, by_hand: list[Indicator], code: str, member: Membership, data=None, *, current=None):
        """`code` says which indicator; one that is not by hand makes the form invalid.

        `current`: the Judgement that holds, whose answer the fields show.
        """
        self.asked = next((one for one in by_hand if one.code == code), by_hand[0])
        # Another answer has another reason: the old one is not offered for it.
        held = {"choice": current.choice} if current else {}
        # Several of these stand on one page.
        auto_id = f"id_{member.pk}_{self.asked.code}_%s"
        super().__init__(data, initial={"indicator": self.asked.code, **held}, auto_id=auto_id)
        answers = [(answer.code, str(answer.name)) for answer in self.asked.method.choice or ()]
        self.fields["choice"] = forms.ChoiceField(label=_("Judgement"), widget=forms.RadioSelect, choices=answers)

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if cleaned.get("indicator") != self.asked.code:
            self.add_error(None, forms.ValidationError(_("The rulebook has no such answer."), code="unknown_choice"))
        return cleaned
