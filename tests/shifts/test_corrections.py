"""Corrections: asked for by whose shift it was, decided by somebody else; what was clocked stays as it was."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office import clock
from office.models import Notice
from people.models import Role
from shifts import services as shifts
from shifts.models import Assignment, Attendance, Correction, Roster
from shifts.services import corrections as services
from tests.factories import add_person

pytestmark = pytest.mark.django_db

LIST = "/d/desk/corrections/"
NEXT_DAY = "2026-11-11 12:00"


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def worked(night_shift, agent, at):
    """The night of the 10th, clocked in at 16:55 and out at 00:40."""
    with at("2026-11-11 00:40"):
        return shifts.clock_out(attendance=night_shift, actor=agent)


@pytest.fixture
def empty(agent, paint, publish, at):
    """The agent's published day shift of the 10th, which nobody clocked into."""
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"))
        publish()
    return Assignment.objects.published().get()


@pytest.fixture
def ask(at, wall, agent):
    def do(assignment, came, left, *, reason="I forgot", actor=agent, now=NEXT_DAY):
        with at(now):
            return services.ask(
                assignment=assignment, came_at=wall(came), left_at=wall(left), reason=reason, actor=actor
            )

    return do


def code_of(caught):
    return caught.value.code


def test_what_was_clocked_stays_and_the_correction_stands_beside_it(worked, ask, supervisor, agent, at, wall):
    asked = ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    assert Notice.objects.filter(recipient=supervisor, link=f"{LIST}{asked.pk}/").count() == 1
    with at(NEXT_DAY):
        services.approve(correction=asked, actor=supervisor, reason="seen on the camera")
    worked.refresh_from_db()
    assert worked.clocked_out_at == wall("2026-11-11 00:40")
    assert (worked.came_at, worked.left_at) == (wall("2026-11-10 16:55"), wall("2026-11-11 01:04"))
    found = Attendance.objects.with_worked_times().get()
    assert found.worked_until == wall("2026-11-11 01:04")
    assert Notice.objects.filter(recipient=agent, link=f"{LIST}{asked.pk}/").count() == 1


def test_a_shift_never_clocked_into_gets_its_attendance_by_the_correction(empty, ask, supervisor, at, wall):
    asked = ask(empty, "2026-11-10 08:00", "2026-11-10 17:00")
    assert not Attendance.objects.exists()
    with at(NEXT_DAY):
        services.approve(correction=asked, actor=supervisor)
    made = Attendance.objects.get()
    assert (made.source, made.code, made.business_date) == ("correction", "D", date(2026, 11, 10))
    assert (made.clocked_in_at, made.clocked_out_at) == (wall("2026-11-10 08:00"), wall("2026-11-10 17:00"))


def test_a_second_correction_takes_the_place_of_the_first(worked, ask, supervisor, at, wall):
    for left in ("2026-11-11 01:04", "2026-11-11 01:00"):
        asked = ask(worked.assignment, "2026-11-10 16:55", left)
        with at(NEXT_DAY):
            services.approve(correction=asked, actor=supervisor)
    worked.refresh_from_db()
    assert worked.left_at == wall("2026-11-11 01:00")
    assert Correction.objects.count() == 2


@pytest.mark.parametrize(
    ("came", "left", "code"),
    [
        ("2026-11-10 17:00", "2026-11-10 16:59", "left_before_came"),
        ("2026-11-10 17:00", "2026-11-10 17:00", "left_before_came"),
        ("2026-11-10 17:00", "2026-11-11 12:01", "in_future"),
        ("2026-11-08 23:59", "2026-11-11 01:00", "not_around"),
        ("2026-11-10 09:00", "2026-11-10 17:00", "not_around"),
        ("2026-11-11 01:00", "2026-11-11 02:00", "not_around"),
    ],
)
def test_times_that_cannot_be_are_refused(worked, ask, came, left, code):
    with pytest.raises(ValidationError) as caught:
        ask(worked.assignment, came, left)
    assert code_of(caught) == code
    assert not Correction.objects.exists()


def test_two_days_after_its_end_nobody_is_still_on_a_shift(worked, ask):
    with pytest.raises(ValidationError) as caught:
        ask(worked.assignment, "2026-11-10 17:00", "2026-11-12 01:01", now="2026-11-14 12:00")
    assert code_of(caught) == "not_around"


def test_nobody_worked_two_shifts_at_once(agent, paint, publish, at, ask):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"), (agent, 11, "D"))
        publish()
    with at("2026-11-11 08:00"):
        day = shifts.clock_in(membership=agent.membership)
    with at("2026-11-11 17:00"):
        shifts.clock_out(attendance=day, actor=agent)
    night = Assignment.objects.published().get(code="N")
    with pytest.raises(ValidationError) as caught:
        ask(night, "2026-11-10 17:00", "2026-11-11 08:01", now="2026-11-12 12:00")
    assert code_of(caught) == "other_shift"
    assert ask(night, "2026-11-10 17:00", "2026-11-11 08:00", now="2026-11-12 12:00").pk


