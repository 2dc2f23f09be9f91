"""Today: the desk of who works shifts, the board of who watches them, the office of who scores, collects or leads."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from desk.board import board_of
from desk.decide_part import decide_part
from desk.month_part import month_part
from desk.notebook_part import urgent_lines
from desk.office_day import OFFICE_RIGHTS, office_day_of
from desk.requests_part import requests_part
from desk.shift_day import shift_day_of
from people.access import in_department, may, membership_of
from people.models import Right
from people.permissions import departments_of


@require_GET
def home(request) -> HttpResponse:
    """The first page after sign-in: Today of the first department that one belongs to."""
    department = departments_of(request.user).first()
    if department is None:
        return render(request, "desk/nowhere.html")
    return redirect("desk:today", code=department.code)


@require_GET
@in_department
def today(request, department):
    member = membership_of(request.user, department)
    views = _views(request, member)
    asked = request.GET.get("view")
    view = asked if asked in views else views[0]
    context = {"views": views, "view": view}
    if view == "desk" and member is not None:
        context |= {"day": shift_day_of(member), "to_decide": urgent_lines(request, department)}
        return render(request, "desk/today_desk.html", context)
    if view == "board":
        context |= {"board": board_of(department), "decide": decide_part(request, department)}
        context["requests"] = requests_part(request, department)
        # Who also has the office finds last month there.
        context["month"] = month_part(request, department) if "office" not in views else None
        return render(request, "desk/today_board.html", context)
    return render(request, "desk/today_office.html", context | {"office": office_day_of(request, department)})


def _views(request, member) -> list[str]:
    """What Today can be for this person, their own first: it follows from rights, never from the name of a role."""
    views = ["desk"] if member is not None and member.rostered else []
    if request.rights & OFFICE_RIGHTS:
        views.append("office")
    if may(request, Right.WATCH_SHIFTS):
        views.append("board")
    return views or ["office"]
