"""The engine of working time against the rules told again with sets, and what holds for any plan."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebooks.schema import Rest, WorkingTime
from shifts.compliance import DayOff, Plan, Rules, check, new_breaches
from tests.shifts import compliance_reference as slow
from tests.shifts.compliance_reference import MONDAY, ONE, Seen, days_of, plans

REST = {"code": "X", "name": {"zh-Hans": "休", "en": "Rest"}, "mark": {"zh-Hans": "休", "en": "-"}}


def rules(rest=None, **limits):
    given_rest = Rest.model_validate(REST | (rest or {"days_per_month": 0}))
    return Rules(limits=WorkingTime.model_validate(limits), rest=given_rest)


def found(plan, held, code):
    return [one for one in check(plan, held) if one.code == code]


def everybody(plan, reference):
    """{agent: what the slow reference says of them}, without those of whom it says nothing."""
    said = {person.key: reference(Seen(plan, person)) for person in plan.people}
    return {key: each for key, each in said.items() if each}


def told(violations, say):
    """The same of the engine's answer; `say(violation)` is a set."""
    said: dict = {}
    for one in violations:
        said.setdefault(one.agent, set()).update(say(one))
    return said


@settings(deadline=None)
@given(plans(days=6, around=3, people=2, longest=23))
def test_two_shifts_at_once_are_those_that_share_a_quarter_of_an_hour(plan):
    engine = found(plan, rules(), "overlap")
    assert told(engine, lambda one: {(one.days, one.excess)}) == everybody(plan, slow.overlap)
    assert all(one.severity == "block" for one in engine)


@settings(deadline=None)
@given(plans(days=6, around=3, people=2, longest=20), st.integers(1, 30))
def test_rest_between_shifts(plan, hours):
    engine = found(plan, rules(rest_between_shifts={"hours": hours}), "rest_between_shifts")
    wanted = everybody(plan, lambda seen: slow.rest_between_shifts(seen, hours))
    assert told(engine, lambda one: {(one.days, one.excess)}) == wanted


@settings(deadline=None)
@given(plans(), st.integers(1, 6))
def test_days_in_a_row(plan, most):
    engine = found(plan, rules(consecutive_days={"at_most": most}), "consecutive_days")
    assert told(engine, lambda one: set(one.marked)) == everybody(plan, lambda seen: slow.consecutive_days(seen, most))
    assert all(len(one.days) == most + one.excess for one in engine)


@settings(max_examples=40, deadline=None)
@given(
    plans(days=30, around=2, first=date(2026, 11, 1), elsewhere=False, longest=4, restful=True),
    st.integers(1, 31),
    st.integers(-3, 2),
)
def test_rest_days_of_a_month_that_is_wholly_planned(plan, wanted, earlier):
    plan = Plan(plan.first + ONE * earlier, plan.last, plan.people, plan.shifts, plan.days_off, plan.leaves)
    engine = found(plan, rules(rest={"days_per_month": wanted}, rest_days={}), "rest_days")
    said = told(engine, lambda one: {(one.days[0], one.excess)})
    assert said == everybody(plan, lambda seen: slow.rest_days(seen, wanted))


@settings(deadline=None)
@given(plans(restful=True), st.integers(1, 6))
def test_rest_days_of_a_week_that_is_wholly_planned(plan, wanted):
    engine = found(plan, rules(rest={"days_per_week": wanted}, rest_days={}), "rest_days_week")
    said = told(engine, lambda one: {(one.days[0], one.excess)})
    assert said == everybody(plan, lambda seen: slow.rest_days_week(seen, wanted))


@settings(deadline=None)
@given(plans(restful=True), st.integers(2, 9), st.data())
def test_rest_days_in_any_so_many_days(plan, every, data):
    wanted = data.draw(st.integers(1, every - 1))
    held = rules(rest={"days_per_cycle": {"days": wanted, "every_days": every}}, rest_days={})
    said = told(found(plan, held, "rest_days_cycle"), lambda one: {(one.days[0], one.days[-1], one.excess)})
    assert said == everybody(plan, lambda seen: slow.rest_days_cycle(seen, wanted, every))


@settings(deadline=None)
@given(plans(), st.integers(1, 70))
def test_hours_a_week(plan, most):
    engine = found(plan, rules(weekly_hours={"at_most": most}), "weekly_hours")
    said = told(engine, lambda one: {(one.days[0], one.excess)})
    assert said == everybody(plan, lambda seen: slow.weekly(seen, most))


