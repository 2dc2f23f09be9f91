"""What is searched for in the notebooks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import SearchKind
from office.forms import DayInput


class NotebookSearchForm(forms.Form):
    """Words, where, and the period; days on the department's calendar, both included."""

    q = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Where"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last = forms.DateField(label=_("Until"), required=False, widget=DayInput())
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Everywhere")), *SearchKind.choices]  # type: ignore[attr-defined]

    def clean(self):
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("This is before the first day."))
        return data
