"""The addresses of shifts/urls/corrections.py, as rows of the table of pages."""

from typing import Any

from office import clock
from people.models import Right
from shifts.models import Assignment, Correction
from shifts.services.corrections import ask
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

# The colleague asks: the subject's own shift that is over is for the form.
SEEN: Who = (Right.CORRECT_ATTENDANCE, "colleague")


def prepare(world: World) -> None:
    """The colleague asks for a correction of the day. To be called by `build` after the day shift."""
    with clock.at(world.evening):
        _request(world)


def _request(world: World) -> Correction:
    """The one that waits; in a department made elsewhere it is asked for when it is first looked at."""
    found = Correction.objects.filter(membership__department=world.department).first()
    user = world.people.get("colleague") or world.people[world.subject]
    shift = _shifts(world, user).filter(ends_at__lte=clock.now()).last()
    if found is not None or shift is None:
        return found or _nothing()
    came, left = shift.times
    return ask(assignment=shift, came_at=came, left_at=left, reason=world.words["reason"], actor=user)


def _nothing():
    raise AttributeError("Nobody has worked here.")


def _shifts(world: World, user):
    rows = Assignment.objects.published().working().filter(membership__department=world.department)
    return rows.filter(membership__user=user).order_by("business_date")


def waiting(world: World) -> dict[str, Any]:
    return {"pk": _request(world).pk}


def own_shift(world: World) -> dict[str, Any]:
    found = _shifts(world, world.people[world.subject]).first()
    return {"shift": (found or _nothing()).pk}


def new_times(world: World) -> dict[str, Any]:
    day = "2026-11-09"
    typed = {"came_at": f"{day}T16:00", "left_at": f"{day}T23:00", "reason": world.words["reason"]}
    return own_shift(world) | typed


def why(world: World) -> dict[str, Any]:
    return {"reason": world.words["reason"]}


DECIDED = {"sees": SEEN, "may": Right.CORRECT_ATTENDANCE, "unless": ("colleague",), "blanks": waiting}

PAGES: list[Page] = [
    Page("shifts:corrections"),
    Page("shifts:correction_new", BOTH, sees=(Right.CORRECT_ATTENDANCE, "subject"), query=own_shift, data=new_times),
    Page("shifts:correction", sees=SEEN, blanks=waiting),
    Page("shifts:correction_approve", POST, data=why, **DECIDED),
    Page("shifts:correction_refuse", POST, data=why, **DECIDED),
    Page("shifts:correction_withdraw", POST, sees=SEEN, may="colleague", blanks=waiting),
]
