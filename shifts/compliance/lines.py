"""Everybody's plan as whole numbers: minutes since the epoch and days by their ordinals. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from shifts.spans import Stretch

from .plan import Leave, Person, Plan

Spans = tuple[tuple[int, int], ...]


class Work(NamedTuple):
    """A shift: its first and last minute, its day, whether it is of this department, and its stretches."""

    start: int
    end: int
    day: int
    own: bool
    code: str
    spans: Spans


class Line:
    """One person's plan.

    work     all shifts in order of time, those of other departments among them
    net      net minutes of each day with a shift of this department
    rests    days that are rest days and without a shift
    off      days of leave
    """

    __slots__ = ("_planned", "leaves", "net", "off", "person", "rests", "work")

    def __init__(self, person: Person):
        self.person = person
        self.work: list[Work] = []
        self.net: dict[int, int] = {}
        self.rests: set[int] = set()
        self.off: set[int] = set()
        self.leaves: list[Leave] = []
        self._planned: set[int] | None = None

    @property
    def planned(self) -> set[int]:
        """Days with a shift, a rest day or leave."""
        if self._planned is None:
            self._planned = self.rests | self.off
            self._planned.update(self.net)
        return self._planned

    @property
    def from_day(self) -> int:
        return self.person.from_day.toordinal()

    @property
    def until_day(self) -> int:
        """A day that never comes for who stays."""
        return (self.person.until_day or date.max).toordinal()

    def member_from(self, first: int, last: int) -> tuple[int, int]:
        """The days of the membership from first to last; the second before the first when there is none."""
        return max(first, self.from_day), min(last, self.until_day)


def minute_of(instant: datetime) -> int:
    """Whole minutes since the epoch; seconds are dropped."""
    return int(instant.timestamp()) // 60


def spans_of(stretches: Iterable[Stretch]) -> Spans:
    """In order, without those that last less than a minute."""
    found = ((minute_of(stretch.starts_at), minute_of(stretch.ends_at)) for stretch in stretches)
    return tuple(sorted(span for span in found if span[1] > span[0]))


def lines_of(plan: Plan) -> list[Line]:
    """Everybody in the plan, in its order."""
    lines = {person.key: Line(person) for person in plan.people}
    # The same hours on the same day are one tuple for all who work them: each is read once.
    known: dict[int, tuple[Spans, int]] = {}
    days: dict[date, int] = {}
    for agent, day, code, stretches, breaks, elsewhere in plan.shifts:
        line = lines.get(agent)
        if line is None:
            continue
        found = known.get(id(stretches))
        if found is None:
            spans = spans_of(stretches)
            found = known[id(stretches)] = spans, sum(end - start for start, end in spans)
        spans, minutes = found
        ordinal = days.get(day)
        if ordinal is None:
            ordinal = days[day] = day.toordinal()
        if spans:
            line.work.append(Work(spans[0][0], max(end for _start, end in spans), ordinal, not elsewhere, code, spans))
        if not elsewhere:
            net = minutes - breaks if minutes > breaks else 0
            line.net[ordinal] = line.net.get(ordinal, 0) + net
    for agent, day, is_rest in plan.days_off:
        if agent in lines:
            (lines[agent].rests if is_rest else lines[agent].off).add(day.toordinal())
    for leave in plan.leaves:
        if leave.agent in lines:
            lines[leave.agent].leaves.append(leave)
            if leave.starts_at is None:
                lines[leave.agent].off.update(range(leave.first.toordinal(), leave.last.toordinal() + 1))
    for line in lines.values():
        line.work.sort()
        line.rests.difference_update(line.net)
    return list(lines.values())


def runs_of(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Days that follow one another, as (first, last), in order."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None:
            first = last = day
        elif day > last + 1:
            yield first, last
            first = last = day
        else:
            last = day
    if first is not None and last is not None:
        yield first, last
