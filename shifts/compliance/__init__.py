"""Holding a plan, or what was worked, against the rulebook's limits. One pure engine for all that asks.

`check(plan, rules)` says every breach; `new_breaches(before, after)` those that a change would add. Times are elapsed,
whole minutes; days are business dates. `shifts.plans` loads plans and rules from the database.
"""

from . import days, fitness, hours, rolling, times
from .lines import lines_of
from .plan import DayOff, Leave, Maker, Person, Plan, Rules, Shift, Skill, plan_with, rules_of
from .violations import BLOCK, WARN, Violation, in_order, text
from .violations import new_breaches as _new_breaches

__all__ = [
    "BLOCK",
    "WARN",
    "DayOff",
    "Leave",
    "Maker",
    "Person",
    "Plan",
    "Rules",
    "Shift",
    "Skill",
    "Violation",
    "check",
    "in_order",
    "new_breaches",
    "plan_with",
    "rules_of",
    "text",
]


def check(plan: Plan, rules: Rules) -> list[Violation]:
    """Every breach of the rules from the plan's first to its last day: what blocks first, then by day.

    overlap               two shifts of one person at once; always blocks
    rest_between_shifts   from the end of one to the beginning of the next
    rolling_rest          in any window of so many hours
    consecutive_days      with a shift in a row
    rest_days             in a month, once all its days are planned
    rest_days_week        in a week from Monday, once all its days are planned
    rest_days_cycle       in any so many days running that are all planned
    weekly_hours          net, in a week from Monday
    overtime_day, overtime_month, overtime_running    net minutes beyond the normal day
    probation             shifts and weekly hours of newcomers
    unqualified           a shift without the skill that it needs
    leave_clash           a shift on approved leave
    coverage              fewer people on a shift than the least; nobody's, so `agent` is None
    """
    first, last = plan.first.toordinal(), plan.last.toordinal()
    found: list[Violation] = []
    if first > last:
        return found
    limits = rules.limits
    for line in lines_of(plan):
        if not line.work and not line.planned:
            continue
        found += times.check(line, rules, first, last)
        found += days.check(line, rules, first, last)
        found += hours.check(line, rules, first, last)
        found += fitness.check(line, rules, first, last)
        if limits.rolling_rest:
            found += rolling.check(line, rules, first, last)
    found += fitness.coverage(plan, rules)
    return in_order(found)


def new_breaches(before: Plan, after: Plan, rules: Rules) -> list[Violation]:
    """The breaches that a change from one plan to the other adds, or makes worse."""
    return _new_breaches(check(before, rules), check(after, rules))
