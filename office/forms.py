"""Forms, fields and controls that more than one room uses."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from .money import FEN, LARGEST_FEN, to_fen
from .months import Month

# So many months a filter offers; older ones are reached by the address and by turning pages.
MONTHS_OFFERED = 12
# Makes one picture of those on its two sides.
JOINER = "\u200d"


def longest(model, name: str) -> int:
    """How much text the column takes."""
    return model._meta.get_field(name).max_length


class RefusingForm(forms.Form):
    """Shows the refusals of a service: each at its field or at the field of its code, the others above the form."""

    fields_of_codes: dict[str, str] = {}
    # What the service said that `carry_out` has called.
    outcome: Any = None

    def refuse(self, refusal: ValidationError) -> None:
        by_field = refusal.error_dict.items() if hasattr(refusal, "error_dict") else [("", refusal.error_list)]
        for name, errors in by_field:
            for error in errors:
                field = name if name in self.fields else self.fields_of_codes.get(error.code or "")
                self.add_error(field if field in self.fields else None, error)

    def carry_out(self, act: Callable[[], object]) -> bool:
        """Do it if the form is valid; whether it was done. What is refused stands in the form."""
        if not self.is_valid():
            return False
        try:
            self.outcome = act()
        except ValidationError as refusal:
            self.refuse(refusal)
            return False
        return True


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


class SeenField(forms.CharField):
    """A line of text without signs that nobody sees, as marks of direction; those that join a picture stay.

    Of several lines only what consists of nothing else is changed: it is empty.
    """

    def to_python(self, value):
        text = super().to_python(value)
        if text and all(unicodedata.category(sign)[0] in "CZ" for sign in text):
            return self.empty_value
        if not text or isinstance(self.widget, forms.Textarea):
            return text
        return "".join(_seen(text, place) for place in range(len(text))).strip()


def _seen(text: str, place: int) -> str:
    """The sign as it stands in a line: nothing for one that nobody sees, a blank for one that moves on."""
    sign = text[place]
    # What cannot be stored stays, to be refused.
    if unicodedata.category(sign) not in ("Cc", "Cf") or sign == "\0":
        return sign
    if sign.isspace():
        return " "
    around = text[place - 1 : place + 2]
    joins = sign == JOINER and len(around) == 3 and not any(one.isalnum() or one.isspace() for one in around)
    return sign if joins and unicodedata.category(around[-1]) == "So" else ""


class NoteField(SeenField):
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


class MonthForm(SearchForm):
    """The filter of a list by month and words.

    Offers the `offered` months up to `newest`, and `shown`, the month of the address, however old it is.
    """

    month = forms.ChoiceField(label=_("Month"), required=False)
    field_order: tuple[str, ...] = ("month", "q")

    def __init__(self, data, *, newest: Month, shown: Month | None = None, offered: int = MONTHS_OFFERED):
        super().__init__(data)
        months = sorted({*newest.back(offered), *([shown] if shown else [])}, reverse=True)
        self.months = [(str(month), month.name) for month in months]
        cast(forms.ChoiceField, self.fields["month"]).choices = [("", _("All months")), *self.months]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs):
        # The control of the browser reads this form only, whatever the language.
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%H:%M")


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
