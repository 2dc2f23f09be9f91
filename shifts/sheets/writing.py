"""The roster as an Excel file that people edit and hand in again: writing it, and what its cells mean. Pure."""

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from office.lists import joined
from rulebooks.schema import LeaveKind, Rest, Rulebook, ShiftType
from shifts.pages.grid import Agent
from shifts.pages.paper import Line, Paper
from shifts.signs import letter_of

# As on the page: one colour a palette. Excel has no dark mode.
FILLS = {"d": "#FFF1C2", "n": "#DCE6FA", "r": "#DDF1E1", "l": "#FBE0E4", "x": "#F0F0EE"}
# Excel takes no longer list of choices.
LONGEST_CHOICE = 255
FIRST_DAY_COLUMN = 2


def plain(text: str) -> str:
    """A text as it is compared: full-width signs as ordinary ones, in small letters, no blanks around."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def parts_of(rulebook: Rulebook) -> list[ShiftType | Rest | LeaveKind]:
    """Everything a cell can hold: shifts, the rest day, kinds of leave."""
    kinds = rulebook.leave.kinds if rulebook.leave else ()
    return [*rulebook.shifts, rulebook.rest, *kinds]


def meanings_of(rulebook: Rulebook) -> dict[str, str]:
    """What a text in a cell stands for: {text as compared: code}, the same in every language.

    Codes go before marks and marks before names; a text that stands for two things of one kind means nothing.
    """
    found: dict[str, str] = {}
    said = (
        lambda part: [part.code],
        lambda part: part.mark.both.values(),
        lambda part: part.name.both.values(),
    )
    for words in said:
        of_kind: dict[str, str] = {}
        for part in parts_of(rulebook):
            for word in {plain(word) for word in words(part)}:
                of_kind[word] = "" if of_kind.get(word, part.code) != part.code else part.code
        for word, code in of_kind.items():
            found.setdefault(word, code)
    return {word: code for word, code in found.items() if code}


def words_of(rulebook: Rulebook | None) -> dict[str, str]:
    """What stands in the file for each code: its mark in the active language, where that is understood again."""
    if rulebook is None:
        return {}
    meanings = meanings_of(rulebook)
    return {
        part.code: str(part.mark) if meanings.get(plain(str(part.mark))) == part.code else part.code
        for part in parts_of(rulebook)
    }


@dataclass
class Person:
    """One line of the file: whoever has a work number, in all memberships of the month."""

    work_number: str
    name: str
    lines: list[Line]

    def line_on(self, day: date) -> Line | None:
        """The membership that a day belongs to, if any."""
        return next((line for line in self.lines if line.member.holds_on(day)), None)


def people_of(lines: Iterable[Line]) -> list[Person]:
    """The lines by work number: who left and came back within the month is one person."""
    found: dict[str, Person] = {}
    for line in lines:
        member: Agent = line.member
        found.setdefault(member.work_number, Person(member.work_number, member.name, [])).lines.append(line)
    return list(found.values())


def code_on(person: Person, place: int) -> str:
    """What the person's day holds, in whichever membership it lies; `place` counts the days of the month from 0."""
    return next((line.codes[place] for line in person.lines if line.codes[place]), "")


def book_of(paper: Paper, *, made_at: datetime) -> bytes:
    """The Excel file: a sheet of the month, and one that says what its marks mean. In the active language."""
    import xlsxwriter

    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(made, options)
    book.set_properties(
        {"title": f"{paper.department.name} {paper.month}", "comments": f"{paper.state} {made_at:%Y-%m-%d %H:%M}"}
    )
    _write_month(book, paper)
    _write_legend(book, paper)
    book.close()
    return made.getvalue()