def test_a_shift_that_is_not_over_is_not_corrected(night_shift, ask):
    with pytest.raises(ValidationError) as caught:
        ask(night_shift.assignment, "2026-11-10 17:00", "2026-11-10 20:00", now="2026-11-10 21:00")
    assert code_of(caught) == "not_over"
    # Past its end, but nobody has clocked out yet.
    with pytest.raises(ValidationError) as caught:
        ask(night_shift.assignment, "2026-11-10 17:00", "2026-11-11 01:00", now="2026-11-11 01:30")
    assert code_of(caught) == "not_over"


def test_a_rest_day_has_nothing_to_correct(agent, paint, publish, at, ask):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "X"))
        publish()
    with pytest.raises(ValidationError) as caught:
        ask(Assignment.objects.published().get(), "2026-11-10 08:00", "2026-11-10 17:00")
    assert code_of(caught) == "no_shift"


def test_one_request_for_a_shift_waits_at_a_time(worked, ask):
    ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    with pytest.raises(ValidationError) as caught:
        ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:10")
    assert code_of(caught) == "already_asked"


@pytest.mark.parametrize(("reason", "code"), [("", "no_reason"), ("  ", "no_reason"), ("x" * 501, "too_long")])
def test_a_correction_says_why(worked, ask, reason, code):
    with pytest.raises(ValidationError) as caught:
        ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04", reason=reason)
    assert code_of(caught) == code


def test_a_closed_month_is_neither_asked_about_nor_decided(worked, ask, supervisor, at):
    asked = ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    Roster.objects.update(locked_at=clock.now(), locked_by=supervisor)
    with at(NEXT_DAY), pytest.raises(ValidationError) as caught:
        services.approve(correction=asked, actor=supervisor)
    assert code_of(caught) == "locked"
    with pytest.raises(ValidationError) as caught:
        ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:10")
    assert code_of(caught) == "locked"
    worked.refresh_from_db()
    assert worked.correction is None


def test_nobody_asks_about_somebody_elses_shift(worked, ask, colleague):
    with pytest.raises(ValidationError) as caught:
        ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04", actor=colleague)
    assert code_of(caught) == "not_yours"


@pytest.fixture
def entered(worked, ask, supervisor):
    """The agent is absent; the supervisor enters when they left."""
    return ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04", reason="Is ill", actor=supervisor)


@pytest.fixture
def second_supervisor(department):
    return add_person(department, work_number="77", roles=[Role.SUPERVISOR], rostered=False)


def test_who_decides_about_corrections_enters_one_for_somebody_absent_who_is_told(
    second_supervisor, entered, agent, supervisor
):
    assert (entered.membership.user, entered.asked_by, entered.is_entered) == (agent, supervisor, True)
    told = Notice.objects.filter(link=f"{LIST}{entered.pk}/")
    assert {row.recipient: row.message for row in told} == {
        agent: services.ENTERED,
        second_supervisor: services.WAITS_ENTERED,
    }
    assert told.get(recipient=agent).params["reason"] == "Is ill"


def test_what_somebody_has_entered_somebody_else_decides(
    second_supervisor, entered, worked, supervisor, agent, colleague, at
):
    with at(NEXT_DAY):
        for decide in (services.approve, services.refuse):
            with pytest.raises(ValidationError) as caught:
                decide(correction=entered, actor=supervisor, reason="as I said")
            assert code_of(caught) == "own_entry"
        with pytest.raises(ValidationError) as caught:
            services.approve(correction=entered, actor=agent)
        assert code_of(caught) == "own_case"
        services.approve(correction=entered, actor=second_supervisor)
    worked.refresh_from_db()
    assert worked.correction == entered


def test_who_is_the_only_one_who_may_decides_what_they_have_entered(entered, worked, supervisor, at):
    with at(NEXT_DAY):
        services.approve(correction=entered, actor=supervisor)
    worked.refresh_from_db()
    assert worked.correction == entered


def test_a_second_who_may_is_none_when_it_is_about_them(
    department, second_supervisor, paint, publish, ask, supervisor, at
):
    second_supervisor.membership.rostered = True
    second_supervisor.membership.save()
    with at("2026-10-25 12:00"):
        paint((second_supervisor, 10, "D"))
        publish()
    entered = ask(Assignment.objects.published().get(), "2026-11-10 08:00", "2026-11-10 17:00", actor=supervisor)
    with at(NEXT_DAY):
        assert services.approve(correction=entered, actor=supervisor).state == "approved"


