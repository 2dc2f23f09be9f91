"""The addresses of handover/urls/orders.py, as rows of the table of pages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from handover.models import Attribution, Order, OrderClaim
from handover.orders import Fault, standing
from people.models import Membership, Right
from tests.pages.row import POST, Page
from tests.pages.world import World


def member_of(world: World, name: str) -> Membership:
    return world.department.memberships.select_related("user").get(user=world.people[name])


def the_order(world: World, number: str = "880012345678901") -> Order:
    """An untagged order of yesterday, made when there is none. As a row: reading files in is asked elsewhere."""
    found = Order.objects.filter(department=world.department, number=number).first()
    if found is not None:
        return found
    zone, day = world.department.zone, world.department.today() - timedelta(days=1)
    placed = datetime(day.year, day.month, day.day, 14, 5, tzinfo=zone)
    return Order.objects.create(
        department=world.department,
        number=number,
        buyer=world.words["customer"],
        placed_at=placed,
        paid_at=placed + timedelta(minutes=3),
        amount_fen=128_00,
        paid_fen=128_00,
        remark=world.words["known"],
        flag="green",
        business_date=day,
        attribution=Attribution.NONE,
        fault=Fault.NO_NUMBER,
    )


def the_claim(world: World) -> OrderClaim:
    """The agent's claim of the order, made when there is none."""
    order, member = the_order(world), member_of(world, "agent")
    found = order.claims.waiting().filter(membership=member).first()
    return found or OrderClaim.objects.create(order=order, membership=member, reason=world.words["reason"])


def order_key(world: World) -> Mapping[str, Any]:
    the_claim(world)
    return {"pk": the_order(world).pk}


def unclaimed_key(world: World) -> Mapping[str, Any]:
    return {"pk": the_order(world, "880012345678902").pk}


def claim_key(world: World) -> Mapping[str, Any]:
    return {"pk": the_claim(world).pk}


def month(world: World) -> Mapping[str, Any]:
    the_claim(world)
    return {"month": world.this_month}


def why(world: World) -> Mapping[str, Any]:
    return {"reason": world.words["reason"]}


def whole(world: World) -> Mapping[str, Any]:
    order = the_order(world, "880012345678902")
    return {
        "seen": standing(order.attribution, {}),
        "member_0": member_of(world, "agent").pk,
        "share_0": 100,
        "reason": world.words["reason"],
    }


PAGES: list[Page] = [
    Page("handover:orders"),
    Page("handover:orders", query={"how": "none", "flag": "green", "month": "all"}, as_="chosen"),
    Page("handover:untagged_now", answers=(302,), whole=False),
    Page("handover:untagged", blanks=month),
    Page("handover:order", blanks=order_key),
    Page("handover:order_claim", POST, blanks=unclaimed_key, data=why),
    Page("handover:order_decide", POST, may=Right.DECIDE_ORDERS, blanks=unclaimed_key, data=whole),
    Page("handover:claim_withdraw", POST, may="agent", blanks=claim_key),
    Page("handover:claim_confirm", POST, may=Right.DECIDE_ORDERS, blanks=claim_key),
    Page("handover:claim_refuse", POST, may=Right.DECIDE_ORDERS, blanks=claim_key, data=why),
]
