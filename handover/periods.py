"""A day, a week or a month as people look at figures: where it begins, what comes before and after. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from office.months import Month

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class By(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included."""

    by: By
    first: date
    last: date

    @classmethod
    def around(cls, by: By, day: date) -> "Period":
        """The one that `day` lies in; weeks begin on Monday. ValueError outside the years that the program knows."""
        month = Month.of(day)
        if by == By.MONTH:
            return cls(by, month.first, month.last)
        if by == By.WEEK:
            monday = day - timedelta(days=day.weekday())
            return cls(by, monday, monday + WEEK - DAY)
        return cls(by, day, day)

    @property
    def previous(self) -> date:
        """The first day of the one before."""
        if self.by == By.MONTH:
            return Month.of(self.first).previous.first
        return self.first - (WEEK if self.by == By.WEEK else DAY)

    @property
    def next(self) -> date:
        """The first day of the one after."""
        return self.last + DAY

    @property
    def days(self) -> list[date]:
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]


def unsettled(days: Iterable[date], today: date, settled_after: dict[date, int]) -> frozenset[date]:
    """The days whose enquiries may still be paid: so many days after the day itself, by the rulebook of that day."""
    return frozenset(day for day in days if today <= day + settled_after.get(day, 0) * DAY)
