"""Choosing among the languages of a text."""

import pytest
from django.utils import translation

from office.texts import localised

REST = {"zh-Hans": "休息", "en": "Rest day"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-hans", "休息"),
        ("en", "Rest day"),
        ("en-gb", "Rest day"),
        ("zh-cn", "休息"),
        ("zh-hant", "休息"),
        ("fr", "休息"),
    ],
)
def test_the_active_language_decides_and_the_first_stands_in(language, text):
    with translation.override(language):
        assert localised(REST) == text


def test_with_no_language_at_all_the_first_is_taken():
    with translation.override(None):
        assert localised(REST) == "休息"


@pytest.mark.parametrize("value", ["text", "", 7, None, {}, ["en"]])
def test_what_is_no_text_in_languages_passes(value):
    assert localised(value) == value
