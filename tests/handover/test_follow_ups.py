"""Orders come up again as items: by the rulebook's delays, once each, and not for what is long past."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest

from handover.models import HandoverItem, ItemAction, ItemEvent, ItemState, Order
from handover.services import follow_ups
from office import clock
from tests.factories import make_department

BUYER = "小鹿 t***8"


@pytest.fixture
def order(department):
    """`order("A1", dispatched_at="2026-11-09 17:00")`: paid at once unless told otherwise; times on the wall clock."""

    def make(number, *, place=None, placed_at="2026-11-09 10:00", paid_at="2026-11-09 10:05", **times):
        home = place or department

        def instant(text):
            return datetime.fromisoformat(text).replace(tzinfo=home.zone) if text else None

        times = {name: instant(text) for name, text in times.items()}
        placed, paid = instant(placed_at), instant(paid_at)
        return Order.objects.create(
            department=home,
            number=number,
            buyer=BUYER,
            placed_at=placed,
            paid_at=paid,
            amount_fen=9900,
            paid_fen=9900 if paid else 0,
            business_date=(paid or placed).astimezone(home.zone).date(),
            **times,
        )

    return make


@pytest.fixture
def stand(department):
    return lambda text: clock.at(datetime.fromisoformat(text).replace(tzinfo=department.zone))


def made(order) -> list[str]:
    return list(order.items.order_by("follow_up").values_list("follow_up", flat=True))


def test_an_order_comes_up_the_day_after_dispatch_and_not_before(order, stand):
    one = order("A1", dispatched_at="2026-11-09 17:00")
    with stand("2026-11-10 09:59"):
        follow_ups.make_follow_ups()
    assert made(one) == []
    with stand("2026-11-10 10:00"):
        follow_ups.make_follow_ups()
    item = one.items.get()
    assert (item.follow_up, item.author, item.in_queue, item.customer) == ("day-after-dispatch", None, True, BUYER)


def test_it_is_made_once_however_often_one_looks(order, stand):
    one = order("A1", dispatched_at="2026-11-09 17:00")
    with stand("2026-11-10 10:00"):
        follow_ups.make_follow_ups()
        follow_ups.make_follow_ups()
    HandoverItem.objects.update(state=ItemState.DONE, done_at=clock.now())
    with stand("2026-11-11 10:00"):
        follow_ups.make_follow_ups()
    assert made(one) == ["day-after-dispatch"]


def test_what_came_up_while_the_server_stood_still_is_made_up_for(order, stand):
    one = order("A1", dispatched_at="2026-11-09 17:00")
    with stand("2026-11-13 09:59"):
        follow_ups.make_follow_ups()
    assert made(one) == ["day-after-dispatch"]


def test_old_orders_flood_nobody(order, stand):
    one = order("A1", dispatched_at="2026-11-09 17:00", received_at="2026-09-01 10:00")
    with stand("2026-11-13 10:00"):
        follow_ups.make_follow_ups()
    assert made(one) == []


def test_receipt_comes_up_twice(order, stand):
    one = order("A1", received_at="2026-11-09 23:59")
    for text in ("2026-11-14 10:00", "2026-12-09 10:00"):
        with stand(text):
            follow_ups.make_follow_ups()
    assert made(one) == ["five-days-on", "month-on"]


def test_an_unpaid_order_comes_up_only_while_it_is_unpaid(order, stand):
    unpaid, paid = order("A1", paid_at=None), order("A2")
    with stand("2026-11-09 10:59"):
        follow_ups.make_follow_ups()
    assert made(unpaid) == []
    with stand("2026-11-09 11:00"):
        follow_ups.make_follow_ups()
    assert (made(unpaid), made(paid)) == (["ask-to-pay"], [])


def test_once_it_is_paid_the_item_is_done_by_itself_and_nobody_elses(order, stand):
    one, other = order("A1", paid_at=None), order("A2", dispatched_at="2026-11-08 17:00")
    with stand("2026-11-09 11:00"):
        follow_ups.make_follow_ups()
        Order.objects.filter(pk=one.pk).update(paid_at=clock.now())
    with stand("2026-11-09 11:05"):
        follow_ups.make_follow_ups()
        follow_ups.make_follow_ups()
        item = one.items.get()
        assert (item.state, item.done_at) == (ItemState.DONE, clock.now())
    event = ItemEvent.objects.get(item=item, action=ItemAction.DONE)
    assert event.actor is None
    assert event.text
    assert other.items.get().state == ItemState.OPEN


def test_what_somebody_did_just_now_is_not_done_again(order, stand):
    one = order("A1", paid_at=None)
    with stand("2026-11-09 11:00"):
        follow_ups.make_follow_ups()
        stale = one.items.get()
        HandoverItem.objects.update(state=ItemState.DONE, done_at=clock.now())
        follow_ups._finish(stale)
    assert not ItemEvent.objects.filter(item=stale, action=ItemAction.DONE).exists()


def test_one_that_fails_keeps_none_of_the_others_from_being_made(order, stand):
    orders = [order(f"A{number}", dispatched_at="2026-11-09 17:00") for number in range(3)]
    real = follow_ups.follow_up_item

    def breaks(*, order, **rest):
        if order.number == "A1":
            raise RuntimeError("broken")
        return real(order=order, **rest)

    with stand("2026-11-10 10:00"), patch.object(follow_ups, "follow_up_item", breaks):
        follow_ups.make_follow_ups()
    assert [made(one) for one in orders] == [["day-after-dispatch"], [], ["day-after-dispatch"]]


def test_a_department_without_a_rulebook_does_not_stop_the_others(order, stand):
    bare = make_department("bare")
    order("B1", place=bare, dispatched_at="2026-11-09 17:00")
    one = order("A1", dispatched_at="2026-11-09 17:00")
    with stand("2026-11-10 10:00"):
        follow_ups.make_follow_ups()
    assert made(one) == ["day-after-dispatch"]
    assert HandoverItem.objects.count() == 1


def test_other_rules_have_other_delays(changed_department, order, stand):
    late = order("C1", place=changed_department, placed_at="2026-11-09 16:01", paid_at=None)
    sent = order("C2", place=changed_department, dispatched_at="2026-11-09 17:00")
    home = changed_department.zone
    with clock.at(datetime(2026, 11, 10, 15, 59, tzinfo=home)):
        follow_ups.make_follow_ups()
        assert made(late) == []
    with clock.at(datetime(2026, 11, 10, 16, 0, tzinfo=home)):
        follow_ups.make_follow_ups()
        assert made(late) == ["not-paid"]
    with clock.at(datetime(2026, 11, 11, 17, 0, tzinfo=home)):
        follow_ups.make_follow_ups()
        assert made(sent) == ["after-dispatch"]


def test_who_is_on_duty_gets_it(order, afternoon, agent, day_shift):
    one = order("A1", placed_at="2026-11-10 15:00", paid_at=None)
    clock.move(timedelta(minutes=5))
    follow_ups.make_follow_ups()
    assert one.items.get().owner == agent.membership
