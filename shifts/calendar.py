"""The business calendar of a department: what a day is, and what is wanted on it. Fixed numbers of queries."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from office import weekdays
from office.months import Month
from office.texts import localised
from people.models import Department
from shifts.models import CalendarDay, CalendarYear, DayKind


@dataclass(frozen=True)
class Day:
    """What is special about a day. `headcounts`: {shift code: (wanted, minimum)}, empty where the rulebook's hold."""

    kind: str
    name: Mapping[str, str] = field(default_factory=dict)
    is_promotion: bool = False
    headcounts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Its name in the active language, else what kind of day it is."""
        return str(localised(self.name)) if self.name else str(DayKind(self.kind).label)

    @property
    def is_off(self) -> bool:
        """Whether most people do not work on it."""
        return self.kind in (DayKind.WEEKEND, DayKind.HOLIDAY)


def plain(day: date) -> Day:
    """What a day is by its weekday alone."""
    return Day(DayKind.WEEKEND if day.weekday() >= weekdays.SATURDAY else DayKind.WORKDAY)


def day_of(row: CalendarDay) -> Day:
    counts = {code: (wanted, minimum) for code, (wanted, minimum) in row.headcounts.items()}
    return Day(row.kind, row.name, row.is_promotion, counts)


def days_of(department: Department, first: date, last: date) -> dict[date, Day]:
    """The days from `first` to `last` that are not what their weekday says, or have headcounts of their own."""
    rows = CalendarDay.objects.filter(department=department, day__range=(first, last))
    return {row.day: day_of(row) for row in rows}


def known(department: Department, year: int) -> bool:
    """Whether the department's calendar of a year is known: without that, holidays are not guessed."""
    return CalendarYear.objects.filter(department=department, year=year).exists()


def unknown_years(department: Department, first: date, last: date) -> list[int]:
    """The years between two days whose calendar is not known, both days included."""
    years = set(range(first.year, last.year + 1))
    rows = CalendarYear.objects.filter(department=department, year__in=years)
    return sorted(years - set(rows.values_list("year", flat=True)))


@dataclass(frozen=True)
class Square:
    """One day of the year's page; `day` is None for the empty places around a month."""

    day: date | None
    special: Day | None = None
    is_weekend: bool = False

    @property
    def classes(self) -> str:
        """h holiday or other day off, m a weekend day with work, w weekend, p a day of great sales."""
        if self.day is None:
            return "none"
        kind = self.special.kind if self.special else None
        marks = {DayKind.HOLIDAY: "h", DayKind.WEEKEND: "w", DayKind.MAKE_UP: "m"}
        mark = marks.get(DayKind(kind), "") if kind else ("w" if self.is_weekend else "")
        return f"{mark} p".strip() if self.special and self.special.is_promotion else mark


def year_page(days: Mapping[date, Day], year: int) -> list[tuple[Month, list[list[Square]]]]:
    """The months of a year, each as weeks from Monday to Sunday."""
    found = []
    for number in range(1, 13):
        squares = [
            Square(day, days.get(day), day.weekday() >= weekdays.SATURDAY) if day.month == number else Square(None)
            for day in calendar.Calendar().itermonthdates(year, number)
        ]
        found.append((Month(year, number), [squares[at : at + 7] for at in range(0, len(squares), 7)]))
    return found
