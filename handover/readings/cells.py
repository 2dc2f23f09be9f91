"""The cells of a file as they are kept until it is read in, and which of them are headings. Pure.

Kept is a list of rows from the first row of the file on, rows above the headings empty. A cell is its text, or
{"formula": what it came to} where the file has a formula. Once it is read in, the good rows are empty too, and what is
wrong stands in its cell: {"text": …, "wrong": why}.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from office.sheet_in import Table

from .fields import Field, compared, names_of
from .values import Wrong, day_of, fen_of, kept

Cell: TypeAlias = "str | dict[str, str]"
Cells: TypeAlias = list[list[Cell]]

# Headings are looked for in the first rows only.
HEAD_WITHIN = 30
MOST_ROWS = 50_000
# More than any tool exports; each one is a choice for every field.
MOST_COLUMNS = 200
LONGEST_HEADING = 60


def text_in(cell: Cell) -> str:
    return cell.get("formula", cell.get("text", "")) if isinstance(cell, dict) else cell


def cells_of(table: Table, fields: Sequence[Field]) -> Cells:
    """What is kept of a table: its columns up to the last heading.

    Refuses "no_headings", "no_rows", "too_many_rows" and "too_many_columns".
    """
    rows = [[kept(value) for value in row] for row in table.rows]
    head = _head(rows, fields)
    if len(rows) - head - 1 > MOST_ROWS:
        raise ValidationError(
            _("This file has more than %(most)s rows. Hand it in as several.") % {"most": f"{MOST_ROWS:,}"},
            code="too_many_rows",
        )
    width = max(column for column, text in enumerate(rows[head]) if text) + 1
    if width > MOST_COLUMNS:
        raise ValidationError(
            _("This file has more than %(most)s columns. Export only those that are needed.") % {"most": MOST_COLUMNS},
            code="too_many_columns",
        )
    found: Cells = [[] for _above in range(head)]
    found.append([text[:LONGEST_HEADING] for text in rows[head][:width]])
    for place, whole in enumerate(rows[head + 1 :], start=head + 1):
        row = whole[:width]
        found.append([_cell(table, place, column, text) for column, text in enumerate(row)] if any(row) else [])
    if not any(found[head + 1 :]):
        raise ValidationError(_("Below the headings there is nothing."), code="no_rows")
    return found


def _cell(table: Table, row: int, column: int, text: str) -> Cell:
    return {"formula": text} if (row, column) in table.formulas else text


def _head(rows: Sequence[Sequence[str]], fields: Sequence[Field]) -> int:
    """The row in which most headings are known; where none is, the first that holds nothing but words."""
    called = {name for field in fields for name in names_of(field)}
    first = rows[:HEAD_WITHIN]
    known = [sum(compared(text) in called for text in row if text) for row in first]
    most = max(known, default=0)
    if most:
        return known.index(most)
    for place, row in enumerate(first):
        filled = [text for text in row if text]
        if len(filled) > 1 and all(_is_word(text) for text in filled):
            return place
    raise ValidationError(
        _("This file has no headings. Its first row must say what stands in each column."), code="no_headings"
    )


def _is_word(text: str) -> bool:
    for read in (day_of, fen_of):
        try:
            read(text)
        except Wrong:
            continue
        return False
    return any(sign.isalpha() for sign in text)


def head_of(cells: Cells) -> int:
    """The row of the headings: the first that is not empty."""
    return next(place for place, row in enumerate(cells) if row)


def headings_of(cells: Cells) -> list[str]:
    """The headings that can be chosen, in the order of the file: those that one column alone has."""
    row = [text_in(cell) for cell in cells[head_of(cells)]]
    times = Counter(row)
    return [text for text in row if text and times[text] == 1]


def doubled_of(cells: Cells) -> list[str]:
    """The headings that more than one column has: nobody could say which is meant."""
    times = Counter(text_in(cell) for cell in cells[head_of(cells)])
    return [text for text, count in times.items() if text and count > 1]
