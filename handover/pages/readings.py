"""One file on its way in: what its columns mean, what would become of its rows, and what was wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from handover.models import Reading, ReadingState
from handover.readings.cells import Cells, doubled_of, head_of, headings_of, text_in
from handover.readings.checking import Checked, Mistake, check, mistakes_in, problems_of
from handover.readings.fields import FIELDS
from handover.services.reading_rows import Compared, Correction, compare
from handover.services.readings import columns_of, known_of, seen_of
from office.excel import Kind, workbook
from office.money import yuan
from people.models import Department

# No more than anybody reads; all of them stand in the file of what is left out.
MOST_SHOWN = 100
SAMPLES, LONGEST_SAMPLE = 4, 40


@dataclass(frozen=True)
class Change:
    """One value of a correction, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Corrected:
    line: int
    said: str
    changes: list[Change]


@dataclass
class Draft:
    """A file that is being checked. `checked` and `compared` are None until the columns are settled."""

    columns: dict[str, str]
    problems: dict[str, str]
    headings: list[str]
    doubled: list[str]
    heads: list[str]
    samples: list[list[str]]
    seen: str
    # When the very same file was read in, if it was.
    earlier: Reading | None = None
    checked: Checked | None = None
    compared: Compared | None = None
    corrections: list[Corrected] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return len(self.checked.wrong_rows) if self.checked else 0

    @property
    def mistakes(self) -> list[Mistake]:
        return self.checked.mistakes[:MOST_SHOWN] if self.checked else []

    @property
    def more_mistakes(self) -> int:
        return max(0, len(self.checked.mistakes) - MOST_SHOWN) if self.checked else 0

    @property
    def more_corrections(self) -> int:
        return max(0, len(self.compared.corrections) - MOST_SHOWN) if self.compared else 0

    @property
    def writes(self) -> int:
        """How many rows would be written."""
        return len(self.compared.new) + len(self.compared.corrections) if self.compared else 0


def draft_of(reading: Reading) -> Draft:
    """What a kept file would do; nothing is written."""
    cells: Cells = reading.cells
    columns = columns_of(reading)
    head = head_of(cells)
    heads = [text_in(cell) for cell in cells[head]]
    rows = islice((row for row in cells[head + 1 :] if row), SAMPLES)
    done = Reading.objects.filter(department=reading.department, digest=reading.digest, state=ReadingState.DONE)
    draft = Draft(
        columns=columns,
        problems=problems_of(reading.kind, columns),
        headings=headings_of(cells),
        doubled=doubled_of(cells),
        heads=heads,
        samples=[_sample(row, len(heads)) for row in rows],
        seen=seen_of(columns),
        earlier=done.filter(source=reading.source).select_related("by").first(),
    )
    if not draft.problems:
        draft.checked = check(reading.kind, cells, columns, known_of(reading.department))
        draft.compared = compare(reading.department, reading.kind, draft.checked.rows)
        draft.corrections = [_corrected(reading, correction) for correction in draft.compared.corrections[:MOST_SHOWN]]
    return draft


def _sample(row: Sequence, width: int) -> list[str]:
    texts = [text_in(cell)[:LONGEST_SAMPLE] for cell in row[:width]]
    return texts + [""] * (width - len(texts))


def samples_under(draft: Draft, heading: str) -> list[str]:
    """What stands in the first rows of a column."""
    if heading not in draft.heads:
        return []
    column = draft.heads.index(heading)
    return [row[column] for row in draft.samples if row[column]]


def _corrected(reading: Reading, correction: Correction) -> Corrected:
    labels = {each.name: str(each.label) for each in FIELDS[reading.kind]}
    changes = [
        Change(labels[name], said(name, before, reading.department), said(name, after, reading.department))
        for name, (before, after) in correction.changes.items()
    ]
    return Corrected(correction.row.line, correction.row.said, changes)


def said(name: str, value: Any, department: Department) -> str:
    """A value in words."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(department.local(value), "Y-m-d H:i")
    if isinstance(value, date):
        return value.isoformat()
    return yuan(value) if name.endswith("_fen") else str(value)


def left_out_of(reading: Reading) -> tuple[Cells, list[Mistake]]:
    """The rows that cannot be taken, or were not: the cells of the file, and what is wrong with them."""
    if reading.state == ReadingState.DONE:
        return reading.cells, mistakes_in(reading.cells)
    columns = columns_of(reading) if any(reading.cells) else {}
    if not any(reading.cells) or problems_of(reading.kind, columns):
        return reading.cells, []
    return reading.cells, check(reading.kind, reading.cells, columns, known_of(reading.department)).mistakes


def file_of(reading: Reading, *, made_at: datetime) -> bytes:
    """The rows that are left out as an Excel file, each with what is wrong: corrected, it can be handed in again."""
    cells, mistakes = left_out_of(reading)
    heads = [text_in(cell) for cell in cells[head_of(cells)]] if any(cells) else []
    why: dict[int, list[str]] = {}
    for mistake in mistakes:
        why.setdefault(mistake.row, []).append(f"{mistake.heading}: {mistake.why}")
    rows = (
        [row + 1, *([text_in(cell) for cell in cells[row]] + [""] * len(heads))[: len(heads)], " ".join(reasons)]
        for row, reasons in sorted(why.items())
    )
    columns = [(_("Row"), Kind.NUMBER), *((head, Kind.TEXT) for head in heads), (_("What is wrong"), Kind.TEXT)]
    title = _("Left out of %(file)s") % {"file": reading.name}
    return workbook(title=title, heads=columns, rows=rows, zone=reading.department.zone, made_at=made_at)
