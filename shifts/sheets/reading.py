"""What a table that somebody hands in says about a month: changes, mistakes with their cells, what was left out. Pure.

Rows are found by work number, columns by date; their order, other columns and other rows do not matter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.lists import joined
from office.months import Month
from office.sheet_in import Table, Value, name_of, text_of
from people.pasting import NUMBER_HEADS
from rulebooks.schema import Rulebook
from shifts.sheets.writing import Person, meanings_of, plain

# The head is looked for in the first rows only: below them it would be somebody's cell.
HEAD_WITHIN = 30
LONGEST_SHOWN = 24
# Excel counts days from here; numbers in this range are days of our time.
EPOCH = date(1899, 12, 30)
DAYS_OF_OUR_TIME = range(36_526, 73_415)


@dataclass(frozen=True)
class Mistake:
    """A cell that cannot be taken: where it is ("F12"), what stands in it, and why not."""

    place: str
    value: str
    why: str


@dataclass(frozen=True)
class Change:
    """A cell of the roster that the table has otherwise; `seen` is the version that it had when looked at."""

    membership_id: int
    day: date
    before: str
    after: str
    seen: int
    person: Person


@dataclass
class Reading:
    changes: list[Change] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cells: int = 0

    def by_person(self) -> list[tuple[Person, list[Change]]]:
        found: dict[str, tuple[Person, list[Change]]] = {}
        for change in self.changes:
            found.setdefault(change.person.work_number, (change.person, []))[1].append(change)
        return list(found.values())


@dataclass
class Known:
    """What the table is held against: the people of the month, others of the department, and the rulebook by day.

    `others`: {work number: why there is no line for it}; `fixed`: days that can no longer be planned.
    """

    month: Month
    people: Sequence[Person]
    rulebooks: Mapping[date, Rulebook]
    others: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[date] = frozenset()


@dataclass
class Head:
    row: int
    number: int
    # {column: day}
    days: dict[int, date]


# What the texts in the cells of each day mean: {day: {text as compared: code}}.
Meanings = Mapping[date, Mapping[str, str]]


def read(table: Table, known: Known) -> Reading:
    """Hold a table against the month. Refuses one without a head ("no_head") or of another month ("other_month")."""
    reading = Reading()
    head = _head(table, known.month, reading)
    meanings = _meanings(known)
    rows = _people(table, head, known, meanings, reading)
    columns = _free_columns(table, head, rows, reading)
    for row, person in sorted(rows.items()):
        for column, day in head.days.items():
            if (row, column) in columns:
                continue
            _cell(table, row, column, person, day, known, meanings.get(day, {}), reading)
    formulas = sum((row, column) in table.formulas for row in rows for column in head.days)
    if formulas:
        text = ngettext(
            "%(count)s cell holds a formula; what it came to was read.",
            "%(count)s cells hold formulas; what they came to was read.",
            formulas,
        )
        reading.notes.append(text % {"count": formulas})
    return reading


def _meanings(known: Known) -> Meanings:
    books = {id(book): book for book in known.rulebooks.values()}
    made = {key: meanings_of(book) for key, book in books.items()}
    return {day: made[id(book)] for day, book in known.rulebooks.items()}


# -- The head ---------------------------------------------------------------------------------------------------------
def _head(table: Table, month: Month, reading: Reading) -> Head:
    """The row with a column of work numbers and the most dates."""
    best: Head | None = None
    for row in range(min(len(table.rows), HEAD_WITHIN)):
        number = next((column for column, value in enumerate(table.rows[row]) if _is_number_head(value)), None)
        if number is None:
            continue
        days = {
            column: day
            for column, value in enumerate(table.rows[row])
            if column != number and (day := day_of(value, month)) is not None
        }
        if days and (best is None or len(days) > len(best.days)):
            best = Head(row, number, days)
    if best is None:
        raise ValidationError(
            _(
                "No head was found: a row with “Work number” and dates such as %(day)s above the cells. "
                "Take the roster's own Excel file as a pattern."
            )
            % {"day": month.first},
            code="no_head",
        )
    return _of_month(table, best, month, reading)


def _is_number_head(value: Value) -> bool:
    return isinstance(value, str) and plain(value) in NUMBER_HEADS


def _of_month(table: Table, head: Head, month: Month, reading: Reading) -> Head:
    """The head with the columns of this month; others, and days that come twice, are mistakes."""
    if not any(day in month for day in head.days.values()):
        first = next(iter(head.days.values()))
        raise ValidationError(
            _("These dates are of another month, such as %(day)s; this is the roster of %(month)s.")
            % {"day": first, "month": month},
            code="other_month",
        )
    kept: dict[int, date] = {}
    for column, day in head.days.items():
        if day not in month:
            why = _("This day is not in %(month)s; its column was left out.") % {"month": month}
        elif list(head.days.values()).count(day) > 1:
            why = _("This day has two columns; neither was read.")
        else:
            kept[column] = day
            continue
        reading.mistakes.append(_mistake(table, head.row, column, why))
    missing = sum(day not in kept.values() for day in month.days())
    if missing:
        text = ngettext(
            "%(count)s day of the month has no column; it stays as it is.",
            "%(count)s days of the month have no column; they stay as they are.",
            missing,
        )
        reading.notes.append(text % {"count": missing})
    return Head(head.row, head.number, kept)


def day_of(value: Value, month: Month) -> date | None:
    """The day that a head means: a date, a text such as 2026-11-03 or 11-03, or only the number of the day."""
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        # A day's number that was typed over a date: Excel shows it as a day of January 1900.
        return _numbered(value.day, month) if value.year == 1900 and value.month == 1 else value
    if isinstance(value, int | float):
        if value != int(value):
            return None
        return EPOCH + timedelta(days=int(value)) if int(value) in DAYS_OF_OUR_TIME else _numbered(int(value), month)
    if isinstance(value, str):
        return _day_in(plain(value), month)
    return None


def _day_in(text: str, month: Month) -> date | None:
    # Two-digit years are not guessed: 11-03 is the third of November.
    found = re.fullmatch(r"(?:([0-9]{4})[-/.年])?(?:([0-9]{1,2})[-/.月])?([0-9]{1,2})日?(?: ?00:00(?::00)?)?", text)
    if found is None or (found[1] and not found[2]):
        return None
    year = int(found[1] or month.year)
    number = int(found[2] or month.number)
    try:
        return date(year, number, int(found[3]))
    except ValueError:
        return None


def _numbered(number: int, month: Month) -> date | None:
    return month.first.replace(day=number) if 1 <= number <= month.last.day else None


# -- The people -------------------------------------------------------------------------------------------------------
def _people(table: Table, head: Head, known: Known, meanings: Meanings, reading: Reading) -> dict[int, Person]:
    """{row: person}; unknown numbers, and numbers that stand in two rows, are mistakes."""
    found: dict[int, Person] = {}
    left_out = 0
    for row in range(head.row + 1, len(table.rows)):
        text = table.text(row, head.number)
        if not text:
            left_out += _has_shifts(table, row, head, meanings)
            continue
        person, why = _person(text, known)
        if person is None:
            reading.mistakes.append(_mistake(table, row, head.number, why))
            continue
        if plain(text) != plain(person.work_number):
            note = _("%(place)s: “%(text)s” was read as work number %(number)s, %(name)s.")
            facts = {"place": name_of(row, head.number), "text": text[:LONGEST_SHOWN]}
            reading.notes.append(note % {**facts, "number": person.work_number, "name": person.name})
        found[row] = person
    if left_out:
        text = ngettext(
            "%(count)s row without a work number was left out.",
            "%(count)s rows without a work number were left out.",
            left_out,
        )
        reading.notes.append(text % {"count": left_out})
    return _once(table, head, found, reading)


def _has_shifts(table: Table, row: int, head: Head, meanings: Meanings) -> bool:
    """Whether a row says something of the plan: the days of the week and the people wanted, which stand above and below
    it in the roster's own file, do not."""
    return any(plain(table.text(row, column)) in meanings.get(day, ()) for column, day in head.days.items())


