"""Sums and shares of the service statistics, against a slow reference."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from handover.figures import Counts, total

counts = st.builds(
    lambda served, closed, enquiries, sales: Counts(served, min(closed, served), min(enquiries, served), sales, 1),
    *[st.integers(0, 2_000)] * 3,
    st.integers(0, 10**9),
)


def test_nothing_served_is_no_share_and_not_zero():
    assert Counts().conversion is None
    assert Counts().conversion_text == "—"


def test_a_half_rounds_up():
    assert Counts(served=2000, closed=1, days=1).conversion_text == "0.1 %"
    assert Counts(served=46, closed=27).conversion_text == "58.7 %"


def test_digits_are_grouped_as_in_the_figures():
    month = Counts(served=5539, closed=3303, enquiries=4817)
    assert month.fraction == "3,303 ÷ 5,539"
    assert (month.served_text, month.closed_text, month.enquiries_text) == ("5,539", "3,303", "4,817")


@given(st.lists(counts))
def test_the_share_follows_from_the_sums_and_is_never_an_average(days):
    summed = total(days)
    served, closed = sum(day.served for day in days), sum(day.closed for day in days)
    assert (summed.served, summed.closed, summed.days) == (served, closed, len(days))
    assert summed.sales_fen == sum(day.sales_fen for day in days)
    if served:
        assert abs(Fraction(summed.conversion) - Fraction(100 * closed, served)) <= Fraction(1, 20)
        assert summed.fraction == f"{closed:,} ÷ {served:,}"
