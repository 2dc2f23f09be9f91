"""The addresses of shifts/urls/qualifications.py, as rows of the table of pages."""

from people.models import Right
from tests.pages.row import BOTH, POST, Page

EDIT = Right.EDIT_ROSTER


def given(world):
    """Under a rulebook without skills the same is refused with a page that says so."""
    return {"member": world.card.pk, "skill": "after-sale", "from_day": "2026-11-10", "until_day": ""}


PAGES: list[Page] = [
    Page("shifts:qualifications", may=EDIT),
    Page("shifts:qualification_set", BOTH, may=EDIT, data=given),
    Page("shifts:qualification_remove", POST, may=EDIT, data={"qualification": "1"}),
]
