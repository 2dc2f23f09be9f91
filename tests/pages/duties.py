"""The addresses of shifts/urls/duties.py, as rows of the table of pages."""

from typing import Any

from people.models import Right
from shifts.models import DutyTurn
from tests.pages.row import BOTH, POST, Page
from tests.pages.world import World


def turn(world: World) -> DutyTurn:
    """A turn of who works the late shift now, offered to a colleague; made when it is first asked for."""
    if world.attendance is None:
        raise AttributeError("Nothing has happened here, so nobody has a duty.")
    attendance = world.attendance
    found = DutyTurn.objects.filter(department=world.department, business_date=attendance.business_date)
    # Where the rulebook names no duty, a figure is a name in every language.
    code = next((duty.code for duty in world.rulebook.duties if attendance.code in duty.shifts), "1")
    others = world.department.memberships.exclude(user=attendance.membership.user)
    colleague = world.people.get("colleague")
    return found.filter(duty=code).first() or DutyTurn.objects.create(
        department=world.department,
        duty=code,
        business_date=attendance.business_date,
        membership=attendance.membership,
        offered_to=others.filter(user=colleague).first() if colleague else None,
    )


def a_turn(world: World) -> dict[str, Any]:
    return {"pk": turn(world).pk}


def this_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month}


PAGES: list[Page] = [
    Page("shifts:duties", blanks=this_month),
    Page("shifts:duties", blanks=lambda world: {"month": world.last_month}, as_="last month"),
    Page("shifts:duties_make", POST, may=Right.EDIT_ROSTER, blanks=this_month),
    Page("shifts:duty_pass_on", BOTH, may=(Right.EDIT_ROSTER, "subject"), blanks=a_turn),
    Page("shifts:duty_answer", POST, may="colleague", blanks=a_turn, data={"answer": "accept"}),
    Page("shifts:duty_done", POST, may="subject", blanks=a_turn),
]
