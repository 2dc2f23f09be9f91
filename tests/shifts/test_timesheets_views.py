"""The timesheets of a department and of one member: who sees them, what stands in them, and what they cost."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office import clock
from people.models import Membership
from rulebooks.services import _load
from shifts import services
from shifts.models import Attendance, Correction, Decision, ExtensionSegment, Leave, LeaveState, ReportSource
from shifts.pages.timesheets import timesheets_of
from tests.factories import add_person
from tests.sheets import rows_of
from tests.shifts.conftest import NOVEMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(agent, colleague, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 9, "D"), (agent, 10, "N"), (agent, 11, "X"), (agent, 14, "D"), (colleague, 10, "D"))
        publish()


@pytest.fixture
def worked(planned, agent, wall, rulebook):
    """The agent's night of the 10th, clocked in 17:20, run on for half an hour."""
    shift = agent.membership.assignments.published().get(business_date=date(2026, 11, 10))
    attendance = Attendance.objects.create(
        assignment=shift,
        membership=agent.membership,
        code="N",
        business_date=shift.business_date,
        planned_start=shift.starts_at,
        planned_end=shift.ends_at,
        rulebook_version_id=rulebook.version_id,
        clocked_in_at=wall("2026-11-10 17:20"),
        clocked_out_at=wall("2026-11-11 01:30"),
    )
    ExtensionSegment.objects.create(
        attendance=attendance,
        starts_at=wall("2026-11-11 01:00"),
        ends_at=wall("2026-11-11 01:30"),
        open_customers=1,
        source=ReportSource.DESK,
        confirmed=True,
    )
    return attendance


def sheet_of(department, person):
    return next(
        sheet for sheet in timesheets_of(department, NOVEMBER).sheets if sheet.member.pk == person.membership.pk
    )


def line_of(department, person, day):
    return next(line for line in sheet_of(department, person).lines if line.facts.day.day == day)


def url(department, *args, name="timesheets"):
    return reverse(f"shifts:{name}", args=[department.code, NOVEMBER, *args])


class TestFigures:
    def test_a_night_over_midnight_is_one_day(self, department, agent, worked, at):
        with at("2026-11-12 12:00"):
            line = line_of(department, agent, 10)
            assert (line.planned, line.worked, line.extension, line.late) == (480, 460 + 30, 30, 20)
            assert line_of(department, agent, 11).worked == 0

    def test_who_did_not_come_was_absent(self, department, agent, planned, at):
        with at("2026-11-12 12:00"):
            sums = sheet_of(department, agent).sums
        assert (sums.absent, sums.rest, sums.shifts) == (2, 1, 0)
        # 9th and 14th: 9 hours each less their break, if the rulebook has one; the night 8.
        assert sums.planned == sum(line.planned for line in sheet_of(department, agent).lines)

    def test_weekends_and_nights_count_when_they_were_worked(self, department, agent, worked, rulebook, at):
        with at("2026-11-20 12:00"):
            sums = sheet_of(department, agent).sums
        assert sums.nights == int(rulebook.shift("N").night)
        assert sums.days_off == 0

    def test_a_correction_stands_for_the_clock(self, department, agent, supervisor, worked, wall, at):
        correction = Correction.objects.create(
            assignment=worked.assignment,
            membership=agent.membership,
            came_at=wall("2026-11-10 17:00"),
            left_at=wall("2026-11-11 01:00"),
            reason="x",
            state=Decision.APPROVED,
            asked_by=agent,
            decided_by=supervisor,
            decided_at=clock.now(),
        )
        Attendance.objects.filter(pk=worked.pk).update(correction=correction)
        with at("2026-11-12 12:00"):
            line = line_of(department, agent, 10)
        assert (line.worked, line.extension, line.late) == (480, 0, 0)

    def test_leave_counts_days_and_what_it_took_off(self, department, agent, supervisor, planned, rulebook, at):
        kind = rulebook.leave.kinds[0].code
        Leave.objects.create(
            membership=agent.membership,
            kind=kind,
            rulebook_version_id=rulebook.version_id,
            first_day=date(2026, 11, 14),
            last_day=date(2026, 11, 14),
            reason="x",
            state=LeaveState.APPROVED,
            asked_by=agent,
            decided_by=supervisor,
            decided_at=clock.now(),
            replaced=[["2026-11-14", "D"]],
        )
        with at("2026-11-01 12:00"):
            services.change_published(
                department=department,
                actor=supervisor,
                cause="leave",
                cells={(agent.membership.pk, date(2026, 11, 14)): kind},
            )
        with at("2026-11-30 12:00"):
            sums = sheet_of(department, agent).sums
        assert sums.by_kind == {kind: [1, 540 - rulebook.shift("D").breaks_minutes]}
        assert sums.leave_days == 1

    def test_a_running_shift_counts_until_now(self, department, agent, planned, at):
        with at("2026-11-10 17:00"):
            services.clock_in(membership=agent.membership)
        with at("2026-11-10 18:30"):
            assert line_of(department, agent, 10).worked == 90

    def test_days_outside_the_membership_have_no_line(self, department, agent, planned, at):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 11, 12))
        with at("2026-11-12 12:00"):
            assert len(sheet_of(department, agent).lines) == 12

    def test_a_draft_is_no_plan(self, department, agent, paint, at):
        with at("2026-10-25 12:00"):
            paint((agent, 10, "N"))
        with at("2026-11-12 12:00"):
            assert sheet_of(department, agent).sums.planned == 0


