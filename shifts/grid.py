"""The month grid: agents × days, made of pieces that are formatted once and joined.

A cell is `<td class="n p e">晚`: one letter for the palette, then p past and locked, t today, w weekend, y Sunday,
u not yet published, e extended that night. What a cell's place means (agent, day) follows from its row and column, and
the versions that an editor has seen stand in one attribute of the row.
"""

import itertools
import operator
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office import weekdays
from office.lists import joined
from rulebooks.schema import Rulebook
from shifts.coverage import Cover, Level

LETTERS = {"day": "d", "night": "n", "regular": "r", "leave": "l"}
REST_LETTER = "x"
# The same palettes in charts: `c-night` and its kin.
TINTS = {"d": "day", "n": "night", "r": "reg", "l": "leave"}


class Planned(NamedTuple):
    """What one cell of one layer holds. Cells that hold the same share one; an empty one holds NOTHING."""

    code: str
    # As the page writes it into its row.
    version: str
    minutes: int = 0


NOTHING = Planned("", "0")
# By membership key: a cell for every day of the month; the places of some days, counted from 0.
Lines = Mapping[int, Sequence[Planned]]
Places = Mapping[int, Collection[int]]


class Agent(NamedTuple):
    """Who a line is about: a membership, as far as the roster asks."""

    pk: int
    work_number: str
    name: str
    from_day: date
    until_day: date | None

    def days_within(self, first: date, last: date) -> int:
        """Days of the membership from `first` to `last`, both included."""
        until = last if self.until_day is None else min(last, self.until_day)
        return max(0, (until - max(first, self.from_day)).days + 1)


@dataclass(frozen=True)
class Column:
    """One day's head."""

    day: date
    weekday: str
    classes: str
    is_past: bool

    @property
    def number(self) -> int:
        return self.day.day


@dataclass
class Row:
    """One agent's line, ready to print."""

    member: Agent
    html: SafeString
    rest_used: int
    rest_allowed: int
    # Days of the membership without a shift or a rest day.
    empty: int

    @property
    def is_filled(self) -> bool:
        return not self.empty

    @property
    def rest_is_off(self) -> bool:
        """More or fewer rest days than the rulebook gives, in a month that is planned to its last day."""
        return self.is_filled and self.rest_used != self.rest_allowed


@dataclass
class FootCell:
    day: date
    cover: Cover | None

    @property
    def classes(self) -> str:
        level = self.cover.level if self.cover else Level.FULL
        return {Level.UNDER: "gap", Level.SHORT: "short", Level.OVER: "over", Level.FULL: ""}[level]


@dataclass
class FootRow:
    """One shift type's line of coverage."""

    code: str
    name: str
    mark: str
    letter: str
    hours: str
    minimum: int
    cells: list[FootCell] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return sum(cell.cover.missing for cell in self.cells if cell.cover)


@dataclass
class Finding:
    """Something about the plan that a person should look at."""

    kind: str
    text: str


@dataclass
class Grid:
    columns: list[Column]
    rows: list[Row]
    foot: list[FootRow]
    findings: list[Finding]
    changed: list[tuple[int, date]]
    # The one in force at the end of the month, from which cells are painted.
    rulebook: Rulebook | None

    @property
    def body(self) -> SafeString:
        """All lines as one text: a template would ask about each of a thousand."""
        return mark_safe("".join(row.html for row in self.rows))

    @property
    def under_minimum(self) -> str:
        """The days below the least in one line, to be read once more before publishing."""
        return joined([finding.text for finding in self.findings if finding.kind == "bad"])

    @property
    def changed_people(self) -> int:
        return len({member for member, _day in self.changed})


def letter_of(rulebook: Rulebook | None, code: str) -> str:
    """The palette letter of a code: "" for an empty cell or a code that the rulebook does not know."""
    if rulebook is None or not code:
        return ""
    if code == rulebook.rest.code:
        return REST_LETTER
    shift = rulebook.shift(code)
    return LETTERS[shift.palette] if shift else ""


