"""How many people stand on the day, hour by hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.cover_band import Want, levels_of
from shifts.spans import Stretch

MIDNIGHT = datetime(2026, 11, 10, tzinfo=UTC)
HOURS = 28


def hour(number: int) -> datetime:
    return MIDNIGHT + timedelta(hours=number)


def want(first: int, last: int, have: int, wanted: int) -> Want:
    return Want([Stretch(hour(first), hour(last))], have, wanted)


def levels(*wants: Want) -> list[tuple[int, int, int, int]]:
    found = levels_of(wants, hour(0), hour(HOURS))
    return [
        (
            int((level.starts_at - MIDNIGHT) / timedelta(hours=1)),
            int((level.ends_at - MIDNIGHT) / timedelta(hours=1)),
            level.have,
            level.wanted,
        )
        for level in found
    ]


def test_shifts_that_overlap_are_added_up():
    assert levels(want(8, 17, 2, 2), want(9, 18, 1, 2)) == [(8, 9, 2, 2), (9, 17, 3, 4), (17, 18, 1, 2)]


def test_a_change_of_shifts_between_equals_is_no_edge():
    assert levels(want(8, 17, 2, 2), want(17, 25, 2, 2)) == [(8, 25, 2, 2)]


def test_hours_in_which_nobody_is_wanted_are_left_out_and_the_rest_is_cut_to_the_day():
    assert levels(want(-7, 1, 1, 2), want(17, 40, 2, 2)) == [(0, 1, 1, 2), (17, 28, 2, 2)]


def test_a_day_without_shifts_has_no_band():
    assert levels() == []


some_want = st.builds(
    lambda first, length, have, wanted: want(first, first + length, have, wanted),
    st.integers(-10, HOURS + 5),
    st.integers(1, 12),
    st.integers(0, 4),
    st.integers(0, 4),
)


@given(st.lists(some_want, max_size=6))
def test_every_hour_says_what_counting_that_hour_says(wants):
    by_hour = {number: (have, wanted) for first, last, have, wanted in levels(*wants) for number in range(first, last)}
    for number in range(HOURS):
        on = [one for one in wants if one.stretches[0].starts_at <= hour(number) < one.stretches[0].ends_at]
        counted = (sum(one.have for one in on), sum(one.wanted for one in on))
        assert by_hour.get(number, (0, 0)) == counted
