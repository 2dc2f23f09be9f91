"""The addresses of handover/urls/weekly.py, as rows of the table of pages."""

from datetime import timedelta
from typing import Any

from handover.models import WeeklySummary
from handover.services.weekly import hand_in_summary
from handover.writers import weeks_of
from office import clock
from people.models import Right
from tests.pages.row import BOTH, POST, Page
from tests.pages.world import World


def coming(world: World):
    found = weeks_of(world.department, clock.now())
    if not found:
        raise AttributeError("The rulebook here asks for no summary.")
    return found[-1]


def text_of(world: World) -> str:
    return world.words["issue"] * coming(world).rule.at_least_characters


def handed_in(world: World) -> dict[str, Any]:
    """The colleague's, of the week before: handed in when it is first asked for."""
    rows = WeeklySummary.objects.handed_in().filter(membership__department=world.department)
    found = rows.filter(membership__user=world.people["colleague"]).first()
    if found is None:
        if world.attendance is None:
            raise AttributeError("Nothing has happened here.")
        member = world.people["colleague"].memberships.get(department=world.department)
        week = weeks_of(world.department, clock.now())[-2]
        with clock.at(week.due_at - timedelta(hours=1)):
            found = hand_in_summary(membership=member, day=week.day, text=text_of(world))
    return {"pk": found.pk}


def typed(world: World) -> dict[str, Any]:
    return {"day": coming(world).day.isoformat(), "text": text_of(world)}


PAGES: list[Page] = [
    Page("handover:weekly", BOTH, data=typed),
    Page("handover:weekly", query=lambda world: {"week": coming(world).day}, as_="of a week"),
    Page("handover:weekly_save", POST, data=typed, whole=False),
    Page("handover:weekly_board", may=Right.READ_REGISTER),
    Page("handover:weekly_summary", sees=(Right.READ_REGISTER, "colleague"), blanks=handed_in),
]