def mark_of(rulebook: Rulebook | None, code: str) -> str:
    """The one character that stands for a code in the active language."""
    if rulebook is None or not code:
        return code
    part = rulebook.rest if code == rulebook.rest.code else rulebook.shift(code)
    return str(part.mark) if part else code


def columns_of(days: Sequence[date], *, today: date, locked: bool) -> list[Column]:
    """The heads of a month; `locked` says that past days can no longer be edited."""
    found = []
    for day in days:
        flags = [
            "p" if locked and day < today else "",
            "t" if day == today else "",
            "w" if day.weekday() >= weekdays.SATURDAY else "",
            "y" if day.weekday() == weekdays.SUNDAY else "",
        ]
        found.append(Column(day, weekdays.short(day), " ".join(filter(None, flags)), bool(flags[0])))
    return found


def build(
    *,
    agents: Sequence[Agent],
    columns: Sequence[Column],
    shown: Lines,
    published: Lines,
    extended: Places,
    rulebooks: Mapping[date, Rulebook],
    mark_changes: bool,
) -> Grid:
    """Lay out a month. `shown` is the layer on the page; where it differs from `published`, cells carry u if asked."""
    nobody = [NOTHING] * len(columns)
    changed: dict[int, list[int]] = {}
    for key in sorted(shown.keys() | published.keys()) if mark_changes else ():
        if places := _differences(shown.get(key, nobody), published.get(key, nobody)):
            changed[key] = places
    keys = [(member, columns[place].day) for member, places in changed.items() for place in places]
    grid = Grid(list(columns), [], [], [], keys, rulebooks.get(columns[-1].day))
    pieces = _Pieces(columns, rulebooks)
    # Before the first publication every cell is new; marking all of them would say nothing.
    unpublished = changed if published else {}
    for agent in agents:
        line = shown.get(agent.pk, nobody)
        grid.rows.append(_row(agent, line, unpublished.get(agent.pk, ()), extended.get(agent.pk, ()), pieces))
    grid.foot = _foot(columns, shown, rulebooks)
    grid.findings = _findings(grid) if shown else []
    return grid


def _differences(one: Sequence[Planned], other: Sequence[Planned]) -> list[int]:
    """The places at which two lines have different codes."""
    if one == other:
        return []
    return [place for place, (this, that) in enumerate(zip(one, other, strict=True)) if this.code != that.code]


class _Pieces:
    """What the lines of a month have in common; `cells[place]` makes each different cell of a day once."""

    def __init__(self, columns: Sequence[Column], rulebooks: Mapping[date, Rulebook]):
        self.first, self.last = columns[0].day, columns[-1].day
        books = [rulebooks.get(column.day) for column in columns]
        # None is no cell's code: without a rulebook nothing is known to be a rest day.
        self.rests = [book.rest.code if book else None for book in books]
        self.allowed = next((book.rest.days_per_month for book in books if book), 0)
        self.cells = [_Cells(column.classes, book) for column, book in zip(columns, books, strict=True)]


class _Cells(dict[str, str]):
    """A day's cells by code and, after spaces, flags ("N u e"), made when they are first asked for."""

    def __init__(self, classes: str, rulebook: Rulebook | None):
        super().__init__()
        self.classes, self.rulebook = classes, rulebook

    def __missing__(self, key: str) -> str:
        code, *flags = key.split(" ")
        classes = " ".join(filter(None, (letter_of(self.rulebook, code), self.classes, *flags)))
        start = f'<td class="{classes}">' if classes else "<td>"
        made = self[key] = start + escape(mark_of(self.rulebook, code))
        return made


