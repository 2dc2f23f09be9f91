"""What the table of pages is made of: one row an address, who may use it, and how it is asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from people.models import Right
from tests.pages.world import World

# Who: everybody in the department; every signed-in person; visitors too.
MEMBERS, SIGNED_IN, ANYBODY = "members", "signed in", "anybody"
# Or a right, a person of the world ("reporter": whoever reported the incident), or several of these, any of them.
Who: TypeAlias = "str | Right | tuple[Who, ...]"
Made: TypeAlias = "Mapping[str, Any] | Callable[[World], Mapping[str, Any]]"

GET, POST, BOTH = "GET", "POST", "GET POST"


@dataclass(frozen=True)
class Page:
    """One address, or one way of asking for it (`as_`), of the table.

    name     the name of the address, with its namespace
    does     GET, POST or BOTH; every other method is answered 405 (`loose`: or sent elsewhere)
    sees     for whom it exists; 404 for all others
    may      who of these may; 403 for all others
    unless   persons for whom that does not hold: nobody decides about themselves
    blanks   what fills the address besides the department's code
    query    what follows the question mark
    data     what a POST sends: the least that is valid
    answers  what a GET is answered for whoever may
    marks    the model that keeps when it was last read, the one thing that reading it changes
    whole    a whole page, with a frame; else a part of one
    """

    name: str
    does: str = GET
    sees: Who = MEMBERS
    may: Who = ANYBODY
    unless: tuple[str, ...] = ()
    blanks: Made = field(default_factory=dict)
    query: Made = field(default_factory=dict)
    data: Made = field(default_factory=dict)
    answers: tuple[int, ...] = (200,)
    whole: bool = True
    loose: bool = False
    marks: str = ""
    as_: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.as_}".strip()

    @property
    def gets(self) -> bool:
        return "GET" in self.does

    @property
    def posts(self) -> bool:
        return "POST" in self.does

    @property
    def in_department(self) -> bool:
        return "code" in ADDRESSES[self.name]

    def address(self, world: World, *, code: str = "") -> str:
        """Where it is in the world; `code`: of another department, with the things of this one."""
        blanks = dict(_made(self.blanks, world))
        if self.in_department:
            blanks["code"] = code or world.department.code
        return reverse(self.name, kwargs=blanks, query=dict(_made(self.query, world)) or None)

    def sent(self, world: World) -> dict[str, Any]:
        return dict(_made(self.data, world))

    def needs_things(self, world: World) -> bool:
        """Whether it is about something that has not happened in the world."""
        try:
            self.address(world)
        except (AttributeError, ValidationError):
            # Nothing of the kind happened here, or the department's rules do not let it happen.
            return True
        return False

    def status(self, world: World, name: str) -> int:
        """0: whoever this is may. Else how they are refused: 302 to sign in, 404, 403."""
        if name == "anonymous":
            return 0 if self.sees == ANYBODY else 302
        if not _is(self.sees, world, name):
            return 404
        if not _is(self.may, world, name) or name in [_person(world, one) for one in self.unless]:
            return 403
        return 0

    def entitled(self, world: World) -> list[str]:
        return [name for name in world.people if not self.status(world, name)]


def _made(what: Made, world: World) -> Mapping[str, Any]:
    return what(world) if callable(what) else what


def _is(who: Who, world: World, name: str) -> bool:
    if isinstance(who, tuple):
        return any(_is(one, world, name) for one in who)
    if isinstance(who, Right):
        return name in world.people and world.holds(name, who)
    if who in (SIGNED_IN, ANYBODY):
        return True
    if who == MEMBERS:
        return name in world.people
    return name == _person(world, who)


def _person(world: World, who: str) -> str:
    """A person by name, or by what they have done: `reporter`, `decider`, `scorer`, `subject`."""
    return getattr(world, who, who)


def _walk(patterns, spaces=(), blanks=frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    for entry in patterns:
        regex = getattr(entry.pattern, "regex", None)
        here = blanks | set(entry.pattern.converters) | set(regex.groupindex if regex else ())
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, (*spaces, *filter(None, [entry.namespace])), here)
        elif isinstance(entry, URLPattern):
            yield ":".join((*spaces, entry.name or repr(entry.pattern))), here


# Every address of the project by name, with the names of its blanks.
ADDRESSES: dict[str, frozenset[str]] = dict(_walk(get_resolver().url_patterns))
