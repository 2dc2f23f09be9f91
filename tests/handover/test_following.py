"""Follow-ups of orders: each becomes one item, for whoever on duty has the least to do."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import HandoverItem, ItemAction, Order
from office import clock
from rulebooks.services import in_force
from tests.factories import add_person
from tests.handover.conftest import begin_shift, owners

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)


@pytest.fixture(params=["department", "changed_department"])
def desk(request):
    """A department at ten in the morning, under each of the two rulebooks."""
    department = request.getfixturevalue(request.param)
    with clock.at(datetime(2026, 11, 10, 10, tzinfo=department.zone)):
        yield department


@pytest.fixture
def rule(desk):
    return in_force(desk, DAY).notebooks.follow_ups[0]


@pytest.fixture
def order(desk):
    return Order.objects.create(
        department=desk,
        number="2026111000017",
        buyer="小鹿t8",
        placed_at=clock.now(),
        amount_fen=9900,
        business_date=DAY,
    )


@pytest.fixture
def on_duty(desk):
    """`on_duty("07")`: somebody who is on the first shift of the rulebook."""

    def come(number):
        person = add_person(desk, work_number=number)
        shift = begin_shift(person, in_force(desk, DAY).shifts[0].code, day=DAY, at=clock.now())
        return person, shift

    return come


def follow(order, rule):
    return services.follow_up_item(order=order, follow_up_code=rule.code, at=clock.now())


def write(desk, person, times):
    kind = in_force(desk, DAY).notebooks.handover_log.kinds[-1].code
    for _item in range(times):
        services.write_item(author=person.membership, kind=kind, to_do="x", due_at=clock.now())


def test_it_says_what_is_to_be_done_for_whom_and_until_the_end_of_that_day(desk, order, rule):
    item = follow(order, rule)
    assert (item.order, item.follow_up, item.kind, item.author) == (order, rule.code, rule.kind, None)
    assert (item.customer, item.written_by) == ("小鹿t8", "")
    assert rule.name.zh in item.to_do and order.number in item.to_do
    assert desk.local(item.due_at).isoformat(timespec="minutes").startswith("2026-11-10T23:59")
    assert item.rulebook_version_id == in_force(desk, DAY).version_id


def test_one_that_a_stopped_server_makes_late_is_due_today(desk, order, rule):
    item = services.follow_up_item(order=order, follow_up_code=rule.code, at=clock.now() - timedelta(days=3))
    assert desk.local(item.due_at).date() == DAY


def test_with_nobody_on_duty_it_lies_in_the_queue(desk, order, rule):
    item = follow(order, rule)
    assert owners(item) == 1 and item.in_queue
    event = item.events.get()
    assert (event.action, event.actor, event.owner) == (ItemAction.WRITTEN, None, None)
    assert (item.giver, item.passed_on_by, item.rule.code) == (None, "", rule.kind)
    assert HandoverItem.objects.for_cards().get(pk=item.pk).waited == "0 min"


def test_it_goes_to_whoever_on_duty_has_the_fewest_open_items(desk, order, rule, on_duty):
    (busy, _shift), (free, _other), (_gone, ended) = on_duty("01"), on_duty("02"), on_duty("03")
    services.end_shift(attendance=ended, actor=None)
    write(desk, busy, 3)
    write(desk, free, 1)
    item = follow(order, rule)
    assert item.owner == free.membership
    assert item.events.get().owner == free.membership


def test_who_has_handed_over_gets_nothing_more(desk, order, rule, on_duty):
    person, shift = on_duty("01")
    services.submit_handover(attendance=shift, actor=person)
    assert follow(order, rule).in_queue


def test_twice_is_one_item(order, rule, on_duty):
    on_duty("01")
    assert follow(order, rule) == follow(order, rule)
    assert HandoverItem.objects.count() == 1


def test_also_when_it_is_done_already(order, rule, on_duty):
    person, _shift = on_duty("01")
    item = services.finish_item(item=follow(order, rule), actor_membership=person.membership)
    assert follow(order, rule) == item


def test_what_the_rulebook_of_that_day_does_not_know_is_refused(order):
    with pytest.raises(ValidationError) as refusal:
        services.follow_up_item(order=order, follow_up_code="no-such", at=clock.now())
    assert refusal.value.code == "unknown_follow_up"
    assert not HandoverItem.objects.exists()


def test_it_is_asked_about_refused_and_taken_like_any_other(desk, order, rule, on_duty):
    item = follow(order, rule)
    supervisor = add_person(desk, work_number="90", roles=["supervisor"], rostered=False)
    person, _shift = on_duty("01")
    call = {"item": item, "actor_membership": person.membership}
    services.ask_back(**call, text="哪个订单？")
    assert supervisor.notices.count() == 1, "nobody gave it: whoever may take over is asked"
    with pytest.raises(ValidationError):
        services.answer_item(**call, text="x")
    services.answer_item(item=item, actor_membership=supervisor.membership, text="备注里那个")
    services.refuse_item(**call, reason="我不熟")
    assert services.accept_item(**call, read_back="打给小鹿").owner == person.membership
