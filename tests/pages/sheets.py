"""The addresses of shifts/urls/sheets.py, as rows of the table of pages."""

import json

from people.models import Right
from tests.pages.row import BOTH, Page


def this_month(world):
    return {"month": world.this_month}


def shown_cells(world):
    """What a page of differences sends when its cells are taken."""
    member = world.people["colleague"].memberships.first()
    return {"edits": json.dumps([[member.pk, 26, world.rulebook.shifts[0].code, 0]])}


PAGES: list[Page] = [
    Page("shifts:roster_sheet", blanks=this_month, whole=False),
    Page("shifts:roster_print", blanks=this_month),
    Page("shifts:roster_import", BOTH, may=Right.EDIT_ROSTER, blanks=this_month, data=shown_cells),
]
