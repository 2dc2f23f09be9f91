"""The month grid, and the agent's clock."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from people.access import in_department, require_membership, require_right
from people.models import Right
from rulebooks.schema import Rulebook
from shifts import services
from shifts.forms import CellsForm, CustomersForm, SeenForm
from shifts.grid import LETTERS, REST_LETTER
from shifts.models import Roster
from shifts.month import grid_of
from shifts.now import now_of
from shifts.permissions import can_edit_roster


def _page(request, department, month) -> dict:
    """What the roster page and its partials show."""
    editing = can_edit_roster(request)
    roster = Roster.objects.filter(department=department, first_day=month.first).first()
    grid = grid_of(department, month, roster=roster, editing=editing)
    return {
        "department": department,
        "month": month,
        "roster": roster,
        "editing": editing,
        "grid": grid,
        "seen_form": SeenForm(initial={"seen": roster.edits if roster else 0}),
        "today_column": next((column.number for column in grid.columns if "t" in column.classes.split()), 0),
    }


def _brushes(rulebook: Rulebook | None) -> list[dict]:
    """What a cell can be set to: the shift types of the rulebook, and the rest day."""
    if rulebook is None:
        return []
    parts = [(shift, LETTERS[shift.palette]) for shift in rulebook.shifts] + [(rulebook.rest, REST_LETTER)]
    return [
        {"code": part.code, "key": part.code[0], "mark": str(part.mark), "name": str(part.name), "letter": letter}
        for part, letter in parts
    ]


@require_GET
@in_department
def roster(request, department, month):
    context = _page(request, department, month)
    context["brushes"] = _brushes(context["grid"].rulebook)
    context["brush_names"] = [brush["name"] for brush in context["brushes"]]
    return render(request, "shifts/roster_detail.html", context)


@require_POST
@in_department
def roster_cells(request, department, month):
    require_right(request, Right.EDIT_ROSTER)
    form = CellsForm(request.POST, month=month)
    if not form.is_valid():
        return JsonResponse({"error": form.errors["edits"][0]}, status=422)
    try:
        painted = services.paint(
            department=department, month=month, edits=form.cleaned_data["edits"], actor=request.user
        )
    except ValidationError as refusal:
        return JsonResponse({"error": " ".join(refusal.messages)}, status=422)
    return JsonResponse(_painted_json(request, department, month, painted))


def _painted_json(request, department, month, painted) -> dict:
    context = _page(request, department, month)
    touched = {edit.membership_id for edit in painted.saved} | {c.membership_id for c in painted.conflicts}
    names = {row.member.pk: row.member.name for row in context["grid"].rows}
    return {
        "edits": painted.edits,
        "rows": {row.member.pk: row.html for row in context["grid"].rows if row.member.pk in touched},
        "foot": render_to_string("shifts/_roster_foot.html", context, request),
        "bar": render_to_string("shifts/_roster_bar.html", context, request),
        "checks": render_to_string("shifts/_roster_checks.html", context, request),
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


@require_POST
@in_department
def roster_publish(request, department, month):
    return _with_seen_draft(request, department, month, services.publish, _("Published. Everybody concerned is told."))


@require_POST
@in_department
def roster_discard(request, department, month):
    return _with_seen_draft(request, department, month, services.discard_draft, _("The draft is as published again."))


def _with_seen_draft(request, department, month, service, done: str):
    """Publish or discard the draft that the person has seen; a refusal is said on the page."""
    require_right(request, Right.EDIT_ROSTER)
    form = SeenForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("The page was not complete. Look again."), code="unreadable")
        service(department=department, month=month, seen_edits=form.cleaned_data["seen"], actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, done)
    return redirect("shifts:roster", code=department.code, month=month)


@require_POST
@in_department
def clock_in(request, department):
    member = require_membership(request)
    try:
        services.clock_in(membership=member)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("desk:today", code=department.code)


@require_POST
@in_department
def open_customers(request, department):
    member = require_membership(request)
    attendance = services.on_duty(member)
    form = CustomersForm(request.POST)
    try:
        if attendance is None:
            raise ValidationError(_("You are not clocked in."), code="not_on_duty")
        if not form.is_valid():
            raise ValidationError(_("Count one up or one down."), code="unreadable")
        attendance = services.change_open_customers(attendance=attendance, change=form.cleaned_data["change"])
    except ValidationError as refusal:
        if not request.htmx:
            messages.error(request, " ".join(refusal.messages))
            return redirect("desk:today", code=department.code)
        context = {"department": department, "attendance": attendance, "refusal": " ".join(refusal.messages)}
        return render(request, "shifts/_now.html", context, status=422)
    if not request.htmx:
        return redirect("desk:today", code=department.code)
    response = render(request, "shifts/_now.html", {"department": department, "now": now_of(attendance)})
    # What stands before leaving counts the customers too, and asks for itself anew.
    response["HX-Trigger"] = "customers-counted"
    return response
