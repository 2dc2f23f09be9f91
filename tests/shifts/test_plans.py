"""Loading a month for the checks: its people, shifts, days off, leave and skills, and the days around it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office import clock
from office.months import Month
from people.models import Membership
from people.services import add_member
from rulebooks.services import _load, in_force
from shifts import services
from shifts.compliance import DayOff
from shifts.models import (
    Assignment,
    Attendance,
    CalendarDay,
    Correction,
    DayKind,
    Layer,
    Leave,
    LeaveState,
    Override,
    Qualification,
    Roster,
)
from shifts.plans import WORKED, breaches_of, case_of, plan_of, plan_with, rules_for, what_if, worked_plan
from tests.factories import add_person

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


def november(day):
    return date(2026, 11, day)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def approved(department, supervisor):
    """`approved(agent, first, last, …)`: leave that has been approved."""

    def make(person, first, last, **more):
        return Leave.objects.create(
            membership=person.membership,
            kind="PL",
            rulebook_version_id=in_force(department, first).version_id,
            first_day=first,
            last_day=last,
            reason="a wedding",
            asked_by=person,
            state=LeaveState.APPROVED,
            decided_by=supervisor,
            decided_at=clock.now(),
            **more,
        )

    return make


def of(plan, person):
    return plan.only([person.membership.pk])


def shifts_of(plan, person):
    return [(one.day, one.code, one.elsewhere) for one in of(plan, person).shifts]


def codes(violations):
    return {(one.code, one.agent) for one in violations}


class TestPlan:
    def test_a_month_of_the_draft_has_its_shifts_rest_days_and_people(self, department, agent, colleague, paint):
        paint((agent, 3, "N"), (agent, 4, "X"), (colleague, 3, "D"))
        plan = plan_of(department, NOVEMBER)
        assert (plan.first, plan.last) == (november(1), november(30))
        assert [person.key for person in plan.people] == [colleague.membership.pk, agent.membership.pk]
        assert shifts_of(plan, agent) == [(november(3), "N", False)]
        assert plan.days_off == (DayOff(agent.membership.pk, november(4), True),)
        [night] = of(plan, agent).shifts
        assert night.stretches[0].ends_at - night.stretches[0].starts_at == timedelta(hours=8)

    def test_what_is_only_drafted_is_not_in_the_published_plan(self, department, agent, paint, publish):
        paint((agent, 3, "N"))
        publish()
        paint((agent, 5, "D"))
        assert shifts_of(plan_of(department, NOVEMBER, Layer.PUBLISHED), agent) == [(november(3), "N", False)]

    def test_the_days_around_the_month_come_along_as_far_as_the_rules_look(self, department, agent, paint):
        october, december = Month(2026, 10), Month(2026, 12)
        paint((agent, 25, "N"), (agent, 1, "N"), month=october)
        paint((agent, 5, "N"), (agent, 31, "N"), month=december)
        days = [day for day, _code, _elsewhere in shifts_of(plan_of(department, NOVEMBER), agent)]
        assert sorted(days) == [date(2026, 10, 25), date(2026, 12, 5)]

    def test_a_rest_that_is_too_short_over_the_end_of_the_month_is_found_in_both_months(self, department, agent, paint):
        paint((agent, 30, "N"))
        paint((agent, 1, "D"), month=Month(2026, 12))
        for month in (NOVEMBER, Month(2026, 12)):
            [one] = [breach.violation for breach in breaches_of(department, month) if breach.violation.agent]
            assert one.code == "rest_between_shifts"
            assert one.days == (november(30), date(2026, 12, 1))

    def test_cells_outside_of_the_membership_do_not_count(self, department, agent, paint):
        paint((agent, 20, "N"))
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=november(15))
        assert shifts_of(plan_of(department, NOVEMBER), agent) == []

    def test_whoever_is_rostered_no_more_counts_while_they_have_a_cell(self, department, agent, colleague, paint):
        paint((agent, 20, "N"))
        Membership.objects.filter(pk__in=[agent.membership.pk, colleague.membership.pk]).update(rostered=False)
        assert [person.key for person in plan_of(department, NOVEMBER).people] == [agent.membership.pk]

    def test_leave_and_skills_come_along(self, department, agent, approved):
        approved(agent, november(9), november(10))
        Qualification.objects.create(membership=agent.membership, code="calls", from_day=november(5))
        plan = plan_of(department, NOVEMBER)
        [leave] = plan.leaves
        assert (leave.agent, leave.first, leave.last) == (agent.membership.pk, november(9), november(10))
        assert [skill.code for skill in of(plan, agent).people[0].skills] == ["calls"]

    def test_a_broken_shift_keeps_its_parts(self, changed_department):
        member = add_person(changed_department, work_number="1")
        edits = [services.CellEdit(member.membership.pk, november(3), "E", 0)]
        services.paint(department=changed_department, month=NOVEMBER, edits=edits, actor=member)
        [early] = plan_of(changed_department, NOVEMBER).shifts
        assert len(early.stretches) == 2
        assert early.stretches[0].ends_at < early.stretches[1].starts_at

    def test_without_a_rulebook_nothing_but_an_overlap_is_a_breach(self, other_department):
        earlier = Month(2025, 11)
        assert rules_for(other_department, earlier).rest is None
        assert breaches_of(other_department, earlier) == []


class TestElsewhere:
    @pytest.fixture
    def twofold(self, agent, other_department):
        """The agent is a member next door as well."""
        there = add_member(
            actor=None, department=other_department, user=agent, work_number="7", from_day=date(2026, 1, 1)
        )
        return agent, there

    def plan_there(self, department, member, day, code, actor, *, published):
        edits = [services.CellEdit(member.pk, november(day), code, 0)]
        seen = services.paint(department=department, month=NOVEMBER, edits=edits, actor=actor).edits
        if published:
            services.publish(department=department, month=NOVEMBER, seen_edits=seen, actor=actor, reason="so it is")

    def test_a_published_shift_of_another_department_counts_for_the_rest(
        self, department, other_department, twofold, stranger, paint
    ):
        agent, there = twofold
        self.plan_there(other_department, there, 4, "D", stranger, published=True)
        paint((agent, 3, "N"))
        assert (november(4), "D", True) in shifts_of(plan_of(department, NOVEMBER), agent)
        [one] = [each.violation for each in breaches_of(department, NOVEMBER) if each.violation.agent]
        assert (one.code, one.days) == ("rest_between_shifts", (november(3),))

    def test_two_shifts_at_once_in_two_departments_always_block(
        self, department, other_department, twofold, stranger, paint
    ):
        agent, there = twofold
        self.plan_there(other_department, there, 3, "R", stranger, published=True)
        # Next door it is taken off again, but only in the draft.
        Assignment.objects.draft().filter(membership=there).delete()
        paint((agent, 3, "D"))
        [one] = [each.violation for each in breaches_of(department, NOVEMBER) if each.violation.agent]
        assert (one.code, one.severity) == ("overlap", "block")

    def test_a_draft_of_another_department_is_nobodys_business(
        self, department, other_department, twofold, stranger, paint
    ):
        agent, there = twofold
        self.plan_there(other_department, there, 4, "D", stranger, published=False)
        paint((agent, 3, "N"))
        assert shifts_of(plan_of(department, NOVEMBER), agent) == [(november(3), "N", False)]


class TestRules:
    def test_the_calendar_says_otherwise_than_the_rulebook_for_a_single_day(self, department):
        CalendarDay.objects.create(
            department=department, day=november(11), kind=DayKind.WORKDAY, is_promotion=True, headcounts={"D": [5, 4]}
        )
        cover = rules_for(department, NOVEMBER).cover
        assert cover[november(11), "D"] == (5, 4)
        assert cover[november(11), "N"] == cover[november(12), "N"] == (2, 1)
        assert cover[november(12), "D"] == (2, 1)

    def test_other_numbers_of_another_rulebook(self, changed_department):
        held = rules_for(changed_department, NOVEMBER)
        assert held.limits.consecutive_days.at_most == 4
        assert held.cover[november(3), "E"] == (3, 2)


class TestWhatIf:
    def test_a_plan_with_another_code_in_a_cell(self, department, agent, paint):
        paint((agent, 3, "N"), (agent, 4, "X"))
        plan = plan_of(department, NOVEMBER)
        key = agent.membership.pk
        after = plan_with(plan, {(key, november(3)): "", (key, november(4)): "D", (key, november(5)): "PL"})
        assert shifts_of(after, agent) == [(november(4), "D", False)]
        assert after.days_off == (DayOff(key, november(5), False),)
        assert shifts_of(plan, agent) == [(november(3), "N", False)]

    def test_a_code_that_no_rulebook_has_is_refused(self, department, agent):
        plan = plan_of(department, NOVEMBER)
        with pytest.raises(ValueError, match="means nothing"):
            plan_with(plan, {(agent.membership.pk, november(3)): "Q"})

    def test_the_cells_of_others_are_left_aside(self, department, agent):
        plan = plan_of(department, NOVEMBER)
        assert plan_with(plan, {(999_999, november(3)): "N"}) == plan

    def test_only_what_a_change_adds_is_new(self, department, agent, paint, publish):
        paint((agent, 3, "N"), (agent, 4, "D"), (agent, 10, "N"))
        publish()
        key = agent.membership.pk
        added = what_if(department, {(key, november(11)): "D"})
        assert [(one.code, one.days) for one in added] == [("rest_between_shifts", (november(10), november(11)))]
        assert what_if(department, {(key, november(20)): "D"}) == []

    def test_over_the_end_of_a_month_a_breach_is_told_once(self, department, agent, paint, publish):
        paint((agent, 30, "N"))
        publish()
        key = agent.membership.pk
        changes = {(key, date(2026, 12, 1)): "D", (key, november(30)): "N"}
        assert [one.code for one in what_if(department, changes) if one.agent] == ["rest_between_shifts"]

    def test_one_candidate_alone_is_judged_without_coverage(self, department, agent, colleague, paint):
        paint((agent, 3, "N"), (colleague, 4, "N"))
        case = case_of(department, NOVEMBER)
        alone = case.of([agent.membership.pk])
        added = alone.adds({(agent.membership.pk, november(4)): "D"})
        assert [one.code for one in added] == ["rest_between_shifts"]
        assert alone.violations() == []


class TestWorked:
    def test_hours_worked_are_judged_as_they_were(self, department, agent, paint, publish, at):
        paint((agent, 10, "N"), (agent, 11, "R"))
        publish()
        with at("2026-11-10 17:00"):
            attendance = services.clock_in(membership=agent.membership)
        with at("2026-11-11 02:30"):
            services.clock_out(attendance=attendance, actor=agent)
        with at("2026-11-11 09:00"):
            services.clock_in(membership=agent.membership)
        with at("2026-11-12 09:00"):
            planned = breaches_of(department, NOVEMBER, Layer.PUBLISHED)
            worked = breaches_of(department, NOVEMBER, WORKED)
            plan = worked_plan(department, NOVEMBER)
        rests = [each.violation.excess for each in planned if each.violation.code == "rest_between_shifts"]
        assert rests == [3 * 60]
        assert [each.violation.excess for each in worked if each.violation.code == "rest_between_shifts"] == [270]
        # Today is not over: it is judged tomorrow.
        assert plan.last == november(11)

    def test_a_correction_counts_instead_of_the_clock(self, department, agent, paint, publish, at, wall, supervisor):
        paint((agent, 10, "D"))
        publish()
        with at("2026-11-10 08:00"):
            attendance = services.clock_in(membership=agent.membership)
        with at("2026-11-10 12:00"):
            services.clock_out(attendance=attendance, actor=agent)
        correction = Correction.objects.create(
            assignment=attendance.assignment,
            membership=agent.membership,
            came_at=wall("2026-11-10 08:00"),
            left_at=wall("2026-11-10 17:00"),
            reason="the terminal was off",
            state="approved",
            asked_by=agent,
            decided_by=supervisor,
            decided_at=wall("2026-11-10 18:00"),
        )
        Attendance.objects.filter(pk=attendance.pk).update(correction=correction)
        with at("2026-11-12 09:00"):
            [shift] = worked_plan(department, NOVEMBER).shifts
        assert shift.stretches[0].ends_at - shift.stretches[0].starts_at == timedelta(hours=9)

    def test_a_shift_that_nobody_worked_is_no_rest_day(self, department, agent, paint, publish, at):
        paint((agent, 3, "D"), (agent, 4, "X"))
        publish()
        with at("2026-11-12 09:00"):
            plan = worked_plan(department, NOVEMBER)
        off = {(one.day, one.is_rest) for one in plan.days_off}
        assert (november(3), False) in off
        assert (november(4), True) in off
        assert plan.shifts == ()

    def test_over_the_break_of_a_broken_shift_nobody_works(self, changed_department, wall):
        person = add_person(changed_department, work_number="1")
        edits = [services.CellEdit(person.membership.pk, november(3), "E", 0)]
        seen = services.paint(department=changed_department, month=NOVEMBER, edits=edits, actor=person).edits
        services.publish(
            department=changed_department, month=NOVEMBER, seen_edits=seen, actor=person, reason="so it is"
        )
        with clock.at(wall("2026-11-03 06:20")):
            attendance = services.clock_in(membership=person.membership)
        with clock.at(wall("2026-11-03 15:10")):
            services.clock_out(attendance=attendance, actor=person)
        with clock.at(wall("2026-11-05 09:00")):
            [shift] = worked_plan(changed_department, NOVEMBER).shifts
        parts = [(one.ends_at - one.starts_at) // timedelta(minutes=1) for one in shift.stretches]
        assert parts == [4 * 60 + 10, 3 * 60 + 55]

    def test_a_month_to_come_has_nothing_to_judge(self, department, agent, paint, publish):
        paint((agent, 3, "N"), (agent, 4, "D"))
        publish()
        assert breaches_of(department, NOVEMBER, WORKED) == []


class TestQueries:
    def count(self, department, layer):
        _load.cache_clear()
        with CaptureQueriesContext(connection) as captured:
            breaches_of(department, NOVEMBER, layer)
        return len(captured)

    @pytest.mark.parametrize("layer", [Layer.DRAFT, Layer.PUBLISHED, WORKED])
    def test_as_many_for_one_person_as_for_thirty(self, department, supervisor, agent, paint, publish, at, layer):
        def fill(people):
            paint(*[(person, day, "DN"[day % 2]) for person in people for day in (2, 3, 5)])
            publish()
            roster = Roster.objects.get(department=department)
            for number, person in enumerate(people):
                Qualification.objects.create(membership=person.membership, code="calls", from_day=november(1))
                Override.objects.create(
                    roster=roster, key=f"x:{person.pk}#{number}", text={}, reason="-", by=supervisor
                )
            row = Assignment.objects.published().filter(business_date=november(2)).latest("pk")
            Attendance.objects.create(
                assignment=row,
                membership=row.membership,
                code=row.code,
                business_date=row.business_date,
                planned_start=row.starts_at,
                planned_end=row.ends_at,
                rulebook_version_id=in_force(department, november(2)).version_id,
                clocked_in_at=row.starts_at,
                clocked_out_at=row.ends_at,
            )

        with at("2026-10-26 12:00"):
            fill([agent])
            one = self.count(department, layer)
            fill([add_person(department, work_number=f"5{number:02}") for number in range(29)])
        with at("2026-11-20 12:00"):
            assert self.count(department, layer) == one
        assert one <= 11