def _once(table: Table, head: Head, found: dict[int, Person], reading: Reading) -> dict[int, Person]:
    rows: dict[str, list[int]] = {}
    for row, person in found.items():
        rows.setdefault(person.work_number, []).append(row)
    for number, own in rows.items():
        if len(own) > 1:
            lines = joined(row + 1 for row in own)
            why = _("Work number %(number)s stands in rows %(rows)s; none of them was read.")
            for row in own:
                reading.mistakes.append(_mistake(table, row, head.number, why % {"number": number, "rows": lines}))
                del found[row]
    return found


def _person(text: str, known: Known) -> tuple[Person | None, str]:
    """Who has this work number; a number that lost its zeros in front is found when only one can be meant."""
    wanted = plain(text)
    for person in known.people:
        if plain(person.work_number) == wanted:
            return person, ""
    for number, reason in known.others.items():
        if plain(number) == wanted:
            return None, reason
    if wanted.isdecimal():
        alike = [person for person in known.people if plain(person.work_number).lstrip("0") == wanted.lstrip("0")]
        if len(alike) == 1:
            return alike[0], ""
        if alike:
            numbers = joined(person.work_number for person in alike)
            return None, _("This could be any of %(numbers)s; write the zeros in front.") % {"numbers": numbers}
    return None, _("Nobody on this roster has this work number.")


