"""What differs between two rulebooks, in words. Pure.

Parts with a code are matched by it, wherever they stand; what is left out counts as what holds then. So nothing but a
change of what holds is a change: not another order of keys, not a comment, not a default written out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from office.lists import joined
from people.models import Right, Role

from .hours import Span
from .keys import known
from .parts import Part, Text, plain
from .schema import Rest, Rulebook, ShiftType, Skill

# The lists of codes that stand for shifts, the rest day or skills: they are told by their names.
NAMING = {(name, "[]") for name in ("hands_over_to", "needs", "not_on", "shifts", "cycle")}


class Kind(StrEnum):
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True)
class Change:
    """One difference. `where` leads there in words; `facts` are the values of a whole part that came or went.

    `before` and `after` are empty for a part; for something moved they are the two orders.
    """

    kind: Kind
    where: tuple[str, ...]
    before: str = ""
    after: str = ""
    facts: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """One line for a terminal: where, and before → after; a whole part that came or went has a sign."""
        sign = {Kind.ADDED: "+ ", Kind.REMOVED: "− "}.get(self.kind, "")
        values = " → ".join(filter(None, (self.before, self.after)))
        return f"{sign}{' › '.join(self.where)}" + (f": {values}" if values else "")


@dataclass(frozen=True)
class RightMoved:
    """A right that changes hands: the roles that get it and those that lose it."""

    right: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def label(self) -> str:
        return str(Right(self.right).label)


@dataclass(frozen=True)
class HoursMoved:
    """A shift type whose hours change; `after` is empty when there is no such shift any more."""

    name: str
    before: str
    after: str


def changes(before: Rulebook, after: Rulebook) -> list[Change]:
    """All differences, in the order of a file, in the active language."""
    return list(_Comparison(before, after).compare())


def rights_moved(before: Rulebook, after: Rulebook) -> list[RightMoved]:
    moved = []
    for right in Right.values:
        old, new = set(before.rights.get(right, ())), set(after.rights.get(right, ()))
        if old != new:
            in_order = [role for role in Role.values if role in old | new]
            gained = tuple(role for role in in_order if role not in old)
            moved.append(RightMoved(right, gained, tuple(role for role in in_order if role not in new)))
    return moved


def hours_moved(before: Rulebook, after: Rulebook) -> list[HoursMoved]:
    moved = []
    for shift in before.shifts:
        new = after.shift(shift.code)
        hours = new.hours if new else ""
        if hours != shift.hours:
            moved.append(HoursMoved(str(shift.name), shift.hours, hours))
    return moved


def effective(value: object) -> object:
    """What holds, as plain values: keys as a file writes them, nothing left out but what is nothing."""
    if isinstance(value, Span):
        return str(value)
    if isinstance(value, Part):
        fields = type(value).model_fields
        pairs = ((made.alias or name, getattr(value, name)) for name, made in fields.items())
        return {name: effective(each) for name, each in pairs if each is not None and each != ()}
    if isinstance(value, Mapping):
        return {key: effective(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [effective(each) for each in value]
    return value


class _Comparison:
    """Two rulebooks and the words for what stands in them."""

    def __init__(self, before: Rulebook, after: Rulebook):
        self.before, self.after = before, after
        self.keys = known()
        # The newer one's last: it is what readers will know.
        self.names: dict[str, str] = {}
        for each in (before, after):
            named: list[ShiftType | Rest | Skill] = [*each.shifts, each.rest, *each.skills]
            self.names |= {part.code: str(part.name) for part in named}

    def compare(self) -> Iterator[Change]:
        yield from self._groups(effective(self.before), effective(self.after), (), ())

    def _differ(self, old: object, new: object, path: tuple[str, ...], where: tuple[str, ...]) -> Iterator[Change]:
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._groups(old, new, path, where)
        elif _has_parts(old) or _has_parts(new):
            yield from self._lists(old, new, (*path, "[]"), where)
        elif old != new:
            yield Change(Kind.CHANGED, where, self._words(old, path), self._words(new, path))

    def _groups(self, old, new, path: tuple[str, ...], where: tuple[str, ...]) -> Iterator[Change]:
        for key in [*new, *(key for key in old if key not in new)]:
            inner, place = (*path, key), (*where, self._title(path, key))
            if key in old and key in new:
                yield from self._differ(old[key], new[key], inner, place)
            elif key in new:
                yield self._whole(Kind.ADDED, new[key], inner, place)
            else:
                yield self._whole(Kind.REMOVED, old[key], inner, place)

    def _lists(self, old, new, path: tuple[str, ...], where: tuple[str, ...]) -> Iterator[Change]:
        """Lists of parts: by their codes, or by their places where they have none (the steps of a ladder)."""
        olds, news = dict(_named(old)), dict(_named(new))
        for name, item in news.items():
            place = (*where, _label(item, name))
            if name in olds:
                yield from self._differ(olds[name], item, path, place)
            else:
                yield self._whole(Kind.ADDED, item, path, place)
        for name, item in olds.items():
            if name not in news:
                yield self._whole(Kind.REMOVED, item, path, (*where, _label(item, name)))
        was, now = [name for name in olds if name in news], [name for name in news if name in olds]
        if was != now:
            before, after = (joined(_label(news[name], name) for name in names) for names in (was, now))
            yield Change(Kind.MOVED, (*where, _("in this order")), before, after)

    def _whole(self, kind: Kind, value: object, path: tuple[str, ...], where: tuple[str, ...]) -> Change:
        """A value or a part that came or went."""
        if _is_text(value) or not (isinstance(value, dict) or _has_parts(value)):
            words = self._words(value, path)
            return Change(kind, where, *(("", words) if kind == Kind.ADDED else (words, "")))
        return Change(kind, where, facts=tuple(self._facts(value, path, ())))

    def _facts(self, value, path: tuple[str, ...], where: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        if _is_text(value) or not (isinstance(value, dict) or _has_parts(value)):
            yield " › ".join(where), self._words(value, path)
        elif isinstance(value, dict):
            for key, each in value.items():
                yield from self._facts(each, (*path, key), (*where, self._title(path, key)))
        else:
            for name, item in _named(value):
                yield from self._facts(item, (*path, "[]"), (*where, _label(item, name)))

    def _title(self, path: tuple[str, ...], key: str) -> str:
        if path == ("rights",):
            return str(Right(key).label)
        found = self.keys.get((*path, key)) or self.keys.get((*path, key, "[]"))
        if found:
            return found.title
        languages = {made.alias or name: made.title for name, made in Text.model_fields.items()}
        return _(languages.get(key) or key)

    def _words(self, value: object, path: tuple[str, ...]) -> str:
        if isinstance(value, dict):
            # Both languages, the reader's own first.
            text = Text.model_validate(value)
            return " / ".join(dict.fromkeys([str(text), *text.both.values()]))
        if isinstance(value, list):
            return joined(self._words(each, (*path, "[]")) for each in value) or _("none")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        key = self.keys.get(path)
        if path[0] == "rights":
            return str(Role(str(value)).label)
        if path[-2:] in NAMING:
            return self.names.get(str(value), str(value))
        number = plain(value) if isinstance(value, int | float) else str(value)
        meaning = key.values.get(number, "") if key else ""
        unit = key.unit if key else ""
        return meaning or f"{number} {unit}".strip()


def _is_text(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {made.alias or name for name, made in Text.model_fields.items()}


def _has_parts(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _named(items: Sequence[dict]) -> Iterator[tuple[str, dict]]:
    for place, item in enumerate(items, start=1):
        yield item.get("code") or str(place), item


def _label(item: dict, name: str) -> str:
    """How people call a part: by its number, name or code; a rolling rest by its window, a step by its place."""
    if "number" in item:
        return f"§ {item['number']}"
    if "name" in item:
        return str(Text.model_validate(item["name"]))
    if "within_hours" in item:
        return _("in any %(hours)s hours") % {"hours": item["within_hours"]}
    return name if "code" in item else _("step %(number)s") % {"number": name}
