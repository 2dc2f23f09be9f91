"""The chain: a sound one passes, and whatever is changed in it is found at the entry where it was changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import Entry, Fault, Line, hash_of, verify

MOMENT = datetime(2026, 11, 10, 8, 0, 0, 123456, tzinfo=UTC)


def entry(number, amounts=(1000, -1000), **changes):
    kinds = ["receivable", "fine_income", "fund_cash"]
    base = Entry(
        department=1,
        number=number,
        kind="fine",
        business_date=date(2026, 11, 10),
        membership=3,
        source_kind="ledger.incident",
        source_id=number + 100,
        memo="§7",
        recorded_at=MOMENT,
        recorded_by=5,
        lines=tuple(Line(i + 1, kinds[i % 3], 3 if i == 0 else None, fen) for i, fen in enumerate(amounts)),
        sealed_at=MOMENT,
    )
    return replace(base, **changes)


def chained(entries):
    before, found = "", []
    for each in entries:
        each = replace(each, previous_hash=before)
        each = replace(each, hash=hash_of(each))
        found.append(each)
        before = each.hash
    return found


CHANGES = {
    "department": 2,
    "kind": "payment",
    "business_date": date(2026, 11, 11),
    "membership": None,
    "source_kind": "ledger.sanction",
    "source_id": 1,
    "memo": "§8",
    "recorded_at": MOMENT + timedelta(microseconds=1),
    "recorded_by": None,
    "sealed_at": MOMENT + timedelta(seconds=1),
    "lines": (Line(1, "receivable", 4, 1000), Line(2, "fine_income", None, -1000)),
    "hash": "0" * 64,
}


def test_an_empty_chain_is_sound():
    assert verify([]) is None


@given(st.lists(st.lists(st.integers(-(10**10), 10**10).filter(bool), min_size=1, max_size=4), max_size=8))
def test_any_balanced_entries_make_a_sound_chain(amounts):
    rows = [(*each, -sum(each)) if sum(each) else (each[0], -each[0]) for each in amounts]
    assert verify(chained(entry(number, row) for number, row in enumerate(rows, start=1))) is None


@given(st.integers(1, 6), st.sampled_from(sorted(CHANGES)))
def test_any_change_is_found_at_its_entry(number, field):
    entries = chained(entry(n) for n in range(1, 7))
    entries[number - 1] = replace(entries[number - 1], **{field: CHANGES[field]})
    assert verify(entries) == Fault(number, "changed")


@given(st.integers(1, 5))
def test_a_missing_entry_is_found(number):
    entries = chained(entry(n) for n in range(1, 7))
    del entries[number - 1]
    assert verify(entries) == Fault(number, "missing")


def test_a_chain_that_was_computed_again_from_the_middle_does_not_join():
    entries = chained(entry(n) for n in range(1, 5))
    tail = chained([replace(entries[2], memo="§9"), entries[3]])
    assert verify([*entries[:2], *tail]) == Fault(3, "unchained")


@pytest.mark.parametrize("amounts", [(1000,), (1000, -999), ()])
def test_an_entry_that_does_not_add_up_is_found(amounts):
    assert verify(chained([entry(1), entry(2, amounts)])) == Fault(2, "unbalanced")


def test_an_open_entry_is_found():
    assert verify(chained([entry(1, sealed_at=None)])) == Fault(1, "open")


def test_cash_below_zero_is_found():
    spent = entry(2, (500, -300, -200), lines=(Line(9, "fund_cash", None, -500), Line(8, "expense", None, 500)))
    assert verify(chained([entry(1), spent]), never_below_zero=["fund_cash"]) == Fault(2, "below_zero")


def test_the_hash_is_that_of_the_instant_not_of_the_zone_it_is_written_in():
    shanghai = MOMENT.astimezone(timezone(timedelta(hours=8)))
    assert hash_of(entry(1)) == hash_of(entry(1, recorded_at=shanghai, sealed_at=shanghai))


def test_the_hash_of_a_known_entry_never_changes():
    """Entries sealed today must prove true with every later version of the program."""
    known = "0d3415b1335b8bf87e143446308a1f7dd3efd0de0ba3935fa37446aa5370a595"
    assert hash_of(entry(1)) == known
