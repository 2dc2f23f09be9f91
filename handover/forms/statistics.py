"""What people type into the service statistics."""

from django import forms
from django.utils.translation import gettext_lazy as _

from office.forms import RefusingForm, YuanField
from office.money import FEN

# More than one person serves in a day; a number above it is a slip of the finger.
MOST_CUSTOMERS = 99_999


class StatisticForm(RefusingForm):
    """One's own figures of one day."""

    count = forms.NumberInput(attrs={"inputmode": "numeric"})
    fields_of_codes = {
        "future": "business_date",
        "not_a_member": "business_date",
        "closed_above_served": "closed",
        "enquiries_above_served": "enquiries",
        "too_much": "sales_fen",
    }

    business_date = forms.DateField(
        label=_("Day"), widget=forms.HiddenInput, input_formats=["%Y-%m-%d"], localize=False
    )
    served = forms.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, widget=count, label=_("Customers served"))
    closed = forms.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, widget=count, label=_("Customers closed"))
    enquiries = forms.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, widget=count, label=_("Enquiries"))
    sales_fen = YuanField(least_fen=0, label=_("Sales, yuan"))

    @staticmethod
    def initial_of(row) -> dict:
        """The fields as a recorded row fills them."""
        counts = {name: getattr(row, name) for name in ("business_date", "served", "closed", "enquiries")}
        return counts | {"sales_fen": f"{row.sales_fen // FEN}.{row.sales_fen % FEN:02}"}
