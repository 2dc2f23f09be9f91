"""Fetching what the roster page shows: a fixed number of queries for any number of agents."""

from django.db.models import Exists, OuterRef

from office.months import Month
from people.models import Department
from rulebooks.services import in_force_by_day
from shifts.grid import Grid, Planned, build, columns_of
from shifts.models import Assignment, ExtensionSegment, Layer, Roster


def planned_cells(department: Department, month: Month) -> dict[str, dict]:
    """Both layers of a month, {layer: {(membership pk, day): Planned}}, in one query."""
    ran_on = ExtensionSegment.objects.filter(attendance__assignment=OuterRef("pk"))
    rows = (
        Assignment.objects.filter(membership__department=department, slot=1)
        .between(month.first, month.last)
        .annotate(extended=Exists(ran_on))
        .values_list("layer", "membership_id", "business_date", "code", "version", "starts_at", "ends_at", "extended")
    )
    layers: dict[str, dict] = {Layer.DRAFT: {}, Layer.PUBLISHED: {}}
    for layer, member, day, code, version, starts_at, ends_at, extended in rows.iterator(chunk_size=5000):
        minutes = int((ends_at - starts_at).total_seconds()) // 60 if starts_at else 0
        layers[layer][member, day] = Planned(code, version, minutes, extended)
    return layers


def grid_of(department: Department, month: Month, *, roster: Roster | None, editing: bool) -> Grid:
    """The month as its editor sees it (the draft) or as everybody does (what is published)."""
    members = department.memberships.rostered().touching(month.first, month.last).select_related("user")
    layers = planned_cells(department, month)
    days = list(month.days())
    return build(
        members=list(members),
        columns=columns_of(days, today=department.today(), locked=bool(roster and roster.version)),
        shown=layers[Layer.DRAFT if editing else Layer.PUBLISHED],
        published=layers[Layer.PUBLISHED],
        rulebooks=in_force_by_day(department, days),
        mark_changes=editing,
    )
