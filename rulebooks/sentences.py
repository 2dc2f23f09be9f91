"""Working time, rest, attendance, leave, swaps, duties and patterns as sentences, for the rulebook's page. Pure.

Each section gives its rules in the order of the schema; what a rulebook leaves out has no rule.
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from office.lists import joined

from .keys import known
from .schema import Duty, LeaveKind, Limit, RollingRest, Rotation, Rulebook, WorkingTime


@dataclass(frozen=True)
class Rule:
    """One rule under its name. `at` is its place in the file, empty where the whole section is changed at once.

    `breach` is "warn", "block", or empty where a breach has no such meaning. `mark` is how the roster shows a kind of
    leave; `marks` are those of a pattern's days, each with the class of its colours.
    """

    label: str
    said: str = ""
    breach: str = ""
    at: str = ""
    mark: str = ""
    marks: tuple[tuple[str, str], ...] = ()


def rest_rules(rulebook: Rulebook) -> list[str]:
    """How many rest days there are: "4 rest days a month."."""
    rest, said = rulebook.rest, []
    if rest.days_per_month == 0:
        said.append(_("No whole rest days in a month."))
    elif (days := rest.days_per_month) is not None:
        said.append(ngettext("%(days)s rest day a month.", "%(days)s rest days a month.", days) % {"days": days})
    if (days := rest.days_per_week) is not None:
        words = ngettext(
            "At least %(days)s rest day in each week from Monday to Sunday.",
            "At least %(days)s rest days in each week from Monday to Sunday.",
            days,
        )
        said.append(words % {"days": days})
    if cycle := rest.days_per_cycle:
        words = ngettext(
            "At least %(days)s rest day in any %(every)s days in a row.",
            "At least %(days)s rest days in any %(every)s days in a row.",
            cycle.days,
        )
        said.append(words % {"days": cycle.days, "every": cycle.every_days})
    return said


# -- Working time -----------------------------------------------------------------------------------------------------


def working_time_rules(rulebook: Rulebook) -> list[Rule]:
    """Every limit as sentences, with what a breach of it means."""
    names = _names(rulebook)
    rules = []
    for name in WorkingTime.model_fields:
        limits = getattr(rulebook.working_time, name)
        for place, limit in enumerate(limits, start=1) if isinstance(limits, tuple) else [(0, limits)]:
            if limit is None:
                continue
            at = f"working_time.{name}" + (f".{place}" if place else "")
            label = _title("working_time", name)
            rules.append(Rule(label, in_a_row(_limit(name, limit, names)), limit.breach, at))
    return rules


def _limit(name: str, limit, names: dict[str, str]) -> Iterator[str]:
    """The sentences of one limit of the working time; the plain ones have nothing but their meaning."""
    if type(limit) is Limit:
        yield {
            "rest_days": _("Nobody has fewer rest days than there are to be."),
            "qualification": _("Nobody works a shift without the skills that it needs."),
            "leave_clash": _("Nobody has a shift on approved leave."),
            "coverage": _("No day has fewer people on a shift than it needs."),
        }[name]
    elif isinstance(limit, RollingRest):
        yield from _rolling_rest(limit)
    elif name == "rest_between_shifts":
        yield _("At least %(hours)s h from the end of one shift to the beginning of the next.") % {"hours": limit.hours}
    elif name == "consecutive_days":
        words = ngettext("At most %(days)s day in a row.", "At most %(days)s days in a row.", limit.at_most)
        yield words % {"days": limit.at_most}
    elif name == "weekly_hours":
        yield _("At most %(hours)s h a week, without unpaid breaks.") % {"hours": limit.at_most}
    elif name == "overtime":
        yield from _overtime(limit)
    else:
        yield from _probation(limit, names)


def _rolling_rest(limit: RollingRest) -> Iterator[str]:
    facts = {"window": limit.within_hours, "hours": limit.hours}
    yield _("At least %(hours)s h of rest in any %(window)s h.") % facts
    if limit.periods_at_most is not None:
        words = ngettext(
            "Only the longest rest among them counts.",
            "Only the %(count)s longest rests among them count.",
            limit.periods_at_most,
        )
        yield words % {"count": limit.periods_at_most}
    if limit.longest_at_least_hours is not None:
        yield _("One of them lasts at least %(hours)s h.") % {"hours": limit.longest_at_least_hours}
    if short := limit.exception:
        words = ngettext(
            "On at most %(days)s day running %(hours)s h in a row are enough, if any seven days give %(week)s h.",
            "On at most %(days)s days running %(hours)s h in a row are enough, if any seven days give %(week)s h.",
            short.days_at_most,
        )
        yield words % {
            "days": short.days_at_most,
            "hours": short.longest_at_least_hours,
            "week": short.if_hours_in_week,
        }


def _overtime(limit) -> Iterator[str]:
    yield _("More than %(hours)s h a day are overtime.") % {"hours": limit.after_hours_a_day}
    if limit.hours_a_day_at_most is not None:
        yield _("At most %(hours)s h of it a day.") % {"hours": limit.hours_a_day_at_most}
    if limit.hours_a_month_at_most is not None:
        yield _("At most %(hours)s h of it a month.") % {"hours": limit.hours_a_month_at_most}
    if limit.days_running_at_most is not None:
        days = limit.days_running_at_most
        yield ngettext("On at most %(days)s day running.", "On at most %(days)s days running.", days) % {"days": days}


def _probation(limit, names: dict[str, str]) -> Iterator[str]:
    words = ngettext("It lasts %(months)s month.", "It lasts %(months)s months.", limit.months)
    yield words % {"months": limit.months}
    if limit.not_on:
        yield _("Not on: %(shifts)s.") % {"shifts": joined(names[code] for code in limit.not_on)}
    if limit.hours_a_week_at_most is not None:
        yield _("At most %(hours)s h a week.") % {"hours": limit.hours_a_week_at_most}


# -- Attendance -------------------------------------------------------------------------------------------------------


def attendance_rules(rulebook: Rulebook) -> list[Rule]:
    """When somebody is late, absent or off post, who waits for whom, and why one may leave the desk."""
    made = rulebook.attendance
    minutes = {"minutes": made.clock_in_from_minutes_before}
    rules = [Rule(_("Clocking in"), _("from %(minutes)s min before the shift begins") % minutes)]
    late = _("whoever clocks in more than %(minutes)s min after the beginning")
    if made.late_after_minutes == 0:
        late = _("whoever clocks in after the beginning")
    rules.append(Rule(_("Late"), late % {"minutes": made.late_after_minutes}))
    absent = _("whoever does not come")
    if made.absent_after_minutes is not None:
        absent = _("whoever does not come, or more than %(minutes)s min late")
    rules.append(Rule(_("Absent"), absent % {"minutes": made.absent_after_minutes}))
    early = _("whoever clocks out more than %(minutes)s min before the planned end")
    if made.left_early_before_minutes == 0:
        early = _("whoever clocks out before the planned end")
    rules.append(Rule(_("Left early"), early % {"minutes": made.left_early_before_minutes}))
    if made.wait_for_successor_minutes is not None:
        words = _(
            "nobody leaves before somebody who takes over is on duty; after %(minutes)s min of waiting the supervisor "
            "answers for the post"
        )
        rules.append(Rule(_("Successor"), words % {"minutes": made.wait_for_successor_minutes}))
    if made.off_post_after_minutes is not None:
        words = _("whoever is silent for more than %(minutes)s min on duty without having said so")
        rules.append(Rule(_("Off post"), words % {"minutes": made.off_post_after_minutes}))
    words = _("ended by the system %(minutes)s min after the end, and a correction is asked for")
    rules.append(Rule(_("Forgotten clock-out"), words % {"minutes": made.forgotten_after_minutes}))
    if made.away:
        rules.append(Rule(_("May be away for"), joined(map(_away, made.away))))
    return rules


def _away(reason) -> str:
    facts = []
    if reason.minutes_at_most is not None:
        facts.append(_("at most %(minutes)s min") % {"minutes": reason.minutes_at_most})
    if reason.permission:
        facts.append(_("asks first"))
    return f"{reason.name} ({joined(facts)})" if facts else str(reason.name)


# -- Leave, swaps, duties, patterns ------------------------------------------------------------------------------------


def leave_rules(rulebook: Rulebook) -> list[Rule]:
    """How many may be away at once, and every kind of leave; nothing where there is no leave."""
    if rulebook.leave is None:
        return []
    rules = []
    if (people := rulebook.leave.people_a_day_at_most) is not None:
        words = ngettext("at most %(count)s person on leave", "at most %(count)s people on leave", people)
        rules.append(Rule(_("On one day"), words % {"count": people}))
    for kind in rulebook.leave.kinds:
        at = f"leave.kinds.{kind.code}"
        rules.append(Rule(str(kind.name), joined(_leave_kind(kind)), at=at, mark=str(kind.mark)))
    return rules


def _leave_kind(kind: LeaveKind) -> Iterator[str]:
    yield {
        "days": _("whole days"),
        "hours": _("hours of one day"),
        "both": _("whole days or hours of one day"),
    }[kind.taken_in]
    if kind.notice_days:
        words = ngettext("asked for %(days)s day before", "asked for %(days)s days before", kind.notice_days)
        yield words % {"days": kind.notice_days}
    if kind.days_at_most is not None:
        words = ngettext("at most %(days)s day in a row", "at most %(days)s days in a row", kind.days_at_most)
        yield words % {"days": kind.days_at_most}
    yield {
        "none": _("without an attachment"),
        "optional": _("with an attachment if there is one"),
        "required": _("with an attachment"),
    }[kind.attachment]
    if kind.paid:
        yield _("counts as paid")


def swap_rules(rulebook: Rulebook) -> list[Rule]:
    """What a swap may and may not do; nothing where there are no swaps."""
    made = rulebook.swaps
    if made is None:
        return []
    ways = [_meaning("swaps", "kinds", "[]", value=kind) for kind in made.kinds]
    rules = [Rule(_title("swaps", "kinds", "[]"), pgettext("between facts", "; ").join(ways))]
    if made.notice_hours:
        words = _("agreed at least %(hours)s h before the earlier shift") % {"hours": made.notice_hours}
        rules.append(Rule(_title("swaps", "notice_hours"), words))
    if made.a_month_at_most is not None:
        words = ngettext(
            "at most %(count)s swap of one person", "at most %(count)s swaps of one person", made.a_month_at_most
        )
        rules.append(Rule(_("In a month"), words % {"count": made.a_month_at_most}))
    for key in ("consecutive_days", "shifts_in_a_row", "leave_on_swapped_days"):
        rules.append(Rule(_title("swaps", key), _("allowed") if getattr(made, key) else _("not allowed")))
    liable = _meaning("swaps", "empty_shift_liable", value=made.empty_shift_liable)
    return [*rules, Rule(_title("swaps", "empty_shift_liable"), liable)]


def duty_rules(rulebook: Rulebook) -> list[Rule]:
    """Every duty with the shifts whose people take turns at it."""
    names = _names(rulebook)
    return [Rule(str(duty.name), joined(_duty(duty, names)), at=f"duties.{duty.code}") for duty in rulebook.duties]


def _duty(duty: Duty, names: dict[str, str]) -> Iterator[str]:
    yield _("in turn from: %(shifts)s") % {"shifts": joined(names[code] for code in duty.shifts)}
    if duty.people > 1:
        yield ngettext("%(count)s person a day", "%(count)s people a day", duty.people) % {"count": duty.people}
    if duty.stays_until_last_customer:
        yield _("stays until the last customer")
    if duty.confirmed:
        yield _("says when it is done, or has missed it")


def pattern_rules(rulebook: Rulebook) -> list[Rule]:
    """Every pattern, as the marks of its days."""
    return [_pattern(rotation, rulebook) for rotation in rulebook.rotations]


def _pattern(rotation: Rotation, rulebook: Rulebook) -> Rule:
    marks = {shift.code: (str(shift.mark), shift.palette[0]) for shift in rulebook.shifts}
    marks[rulebook.rest.code] = (str(rulebook.rest.mark), "x")
    length = len(rotation.cycle)
    words = ngettext("%(days)s day, then from the beginning", "%(days)s days, then from the beginning", length)
    days = tuple(marks[code] for code in rotation.cycle)
    return Rule(str(rotation.name), words % {"days": length}, at=f"rotations.{rotation.code}", marks=days)


# -- Words ------------------------------------------------------------------------------------------------------------


def _names(rulebook: Rulebook) -> dict[str, str]:
    return {shift.code: str(shift.name) for shift in rulebook.shifts}


def in_a_row(said: Iterable[str]) -> str:
    """One after the other, with what stands between two sentences in the active language."""
    sentences = list(said)
    if not sentences:
        return ""
    return functools.reduce(lambda one, two: _("%(one)s %(two)s") % {"one": one, "two": two}, sentences)


def _title(*path: str) -> str:
    return (known().get(path) or known()[(*path, "[]")]).title


def _meaning(*path: str, value: str) -> str:
    return known()[path].values[value]
