"""Swaps and shifts given away: from asking to applied, and everything that refuses them."""

from datetime import date

import pytest

from office import clock
from office.models import Notice
from office.months import Month
from people.models import Role
from shifts import services
from shifts.models import (
    AnswerCause,
    Layer,
    Leave,
    LeaveState,
    Roster,
    RosterChange,
    SwapKind,
    SwapState,
    VersionCause,
)
from shifts.services import swap_decisions, swaps
from shifts.services.leavers import release_shifts
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


# -- The whole way ----------------------------------------------------------------------------------------------------
def test_a_swap_exchanges_both_days_and_both_layers_follow(asked, department, agent, colleague, supervisor):
    done = through(asked, colleague, supervisor)
    assert done.state == SwapState.APPLIED
    for layer in Layer.values:
        assert [code(agent, 10, layer), code(agent, 12, layer)] == ["X", "D"]
        assert [code(colleague, 10, layer), code(colleague, 12, layer)] == ["D", "X"]
    everybody_answers_once(department)


def test_the_shifts_keep_their_keys_and_change_hands(asked, agent, colleague, supervisor):
    given, returned = shift(agent, 10), shift(colleague, 12)
    through(asked, colleague, supervisor)
    assert shift(colleague, 10).pk == given.pk
    assert shift(agent, 12).pk == returned.pk


def test_an_applied_swap_is_a_version_with_a_change_for_each_of_the_two(asked, agent, colleague, supervisor):
    done = through(asked, colleague, supervisor)
    assert (done.version.number, done.version.cause, done.version.changed_cells) == (2, VersionCause.SWAP, 4)
    changes = {row.membership: row.days for row in RosterChange.objects.filter(version=done.version)}
    assert changes[agent.membership] == [["2026-11-10", "D", "X"], ["2026-11-12", "X", "D"]]
    assert set(changes) == {agent.membership, colleague.membership}


def test_a_swap_over_two_months_is_one_version_of_each(department, agent, colleague, supervisor, paint, publish):
    december = Month(2026, 12)
    paint((agent, 30, "D"), (colleague, 30, "X"))
    paint((agent, 2, "X"), (colleague, 2, "D"), month=december)
    publish()
    publish(december)
    other = services.cells.live(department, december, Layer.PUBLISHED)[colleague.membership.pk, date(2026, 12, 2)]
    asked = swaps.offer(
        kind=SwapKind.SWAP,
        assignment=shift(agent, 30),
        partner=colleague.membership,
        partner_assignment=other,
        actor=agent,
    )
    done = through(asked, colleague, supervisor)
    assert done.state == SwapState.APPLIED
    assert done.version.roster.month == Month(2026, 11)
    other.refresh_from_db()
    assert other.membership == agent.membership
    assert code(colleague, 30) == "D"
    everybody_answers_once(department)


def test_two_shifts_of_one_day_can_be_exchanged(department, agent, colleague, supervisor, paint, publish):
    paint((agent, 10, "D"), (colleague, 10, "N"))
    publish()
    assert through(swap_of(agent, 10, colleague, 10), colleague, supervisor).state == SwapState.APPLIED
    assert (code(agent, 10), code(colleague, 10)) == ("N", "D")
    everybody_answers_once(department)


def test_a_shift_given_away_is_the_partners_and_leaves_their_rest_day(week, department, agent, colleague, supervisor):
    done = through(gift_of(agent, 10, colleague), colleague, supervisor)
    assert done.state == SwapState.APPLIED
    assert (code(agent, 10), code(colleague, 10)) == ("X", "D")
    assert shift(colleague, 10).answers.get(until_at=None).cause == AnswerCause.GIVE_AWAY
    everybody_answers_once(department)


def test_of_a_shift_offered_to_everybody_the_first_yes_has_it(week, agent, colleague, leader, supervisor):
    offered = gift_of(agent, 10)
    told = set(Notice.objects.filter(link__contains="/swaps/").values_list("recipient", flat=True))
    assert told == {colleague.pk, leader.pk}
    agree(offered, leader)
    with refusing("already_decided"):
        agree(offered, colleague)
    offered.refresh_from_db()
    assert offered.partner == leader.membership
    assert approve(offered, supervisor).state == SwapState.APPLIED
    assert code(leader, 10) == "D"


