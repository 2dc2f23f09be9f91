"""Reading a table that somebody hands in: an Excel file (.xlsx) or text with separators (.csv, .tsv).

`read_table` gives the cells of the first sheet with their places, or refuses in words. What a file claims is not
believed: its size, how far its cells reach and what it unpacks to are looked at before anything reads it.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from xml.etree import ElementTree

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Value: TypeAlias = str | int | float | bool | date | datetime | time | timedelta

MOST_BYTES = 5 * 1024 * 1024
# A year of a thousand people; a table that reaches further is none that anybody looks at.
MOST_CELLS = 400_000
# A cell is up to three things in a sheet, and a row is one; empty ones take room and time as well.
MOST_ELEMENTS = 4 * MOST_CELLS
MOST_MERGED = 10_000
# A sheet of Excel ends at XFD1048576.
SHEET_ROWS, SHEET_COLUMNS = 1_048_576, 16_384
# What the parts of an Excel file may unpack to, all together, and the one that lists its sheets.
MOST_UNPACKED = 60 * 1024 * 1024
MOST_LISTED = 1024 * 1024
# What old programs end a text with.
CTRL_Z = "\x1a"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# How Excel names, inside its older container, a file that is locked by a password.
LOCKED = "EncryptedPackage".encode("utf-16-le")
SEPARATORS = "\t,;"
# What unpacking raises for a file that is damaged, encrypted, or packed in a way that the standard library cannot undo
# (which it says by NotImplementedError or RuntimeError).
BROKEN = (
    zipfile.BadZipFile,
    ElementTree.ParseError,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    # A duration of more days than there can be.
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True)
class Block:
    """Cells that were merged into one: rows and columns, counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{name_of(self.top, self.left)}:{name_of(self.bottom, self.right)}"

    def touches(self, rows: range, columns: range) -> bool:
        return (
            self.top < rows.stop
            and self.bottom >= rows.start
            and self.left < columns.stop
            and self.right >= columns.start
        )


@dataclass
class Table:
    """The cells of one sheet from its first row and column on; rows may be of different lengths, "" is empty."""

    rows: list[list[Value]]
    merged: list[Block] = field(default_factory=list)
    # Which cells hold a formula: in `rows` is what it came to when the file was saved, or the error that it ended in.
    formulas: frozenset[tuple[int, int]] = frozenset()

    def text(self, row: int, column: int) -> str:
        """What a person reads in a cell; "" outside."""
        return text_of(self.rows[row][column]) if row < len(self.rows) and column < len(self.rows[row]) else ""


def name_of(row: int, column: int) -> str:
    """ "A1": a cell as Excel calls it, from places counted from 0."""
    return f"{letters_of(column)}{row + 1}"


