"""Form fields that more than one app uses."""

from decimal import Decimal

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from .money import FEN, LARGEST_FEN, to_fen


class YuanField(forms.DecimalField):
    """An amount typed in yuan that cleans to integer fen; never negative, two decimals at most."""

    def __init__(self, *, least_fen: int = 1, **kwargs):
        least, largest = Decimal(least_fen) / FEN, Decimal(LARGEST_FEN) / FEN
        super().__init__(
            max_digits=12,
            decimal_places=2,
            validators=[MinValueValidator(least), MaxValueValidator(largest)],
            **kwargs,
        )
        self.widget.attrs.update({"inputmode": "decimal", "step": "0.01", "min": str(least)})

    def clean(self, value):
        amount = super().clean(value)
        return None if amount is None else to_fen(amount)


class NoteField(forms.CharField):
    """A few sentences: trimmed, bounded, a text area of `rows` lines."""

    def __init__(self, *, rows: int = 3, max_length: int = 2000, **kwargs):
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class SearchForm(forms.Form):
    """The filter of a list by words; lists with more to choose from add their fields."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": _("Search")}),
    )
