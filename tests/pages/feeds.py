"""The addresses of shifts/urls/feeds.py and of the calendar behind them, as rows of the table of pages."""

from shifts.services import feeds
from tests.pages.row import ANYBODY, POST, Page
from tests.pages.world import World


def own_address(world: World) -> dict[str, str]:
    """The token of the agent's calendar; made once in each world, for it can be read only then."""
    if not world.feed:
        agent = world.people["agent"]
        member = agent.memberships.get(department=world.department)
        world.feed = feeds.make_feed(membership=member, actor=agent).token
    return {"token": world.feed}


PAGES: list[Page] = [
    Page("shifts:calendar_feed"),
    Page("shifts:calendar_feed_new", POST),
    Page("shifts:calendar_feed_revoke", POST),
    Page("feed", sees=ANYBODY, blanks=own_address, whole=False, marks="shifts.CalendarFeed"),
]
