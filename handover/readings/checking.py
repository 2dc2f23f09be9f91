"""Holding the rows of a file against what can be: the good rows, and every cell that is wrong. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from handover.models import ReadingKind
from office.lists import joined
from office.sheet_in import name_of

from . import values
from .cells import Cells, head_of, text_in
from .fields import FIELDS, Field, Holds
from .judging import Fault, Known, order, statistic
from .values import Wrong

LONGEST_SHOWN = 40
# What the last rows of an export are called: they are sums, and nobody's.
TOTALS = ("合计", "总计", "汇总", "小计", "平均", "均值", "total", "sum", "average")
Columns: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Mistake:
    """A cell that cannot be taken. `row` and `column` are counted from 0; `place`: "F12", as Excel calls it."""

    row: int
    column: int
    heading: str
    value: str
    why: str

    @property
    def place(self) -> str:
        return name_of(self.row, self.column)

    @property
    def line(self) -> int:
        return self.row + 1


@dataclass(frozen=True)
class Row:
    """One good row. `key`: (membership, day) or the order's number; `values`: columns of the model, those mapped."""

    row: int
    key: Any
    said: str
    values: dict[str, Any]

    @property
    def line(self) -> int:
        return self.row + 1


@dataclass
class Checked:
    rows: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    # Rows of sums, which were left out.
    totals: int = 0
    # What stands for people and means nobody.
    unknown: list[str] = field(default_factory=list)

    @property
    def wrong_rows(self) -> list[int]:
        return sorted({mistake.row for mistake in self.mistakes})


def problems_of(kind: str, columns: Columns) -> dict[str, str]:
    """{field: why} for what must be chosen before anything can be checked."""
    fields = {each.name: each for each in FIELDS[kind]}
    found = {}
    for name, each in fields.items():
        if each.required and not columns.get(name):
            found[name] = _("Choose the column that says this.")
        elif columns.get(name) and each.counted and not columns.get(each.counted):
            found[each.counted] = _("Choose it, or leave out “%(other)s”: without a count that says nothing.") % {
                "other": each.label
            }
    return found


def check(kind: str, cells: Cells, columns: Columns, known: Known) -> Checked:
    """Read every row below the headings. `columns`: {field: heading}, without problems (`problems_of`)."""
    return _Check(kind, cells, columns, known).run()


def left_out(cells: Cells, mistakes: Sequence[Mistake]) -> Cells:
    """What is kept of a file that was read in: its headings, and the rows that were wrong, with why."""
    head, width = head_of(cells), len(cells[head_of(cells)])
    kept: Cells = [[] for _row in range(max([head, *(mistake.row for mistake in mistakes)]) + 1)]
    kept[head] = cells[head]
    for mistake in mistakes:
        row = kept[mistake.row] = kept[mistake.row] or [text_in(cell) for cell in cells[mistake.row]]
        row += [""] * (max(width, mistake.column + 1) - len(row))
        row[mistake.column] = {"text": text_in(row[mistake.column]), "wrong": mistake.why}
    return kept


def mistakes_in(cells: Cells) -> list[Mistake]:
    """The mistakes of a file that was read in, from what was kept of it."""
    if not any(cells):
        return []
    headings = [text_in(cell) for cell in cells[head_of(cells)]]
    return [
        Mistake(place, column, headings[column], text_in(cell)[:LONGEST_SHOWN], cell["wrong"])
        for place, row in enumerate(cells)
        for column, cell in enumerate(row)
        if isinstance(cell, dict) and "wrong" in cell
    ]


