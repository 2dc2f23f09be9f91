"""Rest in any window of so many hours, wherever it begins: the rule of ships' crews. Exact, and pure.

A window that begins in the middle of one rest and ends in the middle of another cuts both: it would show two short
rests where somebody had long ones, and nobody could ever rest once a day. Such a window is not looked at; all others
are. It hides nothing: together its rests are as long as those of a window that is looked at.

Of the others only those need a look that begin with work or end with it. Between two such windows rest comes in at one
side or goes out at the other, or work at both, and the rest that counts lies between what it is in the one and in the
other.
"""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from rulebooks.schema import RollingRest

from .lines import Line, runs_of
from .plan import DAYS_A_WEEK, HOURS_A_DAY, Rules
from .violations import MINUTES_AN_HOUR, Violation, duration

WEEK = DAYS_A_WEEK * HOURS_A_DAY * MINUTES_AN_HOUR
Interval = tuple[int, int]


@dataclass(frozen=True)
class Shortage:
    """The least rest that counts in a window of a day, and the least that is its longest rest; minutes."""

    counted: int
    longest: int


def check(line: Line, rules: Rules, first: int, last: int) -> Iterator[Violation]:
    """Days from first to last with a window that has too little rest, one breach a day and rule.

    A window belongs to the last of one's shifts in this department that it touches, and so to that shift's day.
    """
    for rule in rules.limits.rolling_rest:
        found = short_days(line, rule)
        if not found:
            continue
        excepted = _excepted(line, rule, found)
        for day in sorted(found):
            if first <= day <= last and day not in excepted:
                yield _violation(line, rule, day, found[day])


def _violation(line: Line, rule: RollingRest, day: int, shortage: Shortage) -> Violation:
    least, longest = _wanted(rule)
    missing = max(least - shortage.counted, longest - shortage.longest)
    facts: dict[str, object] = {"window": rule.within_hours}
    if least - shortage.counted == missing:
        facts |= {"rest": duration(shortage.counted), "least": duration(least)}
        words = _("In %(window)s hours only %(rest)s of rest, at least %(least)s wanted.")
        if rule.periods_at_most:
            facts["rests"] = rule.periods_at_most
            words = _("In %(window)s hours only %(rest)s in the %(rests)s longest rests, at least %(least)s wanted.")
    else:
        facts |= {"rest": duration(shortage.longest), "least": duration(longest)}
        words = _("In %(window)s hours no rest is longer than %(rest)s, at least %(least)s wanted.")
    days = (date.fromordinal(day),)
    about, key = f"{rule.within_hours}-{rule.hours}", line.person.key
    return Violation("rolling_rest", rule.breach, key, days, words, facts, about=about, excess=missing, marked=days)


def _wanted(rule: RollingRest) -> tuple[int, int]:
    """How much rest, and how long the longest must be; minutes."""
    return rule.hours * MINUTES_AN_HOUR, (rule.longest_at_least_hours or 0) * MINUTES_AN_HOUR


def short_days(line: Line, rule: RollingRest) -> dict[int, Shortage]:
    """The days with a window that has too little rest, before any exception."""
    windows = _Windows(merged(line), rule.within_hours * MINUTES_AN_HOUR)
    least, longest = _wanted(rule)
    own: list[tuple[int, int, int]] | None = None
    found: dict[int, Shortage] = {}
    for begin in windows.perhaps_short(least, longest, rule.periods_at_most):
        rests = windows.rests_from(begin)
        counted, most = sum(rests[: rule.periods_at_most]), max(rests, default=0)
        if counted >= least and most >= longest:
            continue
        if own is None:
            own = sorted((start, end, work.day) for work in line.work if work.own for start, end in work.spans)
        day = _last_touched(own, begin, begin + windows.length)
        if day is not None:
            held = found.get(day, Shortage(counted, most))
            found[day] = Shortage(min(counted, held.counted), min(most, held.longest))
    return found


def merged(line: Line) -> list[Interval]:
    """When somebody works, in minutes: disjoint, in order, what touches joined."""
    found: list[Interval] = []
    for start, end in sorted(span for work in line.work for span in work.spans):
        if not found or start > found[-1][1]:
            found.append((start, end))
        elif end > found[-1][1]:
            found[-1] = found[-1][0], end
    return found


