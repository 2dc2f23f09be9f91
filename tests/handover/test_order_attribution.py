"""Whose orders are when they are read in: by the tag, else by who was there, each by the rulebook of its date."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import Attribution, ClaimState, Order, OrderShare
from handover.orders import WHOLE
from handover.services import attribution
from handover.services import orders as services
from handover.services.attribution import OVERTAKEN
from office import clock
from office.models import Notice
from shifts.models import Assignment, Layer
from tests.factories import add_person
from tests.handover.order_facts import attribute, make_order, planned, shares, worked


@pytest.fixture(autouse=True)
def second_of_november(department):
    """Claims of October are open: until the fifth."""
    with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=department.zone)) as moment:
        yield moment


class TestTheTag:
    def test_says_whose_it_is(self, department, agent):
        order = make_order(department, "A1", remark="工号07", flag="red")
        attribute(order)
        assert (order.attribution, order.fault, shares(order)) == (Attribution.TAGGED, "", {"07": WHOLE})

    def test_or_it_is_nobodys_and_one_sees_why(self, department, agent):
        orders = [
            make_order(department, "A1", remark="尽快"),
            make_order(department, "A2", remark="07", flag="green"),
            make_order(department, "A3", remark="工号08", flag="red"),
        ]
        attribute(*orders)
        assert [order.fault for order in orders] == ["no_number", "wrong_flag", "unknown_number"]
        assert {order.attribution for order in orders} == {Attribution.NONE}
        assert not OrderShare.objects.exists()

    def test_a_corrected_remark_corrects_it(self, department, agent, colleague):
        order = make_order(department, "A1", remark="07", flag="red")
        attribute(order)
        Order.objects.filter(pk=order.pk).update(remark="02")
        attribute(order)
        assert shares(order) == {"02": WHOLE}
        Order.objects.filter(pk=order.pk).update(remark="02 07")
        attribute(order)
        assert (order.attribution, order.fault, shares(order)) == (Attribution.NONE, "two_numbers", {})

    def test_once_more_changes_nothing(self, department, agent):
        order = make_order(department, "A1", remark="07", flag="red")
        attribute(order)
        before = list(OrderShare.objects.values())
        attribute(order)
        assert list(OrderShare.objects.values()) == before

    def test_each_order_goes_by_the_rulebook_of_its_date(self, department, agent):
        old = make_order(department, "A1", placed="2025-12-31 14:00", remark="07", flag="red")
        attribute(old)
        assert (old.attribution, old.fault) == (Attribution.NONE, "no_rules")

    def test_other_rules_read_other_tags(self, changed_department):
        add_person(changed_department, name="林晓彤", work_number="07")
        by_number = make_order(changed_department, "C1", remark="07", flag="blue")
        by_name = make_order(changed_department, "C2", remark="林晓彤", flag="blue")
        red = make_order(changed_department, "C3", remark="林晓彤", flag="red")
        attribute(by_number, by_name, red)
        assert [order.fault for order in (by_number, by_name, red)] == ["no_number", "", "wrong_flag"]

    def test_orders_of_another_department_are_left_alone(self, department, other_department, agent):
        order = make_order(other_department, "A1", remark="07", flag="red")
        services.attribute(department=department, order_keys=[order.pk])
        order.refresh_from_db()
        assert order.attribution == Attribution.NONE

    def test_what_people_said_stays(self, department, agent, colleague, leader):
        order = make_order(department, "A1")
        attribute(order)
        claim = services.claim_order(order=order, membership=agent.membership, reason="我的")
        services.confirm_claim(claim=claim, actor=leader)
        Order.objects.filter(pk=order.pk).update(remark="02", flag="red")
        attribute(order)
        assert (order.attribution, shares(order)) == (Attribution.CLAIMED, {"07": WHOLE})

    def test_a_tag_that_holds_now_ends_the_claims_that_wait(self, department, agent, colleague):
        order = make_order(department, "A1")
        attribute(order)
        claim = services.claim_order(order=order, membership=agent.membership, reason="我的")
        Order.objects.filter(pk=order.pk).update(remark="02", flag="red")
        attribute(order)
        claim.refresh_from_db()
        assert (claim.state, claim.decided_by) == (ClaimState.REFUSED, None)
        assert claim.decision
        assert Notice.objects.filter(recipient=agent, message=OVERTAKEN).count() == 1


class TestPlacedWithoutAsking:
    DAY = date(2026, 10, 20)

    def test_is_shared_by_the_night_shift_of_the_day(self, department, agent, colleague, leader):
        planned(agent, self.DAY, "N")
        planned(colleague, self.DAY, "N")
        planned(leader, self.DAY, "D")
        order = make_order(department, "A1", without_asking=True)
        attribute(order)
        assert (order.attribution, order.fault) == (Attribution.AUTO, "")
        assert shares(order) == {"02": WHOLE // 2, "07": WHOLE // 2}

    def test_the_rest_is_the_lowest_work_numbers(self, department, agent, colleague, leader):
        for person in (agent, colleague, leader):
            planned(person, self.DAY, "N")
        order = make_order(department, "A1", without_asking=True)
        attribute(order)
        assert shares(order) == {"01": 3334, "02": 3333, "07": 3333}

    def test_with_nobody_on_the_night_shift_it_is_untagged(self, department, agent):
        planned(agent, self.DAY + timedelta(days=1), "N")
        order = make_order(department, "A1", without_asking=True)
        attribute(order)
        assert (order.attribution, order.fault) == (Attribution.NONE, "no_number")

    def test_a_draft_is_no_plan(self, department, agent):
        planned(agent, self.DAY, "N")
        Assignment.objects.update(layer=Layer.DRAFT)
        order = make_order(department, "A1", without_asking=True)
        attribute(order)
        assert order.attribution == Attribution.NONE

    def test_a_tag_that_holds_is_stronger(self, department, agent, colleague):
        planned(colleague, self.DAY, "N")
        order = make_order(department, "A1", remark="07", flag="red", without_asking=True)
        attribute(order)
        assert (order.attribution, shares(order)) == (Attribution.TAGGED, {"07": WHOLE})

    def test_elsewhere_it_is_theirs_who_were_on_duty_then(self, changed_department):
        early, late, extra = (
            add_person(changed_department, work_number=number, name=f"客服{number}") for number in ("3", "4", "5")
        )
        worked(early, self.DAY, "E", "2026-10-20 06:30", "2026-10-20 15:00")
        worked(late, self.DAY, "L", "2026-10-20 14:30", None)
        planned(extra, self.DAY, "E")
        orders = [
            make_order(changed_department, f"C{number}", placed=f"2026-10-20 {time}", without_asking=True)
            for number, time in enumerate(("14:29", "14:30", "14:59", "15:00"))
        ]
        attribute(*orders)
        assert [list(shares(order)) for order in orders] == [["3"], ["3", "4"], ["3", "4"], ["4"]]

    def test_where_nobody_clocked_in_the_plan_says_who_was_on_duty(self, changed_department):
        person = add_person(changed_department, work_number="3", name="客服")
        planned(person, self.DAY, "E")
        orders = [
            make_order(changed_department, f"C{number}", placed=f"2026-10-20 {time}", without_asking=True)
            for number, time in enumerate(("10:29", "11:00", "11:15"))
        ]
        attribute(*orders)
        assert [order.attribution for order in orders] == [Attribution.AUTO, Attribution.NONE, Attribution.AUTO]

    def test_where_it_is_nobodys_it_stays_untagged(self, department, agent, monkeypatch):
        planned(agent, self.DAY, "N")
        monkeypatch.setattr(attribution, "_on_the_night_shift", lambda *_args: {})
        order = make_order(department, "A1", without_asking=True)
        attribute(order)
        assert order.attribution == Attribution.NONE


def test_many_orders_take_as_many_queries_as_few(department, agent, colleague):
    planned(colleague, date(2026, 10, 20), "N")

    def queries(count, start):
        rows = [
            make_order(
                department,
                f"N{start + number}",
                remark="07" if number % 3 else "",
                flag="red" if number % 2 else "",
                without_asking=number % 4 == 0,
            )
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            services.attribute(department=department, order_keys=[row.pk for row in rows])
        return len(captured)

    assert queries(13, 0) == queries(60, 100) <= 16
