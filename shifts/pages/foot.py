"""What stands under the month grid: coverage a day and shift type, and what a person should look at."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.lists import joined
from rulebooks.schema import Rulebook, ShiftType
from shifts.coverage import Cover, Level

if TYPE_CHECKING:
    from shifts.pages.grid import Column, Row

CLASSES = {Level.UNDER: "gap", Level.SHORT: "short", Level.OVER: "over", Level.FULL: ""}


@dataclass
class FootCell:
    day: date
    # None on a day on which the shift type is neither held nor planned.
    cover: Cover | None

    @property
    def classes(self) -> str:
        return CLASSES[self.cover.level] if self.cover else ""

    @property
    def html(self) -> str:
        """Made of numbers and our own classes, so nothing needs escaping."""
        start = f'<td class="{self.classes}">' if self.classes else "<td>"
        return f"{start}{self.cover.have}/{self.cover.wanted}" if self.cover else start


@dataclass
class FootRow:
    """One shift type's line of coverage: `cells` of the whole month, `shown` those on the page."""

    code: str
    name: str
    mark: str
    letter: str
    hours: str
    minimum: int
    cells: list[FootCell] = field(default_factory=list)
    shown: list[FootCell] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        return mark_safe("".join(cell.html for cell in self.shown))

    @property
    def missing(self) -> int:
        return sum(cell.cover.missing for cell in self.cells if cell.cover)


@dataclass
class Finding:
    """Something about the plan that a person should look at; `rule`: the limit of the rulebook that judges it too."""

    kind: str
    text: str
    rule: str = ""


def headcount_of(shift: ShiftType, day: date, own: Mapping[str, Sequence[int]]) -> tuple[int, int]:
    """How many a shift wants on a day, and the least: as the calendar says for that day (`own`), else the rulebook."""
    if shift.code in own:
        wanted, minimum = own[shift.code]
        return wanted, minimum
    count = shift.headcount_on(day)
    return count.wanted, count.minimum


def foot_of(
    columns: Sequence["Column"],
    codes: Sequence[Sequence[str]],
    rulebooks: Mapping[date, Rulebook],
    letters: Mapping[str, str],
) -> list[FootRow]:
    """A line a shift type over all columns; `codes` are the lines of everybody planned."""
    # Turned around: all agents' cells of the first day, then of the second …
    have = [Counter(day) for day in zip(*codes, strict=True)] or [Counter()] * len(columns)
    rows: dict[str, FootRow] = {}
    for column, on_day in zip(columns, have, strict=True):
        rulebook = rulebooks.get(column.day)
        for shift in rulebook.shifts if rulebook else ():
            row = rows.get(shift.code)
            if row is None:
                row = rows[shift.code] = FootRow(
                    shift.code,
                    str(shift.name),
                    str(shift.mark),
                    letters[shift.palette],
                    shift.hours,
                    shift.headcount.minimum,
                )
            wanted, minimum = headcount_of(shift, column.day, column.headcounts)
            if wanted or on_day[shift.code]:
                row.cells.append(FootCell(column.day, Cover(on_day[shift.code], wanted, minimum)))
    for row in rows.values():
        known = {cell.day: cell for cell in row.cells}
        row.cells = [known.get(column.day) or FootCell(column.day, None) for column in columns]
    return list(rows.values())


def findings_of(rows: Sequence["Row"], foot: Sequence[FootRow]) -> list[Finding]:
    """What is below the least, whose rest days are off, what is not planned yet, what is short of what is wanted."""
    found = [finding for row in foot for finding in _under_minimum(row)]
    for row in rows:
        if row.rest_is_off:
            text = _("%(name)s: %(used)s rest days, the rulebook gives %(allowed)s")
            facts = {"name": row.member.name, "used": row.rest_used, "allowed": row.rest_allowed}
            # The checks judge too few; more than the rulebook gives are no breach of it, and nobody else names them.
            rule = "rest_days" if row.rest_is_short else ""
            found.append(Finding("warn", text % facts, rule=rule))
    empty = sum(row.empty for row in rows)
    if empty:
        text = ngettext("%(cells)s day has neither shift nor rest", "%(cells)s days have neither shift nor rest", empty)
        found.append(Finding("warn", text % {"cells": empty}))
    short = [f"{row.name} {row.missing}" for row in foot if row.missing]
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
        found.append(Finding("bad", text % facts, rule="coverage"))
    return found