@settings(deadline=None)
@given(plans(), st.integers(1, 9), st.integers(0, 5), st.integers(0, 40), st.integers(1, 4))
def test_overtime_of_a_day_a_month_and_days_running(plan, normal, a_day, a_month, running):
    limit = {
        "after_hours_a_day": normal,
        "hours_a_day_at_most": a_day,
        "hours_a_month_at_most": a_month,
        "days_running_at_most": running,
    }
    held = rules(overtime=limit)

    def of_days(seen):
        beyond = slow.overtime(seen, normal)
        return {(day, more - a_day * 60) for day, more in beyond.items() if day in seen.inside and more > a_day * 60}

    def of_months(seen):
        months = {day.replace(day=1) for day in seen.inside}
        beyond = slow.overtime(seen, normal)
        sums = {m: sum(more for day, more in beyond.items() if day.replace(day=1) == m) for m in months}
        return {(month, more - a_month * 60) for month, more in sums.items() if more > a_month * 60}

    days, months = found(plan, held, "overtime_day"), found(plan, held, "overtime_month")
    assert told(days, lambda one: {(one.days[0], one.excess)}) == everybody(plan, of_days)
    assert told(months, lambda one: {(one.days[0], one.excess)}) == everybody(plan, of_months)
    wanted = everybody(plan, lambda seen: slow.overtime_running(slow.overtime(seen, normal), seen.inside, running))
    assert told(found(plan, held, "overtime_running"), lambda one: set(one.marked)) == wanted


@settings(deadline=None)
@given(plans(), st.integers(1, 12), st.integers(1, 60))
def test_newcomers(plan, months, most):
    held = rules(probation={"months": months, "not_on": ["N"], "hours_a_week_at_most": most})
    engine = found(plan, held, "probation")

    def is_new(seen, day):
        # A probation of n months from the 2nd of a month is over on the 2nd, n months later.
        begin = seen.person.from_day
        later = (day.year - begin.year) * 12 + day.month - begin.month
        return later < months or (later == months and day.day < begin.day)

    def nights(seen):
        return {one.day for one in seen.own if one.code == "N" and one.day in seen.inside and is_new(seen, one.day)}

    def hours(seen):
        return slow.weekly(seen, most, lambda day: is_new(seen, day)) if is_new(seen, seen.plan.first) else set()

    said = told([one for one in engine if one.about == "N"], lambda one: set(one.days))
    assert said == everybody(plan, nights)
    said = told([one for one in engine if one.about == "week"], lambda one: {(one.days[0], one.excess)})
    assert said == everybody(plan, hours)


@settings(deadline=None)
@given(plans(people=2))
def test_skills_leave_and_coverage(plan):
    cover = {(day, code): (3, number % 3) for number, day in enumerate(days_of(plan.first, plan.last)) for code in "DN"}
    limits = WorkingTime.model_validate({"qualification": {}, "leave_clash": {"breach": "block"}, "coverage": {}})
    held = Rules(limits=limits, needs={"N": ("calls", "night")}, cover=cover)
    engine = found(plan, held, "unqualified")
    wanted = everybody(plan, lambda seen: slow.unqualified(seen, held.needs))
    assert told(engine, lambda one: {(one.days[0], one.about)}) == wanted
    clashes = found(plan, held, "leave_clash")
    assert told(clashes, lambda one: set(one.days)) == everybody(plan, slow.leave_clash)
    gaps = {(one.days[0], one.about, one.excess) for one in found(plan, held, "coverage")}
    assert gaps == slow.coverage(plan, cover)


