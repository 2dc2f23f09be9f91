"""The roster of a month, or of one week of it: looking at it, and editing its cells."""

from datetime import date, timedelta
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from office.months import Month
from people.access import in_department, require_right
from people.models import Right
from shifts import services
from shifts.forms.roster import MOST_EDITS, CellsForm, SeenForm
from shifts.models import Roster
from shifts.pages.brushes import books_of, brushes_of, week_of
from shifts.pages.month import grid_of
from shifts.permissions import can_edit_roster


def _page(request, department, month, week=()) -> dict:
    """What the roster page and its partials show."""
    may_edit = can_edit_roster(request)
    rosters = Roster.objects.filter(department=department, first_day=month.first)
    roster = rosters.select_related("locked_by").first()
    locked_at = roster.locked_at if roster else None
    grid = grid_of(department, month, roster=roster, editing=may_edit, week=week)
    return {
        "department": department,
        "month": month,
        "week": week,
        "roster": roster,
        # Whoever may edit sees the draft; a locked month is looked at only.
        "may_edit": may_edit,
        "locked_on": locked_at.astimezone(department.zone).date() if locked_at else None,
        "editing": may_edit and not locked_at,
        "grid": grid,
        # What is still to plan is for whoever plans.
        "findings": grid.unjudged if may_edit else [],
        "seen_form": SeenForm(initial={"seen": roster.edits if roster else 0}),
        "today_column": next((place for place, column in enumerate(grid.columns, 1) if column.is_today), 0),
    }


def _week(request) -> list[date]:
    """The week that the address asks for, none without; 404 when there is no such day."""
    text = request.GET.get("week", "")
    if not text:
        return []
    try:
        day = date.fromisoformat(text)
        Month.of(day)
    except ValueError:
        raise Http404 from None
    return week_of(day)


def _switch(department, month: Month, week: list[date], grid) -> dict:
    """Where the switch of the page leads: forth and back, and to the other of month and week."""

    def address(month: Month, day: date | None = None) -> str:
        page = reverse("shifts:roster", kwargs={"code": department.code, "month": month})
        return page + ("?" + urlencode({"week": day}) if day else "")

    today = department.today()
    if not week:
        around = today if today in month else month.first
        return {
            "to_previous": address(month.previous),
            "to_next": address(month.next),
            "to_month": address(month),
            "to_week": address(month, week_of(around)[0]),
        }
    before, after = week[0] - timedelta(days=1), week[-1] + timedelta(days=1)
    elsewhere = next((column.day for column in grid.columns if column.is_elsewhere), None)
    return {
        "to_previous": _known(lambda: address(Month.of(before), week_of(before)[0])),
        "to_next": _known(lambda: address(Month.of(after), after)),
        "to_month": address(month),
        "to_week": address(month, week[0]),
        "elsewhere": elsewhere,
        "to_elsewhere": _known(lambda: address(Month.of(elsewhere), week[0])) if elsewhere else "",
    }


def _known(make) -> str:
    """An address; "" where the months end that the program knows."""
    try:
        return make()
    except ValueError:
        return ""


@require_GET
@in_department
def roster(request, department, month):
    week = _week(request)
    if week and week[0] not in month and week[-1] not in month:
        page = reverse("shifts:roster", kwargs={"code": department.code, "month": Month.of(week[0])})
        return redirect(page + "?" + urlencode({"week": week[0]}))
    context = _page(request, department, month, week)
    grid = context["grid"]
    context |= _switch(department, month, week, grid)
    context["brushes"] = brushes_of(grid.rulebook)
    context["brush_names"] = [brush.name for brush in context["brushes"]]
    context["editor"] = {"books": books_of(grid), "most": MOST_EDITS, "wide": bool(week)}
    return render(request, "shifts/roster_detail.html", context)


@require_POST
@in_department
def roster_cells(request, department, month):
    require_right(request, Right.EDIT_ROSTER)
    week = _week(request)
    form = CellsForm(request.POST, month=month)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["edits"].as_data())
        if week and week[0] not in month and week[-1] not in month:
            raise ValidationError(_("There is no such week in this month."), code="no_such_week")
        painted = services.paint(
            department=department, month=month, edits=form.cleaned_data["edits"], actor=request.user
        )
    except ValidationError as refusal:
        return JsonResponse({"error": " ".join(refusal.messages)}, status=422)
    return JsonResponse(_painted_json(request, _page(request, department, month, week), painted))


def _painted_json(request, context: dict, painted) -> dict:
    """The lines that were touched, what stands above and below the grid, and both values of every collision."""
    touched = {edit.membership_id for edit in painted.saved} | {c.membership_id for c in painted.conflicts}
    names = {row.member.pk: row.member.name for row in context["grid"].rows}
    return {
        "edits": painted.edits,
        "rows": {row.member.pk: row.html for row in context["grid"].rows if row.member.pk in touched},
        "foot": render_to_string("shifts/_roster_foot.html", context, request),
        "bar": render_to_string("shifts/_roster_bar.html", context, request),
        "open": render_to_string("shifts/_roster_open.html", context, request),
        "conflicts": [
            {
                "m": conflict.membership_id,
                "d": conflict.day.day,
                "name": names.get(conflict.membership_id, ""),
                "theirs": conflict.theirs,
                "yours": conflict.yours,
            }
            for conflict in painted.conflicts
        ],
    }
