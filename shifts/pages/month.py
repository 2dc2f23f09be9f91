"""Fetching what the roster page shows: a fixed number of queries for any number of agents."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import IntegerField, TextField, Value
from django.db.models.functions import Cast, Concat

from office.months import Month
from people.models import Department
from rulebooks.services import in_force_by_day
from shifts.expressions import Day, Joined, Minutes
from shifts.models import Assignment, CalendarDay, CalendarYear, ExtensionSegment, Layer, Roster
from shifts.pages.grid import NOTHING, Agent, Grid, Lines, Places, Planned, SpecialDay, build, columns_of

# No layers: nights that ran on, sums, and what the calendar says come in the query of the cells, as rows of their own.
RAN_ON, MINUTES, SPECIAL, YEAR = "ran on", "minutes", "special", "year"


class Loaded(NamedTuple):
    """What the database knows of some days in a row: lines by layer, the published cells that ran on, the minutes of a
    month that each member is planned for, the special days of the calendar and the years that it knows."""

    layers: dict[str, Lines]
    extended: Places
    minutes: dict[int, int]
    calendar: dict[date, SpecialDay]
    known_years: set[int]


def load(department: Department, days: Sequence[date], month: Month, layers: Sequence[str]) -> Loaded:
    """All of it in one query, as rows with the same few columns: each column of a cell costs more than everything else.

    The minutes are those of the first of `layers`.
    """
    places = {key: place for place, day in enumerate(days) for key in (day, str(day))}
    found: dict[str, dict[int, list[Planned]]] = {layer: {} for layer in layers}
    extended: dict[int, set[int]] = {}
    loaded = Loaded(dict(found), extended, {}, {}, set())
    known = _Known(places)
    rows = _cells(department, days, layers).union(
        _ran_on(department, days),
        _planned_minutes(department, month, layers[0]),
        _special(department, days),
        _years(department, days),
        all=True,
    )
    for layer, member, day, code, number in rows.iterator(chunk_size=5000):
        if layer in found:
            line = found[layer][member] = [NOTHING] * len(days)
            for cell in code.split(","):
                place, planned = known[cell]
                line[place] = planned
        elif layer == RAN_ON:
            extended.setdefault(member, set()).add(places[day])
        elif layer == MINUTES:
            loaded.minutes[member] = number or 0
        elif layer == SPECIAL:
            loaded.calendar[days[places[day]]] = _read_special(code, number)
        else:
            loaded.known_years.add(number)
    return loaded


class _Known(dict[str, tuple[int, Planned]]):
    """The place and the content of a cell as `Joined` writes it; cells that hold the same share one."""

    def __init__(self, places: Mapping[date | str, int]):
        super().__init__()
        self.places = places
        self.contents: dict[str, Planned] = {}

    def __missing__(self, cell: str) -> tuple[int, Planned]:
        day, _space, content = cell.partition(" ")
        planned = self.contents.get(content)
        if planned is None:
            code, version = content.split(" ")
            planned = self.contents[content] = Planned(code, version)
        made = self[cell] = (self.places[day], planned)
        return made


def _cells(department: Department, days: Sequence[date], layers: Sequence[str]):
    rows = Assignment.objects.filter(membership__department=department, slot=1)
    if len(layers) < len(Layer):
        rows = rows.filter(layer__in=layers)
    # Else every row is wanted, and not asking for its layer takes a fifth off the time.
    return (
        rows.between(days[0], days[-1])
        .order_by()
        .values("layer", "membership_id")
        .annotate(cells=Joined("business_date", "code", "version"))
        .values_list("layer", "membership_id", Day(Value(days[0])), "cells", Value(0))
    )


# In the columns of `_cells`, all of these.
def _ran_on(department: Department, days: Sequence[date]):
    rows = ExtensionSegment.objects.filter(
        attendance__assignment__membership__department=department,
        attendance__assignment__layer=Layer.PUBLISHED,
        attendance__assignment__slot=1,
        attendance__assignment__business_date__range=(days[0], days[-1]),
    )
    return rows.order_by().values_list(
        Value(RAN_ON),
        "attendance__assignment__membership_id",
        Day("attendance__assignment__business_date"),
        Value(""),
        Value(0),
    )


def _planned_minutes(department: Department, month: Month, layer: str):
    rows = Assignment.objects.filter(membership__department=department, layer=layer, is_rest=False)
    return (
        rows.between(month.first, month.last)
        .order_by()
        .values("membership_id")
        .annotate(minutes=Minutes("ends_at", "starts_at"))
        .values_list(Value(MINUTES), "membership_id", Day(Value(month.first)), Value(""), "minutes")
    )


def _special(department: Department, days: Sequence[date]):
    rows = CalendarDay.objects.filter(department=department, day__range=(days[0], days[-1]))
    # No line of JSON has a line break in it.
    parts = ["kind", Value("\n"), Cast("name", TextField()), Value("\n"), Cast("headcounts", TextField())]
    return rows.order_by().values_list(
        Value(SPECIAL),
        Value(0),
        Day("day"),
        Concat(*parts, output_field=TextField()),
        Cast("is_promotion", IntegerField()),
    )


def _read_special(text: str, is_promotion: int) -> SpecialDay:
    kind, name, headcounts = text.split("\n")
    return SpecialDay(kind, json.loads(name), bool(is_promotion), json.loads(headcounts))


def _years(department: Department, days: Sequence[date]):
    rows = CalendarYear.objects.filter(department=department, year__in={day.year for day in days})
    return rows.order_by().values_list(
        Value(YEAR), Value(0), Day(Value(days[0])), Value(""), Cast("year", IntegerField())
    )


def calendar_of(department: Department, days: Sequence[date]) -> tuple[dict[date, SpecialDay], list[int]]:
    """The special ones of some days in a row, and the years among them that the calendar does not know; one query."""
    found: dict[date, SpecialDay] = {}
    known: set[int] = set()
    places = {key: day for day in days for key in (day, str(day))}
    for kind, _nobody, day, text, number in _special(department, days).union(_years(department, days), all=True):
        if kind == YEAR:
            known.add(number)
        else:
            found[places[day]] = _read_special(text, number)
    return found, sorted({day.year for day in days} - known)


def agents_of(department: Department, month: Month) -> list[Agent]:
    """Who is on the roster of a month, by work number."""
    rows = department.memberships.rostered().touching(month.first, month.last)
    fields = ("pk", "work_number", "user__name", "user__username", "from_day", "until_day")
    return [
        Agent(pk, number, name or username, from_day, until_day)
        for pk, number, name, username, from_day, until_day in rows.values_list(*fields)
    ]


def grid_of(
    department: Department, month: Month, *, roster: Roster | None, editing: bool, week: Sequence[date] = ()
) -> Grid:
    """The month as its editor sees it (the draft) or as everybody does (what is published).

    With `week`, seven days in a row that touch the month, the page shows these instead.
    """
    first, last = min([month.first, *week]), max([month.last, *week])
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    agents = agents_of(department, month)
    rulebooks = in_force_by_day(department, days)
    loaded = load(department, days, month, [Layer.DRAFT, Layer.PUBLISHED] if editing else [Layer.PUBLISHED])
    columns = columns_of(
        days,
        today=department.today(),
        locked=bool(roster and roster.version),
        calendar=loaded.calendar,
        first=month.first,
        last=month.last,
    )
    grid = build(
        agents=agents,
        columns=columns,
        shown=loaded.layers[Layer.DRAFT if editing else Layer.PUBLISHED],
        published=loaded.layers[Layer.PUBLISHED],
        extended=loaded.extended,
        minutes=loaded.minutes,
        rulebooks=rulebooks,
        zone=department.zone,
        mark_changes=editing,
        week=week,
    )
    grid.unknown_years = sorted({day.year for day in days} - loaded.known_years)
    return grid
