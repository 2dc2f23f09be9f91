"""From wall-clock spans of a shift type to instants, and back to what a month can hold. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

Key = TypeVar("Key")


@dataclass(frozen=True)
class Stretch:
    """A stretch of time: aware UTC instants, the end after the start."""

    starts_at: datetime
    ends_at: datetime


def instant_of(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time. One that does not exist moves forward; one that comes twice is the first.

    Both follow from fold=0: the offset from before the change of clocks is used.
    """
    return datetime.combine(day, moment, tzinfo=zone).astimezone(UTC)


def stretches_of(day: date, spans: Iterable[tuple[time, time]], zone: ZoneInfo) -> list[Stretch]:
    """The stretches of a shift that starts on `day`: an end at or before its start is on the next day.

    `spans` are wall-clock (start, end) in order; a span that begins before the one before it is a day later.
    """
    found: list[Stretch] = []
    at_day = day
    previous: time | None = None
    for start, end in spans:
        if previous is not None and start < previous:
            at_day += timedelta(days=1)
        end_day = at_day + timedelta(days=1) if end <= start else at_day
        starts_at, ends_at = instant_of(at_day, start, zone), instant_of(end_day, end, zone)
        if ends_at > starts_at:
            found.append(Stretch(starts_at, ends_at))
        at_day, previous = end_day, end
    return found


def overlapping(spans: Sequence[tuple[datetime, datetime, Key]]) -> list[tuple[Key, Key]]:
    """Pairs of keys whose (start, end, key) overlap; touching ends do not. O(n log n) plus the pairs found."""
    found: list[tuple[Key, Key]] = []
    running: list[tuple[datetime, Key]] = []
    for start, end, key in sorted(spans, key=lambda span: (span[0], span[1])):
        running = [(until, other) for until, other in running if until > start]
        found.extend((other, key) for _until, other in running)
        running.append((end, key))
    return found