def _last_touched(own: Sequence[tuple[int, int, int]], begin: int, end: int) -> int | None:
    """The day of the stretch that begins last of those that the window touches; None for none."""
    for _start, until, day in reversed(own[: bisect_left(own, (end,))]):
        if until > begin:
            return day
    return None


class _Windows:
    """Windows of one length over one person's work."""

    def __init__(self, work: list[Interval], length: int):
        self.length = length
        self.starts = [start for start, _end in work]
        self.ends = [end for _start, end in work]
        # Work before each of them, to tell the work between two at once.
        self.before = [0, *itertools.accumulate(end - start for start, end in work)]

    def perhaps_short(self, least: int, longest: int, most: int | None) -> Iterator[int]:
        """Where the windows begin that begin or end with work, without those that cannot fall short.

        Of n rests that are `total` long together, the longest has at least total ÷ n, the k longest total × k ÷ n.
        """
        starts, ends, before, length = self.starts, self.ends, self.before, self.length
        count = len(starts)
        first = last = 0
        for begin in sorted({*starts, *(end - length for end in ends)}):
            until = begin + length
            # The first stretch that ends after the window begins, and the first that does not begin before it ends.
            while first < count and ends[first] <= begin:
                first += 1
            while last < count and starts[last] < until:
                last += 1
            if first >= last:
                continue
            before_first, after_last = starts[first] - begin, until - ends[last - 1]
            total = length - (before[last] - before[first]) - min(0, before_first) - min(0, after_last)
            rests = last - first - 1 + (before_first > 0) + (after_last > 0)
            counted = total if most is None or rests <= most else total * most // rests
            if counted < least or total < longest * rests or not rests:
                yield begin

    def rests_from(self, begin: int) -> list[int]:
        """The rests in the window that begins there, the longest first; minutes."""
        at, end = begin, begin + self.length
        found = []
        for place in range(bisect_right(self.ends, begin), bisect_left(self.starts, end)):
            if self.starts[place] > at:
                found.append(self.starts[place] - at)
            at = self.ends[place]
        if at < end:
            found.append(end - at)
        return sorted(found, reverse=True)

    def least_rest(self, earliest: int, latest: int) -> int:
        """The least rest in all of a window that begins from `earliest` to `latest`."""
        # Work in the window grows and shrinks between these; the most of it is at one of them.
        inside = self.starts[bisect_left(self.starts, earliest) : bisect_right(self.starts, latest)]
        from_end = bisect_left(self.ends, earliest + self.length), bisect_right(self.ends, latest + self.length)
        points = [earliest, latest, *inside, *(end - self.length for end in self.ends[slice(*from_end)])]
        return self.length - max(self._work_until(point + self.length) - self._work_until(point) for point in points)

    def _work_until(self, moment: int) -> int:
        place = bisect_right(self.starts, moment)
        return self.before[place] - max(0, self.ends[place - 1] - moment) if place else 0


def _excepted(line: Line, rule: RollingRest, found: dict[int, Shortage]) -> set[int]:
    """The short days that the exception allows.

    On such a day the longest rest of every short window is as long as the exception asks, each seven days (168 hours)
    that hold the day's shift give rest enough, and it is one of the first so many in a run of short days.
    """
    if rule.exception is None:
        return set()
    exception = rule.exception
    weeks = _Windows(merged(line), WEEK)
    allowed = set()
    for first, last in runs_of(found):
        for day in range(first, min(last, first + exception.days_at_most - 1) + 1):
            long_enough = found[day].longest >= exception.longest_at_least_hours * MINUTES_AN_HOUR
            if long_enough and _least_in_week(line, weeks, day) >= exception.if_hours_in_week * MINUTES_AN_HOUR:
                allowed.add(day)
    return allowed


def _least_in_week(line: Line, weeks: _Windows, day: int) -> int:
    """The least rest that seven days in a row give which hold the day's shifts; minutes."""
    spans = [span for one in line.work if one.own and one.day == day for span in one.spans]
    return weeks.least_rest(max(end for _start, end in spans) - WEEK, min(start for start, _end in spans))
