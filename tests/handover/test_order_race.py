"""Two people claim, confirm or split an order at the same moment, in two processes of the operating system."""

import multiprocessing
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from handover.models import ClaimState, Order, OrderClaim, OrderShare
from handover.orders import WHOLE
from handover.services import orders as services
from office import clock
from people.models import Membership, Role, User
from tests.factories import add_person
from tests.handover.order_facts import make_order

ROUNDS = 8
WAIT = 30

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def second_of_november(department):
    with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=department.zone)):
        yield


def press(does, actor_pk, keys, barrier, results):
    """Do it with each key as soon as the other process is ready for it too; reports what came of it."""
    for key in keys:
        barrier.wait(WAIT)
        try:
            does(actor_pk, key)
            results.put((key, "done"))
        except ValidationError as refusal:
            results.put((key, refusal.code))
    connections.close_all()


def at_once(jobs) -> dict[int, list[str]]:
    """`jobs`: (what, actor, keys) of each process; for each key what came of it."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(len(jobs)), context.Queue()
    # A forked process must not inherit an open connection: both ends would talk on one socket.
    connections.close_all()
    people = [context.Process(target=press, args=(*job, barrier, results)) for job in jobs]
    for person in people:
        person.start()
    told: dict[int, list[str]] = {}
    for _answer in range(sum(len(job[2]) for job in jobs)):
        key, what = results.get(timeout=WAIT)
        told.setdefault(key, []).append(what)
    for person in people:
        person.join(WAIT)
        assert person.exitcode == 0
    return {key: sorted(answers) for key, answers in told.items()}


def claim(member_pk, order_pk):
    services.claim_order(
        order=Order.objects.get(pk=order_pk), membership=Membership.objects.get(pk=member_pk), reason="我的"
    )


def confirm(user_pk, claim_pk):
    services.confirm_claim(claim=OrderClaim.objects.get(pk=claim_pk), actor=User.objects.get(pk=user_pk))


def split(user_pk, order_pk):
    order, actor = Order.objects.get(pk=order_pk), User.objects.get(pk=user_pk)
    first, second = Membership.objects.filter(work_number__in=["02", "07"]).order_by("work_number")
    services.decide_order(order=order, actor=actor, parts={first: 5000, second: 5000}, reason="各半")


@pytest.fixture
def orders(department):
    made = [make_order(department, f"A{number}") for number in range(ROUNDS)]
    services.attribute(department=department, order_keys=[order.pk for order in made])
    return made


@pytest.fixture
def second_leader(department):
    return add_person(department, name="何佳怡", work_number="33", roles=[Role.LEADER])


def test_who_claims_twice_at_once_has_one_claim(orders, agent):
    keys = [order.pk for order in orders]
    told = at_once([(claim, agent.membership.pk, keys)] * 2)
    assert set(map(tuple, told.values())) == {("already_claimed", "done")}
    assert OrderClaim.objects.count() == ROUNDS


def test_of_two_claims_confirmed_at_once_one_holds(orders, agent, colleague, leader, second_leader):
    for order in orders:
        for person in (agent, colleague):
            services.claim_order(order=order, membership=person.membership, reason="我的")
    firsts = list(OrderClaim.objects.filter(membership=agent.membership).order_by("order").values_list("pk", flat=True))
    seconds = list(
        OrderClaim.objects.filter(membership=colleague.membership).order_by("order").values_list("pk", flat=True)
    )
    told = at_once([(confirm, leader.pk, firsts), (confirm, second_leader.pk, seconds)])
    for first, second in zip(firsts, seconds, strict=True):
        assert sorted(told[first] + told[second]) == ["already_decided", "done"]
    assert OrderClaim.objects.filter(state=ClaimState.CONFIRMED).count() == ROUNDS
    assert list(OrderShare.objects.values_list("parts", flat=True)) == [WHOLE] * ROUNDS


def test_of_two_who_decide_at_once_the_second_is_told(orders, agent, colleague, leader, second_leader):
    keys = [order.pk for order in orders]
    told = at_once([(split, leader.pk, keys), (split, second_leader.pk, keys)])
    assert set(map(tuple, told.values())) == {("changed_meanwhile", "done")}
    assert OrderShare.objects.count() == 2 * ROUNDS
