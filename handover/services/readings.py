"""Reading in statistics and orders: a file is kept, its columns are settled, a job reads it in; or a program sends.

The department's row is locked around every write: two readings of one department never interleave within a part.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from handover.models import Reading, ReadingKind, ReadingSource, ReadingState
from handover.models.readings import LONGEST_SOURCE
from handover.readings.cells import cells_of, head_of, headings_of, text_in
from handover.readings.checking import Checked, Row, check, left_out, problems_of
from handover.readings.fields import FIELDS, guessed
from handover.readings.judging import Known, folded
from handover.readings.values import clean
from office import audit, clock, jobs
from office.models import UNFINISHED, Job
from office.sheet_in import Table
from people.models import Department, Membership, User

from .reading_rows import people_of, write

TASK = "handover.tasks.read_in"
TITLE = gettext_noop("Read in %(file)s")
# So many rows are one transaction: what is stopped leaves whole parts.
ROWS_A_PART = 2_000


def lock_department(department: Department) -> Department:
    return Department.objects.select_for_update(no_key=True).get(pk=department.pk)


def known_of(department: Department, source: ReadingSource | None = None) -> Known:
    """What rows are held against; `source`: whose own names for people count."""
    return Known(zone=department.zone, now=clock.now(), people=people_of(department, source))


def source_called(department: Department, kind: str, name: str) -> ReadingSource | None:
    """The source of this name, spelt like it or otherwise: in capitals, with full-width signs, with more blanks."""
    name = name[:LONGEST_SOURCE]
    sources = ReadingSource.objects.filter(department=department, kind=kind).order_by("pk")
    alike = [source for source in sources if folded(source.name) == folded(name)]
    return next((source for source in alike if source.name == name), alike[0] if alike else None)


def _source_of(department: Department, kind: str, name: str) -> ReadingSource:
    """The source of this name, made if there is none. The caller holds the department's lock."""
    if found := source_called(department, kind, name):
        return found
    called = " ".join(name[:LONGEST_SOURCE].split())
    return ReadingSource.objects.create(department=department, kind=kind, name=called)


def columns_of(reading: Reading) -> dict[str, str]:
    """{field: heading} as the source has it, and guessed where it does not say."""
    assert reading.source is not None
    return guessed(FIELDS[reading.kind], headings_of(reading.cells), reading.source.columns)


def seen_of(columns: Mapping[str, str], names: Mapping[str, str] | None = None) -> str:
    """A sign for the columns and the people that a page showed, to be sent back with what it asks for."""
    shown = [dict(columns), dict(names or {})]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def keep_file(
    *, department: Department, kind: str, source: str, name: str, table: Table, digest: str, actor: User
) -> Reading:
    """Keep the cells of a file until it is read in. `source`: the name of where it comes from, an old one or a new.

    An old one may be spelt otherwise (`source_called`). The same file of the same source that is being checked already
    is that one. Refuses like `cells_of`.
    """
    # Two uploads of one file at once become one draft.
    lock_department(department)
    origin = _source_of(department, kind, source)
    drafts = Reading.objects.filter(department=department, source=origin, digest=digest, state=ReadingState.DRAFT)
    if found := drafts.first():
        return found
    reading = Reading.objects.create(
        department=department,
        kind=kind,
        source=origin,
        name=name,
        digest=digest,
        cells=cells_of(table, FIELDS[kind]),
        by=actor,
    )
    audit.record(actor, "handover.reading.kept", reading, kind=kind, source=origin.name)
    return reading


@transaction.atomic
def set_columns(*, reading: Reading, columns: Mapping[str, str], actor: User) -> ReadingSource:
    """Say what the headings mean, {field: heading or ""}; the source remembers it for its next file.

    Refuses "not_a_draft" and, by field, unknown headings ("unknown_heading").
    """
    reading = _locked_draft(reading)
    headings, names = set(headings_of(reading.cells)), {each.name for each in FIELDS[reading.kind]}
    unknown = {name for name, heading in columns.items() if name not in names or (heading and heading not in headings)}
    if unknown:
        raise ValidationError(
            {name: ValidationError(_("The file has no such column."), code="unknown_heading") for name in unknown}
        )
    source = ReadingSource.objects.select_for_update(no_key=True, of=("self",)).get(readings=reading)
    if dict(columns) != source.columns:
        before, source.columns, source.changed_at = source.columns, dict(columns), clock.now()
        source.save(update_fields=["columns", "changed_at"])
        audit.record(actor, "handover.source.columns_set", source, before=before, after=source.columns)
    return source


