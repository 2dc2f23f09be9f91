"""Duties go round among those who are there: held against a slow reference."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shifts.duty_turns import Before, take_turns

FIRST = date(2026, 11, 1)


def day(number):
    return FIRST + timedelta(days=number)


def those(*people, days=6):
    return {day(number): list(people) for number in range(days)}


def names(turns):
    return [turns[each].get(1) for each in sorted(turns)]


def test_everybody_takes_it_in_turn():
    assert names(take_turns(those(1, 2, 3), people=1)) == [1, 2, 3, 1, 2, 3]


def test_who_had_it_longest_ago_begins_the_next_month():
    before = {1: Before(day(-1), 9), 2: Before(day(-3), 9), 3: Before(day(-2), 9)}
    assert names(take_turns(those(1, 2, 3, days=4), people=1, before=before)) == [2, 3, 1, 2]


def test_a_newcomer_comes_first_and_then_waits_like_all_others():
    before = {1: Before(day(-1), 20), 2: Before(day(-2), 20)}
    assert names(take_turns(those(1, 2, 3), people=1, before=before)) == [3, 2, 1, 3, 2, 1]


def test_of_two_who_waited_as_long_the_one_with_fewer_turns_is_next():
    before = {1: Before(day(-1), 5), 2: Before(day(-1), 4)}
    assert names(take_turns(those(1, 2, days=1), people=1, before=before)) == [2]


def test_only_who_is_there_has_it():
    assert names(take_turns({day(0): [2], day(1): [1, 2], day(2): [2], day(3): [1, 2]}, people=1)) == [2, 1, 2, 1]


def test_nobody_has_it_twice_on_a_day_and_where_too_few_are_there_places_stay_empty():
    assert take_turns({day(0): [1], day(1): []}, people=2) == {day(0): {1: 1}}


def test_a_gap_goes_to_somebody_who_does_not_have_it_on_the_next_day_either():
    fixed = {day(0): {1: 1}, day(2): {1: 2}, day(3): {1: 3}}
    assert take_turns({day(1): [2, 3]}, people=1, fixed=fixed)[day(1)] == {1: 3}


def test_what_is_fixed_stays_also_when_somebody_is_no_longer_there():
    assert take_turns({day(0): [2]}, people=1, fixed={day(0): {1: 7}}) == {day(0): {1: 7}}


CREW = st.lists(st.integers(1, 6), unique=True, max_size=6)
MONTH = st.dictionaries(st.integers(0, 20).map(day), CREW, max_size=15)
BEFORE = st.dictionaries(
    st.integers(1, 6),
    st.integers(1, 30).map(lambda ago: Before(day(-ago), 1 + ago % 4)),
    max_size=6,
)


@st.composite
def taken(draw):
    """Days with who is there, and some places that are taken already."""
    available = draw(MONTH)
    fixed = {}
    for each, crew in available.items():
        if crew and draw(st.booleans()):
            fixed[each] = {draw(st.integers(1, 3)): draw(st.sampled_from(crew))}
    return available, fixed


def slowly(available, people, fixed, before):
    """Look at every turn of everybody for every place."""
    turns = {each: dict(places) for each, places in fixed.items()}
    for each in sorted(available):
        for place in range(1, people + 1):
            own = turns.get(each, {})
            if place in own:
                continue
            ranked = []
            for order, person in enumerate(available[each]):
                if person in own.values():
                    continue
                days = [other for other, places in turns.items() if person in places.values()]
                known = before.get(person, Before())
                near = [abs((each - other).days) for other in [*days, *([known.last] if known.last else [])]]
                ranked.append((-min(near, default=10**7), known.count + len(days), order, person))
            if ranked:
                turns.setdefault(each, {})[place] = min(ranked)[-1]
    return turns


@given(taken(), st.integers(1, 3), BEFORE)
def test_turns_are_given_as_the_slow_reference_gives_them(days, people, before):
    available, fixed = days
    assert take_turns(available, people=people, fixed=fixed, before=before) == slowly(available, people, fixed, before)


@given(taken(), st.integers(1, 3), BEFORE)
def test_every_place_is_filled_as_far_as_there_are_people_and_never_twice_by_one(days, people, before):
    available, fixed = days
    turns = take_turns(available, people=people, fixed=fixed, before=before)
    for each, crew in available.items():
        own = turns.get(each, {})
        assert len(set(own.values())) == len(own)
        assert set(own.values()) <= {*crew, *fixed.get(each, {}).values()}
        open_places = set(range(1, people + 1)) - set(own)
        assert not open_places or set(crew) <= set(own.values())
        assert own.items() >= fixed.get(each, {}).items()


@given(taken(), st.integers(1, 3), BEFORE)
def test_arranging_again_changes_nothing(days, people, before):
    available, fixed = days
    once = take_turns(available, people=people, fixed=fixed, before=before)
    assert take_turns(available, people=people, fixed=once, before=before) == once


@given(st.integers(1, 6), st.integers(1, 40), st.integers(1, 6))
def test_among_people_who_are_always_there_nobody_has_it_twice_more_than_another(crew, days, people):
    turns = take_turns(those(*range(crew), days=days), people=people)
    counts = Counter(person for places in turns.values() for person in places.values())
    assert max(counts.values()) - min(counts[person] for person in range(crew)) <= 1
