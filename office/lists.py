"""Several names in one line."""

from collections.abc import Iterable

from django.utils.translation import pgettext


def joined(names: Iterable[object]) -> str:
    """ "A, B", 甲、乙: names with the comma of the active language between them."""
    return pgettext("between names", ", ").join(map(str, names))