# -- The cells --------------------------------------------------------------------------------------------------------
def _free_columns(table: Table, head: Head, rows: Mapping[int, Person], reading: Reading) -> set[tuple[int, int]]:
    """Cells that merging has taken away; each merged block is one mistake."""
    taken: set[tuple[int, int]] = set()
    for block in table.merged:
        own_rows = [row for row in (head.row, *rows) if block.top <= row <= block.bottom]
        columns = [column for column in (head.number, *head.days) if block.left <= column <= block.right]
        if not own_rows or not columns:
            continue
        why = _("The cells %(block)s are merged; take them apart, then every cell can be read.") % {"block": block}
        place = str(block)
        reading.mistakes.append(Mistake(place, table.text(block.top, block.left)[:LONGEST_SHOWN], why))
        whole_rows = list(rows) if head.row in own_rows else own_rows
        whole_columns = list(head.days) if head.number in columns else columns
        taken |= {(row, column) for row in whole_rows for column in whole_columns}
    return taken


def _cell(
    table: Table,
    row: int,
    column: int,
    person: Person,
    day: date,
    known: Known,
    meanings: Mapping[str, str],
    reading: Reading,
) -> None:
    reading.cells += 1
    text = table.text(row, column)
    code = meanings.get(plain(text), "") if text else ""
    place = day.day - 1
    line = person.line_on(day) or next((line for line in person.lines if line.codes[place]), person.lines[0])
    before = line.codes[place]
    # A code of an older rulebook is not understood, but it is what stands there.
    if code == before if code or not text else plain(text) == plain(before):
        return
    why = _why_not(text, code, before, person, day, known)
    if why:
        reading.mistakes.append(_mistake(table, row, column, why))
    else:
        reading.changes.append(Change(line.member.pk, day, before, code, line.versions[place], person))


def _why_not(text: str, code: str, before: str, person: Person, day: date, known: Known) -> str:
    book = known.rulebooks.get(day)
    if book is None:
        return _("No rulebook is in force on %(day)s.") % {"day": day}
    if text and not code:
        return _("This is no shift, rest day or leave of the rulebook.")
    if day in known.fixed:
        return _("%(day)s is past and published; it can no longer be planned.") % {"day": day}
    if code and person.line_on(day) is None:
        return _("%(name)s is no member on %(day)s.") % {"name": person.name, "day": day}
    if before and book.leave_kind(before):
        return _("There is approved leave on this day; it is changed by its slip.")
    if code and book.leave_kind(code):
        return _("Leave comes from approved slips; it cannot be planned.")
    return ""


def _mistake(table: Table, row: int, column: int, why: str) -> Mistake:
    value = table.rows[row][column] if row < len(table.rows) and column < len(table.rows[row]) else ""
    return Mistake(name_of(row, column), text_of(value)[:LONGEST_SHOWN], why)
