"""What people type into their weekly summary."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import WeeklySummary
from office.forms import NoteField, RefusingForm, longest


class SummaryForm(RefusingForm):
    """The summary of the week that ends on `day`; saved as a draft it may still be empty."""

    fields_of_codes = {"too_short": "text", "too_long": "text"}

    day = forms.DateField(widget=forms.HiddenInput, input_formats=["%Y-%m-%d"], localize=False)
    text = NoteField(
        rows=12,
        required=False,
        strip=False,
        max_length=longest(WeeklySummary, "text"),
        label=_("What the week was like"),
    )