class TestPages:
    @pytest.fixture(autouse=True)
    def a_day_in_november(self, at, planned):
        with at("2026-11-12 12:00"):
            yield

    def test_the_supervisor_sees_everybody_and_the_sum(self, department, agent, supervisor, worked, client_of):
        html = client_of(supervisor).get(url(department)).content.decode()
        assert agent.name in html
        assert "8:10" in html
        assert "All together" in html
        assert "the month is not over" in html
        assert "What the columns mean" in html

    def test_an_agent_sees_only_their_own(self, department, agent, colleague, worked, client_of):
        client = client_of(agent)
        assert client.get(url(department)).status_code == 403
        own = client.get(url(department, agent.membership.pk, name="timesheet"))
        assert own.status_code == 200
        assert "17:20–01:30" in own.content.decode()
        assert client.get(url(department, colleague.membership.pk, name="timesheet")).status_code == 403
        assert client.get(url(department, name="timesheet_own"))["location"] == url(
            department, agent.membership.pk, name="timesheet"
        )

    def test_up_to_when_it_counts_is_said_by_the_departments_clock(self, department, agent, supervisor, client_of, at):
        with at("2026-11-12 12:00"):
            own = client_of(agent).get(url(department, agent.membership.pk, name="timesheet"))
            all_of_them = client_of(supervisor).get(url(department))
        for page in (own, all_of_them):
            assert "Counted up to 2026-11-12 12:00;" in page.content.decode()

    def test_who_has_left_still_reads_their_own_and_nobody_elses(self, department, agent, colleague, client_of):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 11, 9))
        agent.role_grants.update(until_day=date(2026, 11, 9))
        client = client_of(agent)
        assert client.get(url(department, agent.membership.pk, name="timesheet")).status_code == 200
        assert client.get(url(department, colleague.membership.pk, name="timesheet")).status_code == 404
        assert client.get(url(department)).status_code == 404

    def test_strangers_find_nothing(self, department, agent, stranger, client_of):
        client = client_of(stranger)
        assert client.get(url(department)).status_code == 404
        assert client.get(url(department, agent.membership.pk, name="timesheet")).status_code == 404
        assert client.get(url(department, 999999, name="timesheet")).status_code == 404

    def test_a_members_key_of_another_department_is_not_found(self, department, supervisor, stranger, client_of):
        assert client_of(supervisor).get(url(department, stranger.membership.pk, name="timesheet")).status_code == 404

    def test_the_file_has_hours_as_numbers_and_every_kind_of_leave(
        self, department, agent, supervisor, worked, rulebook, client_of
    ):
        head, *rows = rows_of(client_of(supervisor).get(url(department) + "?export=xlsx").content)
        line = dict(zip(head, next(row for row in rows if row[0] == "07"), strict=True))
        assert line["Worked"] == pytest.approx(8.17)
        assert line["Extension"] == 0.5
        assert line["Minutes late"] == 20
        assert all(f"{kind.name}, days" in head for kind in rulebook.leave.kinds)

    @pytest.mark.parametrize("month", ["2000-01", "2100-12"])
    def test_the_first_and_the_last_month_have_their_page(self, department, agent, supervisor, client_of, month):
        client = client_of(supervisor)
        assert client.get(reverse("shifts:timesheets", args=[department.code, month])).status_code == 200
        own = reverse("shifts:timesheet", args=[department.code, month, agent.membership.pk])
        assert client.get(own).status_code == 200

    def test_names_are_escaped(self, department, supervisor, client_of):
        add_person(department, name="<script>x")
        assert b"<script>x" not in client_of(supervisor).get(url(department)).content

    def test_it_costs_as_many_queries_for_thirty_people_as_for_one(self, department, supervisor, client_of, rulebook):
        client, counts = client_of(supervisor), []
        for people in (1, 29):
            crew = [add_person(department) for _ in range(people)]
            edits = [services.CellEdit(one.membership.pk, date(2026, 11, 25), "D", 0) for one in crew]
            painted = services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)
            services.publish(
                department=department, month=NOVEMBER, seen_edits=painted.edits, actor=supervisor, reason="few"
            )
            for one in crew:
                shift = one.membership.assignments.published().get()
                Attendance.objects.create(
                    assignment=shift,
                    membership=one.membership,
                    code="D",
                    business_date=shift.business_date,
                    planned_start=shift.starts_at,
                    planned_end=shift.ends_at,
                    rulebook_version_id=rulebook.version_id,
                    clocked_in_at=shift.starts_at,
                    clocked_out_at=shift.starts_at + timedelta(hours=8),
                )
            client.get(url(department))
            _load.cache_clear()
            with CaptureQueriesContext(connection) as queries:
                client.get(url(department))
            counts.append(len(queries))
        assert counts[0] == counts[1]
