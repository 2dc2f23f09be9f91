"""A moment of every week: the one before and the one after any instant, on the wall clock of the department."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rulebooks.moments import WEEKDAYS, WeekMoment

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 bounds are naive
moments = st.builds(WeekMoment, weekday=st.sampled_from(WEEKDAYS), time=st.times().map(lambda t: t.replace(second=0)))


def test_the_moment_itself_counts_as_come():
    moment = WeekMoment.model_validate({"weekday": "saturday", "time": "17:00"})
    instant = datetime(2026, 11, 7, 17, tzinfo=SHANGHAI)
    assert moment.last_before(instant, SHANGHAI) == instant
    assert moment.next_after(instant, SHANGHAI) == instant + timedelta(days=7)


def test_a_minute_before_it_is_the_week_before():
    moment = WeekMoment.model_validate({"weekday": "saturday", "time": "17:00"})
    instant = datetime(2026, 11, 7, 16, 59, tzinfo=SHANGHAI)
    assert moment.last_before(instant, SHANGHAI) == datetime(2026, 10, 31, 17, tzinfo=SHANGHAI)


def test_the_wall_clock_counts_where_the_clocks_change():
    moment = WeekMoment.model_validate({"weekday": "monday", "time": "08:00"})
    before = datetime(2026, 10, 19, 8, tzinfo=BERLIN)
    after = moment.next_after(before, BERLIN)
    assert (after.hour, after - before) == (8, timedelta(days=7)), "the same wall clock, an hour more in between"
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(days=7, hours=1)


@given(moment=moments, instant=instants, zone=st.sampled_from([BERLIN, SHANGHAI]))
def test_no_moment_lies_between_the_last_and_the_next(moment, instant, zone):
    last, after = moment.last_before(instant, zone), moment.next_after(instant, zone)
    assert last <= instant < after
    assert last.weekday() == after.weekday() == WEEKDAYS.index(moment.weekday)
    assert (after.date() - last.date()).days == 7
    assert last.time() == after.time() == moment.time
