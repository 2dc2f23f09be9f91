"""The weekly summary 周总结: how its characters are counted, and which weeks there are. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rulebooks.moments import WEEK, WEEKDAYS
from rulebooks.schema import Rulebook, WeeklySummary

ONE_DAY = timedelta(days=1)
# Whatever cannot be seen: white space, line ends, signs for control and direction. The page counts alike (weekly.js).
UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def characters(text: str) -> int:
    """How many characters of a text can be seen; spaces and line ends do not count."""
    return sum(unicodedata.category(sign) not in UNSEEN for sign in text)


def missing(text: str, at_least: int) -> int:
    """How many characters are still missing; 0 when it is long enough."""
    return max(0, at_least - characters(text))


@dataclass(frozen=True)
class Week:
    """A week that ends when its summary is due, on `day` of the department, and what the rulebook of that day asks."""

    due_at: datetime
    day: date
    rule: WeeklySummary
    rulebook: Rulebook

    @property
    def first_day(self) -> date:
        """The first day that lies in it as a whole."""
        return self.day - WEEK + ONE_DAY

    @property
    def began(self) -> date:
        """The day on which the summary before it was due."""
        return self.day - WEEK

    @property
    def days(self) -> set[date]:
        return {self.first_day + ONE_DAY * number for number in range(WEEK.days)}


def weeks(rulebooks: Mapping[date, Rulebook], zone: ZoneInfo) -> Iterator[Week]:
    """The weeks that end on these days, each judged by the rulebook of its own day, in order."""
    for day in sorted(rulebooks):
        rule = rulebooks[day].weekly_summary
        if rule is not None and WEEKDAYS[day.weekday()] == rule.due.weekday:
            yield Week(datetime.combine(day, rule.due.time, tzinfo=zone), day, rule, rulebooks[day])
