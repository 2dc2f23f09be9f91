"""What a proposal was made for and where that is read: the rooms above say so, the ledger knows none of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from people.models import Department

# Takes the request, the department and the ids of sources; gives the addresses of those that the reader may open.
Finder = Callable[[HttpRequest, Department, Iterable[int]], Mapping[int, str]]


@dataclass(frozen=True)
class Source:
    """What a proposal was made for, in the reader's language; `url` for who may read it."""

    name: str
    url: str


_kinds: dict[str, tuple[object, Finder]] = {}


def register(kind: str, name: object, finder: Finder) -> None:
    """Say what sources of a kind are called (a lazy text) and where they are read; once when the programs start."""
    _kinds[kind] = name, finder


def links(request: HttpRequest, department: Department, rows: Iterable) -> dict[tuple[str, int], Source]:
    """(kind, id) → what that is and where it is read, for the sources of these rows; one query for each kind of them.

    A row has `source_kind` and `source_id`. Whoever has left opens none.
    """
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(row.source_kind, set()).add(row.source_id)
    found: dict[tuple[str, int], Source] = {}
    for kind in ids.keys() & _kinds.keys():
        name, finder = _kinds[kind]
        urls = {} if department.is_former else finder(request, department, ids[kind])
        found |= {(kind, pk): Source(str(name), urls.get(pk, "")) for pk in ids[kind]}
    return found
