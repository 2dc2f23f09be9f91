"""Form fields that more than one app uses."""

from datetime import UTC, datetime
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
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


class WallTimeField(forms.Field):
    """A date and time on a department's wall clock, to the minute; cleans to a UTC instant.

    A time that does not exist moves forward, one that comes twice is its first occurrence.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {"invalid": _("Give a date and a time.")}

    def __init__(self, *, zone=UTC, **kwargs):
        super().__init__(**kwargs)
        self.zone = zone

    def to_python(self, value) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            wall = datetime.fromisoformat(str(value).strip())
            if wall.tzinfo is not None:
                raise ValueError("a wall clock has no offset")
            return wall.replace(tzinfo=self.zone, second=0, microsecond=0).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value):
        return value.astimezone(self.zone) if isinstance(value, datetime) else value
