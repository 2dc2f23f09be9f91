"""The addresses of shifts/urls/filling.py, as rows of the table of pages."""

from people.models import Right
from tests.pages.row import BOTH, Page
from tests.pages.sheets import shown_cells, this_month


def wish(world):
    """A pattern of one shift for one person, to be looked at."""
    member = world.people["colleague"].memberships.first()
    days = {"first_day": world.this_month.last, "last_day": world.this_month.last}
    return {"source": "typed", "cycle": world.rulebook.shifts[0].code, "agents": [member.pk], **days}


PAGES: list[Page] = [
    Page("shifts:roster_fill", BOTH, may=Right.EDIT_ROSTER, blanks=this_month, data=wish),
    Page("shifts:roster_fill", BOTH, may=Right.EDIT_ROSTER, blanks=this_month, data=shown_cells, as_="what was shown"),
]
