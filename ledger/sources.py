"""Where the source of a proposal is read: the rooms above say so, because the ledger knows none of them."""

from collections.abc import Callable, Iterable, Mapping

from django.http import HttpRequest

from people.models import Department

# Takes the request, the department and the ids of sources; gives the addresses of those that the reader may open.
Finder = Callable[[HttpRequest, Department, Iterable[int]], Mapping[int, str]]
_finders: dict[str, Finder] = {}


def register(kind: str, finder: Finder) -> None:
    """Say where sources of a kind are read; called once when the programs start."""
    _finders[kind] = finder


def links(request: HttpRequest, department: Department, rows: Iterable) -> dict[tuple[str, int], str]:
    """(kind, id) → address for the sources of these rows that the reader may open; one query for each kind among them.

    A row has `source_kind` and `source_id`.
    """
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(row.source_kind, set()).add(row.source_id)
    found: dict[tuple[str, int], str] = {}
    for kind in ids.keys() & _finders.keys():
        addresses = _finders[kind](request, department, ids[kind])
        found |= {(kind, pk): url for pk, url in addresses.items()}
    return found
