"""Wall-clock spans as instants: midnight, changes of clocks, overlap."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shifts.spans import Stretch, instant_of, overlapping, stretches_of

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 10)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_night_shift_ends_on_the_next_day():
    assert stretches_of(DAY, [(time(17), time(1))], SHANGHAI) == [Stretch(utc(2026, 11, 10, 9), utc(2026, 11, 10, 17))]


def test_a_shift_until_midnight_ends_when_the_next_day_begins():
    [stretch] = stretches_of(DAY, [(time(18, 30), time(0))], SHANGHAI)
    assert stretch.ends_at - stretch.starts_at == timedelta(hours=5, minutes=30)


def test_the_second_span_of_a_split_shift_may_lie_behind_midnight():
    found = stretches_of(DAY, [(time(20), time(23)), (time(1), time(3))], SHANGHAI)
    assert [s.starts_at for s in found] == [utc(2026, 11, 10, 12), utc(2026, 11, 10, 17)]


def test_a_night_through_the_spring_change_is_an_hour_shorter():
    [stretch] = stretches_of(date(2026, 3, 28), [(time(22), time(6))], BERLIN)
    assert stretch.ends_at - stretch.starts_at == timedelta(hours=7)


def test_a_night_through_the_autumn_change_is_an_hour_longer():
    [stretch] = stretches_of(date(2026, 10, 24), [(time(22), time(6))], BERLIN)
    assert stretch.ends_at - stretch.starts_at == timedelta(hours=9)


def test_a_time_that_does_not_exist_moves_forward():
    assert instant_of(date(2026, 3, 29), time(2, 30), BERLIN).astimezone(BERLIN).time() == time(3, 30)


def test_a_time_that_occurs_twice_is_its_first_occurrence():
    assert instant_of(date(2026, 10, 25), time(2, 30), BERLIN) == utc(2026, 10, 25, 0, 30)


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 12)).map(
            lambda pair: (utc(2026, 1, 1) + timedelta(hours=pair[0]), utc(2026, 1, 1) + timedelta(hours=sum(pair)))
        ),
        max_size=9,
    )
)
def test_overlapping_finds_exactly_the_pairs_that_share_an_instant(spans):
    keyed = [(start, end, number) for number, (start, end) in enumerate(spans)]
    slow = {
        frozenset((a[2], b[2]))
        for place, a in enumerate(keyed)
        for b in keyed[place + 1 :]
        if max(a[0], b[0]) < min(a[1], b[1])
    }
    found = overlapping(keyed)
    assert {frozenset(pair) for pair in found} == slow
    assert len(found) == len(slow)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.times(), st.times())
def test_every_stretch_of_a_zone_without_changes_lasts_what_the_clock_says(day, start, end):
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    [stretch] = stretches_of(day, [(start, end)], SHANGHAI)
    minutes = ((end.hour - start.hour) * 60 + end.minute - start.minute) % 1440 or 1440
    assert stretch.ends_at - stretch.starts_at == timedelta(minutes=minutes)
