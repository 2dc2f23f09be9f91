"""Texts that are written in several languages at once, as data."""

from collections.abc import Mapping

from django.utils.translation import get_language


def localised(value: object) -> object:
    """Choose from {"zh-Hans": …, "en": …} by the active language (else the first given); other values pass."""
    if not isinstance(value, Mapping) or not value:
        return value
    language = (get_language() or "").lower()
    for code, text in value.items():
        if language.startswith(code.lower()) or code.lower().startswith(language[:2] or "-"):
            return text
    return next(iter(value.values()))
