"""The addresses of shifts/urls/calendar.py, as rows of the table of pages."""

from people.models import Right
from tests.pages.row import BOTH, POST, Page

EDIT = Right.EDIT_ROSTER
DAY = {"day": "2026-11-11", "kind": "workday"}

PAGES: list[Page] = [
    Page("shifts:calendar", blanks={"year": 2026}),
    Page("shifts:calendar", blanks={"year": 2027}, as_="not known"),
    Page("shifts:calendar_seed", POST, may=EDIT, blanks={"year": 2026}),
    Page("shifts:calendar_known", POST, may=EDIT, blanks={"year": 2027}),
    Page("shifts:calendar_day", BOTH, may=EDIT, data=DAY),
    Page("shifts:calendar_day_forget", POST, may=EDIT, data=DAY),
]
