"""Withdrawing and cancelling: what comes back to the roster, and what no longer can."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from office.models import AuditEntry
from office.months import Month
from people.services import add_member
from shifts import services
from shifts.models import (
    Answer,
    Assignment,
    Attendance,
    Layer,
    Leave,
    LeaveState,
    VersionCause,
)
from shifts.services import leave as slips
from tests.conftest import SINCE
from tests.shifts.leave.reading import cells, code_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

NOVEMBER = Month(2026, 11)


def test_a_slip_that_waits_can_be_withdrawn(agent, ask):
    assert slips.withdraw(leave=ask(10), actor=agent).state == LeaveState.WITHDRAWN


def test_a_cancelled_leave_gives_back_what_it_took(planned, agent, supervisor, ask):
    before = cells(agent)
    keys = set(Assignment.objects.published().filter(membership=agent.membership).values_list("pk", flat=True))
    leave = slips.approve(leave=ask(10, 14), actor=supervisor)
    done = slips.cancel(leave=leave, actor=agent)
    assert [day.day for day in done.restored] == [10, 12, 13]
    assert done.emptied == []
    assert cells(agent) == cells(agent, Layer.DRAFT) == before
    # A shift that comes back is the same one as before.
    assert keys == set(Assignment.objects.published().filter(membership=agent.membership).values_list("pk", flat=True))
    assert Answer.objects.current().filter(membership=agent.membership).count() == 3
    assert Leave.objects.get().state == LeaveState.CANCELLED
    assert "林晓彤 is not on leave after all, 2026-11-10 – 2026-11-14. Look at the roster of these days." in told(
        supervisor
    )


def test_a_shift_that_somebody_covers_does_not_come_back(planned, agent, colleague, supervisor, department, ask):
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    services.change_published(
        department=department,
        actor=supervisor,
        cause=VersionCause.COVER,
        cells={(colleague.membership.pk, date(2026, 11, 12)): "D"},
    )
    done = slips.cancel(leave=leave, actor=agent)
    assert ([day.day for day in done.restored], [day.day for day in done.covered]) == ([10], [12])
    assert done.nobodys == []
    assert cells(agent) == {10: "D", 11: "X", 13: "N"}


def test_a_shift_that_no_longer_fits_the_person_does_not_come_back(
    planned, agent, supervisor, stranger, other_department, ask
):
    leave = slips.approve(leave=ask(12), actor=supervisor)
    there = add_member(actor=None, department=other_department, user=agent, work_number="88", from_day=SINCE)
    edit = services.CellEdit(there.pk, date(2026, 11, 12), "R", 0)
    services.paint(department=other_department, month=NOVEMBER, edits=[edit], actor=stranger)
    done = slips.cancel(leave=leave, actor=agent)
    assert ([day.day for day in done.nobodys], done.restored) == ([12], [])
    assert 12 not in cells(agent)


def test_a_cell_that_was_changed_since_stays(planned, agent, supervisor, department, ask):
    leave = slips.approve(leave=ask(12, 13), actor=supervisor)
    services.change_published(
        department=department,
        actor=supervisor,
        cause=VersionCause.COVER,
        cells={(agent.membership.pk, date(2026, 11, 13)): "R"},
    )
    slips.cancel(leave=leave, actor=agent)
    assert (cells(agent)[12], cells(agent)[13]) == ("D", "R")


def test_a_draft_gets_back_what_the_leave_took(agent, supervisor, paint, ask):
    paint((agent, 10, "D"))
    leave = slips.approve(leave=ask(10, 11), actor=supervisor)
    slips.cancel(leave=leave, actor=agent)
    assert cells(agent, Layer.DRAFT) == {10: "D"}


def test_a_leave_that_was_published_only_later_gives_back_too(agent, supervisor, paint, publish, ask):
    paint((agent, 10, "D"))
    leave = slips.approve(leave=ask(10), actor=supervisor)
    publish()
    assert cells(agent) == {10: "PL"}
    slips.cancel(leave=leave, actor=agent)
    assert cells(agent) == cells(agent, Layer.DRAFT) == {10: "D"}


def test_once_it_has_begun_only_who_approves_ends_it_and_gives_back_what_is_to_come(
    planned, agent, supervisor, ask, at
):
    leave = slips.approve(leave=ask(10, 14), actor=supervisor)
    with at("2026-11-12 10:00"):
        with pytest.raises(ValidationError) as refused:
            slips.cancel(leave=leave, actor=agent)
        assert code_of(refused) == "begun"
        with pytest.raises(ValidationError) as refused:
            slips.cancel(leave=leave, actor=supervisor)
        assert code_of(refused) == "no_reason"
        done = slips.cancel(leave=leave, actor=supervisor, reason="Well again")
        # The shift of the 12th should have begun at 08:00: it stays leave.
        assert [day.day for day in done.restored] == [13]
        assert cells(agent) == {10: "PL", 11: "X", 12: "PL", 13: "N"}
        assert told(agent)[-1].endswith("Well again")


def test_ended_half_way_it_stays_approved_with_the_days_that_were_taken(
    planned, agent, supervisor, manager, department, ask, at
):
    leave = slips.approve(leave=ask(10, 14), actor=supervisor)
    with at("2026-11-12 10:00"):
        done = slips.cancel(leave=leave, actor=supervisor, reason="Well again")
    leave.refresh_from_db()
    assert done.ended
    assert (leave.state, leave.first_day.day, leave.last_day.day) == (LeaveState.APPROVED, 10, 12)
    assert leave.replaced == [["2026-11-10", "D"], ["2026-11-12", "D"]]
    assert told(agent)[-1] == "Your leave ends earlier: Personal leave, 2026-11-10 – 2026-11-12. Well again"
    entry = AuditEntry.objects.get(action="shifts.leave.ended")
    assert entry.facts["was"] == "2026-11-10 – 2026-11-14"
    # From the 13th on the days are free for another slip.
    assert ask(13).pk


def test_ended_before_todays_shift_begins_today_comes_back_too(planned, agent, supervisor, ask, at):
    leave = slips.approve(leave=ask(10, 14), actor=supervisor)
    with at("2026-11-12 06:00"):
        done = slips.cancel(leave=leave, actor=supervisor, reason="Well again")
    leave.refresh_from_db()
    assert [day.day for day in done.restored] == [12, 13]
    assert (leave.state, leave.last_day.day) == (LeaveState.APPROVED, 11)


def test_of_which_nothing_was_taken_yet_is_cancelled_as_a_whole(planned, agent, supervisor, ask, at):
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    with at("2026-11-10 06:00"):
        done = slips.cancel(leave=leave, actor=supervisor, reason="A mistake")
    leave.refresh_from_db()
    assert (done.ended, leave.state, leave.last_day.day) == (False, LeaveState.CANCELLED, 12)
    assert cells(agent) == {10: "D", 11: "X", 12: "D", 13: "N"}


def test_a_last_day_that_has_begun_is_taken(planned, agent, supervisor, ask, at):
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    with at("2026-11-12 08:00"), pytest.raises(ValidationError) as refused:
        slips.cancel(leave=leave, actor=supervisor, reason="Too late")
    assert code_of(refused) == "over"
    leave.refresh_from_db()
    assert leave.state == LeaveState.APPROVED


def test_hours_that_have_begun_end_now(planned, agent, supervisor, ask, at, wall):
    hours = {"starts_at": wall("2026-11-10 09:00"), "ends_at": wall("2026-11-10 12:00")}
    leave = slips.approve(leave=ask(10, **hours), actor=supervisor)
    with at("2026-11-10 10:30"):
        assert slips.cancel(leave=leave, actor=supervisor, reason="Back early").ended
    leave.refresh_from_db()
    assert (leave.state, leave.ends_at) == (LeaveState.APPROVED, wall("2026-11-10 10:30"))


def test_a_leave_that_is_over_stays(planned, agent, supervisor, ask, at):
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    with at("2026-11-13 00:00"), pytest.raises(ValidationError) as refused:
        slips.cancel(leave=leave, actor=supervisor, reason="Too late")
    assert code_of(refused) == "over"


def test_only_an_approved_leave_is_cancelled(agent, ask):
    with pytest.raises(ValidationError) as refused:
        slips.cancel(leave=ask(10), actor=agent)
    assert code_of(refused) == "not_approved"


def test_after_it_was_cancelled_the_same_days_can_be_asked_for_again(planned, agent, supervisor, ask):
    slips.cancel(leave=slips.approve(leave=ask(10), actor=supervisor), actor=agent)
    again = slips.approve(leave=ask(10, kind="SL"), actor=supervisor)
    assert cells(agent)[10] == "SL"
    slips.cancel(leave=again, actor=agent)
    assert cells(agent)[10] == "D"


def test_no_attendance_is_made_up(planned, supervisor, ask):
    slips.approve(leave=ask(10, 14), actor=supervisor)
    assert not Attendance.objects.exists()
