"""Cover: who can stand in and why others cannot, putting somebody on a shift, and open shifts."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office.models import AuditEntry, Notice
from office.months import Month
from people.models import Role
from people.services import add_member
from rulebooks.services import in_force
from shifts import services
from shifts.answering import answering_at, answers_of
from shifts.candidates import candidates, partners, takers
from shifts.models import Answer, AnswerCause, Layer, Swap, SwapState, VersionCause
from shifts.services import cover, swaps
from tests.factories import add_person
from tests.shifts.swapping import (
    agree,
    approve,
    code,
    everybody_answers_once,
    gift_of,
    november,
    refusing,
    shift,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def week(agent, colleague, leader, paint, publish):
    """On the 10th the agent has the day shift, the colleague a rest day and the leader nothing."""
    paint((agent, 10, "D"), (colleague, 10, "X"), (agent, 12, "D"), (leader, 20, "D"))
    publish()


def by_person(found):
    return {one.membership.user: one for one in found}


# -- Who can ----------------------------------------------------------------------------------------------------------
def test_everybody_rostered_is_named_the_legal_ones_first(week, department, agent, colleague, leader):
    found = candidates(department, november(10), "D")
    assert [one.membership.user for one in found] == [leader, colleague, agent]
    assert [one.legal for one in found] == [True, True, False]
    assert "already has a shift" in by_person(found)[agent].reasons[0]


def test_whoever_is_replaced_is_no_candidate(week, department, agent):
    found = candidates(department, november(10), "D", without=agent.membership)
    assert agent not in by_person(found)


def test_who_lacks_the_rest_between_shifts_is_warned_of(week, department, leader, paint, publish):
    # Night until 01:00 on the 10th, day from 08:00: seven hours, eleven wanted.
    paint((leader, 9, "N"))
    publish()
    one = by_person(candidates(department, november(10), "D"))[leader]
    assert one.legal
    assert leader.name in one.warnings[0]


def test_who_works_in_another_department_then_cannot(week, department, other_department, leader, supervisor):
    there = add_member(
        actor=None, department=other_department, user=leader, work_number="88", from_day=date(2026, 1, 1)
    )
    month = Month(2026, 11)
    edit = services.CellEdit(there.pk, november(10), "R", 0)
    services.paint(department=other_department, month=month, edits=[edit], actor=supervisor)
    services.publish(department=other_department, month=month, seen_edits=1, actor=supervisor, reason="x")
    one = by_person(candidates(department, november(10), "D"))[leader]
    assert not one.legal
    assert leader.name in one.reasons[0]


def test_who_is_no_member_on_that_day_and_months_that_are_not_published(week, department, leader):
    leader.membership.until_day = november(9)
    leader.membership.save()
    assert "not on the roster" in by_person(candidates(department, november(10), "D"))[leader].reasons[0]
    december = candidates(department, date(2026, 12, 10), "D")
    assert december
    assert not any(one.legal for one in december)
    assert "not published" in december[0].reasons[0]


def test_what_has_begun_and_what_is_no_shift(week, department, at):
    with at("2026-11-10 08:00"):
        assert "begun" in candidates(department, november(10), "D")[0].reasons[0]
    assert "no such shift" in candidates(department, november(10), "Q")[0].reasons[0]


@pytest.mark.parametrize("ask", ["candidates", "takers", "partners"])
def test_as_many_queries_for_one_as_for_thirty(week, department, agent, paint, publish, ask):
    def asked():
        with CaptureQueriesContext(connection) as counted:
            row = shift(agent, 10)
            row.membership.department = department
            row.membership.user = agent
            {"candidates": lambda: candidates(department, november(10), "D"), "takers": lambda: takers(row)}.get(
                ask, lambda: partners(row)
            )()
        return len(counted)

    before = asked()
    people = [add_person(department, work_number=f"3{n:02}", roles=[Role.AGENT]) for n in range(30)]
    paint(*[(person, day, "D") for person in people for day in (8, 11, 13)])
    publish()
    assert asked() == before


def test_partners_are_named_with_their_shifts_and_the_others_with_why_not(
    week, agent, colleague, leader, paint, publish
):
    paint((colleague, 11, "D"), (leader, 12, "N"), (leader, 10, "N"))
    publish()
    found = {one.membership.user: one for one in partners(shift(agent, 10))}
    assert [exchange.assignment.business_date.day for exchange in found[colleague].exchanges] == [11]
    # Their shift of the same day can be exchanged; on the 12th the agent works already.
    assert [exchange.assignment.business_date.day for exchange in found[leader].exchanges] == [10]
    paint((colleague, 11, ""), seen=shift(colleague, 11, Layer.DRAFT).version)
    publish()
    found = {one.membership.user: one for one in partners(shift(agent, 10))}
    assert (found[colleague].legal, found[colleague].reasons) == (False, [])


def test_a_partners_shift_that_has_begun_is_neither_offered_nor_a_reason(week, agent, colleague, paint, publish, at):
    paint((colleague, 9, "D"))
    publish()
    with at("2026-11-09 08:00"):
        found = {one.membership.user: one for one in partners(shift(agent, 12))}
    assert (found[colleague].exchanges, found[colleague].reasons) == ([], [])


def test_takers_are_judged_by_the_section_on_swaps_too(week, agent, leader, paint, publish):
    paint((leader, 9, "N"))
    publish()
    one = by_person(takers(shift(agent, 10)))[leader]
    assert not one.legal
    assert any("in a row" in reason for reason in one.reasons)


# -- Putting somebody on it -------------------------------------------------------------------------------------------
def put_on(department, person, actor, day=10, what="D", **kwargs):
    return cover.put_on(
        department=department, day=november(day), code=what, member=person.membership, actor=actor, **kwargs
    )


def test_somebody_is_put_on_a_shift_and_told(week, department, colleague, supervisor):
    version = put_on(department, colleague, supervisor)
    assert (version.number, version.cause) == (2, VersionCause.COVER)
    assert code(colleague, 10) == code(colleague, 10, Layer.DRAFT) == "D"
    assert Notice.objects.filter(recipient=colleague, message__contains="stand in").count() == 1
    everybody_answers_once(department)


def test_in_the_place_of_somebody_the_shift_keeps_its_key_and_their_day_is_empty(
    week, department, agent, colleague, supervisor, at, wall
):
    row = shift(agent, 10)
    with at("2026-11-01 12:00"):
        put_on(department, colleague, supervisor, instead_of=agent.membership)
    assert shift(colleague, 10).pk == row.pk
    assert code(agent, 10) == ""
    assert [(one.membership.user, one.cause) for one in answers_of(row)] == [
        (agent, AnswerCause.PUBLISHED),
        (colleague, AnswerCause.COVER),
    ]
    assert answering_at(row, wall("2026-11-01 11:59")).membership.user == agent
    assert answering_at(row.pk, wall("2026-11-01 12:00")).membership.user == colleague
    assert answering_at(row, wall("2026-10-25 11:59")) is None
    everybody_answers_once(department)


def test_what_cannot_be_covered_so(week, department, agent, colleague, leader, supervisor, at):
    with refusing("not_yours"):
        put_on(department, colleague, leader)
    with refusing("double_shift"):
        put_on(department, agent, supervisor)
    with refusing("not_on_it"):
        put_on(department, colleague, supervisor, instead_of=leader.membership)
    with refusing("not_published"):
        cover.put_on(
            department=department, day=date(2026, 12, 1), code="D", member=colleague.membership, actor=supervisor
        )
    with at("2026-11-10 08:00"), refusing("begun"):
        put_on(department, colleague, supervisor)
    with refusing("unknown_code"):
        put_on(department, colleague, supervisor, what="Q")
    assert code(colleague, 10) == "X"


def test_a_warning_needs_a_reason_which_is_kept(week, department, leader, supervisor, paint, publish):
    paint((leader, 9, "N"))
    publish()
    with refusing("reason_needed"):
        put_on(department, leader, supervisor)
    put_on(department, leader, supervisor, reason="Nobody else is here")
    kept = AuditEntry.objects.get(action="shifts.cover.put_on")
    assert kept.facts["reason"] == "Nobody else is here"
    assert len(kept.facts["warnings"]) == 1


# -- Open shifts ------------------------------------------------------------------------------------------------------
def opened(department, actor, day=10, what="D", **kwargs) -> Swap:
    return swaps.open_shift(department=department, day=november(day), code=what, actor=actor, **kwargs)


def test_an_open_shift_goes_to_the_first_who_says_yes_and_then_exists(week, department, colleague, leader, supervisor):
    offered = opened(department, supervisor)
    assert (offered.owner, offered.partner, offered.asked_by) == (None, None, supervisor)
    told = Notice.objects.filter(message__contains="is open").values_list("recipient", flat=True)
    assert set(told) == {colleague.pk, leader.pk}
    agree(offered, colleague)
    with refusing("already_decided"):
        agree(offered, leader)
    done = approve(offered, supervisor)
    assert (done.state, done.assignment, done.version.cause) == (
        SwapState.APPLIED,
        shift(colleague, 10),
        VersionCause.COVER,
    )
    assert shift(colleague, 10).answers.get(until_at=None).cause == AnswerCause.OPEN_SHIFT
    everybody_answers_once(department)


def test_nobody_answers_for_an_open_shift_in_the_roster_until_it_is_applied(week, department, colleague, supervisor):
    count = Answer.objects.count()
    agree(opened(department, supervisor), colleague)
    assert Answer.objects.count() == count
    everybody_answers_once(department)


def test_no_more_offers_than_people_are_missing(week, department, supervisor):
    # Two are wanted on the day shift of the 10th, one is there.
    opened(department, supervisor)
    with refusing("already_offered"):
        opened(department, supervisor)
    # One more than wanted may be offered; whoever approves is told.
    opened(department, supervisor, day=11)
    opened(department, supervisor, day=11)
    with refusing("already_offered"):
        opened(department, supervisor, day=11)


def test_an_open_shift_that_is_full_by_now_needs_a_reason(week, department, agent, colleague, leader, supervisor):
    offered = agree(opened(department, supervisor), colleague)
    put_on(department, leader, supervisor)
    with refusing("reason_needed"):
        approve(offered, supervisor, reason="")
    assert approve(offered, supervisor).state == SwapState.APPLIED


def test_who_has_nothing_to_do_with_cover_opens_nothing(week, department, agent):
    with refusing("not_yours"):
        opened(department, agent)


def test_an_open_shift_is_refused_to_somebody_who_cannot(week, department, agent, supervisor):
    with refusing("double_shift"):
        opened(department, supervisor, partner=agent.membership)
    with refusing("double_shift"):
        agree(opened(department, supervisor), agent)


def test_whoever_opened_it_takes_it_back(week, department, colleague, supervisor, manager):
    offered = agree(opened(department, supervisor), colleague)
    with refusing("not_yours"):
        swaps.withdraw(swap=offered, actor=colleague)
    assert swaps.withdraw(swap=offered, actor=supervisor).state == SwapState.WITHDRAWN


def test_whoever_opened_it_is_told_that_it_is_over(week, department, colleague, supervisor, at):
    agree(opened(department, supervisor), colleague)
    with at("2026-11-10 08:00"):
        assert swaps.end_overdue() == 1
    told = Notice.objects.filter(message__contains="is off").values_list("recipient", flat=True)
    assert set(told) == {supervisor.pk, colleague.pk}


# -- Under another rulebook -------------------------------------------------------------------------------------------
@pytest.fixture
def harbour(changed_department):
    """Two people of the changed rulebook's department with shifts of the second half of November, and who approves."""
    rulebook_rights = changed_department.role_rights
    approver_role = rulebook_rights.filter(right="approve_swap").values_list("role", flat=True).first()
    editor_role = rulebook_rights.filter(right="edit_roster").values_list("role", flat=True).first()
    one, two = (add_person(changed_department, work_number=f"{n}", roles=[Role.AGENT]) for n in (1, 2))
    boss = add_person(changed_department, work_number="9", roles={approver_role, editor_role}, rostered=False)
    what = in_force(changed_department, november(1)).shifts[0].code
    month = Month(2026, 11)
    edits = [services.CellEdit(one.membership.pk, november(day), what, 0) for day in (10, 14, 18, 22)]
    services.paint(department=changed_department, month=month, edits=edits, actor=boss)
    services.publish(department=changed_department, month=month, seen_edits=1, actor=boss, reason="x")
    return one, two, boss, what


def test_the_changed_rulebooks_numbers_hold(harbour, changed_department, at):
    one, two, boss, what = harbour
    # Two swaps a month; on days in a row they are fine; twelve hours of notice.
    for day in (10, 14):
        assert approve(agree(gift_of(one, day, two), two), boss).state == SwapState.APPLIED
    with refusing("a_month_at_most"):
        gift_of(one, 18, two)
    with at("2026-11-22 00:01"), refusing("too_late", "a_month_at_most"):
        gift_of(one, 22, two)
    with refusing("kind_not_allowed"):
        opened(changed_department, boss, day=25, what=what)


def test_a_swap_that_both_agreed_in_time_may_be_applied_later(harbour, at):
    one, two, boss, _what = harbour
    agreed = agree(gift_of(one, 22, two), two)
    with at("2026-11-22 00:01"):
        assert approve(agreed, boss).state == SwapState.APPLIED
