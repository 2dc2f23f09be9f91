"""Customers' handles and phones: who sees them whole, and how they look to everybody else. Pure but for the rights."""

import re
from urllib.parse import unquote

from people.access import may
from people.models import Right

# Whoever holds one of these deals with customers that are not their own.
NEEDS = (Right.TAKE_OVER, Right.READ_REGISTER, Right.HANDLE_CASES)
HIDDEN = "***"
# Signs that mean something in an address.
_ACTED_ON = frozenset("%/\\.?#;")
# Seven figures and more in a row, with the marks that people put between them: a phone, or as good as one.
_PHONE = re.compile(r"(?<!\d)\+?\d(?:[ \-]?\d){6,}(?!\d)", re.ASCII)
# A line of the country has eleven figures: of these the first three and the last four may be known.
_WHOLE, _FIRST, _LAST = 11, 3, 4


def may_see_customers(request) -> bool:
    """Whether the reader of this page sees every customer's handle and phone; one's own items one sees in any case."""
    return any(may(request, right) for right in NEEDS)


def masked(handle: str) -> str:
    """A handle as others may read it: "小***鹿", "t***8", "138****2207". What is masked already stays as it is."""
    handle = handle.strip()
    if _PHONE.fullmatch(handle):
        return _phone(handle)
    if HIDDEN in handle:
        return without_phones(handle)
    return " ".join(_word(word) for word in handle.split())


def without_phones(text: str) -> str:
    """A text with the middle of every phone number in it hidden."""
    return _PHONE.sub(lambda found: _phone(found.group()), text)


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
