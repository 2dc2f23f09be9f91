"""A year of the business calendar, laid out in weeks. What its days are, `pages.month.calendar_of` fetches. Pure."""

import calendar
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from office import weekdays
from office.months import Month
from shifts.models import DayKind
from shifts.pages.grid import SpecialDay


@dataclass(frozen=True)
class Square:
    """One day of the year's page; `day` is None for the empty places around a month."""

    day: date | None
    special: SpecialDay | None = None
    is_weekend: bool = False

    @property
    def classes(self) -> str:
        """h holiday or other day off, m a weekend day with work, w weekend, p a promotion day."""
        if self.day is None:
            return "none"
        kind = self.special.kind if self.special else None
        marks = {DayKind.HOLIDAY: "h", DayKind.WEEKEND: "w", DayKind.MAKE_UP: "m"}
        mark = marks.get(DayKind(kind), "") if kind else ("w" if self.is_weekend else "")
        return f"{mark} p".strip() if self.special and self.special.is_promotion else mark


def year_page(days: Mapping[date, SpecialDay], year: int) -> list[tuple[Month, list[list[Square]]]]:
    """The months of a year, each as weeks from Monday to Sunday."""
    found = []
    for number in range(1, 13):
        squares = [
            Square(day, days.get(day), day.weekday() >= weekdays.SATURDAY) if day.month == number else Square(None)
            for day in calendar.Calendar().itermonthdates(year, number)
        ]
        found.append((Month(year, number), [squares[at : at + 7] for at in range(0, len(squares), 7)]))
    return found


def by_month(days: Mapping[date, SpecialDay]) -> list[tuple[Month, list[tuple[date, SpecialDay]]]]:
    """The special days in order, month by month; months without any are left out."""
    grouped = itertools.groupby(sorted(days.items(), key=lambda pair: pair[0]), lambda pair: Month.of(pair[0]))
    return [(month, list(pairs)) for month, pairs in grouped]
