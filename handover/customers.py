"""Customers' handles and phones: who sees them whole, and how they look to everybody else. Pure but for the rights."""

import re
import unicodedata
from urllib.parse import unquote

from people.access import may
from people.models import Right

# Whoever holds one of these deals with customers that are not their own.
NEEDS = (Right.TAKE_OVER, Right.READ_REGISTER, Right.HANDLE_CASES)
HIDDEN = "***"
# Signs that mean something in an address.
_ACTED_ON = frozenset("%/\\.?#;")
# What people put between the figures of a phone, as `_plain` writes it; signs that nobody sees are among it.
_BETWEEN = r"[\s.\-‐-―−/_·•・()\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{0,3}"
_DATE = r"(?P<date>(?:19|20)[0-9]{2}(?P<mark>[.\-‐-―/])[0-9]{1,2}(?P=mark)[0-9]{1,2})(?![0-9])"
# A mobile and a line of the country and a number of abroad, whatever is between their figures; then seven figures and
# more in a row with a blank or a hyphen between them at most: a phone, or as good as one. A full stop or a stroke is in
# amounts and between short numbers too.
_PHONE = (
    r"(?:\((?=[0-9]{1,4}\)))?(?:"
    rf"(?:\+?86{_BETWEEN})?1{_BETWEEN}[3-9](?:{_BETWEEN}[0-9]){{9}}"
    rf"|0[0-9]{{2,3}}{_BETWEEN}[0-9]{{3,4}}{_BETWEEN}[0-9]{{4}}"
    rf"|\+[0-9](?:{_BETWEEN}[0-9]){{8,14}}"
    r"|\+?[0-9](?:[ \-]?[0-9]){6,}"
    r")(?![0-9])"
)
_IS_PHONE = re.compile(_PHONE)
_FIGURES = re.compile(rf"(?<![0-9])(?:{_DATE}|{_PHONE})")
# A line of the country has eleven figures: of these the first three and the last four may be known.
_WHOLE, _FIRST, _LAST = 11, 3, 4


def may_see_customers(request) -> bool:
    """Whether the reader of this page sees every customer's handle and phone; one's own items one sees in any case."""
    return any(may(request, right) for right in NEEDS)


def masked(handle: str) -> str:
    """A handle as others may read it: "小***鹿", "t***8", "138****2207". What is masked already stays as it is."""
    handle = handle.strip()
    if _IS_PHONE.fullmatch(plain := _plain(handle)):
        return _phone(plain)
    if HIDDEN in handle:
        return without_phones(handle)
    return " ".join(_word(word) for word in handle.split())


def without_phones(text: str) -> str:
    """A text with the middle of every phone number in it hidden, the rest as it was written."""
    pieces, end = [], 0
    for found in _FIGURES.finditer(_plain(text)):
        if not found["date"]:
            pieces += [text[end : found.start()], _phone(found.group())]
            end = found.end()
    return "".join(pieces) + text[end:]


class _PlainSigns(dict[int, str]):
    """A table for `str.translate`: each sign as one plain sign, so that places in the text stay the same."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        figure, normal = unicodedata.digit(sign, None), unicodedata.normalize("NFKC", sign)
        self[code] = str(figure) if figure is not None else normal if len(normal) == 1 else sign
        return self[code]


_PLAIN_SIGNS = _PlainSigns()


def _plain(text: str) -> str:
    return text if text.isascii() else text.translate(_PLAIN_SIGNS)


def _phone(number: str) -> str:
    figures = "".join(sign for sign in number if sign.isdecimal())
    if len(figures) < _WHOLE:
        return f"{figures[0]}****{figures[-1]}"
    return f"{figures[:_FIRST]}****{figures[-_LAST:]}"


def _word(word: str) -> str:
    if len(word) == 1:
        return HIDDEN
    return f"{word[0]}{HIDDEN}{word[-1]}" if len(word) > 2 else f"{word[0]}{HIDDEN}"


class HandleConverter:
    """A customer's handle as one part of an address, whatever is in it: a slash, a question mark, two dots."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        handle = unquote(value)
        if "\0" in handle:
            raise ValueError("no text has this sign")  # for Django: there is no such address
        return handle

    def to_url(self, value: str) -> str:
        # The address as a whole is quoted once more: what a server or a browser would act on comes through as text.
        return "".join(f"%{ord(sign):02X}" if sign in _ACTED_ON else sign for sign in value)
