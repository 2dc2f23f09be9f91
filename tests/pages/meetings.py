"""The addresses of handover/urls/meetings.py, as rows of the table of pages."""

from datetime import timedelta
from typing import Any

from handover.models import Meeting
from handover.services.meetings import make_meetings
from office import clock
from people.models import Right
from tests.pages.row import POST, Page, Who
from tests.pages.world import World

# The subject has been given the chair of the one that was held.
WRITES: Who = (Right.LEAD_TRAINING, "subject")


def _meetings(world: World):
    if world.attendance is None:
        raise AttributeError("Nothing has happened here.")
    rows = Meeting.objects.filter(department=world.department).order_by("begins_at")
    if not rows.exists():
        with clock.at(world.evening - timedelta(days=8)):
            make_meetings(department=world.department)
        with clock.at(world.evening):
            make_meetings(department=world.department)
        rows.filter(begins_at__lt=world.evening).update(chair=world.card)
    return rows


def held(world: World) -> dict[str, Any]:
    return {"pk": _meetings(world).filter(begins_at__lt=clock.now()).first().pk}


def coming(world: World) -> dict[str, Any]:
    return {"pk": _meetings(world).filter(begins_at__gt=clock.now()).first().pk}


def arranged(world: World) -> dict[str, Any]:
    meeting = Meeting.objects.get(**coming(world))
    parts = {f"part_{row.membership_id}": row.part for row in meeting.people.all()}
    return {"chair": meeting.chair_id, **parts}


def decision(world: World) -> dict[str, Any]:
    return {"text": world.words["issue"], "category": world.rulebook.notebooks.issue_register.categories[0].code}


PAGES: list[Page] = [
    Page("handover:meetings"),
    Page("handover:meeting", blanks=coming),
    Page("handover:meeting", blanks=held, as_="held"),
    Page("handover:meeting_arrange", POST, may=Right.LEAD_TRAINING, blanks=coming, data=arranged),
    Page(
        "handover:meeting_cancel",
        POST,
        may=Right.LEAD_TRAINING,
        blanks=coming,
        data=lambda world: {"reason": world.words["reason"]},
    ),
    Page("handover:meeting_came", POST, may=Right.LEAD_TRAINING, blanks=held),
    Page(
        "handover:meeting_minutes",
        POST,
        may=WRITES,
        blanks=held,
        data=lambda world: {"text": world.words["remark"], "hand_in": "on"},
    ),
    Page("handover:meeting_decide", POST, may=WRITES, blanks=held, data=decision),
]
