"""What an amount, a note and a month may look like when people type them; what is refused stands where it belongs."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from office.forms import MonthForm, NoteField, RefusingForm, SeenField, YuanField
from office.money import LARGEST_FEN
from office.months import Month


class Bill(forms.Form):
    amount = YuanField()


class Sales(forms.Form):
    amount = YuanField(least_fen=0, required=False)


class Slip(forms.Form):
    note = NoteField(max_length=10, rows=2)


def cleaned(form_class, text):
    form = form_class({"amount": text})
    return form.cleaned_data["amount"] if form.is_valid() else form.errors


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("10", 1000),
        ("0.01", 1),
        ("10.5", 1050),
        (" 7.50 ", 750),
        ("100000000", LARGEST_FEN),
        ("1e2", 10000),
        ("+3", 300),
    ],
)
def test_yuan_clean_to_fen(text, fen):
    assert cleaned(Bill, text) == fen


def test_the_digits_of_a_chinese_keyboard_mean_what_they_say():
    assert cleaned(Bill, "１０.５０") == 1050


@given(st.integers(1, LARGEST_FEN))
def test_every_amount_in_range_is_taken_exactly(fen):
    assert cleaned(Bill, f"{fen // 100}.{fen % 100:02}") == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0.00",
        "-0",
        "-5",
        "-0.01",
        "0.001",
        "10.005",
        "1.999",
        "100000000.01",
        "1000000000000",
        "1" * 400,
        "1e400",
        "1e-400",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "inf",
        "ten",
        "10 yuan",
        "1,234.56",
        "1.2.3",
        "0x10",
        "十",
        "10。5",
        "\x00",
        "1\x00",
        "'; --",
    ],
)
def test_what_is_no_amount_is_said_to_be_none(text):
    assert "amount" in cleaned(Bill, text)


def test_nothing_at_all_may_be_allowed():
    assert cleaned(Sales, "") is None
    assert cleaned(Sales, "0") == 0
    assert "amount" in cleaned(Sales, "-0.01")


def test_the_browser_is_told_the_least_amount():
    assert 'min="0.01"' in str(Bill()["amount"])
    assert 'min="0"' in str(Sales()["amount"])
    assert 'step="0.01"' in str(Bill()["amount"])
    assert 'inputmode="decimal"' in str(Bill()["amount"])


@pytest.mark.parametrize(("text", "kept"), [("  bring keys \n", "bring keys"), ("一" * 10, "一" * 10)])
def test_a_note_is_trimmed(text, kept):
    form = Slip({"note": text})
    assert form.is_valid()
    assert form.cleaned_data["note"] == kept


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x" * 11, "a\x00b"])
def test_an_empty_an_overlong_and_an_unstorable_note_are_refused(text):
    assert not Slip({"note": text}).is_valid()


class Label(forms.Form):
    handle = SeenField(max_length=10)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\u202e小鹿\u202c", "小鹿"),
        ("小\u200b鹿\ufeff", "小鹿"),
        ("\u200f 小鹿", "小鹿"),
        ("tb88\t小鹿", "tb88 小鹿"),
        ("小\u200d鹿\x07", "小鹿"),
        ("👩\u200d💻鹿", "👩\u200d💻鹿"),
        ("👩🏽\u200d❤️\u200d👨", "👩🏽\u200d❤️\u200d👨"),
        ("\u200b" * 20 + "小鹿", "小鹿"),
    ],
)
def test_a_line_keeps_no_signs_that_nobody_sees_but_those_that_join_a_picture(text, kept):
    form = Label({"handle": text})
    assert form.is_valid()
    assert form.cleaned_data["handle"] == kept


@pytest.mark.parametrize("text", ["\u200b\u202e", "a\x00b"])
def test_a_line_of_unseen_signs_alone_or_with_one_that_cannot_be_stored_is_refused(text):
    assert not Label({"handle": text}).is_valid()


def test_a_note_keeps_its_lines():
    form = Slip({"note": "一\r\n\t二"})
    assert form.is_valid()
    assert form.cleaned_data["note"] == "一\r\n\t二"


def test_a_note_is_written_into_a_text_area():
    html = str(Slip()["note"])
    assert '<textarea name="note"' in html
    assert 'rows="2"' in html
    assert 'maxlength="10"' in html


class Order(RefusingForm):
    fields_of_codes = {"too_many": "count", "late": "day"}

    count = forms.IntegerField()
    name = forms.CharField(required=False)


def refused(refusal):
    form = Order({"count": "3"})

    def act():
        raise refusal

    assert not form.carry_out(act)
    return {field: list(words) for field, words in form.errors.items()}


def test_each_refusal_stands_at_the_field_of_its_own_code():
    both = ValidationError([ValidationError("too many", code="too_many"), ValidationError("closed", code="closed")])
    assert refused(both) == {"count": ["too many"], "__all__": ["closed"]}


def test_a_refusal_about_fields_stands_at_those_that_the_form_has():
    assert refused(ValidationError({"name": "taken", "colour": "none"})) == {"name": ["taken"], "__all__": ["none"]}


def test_a_code_whose_field_the_form_has_not_stands_above_it():
    assert refused(ValidationError("late", code="late")) == {"__all__": ["late"]}


def test_what_is_valid_is_carried_out_and_its_outcome_kept():
    form = Order({"count": "3"})
    assert form.carry_out(lambda: form.cleaned_data["count"] + 1)
    assert form.outcome == 4


def test_nothing_is_carried_out_of_what_is_not_valid_or_not_sent():
    done = []
    assert not Order({"count": "many"}).carry_out(lambda: done.append(1))
    assert not Order().carry_out(lambda: done.append(1))
    assert not done


def offered(**kwargs):
    return [value for value, _words in MonthForm({}, newest=Month(2026, 2), **kwargs)["month"].field.choices]


def test_a_filter_offers_the_latest_months_and_the_one_that_is_shown():
    assert offered(offered=3) == ["", "2026-02", "2026-01", "2025-12"]
    assert offered(offered=2, shown=Month(2024, 5)) == ["", "2026-02", "2026-01", "2024-05"]
    assert offered(offered=2, shown=Month(2026, 1)) == ["", "2026-02", "2026-01"]