def test_everybody_concerned_is_told_at_each_step(asked, agent, colleague, supervisor):
    def told(person):
        return Notice.objects.filter(recipient=person, link__endswith=f"/swaps/{asked.pk}/").count()

    assert (told(agent), told(colleague), told(supervisor)) == (0, 1, 0)
    agree(asked, colleague)
    assert (told(agent), told(colleague), told(supervisor)) == (1, 1, 1)
    approve(asked, supervisor)
    assert (told(agent), told(colleague), told(supervisor)) == (2, 2, 1)


# -- Who may ----------------------------------------------------------------------------------------------------------
def test_nobody_offers_somebody_elses_shift(week, agent, colleague):
    with refusing("not_yours"):
        swap_of(agent, 10, colleague, 12, actor=colleague)


def test_a_supervisor_asks_for_somebody_absent_with_a_reason_and_they_are_told(week, agent, colleague, supervisor):
    with refusing("no_reason"):
        swap_of(agent, 10, colleague, 12, actor=supervisor)
    asked = swap_of(agent, 10, colleague, 12, actor=supervisor, acted_for="In hospital, called this morning")
    assert asked.asked_by == supervisor
    assert "hospital" in asked.acted_for
    assert Notice.objects.filter(recipient=agent, params__reason=asked.acted_for).exists()


def test_only_the_partner_agrees_or_a_supervisor_for_them_with_a_reason(asked, colleague, leader, supervisor):
    with refusing("not_yours"):
        swaps.agree(swap=asked, actor=leader, member=leader.membership)
    with refusing("not_yours"):
        swaps.agree(swap=asked, actor=leader)
    with refusing("no_reason"):
        swaps.agree(swap=asked, actor=supervisor)
    agreed = swaps.agree(swap=asked, actor=supervisor, acted_for="Said yes on the phone")
    assert (agreed.state, agreed.agreed_by, agreed.partner) == (SwapState.AGREED, supervisor, colleague.membership)
    assert Notice.objects.filter(recipient=colleague, params__reason="Said yes on the phone").exists()


def test_nobody_takes_their_own_shift(week, agent):
    offered = gift_of(agent, 10)
    with refusing("own_swap"):
        agree(offered, agent)


def test_nobody_approves_their_own_swap_nor_without_the_right(week, department, agent, colleague, paint, publish):
    boss = add_person(department, name="组长", work_number="50", roles=[Role.SUPERVISOR])
    paint((boss, 12, "N"), (boss, 10, "X"))
    publish()
    asked = agree(swap_of(agent, 10, boss, 12), boss)
    with refusing("own_swap"):
        approve(asked, boss)
    with refusing("own_swap"):
        swap_decisions.refuse(swap=asked, actor=boss, reason="No")
    with refusing("not_yours"):
        approve(asked, colleague)


def test_who_approves_does_not_answer_their_own_offer_for_the_other_side(week, department, agent, paint, publish):
    boss = add_person(department, name="组长", work_number="50", roles=[Role.SUPERVISOR])
    paint((boss, 12, "N"))
    publish()
    offered = gift_of(boss, 12, agent)
    for step in (swaps.agree, swaps.decline):
        with refusing("own_swap"):
            step(swap=offered, actor=boss, acted_for="Said yes on the phone")


def test_a_partner_of_another_department_is_no_partner(week, agent, stranger):
    with refusing("no_partner"):
        gift_of(agent, 10, stranger)


# -- Steps that no longer fit -----------------------------------------------------------------------------------------
def test_a_shift_is_offered_once_at_a_time(asked, agent, colleague, leader):
    with refusing("already_offered"):
        gift_of(agent, 10, leader)
    swaps.withdraw(swap=asked, actor=agent)
    assert gift_of(agent, 10, leader).state == SwapState.ASKED


def test_the_partner_declines_and_may_think_again_until_it_is_approved(asked, agent, colleague, supervisor):
    agree(asked, colleague)
    declined = swaps.decline(swap=asked, actor=colleague, reason="My child is ill")
    assert (declined.state, declined.decision_reason) == (SwapState.DECLINED, "My child is ill")
    for step in (agree, approve):
        with refusing("already_decided"):
            step(declined, colleague if step is agree else supervisor)


def test_only_who_asked_takes_it_back(asked, agent, colleague):
    with refusing("not_yours"):
        swaps.withdraw(swap=asked, actor=colleague)
    assert swaps.withdraw(swap=asked, actor=agent).state == SwapState.WITHDRAWN
    with refusing("already_decided"):
        swaps.withdraw(swap=asked, actor=agent)


