"""What a member's month came to: planned and worked time, lateness, extension, overtime, rest and leave. Pure.

All lengths are whole minutes, rounded down a day. A day is the business date on which its shift begins.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shifts.punctuality import Limits, judge, time_within, whole_minutes
from shifts.spans import Stretch


@dataclass(frozen=True)
class Came:
    """The worked times of a shift: as clocked, or (`is_corrected`) as somebody approved. `left_at` None: still here."""

    came_at: datetime
    left_at: datetime | None = None
    is_corrected: bool = False
    # Ended by the system: it says nothing about when somebody left.
    is_forgotten: bool = False
    segments: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Facts:
    """One day of a member. A day without `planned` hours is a rest day, a day of leave, or nothing.

    `leave`: stretches of hours of leave with their kinds; `replaced`: net minutes of the shift that a whole day of
    leave took off. `overtime_after`: net minutes after which overtime begins, None where the rulebook has none.
    """

    day: date
    code: str = ""
    planned: tuple[Stretch, ...] = ()
    breaks: int = 0
    came: Came | None = None
    is_night: bool = False
    is_day_off: bool = False
    is_rest: bool = False
    leave_kind: str = ""
    replaced: int = 0
    leave: tuple[tuple[str, Stretch], ...] = ()
    limits: Limits = field(default_factory=Limits)
    overtime_after: int | None = None


@dataclass(frozen=True)
class Line:
    """What a day came to, in minutes; `left_early` and `late` only when they count as such.

    `overtime` None: the rulebook has none. `leave`: ((kind, minutes), …) of the leave of the day.
    """

    facts: Facts
    planned: int = 0
    worked: int = 0
    extension: int = 0
    overtime: int | None = None
    late: int = 0
    left_early: int = 0
    is_absent: bool = False
    leave: tuple[tuple[str, int], ...] = ()

    @property
    def is_worked(self) -> bool:
        return self.worked > 0


@dataclass
class Sums:
    """A month, or several people's. `by_kind`: {kind of leave: [days, minutes]}."""

    planned: int = 0
    worked: int = 0
    extension: int = 0
    overtime: int | None = None
    shifts: int = 0
    late: int = 0
    late_minutes: int = 0
    left_early: int = 0
    left_early_minutes: int = 0
    absent: int = 0
    rest: int = 0
    nights: int = 0
    days_off: int = 0
    leave_days: int = 0
    leave_minutes: int = 0
    by_kind: dict[str, list[int]] = field(default_factory=dict)


def line_of(facts: Facts, now: datetime) -> Line:
    """What a day came to by `now`. A shift that is not over and that nobody came to has only been planned."""
    planned = net(facts.planned, facts.breaks)
    leave = _leave(facts)
    came = facts.came
    if came is None:
        is_over = bool(facts.planned) and facts.planned[-1].ends_at <= now
        return Line(
            facts,
            planned,
            overtime=None if facts.overtime_after is None else 0,
            is_absent=is_over and _judged(facts, now).absent,
            leave=leave,
        )
    extension = whole_minutes(_extension(came, now))
    worked = _worked(facts, came, now)
    judged = _judged(facts, now)
    return Line(
        facts,
        planned,
        worked=worked,
        extension=extension,
        overtime=None if facts.overtime_after is None else max(0, worked - facts.overtime_after),
        late=judged.late,
        left_early=judged.left_early,
        is_absent=judged.absent,
        leave=leave,
    )


def net(stretches: Sequence[Stretch], breaks: int) -> int:
    """Minutes of working time in planned hours: without the unpaid breaks, never below 0."""
    total = sum((one.ends_at - one.starts_at for one in stretches), timedelta())
    return max(0, whole_minutes(total) - breaks)


def _judged(facts: Facts, now: datetime):
    came = facts.came
    left_at = None if came is None or came.is_forgotten else came.left_at
    return judge(
        facts.planned,
        came_at=came.came_at if came else None,
        left_at=left_at,
        leave=[stretch for _kind, stretch in facts.leave],
        limits=facts.limits,
    )


def _extension(came: Came, now: datetime) -> timedelta:
    until = came.left_at or now
    return time_within(came.segments, came.came_at, until)


def _worked(facts: Facts, came: Came, now: datetime) -> int:
    """As clocked: the time there within the planned hours, and the extension. As corrected: from coming to leaving,
    without the gaps of a broken shift; somebody has approved just these times. Both without the unpaid breaks."""
    until = came.left_at or now
    if came.is_corrected:
        gaps = [Stretch(one.ends_at, two.starts_at) for one, two in itertools.pairwise(facts.planned)]
        time = max(until - came.came_at, timedelta()) - time_within(gaps, came.came_at, until)
        return max(0, whole_minutes(time) - facts.breaks)
    within = max(0, whole_minutes(time_within(facts.planned, came.came_at, until)) - facts.breaks)
    return within + whole_minutes(_extension(came, now))


def _leave(facts: Facts) -> tuple[tuple[str, int], ...]:
    if facts.leave_kind:
        return ((facts.leave_kind, facts.replaced),)
    hours = (
        (kind, whole_minutes(time_within(facts.planned, stretch.starts_at, stretch.ends_at)))
        for kind, stretch in facts.leave
    )
    return tuple((kind, minutes) for kind, minutes in hours if minutes)


def sums_of(lines: Iterable[Line]) -> Sums:
    """The days of a member, or of several, added up."""
    sums = Sums()
    for line in lines:
        sums.planned += line.planned
        sums.worked += line.worked
        sums.extension += line.extension
        if line.overtime is not None:
            sums.overtime = (sums.overtime or 0) + line.overtime
        sums.shifts += line.is_worked
        sums.late += line.late > 0
        sums.late_minutes += line.late
        sums.left_early += line.left_early > 0
        sums.left_early_minutes += line.left_early
        sums.absent += line.is_absent
        sums.rest += line.facts.is_rest
        sums.nights += line.is_worked and line.facts.is_night
        sums.days_off += line.is_worked and line.facts.is_day_off
        sums.leave_days += bool(line.facts.leave_kind)
        for kind, minutes in line.leave:
            own = sums.by_kind.setdefault(kind, [0, 0])
            own[0] += kind == line.facts.leave_kind
            own[1] += minutes
            sums.leave_minutes += minutes
    return sums


def clock_of(minutes: int) -> str:
    """ "171:05": hours and minutes; they can be added up without rounding."""
    return f"{minutes // 60}:{minutes % 60:02}"
