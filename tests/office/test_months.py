"""A calendar month as a value."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from office.months import FIRST_YEAR, LAST_YEAR, Month, MonthConverter

months = st.builds(Month, st.integers(FIRST_YEAR, LAST_YEAR), st.integers(1, 12))
days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-13",
        "2026-00",
        "2026-1",
        "26-01",
        "2026-011",
        "02026-01",
        "2026/01",
        "2026-01-01",
        " 2026-01",
        "2026-01\n",
        "2026-01 ",
        "-026-01",
        "+026-01",
        "2026--1",
        "２０２６-01",
        "2026-１１",
        "٢٠٢٦-٠١",
        "2026−01",
        "1999-12",
        "2101-01",
        "0000-01",
        "9999-12",
        "",
        "now",
    ],
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):
        Month.parse(text)
    with pytest.raises(ValueError):
        MonthConverter().to_python(text)


@given(months)
def test_it_is_read_as_it_is_written(month):
    assert Month.parse(str(month)) == month
    assert MonthConverter().to_url(month) == str(month)


@given(days)
def test_a_day_is_in_its_month_and_in_no_neighbour(day):
    month = Month.of(day)
    assert day in month
    assert day not in month.next
    assert day not in month.previous
    assert month.first <= day <= month.last


@given(months)
def test_months_join_without_gap_and_overlap(month):
    assert month.next.first == month.last + timedelta(days=1)
    assert month.previous.last == month.first - timedelta(days=1)
    assert month.next.previous == month.previous.next == month
    assert month.previous < month < month.next


@given(months)
def test_its_days_are_all_of_it_in_order(month):
    found = list(month.days())
    assert found[0] == month.first
    assert found[-1] == month.last
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(found))


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [("2026-12", "2026-11", "2027-01"), ("2026-01", "2025-12", "2026-02"), ("2028-02", "2028-01", "2028-03")],
)
def test_it_counts_on_over_the_turn_of_the_year(text, before, after):
    month = Month.parse(text)
    assert (str(month.previous), str(month.next)) == (before, after)


def test_the_last_and_first_of_all_months_have_neighbours_too():
    """Their pages ask for them; as addresses those do not exist."""
    assert str(Month(LAST_YEAR, 12).next) == f"{LAST_YEAR + 1}-01"
    assert str(Month(FIRST_YEAR, 1).previous) == f"{FIRST_YEAR - 1}-12"


@pytest.mark.parametrize("day", [date(FIRST_YEAR - 1, 12, 31), date(LAST_YEAR + 1, 1, 1), date.min, date.max])
def test_a_day_outside_the_known_years_has_no_month(day):
    with pytest.raises(ValueError, match=str(FIRST_YEAR)):
        Month.of(day)


def test_leap_years():
    assert Month(2028, 2).last == date(2028, 2, 29)
    assert Month(2100, 2).last == date(2100, 2, 28)


@pytest.mark.parametrize("text", ["2100-12", "2000-01"])
@pytest.mark.parametrize("page", ["roster", "scores"])
def test_the_pages_of_the_outermost_months_open(department, supervisor, client_of, text, page):
    assert client_of(supervisor).get(f"/d/{department.code}/{page}/{text}/").status_code == 200


def test_it_is_named_in_the_readers_language():
    with override("en"):
        assert Month(2026, 10).name == "October 2026"
    with override("zh-hans"):
        assert Month(2026, 10).name == "2026 年 10 月"


def test_it_counts_back_with_itself_first():
    assert Month(2026, 2).back(3) == [Month(2026, 2), Month(2026, 1), Month(2025, 12)]
    assert Month(2026, 2).back(1) == [Month(2026, 2)]
