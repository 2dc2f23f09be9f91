"""The month grid: agents × days, made of pieces that are formatted once and joined.

A cell is `<td class="n p e">晚`: one letter for the palette, then p past and locked, t today, w weekend, y Sunday,
u not yet published, e extended that night. What a cell's place means (agent, day) follows from its row and column, and
the versions that an editor has seen stand in one attribute of the row.
"""

import functools
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office import weekdays
from office.lists import joined
from people.models import Membership
from rulebooks.schema import Rulebook
from shifts.coverage import Cover, Level

LETTERS = {"day": "d", "night": "n", "regular": "r", "leave": "l"}
REST_LETTER = "x"
# The same palettes in charts: `c-night` and its kin.
TINTS = {"d": "day", "n": "night", "r": "reg", "l": "leave"}


@dataclass(frozen=True)
class Planned:
    """One cell of one layer."""

    code: str
    version: int
    minutes: int = 0
    extended: bool = False


Cells = Mapping[tuple[int, date], Planned]


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

    member: Membership
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
    members: Sequence[Membership],
    columns: Sequence[Column],
    shown: Cells,
    published: Cells,
    rulebooks: Mapping[date, Rulebook],
    mark_changes: bool,
) -> Grid:
    """Lay out a month. `shown` is the layer on the page; where it differs from `published`, cells carry u if asked."""
    changed = (
        sorted(key for key in shown.keys() | published.keys() if code_at(shown, key) != code_at(published, key))
        if mark_changes
        else []
    )
    grid = Grid(list(columns), [], [], [], changed, rulebooks.get(columns[-1].day))
    # Before the first publication every cell is new; marking all of them would say nothing.
    unpublished = frozenset(changed if published else ())
    cell = _cell_maker()
    for member in members:
        grid.rows.append(_row(member, columns, shown, published, rulebooks, unpublished, cell))
    grid.foot = _foot(columns, shown, rulebooks)
    grid.findings = _findings(grid) if shown else []
    return grid


def code_at(cells: Cells, key: tuple[int, date]) -> str:
    planned = cells.get(key)
    return planned.code if planned else ""


def _cell_maker():
    @functools.cache
    def cell(letter: str, column: str, flags: str, mark: str) -> str:
        classes = " ".join(filter(None, (letter, column, flags)))
        return f'<td class="{classes}">{escape(mark)}' if classes else f"<td>{escape(mark)}"

    return cell


def _row(member, columns, shown, published, rulebooks, unpublished, cell) -> Row:
    parts, versions = [], []
    rest = worked = minutes = 0
    marks: dict[tuple[int, str], tuple[str, str]] = {}
    for column in columns:
        key = (member.pk, column.day)
        planned = shown.get(key)
        rulebook = rulebooks.get(column.day)
        code = planned.code if planned else ""
        known = (rulebook.number if rulebook else 0, code)
        if known not in marks:
            marks[known] = (letter_of(rulebook, code), mark_of(rulebook, code))
        letter, mark = marks[known]
        if letter == REST_LETTER:
            rest += 1
        elif planned:
            worked += 1
            minutes += planned.minutes
        was = published.get(key)
        flags = ("u " if key in unpublished else "") + ("e" if was and was.extended else "")
        parts.append(cell(letter, column.classes, flags.strip(), mark))
        versions.append(str(planned.version) if planned else "0")
    allowed = next((rulebooks[column.day].rest.days_per_month for column in columns if column.day in rulebooks), 0)
    head = format_html(
        '<tr data-m="{}" data-v="{}"><th scope="row"><span>{}</span>{}</th>',
        member.pk,
        ",".join(versions),
        member.work_number,
        member.name,
    )
    days = sum(member.holds_on(column.day) for column in columns)
    row = Row(member, SafeString(), rest, allowed, empty=max(0, days - rest - worked))
    bad = " bad" if row.rest_is_off else ""
    tail = f'<td class="k{bad}">{rest}/{allowed}<td class="k">{worked}<td class="k">{minutes // 60}'
    # Every piece is either escaped above or made of numbers and letters of ours.
    row.html = mark_safe(head + "".join(parts) + tail)
    return row


def _foot(columns, shown: Cells, rulebooks) -> list[FootRow]:
    have = Counter((day, planned.code) for (_member, day), planned in shown.items())
    rows: dict[str, FootRow] = {}
    for column in columns:
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
            row.cells.append(FootCell(column.day, Cover(have[column.day, shift.code], count.wanted, count.minimum)))
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
