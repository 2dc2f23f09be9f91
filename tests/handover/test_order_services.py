"""Orders: whose they are by tag and by presence, who claims them, who decides, and who is told."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from handover.models import Attribution, ClaimState, Order, OrderClaim
from handover.orders import WHOLE, standing
from handover.services import orders as services
from office import clock
from office.models import AuditEntry, Notice
from office.months import Month
from people.models import Membership, Right, Role, RoleGrant
from people.services import grant_role
from rulebooks.services import in_force
from tests.factories import JOINED, add_person
from tests.handover.order_facts import attribute, make_order, refused, shares

OCTOBER = Month(2026, 10)


@pytest.fixture(autouse=True)
def second_of_november(department):
    """Claims of October are open: until the fifth."""
    with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=department.zone)) as moment:
        yield moment


@pytest.fixture
def order(department):
    made = make_order(department, "A1", remark="请尽快")
    attribute(made)
    return made


@pytest.fixture
def claim(order, agent, leader):
    return services.claim_order(order=order, membership=agent.membership, reason="我在旺旺上谈的")


class TestClaiming:
    def test_an_untagged_order_can_be_claimed_and_who_decides_is_told(self, order, agent, leader, claim):
        assert (claim.state, claim.membership, claim.reason) == (ClaimState.ASKED, agent.membership, "我在旺旺上谈的")
        order.refresh_from_db()
        assert order.attribution == Attribution.NONE
        assert Notice.objects.filter(recipient=leader).count() == 1
        assert AuditEntry.objects.filter(action="handover.order.claimed").count() == 1

    def test_who_decides_is_told_of_the_first_only(self, department, order, agent, colleague, leader, claim):
        services.claim_order(order=order, membership=colleague.membership, reason="我的")
        assert Notice.objects.filter(recipient=leader).count() == 1

    def test_not_twice(self, order, agent, claim):
        with refused("already_claimed"):
            services.claim_order(order=order, membership=agent.membership, reason="又")

    @pytest.mark.parametrize(("reason", "code"), [("  ", "no_reason"), ("长" * 301, "too_long")])
    def test_not_without_a_reason_that_can_be_read(self, order, agent, reason, code):
        with refused(code):
            services.claim_order(order=order, membership=agent.membership, reason=reason)

    def test_until_the_rulebooks_day_of_the_next_month(self, department, order, agent, colleague):
        with clock.at(datetime(2026, 11, 5, 23, 59, tzinfo=department.zone)):
            services.claim_order(order=order, membership=agent.membership, reason="我的")
        with clock.at(datetime(2026, 11, 6, 0, 0, tzinfo=department.zone)), refused("closed"):
            services.claim_order(order=order, membership=colleague.membership, reason="我的")

    def test_other_rules_close_on_another_day(self, changed_department):
        person = add_person(changed_department, work_number="3", name="客服")
        order = make_order(changed_department, "C1")
        attribute(order)
        with clock.at(datetime(2026, 11, 4, 0, 0, tzinfo=changed_department.zone)), refused("closed"):
            services.claim_order(order=order, membership=person.membership, reason="我的")

    def test_only_what_is_paid_and_nobodys(self, department, agent, colleague):
        unpaid = make_order(department, "A2", paid=False)
        tagged = make_order(department, "A3", remark="02", flag="red")
        attribute(unpaid, tagged)
        with refused("not_paid"):
            services.claim_order(order=unpaid, membership=agent.membership, reason="我的")
        with refused("not_untagged"):
            services.claim_order(order=tagged, membership=agent.membership, reason="我的")

    def test_only_by_members_of_the_day_and_of_today(self, department, order, agent, stranger):
        with refused("other_department"):
            services.claim_order(order=order, membership=stranger.membership, reason="我的")
        late = add_person(department, work_number="50", from_day=date(2026, 10, 21))
        with refused("no_member_that_day"):
            services.claim_order(order=order, membership=late.membership, reason="我的")
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 10, 30))
        with refused("not_a_member"):
            services.claim_order(order=order, membership=Membership.objects.get(user=agent), reason="我的")

    def test_can_be_taken_back_by_oneself_while_it_waits(self, order, agent, colleague, claim):
        with refused("not_yours"):
            services.withdraw_claim(claim=claim, actor=colleague)
        services.withdraw_claim(claim=claim, actor=agent)
        with refused("already_decided"):
            services.withdraw_claim(claim=claim, actor=agent)
        services.claim_order(order=order, membership=agent.membership, reason="还是我的")


class TestDeciding:
    def test_confirming_gives_the_whole_order(self, order, agent, leader, claim):
        services.confirm_claim(claim=claim, actor=leader)
        order.refresh_from_db()
        assert (order.attribution, shares(order)) == (Attribution.CLAIMED, {"07": WHOLE})
        assert Notice.objects.filter(recipient=agent, message=services.CONFIRMED).exists()
        with refused("already_decided"):
            services.confirm_claim(claim=claim, actor=leader)

    def test_confirming_one_refuses_the_other(self, order, agent, colleague, leader, claim):
        other = services.claim_order(order=order, membership=colleague.membership, reason="我的")
        services.confirm_claim(claim=claim, actor=leader)
        other.refresh_from_db()
        assert (other.state, other.decided_by) == (ClaimState.REFUSED, leader)
        assert "林晓彤" in other.decision
        assert Notice.objects.filter(recipient=colleague, message=services.REFUSED).exists()

    def test_refusing_takes_a_reason_and_leaves_it_untagged(self, order, agent, leader, claim):
        with refused("no_reason"):
            services.refuse_claim(claim=claim, actor=leader, reason=" ")
        services.refuse_claim(claim=claim, actor=leader, reason="不是你的")
        order.refresh_from_db()
        assert (order.attribution, shares(order)) == (Attribution.NONE, {})
        assert Notice.objects.get(recipient=agent).params["reason"] == "不是你的"

    def test_takes_the_right(self, order, agent, colleague, claim):
        for write in (
            lambda: services.confirm_claim(claim=claim, actor=colleague),
            lambda: services.refuse_claim(claim=claim, actor=colleague, reason="不"),
            lambda: services.decide_order(order=order, actor=colleague, parts={agent.membership: WHOLE}, reason="因为"),
        ):
            with refused("no_right"):
                write()

    def test_nobody_decides_about_themselves(self, order, leader, supervisor, agent, claim):
        own = services.claim_order(order=order, membership=leader.membership, reason="我的")
        for write in (
            lambda: services.confirm_claim(claim=own, actor=leader),
            # Nor about who claims the same.
            lambda: services.refuse_claim(claim=claim, actor=leader, reason="是我的"),
            lambda: services.decide_order(order=order, actor=leader, parts={leader.membership: WHOLE}, reason="我的"),
        ):
            with refused("own_case"):
                write()
        services.confirm_claim(claim=own, actor=supervisor)

    def test_unless_nobody_else_may(self, order, leader):
        own = services.claim_order(order=order, membership=leader.membership, reason="我的")
        services.confirm_claim(claim=own, actor=leader)
        assert shares(order) == {"01": WHOLE}

    def test_where_all_who_decide_claim_it_one_of_them_may(self, department, order, leader):
        second = add_person(department, work_number="60", roles=[Role.LEADER])
        first = services.claim_order(order=order, membership=leader.membership, reason="我的")
        services.claim_order(order=order, membership=second.membership, reason="我的")
        services.confirm_claim(claim=first, actor=second)

    def test_of_two_claims_the_order_can_be_split(self, order, agent, colleague, leader, claim):
        other = services.claim_order(order=order, membership=colleague.membership, reason="我的")
        parts = {agent.membership: 7000, colleague.membership: 3000}
        services.decide_order(order=order, actor=leader, parts=parts, reason="各有功劳")
        order.refresh_from_db()
        assert (order.attribution, shares(order)) == (Attribution.DECIDED, {"02": 3000, "07": 7000})
        assert {one.state for one in order.claims.all()} == {ClaimState.CONFIRMED}
        assert Notice.objects.filter(recipient=colleague, message=services.GIVEN).get().params["share"] == "30 %"
        other.refresh_from_db()
        assert other.decision == "各有功劳"

    def test_who_gets_nothing_is_told_why(self, order, agent, colleague, leader, claim):
        services.decide_order(order=order, actor=leader, parts={colleague.membership: WHOLE}, reason="是浩然谈的")
        claim.refresh_from_db()
        assert claim.state == ClaimState.REFUSED
        assert Notice.objects.get(recipient=agent, message=services.REFUSED).params["reason"] == "是浩然谈的"

    @pytest.mark.parametrize("parts", [{}, {"agent": 9999}, {"agent": 10_000, "colleague": 1}, {"agent": 10_001}])
    def test_shares_add_up(self, order, agent, colleague, leader, parts):
        people = {"agent": agent.membership, "colleague": colleague.membership}
        with refused("parts"):
            services.decide_order(
                order=order,
                actor=leader,
                parts={people[name]: part for name, part in parts.items()},
                reason="因为",
            )

    def test_shares_are_for_members_of_the_day(self, department, order, leader, stranger):
        late = add_person(department, work_number="50", from_day=date(2026, 10, 21))
        with refused("no_member_that_day"):
            services.decide_order(order=order, actor=leader, parts={late.membership: WHOLE}, reason="因为")
        with refused("other_department"):
            services.decide_order(order=order, actor=leader, parts={stranger.membership: WHOLE}, reason="因为")

    def test_a_mistake_can_be_put_right_by_who_saw_how_it_stands(self, order, agent, colleague, leader, claim):
        services.confirm_claim(claim=claim, actor=leader)
        give = {"order": order, "actor": leader, "parts": {colleague.membership: WHOLE}, "reason": "弄错了"}
        with refused("changed_meanwhile"):
            services.decide_order(**give)
        order.refresh_from_db()
        services.decide_order(**give, seen=standing(order.attribution, {agent.membership.pk: WHOLE}))
        assert shares(order) == {"02": WHOLE}
        assert Notice.objects.filter(recipient=agent, message=services.TAKEN).exists()
        entry = AuditEntry.objects.get(action="handover.order.decided")
        assert (entry.facts["before"], entry.facts["after"]) == ({"07": WHOLE}, {"02": WHOLE})

    def test_an_unpaid_order_is_not_decided(self, department, agent, leader):
        unpaid = make_order(department, "A2", paid=False)
        with refused("not_paid"):
            services.decide_order(order=unpaid, actor=leader, parts={agent.membership: WHOLE}, reason="因为")


class TestTheReminder:
    def at(self, department, text):
        return clock.at(datetime.fromisoformat(text).replace(tzinfo=department.zone))

    def test_comes_three_days_before_claims_close_and_once(self, department, order, agent, leader, finance):
        with self.at(department, "2026-11-01 23:59"):
            services.remind_of_claims()
            assert not Notice.objects.exists()
        for text in ("2026-11-02 00:00", "2026-11-02 01:00", "2026-11-04 01:00"):
            with self.at(department, text):
                services.remind_of_claims()
        told = {notice.recipient: notice for notice in Notice.objects.all()}
        assert set(told) == {agent, leader}
        assert told[agent].params["count"] == 1
        assert "by 2026-11-05" in told[agent].text
        assert told[leader].message == services.TO_DECIDE
        assert told[agent].link == "/d/desk/orders/untagged/2026-10/"

    def test_says_nothing_when_nothing_is_untagged_or_it_is_too_late(self, department, agent, order):
        with self.at(department, "2026-11-06 00:00"):
            services.remind_of_claims()
        Order.objects.update(paid_at=None)
        with self.at(department, "2026-11-03 00:00"):
            services.remind_of_claims()
        assert not Notice.objects.exists()

    def test_may_come_on_the_last_day_of_the_month_itself(self, changed_department):
        person = add_person(changed_department, work_number="3", name="客服")
        attribute(make_order(changed_department, "C1"))
        with self.at(changed_department, "2026-10-31 08:00"):
            services.remind_of_claims()
        assert Notice.objects.get().recipient == person


def test_a_visitor_with_the_right_decides_without_being_a_member(department, order, claim, leader):
    person = add_person(department, name="访客")
    person.memberships.all().delete()
    grant_role(actor=None, department=department, user=person, role=Role.LEADER, from_day=JOINED)
    services.confirm_claim(claim=claim, actor=person)
    assert RoleGrant.objects.filter(user=person).exists()
    assert OrderClaim.objects.get().decided_by == person


def test_a_month_closes_once_for_all_its_orders(department):
    assert services.claims_close(department, OCTOBER) == date(2026, 11, 5)
    assert services.claims_close(department, Month(2025, 11)) is None
    assert Right.DECIDE_ORDERS in in_force(department, OCTOBER.last).rights


@pytest.mark.parametrize(
    "facts", [{"number": ""}, {"placed": "1999-12-31 10:00"}, {"placed": "2101-01-01 10:00"}], ids=str
)
def test_an_order_has_a_number_and_a_day_that_the_calendar_has(department, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_order(department, **{"number": "A1"} | facts)
