"""Texts that are written in several languages at once, as data."""

from collections.abc import Mapping

from django.utils.translation import get_language, gettext

from .months import Month


def localised(value: object) -> object:
    """Choose from {"zh-Hans": …, "en": …} by the active language (else the first given); other values pass."""
    if not isinstance(value, Mapping) or not value:
        return value
    language = (get_language() or "").lower()
    for code, text in value.items():
        if language.startswith(code.lower()) or code.lower().startswith(language[:2] or "-"):
            return text
    return next(iter(value.values()))


def filled(message: str, params: Mapping[str, object]) -> str:
    """A stored message id with its parameters, in the active language.

    A parameter may be written in several languages, be a month ({"month": "2026-10"}) or a message of its own
    ({"message": …, "params": …}).
    """
    words = gettext(message) if message else ""
    try:
        return words % {name: _value(value) for name, value in params.items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        # One line that cannot be filled in must not take the whole list away.
        return words


def _value(value: object) -> object:
    match value:
        case {"message": str(message), **rest}:
            params = rest.get("params")
            return filled(message, params if isinstance(params, Mapping) else {})
        case {"month": str(month)}:
            return Month.parse(month).name
    return localised(value)