def test_refusing_needs_a_reason_and_tells_both(asked, agent, colleague, supervisor):
    agree(asked, colleague)
    with refusing("no_reason"):
        swap_decisions.refuse(swap=asked, actor=supervisor, reason="  ")
    refused = swap_decisions.refuse(swap=asked, actor=supervisor, reason="We need both of you")
    assert refused.state == SwapState.REFUSED
    assert Notice.objects.filter(params__reason="We need both of you").count() == 2
    assert code(agent, 10) == "D"


def test_what_was_not_agreed_is_not_approved_and_nothing_is_applied_twice(asked, colleague, supervisor):
    with refusing("already_decided"):
        approve(asked, supervisor)
    with refusing("already_decided"):
        swap_decisions.apply(swap=asked, actor=supervisor)
    done = through(asked, colleague, supervisor)
    for step in (swap_decisions.approve, swap_decisions.apply):
        with refusing("already_decided"):
            step(swap=done, actor=supervisor)
    assert asked.department.rosters.get().version == 2


# -- What forbids it --------------------------------------------------------------------------------------------------
def test_a_rest_day_a_draft_and_a_swap_without_a_return_are_no_offers(week, agent, colleague, paint):
    paint((agent, 14, "D"))
    with refusing("no_shift"):
        swaps.offer(kind=SwapKind.GIVE_AWAY, assignment=shift(agent, 12), actor=agent)
    with refusing("no_shift"):
        swaps.offer(kind=SwapKind.GIVE_AWAY, assignment=shift(agent, 14, Layer.DRAFT), actor=agent)
    with refusing("no_partner"):
        swaps.offer(kind=SwapKind.SWAP, assignment=shift(agent, 10), partner=colleague.membership, actor=agent)
    with refusing("no_partner"):
        swaps.offer(
            kind=SwapKind.SWAP,
            assignment=shift(agent, 10),
            partner=colleague.membership,
            partner_assignment=shift(agent, 20),
            actor=agent,
        )


def test_nobody_has_two_shifts_on_one_day(week, agent, colleague, paint, publish):
    paint((colleague, 13, "D"), (agent, 13, "D"))
    publish()
    with refusing("double_shift"):
        gift_of(agent, 13, colleague)
    with refusing("double_shift"):
        swap_of(agent, 10, colleague, 13)


def test_a_swap_in_which_nothing_would_change_is_none(week, agent, colleague, paint, publish):
    paint((colleague, 13, "D"), (agent, 13, "D"))
    publish()
    with refusing("nothing_changes"):
        swap_of(agent, 13, colleague, 13)


def test_a_shift_that_has_begun_is_not_passed_on(week, agent, colleague, at):
    with at("2026-11-10 08:00"), refusing("begun"):
        gift_of(agent, 10, colleague)
    with at("2026-11-11 08:00"), refusing("past", "begun"):
        gift_of(agent, 10, colleague)


def test_two_shifts_right_after_each_other_through_a_swap_are_refused(week, agent, colleague, paint, publish):
    paint((agent, 11, "N"), (colleague, 11, "X"))
    publish()
    # The night of the 11th ends at 01:00, the day shift of the 12th begins at 08:00.
    with refusing("shifts_in_a_row"):
        gift_of(agent, 11, colleague)


def test_no_swaps_on_days_in_a_row(week, agent, colleague, supervisor, paint, publish):
    paint((agent, 11, "R"), (agent, 13, "R"), (agent, 15, "R"))
    publish()
    through(swap_of(agent, 10, colleague, 12), colleague, supervisor)
    for day in (11, 13):
        with refusing("consecutive_days"):
            gift_of(agent, day, colleague)
    assert gift_of(agent, 15, colleague).state == SwapState.ASKED


def test_somebody_on_approved_leave_takes_nothing(week, agent, colleague, rulebook, department, supervisor):
    kind = rulebook.leave.kinds[0].code
    Leave.objects.create(
        membership=colleague.membership,
        kind=kind,
        rulebook_version_id=rulebook.version_id,
        first_day=november(9),
        last_day=november(10),
        reason="x",
        state=LeaveState.APPROVED,
        asked_by=colleague,
        decided_by=supervisor,
        decided_at=clock.now(),
    )
    with refusing("on_leave"):
        gift_of(agent, 10, colleague)