@st.composite
def rolling_rules(draw):
    window = draw(st.integers(3, 30))
    rule = {"within_hours": window, "hours": draw(st.integers(1, window))}
    if draw(st.booleans()):
        rule["periods_at_most"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        rule["longest_at_least_hours"] = draw(st.integers(1, window))
    if draw(st.booleans()):
        rule["exception"] = {
            "longest_at_least_hours": draw(st.integers(1, rule["hours"])),
            "days_at_most": draw(st.integers(1, 3)),
            "if_hours_in_week": draw(st.integers(80, 160)),
        }
    return rule


@settings(max_examples=150, deadline=None)
@given(plans(days=3, around=2, longest=16), rolling_rules())
def test_rest_in_windows_that_begin_or_end_with_work(plan, rule):
    held = rules(rolling_rest=[rule])
    [parsed] = held.limits.rolling_rest
    wanted = everybody(plan, lambda seen: slow.rolling_rest(seen, parsed))
    assert told(found(plan, held, "rolling_rest"), lambda one: {(one.days[0], one.excess)}) == wanted


@settings(deadline=None)
@given(plans(days=5, around=0, longest=16, elsewhere=False), rolling_rules())
def test_no_window_wherever_it_begins_falls_short_unseen(plan, rule):
    """The whole plan lies inside, nothing is excepted: one look at every quarter of an hour finds no more."""
    rule.pop("exception", None)
    held = rules(rolling_rest=[rule])
    [parsed] = held.limits.rolling_rest
    everywhere = slow.windows(Seen(plan, plan.people[0]), parsed, only_with_work=False)
    worst = max((slow.falls_short(parsed, rests) for _start, rests in everywhere), default=0)
    assert max((one.excess for one in found(plan, held, "rolling_rest")), default=0) == max(0, worst) * 15


# -- What holds for any plan ------------------------------------------------------------------------------------------
EVERYTHING = rules(
    rest={"days_per_month": 4, "days_per_week": 2, "days_per_cycle": {"days": 2, "every_days": 6}},
    rest_between_shifts={"hours": 11},
    consecutive_days={"at_most": 3, "breach": "block"},
    rolling_rest=[{"within_hours": 24, "hours": 10, "periods_at_most": 2, "longest_at_least_hours": 6}],
    rest_days={},
    weekly_hours={"at_most": 30},
    overtime={
        "after_hours_a_day": 6,
        "hours_a_day_at_most": 1,
        "hours_a_month_at_most": 6,
        "days_running_at_most": 1,
    },
    probation={"months": 1, "not_on": ["N"], "hours_a_week_at_most": 20},
    qualification={},
    leave_clash={},
    coverage={},
)
ASKS = Rules(EVERYTHING.limits, EVERYTHING.rest, {"N": ("calls",)}, {(MONDAY + ONE * 4, "D"): (2, 2)})
TIMES = {"overlap", "rest_between_shifts", "rolling_rest", "weekly_hours", "overtime_day", "overtime_month"}


@settings(deadline=None)
@given(plans(people=3, days=7, around=4), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(plan, dice: random.Random):
    def shuffled(rows):
        return tuple(dice.sample(rows, len(rows)))

    other = Plan(plan.first, plan.last, shuffled(plan.people), shuffled(plan.shifts), shuffled(plan.days_off))
    plan = Plan(plan.first, plan.last, plan.people, plan.shifts, plan.days_off)
    assert check(other, ASKS) == check(plan, ASKS)


@settings(deadline=None)
@given(plans(people=3, days=7, around=4))
def test_people_are_judged_alone_as_they_are_together(plan):
    alone = [one for person in plan.people for one in check(plan.only([person.key]), ASKS.without_coverage())]
    together = check(plan, ASKS.without_coverage())
    assert sorted(alone, key=repr) == sorted(together, key=repr)


@settings(deadline=None)
@given(plans(days=7, around=4, elsewhere=False), st.data())
def test_to_rest_instead_of_a_shift_adds_no_breach_of_working_time(plan, data):
    if not plan.shifts:
        return
    dropped = data.draw(st.sampled_from(plan.shifts))
    rests = (*plan.days_off, DayOff(dropped.agent, dropped.day, is_rest=True))
    kept = tuple(one for one in plan.shifts if one is not dropped)
    after = Plan(plan.first, plan.last, plan.people, kept, rests, plan.leaves)
    # Of a window it only says of which shift it is: with the last one gone, it belongs to the one before.
    adds = [one for one in new_breaches(plan, after, ASKS.without_coverage()) if one.code != "rolling_rest"]
    more = len(found(after, ASKS, "rolling_rest")) - len(found(plan, ASKS, "rolling_rest"))
    assert not [one for one in adds if one.code != "rest_days_cycle" or dropped.day in one.days] and more <= 0


@settings(deadline=None)
@given(plans(people=2, days=7, around=4))
def test_nothing_is_new_in_a_plan_that_has_not_changed(plan):
    assert new_breaches(plan, plan, ASKS) == []


@settings(deadline=None)
@given(plans(people=2, days=7, around=4))
def test_keys_name_one_breach_each_and_every_text_can_be_read(plan):
    violations = check(plan, ASKS)
    # Two shifts elsewhere may both disturb one shift here; that always blocks, and nobody lets it stand.
    keys = [one.key for one in violations if "elsewhere" not in one.about]
    assert len(keys) == len(set(keys))
    for one in violations:
        both = one.in_all_languages({1: "林", 2: "王"})
        assert set(both) == {"zh-Hans", "en"}
        assert "%" not in both["en"]
        assert plan.first <= one.leads_to(plan.first, plan.last) <= plan.last
        assert set(one.marked) <= set(one.days)


@pytest.mark.parametrize("hours", [3, 9, 11])
@settings(max_examples=40, deadline=None)
@given(plans(days=7, around=4), st.integers(1, 60))
def test_when_the_whole_plan_is_later_so_are_its_breaches(hours, plan, weeks):
    later = timedelta(days=7 * weeks)

    def moved(one):
        stretches = tuple(type(s)(s.starts_at + later, s.ends_at + later) for s in one.stretches)
        return one._replace(day=one.day + later, stretches=stretches)

    off = tuple(one._replace(day=one.day + later) for one in plan.days_off)
    after = Plan(plan.first + later, plan.last + later, plan.people, tuple(map(moved, plan.shifts)), off)
    before = Plan(plan.first, plan.last, plan.people, plan.shifts, plan.days_off)
    held = rules(
        rest_between_shifts={"hours": hours},
        consecutive_days={"at_most": 3},
        weekly_hours={"at_most": 30},
        rolling_rest=[{"within_hours": 24, "hours": hours}],
    )
    said = [(one.code, one.agent, one.days, one.excess) for one in check(after, held)]
    assert said == [
        (one.code, one.agent, tuple(d + later for d in one.days), one.excess) for one in check(before, held)
    ]
