"""The rules of a slip, without database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from rulebooks.schema import LeaveKind
from shifts.leave_rules import (
    Wish,
    days_between,
    full_days,
    hours_on,
    inside_day,
    people_off,
    refusals,
    refuse_impossible,
)
from shifts.spans import Stretch, stretches_of

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 3)

days = st.integers(0, 40).map(lambda number: date(2026, 11, 1) + timedelta(days=number))


@st.composite
def wishes(draw):
    first = draw(days)
    if draw(st.booleans()):
        return Wish(first, first + timedelta(days=draw(st.integers(0, 6))))
    start = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=(first - date(2026, 11, 1)).days)
    begins = start + timedelta(minutes=draw(st.integers(0, 1380)))
    return Wish(first, first, begins, begins + timedelta(minutes=draw(st.integers(1, 59))))


def kind(**says):
    texts = {"name": {"zh-Hans": "假", "en": "Leave"}, "mark": {"zh-Hans": "假", "en": "L"}}
    return LeaveKind.model_validate({"code": "QQ", **texts, **says})


def codes(wish, one, **facts):
    return [error.code for error in refusals(wish, one, **{"today": TODAY, "has_file": False} | facts)]


@given(wishes(), wishes())
def test_two_slips_clash_when_they_share_a_minute_of_the_same_days(one, other):
    shared = set(days_between(one.first, one.last)) & set(days_between(other.first, other.last))
    if one.is_hours and other.is_hours and shared:
        minute, taken = one.starts_at, False
        while minute < one.ends_at:
            taken = taken or other.starts_at <= minute < other.ends_at
            minute += timedelta(minutes=1)
        assert one.clashes(other) == taken
    else:
        assert one.clashes(other) == bool(shared)
    assert one.clashes(other) == other.clashes(one)


slips = st.lists(
    st.tuples(st.integers(1, 5), days, st.integers(0, 9)).map(
        lambda slip: (slip[0], slip[1], slip[1] + timedelta(days=slip[2]))
    ),
    max_size=12,
)


@given(slips, wishes(), st.integers(1, 5), st.integers(1, 3))
def test_a_day_is_full_when_so_many_others_are_off(taken, wish, person, at_most):
    slow = [
        day
        for day in days_between(wish.first, wish.last)
        if len({who for who, first, last in taken if first <= day <= last and who != person}) >= at_most
    ]
    found = full_days(taken, wish, person=person, people_a_day_at_most=at_most)
    assert found == ([] if wish.is_hours else slow)
    assert full_days(taken, wish, person=person, people_a_day_at_most=None) == []


def test_who_has_two_slips_on_a_day_is_one_person():
    day = date(2026, 11, 5)
    assert people_off([(1, day, day), (1, day, day)], day, day) == {day: {1}}


@pytest.mark.parametrize(("first", "found"), [(date(2026, 11, 5), ["notice"]), (date(2026, 11, 6), [])])
def test_notice_is_counted_in_days_from_today(first, found):
    assert codes(Wish(first, first), kind(notice_days=3)) == found


def test_without_notice_even_the_past_can_be_asked_for():
    assert codes(Wish(date(2026, 10, 1), date(2026, 10, 2)), kind()) == []


@pytest.mark.parametrize(("length", "found"), [(3, []), (4, ["days_at_most"])])
def test_a_slip_has_at_most_so_many_days(length, found):
    first = date(2026, 11, 10)
    assert codes(Wish(first, first + timedelta(days=length - 1)), kind(days_at_most=3)) == found


def test_days_and_hours_are_taken_as_the_kind_says():
    day = date(2026, 11, 10)
    noon = datetime(2026, 11, 10, 12, tzinfo=UTC)
    whole, part = Wish(day, day), Wish(day, day, noon, noon + timedelta(hours=1))
    assert [codes(whole, kind(taken_in=said)) for said in ("days", "hours", "both")] == [[], ["taken_in"], []]
    assert [codes(part, kind(taken_in=said)) for said in ("days", "hours", "both")] == [["taken_in"], [], []]


def test_an_attachment_is_there_where_it_must_and_only_where_it_may():
    wish = Wish(date(2026, 11, 10), date(2026, 11, 10))
    for says, file, found in (
        ("required", False, ["attachment"]),
        ("required", True, []),
        ("none", True, ["attachment"]),
        ("none", False, []),
        ("optional", True, []),
        ("optional", False, []),
    ):
        assert codes(wish, kind(attachment=says), has_file=file) == found


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(date(2026, 11, 10), date(2026, 11, 9)), "days_in_order"),
        (Wish(date(2027, 11, 5), date(2027, 11, 5)), "too_far"),
        (Wish(date(9999, 12, 31), date(9999, 12, 31)), "too_far"),
        (Wish(date(2026, 11, 10), date(2027, 11, 11)), "too_long"),
        (Wish(date(2026, 11, 10), date(2026, 11, 10), datetime(2026, 11, 10, 9, tzinfo=UTC)), "no_hours"),
        (
            Wish(date(2026, 11, 10), date(2026, 11, 10), *[datetime(2026, 11, 10, 9, tzinfo=UTC)] * 2),
            "no_hours",
        ),
        (
            Wish(
                date(2026, 11, 10),
                date(2026, 11, 11),
                datetime(2026, 11, 10, 9, tzinfo=UTC),
                datetime(2026, 11, 10, 10, tzinfo=UTC),
            ),
            "days_in_order",
        ),
    ],
)
def test_what_can_never_be_is_refused(wish, code):
    with pytest.raises(ValidationError) as refused:
        refuse_impossible(wish, TODAY)
    assert refused.value.code == code


# ── Hours of a day ──

DAY = date(2026, 11, 10)
NIGHT = stretches_of(DAY, [(time(17), time(1))], SHANGHAI)


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "shift", "begins", "ends"),
    [
        (time(9), time(11, 30), [], "2026-11-10 09:00", "2026-11-10 11:30"),
        (time(18), time(20), NIGHT, "2026-11-10 18:00", "2026-11-10 20:00"),
        (time(23, 30), time(0, 30), NIGHT, "2026-11-10 23:30", "2026-11-11 00:30"),
        (time(0, 15), time(1), NIGHT, "2026-11-11 00:15", "2026-11-11 01:00"),
        # Without a night shift it is the early morning of the day itself.
        (time(0, 15), time(1), [], "2026-11-10 00:15", "2026-11-10 01:00"),
    ],
)
def test_hours_after_midnight_belong_to_the_night_that_began_before(start, end, shift, begins, ends):
    assert hours_on(DAY, start, end, SHANGHAI, shift) == Stretch(at(begins), at(ends))


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        # 2026-03-29: the clock goes from 02:00 to 03:00. 2026-10-25: from 03:00 back to 02:00.
        (date(2026, 3, 28), time(22), time(6), 7),
        (date(2026, 10, 24), time(22), time(6), 9),
        (date(2026, 3, 29), time(1, 30), time(3, 30), 1),
    ],
)
def test_hours_over_a_change_of_clocks_are_those_that_pass(day, start, end, hours):
    found = hours_on(day, start, end, BERLIN, [])
    assert found.ends_at - found.starts_at == timedelta(hours=hours)


def test_an_hour_that_the_clock_skips_is_no_time():
    spring = date(2026, 3, 29)
    night = stretches_of(spring, [(time(1), time(5))], BERLIN)
    # The next day has such an hour, but it is not meant.
    assert hours_on(spring, time(2), time(3), BERLIN, night) is None
    assert hours_on(spring, time(2), time(3), BERLIN, []) is None


def test_after_midnight_of_the_spring_night_in_berlin():
    saturday = date(2026, 3, 28)
    night = stretches_of(saturday, [(time(22), time(6))], BERLIN)
    found = hours_on(saturday, time(1), time(4), BERLIN, night)
    assert found == Stretch(datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("begins", "ends", "inside"),
    [
        ("2026-11-10 00:00", "2026-11-11 00:00", True),
        ("2026-11-10 23:00", "2026-11-11 04:00", True),
        ("2026-11-10 23:00", "2026-11-11 04:01", False),
        ("2026-11-09 23:59", "2026-11-10 04:00", False),
    ],
)
def test_hours_lie_in_their_day_and_as_long_as_its_night_lasts(begins, ends, inside):
    assert inside_day(Wish(DAY, DAY, at(begins), at(ends)), SHANGHAI, late_minutes=240) is inside


def test_words_are_the_same_in_every_language():
    assert Wish(DAY, DAY).words(SHANGHAI) == "2026-11-10"
    assert Wish(DAY, date(2026, 11, 12)).words(SHANGHAI) == "2026-11-10 – 2026-11-12"
    assert Wish(DAY, DAY, at("2026-11-10 17:00"), at("2026-11-10 18:30")).words(SHANGHAI) == "2026-11-10 17:00–18:30"