def test_who_entered_it_takes_it_back_and_not_whom_it_is_about(entered, agent, supervisor):
    with pytest.raises(ValidationError) as caught:
        services.withdraw(correction=entered, actor=agent)
    assert code_of(caught) == "not_yours"
    assert services.withdraw(correction=entered, actor=supervisor).state == "withdrawn"


def test_nobody_decides_about_themselves_without_the_right_or_twice(worked, ask, agent, colleague, supervisor, at):
    asked = ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    with at(NEXT_DAY):
        for actor, code in ((agent, "own_case"), (colleague, "no_right")):
            with pytest.raises(ValidationError) as caught:
                services.approve(correction=asked, actor=actor)
            assert code_of(caught) == code
        services.refuse(correction=asked, actor=supervisor, reason="nobody saw it")
        for again in (services.approve, services.refuse):
            with pytest.raises(ValidationError) as caught:
                again(correction=asked, actor=supervisor, reason="once more")
            assert code_of(caught) == "already_decided"
    worked.refresh_from_db()
    assert worked.correction is None


def test_a_refusal_says_why(worked, ask, supervisor, at):
    asked = ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    with at(NEXT_DAY), pytest.raises(ValidationError) as caught:
        services.refuse(correction=asked, actor=supervisor, reason=" ")
    assert code_of(caught) == "no_reason"


def test_a_request_is_withdrawn_by_who_asked_and_then_another_may_be_asked(worked, ask, agent, supervisor, at):
    asked = ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    with at(NEXT_DAY):
        with pytest.raises(ValidationError) as caught:
            services.withdraw(correction=asked, actor=supervisor)
        assert code_of(caught) == "not_yours"
        services.withdraw(correction=asked, actor=agent)
        with pytest.raises(ValidationError):
            services.approve(correction=asked, actor=supervisor)
    assert ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:10").pk


def test_the_waiting_ones_are_counted_with_the_oldest(worked, empty_for_colleague, ask, colleague, department, wall):
    ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    ask(empty_for_colleague, "2026-11-10 08:00", "2026-11-10 17:00", actor=colleague, now="2026-11-11 09:00")
    assert services.waiting_corrections(department) == (2, wall("2026-11-11 09:00"))


@pytest.fixture
def empty_for_colleague(worked, colleague, paint, publish, at):
    with at("2026-10-26 12:00"):
        paint((colleague, 10, "D"))
        publish()
    return Assignment.objects.published().get(membership=colleague.membership)


# -- Pages ------------------------------------------------------------------------------------------------------------
def test_from_the_form_to_the_decision(worked, agent, supervisor, client_of, at):
    with at(NEXT_DAY):
        address = f"{LIST}new/?shift={worked.assignment.pk}"
        form = client_of(agent).get(address).content.decode()
        assert 'value="2026-11-10T16:55"' in form
        sent = {
            "shift": worked.assignment.pk,
            "came_at": "2026-11-10T16:55",
            "left_at": "2026-11-11T01:04",
            "reason": "Forgot",
        }
        answer = client_of(agent).post(address, sent, follow=True)
        assert "Those who decide about corrections have been told." in text_of(answer)
        asked = Correction.objects.get()
        # While it waits, the form leads to it.
        assert client_of(agent).get(address).headers["Location"] == f"{LIST}{asked.pk}/"
        assert "林晓彤" in text_of(client_of(supervisor).get(LIST))
        client_of(supervisor).post(f"{LIST}{asked.pk}/approve/", {"reason": ""})
        assert "Approved" in text_of(client_of(agent).get(f"{LIST}{asked.pk}/"))
    worked.refresh_from_db()
    assert worked.correction == asked


def test_a_supervisor_enters_it_from_the_members_month(worked, agent, supervisor, second_supervisor, client_of, at):
    address = f"{LIST}new/?shift={worked.assignment.pk}"
    with at(NEXT_DAY):
        client = client_of(supervisor)
        month = client.get(f"/d/desk/attendance/2026-11/?member={agent.membership.pk}").content.decode()
        assert address in month
        assert "You enter this for 林晓彤" in text_of(client.get(address))
        assert "You enter this for" not in text_of(client_of(agent).get(address))
        sent = {"came_at": "2026-11-10T16:55", "left_at": "2026-11-11T01:04", "reason": "Is ill"}
        page = client.post(address, sent, follow=True)
        asked = Correction.objects.get()
        # It waits for the other one: to take back, not to decide.
        assert (page.context["may_decide"], page.context["may_withdraw"]) == (False, True)
        assert client.post(f"{LIST}{asked.pk}/approve/").status_code == 403
        assert "entered by" in text_of(client.get(LIST))
        assert client_of(agent).post(f"{LIST}{asked.pk}/withdraw/").status_code == 403
        assert client_of(second_supervisor).get(f"{LIST}{asked.pk}/").context["may_decide"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"left_at": "2026-11-10T16:00"},
        {"left_at": "2030-01-01T00:00"},
        {"came_at": "soon"},
        {"came_at": "0001-01-01T00:00"},
        {"left_at": "9999-12-31T23:59"},
        {"came_at": ""},
        {"reason": "x" * 501},
        {"reason": ""},
    ],
)
def test_a_refused_form_keeps_what_was_typed(worked, agent, client_of, at, wrong):
    sent = {
        "shift": worked.assignment.pk,
        "came_at": "2026-11-10T16:55",
        "left_at": "2026-11-11T01:04",
        "reason": "Forgot to press",
    } | wrong
    with at(NEXT_DAY):
        answer = client_of(agent).post(f"{LIST}new/", sent)
    assert answer.status_code == 422
    body = answer.content.decode()
    assert all(str(value) in body for value in sent.values())
    assert not Correction.objects.exists()


