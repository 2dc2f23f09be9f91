"""The addresses of shifts/urls/timesheets.py, as rows of the table of pages."""

from people.models import Right
from tests.pages.row import Page
from tests.pages.sheets import this_month

READERS = (Right.EDIT_ROSTER, Right.CORRECT_ATTENDANCE, Right.SCORE_MONTH)


def the_agents(world):
    return this_month(world) | {"pk": world.card.pk}


PAGES: list[Page] = [
    Page("shifts:timesheets", may=READERS, blanks=this_month),
    Page("shifts:timesheets", may=READERS, blanks=this_month, query={"export": "xlsx"}, as_="Excel", whole=False),
    Page("shifts:timesheet_own", blanks=this_month, answers=(302,)),
    Page("shifts:timesheet", may=(*READERS, "subject"), blanks=the_agents),
]
