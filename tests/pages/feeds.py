"""The addresses of shifts/urls/feeds.py and of the calendar behind them, as rows of the table of pages."""

from shifts.services import feeds
from tests.pages.row import ANYBODY, POST, Page


def own_address(world):
    """The token of the agent's calendar; made anew each time it is asked for."""
    agent = world.people["agent"]
    return {"token": feeds.make_feed(membership=agent.memberships.get(department=world.department), actor=agent).token}


PAGES: list[Page] = [
    Page("shifts:calendar_feed"),
    Page("shifts:calendar_feed_new", POST),
    Page("shifts:calendar_feed_revoke", POST),
    Page("feed", sees=ANYBODY, blanks=own_address, whole=False),
]
