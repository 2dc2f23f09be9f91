"""The chain of sealed entries: what an entry's hash covers, and where a chain first fails.

A hash covers integers, days, UTC instants, keys and the digests of texts, never a name: erasing a person must not break
it. It covers the hash before it, so that changing any entry changes every later one.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

# Written into every hash; another way of hashing gets another number.
FORM = 1


@dataclass(frozen=True)
class Line:
    """One posting: the account with what makes it that account, and fen (debit above 0, credit below)."""

    account: int
    kind: str
    membership: int | None
    amount_fen: int


@dataclass(frozen=True)
class Entry:
    """An entry as it stands in the journal, with its postings in the order in which they were written."""

    department: int
    number: int
    kind: str
    business_date: date
    membership: int | None
    source_kind: str
    source_id: int
    memo: str
    recorded_at: datetime
    recorded_by: int | None
    lines: tuple[Line, ...]
    previous_hash: str = ""
    hash: str = ""
    sealed_at: datetime | None = None


@dataclass(frozen=True)
class Fault:
    """The first thing wrong with a chain: the entry's number and a key that says what."""

    number: int
    key: str


def hash_of(entry: Entry) -> str:
    """SHA-256 over canonical JSON (sorted keys, no spaces) of everything in the entry but the hash itself."""
    content = {
        "form": FORM,
        "department": entry.department,
        "number": entry.number,
        "kind": entry.kind,
        "business_date": entry.business_date.isoformat(),
        "membership": entry.membership,
        "source": [entry.source_kind, entry.source_id],
        "memo": hashlib.sha256(entry.memo.encode()).hexdigest(),
        "recorded_at": _instant(entry.recorded_at),
        "recorded_by": entry.recorded_by,
        "sealed_at": _instant(entry.sealed_at),
        "lines": [[line.account, line.kind, line.membership, line.amount_fen] for line in entry.lines],
        "previous": entry.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def verify(entries: Iterable[Entry], *, never_below_zero: Iterable[str] = ()) -> Fault | None:
    """Walk a department's entries in the order of their numbers; the first fault, or None for a sound chain.

    Numbers run 1, 2, 3 …; each entry is sealed, has two lines or more that add up to 0, names the hash before it and
    has the hash of its content. Accounts of the kinds `never_below_zero` never go below 0.
    """
    before, sums = "", dict.fromkeys(never_below_zero, 0)
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            return Fault(number, "missing")
        for line in entry.lines:
            if line.kind in sums:
                sums[line.kind] += line.amount_fen
        if key := _fault_of(entry, before) or ("below_zero" if min(sums.values(), default=0) < 0 else ""):
            return Fault(number, key)
        before = entry.hash
    return None


def _fault_of(entry: Entry, before: str) -> str:
    if entry.sealed_at is None:
        return "open"
    if len(entry.lines) < 2 or sum(line.amount_fen for line in entry.lines) != 0:
        return "unbalanced"
    if entry.previous_hash != before:
        return "unchained"
    if entry.hash != hash_of(entry):
        return "changed"
    return ""
