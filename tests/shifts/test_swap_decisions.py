"""Deciding about swaps: approved but not applied, people of two departments, and warnings that are let stand."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from office.models import AuditEntry, Notice
from office.months import Month
from people.services import add_member
from shifts import services
from shifts.models import (
    Override,
    Swap,
    SwapState,
    VersionCause,
)
from shifts.services import swap_decisions
from tests.shifts.swapping import (
    agree,
    approve,
    code,
    everybody_answers_once,
    gift_of,
    november,
    refusing,
    shift,
    swap_of,
    through,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def week(agent, colleague, paint, publish):
    """Agent: a day shift on the 10th, rest on the 12th, a night on the 20th. Colleague: rest, a day shift, rest."""
    paint((agent, 10, "D"), (agent, 12, "X"), (agent, 20, "N"))
    paint((colleague, 10, "X"), (colleague, 12, "D"), (colleague, 20, "X"))
    publish()


@pytest.fixture
def asked(week, agent, colleague):
    return swap_of(agent, 10, colleague, 12, reason="A wedding")


# -- Approved, not applied --------------------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(other_department, colleague):
    """The colleague belongs to two departments, and is planned in the other on a day."""

    def plan(day, code):
        there = colleague.memberships.filter(department=other_department).first() or add_member(
            actor=None, department=other_department, user=colleague, work_number="88", from_day=date(2026, 1, 1)
        )
        month = Month(2026, 11)
        edit = services.CellEdit(there.pk, november(day), code, 0)
        services.paint(department=other_department, month=month, edits=[edit], actor=colleague)
        seen = services.roster_of(other_department, month).edits
        services.publish(department=other_department, month=month, seen_edits=seen, actor=colleague, reason="so it is")

    return plan


def test_approved_but_refused_by_the_plan_it_stays_unapplied_and_the_owner_answers(
    asked, elsewhere, department, agent, colleague, supervisor
):
    agree(asked, colleague)
    elsewhere(10, "R")
    unapplied = approve(asked, supervisor)
    assert (unapplied.state, unapplied.applied_at) == (SwapState.APPROVED, None)
    assert (code(agent, 10), code(colleague, 12)) == ("D", "D")
    assert shift(agent, 10).answers.get(until_at=None).membership == agent.membership
    kept = AuditEntry.objects.get(action="shifts.swap.not_applied")
    assert colleague.name in kept.facts["reasons"][0]
    told = Notice.objects.filter(message__contains="could not be applied")
    assert set(told.values_list("recipient", flat=True)) == {agent.pk, colleague.pk}
    everybody_answers_once(department)


def test_the_approver_applies_it_again_or_takes_it_back(
    asked, elsewhere, other_department, colleague, supervisor, agent
):
    agree(asked, colleague)
    elsewhere(10, "R")
    approve(asked, supervisor)
    assert swap_decisions.apply(swap=asked, actor=supervisor).state == SwapState.APPROVED
    there = colleague.memberships.get(department=other_department)
    services.change_published(
        department=other_department, actor=supervisor, cause=VersionCause.COVER, cells={(there.pk, november(10)): ""}
    )
    assert swap_decisions.apply(swap=asked, actor=supervisor).state == SwapState.APPLIED
    assert code(colleague, 10) == "D"


def test_taking_back_an_approval_needs_a_reason(asked, elsewhere, colleague, supervisor):
    agree(asked, colleague)
    elsewhere(10, "R")
    approve(asked, supervisor)
    taken_back = swap_decisions.refuse(swap=asked, actor=supervisor, reason="They work elsewhere")
    assert taken_back.state == SwapState.REFUSED


def test_a_person_of_two_departments_is_not_asked_for_what_they_cannot_do(week, elsewhere, agent, colleague):
    elsewhere(10, "N")
    # Day 08:00-17:00 here, night 17:00-01:00 there: no overlap, but two shifts in a row.
    with refusing("shifts_in_a_row"):
        gift_of(agent, 10, colleague)
    elsewhere(20, "R")
    # Night 17:00 here, regular 09:00-18:00 there.
    with refusing("blocked"):
        gift_of(agent, 20, colleague)


def test_the_other_departments_plan_can_follow_an_applied_swap(
    week, elsewhere, department, agent, colleague, supervisor
):
    elsewhere(14, "D")
    assert through(swap_of(agent, 10, colleague, 12), colleague, supervisor).state == SwapState.APPLIED
    everybody_answers_once(department)


# -- Warnings ---------------------------------------------------------------------------------------------------------
def test_a_warning_is_let_stand_with_a_reason_that_is_kept(week, agent, colleague, supervisor, paint, publish):
    # Night on the 20th until 01:00, then regular from 09:00: eight hours of rest, eleven wanted.
    paint((colleague, 21, "R"))
    publish()
    asked = agree(gift_of(agent, 20, colleague), colleague)
    with refusing("reason_needed") as caught:
        approve(asked, supervisor, reason="")
    assert any(colleague.name in message for message in caught.value.messages)
    assert approve(asked, supervisor, reason="Both want it").state == SwapState.APPLIED
    kept = AuditEntry.objects.get(action="shifts.swap.approved")
    assert (kept.facts["reason"], len(kept.facts["warnings"])) == ("Both want it", 1)
    # The next publication does not ask for the same again.
    [override] = Override.objects.filter(key__contains="rest_between_shifts")
    assert (override.reason, override.by) == ("Both want it", supervisor)


def test_a_swap_names_its_refusals_all_at_once(week, agent, colleague, at, paint, publish):
    paint((colleague, 13, "D"), (agent, 13, "D"))
    publish()
    with at("2026-11-13 09:00"), pytest.raises(ValidationError) as caught:
        gift_of(agent, 13, colleague)
    assert len(caught.value.messages) == 2


def test_no_two_live_offers_of_one_shift_in_the_database(asked):
    assert Swap.objects.live().filter(assignment=asked.assignment).count() == 1
