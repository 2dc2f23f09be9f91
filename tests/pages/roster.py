"""The addresses of shifts/urls/roster.py, as rows of the table of pages."""

import json
from typing import Any

from people.models import Right
from tests.pages.row import POST, Page
from tests.pages.world import World


def this_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month}


def a_week(world: World) -> dict[str, Any]:
    return {"week": world.this_month.first.replace(day=12)}


def two_months(world: World) -> dict[str, Any]:
    """The week that ends the month, and reaches into the next one."""
    return {"week": world.this_month.last}


def painted(world: World) -> dict[str, Any]:
    member = world.people["colleague"].memberships.first()
    return {"edits": json.dumps([[member.pk, 26, world.rulebook.shifts[0].code, 0]])}


PAGES: list[Page] = [
    Page("shifts:roster", blanks=this_month, query=a_week, as_="of a week"),
    Page("shifts:roster", blanks=this_month, query=two_months, as_="of a week of two months"),
    Page(
        "shifts:roster_cells",
        POST,
        may=Right.EDIT_ROSTER,
        blanks=this_month,
        query=two_months,
        data=painted,
        as_="of a week",
    ),
]
