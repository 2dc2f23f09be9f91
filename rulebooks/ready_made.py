"""The ready-made rulebooks of `rulebooks/library/`, from which a department may begin."""

import functools
from dataclasses import dataclass
from pathlib import Path

from office.lists import joined

from .parts import Text
from .reading import read
from .schema.shifts import ShiftType

LIBRARY = Path(__file__).resolve().parent / "library"


@dataclass(frozen=True)
class ReadyMade:
    """One file of the library; `source` is its bytes, as `services.import_rulebook` takes them."""

    code: str
    title: Text
    time_zone: str
    shift_types: tuple[ShiftType, ...]
    source: bytes

    @property
    def shifts(self) -> str:
        """Its shifts in the active language: "Day 08:00–17:00, Night 17:00–01:00"."""
        return joined(f"{shift.name} {shift.hours}" for shift in self.shift_types)


@functools.cache
def ready_made() -> tuple[ReadyMade, ...]:
    """All of them by their codes. The files are part of the program: a process reads them once."""
    sources = (path.read_bytes() for path in LIBRARY.glob("*.yaml"))
    return tuple(sorted(map(_ready_made, sources), key=lambda each: each.code))


def _ready_made(source: bytes) -> ReadyMade:
    rulebook, _content = read(source)
    return ReadyMade(rulebook.code, rulebook.title, rulebook.time_zone, rulebook.shifts, source)
