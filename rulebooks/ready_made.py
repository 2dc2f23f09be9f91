"""The ready-made rulebooks of `rulebooks/library/`, from which a department may begin."""

import functools
from dataclasses import dataclass
from pathlib import Path

from .parts import Text
from .reading import read

LIBRARY = Path(__file__).resolve().parent / "library"


@dataclass(frozen=True)
class ReadyMade:
    """One file of the library; `source` is its bytes, as `services.import_rulebook` takes them."""

    code: str
    title: Text
    time_zone: str
    source: bytes


@functools.cache
def ready_made() -> tuple[ReadyMade, ...]:
    """All of them by their codes. The files are part of the program: a process reads them once."""
    sources = (path.read_bytes() for path in LIBRARY.glob("*.yaml"))
    return tuple(sorted(map(_ready_made, sources), key=lambda each: each.code))


def _ready_made(source: bytes) -> ReadyMade:
    rulebook, _content = read(source)
    return ReadyMade(rulebook.code, rulebook.title, rulebook.time_zone, source)
