"""Net hours of a week, overtime of a day, a month and of days running, hours on probation. Pure."""

import calendar
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_noop as _

from office.months import Month

from .lines import Line, runs_of
from .plan import DAYS_A_WEEK, Rules
from .violations import MINUTES_AN_HOUR, Violation, days_between, duration, short

MONTHS_A_YEAR = 12


def check(line: Line, rules: Rules, first: int, last: int) -> Iterator[Violation]:
    """Everything about hours that the rules ask of one person, from first to last."""
    limits = rules.limits
    if limits.weekly_hours:
        words = _("%(hours)s in the week from %(first)s, at most %(most)s wanted.")
        limit = limits.weekly_hours
        yield from weekly(line, line.net, limit.at_most, limit.breach, ("weekly_hours", "", words), first, last)
    if limits.probation:
        yield from probation(line, limits.probation, first, last)
    if limits.overtime:
        yield from overtime(line, limits.overtime, first, last)


def weekly(
    line: Line, net: dict[int, int], at_most: int, breach: str, told: tuple[str, str, str], first: int, last: int
) -> Iterator[Violation]:
    """Weeks from Monday to Sunday, with a day from first to last, of more net hours than allowed."""
    monday = first - (first - 1) % DAYS_A_WEEK
    end = last + DAYS_A_WEEK
    weeks: dict[int, int] = {}
    for day, minutes in net.items():
        if monday <= day < end:
            week = (day - 1) // DAYS_A_WEEK
            weeks[week] = weeks.get(week, 0) + minutes
    most = at_most * MINUTES_AN_HOUR
    code, about, words = told
    for week, minutes in weeks.items():
        begin = week * DAYS_A_WEEK + 1
        if minutes <= most or begin > last:
            continue
        days = tuple(days_between(begin, begin + DAYS_A_WEEK - 1))
        yield Violation(
            code,
            breach,
            line.person.key,
            days,
            words,
            {"hours": duration(minutes), "most": duration(most), "first": short(days[0])},
            about=about,
            excess=minutes - most,
            marked=tuple(day for day in days if net.get(day.toordinal()) and first <= day.toordinal() <= last),
        )


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month where there is none."""
    count = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, number = count // MONTHS_A_YEAR, count % MONTHS_A_YEAR + 1
    return date(year, number, min(day.day, calendar.monthrange(year, number)[1]))


def probation_ends(line: Line, months: int) -> int:
    """The first day after the probation."""
    return months_later(line.person.from_day, months).toordinal()


def probation(line: Line, limit, first: int, last: int) -> Iterator[Violation]:
    """Shifts that are not for newcomers, and weeks with too many hours of days on probation."""
    ends = probation_ends(line, limit.months)
    if ends <= first:
        return
    for work in line.work:
        if work.own and work.code in limit.not_on and first <= work.day <= last and work.day < ends:
            day = date.fromordinal(work.day)
            facts = {"last": date.fromordinal(ends - 1).isoformat()}
            words = _("This shift is not for newcomers; the probation lasts until %(last)s.")
            key = line.person.key
            yield Violation(
                "probation", limit.breach, key, (day,), words, facts, about=work.code, excess=1, marked=(day,)
            )
    if limit.hours_a_week_at_most:
        net = {day: minutes for day, minutes in line.net.items() if day < ends}
        words = _("On probation: %(hours)s in the week from %(first)s, at most %(most)s wanted.")
        told = ("probation", "week", words)
        yield from weekly(line, net, limit.hours_a_week_at_most, limit.breach, told, first, last)


def overtime(line: Line, limit, first: int, last: int) -> Iterator[Violation]:
    """Net minutes of a day beyond the normal ones: too many a day, a month, or on too many days running."""
    normal = limit.after_hours_a_day * MINUTES_AN_HOUR
    beyond = {day: minutes - normal for day, minutes in line.net.items() if minutes > normal}
    if not beyond:
        return
    yield from _overtime_days(line, limit, beyond, first, last)
    yield from _overtime_months(line, limit, beyond, first, last)
    if limit.days_running_at_most:
        yield from _overtime_running(line, limit, beyond, first, last)


def _overtime_days(line: Line, limit, beyond: dict[int, int], first: int, last: int) -> Iterator[Violation]:
    if limit.hours_a_day_at_most is None:
        return
    most = limit.hours_a_day_at_most * MINUTES_AN_HOUR
    words = _("%(hours)s of overtime, at most %(most)s a day wanted.")
    for ordinal, minutes in beyond.items():
        if minutes > most and first <= ordinal <= last:
            days = (date.fromordinal(ordinal),)
            facts = {"hours": duration(minutes), "most": duration(most)}
            key, excess = line.person.key, minutes - most
            yield Violation("overtime_day", limit.breach, key, days, words, facts, excess=excess, marked=days)


def _overtime_months(line: Line, limit, beyond: dict[int, int], first: int, last: int) -> Iterator[Violation]:
    if limit.hours_a_month_at_most is None:
        return
    most = limit.hours_a_month_at_most * MINUTES_AN_HOUR
    month = Month.of(date.fromordinal(first))
    while month.first.toordinal() <= last:
        begin, end = month.first.toordinal(), month.last.toordinal()
        month = month.next
        minutes = sum(more for day, more in beyond.items() if begin <= day <= end)
        if minutes > most:
            yield Violation(
                "overtime_month",
                limit.breach,
                line.person.key,
                tuple(days_between(begin, end)),
                _("%(hours)s of overtime this month, at most %(most)s wanted."),
                {"hours": duration(minutes), "most": duration(most)},
                excess=minutes - most,
            )


def _overtime_running(line: Line, limit, beyond: dict[int, int], first: int, last: int) -> Iterator[Violation]:
    most = limit.days_running_at_most
    for start, end in runs_of(beyond):
        begin, until = max(first, start + most), min(last, end)
        if begin > until:
            continue
        yield Violation(
            "overtime_running",
            limit.breach,
            line.person.key,
            tuple(days_between(start, end)),
            _("Overtime on %(days)s days running, from %(first)s; at most %(most)s wanted."),
            {"days": end - start + 1, "most": most, "first": short(date.fromordinal(start))},
            excess=end - start + 1 - most,
            marked=tuple(days_between(begin, until)),
        )
