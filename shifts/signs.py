"""How a planned day is written in few letters: its palette, its mark on the grid, what it is called."""

from rulebooks.schema import Rulebook

LETTERS = {"day": "d", "night": "n", "regular": "r", "leave": "l"}
REST_LETTER = "x"
LEAVE_LETTER = LETTERS["leave"]
# The same palettes in charts: `c-night` and its kin.
TINTS = {"d": "day", "n": "night", "r": "reg", "l": "leave"}


def letter_of(rulebook: Rulebook | None, code: str) -> str:
    """The palette letter of a code: "" for an empty cell or a code that the rulebook does not know."""
    if rulebook is None or not code:
        return ""
    if code == rulebook.rest.code:
        return REST_LETTER
    shift = rulebook.shift(code)
    if shift:
        return LETTERS[shift.palette]
    return LEAVE_LETTER if rulebook.leave_kind(code) else ""


def mark_of(rulebook: Rulebook | None, code: str) -> str:
    """The one character that stands for a code in the active language."""
    if rulebook is None or not code:
        return code
    part = rulebook.rest if code == rulebook.rest.code else rulebook.shift(code) or rulebook.leave_kind(code)
    return str(part.mark) if part else code


def note_of(rulebook: Rulebook | None, code: str) -> str:
    """What a wide cell says beside the mark: the hours of a shift, the name of anything else."""
    if rulebook is None or not code:
        return ""
    shift = rulebook.shift(code)
    if shift:
        return shift.hours
    part = rulebook.rest if code == rulebook.rest.code else rulebook.leave_kind(code)
    return str(part.name) if part else ""
