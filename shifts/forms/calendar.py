"""What is special about a day, as somebody types it."""

from datetime import date

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.forms import DayInput
from office.months import FIRST_YEAR, LAST_YEAR
from office.texts import localised
from rulebooks.schema import Rulebook
from shifts.models import CalendarDay, DayKind
from shifts.services.calendar import LONGEST_NAME, MOST_PEOPLE, usual_kind


class DayForm(forms.Form):
    """A day, what kind it is, and for each shift of the rulebook what is wanted on it; empty means as always."""

    day = forms.DateField(label=_("Day"), widget=DayInput())
    # A day with numbers of its own is seldom another kind of day, so that this is what stands there at first.
    kind = forms.ChoiceField(
        label=_("Kind of day"),
        required=False,
        choices=[("", pgettext_lazy("kind of day", "As its weekday says")), *DayKind.choices],
    )
    name = forms.CharField(label=_("Its name"), required=False, max_length=LONGEST_NAME)
    is_promotion = forms.BooleanField(
        label=_("Promotion day"), required=False, help_text=_("Such as 6.18 or 11.11: marked in the roster.")
    )

    def __init__(
        self, data=None, *, rulebook: Rulebook | None, row: CalendarDay | None = None, day: date | None = None
    ):
        initial: dict[str, object] = {"day": day}
        if row is not None:
            initial = {"day": row.day, "kind": row.kind, "is_promotion": row.is_promotion}
            initial["name"] = localised(row.name) if row.name else ""
            for code, (wanted, minimum) in row.headcounts.items():
                initial |= {f"wanted_{code}": wanted, f"minimum_{code}": minimum}
        super().__init__(data, initial=initial)
        self.shifts = list(rulebook.shifts) if rulebook else []
        for shift in self.shifts:
            for part, label in (("wanted", _("wanted")), ("minimum", _("at least"))):
                self.fields[f"{part}_{shift.code}"] = forms.IntegerField(
                    label=label, required=False, min_value=0, max_value=MOST_PEOPLE
                )

    def clean_day(self):
        day = self.cleaned_data["day"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(_now("There is no year %(year)s here.") % {"year": day.year})
        return day

    def clean(self):
        data = super().clean() or {}
        if "day" in data and not data.get("kind"):
            data["kind"] = usual_kind(data["day"])
        for shift in self.shifts:
            wanted, minimum = data.get(f"wanted_{shift.code}"), data.get(f"minimum_{shift.code}")
            if wanted is None and minimum is not None:
                self.add_error(f"wanted_{shift.code}", _("Say how many are wanted, too."))
            elif wanted is not None and (minimum or 0) > wanted:
                self.add_error(f"minimum_{shift.code}", _("Not more than are wanted."))
        return data

    @property
    def headcounts(self) -> dict[str, tuple[int, int]]:
        """{shift code: (wanted, minimum)} for the shifts that say something."""
        data = self.cleaned_data
        return {
            shift.code: (data[f"wanted_{shift.code}"], data.get(f"minimum_{shift.code}") or 0)
            for shift in self.shifts
            if data.get(f"wanted_{shift.code}") is not None
        }

    @property
    def shift_rows(self) -> list[tuple]:
        """(shift type, its field for wanted, its field for the minimum)."""
        return [(shift, self[f"wanted_{shift.code}"], self[f"minimum_{shift.code}"]) for shift in self.shifts]
