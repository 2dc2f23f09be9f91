"""What the roster is painted with: shift types and the rest day, their keys, and what pasted texts mean. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rulebooks.schema import LeaveKind, Rest, Rulebook, ShiftType
from shifts.pages.grid import Grid
from shifts.signs import letter_of, note_of

# A key of the grid itself; a shift may still take it when its code has no other letter.
TODAY_KEY = "t"


@dataclass(frozen=True)
class Brush:
    """What a cell can be set to, and the key that does it ("" when every one is taken)."""

    code: str
    key: str
    mark: str
    name: str
    letter: str


def brushes_of(rulebook: Rulebook | None) -> list[Brush]:
    """The shift types of the rulebook, and the rest day; no two have the same key."""
    if rulebook is None:
        return []
    parts = _painted(rulebook)
    keys = keys_of([part.code for part in parts])
    return [
        Brush(part.code, keys[part.code], str(part.mark), str(part.name), letter_of(rulebook, part.code))
        for part in parts
    ]


def keys_of(codes: Iterable[str]) -> dict[str, str]:
    """A key for each code: its first character, else the next one that is free, else a digit.

    Whoever's first character is still free has it, so that a later code never takes it from an earlier one.
    """
    codes = list(codes)
    keys: dict[str, str] = {}
    for code in codes:
        if code[0] not in keys.values():
            keys[code] = code[0]
    for code in codes:
        if code not in keys:
            free = (key for key in [*code, *"123456789"] if key not in keys.values() and key.lower() != TODAY_KEY)
            keys[code] = next(free, "")
    return keys


def books_of(grid: Grid) -> list[dict]:
    """For each rulebook in force on days of the page: from which column on, how codes look, what pasted texts mean.

    `looks`: {code: [mark, letter, name, note of a wide cell]}; `texts`: {text in small letters: code}. Leave has both,
    although it comes from slips: what it may be put back upon the service knows.
    """
    found: list[dict] = []
    before: Rulebook | None = None
    for place, column in enumerate(grid.columns):
        book = grid.rulebooks.get(column.day)
        if place and book is before:
            continue
        before = book
        found.append({"from": place} | (_book(book) if book else {"looks": {}, "texts": {}}))
    return found


def _book(rulebook: Rulebook) -> dict:
    kinds = rulebook.leave.kinds if rulebook.leave else ()
    parts: list[ShiftType | Rest | LeaveKind] = [*_painted(rulebook), *kinds]
    looks = {
        part.code: [str(part.mark), letter_of(rulebook, part.code), str(part.name), note_of(rulebook, part.code)]
        for part in parts
    }
    return {"looks": looks, "texts": _texts(parts)}


def _painted(rulebook: Rulebook) -> Sequence[ShiftType | Rest]:
    return [*rulebook.shifts, rulebook.rest]


def _texts(parts: Sequence[ShiftType | Rest | LeaveKind]) -> dict[str, str]:
    """What people write for a code. Where two are meant, the reader's own mark goes before a code, a code before a
    name, and a name before the words of the other language."""
    said = (
        lambda part: [str(part.mark)],
        lambda part: [part.code],
        lambda part: [str(part.name)],
        lambda part: part.mark.both.values(),
        lambda part: part.name.both.values(),
    )
    texts: dict[str, str] = {}
    for words in said:
        for part in parts:
            for word in words(part):
                texts.setdefault(word.strip().lower(), part.code)
    return texts


def week_of(day: date) -> list[date]:
    """The seven days from Monday to Sunday around a day."""
    monday = day.toordinal() - day.weekday()
    return [date.fromordinal(monday + place) for place in range(7)]
