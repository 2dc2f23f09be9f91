"""Windows, places and steps, against a slow reference that walks over days."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.escalation import Days, Rung, counted_days, place, rate, window_of


@dataclass(frozen=True)
class Rule:
    kind: str
    days: int | None = None


RULES = st.one_of(
    st.sampled_from([Rule("calendar_month"), Rule("calendar_year"), Rule("forever")]),
    st.integers(1, 400).map(lambda days: Rule("rolling_days", days)),
)
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


def share_a_window(rule, one, other):
    """Slow and plain: is there a window of the rule that holds both days?"""
    if rule.kind == "calendar_month":
        return (one.year, one.month) == (other.year, other.month)
    if rule.kind == "calendar_year":
        return one.year == other.year
    if rule.kind == "forever":
        return True
    earlier, later = min(one, other), max(one, other)
    # The window that ends on the later of the two reaches back over `days` days, itself included.
    return earlier in [later - timedelta(days=back) for back in range(rule.days)]


@given(RULES, DAYS, st.lists(DAYS, max_size=30))
def test_a_place_counts_whoever_shares_a_window(rule, day, confirmed):
    assert place(rule, day, confirmed) == 1 + len([other for other in confirmed if share_a_window(rule, day, other)])


@given(RULES, st.lists(DAYS, max_size=25))
def test_each_window_gives_its_places_once_whatever_the_order(rule, order):
    confirmed = []
    for day in order:
        confirmed.append((day, place(rule, day, [other for other, _place in confirmed])))
    for day, _place in confirmed:
        in_window = [(other, found) for other, found in confirmed if other in window_of(rule, day)]
        # The k-th confirmed of a window never gets a place below k; where windows do not overlap it gets exactly k.
        for number, (_other, found) in enumerate(in_window, start=1):
            assert found >= number
            assert rule.kind == "rolling_days" or found == number


@given(RULES, DAYS, DAYS)
def test_counting_is_mutual(rule, one, other):
    assert (other in counted_days(rule, one)) == (one in counted_days(rule, other))


@given(st.lists(st.integers(), max_size=6), st.integers(1, 20))
def test_the_last_step_repeats(ladder, count):
    slow = [*ladder, *(ladder[-1:] * count)][:count]
    expected = Rung(min(count, len(ladder)), slow[-1]) if ladder else None
    assert rate(ladder, count) == expected


def test_a_proposal_is_proposed_again():
    ladder = ["fine of 10", "fine of 30", "proposal"]
    assert [rate(ladder, count).step for count in (1, 2, 3, 4, 9)] == [*ladder, "proposal", "proposal"]


def test_a_clause_without_a_ladder_leads_to_nothing():
    assert rate([], 3) is None


def test_incidents_are_counted_from_one():
    with pytest.raises(ValueError, match="from 1"):
        rate(["step"], 0)


@pytest.mark.parametrize(
    ("rule", "first", "last"),
    [
        (Rule("calendar_month"), date(2028, 2, 1), date(2028, 2, 29)),
        (Rule("calendar_year"), date(2028, 1, 1), date(2028, 12, 31)),
        (Rule("rolling_days", 1), date(2028, 2, 29), date(2028, 2, 29)),
        (Rule("rolling_days", 30), date(2028, 1, 31), date(2028, 2, 29)),
        (Rule("forever"), None, None),
    ],
)
def test_the_window_of_a_leap_day(rule, first, last):
    assert window_of(rule, date(2028, 2, 29)) == Days(first, last)


def test_a_window_reaching_past_the_calendar_ends_with_it():
    assert counted_days(Rule("rolling_days", 3650), date.max).last == date.max
    assert counted_days(Rule("rolling_days", 3650), date.min).first == date.min


def test_an_unknown_window_is_refused():
    with pytest.raises(ValueError, match="fortnight"):
        window_of(Rule("fortnight"), date(2026, 11, 1))
