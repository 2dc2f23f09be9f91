"""Whether somebody can work a shift at all (skills, leave), and whether a day has people enough. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_noop as _

from .lines import Line, minute_of
from .plan import Leave, Plan, Rules
from .violations import Violation


def check(line: Line, rules: Rules, first: int, last: int) -> Iterator[Violation]:
    """Shifts without the skill that they need, and shifts on approved leave."""
    if rules.limits.qualification and rules.needs:
        yield from unqualified(line, rules, first, last)
    if rules.limits.leave_clash and line.leaves:
        yield from leave_clash(line, rules.limits.leave_clash, first, last)


def unqualified(line: Line, rules: Rules, first: int, last: int) -> Iterator[Violation]:
    limit = rules.limits.qualification
    assert limit is not None
    for work in line.work:
        needed = rules.needs.get(work.code) if work.own and first <= work.day <= last else None
        if not needed:
            continue
        day = date.fromordinal(work.day)
        held = {skill.code for skill in line.person.skills if skill.holds_on(day)}
        for code in needed:
            if code not in held:
                yield Violation(
                    "unqualified",
                    limit.breach,
                    line.person.key,
                    (day,),
                    _("Does not have the skill that this shift needs: %(skill)s."),
                    {"skill": rules.skills.get(code, code)},
                    about=code,
                    excess=1,
                    marked=(day,),
                )


def leave_clash(line: Line, limit, first: int, last: int) -> Iterator[Violation]:
    """Shifts that begin on a day of leave, or that run while there are hours of leave."""
    for work in line.work:
        if not work.own or not first <= work.day <= last:
            continue
        day = date.fromordinal(work.day)
        if any(_clash(leave, day, work.spans) for leave in line.leaves):
            words = _("This shift is on approved leave.")
            yield Violation("leave_clash", limit.breach, line.person.key, (day,), words, excess=1, marked=(day,))


def _clash(leave: Leave, day: date, spans) -> bool:
    if leave.starts_at is None or leave.ends_at is None:
        return leave.first <= day <= leave.last
    start, end = minute_of(leave.starts_at), minute_of(leave.ends_at)
    return any(one < end and two > start for one, two in spans)


def coverage(plan: Plan, rules: Rules) -> Iterator[Violation]:
    """Days from the first to the last of the plan with fewer people on a shift than the least."""
    limit = rules.limits.coverage
    if limit is None:
        return
    agents = {person.key for person in plan.people}
    have = Counter((shift.day, shift.code) for shift in plan.shifts if not shift.elsewhere and shift.agent in agents)
    for (day, code), (_wanted, minimum) in rules.cover.items():
        count = have[day, code]
        if count < minimum and plan.first <= day <= plan.last:
            facts = {"shift": rules.names.get(code, code), "have": count, "minimum": minimum}
            words = _("%(shift)s: %(have)s on it, at least %(minimum)s needed.")
            yield Violation(
                "coverage", limit.breach, None, (day,), words, facts, about=code, excess=minimum - count, marked=(day,)
            )