@transaction.atomic
def set_names(*, reading: Reading, names: Mapping[str, Membership | None], actor: User) -> ReadingSource:
    """Say whom names mean that stand in a file and that nobody here has; the source remembers it for its next file.

    None: nobody; what was remembered of the name is forgotten. Refuses "not_a_draft", "other_department" and names
    that stand elsewhere ("not_in_file").
    """
    reading = _locked_draft(reading)
    if any(member.department_id != reading.department_id for member in names.values() if member):
        raise ValidationError(_("This person belongs to another department."), code="other_department")
    asked, there = {folded(name): name for name in names}, _names_in(reading)
    if unheard := next((name for key, name in asked.items() if key not in there), None):
        raise ValidationError(
            _("“%(name)s” does not stand in this file."), code="not_in_file", params={"name": unheard}
        )
    source = ReadingSource.objects.select_for_update(no_key=True, of=("self",)).get(readings=reading)
    chosen = {folded(name): member.work_number for name, member in names.items() if member}
    # Of two spellings of a name, the one that somebody is chosen for counts.
    said = {name: number for name, number in source.names.items() if name not in asked} | chosen
    if said != source.names:
        before, source.names, source.changed_at = source.names, said, clock.now()
        source.save(update_fields=["names", "changed_at"])
        audit.record(actor, "handover.source.names_set", source, before=before, after=said)
    return source


def _names_in(reading: Reading) -> set[str]:
    """Everything that stands for people in a file, folded."""
    heading = columns_of(reading).get("work_number")
    if heading is None:
        return set()
    head = head_of(reading.cells)
    column = [text_in(cell) for cell in reading.cells[head]].index(heading)
    cells = {text_in(row[column]) for row in reading.cells[head + 1 :] if column < len(row)}
    return {folded(clean(cell)) for cell in cells}


def _locked_draft(reading: Reading) -> Reading:
    """The reading under its department's lock. Refuses "not_a_draft" what is read in, dropped or under way."""
    lock_department(reading.department)
    rows = Reading.objects.select_related("department", "source", "job").select_for_update(no_key=True, of=("self",))
    found = rows.get(pk=reading.pk)
    if not found.may_be_dropped:
        raise ValidationError(_("This file is no longer being checked."), code="not_a_draft")
    return found


def remember_outcome(*, reading: Reading, outcome: Mapping[str, Any]) -> None:
    """Keep what the check of a draft came to; it says itself what it hangs on."""
    Reading.objects.filter(pk=reading.pk, state=ReadingState.DRAFT).update(outcome=dict(outcome))


@transaction.atomic
def drop_reading(*, reading: Reading, actor: User) -> Reading:
    """Do not read a file in; its cells go. What a stopped attempt had written stays. Refuses "not_a_draft"."""
    reading = _locked_draft(reading)
    reading.state, reading.cells, reading.outcome = ReadingState.DROPPED, [], {}
    reading.save(update_fields=["state", "cells", "outcome"])
    audit.record(actor, "handover.reading.dropped", reading)
    return reading


@transaction.atomic
def start_reading(*, reading: Reading, seen: str, actor: User) -> Job:
    """Queue the reading of a file. `seen`: the columns of the page that was looked at (`seen_of`).

    Refuses "not_a_draft", columns that were changed meanwhile ("columns_changed") or are not settled ("no_columns"),
    and a second file while one of the department is being read in ("another_running").
    """
    reading = _locked_draft(reading)
    columns = columns_of(reading)
    if problems_of(reading.kind, columns):
        raise ValidationError(_("Say first what the columns mean."), code="no_columns")
    assert reading.source is not None
    if seen != seen_of(columns, reading.source.names):
        raise ValidationError(
            _("Somebody has changed what the columns mean since this page was made. Look at it again."),
            code="columns_changed",
        )
    running = Reading.objects.filter(department=reading.department, state=ReadingState.RUNNING)
    if running.filter(job__state__in=UNFINISHED).exclude(pk=reading.pk).exists():
        raise ValidationError(
            _("Another file is being read in. Wait until it is done, then try again."), code="another_running"
        )
    department, source = reading.department, reading.source
    if not source.columns:
        source.columns, source.changed_at = columns, clock.now()
        source.save(update_fields=["columns", "changed_at"])
    reading.state = ReadingState.RUNNING
    reading.job = jobs.start(
        task=TASK,
        owner=actor,
        department=department,
        params={"reading": reading.pk, "columns": columns, "language": get_language()},
        key=f"{reading.pk}",
        title=TITLE,
        title_params={"file": reading.name},
        link=reverse("handover:reading", args=[department.code, reading.pk]),
    )
    reading.save(update_fields=["state", "job"])
    audit.record(actor, "handover.reading.started", reading)
    return reading.job


