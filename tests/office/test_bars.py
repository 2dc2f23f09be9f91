"""The scale of a chart and the places of its bars."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from office.bars import Frame, scale_of

WHOLE = Fraction(1)


def test_levels_are_round_and_few():
    steps = [scale_of(Fraction(most), finest=WHOLE, levels=3).step for most in (0, 1, 3, 4, 15, 16, 1734, 3000, 3001)]
    assert steps == [1, 1, 1, 2, 5, 10, 1000, 1000, 2000]


@given(st.fractions(0, 10**9), st.sampled_from([Fraction(1, 10), WHOLE]), st.integers(3, 6))
def test_no_value_is_above_the_top_and_no_level_without_need(most, finest, levels):
    scale = scale_of(most, finest=finest, levels=levels)
    assert scale.step >= finest
    assert most <= scale.top <= levels * scale.step
    assert scale.top - most < scale.step or scale.top == scale.step


def test_a_bar_stands_on_the_axis_and_the_highest_reaches_the_top():
    frame = Frame(100, 20, 0.5, 4, scale_of(Fraction(20), finest=WHOLE, levels=4))
    full, empty = frame.bar(0, Fraction(20)), frame.bar(3, Fraction(0))
    assert (full.x, full.width, full.middle) == ("6.25%", "12.50%", "12.50%")
    assert (full.y, full.height, full.label_y) == ("20.0", "80.0", "14.0")
    assert (empty.x, empty.y, empty.height) == ("81.25%", "100.0", "0.0")
    assert [level.label for level in frame.levels()] == ["5", "10", "15", "20"]
    assert [level.y for level in frame.levels()] == ["80.0", "60.0", "40.0", "20.0"]


def test_levels_that_are_no_whole_numbers_have_one_decimal():
    frame = Frame(100, 20, 0.5, 1, scale_of(Fraction(3, 10), finest=Fraction(1, 10), levels=4))
    assert [level.label for level in frame.levels()] == ["0.1", "0.2", "0.3"]
