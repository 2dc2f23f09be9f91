"""A day, a week or a month as people look at figures, and when the figures of its days are settled. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum

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


class Ripeness(IntEnum):
    """Whether what is known of a day's enquiries will still change."""

    SETTLED = 0
    # They may still be paid.
    OPEN = 1
    # The days have passed, but the line was read in before that: what was paid since is not in it.
    EARLY = 2


@dataclass(frozen=True)
class Maturity:
    """When the enquiries of days are settled. `after`: how many days after each day, by the rulebook of that day."""

    today: date
    after: Mapping[date, int] = field(default_factory=dict)

    def last_open(self, day: date) -> date:
        """The last day on which an enquiry of `day` can be paid."""
        return day + self.after.get(day, 0) * DAY

    def is_open(self, day: date) -> bool:
        return self.today <= self.last_open(day)

    def ripeness(self, day: date, recorded_on: date) -> Ripeness:
        """Of a line of `day` that was recorded on `recorded_on`."""
        if self.is_open(day):
            return Ripeness.OPEN
        return Ripeness.EARLY if recorded_on <= self.last_open(day) else Ripeness.SETTLED

    def open_days(self, days: Iterable[date]) -> list[date]:
        """Those that have begun and may still change."""
        return [day for day in days if day <= self.today and self.is_open(day)]

    def settled_until(self, days: Iterable[date]) -> date | None:
        """The last day whose time has passed; None when no day's has."""
        return max((day for day in days if not self.is_open(day)), default=None)
