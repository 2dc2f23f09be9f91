"""What newcomers learnt how fast: calendar quarters, and the order of those who passed in one. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

from handover.models import Mentorship

MONTHS = 3


def quarter_of(day: date) -> tuple[date, date]:
    """The first and the last day of the calendar quarter in which `day` lies."""
    begins = (day.month - 1) // MONTHS * MONTHS + 1
    first = date(day.year, begins, 1)
    after = date(day.year + 1, 1, 1) if begins + MONTHS > 12 else date(day.year, begins + MONTHS, 1)
    return first, after - timedelta(days=1)


def days_of(mentorship: Mentorship) -> int:
    """How many days it took from its first day to passing."""
    if mentorship.until_day is None:
        raise ValueError(f"{mentorship} is still running.")
    return (mentorship.until_day - mentorship.from_day).days


def by_speed(passed: Iterable[Mentorship]) -> list[Mentorship]:
    """The fastest first; of those who took as long, whoever passed earlier."""

    def place(one: Mentorship) -> tuple:
        return days_of(one), one.until_day, one.pk

    return sorted(passed, key=place)
