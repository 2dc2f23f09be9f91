"""Every key that a rulebook file can hold, in the order of a file: what the schema says about it, in words.

The reference in docs/ and the help beside the editor are made from it: neither can say what the schema does not.
"""

import functools
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen
from django.utils.translation import gettext as _
from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from office.lists import joined
from people.models import Right, Role

from .hours import Span
from .parts import Part, Text, plain, written_as_code, written_as_shift_code
from .schema import RoleName, Rulebook


@dataclass(frozen=True)
class Shape:
    """What a value looks like: a plain type, a part, one of some words, or a list (`items`) or table of such."""

    type: Any
    marks: tuple[Any, ...] = ()
    items: "Shape | None" = None


@dataclass(frozen=True)
class Key:
    """One key. `path` has a "[]" after the name of every list on the way: ("clauses", "[]", "code")."""

    path: tuple[str, ...]
    field: FieldInfo
    shape: Shape

    @property
    def name(self) -> str:
        return next(step for step in reversed(self.path) if step != "[]")

    @property
    def dotted(self) -> str:
        return ".".join(self.path).replace(".[]", "[]")

    @property
    def title(self) -> str:
        return _(self.field.title or "")

    @property
    def description(self) -> str:
        return _(self.field.description or "")

    @property
    def unit(self) -> str:
        return _(unit) if (unit := self._extra.get("unit")) else ""

    @property
    def values(self) -> dict[str, str]:
        """The words that may stand here, each with its meaning; empty where anything else may."""
        return {value: _(words) for value, words in self._extra.get("values", {}).items()}

    @property
    def _extra(self) -> dict:
        extra = self.field.json_schema_extra
        return extra if isinstance(extra, dict) else {}

    @property
    def is_group(self) -> bool:
        """Whether more keys stand under it; a text, which is the same everywhere, counts as a value."""
        return part_of(self.shape) not in (None, Text)

    @property
    def default(self) -> str:
        """What holds where the key is left out, as it would be written; empty for nothing, and where it must stand."""
        value = self.field.default
        if self.field.is_required() or value is None or value == () or isinstance(value, Part):
            return ""
        return written(value)

    @property
    def kind(self) -> str:
        """What kind of value it takes: "whole number", "list of codes"."""
        return _kind(self.shape)

    @property
    def limits(self) -> str:
        return joined(_limits(self.shape))


def written(value: object) -> str:
    """A number, a switch or a list of words as a rulebook file has it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value) if isinstance(value, float | int) else str(value)


def every_key() -> Iterator[Key]:
    """All keys, each once, the keys of a group right after it; the two of a text are described once for all."""
    yield from keys_of(Rulebook, ())


@functools.cache
def known() -> dict[tuple[str, ...], Key]:
    """All keys by their paths. The schema is part of the program: a process looks once."""
    return {key.path: key for key in every_key()}


def keys_of(part: type[Part], above: tuple[str, ...]) -> Iterator[Key]:
    for name, field in part.model_fields.items():
        shape = _shape(field.annotation, tuple(field.metadata))
        path = (*above, field.alias or name, *(("[]",) if shape.items and shape.type is tuple else ()))
        yield Key(path, field, shape)
        inner = part_of(shape)
        if inner not in (None, Text):
            yield from keys_of(inner, path)


def keys_at(place: str) -> list[Key]:
    """The keys that concern a place of `places`, itself first; none for a place that the schema does not know."""
    wanted: tuple[str, ...] = ()
    keys = known()
    for step in place.split("."):
        if (*wanted, step) in keys:
            wanted = (*wanted, step)
        elif (*wanted, step, "[]") in keys:
            wanted = (*wanted, step, "[]")
        elif not wanted or wanted[-1] != "[]":
            # Inside a text or a table of rights: what stands above it explains it.
            break
    return [key for path, key in keys.items() if wanted and path[: len(wanted)] == wanted]


def names_in(steps: Sequence[str | int]) -> list[str]:
    """The keys that may stand in the part at these steps of the checked data; none where it is no part."""
    part: type[Part] | None = Rulebook
    for step in steps:
        fields = {field.alias or name: field for name, field in part.model_fields.items()} if part else {}
        if step in fields:
            part = part_of(_shape(fields[str(step)].annotation, tuple(fields[str(step)].metadata)))
        elif not isinstance(step, int):
            return []
    return [field.alias or name for name, field in part.model_fields.items()] if part else []


def part_of(shape: Shape) -> type[Part] | None:
    """The part whose keys stand under a value of this shape; a span is written as one text."""
    inner = shape.items.type if shape.items else shape.type
    return inner if isinstance(inner, type) and issubclass(inner, Part) and inner is not Span else None


def _shape(annotation: Any, marks: tuple[Any, ...] = ()) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], (*_flat(arguments[1:]), *marks))
    if origin in (Union, types.UnionType):
        return _shape(next(argument for argument in arguments if argument is not types.NoneType), marks)
    if origin is tuple:
        return Shape(tuple, marks, _shape(arguments[0]))
    if origin is dict:
        return Shape(dict, marks, _shape(arguments[1]))
    return Shape(annotation, marks)


def _flat(marks: tuple[Any, ...]) -> tuple[Any, ...]:
    """What stands in an Annotated[…], with the parts of a Field(…) laid open."""
    return tuple(one for mark in marks for one in (mark.metadata if isinstance(mark, FieldInfo) else [mark]))


def _kind(shape: Shape) -> str:
    if shape.type is dict:
        return _("group of keys")
    if shape.items:
        return _("list: %(what)s") % {"what": _kind(shape.items)}
    if shape.type == RoleName:
        return _("role")
    if get_origin(shape.type) is Literal:
        return _("one of these words")
    checks = {mark.func for mark in shape.marks if isinstance(mark, AfterValidator)}
    if written_as_code in checks or written_as_shift_code in checks:
        return _("shift code") if written_as_shift_code in checks else _("code")
    names = {
        Text: _("text in both languages"),
        Span: _("hours"),
        bool: _("true or false"),
        int: _("whole number"),
        float: _("number"),
        str: _("text"),
    }
    return names.get(shape.type) or _("group of keys")


def _limits(shape: Shape) -> Iterator[str]:
    marks = shape.marks
    # A field may narrow what its kind of number allows: the last mark of a sort is its own.
    more_than = next((mark.gt for mark in reversed(marks) if isinstance(mark, Gt)), None)
    least = next((mark.ge for mark in reversed(marks) if isinstance(mark, Ge)), None)
    most = next((mark.le for mark in reversed(marks) if isinstance(mark, Le)), None)
    longest = next((mark.max_length for mark in reversed(marks) if isinstance(mark, MaxLen)), None)
    if least is not None and most is not None and written(least) == written(most):
        yield _("only %(value)s") % {"value": written(least)}
        return
    if more_than is not None:
        yield _("more than %(limit)s") % {"limit": written(more_than)}
    elif least is not None:
        yield _("at least %(limit)s") % {"limit": written(least)}
    if most is not None:
        yield _("at most %(limit)s") % {"limit": written(most)}
    if longest is not None and shape.items:
        yield _("at most %(limit)s entries") % {"limit": written(longest)}
    elif longest is not None:
        yield _("at most %(limit)s characters") % {"limit": longest}


def roles() -> dict[str, str]:
    """The words for roles, each with what it is."""
    return {value: str(label) for value, label in Role.choices}


def rights() -> dict[str, str]:
    """The keys of the table of rights, each with what it allows."""
    return {value: str(label) for value, label in Right.choices}