def read_in(
    *,
    reading: Reading,
    columns: Mapping[str, str],
    actor: User | None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Write the good rows of a kept file, part by part, and leave the wrong ones out. Again, and nothing changes.

    `progress(done, total)` is told of rows after each part, and may raise to stop: the parts that are written stay, and
    the file is a draft again. Refuses "not_running".
    """
    report = progress or _silent
    reading = Reading.objects.select_related("department", "source").get(pk=reading.pk)
    if reading.state != ReadingState.RUNNING:
        raise ValidationError(_("This file is not being read in."), code="not_running")
    try:
        checked = check(reading.kind, reading.cells, columns, known_of(reading.department, reading.source))
        total = len(checked.rows)
        report(0, total)
        for start in range(0, total, ROWS_A_PART):
            with transaction.atomic():
                lock_department(reading.department)
                compared = write(reading, checked.rows[start : start + ROWS_A_PART])
                # Counted with what is written: an attempt that died and was made again does not count twice.
                Reading.objects.filter(pk=reading.pk).update(
                    added=F("added") + len(compared.new), corrected=F("corrected") + len(compared.corrections)
                )
            report(min(start + ROWS_A_PART, total), total)
        return _finish(reading, checked, actor)
    except BaseException:
        Reading.objects.filter(pk=reading.pk, state=ReadingState.RUNNING).update(state=ReadingState.DRAFT)
        raise


def _silent(done: int, total: int) -> None:
    """Nobody wants to know."""


@transaction.atomic
def _finish(reading: Reading, checked: Checked, actor: User | None) -> Reading:
    lock_department(reading.department)
    reading.refresh_from_db(fields=["added", "corrected"])
    reading.same = max(0, len(checked.rows) - reading.added - reading.corrected)
    reading.wrong = len(checked.wrong_rows)
    reading.cells = left_out(reading.cells, checked.mistakes)
    reading.state, reading.at, reading.outcome = ReadingState.DONE, clock.now(), {}
    reading.save(update_fields=["same", "wrong", "cells", "state", "at", "outcome"])
    counts = {name: getattr(reading, name) for name in ("added", "corrected", "same", "wrong")}
    audit.record(actor, "handover.reading.read_in", reading, after=counts)
    return reading


@transaction.atomic
def receive(
    *, department: Department, kind: ReadingKind, name: str, rows: Sequence[Row], source: str = ""
) -> tuple[Reading, int]:
    """Take the rows that a program has sent, all of them; they were held against `known_of` before.

    `name`: what the program is called; `source`: the tool or shop that it speaks for, by its name, else itself. The
    same rows again change nothing. Also answers how many rows lie beside figures of other sources.
    """
    lock_department(department)
    origin = _source_of(department, kind, source or name)
    said = json.dumps([[row.key, row.values] for row in rows], default=str, sort_keys=True)
    reading = Reading.objects.create(
        department=department,
        kind=kind,
        source=origin,
        name=name,
        digest=hashlib.sha256(said.encode()).hexdigest(),
        state=ReadingState.DONE,
    )
    compared = write(reading, rows)
    reading.added, reading.corrected = len(compared.new), len(compared.corrections)
    reading.same = compared.same
    reading.save(update_fields=["added", "corrected", "same"])
    counts = {name: getattr(reading, name) for name in ("added", "corrected", "same")}
    audit.record(None, "handover.reading.received", reading, after=counts)
    return reading, compared.beside
