"""The addresses of shifts/urls/swaps.py, as rows of the table of pages."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from people.models import Membership, Right
from shifts import services
from shifts.models import Assignment, Swap, SwapKind, VersionCause
from shifts.services.swaps import cells_now
from shifts.whatif import touched
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

COVERING: Who = (Right.EDIT_ROSTER, Right.APPROVE_LEAVE, Right.WATCH_SHIFTS, Right.APPROVE_SWAP)
# Between agent and colleague: they see it, and whoever approves.
SEEN: Who = ("agent", "colleague", Right.APPROVE_SWAP)


def member_of(world: World, name: str) -> Membership:
    return world.department.memberships.select_related("user").get(user=world.people[name])


def shift_of(world: World, name: str = "agent") -> Assignment:
    """A published shift ahead of somebody, made when there is none."""
    department, member = world.department, member_of(world, name)
    today = department.today()
    planned = Assignment.objects.published().working().filter(membership=member)
    ahead = planned.filter(business_date__gt=today + timedelta(days=3))
    found = ahead.order_by("business_date").first()
    if found is None:
        day = today + timedelta(days=8)
        shift = next(one for one in world.rulebook.shifts if one.headcount_on(day).wanted)
        services.change_published(
            department=department,
            actor=world.people[world.who_holds(Right.EDIT_ROSTER)],
            cause=VersionCause.COVER,
            cells={(member.pk, day): shift.code},
        )
        found = ahead.get()
    return found


def the_swap(world: World) -> Swap:
    """An offer of the agent's to the colleague, made when there is none. As a row: who may ask is asked elsewhere."""
    agent, colleague = (member_of(world, name) for name in ("agent", "colleague"))
    found = Swap.objects.live().filter(owner=agent, partner=colleague).first()
    if found is not None:
        return found
    shift = shift_of(world)
    swap = Swap(
        department=world.department,
        kind=SwapKind.GIVE_AWAY,
        owner=agent,
        partner=colleague,
        assignment=shift,
        business_date=shift.business_date,
        code=shift.code,
        asked_by=agent.user,
    )
    swap.seen = cells_now(touched(swap))
    swap.save()
    return swap


def key(world: World) -> Mapping[str, Any]:
    return {"pk": the_swap(world).pk}


def step(name: str):
    return lambda world: {"pk": the_swap(world).pk, "step": name}


def own_shift(world: World) -> Mapping[str, Any]:
    return {"shift": shift_of(world).pk}


def words(world: World) -> dict[str, str]:
    return {"reason": world.words["reason"], "acted_for": world.words["reason"]}


def given(world: World) -> Mapping[str, Any]:
    return {"kind": SwapKind.GIVE_AWAY, "chosen": member_of(world, "colleague").pk} | words(world)


def gap(world: World) -> Mapping[str, Any]:
    shift = shift_of(world)
    return {"day": shift.business_date.isoformat(), "shift": shift.code}


def shift_key(world: World) -> Mapping[str, Any]:
    return {"key": shift_of(world).pk}


def put_on(world: World) -> Mapping[str, Any]:
    return {"does": "put_on", "chosen": member_of(world, "leader").pk, "reason": world.words["reason"]}


PAGES: list[Page] = [
    Page("shifts:swaps"),
    Page("shifts:swaps", query={"state": "all"}, as_="all"),
    Page("shifts:swap_new", may=("agent", "colleague", "leader", Right.APPROVE_SWAP)),
    Page(
        "shifts:swap_new",
        BOTH,
        may=("agent", Right.APPROVE_SWAP),
        query=own_shift,
        data=given,
        as_="of a shift",
    ),
    Page("shifts:swap", sees=SEEN, blanks=key),
    Page("shifts:swap_step", POST, sees=SEEN, may="colleague", blanks=step("agree"), as_="agree"),
    Page("shifts:swap_step", POST, sees=SEEN, may="colleague", blanks=step("decline"), as_="decline"),
    Page(
        "shifts:swap_step",
        POST,
        sees=SEEN,
        may=Right.APPROVE_SWAP,
        unless=("agent", "colleague"),
        blanks=step("agree_for"),
        data=words,
        as_="agree for somebody",
    ),
    Page(
        "shifts:swap_step",
        POST,
        sees=SEEN,
        may=Right.APPROVE_SWAP,
        unless=("agent", "colleague"),
        blanks=step("decline_for"),
        data=words,
        as_="decline for somebody",
    ),
    Page("shifts:swap_step", POST, sees=SEEN, may="agent", blanks=step("withdraw"), as_="withdraw"),
    Page(
        "shifts:swap_step",
        POST,
        sees=SEEN,
        may=Right.APPROVE_SWAP,
        unless=("agent", "colleague"),
        blanks=step("approve"),
        data=words,
        as_="approve",
    ),
    Page(
        "shifts:swap_step",
        POST,
        sees=SEEN,
        may=Right.APPROVE_SWAP,
        unless=("agent", "colleague"),
        blanks=step("apply"),
        as_="apply",
    ),
    Page(
        "shifts:swap_step",
        POST,
        sees=SEEN,
        may=Right.APPROVE_SWAP,
        unless=("agent", "colleague"),
        blanks=step("refuse"),
        data=words,
        as_="refuse",
    ),
    Page("shifts:cover", BOTH, may=COVERING, blanks=gap, data=put_on),
    Page("shifts:answers", blanks=shift_key),
]
