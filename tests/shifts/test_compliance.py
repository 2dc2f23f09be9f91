"""The limits of working time by example: what is a breach, how bad, on which days, and how it reads."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rulebooks.schema import Rest, WorkingTime
from shifts.compliance import (
    DayOff,
    Leave,
    Person,
    Plan,
    Rules,
    Shift,
    Skill,
    Violation,
    check,
    new_breaches,
    rules_of,
    text,
)
from shifts.compliance.violations import duration
from shifts.spans import stretches_of
from tests.shifts.compliance_reference import MONDAY, ONE, at, days_of, shift

SUNDAY = MONDAY + ONE * 6
SOMEBODY = Person(1, date(2026, 1, 1))
SHIP = {
    "within_hours": 24,
    "hours": 10,
    "periods_at_most": 2,
    "longest_at_least_hours": 6,
    "exception": {"longest_at_least_hours": 6, "days_at_most": 2, "if_hours_in_week": 77},
}


def rules(rest=None, needs=None, cover=None, **limits):
    name = {"zh-Hans": "休", "en": "R"}
    given = Rest.model_validate({"code": "X", "name": name, "mark": name} | (rest or {"days_per_month": 0}))
    skills = {"calls": {"zh-Hans": "电话", "en": "Phone"}}
    names = {"D": {"zh-Hans": "白班", "en": "Day"}}
    limits = WorkingTime.model_validate(limits)
    return Rules(limits=limits, rest=given, needs=needs or {}, cover=cover or {}, names=names, skills=skills)


def plan(*parts, first=MONDAY, last=SUNDAY, people=(SOMEBODY,)):
    def of(kind):
        return tuple(part for part in parts if isinstance(part, kind))

    return Plan(first, last, people, of(Shift), of(DayOff), of(Leave))


def found(*parts, held, **more):
    return [(one.code, one.excess) for one in check(plan(*parts, **more), held)]


def days(first, count, *hours, **more):
    return [shift(1, first + ONE * number, *hours, **more) for number in range(count)]


class TestOverlapAndRest:
    def test_a_night_and_the_early_shift_that_it_runs_into_always_block(self):
        [one] = check(plan(shift(1, MONDAY, (17, 26)), shift(1, MONDAY + ONE, (1, 9))), rules())
        assert (one.code, one.severity, one.days, one.excess) == ("overlap", "block", (MONDAY, MONDAY + ONE), 60)

    def test_shifts_that_touch_do_not_overlap(self):
        assert found(shift(1, MONDAY, (17, 25)), shift(1, MONDAY + ONE, (1, 9)), held=rules()) == []

    def test_exactly_as_much_rest_as_wanted_is_enough(self):
        held = rules(rest_between_shifts={"hours": 11})
        night = shift(1, MONDAY, (17, 25))
        assert found(night, shift(1, MONDAY + ONE, (12, 20)), held=held) == []
        assert found(night, shift(1, MONDAY + ONE, (11, 19)), held=held) == [("rest_between_shifts", 60)]

    def test_no_rest_at_all_between_shifts_that_touch(self):
        held = rules(rest_between_shifts={"hours": 11, "breach": "block"})
        [one] = check(plan(shift(1, MONDAY, (17, 25)), shift(1, MONDAY + ONE, (1, 9))), held)
        assert (one.severity, one.excess) == ("block", 11 * 60)
        assert text(one) == "0 h of rest before this shift, at least 11 h wanted."

    def test_the_break_of_a_broken_shift_is_no_rest_between_shifts(self):
        assert found(shift(1, MONDAY, (9, 12), (16, 20)), held=rules(rest_between_shifts={"hours": 11})) == []

    def test_a_shift_elsewhere_in_the_break_of_a_broken_one_leaves_no_rest(self):
        held = rules(rest_between_shifts={"hours": 11})
        parts = [shift(1, MONDAY, (9, 12), (16, 20)), shift(1, MONDAY, (13, 15), elsewhere=True)]
        assert found(*parts, held=held) == [("rest_between_shifts", 11 * 60)]

    def test_what_lies_elsewhere_alone_is_not_reported(self):
        parts = [shift(1, MONDAY, (8, 16), elsewhere=True), shift(1, MONDAY, (12, 20), elsewhere=True)]
        assert found(*parts, held=rules(rest_between_shifts={"hours": 11})) == []

    def test_what_lies_outside_of_the_days_is_not_reported(self):
        early = MONDAY - ONE * 9
        assert found(*days(early, 2, (0, 23)), held=rules(rest_between_shifts={"hours": 11})) == []

    def test_people_do_not_disturb_each_other(self):
        two = (SOMEBODY, Person(2, date(2026, 1, 1)))
        assert found(shift(1, MONDAY, (8, 16)), shift(2, MONDAY, (8, 16)), held=rules(), people=two) == []


class TestDaysInARow:
    def test_the_seventh_day_is_to_blame(self):
        [one] = check(plan(*days(MONDAY, 7, (8, 16))), rules(consecutive_days={"at_most": 6}))
        assert (one.code, one.excess, one.marked) == ("consecutive_days", 1, (SUNDAY,))
        assert text(one) == "7 days with a shift in a row, from 11-02; at most 6 wanted."

    def test_a_run_that_began_last_month_is_counted_from_its_beginning(self):
        [one] = check(plan(*days(MONDAY - ONE * 5, 8, (8, 16))), rules(consecutive_days={"at_most": 6}))
        assert one.days[0] == MONDAY - ONE * 5
        assert one.marked == (MONDAY + ONE, MONDAY + ONE * 2)

    def test_a_night_into_a_free_day_does_not_make_it_a_day_with_a_shift(self):
        held = rules(consecutive_days={"at_most": 1})
        assert found(shift(1, MONDAY, (17, 25)), shift(1, MONDAY + ONE * 2, (17, 25)), held=held) == []


class TestRestDays:
    MONTH = (date(2026, 11, 1), date(2026, 11, 30))

    def month(self, rests, *, until=30, first=1, **more):
        every = days_of(date(2026, 11, first), date(2026, 11, until))
        off = [DayOff(1, day, True) for day in every[:rests]]
        parts = [*off, *(shift(1, day, (9, 12)) for day in every[rests:])]
        held = rules(rest={"days_per_month": 4}, rest_days={})
        return found(*parts, held=held, first=self.MONTH[0], last=self.MONTH[1], **more)

    def test_one_too_few_in_a_month_that_is_planned(self):
        assert self.month(3) == [("rest_days", 1)]

    def test_as_many_as_wanted_or_more(self):
        assert self.month(4) == self.month(9) == []

    def test_a_month_that_is_not_planned_to_its_end_is_no_breach(self):
        assert self.month(1, until=29) == []

    def test_whoever_joins_in_the_middle_has_as_large_a_part(self):
        # 15 of 30 days: two of the four.
        joined = (Person(1, date(2026, 11, 16)),)
        assert self.month(2, first=16, people=joined) == []
        assert self.month(1, first=16, people=joined) == [("rest_days", 1)]

    def test_a_part_of_a_day_is_rounded_down(self):
        # 22 of 30 days: 2.9 of the four.
        assert self.month(2, until=22, people=(Person(1, date(2026, 1, 1), date(2026, 11, 22)),)) == []

    def test_leave_is_planned_but_no_rest(self):
        parts = [Leave(1, *self.MONTH), DayOff(1, date(2026, 11, 3), True)]
        held = rules(rest={"days_per_month": 4}, rest_days={"breach": "block"})
        assert found(*parts, held=held, first=self.MONTH[0], last=self.MONTH[1]) == [("rest_days", 3)]

    def test_they_are_only_counted_where_the_rulebook_does_not_say_what_a_breach_means(self):
        held = rules(rest={"days_per_month": 31})
        assert found(*days(self.MONTH[0], 30, (9, 12)), held=held, first=self.MONTH[0], last=self.MONTH[1]) == []

    def test_a_week_is_judged_from_monday_to_sunday(self):
        held = rules(rest={"days_per_week": 1}, rest_days={})
        assert found(*days(MONDAY, 7, (9, 12)), held=held) == [("rest_days_week", 1)]
        assert found(*days(MONDAY, 6, (9, 12)), DayOff(1, SUNDAY, True), held=held) == []
        assert found(*days(MONDAY, 6, (9, 12)), held=held) == []

    def test_any_ten_days_and_not_only_the_first_ten(self):
        held = rules(rest={"days_per_cycle": {"days": 2, "every_days": 10}}, rest_days={})
        last = MONDAY + ONE * 13
        rests = [DayOff(1, MONDAY + ONE * n, True) for n in (0, 1, 12)]
        work = [shift(1, MONDAY + ONE * n, (9, 12)) for n in (*range(2, 12), 13)]
        [one] = check(plan(*rests, *work, last=last), held)
        assert (one.code, one.excess) == ("rest_days_cycle", 2)
        assert (one.days[0], one.days[-1]) == (MONDAY + ONE, last)


class TestHours:
    def test_unpaid_breaks_do_not_count(self):
        held = rules(weekly_hours={"at_most": 44})
        assert found(*days(MONDAY, 6, (8, 16), breaks=60), held=held) == []
        assert found(*days(MONDAY, 6, (8, 16), breaks=30), held=held) == [("weekly_hours", 60)]

    def test_overtime_of_a_day_a_month_and_days_running(self):
        limit = {
            "after_hours_a_day": 8,
            "hours_a_day_at_most": 2,
            "hours_a_month_at_most": 5,
            "days_running_at_most": 3,
        }
        parts = days(MONDAY, 4, (8, 17)), days(MONDAY + ONE * 4, 1, (8, 19))
        seen = found(*parts[0], *parts[1], held=rules(overtime=limit))
        assert sorted(seen) == [("overtime_day", 60), ("overtime_month", 120), ("overtime_running", 2)]

    @pytest.mark.parametrize(("first", "minutes"), [(date(2026, 3, 28), 7 * 60), (date(2026, 10, 24), 9 * 60)])
    def test_a_night_through_a_change_of_clocks_counts_what_has_elapsed(self, first, minutes):
        zone = ZoneInfo("Europe/Berlin")
        night = Shift(1, first, "N", tuple(stretches_of(first, [(time(22), time(6))], zone)))
        late = Shift(1, first + ONE, "L", tuple(stretches_of(first + ONE, [(time(15), time(23))], zone)))
        limits = {"rest_between_shifts": {"hours": 10}, "overtime": {"after_hours_a_day": 1, "hours_a_day_at_most": 0}}
        seen = found(night, late, held=rules(**limits), first=first, last=first + ONE)
        assert ("overtime_day", minutes - 60) in seen
        # From six to three it is nine hours on the wall and by the watch: the clocks have changed before six.
        assert ("rest_between_shifts", 60) in seen

    @pytest.mark.parametrize(("first", "missing"), [(date(2026, 3, 28), 60), (date(2026, 10, 24), None)])
    def test_a_rest_through_a_change_of_clocks_is_an_hour_shorter_or_longer(self, first, missing):
        zone = ZoneInfo("Europe/Berlin")
        parts = [
            Shift(1, day, "R", tuple(stretches_of(day, [(start, end)], zone)))
            for day, start, end in [(first, time(13), time(22)), (first + ONE, time(9), time(17))]
        ]
        seen = found(*parts, held=rules(rest_between_shifts={"hours": 11}), first=first, last=first + ONE)
        assert seen == ([("rest_between_shifts", missing)] if missing else [])


class TestNewcomers:
    def test_no_nights_until_the_probation_is_over(self):
        held = rules(probation={"months": 2, "not_on": ["N"]})
        parts = days(MONDAY, 7, (17, 25), code="N")
        people = (Person(1, date(2026, 9, 5)),)
        assert len(found(*parts, held=held, people=people)) == 3
        assert found(*days(MONDAY, 7, (8, 16)), held=held, people=people) == []

    def test_a_probation_from_the_last_of_december_ends_with_february(self):
        held = rules(probation={"months": 2, "not_on": ["N"]})
        people = (Person(1, date(2025, 12, 31)),)
        parts = [shift(1, date(2026, 2, day), (17, 25), code="N") for day in (27, 28)]
        seen = check(plan(*parts, first=date(2026, 2, 1), last=date(2026, 2, 28), people=people), held)
        assert [one.days for one in seen] == [(date(2026, 2, 27),)]

    def test_fewer_hours_a_week(self):
        held = rules(probation={"months": 2, "hours_a_week_at_most": 40})
        people = (Person(1, date(2026, 10, 1)),)
        assert found(*days(MONDAY, 6, (8, 15)), held=held, people=people) == [("probation", 2 * 60)]


class TestFitness:
    def test_a_shift_needs_a_skill_from_its_day_on(self):
        held = rules(qualification={"breach": "block"}, needs={"D": ("calls",)})
        people = (Person(1, date(2026, 1, 1), None, (Skill("calls", MONDAY + ONE, MONDAY + ONE * 2),)),)
        seen = check(plan(*days(MONDAY, 4, (8, 16)), people=people), held)
        assert [one.days[0] for one in seen] == [MONDAY, MONDAY + ONE * 3]
        assert text(seen[0]) == "Does not have the skill that this shift needs: Phone."

    def test_a_shift_on_a_day_of_leave(self):
        held = rules(leave_clash={"breach": "block"})
        [one] = check(plan(*days(MONDAY, 3, (8, 16)), Leave(1, MONDAY + ONE, MONDAY + ONE)), held)
        assert (one.code, one.severity, one.days) == ("leave_clash", "block", (MONDAY + ONE,))

    def test_hours_of_leave_clash_only_with_those_hours(self):
        held = rules(leave_clash={})
        leave = Leave(1, MONDAY, MONDAY, at(MONDAY, 14), at(MONDAY, 17))
        assert found(shift(1, MONDAY, (8, 14)), leave, held=held) == []
        assert found(shift(1, MONDAY, (8, 15)), leave, held=held) == [("leave_clash", 1)]

    def test_fewer_people_than_the_least_is_nobodys_breach(self):
        held = rules(coverage={}, cover={(MONDAY, "D"): (3, 2), (MONDAY + ONE, "D"): (3, 0)})
        [one] = check(plan(shift(1, MONDAY, (8, 16)), shift(1, MONDAY, (20, 22), elsewhere=True)), held)
        assert (one.agent, one.about, one.excess) == (None, "D", 1)
        assert text(one) == "Day: 1 on it, at least 2 needed."


class TestShipsCrews:
    def test_four_on_and_eight_off_is_within_the_rules(self):
        watch = days(MONDAY - ONE * 8, 22, (0, 4), (12, 16))
        assert found(*watch, held=rules(rolling_rest=[SHIP | {"breach": "block"}])) == []

    def test_six_on_and_six_off_rests_in_two_periods_of_six(self):
        watch = days(MONDAY - ONE * 8, 22, (0, 6), (12, 18))
        assert found(*watch, held=rules(rolling_rest=[SHIP])) == []

    def test_three_rests_of_four_hours_are_twelve_hours_and_not_enough(self):
        watch = days(MONDAY, 1, (0, 4), (8, 12), (16, 20))
        held = {**SHIP, "exception": None}
        [one] = check(plan(*watch), rules(rolling_rest=[held]))
        # From midnight the two longest rests are four hours each, which is two too few, as is the longest.
        assert (one.code, one.excess) == ("rolling_rest", 2 * 60)

    def test_one_rest_of_ten_hours_a_day_is_not_cut_in_two(self):
        assert found(*days(MONDAY - ONE * 8, 22, (0, 14)), held=rules(rolling_rest=[SHIP])) == []

    def test_six_hours_once_are_enough_for_two_days_if_the_week_gives_rest(self):
        long_days = days(MONDAY + ONE * 2, 2, (0, 17))
        assert found(*long_days, held=rules(rolling_rest=[SHIP])) == []
        assert len(found(*long_days, held=rules(rolling_rest=[{**SHIP, "exception": None}]))) == 2

    def test_not_for_a_third_day(self):
        seen = check(plan(*days(MONDAY + ONE * 2, 3, (0, 17))), rules(rolling_rest=[SHIP]))
        assert [one.days for one in seen] == [(MONDAY + ONE * 4,)]

    def test_not_in_a_week_with_too_little_rest(self):
        busy = [*days(MONDAY - ONE * 4, 6, (0, 14)), *days(MONDAY + ONE * 2, 1, (0, 17))]
        held = SHIP | {"exception": SHIP["exception"] | {"if_hours_in_week": 78}}
        assert [code for code, _excess in found(*busy, held=rules(rolling_rest=[held]))] == ["rolling_rest"]

    def test_the_words_name_what_is_missing(self):
        [one] = check(plan(shift(1, MONDAY, (0, 16))), rules(rolling_rest=[{"within_hours": 24, "hours": 10}]))
        assert text(one) == "In 24 hours only 8 h of rest, at least 10 h wanted."


class TestChanges:
    HELD = rules(consecutive_days={"at_most": 6, "breach": "block"})

    def test_a_run_that_becomes_shorter_is_not_new(self):
        nine, eight = plan(*days(MONDAY, 9, (8, 16))), plan(*days(MONDAY, 8, (8, 16)))
        last = MONDAY + ONE * 10
        nine, eight = (Plan(one.first, last, one.people, one.shifts) for one in (nine, eight))
        assert new_breaches(nine, eight, self.HELD) == []
        [one] = new_breaches(eight, nine, self.HELD)
        assert one.excess == 3

    def test_a_run_that_is_parted_leaves_no_new_breach(self):
        last = MONDAY + ONE * 16
        whole = plan(*days(MONDAY, 15, (8, 16)), last=last)
        parted = plan(*days(MONDAY, 7, (8, 16)), *days(MONDAY + ONE * 8, 7, (8, 16)), last=last)
        assert new_breaches(whole, parted, self.HELD) == []

    def test_the_same_breach_of_another_person_is_new(self):
        two = (SOMEBODY, Person(2, date(2026, 1, 1)))
        mine = plan(*days(MONDAY, 7, (8, 16)), people=two)
        theirs = plan(*(one._replace(agent=2) for one in mine.shifts), people=two)
        assert [one.agent for one in new_breaches(mine, theirs, self.HELD)] == [2]


class TestWords:
    def one(self):
        return check(plan(shift(1, MONDAY, (17, 25)), shift(1, MONDAY + ONE, (8, 16))), TestWords.HELD)[0]

    HELD = rules(rest_between_shifts={"hours": 11})

    def test_a_key_says_what_whose_and_when(self):
        assert self.one().key == "rest_between_shifts:1:2026-11-02:2026-11-03"

    def test_the_name_stands_before_it(self):
        assert self.one().message({1: "Lin"}).startswith("Lin: 7 h of rest")

    def test_half_hours_are_told_in_minutes(self):
        assert Violation("x", "warn", 1, (MONDAY,), "%(rest)s", {"rest": duration(630)}).text == "10 h 30 min"

    def test_it_leads_to_the_day_to_blame_that_is_shown(self):
        one = self.one()
        assert one.leads_to(MONDAY, SUNDAY) == MONDAY + ONE
        assert one.leads_to(MONDAY - ONE * 7, MONDAY) == MONDAY


@pytest.mark.django_db
def test_the_rules_of_a_rulebook(rulebook):
    held = rules_of(rulebook, {(MONDAY, "D"): (2, 1)})
    assert held.limits is rulebook.working_time
    assert held.rest is rulebook.rest
    assert held.names["D"]["en"] == "Day"
    assert held.cover == {(MONDAY, "D"): (2, 1)}
    assert held.without_coverage().cover == {}


def test_the_rules_look_as_far_as_their_longest_limit():
    assert (rules().days_back, rules().days_ahead) == (7, 7)
    assert rules(rest_between_shifts={"hours": 744}).days_back == 33
    assert rules(consecutive_days={"at_most": 6}).days_back == 13
    ship = rules(rolling_rest=[SHIP])
    assert (ship.days_back, ship.days_ahead) == (13, 10)


def test_a_plan_of_no_days_has_no_breaches():
    held = rules(coverage={}, cover={(MONDAY, "D"): (2, 2)})
    assert check(plan(first=MONDAY, last=MONDAY - timedelta(days=1)), held) == []
