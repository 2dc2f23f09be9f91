"""What is wrong with a month's plan, or with the hours that were worked in it."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from office.tables import Choice, Column, Kind, Table
from people.access import in_department, require_right
from people.models import Right
from shifts.checks import BLOCKING, OPEN, STANDING, Report, coverable
from shifts.models import Layer
from shifts.plans import WORKED

LAYERS = ((Layer.DRAFT, _("Draft")), (Layer.PUBLISHED, _("Published")), (WORKED, _("Worked")))
STATES = ((BLOCKING, _("Blocks")), (OPEN, _("Open warnings")), (STANDING, _("Let stand")))
# More are no list to jump through; the page of their own turns pages.
MOST_IN_PANEL = 200

COLUMNS = (
    Column("severity", _("Severity"), lambda item: str(dict(STATES)[item.state])),
    Column("day", _("Day"), lambda item: item.day, sort=True, kind=Kind.DAY),
    Column("days", _("Days"), lambda item: item.days, on_page=False),
    Column("who", _("Who"), lambda item: item.name, sort=True),
    Column("breach", _("Breach"), lambda item: item.text),
    Column("reason", _("Why it stands"), lambda item: item.override.reason if item.override else ""),
    Column("by", _("Let stand by"), lambda item: str(item.override.by) if item.override else "", on_page=False),
)


@require_GET
@in_department
def roster_checks(request, department, month):
    """JSON for the grid, a part of a page for htmx, else a page of its own."""
    require_right(request, Right.EDIT_ROSTER)
    layer = request.GET.get("layer", Layer.DRAFT)
    if layer not in dict(LAYERS):
        raise Http404
    report = Report(department, month, layer)
    context = {"department": department, "month": month, "layer": layer, "report": report}
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response: HttpResponse = JsonResponse(_as_json(request, context))
    elif request.headers.get("HX-Request"):
        response = render(request, "shifts/_checks.html", context | _in_panel(context))
    else:
        response = _page(request, context)
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


def _in_panel(context: dict) -> dict:
    report = context["report"]
    items = coverable(report.open_first[:MOST_IN_PANEL], context["department"], context["month"])
    return {"items": items, "more": max(0, len(report.items) - MOST_IN_PANEL)}


def _as_json(request, context: dict) -> dict:
    report = context["report"]
    return {
        "cells": report.cells(),
        "gaps": report.gaps(),
        "html": render_to_string("shifts/_checks.html", context | _in_panel(context), request),
        "blocking": report.blocking,
        "warnings": report.warnings,
    }


def _page(request, context: dict):
    report, month = context["report"], context["month"]
    counts = {state: sum(item.state == state for item in report.items) for state, _words in STATES}
    layer = Choice(request, "layer", _("What is checked"), LAYERS, default=Layer.DRAFT)
    options = [("", gettext("All"), len(report.items)), *((state, words, counts[state]) for state, words in STATES)]
    state = Choice(request, "state", _("Severity"), options)
    table = Table(
        request,
        COLUMNS,
        [item for item in report.items if state.value in ("", item.state)],
        name=f"checks-{month}",
        title=" ".join([gettext("Checks"), str(month)]),
        zone=context["department"].zone,
        choices=[layer, state],
    )
    if table.wants_file:
        return table.file()
    kept = f"?layer={layer.value}" if layer.value != Layer.DRAFT else ""
    return render(request, "shifts/check_list.html", context | {"table": table, "kept": kept})
