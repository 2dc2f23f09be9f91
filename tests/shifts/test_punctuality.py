"""Late, left early, absent: beside a slow reference that looks at every minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shifts.devices import device_of
from shifts.punctuality import Limits, Punctuality, judge, limits_of, time_within, without
from shifts.spans import Stretch, stretches_of

START = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
STRICT = Limits()
minutes = st.integers(0, 300)


def at(minute):
    return START + timedelta(minutes=minute)


def stretch(first, last):
    return Stretch(at(first), at(last))


def in_order(points):
    points = sorted(set(points))
    return [(a, b) for a, b in zip(points[::2], points[1::2], strict=False) if a < b]


pieces = st.lists(minutes, min_size=2, max_size=6).map(in_order).filter(bool)
holes = st.lists(st.tuples(minutes, minutes).map(sorted).filter(lambda p: p[0] < p[1]), max_size=3)


def by_the_minute(planned, leave, came, left, limits):
    """The same, minute by minute."""
    owed = [m for a, b in planned for m in range(a, b) if not any(x <= m < y for x, y in leave)]
    if not owed:
        return (0, 0, 0, False)
    if came is None:
        return (len(owed), 0, 0, True)
    late = sum(m < came for m in owed)
    there = [m for m in owed if m >= came and (left is None or m < left)]
    if (limits.absent_after is not None and late > limits.absent_after) or (left is not None and not there):
        return (len(owed), 0, 0, True)
    early = sum(m >= left for m in owed) if left is not None else 0
    return (
        len(owed),
        late if late > limits.late_after else 0,
        early if early > limits.left_early_before else 0,
        False,
    )


@given(
    planned=pieces,
    leave=holes,
    came=st.none() | minutes,
    stayed=st.none() | minutes,
    late_after=st.integers(0, 20),
    absent_after=st.none() | st.integers(21, 90),
    early_before=st.integers(0, 20),
)
def test_it_agrees_with_looking_at_every_minute(planned, leave, came, stayed, late_after, absent_after, early_before):
    limits = Limits(late_after, absent_after, early_before)
    left = None if came is None or stayed is None else came + stayed
    found = judge(
        [stretch(*pair) for pair in planned],
        came_at=None if came is None else at(came),
        left_at=None if left is None else at(left),
        leave=[stretch(*pair) for pair in leave],
        limits=limits,
    )
    expected = by_the_minute(planned, leave, came, left, limits)
    assert (found.owed, found.late, found.left_early, found.absent) == expected


@given(planned=pieces, leave=holes)
def test_what_is_cut_out_is_gone_and_nothing_else(planned, leave):
    left = without([stretch(*pair) for pair in planned], [stretch(*pair) for pair in leave])
    for minute in range(301):
        inside = any(a <= minute < b for a, b in planned) and not any(a <= minute < b for a, b in leave)
        assert inside == bool(time_within(left, at(minute), at(minute + 1)))


def test_seconds_make_nobody_late():
    shift = [stretch(0, 480)]
    came = at(0) + timedelta(seconds=59)
    assert judge(shift, came_at=came, left_at=at(480), limits=STRICT).in_order
    assert judge(shift, came_at=at(1), left_at=at(480), limits=STRICT) == Punctuality(480, late=1, since=at(0))


def test_who_comes_in_the_gap_of_a_broken_shift_has_missed_its_first_part_only():
    shift = [stretch(0, 180), stretch(210, 450)]
    assert judge(shift, came_at=at(195), left_at=at(450), limits=STRICT).late == 180
    assert judge(shift, came_at=at(0), left_at=at(195), limits=STRICT).left_early == 240


def test_leave_at_the_beginning_moves_what_is_owed():
    shift = [stretch(0, 480)]
    found = judge(shift, came_at=at(120), left_at=at(480), leave=[stretch(0, 120)], limits=STRICT)
    assert found == Punctuality(360, since=at(120))


def test_nothing_is_owed_on_a_day_of_leave():
    assert judge([stretch(0, 480)], came_at=None, left_at=None, leave=[stretch(-60, 500)], limits=STRICT).in_order


def test_later_than_the_rulebook_says_is_absent_and_no_longer_late():
    limits = Limits(late_after=7, absent_after=40, left_early_before=3)
    shift = [stretch(0, 480)]

    def of(came, left=480):
        found = judge(shift, came_at=at(came), left_at=at(left), limits=limits)
        return found.late, found.left_early, found.absent

    assert [of(7), of(8), of(40), of(41)] == [(0, 0, False), (8, 0, False), (40, 0, False), (0, 0, True)]
    assert [of(0, 477), of(0, 476)] == [(0, 0, False), (0, 4, False)]


@pytest.mark.parametrize(("day", "whole"), [("2026-03-28", 7 * 60), ("2026-10-24", 9 * 60), ("2026-11-10", 8 * 60)])
def test_a_night_in_berlin_owes_the_time_that_passes(day, whole):
    zone = ZoneInfo("Europe/Berlin")
    spans = [(time(22), time(6))]
    night = stretches_of(datetime.fromisoformat(day).date(), spans, zone)
    end = night[-1].ends_at
    found = judge(night, came_at=night[0].starts_at, left_at=end - timedelta(minutes=30), limits=STRICT)
    assert (found.owed, found.left_early) == (whole, 30)


def test_the_numbers_are_the_rulebooks(changed_rulebook):
    assert limits_of(changed_rulebook.attendance) == Limits(7, 40, 3)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/123.0 Safari/537.36", "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/123.0 Safari/537.36 Edg/123.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0 MicroMessenger/8.0.49", "WeChat · Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_in_two_words(agent, words):
    assert device_of(agent) == words
