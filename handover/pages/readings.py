"""One file on its way in: what its columns mean, what would become of its rows, and what was wrong with them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handover.models import Reading, ReadingState
from handover.readings.cells import Cells, doubled_of, head_of, headings_of, text_in
from handover.readings.checking import Mistake, check, mistakes_in, problems_of
from handover.readings.fields import FIELDS, uncounted
from handover.readings.judging import Known, People, folded
from handover.services.reading_rows import Correction, compare
from handover.services.readings import columns_of, known_of, remember_outcome, seen_of
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


@dataclass(frozen=True)
class Outcome:
    """What a file would do with its columns as they are: how many rows, and the first of what people look at."""

    good: int
    added: int
    corrected: int
    same: int
    wrong: int
    totals: int
    # Rows that say the same again, late enough to count as settled now.
    confirmed: int
    # Days of which other sources have figures too.
    beside: int
    mistakes: list[Mistake]
    more_mistakes: int
    corrections: list[Corrected]
    more_corrections: int
    # What stands for people and means nobody.
    unknown: list[str]
    # What means somebody because it was said so before.
    remembered: list[str] = field(default_factory=list)

    @property
    def writes(self) -> int:
        """How many rows would be written."""
        return self.added + self.corrected + self.confirmed

    @classmethod
    def of(cls, found: dict[str, Any]) -> "Outcome":
        """From what `asdict` made of it."""
        mistakes = [Mistake(**one) for one in found["mistakes"]]
        corrections = [
            Corrected(one["line"], one["said"], [Change(**change) for change in one["changes"]])
            for one in found["corrections"]
        ]
        return cls(**found | {"mistakes": mistakes, "corrections": corrections})


@dataclass
class Draft:
    """A file that is being checked. `outcome` is None until the columns are settled."""

    columns: dict[str, str]
    problems: dict[str, str]
    headings: list[str]
    doubled: list[str]
    heads: list[str]
    samples: list[list[str]]
    seen: str
    # (heading, field) of the seconds whose count is not in the file.
    uncounted: list[tuple[str, str]]
    # When the very same file was read in, if it was; perhaps as another source's.
    earlier: Reading | None = None
    outcome: Outcome | None = None


def draft_of(reading: Reading) -> Draft:
    """What a kept file would do; nothing is written."""
    assert reading.source is not None
    cells: Cells = reading.cells
    columns, headings = columns_of(reading), headings_of(cells)
    head = head_of(cells)
    heads = [text_in(cell) for cell in cells[head]]
    rows = islice((row for row in cells[head + 1 :] if row), SAMPLES)
    before = _read_in_before(reading)
    draft = Draft(
        columns=columns,
        problems=problems_of(reading.kind, columns),
        headings=headings,
        doubled=doubled_of(cells),
        heads=heads,
        samples=[_sample(row, len(heads)) for row in rows],
        seen=seen_of(columns, reading.source.names),
        uncounted=[(heading, str(each.label)) for heading, each in uncounted(FIELDS[reading.kind], headings, columns)],
    )
    # Of the same source first: reading it in again changes nothing, under another name it counts twice.
    if earlier := before["own"] or before["any"]:
        draft.earlier = Reading.objects.select_related("source").defer("cells", "outcome").get(pk=earlier)
    if not draft.problems:
        draft.outcome = _outcome(reading, columns, draft.seen, before)
    return draft


def _read_in_before(reading: Reading) -> dict[str, int | None]:
    """What the department has read in, in numbers: those that change with every row, and the same file."""
    done = Q(state=ReadingState.DONE)
    same = done & Q(digest=reading.digest, kind=reading.kind)
    return Reading.objects.filter(department=reading.department).aggregate(
        done=Count("pk", filter=done),
        rows=Sum("added") + Sum("corrected"),
        own=Max("pk", filter=same & Q(source=reading.source)),
        any=Max("pk", filter=same),
    )


def _outcome(reading: Reading, columns: dict[str, str], seen: str, before: dict[str, int | None]) -> Outcome:
    """What the check of the file comes to; looked at again with nothing changed, it is not done again."""
    known = known_of(reading.department, reading.source)
    # Times that have not come yet are held against the hour.
    hour = f"{known.now:%Y-%m-%d %H}"
    hangs_on = [seen, get_language(), hour, f"{known.today}", before["done"], before["rows"], known.people.digest]
    if reading.outcome.get("hangs_on") == hangs_on:
        return Outcome.of(reading.outcome["found"])
    found = _checked(reading, columns, known)
    remember_outcome(reading=reading, outcome={"hangs_on": hangs_on, "found": asdict(found)})
    return found


def _checked(reading: Reading, columns: dict[str, str], known: Known) -> Outcome:
    checked = check(reading.kind, reading.cells, columns, known)
    compared = compare(reading, checked.rows)
    return Outcome(
        good=len(checked.rows),
        added=len(compared.new),
        corrected=len(compared.corrections),
        same=compared.same,
        wrong=len(checked.wrong_rows),
        totals=checked.totals,
        confirmed=len(compared.confirmed),
        beside=compared.beside,
        mistakes=checked.mistakes[:MOST_SHOWN],
        more_mistakes=max(0, len(checked.mistakes) - MOST_SHOWN),
        corrections=[_corrected(reading, correction) for correction in compared.corrections[:MOST_SHOWN]],
        more_corrections=max(0, len(compared.corrections) - MOST_SHOWN),
        unknown=checked.unknown[:MOST_SHOWN],
        remembered=_remembered(known.people)[:MOST_SHOWN],
    )


def _remembered(people: People) -> list[str]:
    """The names of the file that somebody was chosen for, each in one spelling."""
    unknown = {folded(text) for text in people.unknown}
    spelt = {folded(text): text for text in people.asked}
    return [text for name, text in spelt.items() if name in people.chosen and name not in unknown]


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
    return reading.cells, check(
        reading.kind, reading.cells, columns, known_of(reading.department, reading.source)
    ).mistakes


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
