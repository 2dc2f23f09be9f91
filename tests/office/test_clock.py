"""The one source of the present moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from office import clock

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def test_it_runs_by_itself_in_utc():
    before = datetime.now(UTC)  # noqa: TID251 (what the clock is compared with)
    assert before <= clock.now() <= before + timedelta(seconds=60)
    assert clock.now().utcoffset() == timedelta(0)


def test_inside_the_block_it_stands_still_and_afterwards_runs_again():
    with clock.at(NOON):
        assert clock.now() == clock.now() == NOON
    assert clock.now() != NOON


def test_an_instant_of_another_zone_is_kept_in_utc():
    with clock.at(datetime(2026, 11, 10, 20, tzinfo=ZoneInfo("Asia/Shanghai"))):
        assert clock.now() == NOON
        assert clock.now().tzinfo is UTC


def test_it_nests():
    with clock.at(NOON):
        with clock.at(NOON + timedelta(days=1)):
            assert clock.now() == NOON + timedelta(days=1)
        assert clock.now() == NOON


def test_an_error_inside_sets_it_free_too():
    with pytest.raises(RuntimeError), clock.at(NOON):
        raise RuntimeError
    assert clock.now() != NOON


def test_a_naive_instant_is_refused_and_nothing_is_set():
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 11, 10)):  # noqa: DTZ001
        pass
    assert clock._set_to is None


def test_it_can_be_moved_while_it_stands_still():
    with clock.at(NOON):
        assert clock.move(timedelta(hours=13)) == clock.now() == datetime(2026, 11, 11, 1, tzinfo=UTC)


def test_moving_an_inner_clock_leaves_the_outer_one():
    with clock.at(NOON):
        with clock.at(NOON):
            clock.move(timedelta(minutes=5))
        assert clock.now() == NOON


def test_a_running_clock_is_not_moved():
    with pytest.raises(RuntimeError, match="set it"):
        clock.move(timedelta(minutes=1))
