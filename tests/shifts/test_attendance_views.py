"""The month of attendance: one's own, and everybody's for whoever watches the shifts."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.forgotten import end_forgotten_shifts
from people.models import Membership
from shifts import services as shifts
from shifts.models import Assignment
from shifts.services.corrections import approve, ask
from tests.factories import add_person
from tests.shifts.test_attendance_matching import plan

pytestmark = pytest.mark.django_db

PAGE = "/d/desk/attendance/2026-11/"
LATER = "2026-11-20 12:00"


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def worked(agent, at):
    """Three nights: the 10th late and run on, the 11th nobody came, the 12th left early; the 25th is to come."""
    plan(agent, *[(date(2026, 11, day), "N") for day in (10, 11, 12, 25)])
    with at("2026-11-10 17:12"):
        first = shifts.clock_in(membership=agent.membership)
    with at("2026-11-11 00:55"):
        shifts.report_open_customers(attendance=first, open_customers=1)
    with at("2026-11-11 01:10"):
        shifts.report_open_customers(attendance=first, open_customers=0)
    with at("2026-11-11 01:12"):
        shifts.clock_out(attendance=first, actor=agent)
    with at("2026-11-12 16:50"):
        third = shifts.clock_in(membership=agent.membership)
    with at("2026-11-13 00:30"):
        shifts.clock_out(attendance=third, actor=agent)
    return agent


def lines_of(answer):
    return [
        (line.day.day, line.came, line.left, line.state, line.found.late, line.found.left_early, line.found.absent)
        for line in answer.context["table"].page
    ]


def test_ones_own_month(worked, client_of, at):
    with at(LATER):
        answer = client_of(worked).get(PAGE)
    assert lines_of(answer) == [
        (10, "17:12", "01:12", "over", 12, 0, False),
        (11, "", "", "over", 0, 0, True),
        (12, "16:50", "00:30", "over", 0, 30, False),
        (25, "", "", "ahead", 0, 0, False),
    ]
    assert answer.context["sums"] == {"shifts": 3, "late": 1, "early": 1, "absent": 1, "ran_on": 10}
    shown = text_of(answer)
    assert "12 min late" in shown
    assert "left 30 min early" in shown


def test_ones_own_month_leads_to_ones_timesheet_and_nobody_elses_does(worked, supervisor, leader, client_of, at):
    own = "/d/desk/timesheets/2026-11/own/"
    with at(LATER):
        assert own in client_of(worked).get(PAGE).content.decode()
        assert own in client_of(leader).get(PAGE).content.decode()
        assert own not in client_of(leader).get(PAGE, {"member": worked.membership.pk}).content.decode()
        assert own not in client_of(supervisor).get(PAGE).content.decode()


def test_the_list_is_narrowed_and_taken_along(worked, client_of, at):
    with at(LATER):
        client = client_of(worked)
        assert [line[0] for line in lines_of(client.get(PAGE, {"mark": "absent"}))] == [11]
        assert [line[0] for line in lines_of(client.get(PAGE, {"mark": "late"}))] == [10]
        assert "Nothing fits this choice" in text_of(client.get(PAGE, {"mark": "corrected"}))
        assert client.get(PAGE, {"export": "xlsx"}).headers["Content-Type"].endswith("sheet")


def test_a_shift_that_is_over_can_be_corrected_and_one_that_waits_says_so(worked, client_of, at, wall):
    shift = Assignment.objects.published().get(business_date=date(2026, 11, 11))
    link = f"/d/desk/corrections/new/?shift={shift.pk}"
    with at(LATER):
        assert link in client_of(worked).get(PAGE).content.decode()
        times = {"came_at": wall("2026-11-11 17:00"), "left_at": wall("2026-11-12 01:00")}
        ask(assignment=shift, reason="forgot", actor=worked, **times)
        answer = client_of(worked).get(PAGE)
    assert link not in answer.content.decode()
    assert "correction asked for" in text_of(answer)


def test_a_forgotten_clock_out_is_neither_early_nor_in_order(agent, client_of, at):
    plan(agent, (date(2026, 11, 10), "N"))
    with at("2026-11-10 17:00"):
        shifts.clock_in(membership=agent.membership)
    with at("2026-11-11 12:00"):
        end_forgotten_shifts()
        answer = client_of(agent).get(PAGE)
    assert "clock-out forgotten" in text_of(answer)
    assert "in order" not in text_of(answer)


BY_CORRECTION = "Until 01:40 by correction; only reports of open customers count as running on."


def corrected(worked, supervisor, at, wall, day, left_at):
    """The shift of a day corrected to have ended then; the approved correction."""
    shift = Assignment.objects.published().get(business_date=date(2026, 11, day))
    with at(LATER):
        times = {"came_at": wall(f"2026-11-{day} 17:00"), "left_at": wall(left_at)}
        asked = ask(assignment=shift, reason="stayed on", actor=worked, **times)
        return approve(correction=asked, reason="", actor=supervisor)


def test_a_correction_past_the_planned_end_proves_no_running_on_and_both_pages_say_so(
    worked, supervisor, client_of, at, wall
):
    correction = corrected(worked, supervisor, at, wall, 12, "2026-11-13 01:40")
    with at(LATER):
        client = client_of(worked)
        answer = client.get(PAGE)
        assert answer.context["sums"]["ran_on"] == 10
        assert BY_CORRECTION in text_of(answer)
        assert BY_CORRECTION in text_of(client.get(f"/d/desk/corrections/{correction.pk}/"))


def test_where_reports_prove_it_or_the_plan_is_not_passed_nothing_is_explained(worked, supervisor, client_of, at, wall):
    ran_on = corrected(worked, supervisor, at, wall, 10, "2026-11-11 01:40")
    in_time = corrected(worked, supervisor, at, wall, 12, "2026-11-13 01:00")
    with at(LATER):
        client = client_of(worked)
        assert "by correction" not in text_of(client.get(PAGE))
        for correction in (ran_on, in_time):
            assert "by correction" not in text_of(client.get(f"/d/desk/corrections/{correction.pk}/"))


def test_a_colleague_sees_only_their_own(worked, colleague, client_of, at):
    with at(LATER):
        assert lines_of(client_of(colleague).get(PAGE)) == []
        assert client_of(colleague).get(PAGE, {"member": worked.membership.pk}).status_code == 403
        assert client_of(colleague).get(PAGE, {"member": "all"}).status_code == 403


def test_whoever_watches_sees_everybody_or_one(worked, supervisor, leader, client_of, at):
    with at(LATER):
        client = client_of(supervisor)
        everybody = client.get(PAGE)
        assert len(lines_of(everybody)) == 4
        assert "林晓彤" in text_of(everybody)
        assert len(lines_of(client.get(PAGE, {"member": worked.membership.pk}))) == 4
        assert not everybody.context["table"].is_filtered
        assert client.get(PAGE, {"member": worked.membership.pk}).context["table"].is_filtered
        # A leader works shifts too: at first it is their own month.
        assert lines_of(client_of(leader).get(PAGE)) == []
        assert len(lines_of(client_of(leader).get(PAGE, {"member": "all"}))) == 4


def test_a_foreign_hand_can_be_reported_from_the_list(worked, supervisor, client_of, at):
    with at(LATER):
        body = client_of(supervisor).get(PAGE).content.decode()
    assert f"/d/desk/incidents/new/?membership={worked.membership.pk}&amp;day=2026-11-10" in body


@pytest.mark.parametrize("member", ["0", "x", "9" * 30, "-1", "1.5"])
def test_a_member_that_is_none_is_not_found(worked, supervisor, client_of, at, member):
    with at(LATER):
        assert client_of(supervisor).get(PAGE, {"member": member}).status_code == 404


def test_a_stranger_finds_nothing_and_who_left_reads_their_own(worked, stranger, client_of, at):
    worked.role_grants.update(until_day=date(2026, 11, 15))
    Membership.objects.filter(pk=worked.membership.pk).update(until_day=date(2026, 11, 15))
    with at(LATER):
        assert client_of(stranger).get(PAGE).status_code == 404
        answer = client_of(worked).get(PAGE)
    assert len(lines_of(answer)) == 4
    assert "corrections/new" not in answer.content.decode()


@pytest.mark.parametrize("month", ["2026-13", "1999-12", "2026-1"])
def test_a_month_that_is_none_is_not_found(agent, client_of, month):
    assert client_of(agent).get(f"/d/desk/attendance/{month}/").status_code == 404


def test_the_first_month_of_all_has_none_before_it(agent, client_of):
    assert client_of(agent).get("/d/desk/attendance/2000-01/").status_code == 200


def test_the_page_asks_the_database_as_often_for_one_as_for_thirty(department, supervisor, client_of, at):
    counts = []
    for count, day in ((1, 3), (11, 4)):
        for _each in range(count):
            person = add_person(department)
            plan(person, (date(2026, 11, day), "N"))
            with at(f"2026-11-0{day} 17:00"):
                attendance = shifts.clock_in(membership=person.membership)
            with at(f"2026-11-0{day} 23:00"):
                shifts.clock_out(attendance=attendance, actor=person)
        with at(LATER), CaptureQueriesContext(connection) as queries:
            assert len(lines_of(client_of(supervisor).get(PAGE))) == count + (count > 1)
        counts.append(len(queries))
    assert counts[0] == counts[1]
