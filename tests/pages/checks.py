"""The addresses of shifts/urls/checks.py, as rows of the table of pages."""

from people.models import Right
from shifts.checks import OPEN, Report
from shifts.models import Layer
from tests.pages.row import BOTH, Page


def this_month(world):
    return {"month": world.this_month}


def next_month(world):
    return {"month": world.this_month.next}


def open_warning(world):
    """Next month is not planned, so its shifts lack people."""
    items = Report(world.department, world.this_month.next, Layer.DRAFT).items
    found = next((item for item in items if item.state == OPEN), None)
    if found is None:
        raise AttributeError("The plan has no warning here.")
    return {"key": found.key}


def why(world):
    return {"reason": world.words["reason"]}


EDIT = Right.EDIT_ROSTER

PAGES: list[Page] = [
    Page("shifts:roster_checks", may=EDIT, blanks=this_month),
    Page("shifts:roster_checks", may=EDIT, blanks=this_month, query={"layer": "worked"}, as_="of hours worked"),
    Page("shifts:roster_stand", BOTH, may=EDIT, blanks=next_month, query=open_warning, data=why),
]
