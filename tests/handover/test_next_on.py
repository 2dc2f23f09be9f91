"""Which shift comes on after which: by hours, midnight and the days of the week."""

from datetime import date, timedelta

import pytest

from handover.next_on import given_on, next_day
from rulebooks.reading import read
from rulebooks.schema import Rulebook
from tests.conftest import LIBRARY

TUESDAY = date(2026, 11, 10)
DAY = timedelta(days=1)


def book(name: str) -> Rulebook:
    return read((LIBRARY / f"{name}.yaml").read_bytes())[0]


def after(rulebook: Rulebook, giver: str, taker: str, day: date = TUESDAY) -> date:
    return next_day(rulebook.shift(giver), day, rulebook.shift(taker))


class TestWhoComesOnNext:
    def test_the_evening_of_the_same_day_and_the_morning_of_the_next(self):
        desk = book("three-shift-desk")
        assert after(desk, "D", "N") == TUESDAY
        assert after(desk, "N", "D") == TUESDAY + DAY

    def test_a_shift_that_overlaps_is_of_the_same_day(self):
        assert after(book("overlap-desk"), "D", "N") == TUESDAY

    def test_the_same_type_takes_on_from_itself_the_next_day(self):
        assert after(book("staggered-starts"), "A", "A") == TUESDAY + DAY

    def test_days_on_which_the_taker_is_not_worked_are_passed_over(self):
        sunday = date(2026, 11, 15)
        assert after(book("alternate-evenings"), "S", "E", sunday) == sunday + DAY


class TestFromWhomAShiftTakesOn:
    @pytest.mark.parametrize(("code", "expected"), [("N", {("D", TUESDAY)}), ("D", {("N", TUESDAY - DAY)})])
    def test_of_each_type_the_last_one_before_it(self, code, expected):
        found = given_on(book("three-shift-desk"), code, TUESDAY)
        assert expected <= found
        assert all(day <= TUESDAY for _code, day in found)

    def test_of_a_type_that_is_not_worked_every_day_the_last_that_was(self):
        monday = date(2026, 11, 16)
        assert given_on(book("alternate-evenings"), "E", monday) == {("S", monday - DAY)}

    def test_a_shift_that_the_rulebook_has_dropped_takes_on_from_nobody(self):
        assert given_on(book("three-shift-desk"), "Z", TUESDAY) == set()

    def test_both_ways_say_the_same(self):
        for name in ("three-shift-desk", "overlap-desk", "ships-watch", "staggered-starts", "long-overlap"):
            rulebook = book(name)
            for taker in rulebook.shifts:
                for code, day in given_on(rulebook, taker.code, TUESDAY):
                    assert after(rulebook, code, taker.code, day) == TUESDAY