def _row(
    agent: Agent, line: Sequence[Planned], unpublished: Collection[int], extended: Collection[int], pieces: _Pieces
) -> Row:
    codes, versions, minutes = zip(*line, strict=True)
    parts = list(map(operator.getitem, pieces.cells, codes))
    for place in {*unpublished, *extended}:
        flags = (" u" if place in unpublished else "") + (" e" if place in extended else "")
        parts[place] = pieces.cells[place][codes[place] + flags]
    rests = list(map(operator.eq, codes, pieces.rests))
    rest = sum(rests)
    worked = len(codes) - rest - codes.count("")
    hours = (sum(minutes) - sum(itertools.compress(minutes, rests))) // 60
    days = agent.days_within(pieces.first, pieces.last)
    row = Row(agent, SafeString(), rest, pieces.allowed, empty=max(0, days - rest - worked))
    bad = " bad" if row.rest_is_off else ""
    head = f"<span>{escape(agent.work_number)}</span>{escape(agent.name)}"
    tail = f'<td class="k{bad}">{rest}/{pieces.allowed}<td class="k">{worked}<td class="k">{hours}'
    # Every piece is either escaped above or made of numbers and letters of ours.
    row.html = mark_safe(
        f'<tr data-m="{agent.pk}" data-v="{",".join(versions)}"><th scope="row">{head}</th>{"".join(parts)}{tail}'
    )
    return row


def _foot(columns, shown: Lines, rulebooks) -> list[FootRow]:
    # Turned around: all agents' cells of the first day, then of the second …
    by_day = zip(*([planned.code for planned in line] for line in shown.values()), strict=True)
    have = [Counter(codes) for codes in by_day] or [Counter()] * len(columns)
    rows: dict[str, FootRow] = {}
    for column, on_day in zip(columns, have, strict=True):
        rulebook = rulebooks.get(column.day)
        for shift in rulebook.shifts if rulebook else ():
            row = rows.setdefault(
                shift.code,
                FootRow(
                    shift.code,
                    str(shift.name),
                    str(shift.mark),
                    LETTERS[shift.palette],
                    shift.hours,
                    shift.headcount.minimum,
                ),
            )
            count = shift.headcount
            row.cells.append(FootCell(column.day, Cover(on_day[shift.code], count.wanted, count.minimum)))
    for row in rows.values():
        known = {cell.day: cell for cell in row.cells}
        row.cells = [known.get(column.day) or FootCell(column.day, None) for column in columns]
    return list(rows.values())


def _findings(grid: Grid) -> list[Finding]:
    found = [finding for row in grid.foot for finding in _under_minimum(row)]
    for row in grid.rows:
        if row.rest_is_off:
            text = _("%(name)s: %(used)s rest days, the rulebook gives %(allowed)s")
            facts = {"name": row.member.name, "used": row.rest_used, "allowed": row.rest_allowed}
            found.append(Finding("warn", text % facts))
    empty = sum(row.empty for row in grid.rows)
    if empty:
        text = ngettext("%(cells)s day has neither shift nor rest", "%(cells)s days have neither shift nor rest", empty)
        found.append(Finding("warn", text % {"cells": empty}))
    short = [f"{row.name} {row.missing}" for row in grid.foot if row.missing]
    if short:
        text = _("Places short of what is wanted, in the whole month: %(shifts)s")
        found.append(Finding("info", text % {"shifts": joined(short)}))
    return found


def _under_minimum(row: FootRow) -> list[Finding]:
    """Days below the least, neighbouring days that are alike in one line."""
    found = []
    low = [(cell.day, cell.cover) for cell in row.cells if cell.cover and cell.cover.level == Level.UNDER]
    # Days that follow one another lie equally far from their place in the list.
    runs = itertools.groupby(enumerate(low), key=lambda pair: (pair[1][0].toordinal() - pair[0], pair[1][1]))
    for (_distance, cover), places in runs:
        days_of_run = [day for _place, (day, _cover) in places]
        first, last = days_of_run[0], days_of_run[-1]
        days = f"{first:%m-%d}" if first == last else f"{first:%m-%d} – {last:%m-%d}"
        text = _("%(days)s %(shift)s: %(have)s on it, at least %(minimum)s needed")
        facts = {"days": days, "shift": row.name, "have": cover.have, "minimum": cover.minimum}
        found.append(Finding("bad", text % facts))
    return found
