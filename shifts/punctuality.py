"""Late 迟到, left early 早退, absent 旷工: what follows from the planned hours, the leave and the worked times. Pure.

What is owed are the planned stretches without the approved leave. All lengths are whole minutes, rounded down, and only
owed time counts: the gap of a broken shift and hours of leave make nobody late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rulebooks.schema import Attendance as Rules
from shifts.spans import Stretch


@dataclass(frozen=True)
class Limits:
    """The rulebook's numbers, in minutes. `absent_after` None: however late somebody comes, they are late."""

    late_after: int = 0
    absent_after: int | None = None
    left_early_before: int = 0


@dataclass(frozen=True)
class Punctuality:
    """Minutes of owed time missed at the beginning and at the end, and what they count as.

    `absent` excludes the other two; for somebody absent `late` and `left_early` are 0. `since`: the instant from which
    the owed time begins, None when none is owed.
    """

    owed: int
    late: int = 0
    left_early: int = 0
    absent: bool = False
    since: datetime | None = None

    @property
    def in_order(self) -> bool:
        return not (self.late or self.left_early or self.absent)


def limits_of(rules: Rules) -> Limits:
    return Limits(rules.late_after_minutes, rules.absent_after_minutes, rules.left_early_before_minutes)


def without(stretches: Sequence[Stretch], taken: Sequence[Stretch]) -> list[Stretch]:
    """What is left of `stretches` when the times of `taken` are cut out; in the order of `stretches`."""
    left = list(stretches)
    for hole in taken:
        cut: list[Stretch] = []
        for one in left:
            before = Stretch(one.starts_at, min(one.ends_at, hole.starts_at))
            after = Stretch(max(one.starts_at, hole.ends_at), one.ends_at)
            if hole.ends_at <= one.starts_at or hole.starts_at >= one.ends_at:
                cut.append(one)
            else:
                cut.extend(part for part in (before, after) if part.ends_at > part.starts_at)
        left = cut
    return left


def time_within(stretches: Sequence[Stretch], start: datetime, end: datetime) -> timedelta:
    """How much of the time from `start` to `end` lies in the stretches, which do not overlap each other."""
    parts = (min(one.ends_at, end) - max(one.starts_at, start) for one in stretches)
    return sum((part for part in parts if part > timedelta()), timedelta())


def whole_minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def judge(
    planned: Sequence[Stretch],
    *,
    came_at: datetime | None,
    left_at: datetime | None,
    leave: Sequence[Stretch] = (),
    limits: Limits,
) -> Punctuality:
    """What the worked times of one shift count as.

    `planned`: its stretches in order. `came_at` None: nobody came, and the shift is over. `left_at` None: it still
    runs, and nothing is said about its end. Absent is who never came, who came later than the rulebook allows, and who
    was not there for any of the owed time.
    """
    owed = without(planned, leave)
    if not owed:
        return Punctuality(0)
    begin, end = owed[0].starts_at, owed[-1].ends_at
    whole = whole_minutes(time_within(owed, begin, end))
    if came_at is None:
        return Punctuality(whole, absent=True, since=begin)
    late = whole_minutes(time_within(owed, begin, came_at))
    too_late = limits.absent_after is not None and late > limits.absent_after
    never_there = left_at is not None and not time_within(owed, came_at, left_at)
    if too_late or never_there:
        return Punctuality(whole, absent=True, since=begin)
    early = whole_minutes(time_within(owed, left_at, end)) if left_at is not None else 0
    return Punctuality(
        whole,
        late=late if late > limits.late_after else 0,
        left_early=early if early > limits.left_early_before else 0,
        since=begin,
    )
