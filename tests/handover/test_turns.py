"""Whose turn it is: nobody has more than one turn more than anybody else, however long it goes on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handover.turns import in_turn

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Somebody:
    pk: int
    work_number: str


def people(numbers):
    return [Somebody(place, f"{number:02}") for place, number in enumerate(numbers)]


def slow(crowd, history):
    """Whoever stands furthest back in the list of all turns, or not at all; the smallest work number of these."""
    best = None
    for one in sorted(crowd, key=lambda each: (each.work_number, each.pk)):
        places = [place for place, who in enumerate(history) if who == one.pk]
        last = places[-1] if places else -1
        if best is None or last < best[0]:
            best = (last, one)
    return best[1]


@given(st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True), st.integers(1, 60))
def test_over_many_weeks_chairs_differ_by_at_most_one(numbers, weeks):
    crowd, last = people(numbers), {}
    turns = dict.fromkeys((one.pk for one in crowd), 0)
    for week in range(weeks):
        chair = in_turn(crowd, last)[0]
        last[chair.pk] = BEGIN + timedelta(weeks=week)
        turns[chair.pk] += 1
        assert max(turns.values()) - min(turns.values()) <= 1


@given(st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True), st.data())
def test_it_agrees_with_a_slow_search_also_while_some_are_away(numbers, data):
    crowd, last, history = people(numbers), {}, []
    for week in range(data.draw(st.integers(1, 25))):
        there = data.draw(st.lists(st.sampled_from(crowd), min_size=1, unique=True))
        chair = in_turn(there, last)[0]
        assert chair == slow(there, history)
        last[chair.pk] = BEGIN + timedelta(weeks=week)
        history.append(chair.pk)


def test_equals_go_by_work_number():
    crowd = people([7, 2, 31])
    assert [one.work_number for one in in_turn(crowd, {})] == ["02", "07", "31"]
    assert [one.work_number for one in in_turn(crowd, {1: BEGIN})] == ["07", "31", "02"]
