"""Cycles laid over days, and months that go on as the one before."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shifts.filling import (
    Cell,
    Left,
    by_cycle,
    code_at,
    cycle_in,
    fill,
    monday_of,
    on_in_cycle,
    same_date,
    same_weekday,
    split_cycle,
    staggered,
)

FIRST = date(2026, 11, 1)
MONTH = [FIRST + timedelta(days=number) for number in range(30)]
codes = st.sampled_from(["D", "N", "R", "X"])
cycles = st.lists(codes, min_size=1, max_size=62)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


class TestCycles:
    @given(cycles, days, days, st.integers(0, 61))
    def test_the_same_agent_has_the_same_code_a_cycle_later(self, cycle, begins, day, place):
        later = day + timedelta(days=len(cycle))
        assert code_at(cycle, begins, place, day) == code_at(cycle, begins, place, later)

    @given(cycles, days, st.integers(0, 61))
    def test_who_stands_at_a_place_begins_with_it(self, cycle, begins, place):
        assert code_at(cycle, begins, place, begins) == cycle[place % len(cycle)]

    @given(cycles, st.integers(0, 61))
    def test_laid_day_by_day_it_is_the_list_again_and_again(self, cycle, place):
        laid = by_cycle(cycle, begins=FIRST, places={1: place}, days=MONTH)
        walked, at = {}, place % len(cycle)
        for day in MONTH:
            walked[1, day] = cycle[at]
            at = (at + 1) % len(cycle)
        assert laid == walked

    def test_one_day_on_one_day_off(self):
        laid = by_cycle(["N", "X"], begins=FIRST, places={1: 0, 2: 1}, days=MONTH)
        for day in MONTH:
            assert {laid[1, day], laid[2, day]} == {"N", "X"}
        assert all(laid[1, day] != laid[1, day + timedelta(days=1)] for day in MONTH[:-1])

    def test_a_sunday_in_turn_is_a_cycle_of_weeks_that_begins_on_a_monday(self):
        # Evenings alternate from Monday to Saturday; each has every second Sunday, the long day S.
        cycle = [*("EX" * 3), "S", *("XE" * 3), "X"]
        places = dict(enumerate(staggered(len(cycle), 2, step=7), start=1))
        laid = by_cycle(cycle, begins=monday_of(FIRST), places=places, days=MONTH)
        assert places == {1: 0, 2: 7}
        for day in MONTH:
            worked = sorted(laid[member, day] for member in places)
            assert worked == (["S", "X"] if day.weekday() == 6 else ["E", "X"])
        sundays = [laid[1, day] for day in MONTH if day.weekday() == 6]
        assert all(one != two for one, two in itertools.pairwise(sundays))

    @given(st.integers(1, 62), st.integers(1, 60))
    def test_places_are_spread_as_evenly_as_can_be(self, length, people):
        places = staggered(length, people)
        counts = Counter(places)
        assert all(0 <= place < length for place in places)
        assert max(counts.values()) - (min(counts.values()) if len(counts) == length else 0) <= 1

    @given(st.integers(1, 8), st.integers(1, 60))
    def test_weeks_apart_everybody_keeps_the_days_of_the_week(self, weeks, people):
        assert all(place % 7 == 0 for place in staggered(weeks * 7, people, step=7))

    def test_as_many_people_as_days_cover_every_day_alike(self):
        cycle = list("DDNNXX")
        places = dict(enumerate(staggered(6, 6)))
        laid = by_cycle(cycle, begins=FIRST, places=places, days=MONTH)
        for day in MONTH:
            assert Counter(laid[member, day] for member in places) == {"D": 2, "N": 2, "X": 2}

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("D D N N X X", ["D", "D", "N", "N", "X", "X"]),
            (" 白,白，晚、休 ", ["白", "白", "晚", "休"]),
            ("白白晚休", ["白", "白", "晚", "休"]),
            ("D\nN\tX", ["D", "N", "X"]),
            ("DDNN", ["DDNN"]),
            ("", []),
        ],
    )
    def test_a_cycle_is_read_as_people_type_it(self, typed, words):
        assert split_cycle(typed) == words


def repeated(cycle, place, length, last=FIRST - timedelta(days=1)):
    """A history of so many days that follows the cycle."""
    start = last - timedelta(days=length - 1)
    return {start + timedelta(days=n): cycle[(place + n) % len(cycle)] for n in range(length)}


def slow_cycle(history, last):
    """The shortest length under which no two known days disagree; said by trying all pairs."""
    known = {day: code for day, code in history.items() if code and 0 <= (last - day).days < 62}
    if not known:
        return None
    span = (last - min(known)).days + 1
    for length in range(1, min(31, span // 2) + 1):
        agrees = all(known[one] == known[two] for one in known for two in known if (one - two).days % length == 0)
        after = [last + timedelta(days=number + 1) for number in range(length)]
        found = [next((known[day] for day in known if (ahead - day).days % length == 0), None) for ahead in after]
        if agrees and None not in found and len(known) >= 2 * length:
            return found
    return None


class TestOnFromBefore:
    @given(st.lists(codes, min_size=1, max_size=31), st.integers(0, 30))
    def test_a_cycle_that_was_followed_goes_on(self, cycle, place):
        history = repeated(cycle, place, 62)
        going_on = on_in_cycle(history, FIRST, MONTH)
        assert going_on == {day: cycle[(place + 62 + n) % len(cycle)] for n, day in enumerate(MONTH)}

    @given(st.dictionaries(st.integers(0, 70), st.sampled_from(["D", "N", ""]), max_size=40))
    def test_it_finds_what_trying_all_pairs_finds(self, backwards):
        last = FIRST - timedelta(days=1)
        history = {last - timedelta(days=back): code for back, code in backwards.items()}
        assert cycle_in(history, last) == slow_cycle(history, last)

    @given(st.lists(codes, min_size=1, max_size=8), st.sets(st.integers(0, 61), max_size=10))
    def test_days_of_leave_and_holes_do_not_break_a_cycle(self, cycle, holes):
        history = repeated(cycle, 0, 62)
        for hole in holes:
            history.pop(sorted(history)[0] + timedelta(days=hole), None)
        going_on = on_in_cycle(history, FIRST, MONTH)
        for day, code in going_on.items():
            back = next(
                (
                    history[day - timedelta(days=n)]
                    for n in range(len(cycle), 120, len(cycle))
                    if day - timedelta(days=n) in history
                ),
                code,
            )
            assert code == back

    def test_no_cycle_no_guess(self):
        assert on_in_cycle({FIRST - timedelta(days=3): "D"}, FIRST, MONTH) == {}
        assert on_in_cycle({}, FIRST, MONTH) == {}

    def test_the_same_weekday_comes_from_the_last_four_weeks(self):
        history = {FIRST - timedelta(days=n): f"{n}" for n in range(1, 63)}
        carried = same_weekday(history, FIRST, MONTH)
        assert carried[FIRST] == "28"
        assert carried[MONTH[27]] == "1"
        assert carried[MONTH[28]] == "28"
        assert len(carried) == 30

    def test_the_same_date_comes_from_the_month_before(self):
        history = {FIRST - timedelta(days=n): f"{n}" for n in range(1, 63)}
        carried = same_date(history, FIRST, MONTH)
        assert carried[FIRST] == "31"
        assert carried[MONTH[29]] == "2"
        january = [date(2027, 3, day) for day in range(1, 32)]
        february = {date(2027, 2, day): "D" for day in range(1, 29)}
        assert len(same_date(february, january[0], january)) == 28

    @given(st.lists(codes, min_size=1, max_size=14))
    def test_in_four_weeks_and_in_the_cycle_are_one_when_the_cycle_divides_them(self, cycle):
        if 28 % len(cycle):
            return
        history = repeated(cycle, 3, 62)
        assert same_weekday(history, FIRST, MONTH) == on_in_cycle(history, FIRST, MONTH)


class TestWhatMayBeFilled:
    WANTED = {(1, FIRST): "D"}

    @pytest.mark.parametrize(
        ("cell", "overwrite", "why"),
        [
            (Cell("N"), False, Left.FILLED),
            (Cell("N", is_fixed=True), True, Left.FIXED),
            (Cell("L", is_leave=True), True, Left.LEAVE),
            (Cell("", is_member=False), True, Left.NO_MEMBER),
        ],
    )
    def test_it_is_left_alone_and_said(self, cell, overwrite, why):
        filled = fill(self.WANTED, {(1, FIRST): cell}, overwrite=overwrite)
        assert not filled.cells
        assert filled.left == {why: 1}

    @pytest.mark.parametrize(("cell", "overwrite"), [(Cell(), False), (Cell(), True), (Cell("N"), True)])
    def test_it_is_filled(self, cell, overwrite):
        assert fill(self.WANTED, {(1, FIRST): cell}, overwrite=overwrite).cells == self.WANTED

    def test_what_is_so_already_is_neither(self):
        filled = fill(self.WANTED, {(1, FIRST): Cell("D")}, overwrite=False)
        assert not filled.cells
        assert not filled.left
