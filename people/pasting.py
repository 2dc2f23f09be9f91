"""A list of people as it is pasted from a table or typed: one a line, "work number, name, role, user name". Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from office.lists import joined

from .models import Role

MOST_LINES = 500
LONGEST_LINE = 300
# What the first line may call its columns, in any of our languages.
NUMBER_HEADS = frozenset({"work number", "work no.", "work no", "number", "no.", "no", "id", "工号", "编号", "员工号"})
NAME_HEADS = frozenset({"name", "full name", "姓名", "名字", "员工姓名"})
# A table's cells are separated by tabs; then commas belong to what is written in a cell.
COMMAS = re.compile(r"[,;、]")
BETWEEN_ROLES = re.compile(r"[,;、/+&]")


@dataclass(frozen=True)
class Line:
    """One person of the list. `place`: the line's number, from 1; `mistake`: what is wrong with it, or nothing."""

    place: int
    number: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()
    username: str = ""
    mistake: str = ""
    # Whether the user name belongs to somebody whom the reader manages elsewhere.
    is_known: bool = False

    def found(self, **more) -> "Line":
        return replace(self, **more)


class TooLong(ValueError):
    """More lines than one list may have."""


def read_lines(text: str, *, roles: Mapping[str, str], default: str) -> list[Line]:
    """The people of the list; a head line and empty lines are left out. Raises TooLong.

    `roles`: what a role may be called, in small letters, and its value; `default`: the role of who has none written.
    """
    found: list[Line] = []
    is_first = True
    for place, raw in enumerate(text.splitlines(), start=1):
        cells = _cells(raw)
        if not any(cells):
            continue
        if is_first and _is_head(cells):
            is_first = False
            continue
        is_first = False
        if len(found) == MOST_LINES:
            raise TooLong(_("At most %(most)s people at once.") % {"most": MOST_LINES})
        found.append(_line(place, raw, cells, roles, default))
    return found


def _cells(raw: str) -> list[str]:
    # Full-width digits, commas and spaces are what a Chinese keyboard writes.
    plain = unicodedata.normalize("NFKC", raw)
    cells = plain.split("\t") if "\t" in plain else COMMAS.split(plain)
    return [" ".join(cell.split()) for cell in cells]


def _is_head(cells: Sequence[str]) -> bool:
    heads = [cell.casefold() for cell in cells]
    return heads[0] in NUMBER_HEADS or (len(heads) > 1 and heads[1] in NAME_HEADS)


def _line(place: int, raw: str, cells: list[str], roles: Mapping[str, str], default: str) -> Line:
    while len(cells) > 4 and not cells[-1]:
        cells = cells[:-1]
    number, name, role, username = [*cells, "", "", "", ""][:4]
    called = [part.strip() for part in BETWEEN_ROLES.split(role) if part.strip()]
    values = tuple(dict.fromkeys(roles.get(each.casefold(), "") for each in called)) or (default,)
    line = Line(place, number[:40], name[:100], tuple(value for value in values if value), username[:200])
    unknown = next((each for each in called if each.casefold() not in roles), "")
    return replace(line, mistake=_mistake(raw, cells, line, unknown))


def _mistake(raw: str, cells: Sequence[str], line: Line, unknown: str) -> str:
    if len(raw) > LONGEST_LINE:
        return _("This line is too long.")
    if len(cells) < 2:
        return _("Write the work number, a comma and the name.")
    if len(cells) > 4:
        return _("More than four parts: work number, name, role, user name.")
    if not line.number:
        return _("The work number is missing.")
    if len(line.number) > 12:
        return _("A work number has at most 12 characters.")
    if not line.name:
        return _("The name is missing.")
    if len(line.name) > 60:
        return _("A name has at most 60 characters.")
    if any(unicodedata.category(sign).startswith("C") for sign in line.number + line.name):
        return _("This line holds a character that cannot be shown.")
    if unknown:
        return _("“%(role)s” is no role; there are: %(roles)s.") % {
            "role": unknown[:40],
            "roles": joined(Role(value).label for value in Role.values),
        }
    return ""
