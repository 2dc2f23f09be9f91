"""The arithmetic of the metrics, against a slow reference."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.bars import AXIS, TOP, bars_of
from handover.metrics import MISSING, REGISTRY
from handover.models import ServiceStatistic
from handover.periods import By, Maturity, Period, Ripeness
from handover.tallies import NONE, PARTS, Basis, Figure, Tally, Unit, rounded, total

SHARES = [metric for metric in REGISTRY.values() if metric.bottom and metric.unit != Unit.RATIO]
named = pytest.mark.parametrize("metric", REGISTRY.values(), ids=list(REGISTRY))
counts = st.builds(
    lambda bottom, top, rows, left_out: Tally(min(top, bottom), bottom, chat=rows, left_out=left_out),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(1, 31),
    st.integers(0, 3),
)


def figure(name, *args, **more):
    return Figure(REGISTRY[name], Tally(*args, **more))


class TestEveryMetric:
    @named
    def test_it_says_what_it_is(self, metric):
        assert metric.label
        assert metric.definition
        assert metric.left_out
        assert bool(metric.bottom) == bool(metric.denominator) == bool(metric.numerator)

    @named
    def test_it_counts_what_a_line_holds(self, metric):
        if metric.basis in (Basis.NOTEBOOK, Basis.CHAT, Basis.EITHER, Basis.SALES):
            assert {metric.top, metric.bottom} - {""} <= {one.name for one in ServiceStatistic._meta.fields}

    @named
    def test_its_parts_are_names_and_no_pieces_of_a_sentence(self, metric):
        for name in (metric.numerator, metric.denominator):
            assert not name or str(name)[0].isupper()

    @named
    def test_what_nobody_reported_is_no_zero_and_says_why(self, metric):
        nothing = Figure(metric, Tally())
        assert (nothing.text, nothing.value, nothing.number, nothing.fraction) == (NONE, None, None, "")
        assert nothing.why
        assert nothing.why in nothing.note

    @pytest.mark.parametrize("metric", SHARES, ids=lambda metric: metric.name)
    def test_nothing_to_divide_by_is_no_zero(self, metric):
        none_served = Figure(metric, Tally(0, 0, chat=1, orders=1))
        assert none_served.text == NONE
        assert "0 " in none_served.why
        assert none_served.fraction.endswith("÷ 0")


class TestFigures:
    def test_a_share_has_one_decimal_and_a_half_rounds_up(self):
        assert figure("enquiry_conversion", 1, 2000, chat=1).text == "0.1 %"
        assert figure("self_counted_conversion", 27, 46, notebook=1).text == "58.7 %"

    def test_none_of_some_is_zero(self):
        assert figure("refund_rate", 0, 12, orders=12).text == "0.0 %"

    def test_seconds_minutes_and_yuan(self):
        assert figure("mean_response", 905, 30, chat=1).text == "30.2 s"
        assert figure("mean_talk", 600, 4, chat=1).text == "2.5 min"
        assert figure("sales", 123_456 * PARTS, chat=1).text == "1,234.56"
        assert figure("average_order_value", 10_000 * PARTS, 3, orders=3).text == "33.33"
        assert figure("average_order_value", 10_000 * PARTS, 3, orders=3).fraction == "100.00 ÷ 3"

    def test_a_part_of_a_fen_is_rounded_once_at_the_end(self):
        thirds = [Tally(100 * 3333, orders=1), Tally(100 * 3333, orders=1), Tally(100 * 3334, orders=1)]
        assert figure("sales", sum(one.top for one in thirds), orders=3).number == 100
        assert Figure(REGISTRY["sales"], thirds[0]).number == 33

    def test_a_day_with_orders_and_none_of_mine_is_zero_sales(self):
        assert figure("sales", order_days=1).text == "0.00"
        assert figure("refund_rate").text == NONE

    def test_the_own_order_value_against_the_departments(self):
        metric = REGISTRY["relative_order_value"]
        whole = Tally(300_000 * PARTS, 30, orders=30)
        assert Figure(metric, Tally(56_000 * PARTS, 5, orders=5), whole).text == "1.12"
        assert Figure(metric, Tally(56_000 * PARTS, 5, orders=5), Tally()).text == NONE

    def test_the_note_names_source_and_what_is_left_out_and_not_settled(self):
        note = figure("enquiry_conversion", 3, 9, chat=2, left_out=1, unsettled=1).note
        assert "Enquiring buyers who paid ÷ Enquiries: 3 ÷ 9" in note
        assert "Chat tool" in note
        assert "1 line left out" in note
        assert "not settled" in note

    def test_a_line_read_in_too_early_says_what_is_to_be_done(self):
        note = figure("enquiry_conversion", 3, 9, chat=2, unsettled=2, early=2, settled_top=2, settled_bottom=4).note
        assert "2 lines read in too early: read the files in again" in note
        assert "enquiries of the last days" not in note
        assert "settled: 50.0 %, 2 ÷ 4" in note

    def test_what_no_sum_gives_is_not_there_and_the_reason_stands_beside_it(self):
        names = [str(name) for missing in MISSING.values() for name, _why in missing]
        assert names == ["Target completion", "Median response, 90th percentile", "QA score"]
        assert "median_response" not in REGISTRY

    def test_the_middle_is_shown_as_it_is_given(self):
        metric = REGISTRY["median_acceptance"]
        assert Figure(metric, Tally(3, facts=3), None, Fraction(90)).text == "1.5 min"
        assert Figure(metric, Tally()).text == NONE


@given(st.lists(counts, min_size=1), st.sampled_from(SHARES))
def test_shares_follow_from_the_sums_and_are_never_averaged(days, metric):
    summed = total([{metric.name: day} for day in days])[metric.name]
    top = sum((Fraction(day.top, metric.parts) for day in days), Fraction(0))
    bottom = sum(day.bottom for day in days)
    assert (summed.bottom, summed.chat) == (bottom, sum(day.chat for day in days))
    value = Figure(metric, summed).value
    if bottom == 0:
        assert value is None
    else:
        factor = {Unit.PERCENT: Fraction(100), Unit.MINUTES: Fraction(1, 60)}.get(metric.unit, Fraction(1))
        assert value == factor * top / bottom


@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 3))
def test_rounding_is_never_further_off_than_a_half(value, places):
    off = abs(Fraction(rounded(value, places)) - value)
    assert off <= Fraction(1, 2 * 10**places)


class TestPeriods:
    def test_a_week_begins_on_monday_and_may_cross_the_months_end(self):
        week = Period.around(By.WEEK, date(2026, 11, 1))
        assert (week.first, week.last) == (date(2026, 10, 26), date(2026, 11, 1))
        assert len(week.days) == 7

    @given(st.sampled_from(By), st.dates(date(2000, 2, 1), date(2100, 11, 1)))
    def test_what_comes_before_and_after_touches_it(self, by, day):
        period = Period.around(by, day)
        assert period.first <= day <= period.last
        before, after = Period.around(by, period.previous), Period.around(by, period.next)
        assert before.last + timedelta(days=1) == period.first
        assert period.last + timedelta(days=1) == after.first

    def test_a_day_is_settled_when_its_days_have_passed(self):
        days = [date(2026, 11, number) for number in range(1, 8)]
        maturity = Maturity(date(2026, 11, 5), dict.fromkeys(days, 3))
        assert maturity.open_days(days) == [date(2026, 11, n) for n in (2, 3, 4, 5)]
        assert maturity.settled_until(days) == date(2026, 11, 1)
        assert Maturity(date(2026, 11, 5)).open_days(days) == [date(2026, 11, 5)]
        assert Maturity(date(2026, 10, 1)).settled_until(days) is None

    @given(st.integers(0, 9), st.integers(0, 20), st.integers(0, 20))
    def test_a_line_is_settled_only_when_it_was_recorded_after_the_days_too(self, after, recorded, today):
        day = date(2026, 11, 1)
        maturity = Maturity(day + timedelta(days=max(today, recorded)), {day: after})
        found = maturity.ripeness(day, day + timedelta(days=recorded))
        if max(today, recorded) <= after:
            assert found == Ripeness.OPEN
        else:
            assert found == (Ripeness.EARLY if recorded <= after else Ripeness.SETTLED)


@given(st.lists(st.none() | st.fractions(min_value=0, max_value=10**9), min_size=1, max_size=31))
def test_bars_stay_in_the_chart_and_keep_their_order(values):
    days = [date(2026, 10, number) for number in range(1, len(values) + 1)]
    made = bars_of(list(zip(days, values, strict=True)))
    assert len(made.bars) == len(values)
    assert 1 <= len(made.levels) <= 4
    for bar, value in zip(made.bars, values, strict=True):
        assert TOP - 0.1 <= float(bar.y) <= AXIS
        assert float(bar.height) == 0 or value
    by_height = sorted(zip(values, made.bars, strict=True), key=lambda one: one[0] or 0)
    heights = [float(bar.height) for _value, bar in by_height]
    assert heights == sorted(heights)