def test_a_clock_out_before_the_clock_in_is_said_clearly(worked, agent, client_of, at):
    sent = {
        "shift": worked.assignment.pk,
        "came_at": "2026-11-10T16:55",
        "left_at": "2026-11-10T16:50",
        "reason": "Forgot",
    }
    with at(NEXT_DAY):
        answer = client_of(agent).post(f"{LIST}new/", sent)
    assert "The clock-out lies before the clock-in" in text_of(answer)


def test_a_shift_that_still_runs_says_so_instead_of_a_form(night_shift, agent, client_of, at):
    with at("2026-11-10 20:00"):
        answer = client_of(agent).get(f"{LIST}new/?shift={night_shift.assignment.pk}")
    assert "This shift is not over yet." in text_of(answer)
    assert "datetime-local" not in answer.content.decode()


@pytest.mark.parametrize("shift", ["", "0", "x", "9" * 30, "-1"])
def test_a_form_about_no_shift_is_not_found(worked, agent, client_of, shift):
    assert client_of(agent).get(f"{LIST}new/?shift={shift}").status_code == 404


def test_who_sees_and_who_decides(worked, ask, agent, colleague, manager, supervisor, stranger, client_of, at):
    asked = ask(worked.assignment, "2026-11-10 16:55", "2026-11-11 01:04")
    page = f"{LIST}{asked.pk}/"
    with at(NEXT_DAY):
        seen = {agent: 200, supervisor: 200, colleague: 404, manager: 404, stranger: 404}
        assert {user: client_of(user).get(page).status_code for user in seen} == seen
        for action in ("approve", "refuse"):
            refused = {agent: 403, colleague: 404, manager: 404, stranger: 404}
            assert {user: client_of(user).post(f"{page}{action}/").status_code for user in refused} == refused
        assert client_of(supervisor).post(f"{page}withdraw/").status_code == 403
        assert client_of(supervisor).post(f"{page}refuse/", {"reason": ""}).status_code == 422
        # Somebody else's shift is no shift to correct.
        assert client_of(colleague).get(f"{LIST}new/?shift={worked.assignment.pk}").status_code == 404
        client_of(agent).post(f"{page}withdraw/")
        assert client_of(supervisor).post(f"{page}approve/").status_code == 422
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_the_list_is_the_same_for_one_and_for_thirty(department, supervisor, paint, publish, ask, client_of, at):
    people = [add_person(department) for _each in range(12)]
    with at("2026-10-25 12:00"):
        paint(*[(person, 10, "D") for person in people])
        publish()
    counts = []
    for number, shift in enumerate(Assignment.objects.published().select_related("membership__user")):
        ask(shift, "2026-11-10 08:00", "2026-11-10 17:00", actor=shift.membership.user)
        if number in (0, 11):
            with at(NEXT_DAY), CaptureQueriesContext(connection) as queries:
                assert len(client_of(supervisor).get(LIST).context["table"].page) == number + 1
            counts.append(len(queries))
    assert counts[0] == counts[1]
    with at(NEXT_DAY):
        assert client_of(supervisor).get(f"{LIST}?export=xlsx").status_code == 200


def test_a_night_is_corrected_across_the_change_of_the_clock(at):
    from tests.shifts.test_attendance_matching import BERLIN_NIGHT, a_department, plan

    person = add_person(a_department("berlin", BERLIN_NIGHT, time_zone="Europe/Berlin"))
    plan(person, (date(2026, 10, 24), "N"))
    shift = Assignment.objects.published().get()
    start, end = shift.times
    with clock.at(end + timedelta(days=1)):
        asked = services.ask(assignment=shift, came_at=start, left_at=end, reason="forgot", actor=person)
    assert asked.left_at - asked.came_at == timedelta(hours=9)