class _Check:
    def __init__(self, kind: str, cells: Cells, columns: Columns, known: Known):
        self.kind, self.cells, self.known, self.head = kind, cells, known, head_of(cells)
        headings = [text_in(cell) for cell in cells[self.head]]
        self.headings = headings
        self.judge = statistic if kind == ReadingKind.STATISTICS else order
        self.fields = [
            (each, headings.index(columns[each.name]))
            for each in FIELDS[kind]
            if columns.get(each.name) in headings and columns.get(each.name)
        ]
        self.places = {each.name: place for each, place in self.fields}
        # Most cells of a column say the same few things.
        self.remembered: dict[tuple[str, int, str], tuple[Any, str]] = {}
        self.found = Checked()
        self.told: set[tuple[int, int, str]] = set()

    def run(self) -> Checked:
        by_key: dict[Any, list[Row]] = {}
        for place in range(self.head + 1, len(self.cells)):
            row = self.cells[place]
            if not row:
                continue
            if self._is_total(row):
                self.found.totals += 1
                continue
            read = self._row(place, row)
            if read is not None:
                by_key.setdefault(read.key, []).append(read)
        for rows in by_key.values():
            self._once(rows)
        self.found.rows.sort(key=lambda row: row.row)
        self.found.mistakes.sort(key=lambda mistake: (mistake.row, mistake.column))
        self.found.unknown = self.known.people.unknown
        return self.found

    def _is_total(self, row) -> bool:
        first = next((text for cell in row if (text := text_in(cell))), "")
        return values.plain(first).casefold().rstrip(":") in TOTALS

    def _row(self, place: int, row) -> Row | None:
        """One row; what is wrong with its cells, or with how they fit together, goes to the mistakes."""
        said: dict[str, Any] = {}
        faults: list[Fault] = []
        for each, column in self.fields:
            cell = row[column] if column < len(row) else ""
            value, why = self._cell(each, cell)
            if why:
                faults.append((each.name, why))
            else:
                said[each.name] = value
        broken = {name for name, _why in faults}
        key, label, kept, more = self.judge(said, self.known, broken)
        if not faults and not more:
            return Row(place, key, label, kept)
        for name, why in (*faults, *more):
            self._mistake(place, self.places.get(name, 0), why)
        return None

    def _cell(self, each: Field, cell) -> tuple[Any, str]:
        if isinstance(cell, dict):
            return None, _("This cell holds a formula. Copy the column and paste it as values.")
        key = (each.holds, each.longest, cell)
        if key not in self.remembered:
            try:
                self.remembered[key] = READERS[each.holds](cell, each, self.known.zone), ""
            except Wrong as wrong:
                self.remembered[key] = None, str(wrong)
        value, why = self.remembered[key]
        if value is None and not why and each.required and each.name not in MAY_BE_EMPTY:
            return None, _("This is missing.")
        return value, why

    def _once(self, rows: Sequence[Row]) -> None:
        """What stands in the file twice: said the same way, the first counts; said differently, none does."""
        first = rows[0]
        column = self.places[KEYS[self.kind]]
        if all(row.values == first.values for row in rows):
            self.found.rows.append(first)
            for row in rows[1:]:
                why = _("Row %(row)s says the same already.") % {"row": first.line}
                self._mistake(row.row, column, why)
            return
        lines = joined(row.line for row in rows)
        why = _("Rows %(rows)s are about the same (%(what)s) and differ; none of them is read.")
        for row in rows:
            self._mistake(row.row, column, why % {"rows": lines, "what": first.said})

    def _mistake(self, row: int, column: int, why: str) -> None:
        # One cell can be two fields, and has its mistake once.
        if (row, column, why) in self.told:
            return
        self.told.add((row, column, why))
        cells = self.cells[row]
        text = text_in(cells[column]) if column < len(cells) else ""
        self.found.mistakes.append(Mistake(row, column, self.headings[column], text[:LONGEST_SHOWN], why))


# What a row that stands twice is marked at.
KEYS: Mapping[str, str] = {ReadingKind.STATISTICS: "work_number", ReadingKind.ORDERS: "number"}
# An order that is not paid has no time of payment, and perhaps no amount.
MAY_BE_EMPTY = frozenset({"paid_at", "paid_fen", "amount_fen"})
Reader: TypeAlias = Callable[[str, Field, ZoneInfo], "str | int | bool | Decimal | date | datetime | None"]
READERS: Mapping[str, Reader] = {
    Holds.NUMBER: lambda text, each, zone: values.number_of(text, each.longest),
    Holds.TEXT: lambda text, each, zone: values.text_of(text, each.longest),
    Holds.COUNT: lambda text, each, zone: values.count_of(text),
    Holds.SECONDS: lambda text, each, zone: values.seconds_of(text),
    Holds.MEAN: lambda text, each, zone: values.mean_of(text),
    Holds.FEN: lambda text, each, zone: values.fen_of(text),
    Holds.DAY: lambda text, each, zone: values.day_of(text),
    Holds.INSTANT: lambda text, each, zone: values.instant_of(text, zone),
    Holds.FLAG: lambda text, each, zone: values.flag_of(text),
    Holds.YES: lambda text, each, zone: values.yes_of(text),
}
