"""Integer fen, and how people read and type them."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from office.money import LARGEST_FEN, to_fen, yuan

amounts = st.integers(-LARGEST_FEN, LARGEST_FEN)


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (99, "0.99"),
        (1000, "10.00"),
        (123456, "1,234.56"),
        (LARGEST_FEN, "100,000,000.00"),
        (-1, "−0.01"),
        (-123456, "−1,234.56"),
    ],
)
def test_fen_are_shown_as_yuan_with_two_places(fen, shown):
    assert yuan(fen) == shown


@given(amounts)
def test_what_is_shown_is_what_was_meant(fen):
    assert to_fen(Decimal(yuan(fen).replace(",", "").replace("−", "-"))) == fen


@given(amounts)
def test_yuan_become_the_fen_they_are(fen):
    assert to_fen(Decimal(fen).scaleb(-2)) == fen


@pytest.mark.parametrize("text", ["0.001", "10.005", "1e-9", "NaN", "sNaN"])
def test_parts_of_a_fen_are_refused(text):
    with pytest.raises((ValueError, ArithmeticError)):
        to_fen(Decimal(text))


@pytest.mark.parametrize("text", ["Infinity", "-Infinity"])
def test_no_amount_is_infinite(text):
    with pytest.raises(ValueError, match="decimals"):
        to_fen(Decimal(text))


def shown(template, fen):
    return Template("{% load money %}" + template).render(Context({"fen": fen}))


def test_templates_show_nothing_for_nothing_and_a_sign_where_asked():
    assert shown("{{ fen|yuan }}", None) == ""
    assert shown("{{ fen|yuan }}", 0) == "0.00"
    assert [shown("{{ fen|signed_yuan }}", fen) for fen in (500, 0, -500)] == ["+5.00", "0.00", "−5.00"]
