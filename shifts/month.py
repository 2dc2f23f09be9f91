"""Fetching what the roster page shows: a fixed number of queries for any number of agents."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import CharField, Func, Value

from office.months import Month
from people.models import Department
from rulebooks.services import in_force_by_day
from shifts.grid import NOTHING, Agent, Grid, Lines, Places, Planned, build, columns_of
from shifts.models import Assignment, ExtensionSegment, Layer, Roster

# No layer: the nights that ran on come in the same query as the cells, as rows of their own.
RAN_ON = "ran on"


class Day(Func):
    """A day as the database's driver hands it over: text from SQLite, a date from PostgreSQL.

    A month has at most 31 different ones: looking each up costs a fraction of reading it anew in every cell.
    """

    output_field = CharField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS text)", **context)


class Instant(Day):
    """An instant in UTC as text in ISO form: a few hundred different ones in a month."""

    def as_postgresql(self, compiler, connection, **context):
        template = "to_char(%(expressions)s, 'YYYY-MM-DD HH24:MI:SS')"
        return self.as_sql(compiler, connection, template=template, **context)


def planned_cells(department: Department, month: Month, layers: Sequence[str]) -> tuple[dict[str, Lines], Places]:
    """Some layers of a month, and the published cells that ran on, in one query."""
    days = list(month.days())
    places = {key: place for place, day in enumerate(days) for key in (day, str(day))}
    found: dict[str, dict[int, list[Planned]]] = {layer: {} for layer in layers}
    extended: dict[int, set[int]] = {}
    known: dict[tuple, Planned] = {}
    rows = _cells(department, month, layers).union(_ran_on(department, month), all=True)
    for layer, member, day, code, version, start, end in rows.iterator(chunk_size=5000):
        if layer == RAN_ON:
            extended.setdefault(member, set()).add(places[day])
            continue
        line = found[layer].get(member)
        if line is None:
            line = found[layer][member] = [NOTHING] * len(days)
        planned = known.get((code, version, start, end))
        if planned is None:
            planned = known[code, version, start, end] = Planned(code, str(version), _minutes(start, end))
        line[places[day]] = planned
    return dict(found), extended


def _cells(department: Department, month: Month, layers: Sequence[str]):
    rows = Assignment.objects.filter(membership__department=department, slot=1, layer__in=layers)
    return (
        rows.between(month.first, month.last)
        .order_by()
        .values_list(
            "layer",
            "membership_id",
            Day("business_date"),
            "code",
            "version",
            Instant("starts_at"),
            Instant("ends_at"),
        )
    )


def _ran_on(department: Department, month: Month):
    """In the columns of `_cells`."""
    rows = ExtensionSegment.objects.filter(
        attendance__assignment__membership__department=department,
        attendance__assignment__layer=Layer.PUBLISHED,
        attendance__assignment__slot=1,
        attendance__assignment__business_date__range=(month.first, month.last),
    )
    return rows.order_by().values_list(
        Value(RAN_ON),
        "attendance__assignment__membership_id",
        Day("attendance__assignment__business_date"),
        Value(""),
        Value(0),
        Value(""),
        Value(""),
    )


def _minutes(start: str | None, end: str | None) -> int:
    """Between two instants as text; a rest day has none."""
    if not start or not end:
        return 0
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()) // 60


def agents_of(department: Department, month: Month) -> list[Agent]:
    """Who is on the roster of a month, by work number."""
    rows = department.memberships.rostered().touching(month.first, month.last)
    fields = ("pk", "work_number", "user__name", "user__username", "from_day", "until_day")
    return [
        Agent(pk, number, name or username, from_day, until_day)
        for pk, number, name, username, from_day, until_day in rows.values_list(*fields)
    ]


def grid_of(department: Department, month: Month, *, roster: Roster | None, editing: bool) -> Grid:
    """The month as its editor sees it (the draft) or as everybody does (what is published)."""
    days = list(month.days())
    agents = agents_of(department, month)
    layers, extended = planned_cells(
        department, month, [Layer.DRAFT, Layer.PUBLISHED] if editing else [Layer.PUBLISHED]
    )
    return build(
        agents=agents,
        columns=columns_of(days, today=department.today(), locked=bool(roster and roster.version)),
        shown=layers[Layer.DRAFT if editing else Layer.PUBLISHED],
        published=layers[Layer.PUBLISHED],
        extended=extended,
        rulebooks=in_force_by_day(department, days),
        mark_changes=editing,
    )
