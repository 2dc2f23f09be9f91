"""The addresses of shifts/urls/attendance.py, as rows of the table of pages."""

from typing import Any

from office import clock
from people.models import Right
from shifts.models import Away
from shifts.services.away import leave_desk
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

ASKED_OF: Who = (Right.WATCH_SHIFTS, "subject")


def prepare(world: World) -> None:
    """The subject, who is on duty now, asks to leave the desk. To be called by `build` after the late shift."""
    with clock.at(world.evening):
        _leaving(world)


def _leaving(world: World) -> Away:
    """The one who has asked; in a department made elsewhere whoever is on duty asks when it is first looked at."""
    if world.attendance is None:
        raise AttributeError("Nobody is on duty here.")
    found = Away.objects.filter(attendance__membership__department=world.department).first()
    reason = next(each for each in world.rulebook.attendance.away if each.permission)
    user = world.attendance.membership.user
    return found or leave_desk(attendance=world.attendance, reason=reason.code, actor=user)


def asked(world: World) -> dict[str, Any]:
    return {"pk": _leaving(world).pk}


def reason(world: World) -> dict[str, Any]:
    return {"reason": world.rulebook.attendance.away[0].code}


def this_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month}


PAGES: list[Page] = [
    Page("shifts:attendance", blanks=this_month),
    Page(
        "shifts:attendance",
        may=(Right.WATCH_SHIFTS, "subject"),
        blanks=this_month,
        query=lambda world: {"member": world.card.pk},
        as_="of a member",
    ),
    Page("shifts:away", BOTH, answers=(200, 204), data=reason, whole=False),
    Page("shifts:back", POST, data={"stayed": "1"}),
    Page(
        "shifts:away_decide",
        BOTH,
        sees=ASKED_OF,
        may=Right.WATCH_SHIFTS,
        unless=("subject",),
        blanks=asked,
        data={"allow": "1"},
    ),
]
