"""A calendar month as a value, and its place in addresses."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date

from django.utils.formats import date_format

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, order=True)
class Month:
    """One month of the Gregorian calendar; orders and compares by time.

    `parse` and `of` take only months from FIRST_YEAR to LAST_YEAR. Counting on from one of those may go past the ends:
    the page of the last month still has a next one to ask about.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (MINYEAR <= self.year <= MAXYEAR and 1 <= self.number <= 12):
            raise ValueError(f"No such month: {self.year:04}-{self.number:02}")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read "2026-10"; ValueError for anything else, also for a thirteenth month."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            raise ValueError(f"Not a month: {text!r}; write it like 2026-10.")
        return cls(int(text[:4]), int(text[5:]))._known()

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day; ValueError outside the years that the program knows."""
        return cls(day.year, day.month)._known()

    def _known(self) -> "Month":
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"No month between {FIRST_YEAR} and {LAST_YEAR}: {self}")
        return self

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @property
    def name(self) -> str:
        """In the active language: October 2026, 2026 年 10 月."""
        return date_format(self.first, "YEAR_MONTH_FORMAT")

    def back(self, count: int) -> "list[Month]":
        """This month and those before it, `count` in all, the newest first."""
        months = [self]
        while len(months) < count:
            months.append(months[-1].previous)
        return months

    def days(self) -> Iterator[date]:
        for number in range(1, self.last.day + 1):
            yield self.first.replace(day=number)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


class MonthConverter:
    """`<month:month>` in an address; a month that does not exist is no address (404)."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> Month:
        return Month.parse(value)

    def to_url(self, value: Month | str) -> str:
        return str(value)
