"""The addresses of shifts/urls/leave.py, as rows of the table of pages."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from people.models import Right
from shifts.models import Leave, LeaveState
from shifts.services import leave
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

SEEN: Who = (Right.APPROVE_LEAVE, "subject")
# Days in the draft month of the world, far enough ahead for any notice.
WAITS, TAKEN = date(2026, 12, 10), date(2026, 12, 14)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)


def prepare(world: World) -> None:
    """One slip of the subject's that waits, with an attachment, and one that is approved. To be called by `build`."""
    with world.at("2026-11-04 10:00"):
        waiting_slip(world)
        approved_slip(world)


def waiting_slip(world: World) -> Leave:
    return _slip(world, WAITS, LeaveState.ASKED) or _asked(world, WAITS)


def approved_slip(world: World) -> Leave:
    found = _slip(world, TAKEN, LeaveState.APPROVED)
    approver = world.people[world.who_holds(Right.APPROVE_LEAVE, besides=(world.subject,))]
    return found or leave.approve(leave=_asked(world, TAKEN), actor=approver)


def _slip(world: World, day: date, state: str) -> Leave | None:
    """Also one that anything has happened to: for a page that is asked for in another state."""
    slips = Leave.objects.filter(membership__department=world.department, membership__user=world.people[world.subject])
    return slips.filter(first_day=day).first() or slips.filter(state=state).first()


def _asked(world: World, day: date) -> Leave:
    kind = next(one for one in world.rulebook.leave.kinds if one.attachment != "none" and one.taken_in != "hours")
    return leave.ask(
        membership=world.card,
        kind=kind.code,
        first_day=day,
        last_day=day,
        reason=world.words["reason"],
        actor=world.people[world.subject],
        file=SimpleUploadedFile("note.png", PICTURE),
    )


def waiting(world: World) -> dict[str, Any]:
    return {"pk": waiting_slip(world).pk}


def approved(world: World) -> dict[str, Any]:
    return {"pk": approved_slip(world).pk}


def new_slip(world: World) -> dict[str, Any]:
    kind = next(one for one in world.rulebook.leave.kinds if one.attachment != "required" and one.taken_in != "hours")
    return {"kind": kind.code, "first_day": "2026-12-20", "reason": world.words["reason"]}


def some_days(world: World) -> dict[str, Any]:
    return {"first_day": "2026-11-10", "last_day": "2026-11-12"}


def why(world: World) -> dict[str, Any]:
    return {"reason": world.words["reason"]}


PAGES: list[Page] = [
    Page("shifts:leaves"),
    Page("shifts:leave_new", BOTH, data=new_slip),
    Page("shifts:leave_days", query=some_days, whole=False),
    Page("shifts:leave", sees=SEEN, blanks=waiting),
    Page("shifts:leave", sees=SEEN, blanks=approved, as_="approved"),
    Page("shifts:leave_attachment", sees=SEEN, blanks=waiting, whole=False),
    Page(
        "shifts:leave_approve",
        POST,
        sees=SEEN,
        may=Right.APPROVE_LEAVE,
        unless=("subject",),
        blanks=waiting,
    ),
    Page(
        "shifts:leave_refuse",
        POST,
        sees=SEEN,
        may=Right.APPROVE_LEAVE,
        unless=("subject",),
        blanks=waiting,
        data=why,
    ),
    Page("shifts:leave_withdraw", POST, sees=SEEN, may="subject", blanks=waiting),
    Page("shifts:leave_cancel", POST, sees=SEEN, blanks=approved, data=why),
]