def letters_of(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_of(value: Value) -> str:
    """A cell in words: a whole number without decimals, a day as 2026-11-01, no blanks around."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split())


def read_table(content: bytes, *, name: str = "", most_bytes: int = MOST_BYTES) -> Table:
    """The first visible sheet of an Excel file, or the lines of a text file. `name`: what the file is called.

    Refuses, by code: "empty_file", "too_large", "password" (locked by one), "old_excel" (.xls), "not_a_workbook" (only
    called so), "not_a_table", "too_many_cells".
    """
    if not content.strip():
        raise ValidationError(_("This file is empty."), code="empty_file")
    if len(content) > most_bytes:
        raise ValidationError(
            _("This file is larger than %(most)s MB.") % {"most": most_bytes // (1024 * 1024)}, code="too_large"
        )
    if content.startswith(OLE):
        if LOCKED in content:
            raise ValidationError(
                _("This file is locked with a password. Save it without one, then choose it again."), code="password"
            )
        raise ValidationError(
            _("This is a file of an old Excel. Save it as an Excel workbook (.xlsx), then choose it again."),
            code="old_excel",
        )
    if name.casefold().endswith(".xlsx") and not content.startswith(ZIP):
        raise ValidationError(
            _("This file cannot be read as a workbook. Open it in Excel, save it as .xlsx, then choose it again."),
            code="not_a_workbook",
        )
    table = _workbook(content) if content.startswith(ZIP) else _text(content)
    if not any(value != "" for row in table.rows for value in row):
        raise ValidationError(_("There is nothing in this table."), code="empty_file")
    return table


def _not_a_table() -> ValidationError:
    return ValidationError(
        _(
            "This is neither an Excel file nor a table as text. Choose a file that ends in .xlsx, .csv or .tsv;"
            " text in UTF-8, in UTF-16 with its mark, or in GB 18030 (GBK)."
        ),
        code="not_a_table",
    )


def _too_many_cells() -> ValidationError:
    return ValidationError(
        _("The cells of this file reach too far, more than %(most)s of them.") % {"most": MOST_CELLS},
        code="too_many_cells",
    )


# -- Excel ------------------------------------------------------------------------------------------------------------
def _workbook(content: bytes) -> Table:
    import python_calamine as calamine

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = _parts(archive)
            with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
                name, path = _first_sheet(archive, book.sheets_metadata)
                # Before the reader makes room for everything up to the last cell.
                special = _look_through(archive, sheets, path)
                sheet = book.get_sheet_by_name(name)
                # From the first row and column on, so that places are those of the file.
                rows = sheet.to_python(skip_empty_area=False)
                merged = [Block(*start, *end) for start, end in sheet.merged_cell_ranges or []]
    except ValidationError:
        raise
    except (calamine.CalamineError, *BROKEN):
        raise _not_a_table() from None
    except BaseException as error:
        # The reader is written in Rust; its panics are no `Exception`, and cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise _not_a_table() from None
    for (row, column), text in special.items():
        if text and row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return Table(rows, merged, frozenset(special))


def _parts(archive: zipfile.ZipFile) -> list[str]:
    """The sheets' parts of the file, after a look at what they would unpack to."""
    if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
        raise _too_many_cells()
    sheets = [part.filename for part in archive.infolist() if part.filename.startswith("xl/worksheets/sheet")]
    if not sheets:
        raise _not_a_table()
    return sheets


def _first_sheet(archive: zipfile.ZipFile, sheets: Sequence) -> tuple[str, str]:
    """The name of the first sheet that can be seen, and its part of the file ("" when that is not to be found)."""
    import python_calamine as calamine

    seen = [
        each
        for each in sheets
        if each.typ == calamine.SheetTypeEnum.WorkSheet and each.visible == calamine.SheetVisibleEnum.Visible
    ]
    if not seen:
        raise _not_a_table()
    name = seen[0].name
    book = _tree(archive, "xl/workbook.xml")
    links = _tree(archive, "xl/_rels/workbook.xml.rels")
    key = next(
        (
            value
            for sheet in book.iter()
            if _plain(sheet.tag) == "sheet" and sheet.get("name") == name
            for attribute, value in sheet.items()
            if _plain(attribute) == "id" and attribute != "id"
        ),
        None,
    )
    target = next((link.get("Target", "") for link in links if link.get("Id") == key), "")
    path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return name, path if path in archive.namelist() else ""


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as part:
        text = part.read(MOST_LISTED + 1)
    if len(text) > MOST_LISTED:
        raise _too_many_cells()
    # Expat stops entities that blow up; others it does not fetch.
    return ElementTree.fromstring(text)  # noqa: S314


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _look_through(archive: zipfile.ZipFile, paths: Sequence[str], own: str) -> dict[tuple[int, int], str]:
    """Refuse sheets whose filled cells reach too far, or unpack to more than they said.

    Says which cells of `own` hold a formula, each with what must be read in its place: "" for what it came to, else the
    error that it ended in, or the formula itself when nobody has worked it out. Errors that are no formula too.
    """
    found: dict[tuple[int, int], str] = {}
    elements = merged = 0
    for path in paths:
        last_row = last_column = 0
        row = column = -1
        with archive.open(path) as part:
            stream = _Bounded(part, MOST_UNPACKED)
            for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314
                kind = _plain(element.tag)
                elements += event == "start"
                merged += event == "start" and kind == "mergeCell"
                if elements > MOST_ELEMENTS or merged > MOST_MERGED:
                    raise _too_many_cells()
                if kind == "row" and event == "start":
                    row, column = _row_of(element.get("r"), row + 1), -1
                elif kind == "row":
                    element.clear()
                elif kind == "c" and event == "end":
                    reference = element.get("r")
                    row, column = (row, column + 1) if reference is None else _place(reference)
                    parts = {_plain(child.tag): child.text or "" for child in element}
                    if not parts.keys() & {"v", "is", "f"}:
                        continue
                    last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
                    if last_row * last_column > MOST_CELLS:
                        raise _too_many_cells()
                    is_error = element.get("t") == "e"
                    if path == own and (is_error or "f" in parts):
                        unsolved = "" if "v" in parts else f"={parts.get('f', '')}"
                        found[row, column] = parts.get("v", "") if is_error else unsolved
    return found


def _row_of(text: str | None, otherwise: int) -> int:
    """A row by the number that it carries; `otherwise` where it carries none."""
    if text is None:
        return otherwise
    return _place(f"A{text}")[0]


class _Bounded:
    """A stream that gives no more than it may: an archive can say that it is small."""

    def __init__(self, stream, most: int):
        self.stream, self.left = stream, most

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size if size and size > 0 else 65536)
        self.left -= len(data)
        if self.left < 0:
            raise _too_many_cells()
        return data


def _place(reference: str) -> tuple[int, int]:
    """ "B3" → (2, 1). What is no reference, or lies outside of every sheet, is refused: the reader believes it."""
    found = re.fullmatch(r"([A-Z]+)([1-9][0-9]*)", reference)
    if found is None:
        raise _not_a_table()
    letters, digits = found.groups()
    if len(letters) > 3 or len(digits) > 7:
        raise _too_many_cells()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    if column > SHEET_COLUMNS or int(digits) > SHEET_ROWS:
        raise _too_many_cells()
    return int(digits) - 1, column - 1


# -- Text -------------------------------------------------------------------------------------------------------------
def _text(content: bytes) -> Table:
    text = _decoded(content)
    lines = text.splitlines()
    # A title above the table holds none.
    first = next((line for line in lines if any(sign in line for sign in SEPARATORS)), "")
    separator = max(SEPARATORS, key=first.count)
    rows: list[list[Value]] = []
    cells = 0
    try:
        # Lines end in any of the three ways.
        for line in csv.reader(io.StringIO(text, newline=None), delimiter=separator):
            # Empty lines take room as well.
            cells += len(line) or 1
            if cells > MOST_CELLS:
                raise _too_many_cells()
            rows.append([*line])
    except csv.Error:
        raise _not_a_table() from None
    return Table(rows)


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or what a Chinese Excel writes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding).rstrip(CTRL_Z)
        except UnicodeDecodeError:
            continue
        # Pictures and other files decode as something, but no table has such signs.
        if not re.search("[\x00-\x08\x0e-\x1f\x7f]", text):
            return text
    raise _not_a_table()
