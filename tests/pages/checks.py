"""The addresses of shifts/urls/checks.py, as rows of the table of pages."""

from people.models import Right
from tests.pages.row import Page


def this_month(world):
    return {"month": world.this_month}


EDIT = Right.EDIT_ROSTER

PAGES: list[Page] = [
    Page("shifts:roster_checks", may=EDIT, blanks=this_month),
    Page("shifts:roster_checks", may=EDIT, blanks=this_month, query={"layer": "worked"}, as_="of hours worked"),
]
