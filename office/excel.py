"""Writing an Excel file: one sheet with a head that stays in sight, typed cells and a filter over every column."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from .money import FEN

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The longest name of a sheet, the signs that Excel refuses in one, and the name that it keeps for itself.
SHEET_NAME = 31
REFUSED_IN_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
RESERVED = "history"
NARROWEST, WIDEST = 8, 60


class Kind(StrEnum):
    """What a column holds. MONEY is given in fen and written in yuan; INSTANT is shown on the department's clock."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    INSTANT = "instant"

    @property
    def is_number(self) -> bool:
        return self in (Kind.NUMBER, Kind.MONEY)


FORMATS = {
    Kind.TEXT: {"valign": "top", "text_wrap": True},
    Kind.NUMBER: {"valign": "top"},
    Kind.MONEY: {"valign": "top", "num_format": "#,##0.00"},
    Kind.DAY: {"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"},
    Kind.INSTANT: {"valign": "top", "num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}


def cell(kind: Kind, value: Any, zone: ZoneInfo | None) -> str | float | date | datetime | None:
    """A value as Excel keeps it: fen as yuan, an instant as the wall clock of `zone` without a zone."""
    if value is None or value == "":
        return None
    if kind == Kind.MONEY:
        # Exact: a double holds every amount of fen that the ledger accepts.
        return int(value) / FEN
    if kind == Kind.INSTANT and isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    if kind == Kind.NUMBER and isinstance(value, int | float | Decimal):
        return float(value)
    if kind == Kind.DAY and isinstance(value, date):
        return value
    return str(value)


def shown(kind: Kind, value: Any) -> str:
    """How wide a cell is, roughly: what stands in it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.2f}" if kind == Kind.MONEY else f"{value:g}"
    return "" if value is None else str(value)


def width_of(text: str) -> int:
    """In letters; a Chinese character is two wide."""
    return max((sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) for line in text.splitlines()), default=0)


def printed(text: str) -> str:
    """Without what cannot stand in the file: control signs, halves of a pair, signs that are none."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def sheet_name(title: str) -> str:
    """A title as Excel takes it for the name of a sheet; "1" when nothing of it can be one."""
    # Excel counts a sign beyond the basic plane as two.
    signs = printed(title.translate(REFUSED_IN_NAME)).strip().encode("utf-16-le")[: 2 * SHEET_NAME]
    name = signs.decode("utf-16-le", "ignore").strip()
    return f"{name} 1" if name.casefold() == RESERVED else name or "1"


def workbook(
    *,
    title: str,
    heads: Sequence[tuple[str, Kind]],
    rows: Iterable[Sequence[Any]],
    zone: ZoneInfo | None = None,
    made_at: datetime | None = None,
) -> bytes:
    """A file with one sheet. `heads`: label and kind of each column; `rows`: their values, in the same order.

    A text is always a text: one that begins with "=" is no formula, and an address no link.
    """
    # Heavy, and needed only where somebody asks for a file.
    import xlsxwriter

    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(made, options)
    book.set_properties({"title": printed(title), "comments": date_format(made_at, "Y-m-d H:i") if made_at else ""})
    sheet = book.add_worksheet(sheet_name(title))
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    formats = {kind: book.add_format(style) for kind, style in FORMATS.items()}
    right = book.add_format({"bold": True, "bottom": 1, "valign": "top", "align": "right"})
    widths = [width_of(label) + 3 for label, _kind in heads]
    for place, (label, kind) in enumerate(heads):
        sheet.write_string(0, place, label, right if kind.is_number else head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for place, ((_label, kind), value) in enumerate(zip(heads, row, strict=True)):
            written = cell(kind, value, zone)
            widths[place] = max(widths[place], width_of(shown(kind, written)) + 1)
            if written is not None:
                sheet.write(last, place, written, formats[kind])
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(max(width, NARROWEST), WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(heads) - 1)
    # Printed: the head on every page, as wide as the paper.
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    return made.getvalue()
