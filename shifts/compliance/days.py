"""Days in a row, and rest days a month, a week and a cycle. Pure."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_noop as _

from office.months import Month

from .lines import Line, runs_of
from .plan import DAYS_A_WEEK, Rules
from .violations import Violation, days_between, short


def check(line: Line, rules: Rules, first: int, last: int) -> Iterator[Violation]:
    """Everything about days that the rules ask of one person, from first to last."""
    limits, rest = rules.limits, rules.rest
    if limits.consecutive_days:
        yield from consecutive(line, limits.consecutive_days, first, last)
    if limits.rest_days is None or rest is None:
        return
    breach = limits.rest_days.breach
    if rest.days_per_month:
        yield from a_month(line, rest.days_per_month, breach, first, last)
    if rest.days_per_week:
        yield from a_week(line, rest.days_per_week, breach, first, last)
    if rest.days_per_cycle:
        yield from a_cycle(line, rest.days_per_cycle, breach, first, last)


def consecutive(line: Line, limit, first: int, last: int) -> Iterator[Violation]:
    """Runs of days with a shift that are longer than allowed, where a day too many is from first to last."""
    if len(line.net) <= limit.at_most:
        return
    for start, end in runs_of(line.net):
        allowed_until = start + limit.at_most - 1
        too_many = max(first, allowed_until + 1), min(last, end)
        if too_many[0] > too_many[1]:
            continue
        facts = {"days": end - start + 1, "most": limit.at_most, "first": short(date.fromordinal(start))}
        yield Violation(
            "consecutive_days",
            limit.breach,
            line.person.key,
            tuple(days_between(start, end)),
            _("%(days)s days with a shift in a row, from %(first)s; at most %(most)s wanted."),
            facts,
            excess=end - allowed_until,
            marked=tuple(days_between(*too_many)),
        )


def a_month(line: Line, wanted: int, breach: str, first: int, last: int) -> Iterator[Violation]:
    """Months from first to last that are planned for every day of the membership, with fewer rest days than wanted.

    Whoever is a member for a part of the month has as large a part of the rest days, rounded down.
    """
    month = Month.of(date.fromordinal(first))
    while month.first.toordinal() <= last:
        begin, end = month.first.toordinal(), month.last.toordinal()
        month = month.next
        if begin < first or end > last:
            continue
        start, until = line.member_from(begin, end)
        allowed = wanted * (until - start + 1) // (end - begin + 1)
        if start > until or not line.planned.issuperset(range(start, until + 1)):
            continue
        used = sum(day in line.rests for day in range(start, until + 1))
        if used < allowed:
            yield Violation(
                "rest_days",
                breach,
                line.person.key,
                tuple(days_between(begin, end)),
                _("%(used)s rest days this month, %(allowed)s wanted."),
                {"used": used, "allowed": allowed},
                excess=allowed - used,
            )


def a_week(line: Line, wanted: int, breach: str, first: int, last: int) -> Iterator[Violation]:
    """Weeks from Monday to Sunday with a day from first to last, wholly planned, with fewer rest days than wanted."""
    # The first of January of the year 1, ordinal 1, was a Monday.
    for monday in range(first - (first - 1) % DAYS_A_WEEK, last + 1, DAYS_A_WEEK):
        week = range(monday, monday + DAYS_A_WEEK)
        used = sum(day in line.rests for day in week)
        if used >= wanted or not _wholly_planned(line, monday, week[-1]):
            continue
        days = tuple(days_between(monday, week[-1]))
        yield Violation(
            "rest_days_week",
            breach,
            line.person.key,
            days,
            _("%(used)s rest days in the week from %(first)s, at least %(wanted)s wanted."),
            {"used": used, "wanted": wanted, "first": short(days[0])},
            excess=wanted - used,
            marked=tuple(day for day in days if first <= day.toordinal() <= last),
        )


def a_cycle(line: Line, cycle, breach: str, first: int, last: int) -> Iterator[Violation]:
    """Any so many days in a row, one of them from first to last and all planned, with too few rest days.

    Windows that lie one day beside the other are told as one breach, as bad as the worst of them.
    """
    length = cycle.every_days
    short_of: dict[int, int] = {}
    used = sum(day in line.rests for day in range(first - length + 1, first + 1))
    for start in range(first - length + 1, last + 1):
        if used < cycle.days and _wholly_planned(line, start, start + length - 1):
            short_of[start] = cycle.days - used
        used += (start + length in line.rests) - (start in line.rests)
    for begin, end in runs_of(short_of):
        missing = max(short_of[start] for start in range(begin, end + 1))
        days = tuple(days_between(begin, end + length - 1))
        facts = {
            "used": cycle.days - missing,
            "wanted": cycle.days,
            "every": length,
            "first": short(days[0]),
            "last": short(days[-1]),
        }
        yield Violation(
            "rest_days_cycle",
            breach,
            line.person.key,
            days,
            _("%(used)s rest days in %(every)s days between %(first)s and %(last)s, at least %(wanted)s wanted."),
            facts,
            excess=missing,
            marked=tuple(day for day in days if first <= day.toordinal() <= last),
        )


def _wholly_planned(line: Line, start: int, end: int) -> bool:
    if start < line.from_day or end > line.until_day:
        return False
    return line.planned.issuperset(range(start, end + 1))
