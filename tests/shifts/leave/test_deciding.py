"""Approving and refusing: what comes off the roster, and what stays."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from office.months import Month
from people.models import Membership, Role
from shifts import services
from shifts.models import (
    Answer,
    Assignment,
    Layer,
    Leave,
    LeaveState,
    RosterVersion,
    VersionCause,
)
from shifts.services import leave as slips
from tests.factories import add_person
from tests.shifts.leave.reading import NOTE, cells, code_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

DECEMBER = Month(2026, 12)


def test_an_approved_leave_takes_shifts_and_empty_days_and_leaves_rest_days(planned, agent, supervisor, ask):
    leave = slips.approve(leave=ask(10, 14), actor=supervisor, note="Enjoy it")
    after = {10: "PL", 11: "X", 12: "PL", 13: "PL", 14: "PL"}
    assert cells(agent) == cells(agent, Layer.DRAFT) == after
    assert leave.replaced == [["2026-11-10", "D"], ["2026-11-12", "D"], ["2026-11-13", "N"], ["2026-11-14", ""]]
    assert (leave.decided_by, leave.decision_reason) == (supervisor, "Enjoy it")
    assert told(agent)[-1] == "Your leave is approved: Personal leave, 2026-11-10 – 2026-11-14."
    version = RosterVersion.objects.first()
    assert (version.number, version.cause) == (2, VersionCause.LEAVE)
    # Nobody answers for a shift that is no more.
    assert not Answer.objects.current().filter(membership=agent.membership).exists()


def test_whoever_edits_the_roster_is_told_of_the_gap(planned, department, agent, supervisor, ask):
    other = add_person(department, name="李主管", work_number="95", roles=[Role.SUPERVISOR], rostered=False)
    slips.approve(leave=ask(10, 14), actor=other)
    assert told(supervisor)[-1] == (
        "林晓彤 is on leave, 2026-11-10 – 2026-11-14. Shifts that are free now: 11-10 · 11-12 · 11-13"
    )


def test_the_past_stays_as_it_was_planned(planned, agent, supervisor, ask, at):
    with at("2026-11-12 20:00"):
        leave = slips.approve(leave=ask(10, 13, kind="SL"), actor=supervisor)
        assert cells(agent) == {10: "D", 11: "X", 12: "SL", 13: "SL"}
        assert leave.replaced == [["2026-11-12", "D"], ["2026-11-13", "N"]]


def test_leave_that_is_over_stands_for_attendance_and_changes_nothing(planned, agent, supervisor, ask, at):
    with at("2026-11-20 09:00"):
        before = cells(agent)
        leave = slips.approve(leave=ask(10, kind="SL"), actor=supervisor)
        assert (leave.state, cells(agent)) == (LeaveState.APPROVED, before)
        assert RosterVersion.objects.count() == 1


def test_a_shift_that_has_begun_stays(planned, agent, supervisor, ask, at):
    with at("2026-11-12 08:00"):
        services.clock_in(membership=agent.membership)
        leave = slips.approve(leave=ask(12, 13, kind="SL"), actor=supervisor)
        assert cells(agent)[12] == "D"
        assert leave.replaced == [["2026-11-13", "N"]]


def test_a_month_that_is_not_published_is_changed_in_its_draft(agent, supervisor, paint, ask):
    paint((agent, 10, "D"), (agent, 11, "X"))
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    assert cells(agent, Layer.DRAFT) == {10: "PL", 11: "X", 12: "PL"}
    assert cells(agent) == {}
    assert leave.replaced == [["2026-11-10", "D"], ["2026-11-12", ""]]
    assert not RosterVersion.objects.exists()


def test_a_leave_over_two_months_changes_one_as_published_and_one_as_drafted(planned, agent, supervisor, paint, ask):
    paint((agent, 1, "N"), month=DECEMBER)
    leave = slips.approve(leave=ask(30, date(2026, 12, 2)), actor=supervisor)
    assert leave.replaced == [["2026-11-30", ""], ["2026-12-01", "N"], ["2026-12-02", ""]]
    assert Assignment.objects.published().get(business_date=date(2026, 11, 30)).code == "PL"
    assert Assignment.objects.draft().get(business_date=date(2026, 12, 1)).code == "PL"


def test_an_edit_of_the_draft_that_waits_stays_and_shows_as_a_difference(planned, agent, supervisor, paint, ask):
    seen = Assignment.objects.draft().get(membership=agent.membership, business_date=date(2026, 11, 12)).version
    paint((agent, 12, "R"), seen=seen)
    slips.approve(leave=ask(12), actor=supervisor)
    assert (cells(agent)[12], cells(agent, Layer.DRAFT)[12]) == ("PL", "R")


def test_whoever_is_not_on_the_roster_has_nothing_taken_off(manager, supervisor, ask):
    leave = slips.approve(leave=ask(10, who=manager), actor=supervisor)
    assert (leave.state, leave.replaced) == (LeaveState.APPROVED, [])


def test_nobody_decides_about_their_own_leave(supervisor, ask):
    leave = ask(10, who=supervisor)
    for decide in (lambda: slips.approve(leave=leave, actor=supervisor), lambda: refuse(leave, supervisor)):
        with pytest.raises(ValidationError) as refused:
            decide()
        assert code_of(refused) == "own_leave"


def refuse(leave, actor, reason="No"):
    return slips.refuse(leave=leave, actor=actor, reason=reason)


def test_a_slip_is_decided_once(agent, supervisor, ask):
    leave = slips.approve(leave=ask(10), actor=supervisor)
    for again in (
        lambda: slips.approve(leave=leave, actor=supervisor),
        lambda: refuse(leave, supervisor),
        lambda: slips.withdraw(leave=leave, actor=agent),
    ):
        with pytest.raises(ValidationError) as refused:
            again()
        assert code_of(refused) == "already_decided"


def test_a_refusal_says_why(agent, supervisor, ask):
    with pytest.raises(ValidationError) as refused:
        refuse(ask(10), supervisor, "  ")
    assert code_of(refused) == "no_reason"
    refuse(Leave.objects.get(), supervisor, "The 11.11 sale")
    assert told(agent)[-1] == "Your leave is refused: Personal leave, 2026-11-10. The 11.11 sale"


def test_what_changed_since_the_slip_was_handed_in_is_asked_again(agent, department, supervisor, ask):
    leave = ask(10, 12)
    Membership.objects.filter(user=agent).update(until_day=date(2026, 11, 11))
    with pytest.raises(ValidationError) as refused:
        slips.approve(leave=leave, actor=supervisor)
    assert code_of(refused) == "not_member"
    assert Leave.objects.get().state == LeaveState.ASKED


# ── The other rulebook: one person a day ──


def test_the_last_place_of_a_day_is_given_once_and_the_refusal_names_the_days(harbour, ask):
    one, two, approver = harbour
    slips.approve(leave=ask(20, 21, who=one, kind="HO"), actor=approver)
    second = ask(21, 22, who=two, kind="HO")
    with pytest.raises(ValidationError) as refused:
        slips.approve(leave=second, actor=approver)
    assert code_of(refused) == "too_many_off"
    assert "11-21" in refused.value.messages[0] and "11-22" not in refused.value.messages[0]
    slips.cancel(leave=Leave.objects.get(membership=one.membership), actor=one)
    assert slips.approve(leave=second, actor=approver).state == LeaveState.APPROVED


def test_hours_take_no_place_of_a_day(harbour, ask, changed_department):
    one, two, approver = harbour
    nine = datetime(2026, 11, 20, 9, tzinfo=changed_department.zone)
    hours = {"starts_at": nine, "ends_at": nine + timedelta(hours=2)}
    note = SimpleUploadedFile("note.jpg", NOTE)
    slips.approve(leave=ask(20, who=one, kind="IL", file=note, **hours), actor=approver)
    assert slips.approve(leave=ask(20, who=two, kind="HO"), actor=approver).state == LeaveState.APPROVED
