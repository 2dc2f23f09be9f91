"""Two people claim, confirm or split an order at the same moment, in two processes of the operating system."""

from datetime import datetime

import pytest

from handover.models import ClaimState, Order, OrderClaim, OrderShare
from handover.orders import WHOLE
from handover.services import orders as services
from office import clock
from people.models import Membership, Role, User
from tests.factories import add_person
from tests.handover.order_facts import make_order
from tests.processes import race

ROUNDS = 8

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def second_of_november(department):
    with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=department.zone)):
        yield


def claim(order_pk, member_pk):
    services.claim_order(
        order=Order.objects.get(pk=order_pk), membership=Membership.objects.get(pk=member_pk), reason="我的"
    )


def confirm(claim_pk, user_pk):
    services.confirm_claim(claim=OrderClaim.objects.get(pk=claim_pk), actor=User.objects.get(pk=user_pk))


def split(order_pk, user_pk):
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
    told = race(*[(claim, keys, {"member_pk": agent.membership.pk})] * 2)
    assert [sorted(answers) for answers in told] == [["already_claimed", "done"]] * ROUNDS
    assert OrderClaim.objects.count() == ROUNDS


def test_of_two_claims_confirmed_at_once_one_holds(orders, agent, colleague, leader, second_leader):
    for order in orders:
        for person in (agent, colleague):
            services.claim_order(order=order, membership=person.membership, reason="我的")
    firsts = list(OrderClaim.objects.filter(membership=agent.membership).order_by("order").values_list("pk", flat=True))
    seconds = list(
        OrderClaim.objects.filter(membership=colleague.membership).order_by("order").values_list("pk", flat=True)
    )
    told = race((confirm, firsts, {"user_pk": leader.pk}), (confirm, seconds, {"user_pk": second_leader.pk}))
    assert [sorted(answers) for answers in told] == [["already_decided", "done"]] * ROUNDS
    assert OrderClaim.objects.filter(state=ClaimState.CONFIRMED).count() == ROUNDS
    assert list(OrderShare.objects.values_list("parts", flat=True)) == [WHOLE] * ROUNDS


def test_of_two_who_decide_at_once_the_second_is_told(orders, agent, colleague, leader, second_leader):
    keys = [order.pk for order in orders]
    told = race(*[(split, keys, {"user_pk": person.pk}) for person in (leader, second_leader)])
    assert [sorted(answers) for answers in told] == [["changed_meanwhile", "done"]] * ROUNDS
    assert OrderShare.objects.count() == 2 * ROUNDS
