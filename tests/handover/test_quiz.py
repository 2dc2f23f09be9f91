"""Scoring a quiz: a question is right when exactly its right options are chosen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.quiz import is_right, needed, passes, score, whats_wrong

places = st.lists(st.integers(0, 5), max_size=6)


@pytest.mark.parametrize(
    ("right", "chosen", "expected"),
    [([1], [1], True), ([1], [0, 1], False), ([0, 2], [2, 0], True), ([0, 2], [0], False), ([1], [], False)],
)
def test_all_that_are_right_and_no_other(right, chosen, expected):
    assert is_right(right, chosen) is expected


@given(st.dictionaries(st.integers(1, 9), places, max_size=6), st.dictionaries(st.integers(1, 9), places, max_size=6))
def test_the_score_agrees_with_a_slow_count(questions, answers):
    slow = 0
    for key, right in questions.items():
        chosen = answers.get(key, [])
        if all(place in chosen for place in right) and all(place in right for place in chosen):
            slow += 1
    assert score(questions, answers) == slow


@given(st.integers(1, 40), st.data(), st.integers(1, 100))
def test_the_pass_mark_is_compared_without_rounding(questions, data, mark):
    right = data.draw(st.integers(0, questions))
    assert passes(right, questions, mark) == (Fraction(right, questions) >= Fraction(mark, 100))


@given(st.integers(1, 40), st.integers(1, 100))
def test_so_many_are_needed_and_one_less_is_not_enough(questions, mark):
    fewest = needed(questions, mark)
    assert 1 <= fewest <= questions
    assert passes(fewest, questions, mark)
    assert not passes(fewest - 1, questions, mark)


def test_four_of_five_are_eighty_percent_and_two_of_three_are_not_sixty_seven():
    assert passes(4, 5, 80)
    assert not passes(2, 3, 67)


@pytest.mark.parametrize(
    ("options", "right", "wrong"),
    [(["a"], [0], "few_options"), (["a", "b"], [], "no_right"), (["a", "b"], [2], "no_right"), (["a", "b"], [1], "")],
)
def test_what_cannot_be_asked(options, right, wrong):
    assert whats_wrong(options, right) == wrong
