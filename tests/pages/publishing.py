"""The addresses of shifts/urls/publishing.py, as rows of the table of pages."""

from typing import Any

from people.models import Right
from shifts.models import RosterChange
from shifts.services import roster_of
from tests.pages.row import BOTH, POST, Page
from tests.pages.world import World

EDIT = Right.EDIT_ROSTER


def this_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month}


def seen(world: World) -> dict[str, Any]:
    return {"seen": roster_of(world.department, world.this_month).edits, "reason": world.words["reason"]}


def change(world: World) -> dict[str, Any]:
    """What the newest version changed for the agent."""
    row = RosterChange.objects.filter(membership__user=world.people[world.subject]).first()
    if row is None:
        raise AttributeError("nothing was published here")
    return {"pk": row.pk}


def first_version(world: World) -> dict[str, Any]:
    if not RosterChange.objects.filter(membership__department=world.department).exists():
        raise AttributeError("nothing was published here")
    return this_month(world) | {"number": 1}


PAGES: list[Page] = [
    Page("shifts:roster_publish", BOTH, may=EDIT, blanks=this_month, data=seen),
    Page("shifts:roster_discard", POST, may=EDIT, blanks=this_month, data=seen),
    Page("shifts:roster_versions", blanks=this_month),
    Page("shifts:roster_version", blanks=first_version),
    Page("shifts:roster_lock", POST, may=EDIT, blanks=this_month),
    Page("shifts:roster_unlock", POST, may=EDIT, blanks=this_month, data={"reason": "—"}),
    Page("shifts:roster_acknowledge", POST, sees=(EDIT, "subject"), may="subject", blanks=change),
]
