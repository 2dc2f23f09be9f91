"""What the roster is painted with: a key for each shift, and what pasted texts mean."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shifts.pages.brushes import _texts, brushes_of, keys_of, week_of

codes = st.lists(st.text("ABCDET12", min_size=1, max_size=4), max_size=8, unique=True)


@given(codes)
def test_no_two_shifts_have_the_same_key(given_codes):
    keys = [key for key in keys_of(given_codes).values() if key]
    assert len(keys) == len(set(keys))
    assert len(keys_of(given_codes)) == len(given_codes)


@given(codes)
def test_whoever_is_first_with_a_letter_has_it(given_codes):
    keys = keys_of(given_codes)
    for place, code in enumerate(given_codes):
        if code[0] not in [other[0] for other in given_codes[:place]]:
            assert keys[code] == code[0]


def test_later_shifts_take_another_letter_of_their_code_then_a_digit():
    assert keys_of(["E", "EL", "EE", "T", "TE"]) == {"E": "E", "EL": "L", "EE": "1", "T": "T", "TE": "2"}


def test_a_brush_is_a_shift_type_or_the_rest_day_but_no_leave(rulebook):
    assert [(brush.code, brush.key, brush.letter) for brush in brushes_of(rulebook)] == [
        ("D", "D", "d"),
        ("N", "N", "n"),
        ("R", "R", "r"),
        ("X", "X", "x"),
    ]
    assert brushes_of(None) == []


def test_marks_codes_and_names_of_both_languages_are_understood(rulebook):
    texts = _texts([*rulebook.shifts, rulebook.rest, *rulebook.leave.kinds])
    assert [texts[text] for text in ("d", "白", "白班", "day", "休", "–", "rest day", "x")] == [*"DDDD", *"XXXX"]
    assert (texts["假"], texts["l"], texts["sick leave"]) == ("PL", "PL", "SL")


def test_a_week_begins_on_monday():
    assert week_of(date(2026, 12, 1))[0] == date(2026, 11, 30)
    assert week_of(date(2026, 11, 30))[-1] == date(2026, 12, 6)
