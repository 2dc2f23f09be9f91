"""Today: the desk for an agent, the board for whoever watches the shifts, the office for everybody else."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from desk.board import board_of
from desk.office_day import office_day_of
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
    watches = may(request, Right.WATCH_SHIFTS)
    if member is not None and member.rostered and not (watches and request.GET.get("view") == "board"):
        return render(request, "desk/today_desk.html", {"both": watches, "day": shift_day_of(member)})
    office = office_day_of(request, department)
    if not watches:
        return render(request, "desk/today_office.html", {"office": office})
    both = member is not None and member.rostered
    return render(request, "desk/today_board.html", {"both": both, "board": board_of(department), "office": office})
