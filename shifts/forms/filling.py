"""What somebody asks for when a month is filled: a pattern or the month before, some days, some people."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from office.forms import DayInput
from office.months import Month
from rulebooks.schema import Rotation, Rulebook
from shifts.filling import LONGEST_CYCLE, split_cycle
from shifts.pages.filling import CARRIES, Wish
from shifts.pages.grid import Agent
from shifts.sheets.writing import words_of

TYPED, PRESET = "typed", "pattern-"
CARRY_LABELS = {
    "on": _("On from before: everybody's own cycle goes on"),
    "weekday": _("On from before: as four weeks ago, on the same days of the week"),
    "date": _("On from before: as on the same dates of the month before"),
}


class FillForm(forms.Form):
    """Cleans to a `Wish`. Everybody has a box `agents` and a field `place_<key>`, from 1; left empty: spread evenly."""

    source = forms.ChoiceField(label=_("Fill with"))
    cycle = forms.CharField(
        label=_("Own pattern"),
        required=False,
        max_length=400,
        help_text=_("Marks or codes, one a day, with blanks between; after the last the first comes again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Until"), widget=DayInput())
    by_weeks = forms.BooleanField(
        label=_("A pattern of whole weeks begins on a Monday"),
        required=False,
        help_text=_("Then everybody keeps the days of the week. Without it such a pattern is spread like any other."),
    )
    overwrite = forms.BooleanField(
        label=_("Also days that are planned already"),
        required=False,
        help_text=_("Leave, and days that are past and published, stay in any case."),
    )

    def __init__(self, *args, month: Month, rulebook: Rulebook | None, agents: Sequence[Agent], **kwargs):
        super().__init__(*args, **kwargs)
        self.month, self.agents = month, agents
        self.rotations: dict[str, Rotation] = {each.code: each for each in (rulebook.rotations if rulebook else ())}
        words = words_of(rulebook)
        presets = [
            (PRESET + each.code, f"{each.name}: {' '.join(words.get(code, code) for code in each.cycle)}")
            for each in self.rotations.values()
        ]
        source = cast(forms.ChoiceField, self.fields["source"])
        source.choices = [*presets, (TYPED, _("An own pattern, typed below")), *CARRY_LABELS.items()]
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs.update(min=month.first.isoformat(), max=month.last.isoformat())
        self.spread: dict[int, int] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        first, last = cleaned["first_day"], cleaned["last_day"]
        for name, day in (("first_day", first), ("last_day", last)):
            if day not in self.month:
                self.add_error(name, ValidationError(_("This day is not in the month."), code="other_month"))
        if first > last:
            self.add_error("last_day", ValidationError(_("The last day lies before the first."), code="order"))
        cycle = self._cycle(cleaned)
        places = self._places(len(cycle))
        if not self.errors:
            cleaned["wish"] = Wish(
                first,
                last,
                places,
                cycle=tuple(cycle),
                carry=cleaned["source"] if cleaned["source"] in CARRIES else "",
                by_weeks=cleaned["by_weeks"],
                overwrite=cleaned["overwrite"],
            )
        return cleaned

    def _cycle(self, cleaned) -> Sequence[str]:
        source = cleaned["source"]
        if source != TYPED and cleaned["cycle"].strip():
            # Otherwise what was typed would silently come to nothing.
            message = _("Choose “An own pattern, typed below” above to fill with it, or clear this field.")
            self.add_error("cycle", ValidationError(message, code="not_chosen"))
        if source.startswith(PRESET):
            return self.rotations[source.removeprefix(PRESET)].cycle
        if source != TYPED:
            return ()
        words = split_cycle(cleaned["cycle"])
        if not words:
            self.add_error("cycle", ValidationError(_("Type the pattern."), code="required"))
        elif len(words) > LONGEST_CYCLE:
            self.add_error(
                "cycle",
                ValidationError(
                    _("A pattern has at most %(most)s days."), code="too_long", params={"most": LONGEST_CYCLE}
                ),
            )
        return words

    def _places(self, length: int) -> dict[int, int | None]:
        chosen = self._chosen()
        places: dict[int, int | None] = {}
        for agent in self.agents:
            if str(agent.pk) not in chosen:
                continue
            text = self.data.get(f"place_{agent.pk}", "").strip()
            place = int(text) if text.isdecimal() and len(text) < 4 else 0
            if text and length and not 1 <= place <= length:
                message = _("%(name)s: the place in the pattern is a number from 1 to %(length)s.")
                params = {"name": agent.name, "length": length}
                self.add_error(None, ValidationError(message, code="place", params=params))
            places[agent.pk] = place - 1 if text and length else None
        if not places:
            self.add_error(None, ValidationError(_("Choose at least one person."), code="nobody"))
        return places

    def _chosen(self) -> set[str]:
        return set(cast(QueryDict, self.data).getlist("agents"))

    @property
    def people(self) -> list[dict[str, Any]]:
        """The lines of the choice of people, as typed or as they were spread."""
        chosen = self._chosen() if self.is_bound else None
        found = []
        for agent in self.agents:
            place: int | str = self.data.get(f"place_{agent.pk}", "") if self.is_bound else ""
            if agent.pk in self.spread:
                place = self.spread[agent.pk] + 1
            is_on = chosen is None or str(agent.pk) in chosen
            found.append({"agent": agent, "is_on": is_on, "place": place})
        return found


def at_first(month: Month, first_free: date) -> dict[str, Any]:
    """What the form says before anybody has touched it."""
    return {"first_day": min(max(month.first, first_free), month.last), "last_day": month.last, "by_weeks": True}
