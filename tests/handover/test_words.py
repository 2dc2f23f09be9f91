"""Times as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from handover.words import due_words, in_words, moment, whole_minute

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 10, 16, 30, 20, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=57), "57 min"),
        (timedelta(hours=1), "1 h 0 min"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=2, hours=3, minutes=50), "2 d 3 h"),
        (timedelta(minutes=-5), "0 min"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(length, words):
    assert in_words(length) == words


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 10, 9, 5, tzinfo=SHANGHAI), "09:05"),
        (datetime(2026, 11, 9, 16, 30, tzinfo=UTC), "00:30"),
        (datetime(2026, 11, 11, 0, 30, tzinfo=SHANGHAI), "11-11 00:30"),
        (datetime(2025, 12, 31, 9, 0, tzinfo=SHANGHAI), "2025-12-31 09:00"),
    ],
)
def test_a_moment_is_said_on_the_departments_wall_clock(instant, words):
    assert moment(instant, NOW, SHANGHAI) == words


@pytest.mark.parametrize(
    ("minutes", "left", "over", "soon"),
    [
        (0, "0 min left", False, True),
        (60, "1 h 0 min left", False, True),
        (61, "1 h 1 min left", False, False),
        (-1, "1 min overdue", True, False),
    ],
)
def test_due_says_what_is_left_and_the_running_minute_is_not_over(minutes, left, over, soon):
    due = due_words(whole_minute(NOW) + timedelta(minutes=minutes), NOW, SHANGHAI)
    assert (due.left, due.is_over, due.is_soon) == (left, over, soon)