def test_who_has_left_by_then_takes_nothing(week, agent, colleague):
    colleague.membership.until_day = november(9)
    colleague.membership.save()
    with refusing("not_member"):
        gift_of(agent, 10, colleague)


def test_a_month_that_is_locked_is_history(week, agent, colleague, department, supervisor, at):
    Roster.objects.update(locked_at=clock.now(), locked_by=supervisor)
    with refusing("locked"):
        gift_of(agent, 10, colleague)


def test_too_long_a_message_is_refused(week, agent, colleague):
    with refusing("too_long"):
        gift_of(agent, 10, colleague, reason="x" * 501)


# -- Overtaken --------------------------------------------------------------------------------------------------------
def test_a_published_shift_edited_under_a_pending_swap_ends_it(asked, agent, colleague, paint, publish, supervisor):
    agree(asked, colleague)
    paint((agent, 10, "R"), seen=shift(agent, 10, Layer.DRAFT).version)
    publish()
    asked.refresh_from_db()
    assert asked.state == SwapState.STALE
    assert Notice.objects.filter(recipient__in=[agent, colleague], message__contains="is off").count() == 2
    with refusing("already_decided"):
        approve(asked, supervisor)


def test_also_the_other_sides_rest_day_counts(asked, colleague, paint, publish):
    paint((colleague, 10, "R"), seen=shift(colleague, 10, Layer.DRAFT).version)
    publish()
    asked.refresh_from_db()
    assert asked.state == SwapState.STALE


def test_edits_of_other_cells_and_of_the_draft_leave_it_alone(asked, agent, colleague, paint, publish, supervisor):
    paint((agent, 21, "D"))
    publish()
    paint((agent, 10, "R"), seen=shift(agent, 10, Layer.DRAFT).version)
    done = through(asked, colleague, supervisor)
    assert done.state == SwapState.APPLIED
    # An edit that waits for its publication stays; it now differs from what is published.
    assert (code(agent, 10), code(agent, 10, Layer.DRAFT)) == ("X", "R")


def test_a_change_that_slipped_past_is_found_at_every_step(asked, colleague, supervisor, agent):
    row = shift(agent, 10)
    row.version += 1
    row.save()
    with refusing("stale"):
        agree(asked, colleague)
    asked.refresh_from_db()
    assert asked.state == SwapState.STALE


def test_an_applied_swap_overtakes_the_others_that_counted_on_its_shifts(
    week, department, agent, colleague, leader, supervisor
):
    first, second = swap_of(agent, 10, colleague, 12), gift_of(colleague, 12, leader)
    through(first, colleague, supervisor)
    second.refresh_from_db()
    assert second.state == SwapState.STALE
    everybody_answers_once(department)


def test_who_leaves_takes_the_swap_along(asked, department, agent, supervisor):
    release_shifts(member=agent.membership, last_day=november(9), actor=supervisor)
    asked.refresh_from_db()
    assert asked.state == SwapState.STALE
    everybody_answers_once(department)


def test_who_leaves_takes_no_shift_that_was_to_be_theirs(week, agent, leader, supervisor):
    # On the 10th the leader has nothing planned: no cell of theirs changes when they leave.
    given = agree(gift_of(agent, 10, leader), leader)
    release_shifts(member=leader.membership, last_day=november(9), actor=supervisor)
    given.refresh_from_db()
    assert given.state == SwapState.STALE
    told = Notice.objects.get(recipient=agent, message=swaps.LEAVES)
    assert (told.params["name"], told.link) == (leader.name, swaps.link_of(given))


def test_who_leaves_afterwards_swaps_until_then(week, agent, leader, supervisor):
    given = agree(gift_of(agent, 10, leader), leader)
    release_shifts(member=leader.membership, last_day=november(10), actor=supervisor)
    given.refresh_from_db()
    assert given.state == SwapState.AGREED


def test_what_nobody_decided_before_it_began_is_over(asked, agent, colleague, at):
    with at("2026-11-10 07:59"):
        assert swaps.end_overdue() == 0
    with at("2026-11-10 08:00"):
        assert swaps.end_overdue() == 1
        assert swaps.end_overdue() == 0
    asked.refresh_from_db()
    assert asked.state == SwapState.STALE
