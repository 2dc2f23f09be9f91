"""Pairs of signs: whatever stands in a text is found by any two signs of it, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from handover.grams import grams_of, plain, wanted

SIGNS = st.text(alphabet="退款要求单床ab12％%_ Ａ'\"", max_size=12)


def finds(words: str, *texts: str) -> bool:
    """By the index alone."""
    return set(wanted(words)) <= set(grams_of(*texts).split())


def test_two_characters_are_found_within_a_sentence():
    assert finds("退款", "顾客要求退款，未发货")
    assert not finds("退货", "顾客要求退款，未发货")


def test_one_ideograph_is_a_word():
    assert finds("床", "实木床")
    assert not finds("床", "实木桌")


def test_part_of_a_number_is_found():
    assert finds("884", "拦截包裹 8841")


def test_capitals_and_full_width_signs_are_the_same():
    assert finds("ab1", "ＡＢ１")


def test_pairs_do_not_reach_over_a_space():
    assert not finds("款要", "退款 要求")


def test_what_is_too_short_to_look_up_asks_for_nothing():
    assert wanted("a") == wanted("") == wanted("%") == []


@given(text=SIGNS, other=SIGNS, at=st.integers(0, 11), length=st.integers(1, 6))
def test_every_piece_of_a_text_is_found(text, other, at, length):
    piece = plain(text)[at : at + length]
    assert finds(piece, other, text)


@given(words=SIGNS, text=SIGNS)
def test_a_pair_is_found_where_it_stands_and_nowhere_else(words, text):
    for word in plain(words).split():
        if len(word) == 2:
            assert finds(word, text) == (word in plain(text))


@given(text=SIGNS)
def test_the_index_takes_letters_and_digits_only(text):
    assert all(gram.isascii() and gram.isalnum() for gram in grams_of(text).split())
