"""What publishing a month and unlocking it ask for."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from office.forms import NoteField
from shifts.services.publishing import LONGEST_REASON


class PublishForm(forms.Form):
    """The state of the draft that was looked at, and why its warnings may stand."""

    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    reason = NoteField(label=_("Why the warnings may stand"), required=False, max_length=LONGEST_REASON)

    def clean(self):
        data = super().clean()
        if "seen" in self.errors:
            # A hidden field's mistake is nobody's to mend: what helps is the page as it is now.
            del self.errors["seen"]
            raise forms.ValidationError(_now("The page was not complete. Look again."), code="unreadable")
        return data


class ReasonForm(forms.Form):
    reason = NoteField(label=_("Reason"), max_length=LONGEST_REASON)
