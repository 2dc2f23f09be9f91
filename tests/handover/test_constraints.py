"""What the database refuses whoever writes, on both engines."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import Error, IntegrityError, connection, transaction

from handover import services
from handover.models import Handover, HandoverItem, ItemEvent, Order
from office import clock

pytestmark = pytest.mark.usefixtures("afternoon")


def refused(sql, *params) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            assert cursor.rowcount, "the statement must have found its row"
    except Error:
        return True
    return False


@pytest.fixture
def item(agent, write):
    return write(agent)


@pytest.fixture
def order(department):
    return Order.objects.create(
        department=department,
        number="1",
        buyer="小鹿",
        placed_at=clock.now(),
        amount_fen=1,
        business_date=department.today(),
    )


ITEM = "UPDATE handover_handoveritem SET "


def test_no_item_is_without_an_owner_and_none_has_two(item):
    assert refused(ITEM + "owner_id = NULL WHERE id = %s", item.pk)
    assert refused(ITEM + "in_queue = %s WHERE id = %s", True, item.pk)
    assert not refused(ITEM + "owner_id = NULL, in_queue = %s WHERE id = %s", True, item.pk)


def test_an_owner_is_of_the_items_department(item, stranger):
    assert refused(ITEM + "owner_id = %s WHERE id = %s", stranger.membership.pk, item.pk)


def test_what_waits_with_a_person_waits_with_its_giver(item, agent, colleague, day_shift):
    services.submit_handover(attendance=day_shift, actor=agent)
    assert refused(ITEM + "owner_id = %s WHERE id = %s", colleague.membership.pk, item.pk)


def test_nothing_is_deleted(item, agent, day_shift):
    services.submit_handover(attendance=day_shift, actor=agent)
    assert refused("DELETE FROM handover_itemevent WHERE item_id = %s", item.pk)
    assert refused("DELETE FROM handover_handoveritem WHERE id = %s", item.pk)
    assert refused("DELETE FROM handover_handover WHERE giver_id = %s", agent.membership.pk)


@pytest.mark.parametrize("column", ["to_do", "customer", "kind"])
def test_what_was_written_does_not_change(item, column):
    assert refused(ITEM + f"{column} = 'x' WHERE id = %s", item.pk)


@pytest.mark.parametrize("column", ["known", "fallback"])
def test_what_was_left_out_is_filled_in_once(item, column):
    HandoverItem.objects.filter(pk=item.pk).update(**{column: "x"})
    assert refused(ITEM + f"{column} = 'y' WHERE id = %s", item.pk)
    assert refused(ITEM + f"{column} = '' WHERE id = %s", item.pk)


def test_a_token_stands_for_one_item_of_its_author(agent, write):
    token = uuid4()
    item = write(agent, token=token)
    assert refused(ITEM + "token = %s WHERE id = %s", uuid4().hex, item.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandoverItem.objects.filter(pk=write(agent).pk).update(token=token)


def test_a_time_is_moved_and_never_taken_away(item):
    for hours in (1, 2):
        HandoverItem.objects.filter(pk=item.pk).update(due_at=clock.now() + timedelta(hours=hours))
    assert refused(ITEM + "due_at = NULL WHERE id = %s", item.pk)


def test_a_follow_up_has_no_author_and_a_written_item_no_order(item, agent, order):
    follow_up = services.follow_up_item(order=order, follow_up_code="day-after-dispatch", at=clock.now())
    assert refused(ITEM + "author_id = NULL WHERE id = %s", item.pk)
    assert refused(ITEM + "order_id = %s WHERE id = %s", order.pk, item.pk)
    assert refused(ITEM + "author_id = %s WHERE id = %s", agent.membership.pk, follow_up.pk)
    assert refused(ITEM + "order_id = NULL WHERE id = %s", follow_up.pk)


def test_an_order_has_each_follow_up_once(order):
    follow_up = services.follow_up_item(order=order, follow_up_code="day-after-dispatch", at=clock.now())
    follow_up.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        follow_up.save(force_insert=True)


def test_what_is_done_does_not_change(item, agent):
    services.finish_item(item=item, actor_membership=agent.membership)
    assert refused(ITEM + "state = 'open', done_at = NULL WHERE id = %s", item.pk)


def test_done_has_its_time(item):
    assert refused(ITEM + "state = 'done' WHERE id = %s", item.pk)
    assert refused(ITEM + "done_at = %s WHERE id = %s", clock.now(), item.pk)
    assert refused(ITEM + "state = 'lost' WHERE id = %s", item.pk)


def test_a_handover_and_a_history_are_only_ever_added_to(item, agent, day_shift):
    handover = services.submit_handover(attendance=day_shift, actor=agent)
    assert refused("UPDATE handover_handover SET remark = 'x' WHERE id = %s", handover.pk)
    assert refused("UPDATE handover_itemevent SET text = 'x' WHERE item_id = %s", item.pk)
    assert Handover.objects.get().remark == ""
    assert ItemEvent.objects.filter(item=item).count() == 2
    assert HandoverItem.objects.get().is_waiting


def test_an_entry_of_the_register_and_a_line_of_the_statistics_do_not_change(agent):
    issue = services.write_issue(author=agent.membership, category="idea", text="x")
    figures = {"served": 1, "closed": 1, "enquiries": 0, "sales_fen": 0}
    day = agent.membership.department.today()
    row = services.record_statistics(membership=agent.membership, business_date=day, actor=agent, **figures)
    assert refused("UPDATE handover_issue SET text = 'y' WHERE id = %s", issue.pk)
    assert refused("DELETE FROM handover_issue WHERE id = %s", issue.pk)
    assert refused("UPDATE handover_servicestatistic SET served = 2 WHERE id = %s", row.pk)
    assert refused("DELETE FROM handover_servicestatistic WHERE id = %s", row.pk)