def _write_month(book, paper: Paper) -> None:
    sheet = book.add_worksheet(str(paper.month))
    thin = {"border": 1, "border_color": "#D0D0CC", "valign": "vcenter"}
    head = book.add_format({**thin, "bold": True, "align": "left"})
    day_head = book.add_format({**thin, "bold": True, "align": "center", "rotation": 90})
    dim = book.add_format({**thin, "align": "center", "font_color": "#666666"})
    free = book.add_format({**thin, "align": "center", "font_color": "#666666", "bg_color": "#F0F0EE"})
    names, cell = book.add_format({**thin, "align": "left"}), book.add_format({**thin, "align": "center"})

    sheet.write_string(0, 0, _("Work number"), head)
    sheet.write_string(0, 1, _("Name"), head)
    sheet.write_string(1, 0, "", dim)
    sheet.write_string(1, 1, paper.state, dim)
    for place, column in enumerate(paper.columns, start=FIRST_DAY_COLUMN):
        sheet.write_string(0, place, column.day.isoformat(), day_head)
        sheet.write_string(1, place, column.weekday, free if "w" in column.classes.split() else dim)
    people = people_of(paper.lines)
    words = {number: words_of(book) for number, book in {id(each): each for each in paper.rulebooks.values()}.items()}
    on_day = [words.get(id(paper.rulebooks.get(day)), {}) for day in paper.days]
    for row, person in enumerate(people, start=2):
        sheet.write_string(row, 0, person.work_number, names)
        sheet.write_string(row, 1, person.name, names)
        for place, known in enumerate(on_day):
            if code := code_on(person, place):
                sheet.write_string(row, place + FIRST_DAY_COLUMN, known.get(code, code), cell)
            else:
                sheet.write_blank(row, place + FIRST_DAY_COLUMN, None, cell)
    last = len(people) + 1
    _write_need(sheet, paper, last + 2, names, dim)
    if people:
        _colour(book, sheet, paper, 2, last)
    sheet.set_row(0, 66)
    sheet.set_column(0, 0, 11)
    sheet.set_column(1, 1, 14)
    sheet.set_column(FIRST_DAY_COLUMN, FIRST_DAY_COLUMN + len(paper.columns) - 1, 3.3)
    sheet.freeze_panes(2, FIRST_DAY_COLUMN)
    sheet.repeat_rows(0, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    month = paper.month.name
    # An ampersand begins a command in the head of a printed page.
    title = f"{paper.department.name} {month} {paper.state}".replace("&", "&&")
    sheet.set_header(f"&L{title[:200]}&R&P / &N")


def _write_need(sheet, paper: Paper, row: int, names, numbers) -> None:
    """How many each day wants, under the people. Without a work number these rows are none of a person."""
    for line in paper.foot:
        sheet.write_string(row, 1, _("%(shift)s wanted") % {"shift": line.name}, names)
        for place, cell in enumerate(line.cells, start=FIRST_DAY_COLUMN):
            if cell.cover:
                sheet.write_number(row, place, cell.cover.wanted, numbers)
        row += 1


def _colour(book, sheet, paper: Paper, first: int, last: int) -> None:
    """Colours that follow what somebody types, and a choice of what there is; other texts may be typed too."""
    rulebook = paper.rulebook
    if rulebook is None:
        return
    area = (first, FIRST_DAY_COLUMN, last, FIRST_DAY_COLUMN + len(paper.columns) - 1)
    choice, words = [], words_of(rulebook)
    for part in parts_of(rulebook):
        text = words[part.code]
        letter = letter_of(rulebook, part.code)
        fill = book.add_format({"bg_color": FILLS.get(letter, "#FFFFFF")})
        quoted = '"' + text.replace('"', '""') + '"'
        sheet.conditional_format(*area, {"type": "cell", "criteria": "==", "value": quoted, "format": fill})
        if not isinstance(part, LeaveKind):
            choice.append(text)
    if len(",".join(choice)) <= LONGEST_CHOICE and not any("," in text or text.startswith("=") for text in choice):
        sheet.data_validation(*area, {"validate": "list", "source": choice, "show_error": False})


def _write_legend(book, paper: Paper) -> None:
    sheet = book.add_worksheet(_("Legend"))
    head = book.add_format({"bold": True, "bottom": 1})
    heads = [_("Write"), _("Code"), _("Name"), _("Hours")]
    for place, label in enumerate(heads):
        sheet.write_string(0, place, label, head)
    rulebook = paper.rulebook
    words = words_of(rulebook)
    for row, part in enumerate(parts_of(rulebook) if rulebook else (), start=1):
        hours = part.hours if isinstance(part, ShiftType) else ""
        for place, text in enumerate([words[part.code], part.code, str(part.name), hours]):
            sheet.write_string(row, place, text)
    notes = [
        _("Only cells under a date and beside a work number are read. An empty cell means: not planned."),
        _("Leave comes from approved slips; it cannot be planned or taken off here."),
    ]
    row = len(parts_of(rulebook)) + 2 if rulebook else 2
    for note in notes:
        sheet.write_string(row, 0, note)
        row += 1
    sheet.set_column(0, 1, 8)
    sheet.set_column(2, 3, 24)


def legend_of(paper: Paper) -> list[tuple[str, str, str]]:
    """For paper: letter of the palette, mark and words of everything that the month can hold."""
    rulebook = paper.rulebook
    if rulebook is None:
        return []
    return [
        (
            letter_of(rulebook, part.code),
            str(part.mark),
            joined([part.name, part.hours]) if isinstance(part, ShiftType) else str(part.name),
        )
        for part in parts_of(rulebook)
    ]
