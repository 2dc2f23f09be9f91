"""Two shifts of one person: whether they overlap, and whether there is rest enough between them. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop as _

from shifts.spans import overlapping

from .lines import Line, Work
from .plan import Rules
from .violations import BLOCK, MINUTES_AN_HOUR, Violation, duration

Pair = tuple[int, int]


def check(line: Line, rules: Rules, first: int, last: int) -> Iterator[Violation]:
    """Overlaps, and rests that are too short, between shifts of which one of this department is from first to last."""
    limit = rules.limits.rest_between_shifts
    least = limit.hours * MINUTES_AN_HOUR if limit else 0
    near = _near(line.work, least)
    if not near:
        return
    shared = _shared(line.work) if any(rest < 0 for _pair, rest in near) else {}
    for (one, two), minutes in shared.items():
        yield from _about(line, (one, two), first, last, "overlap", BLOCK, minutes, _words(line, (one, two), minutes))
    for pair, rest in near:
        if limit is None or pair in shared:
            continue
        rest = max(0, rest)
        words = (
            _("%(rest)s of rest before this shift, at least %(least)s wanted."),
            {"rest": duration(rest), "least": duration(least)},
        )
        yield from _about(line, pair, first, last, "rest_between_shifts", limit.breach, least - rest, words)


def _near(work: list[Work], least: int) -> list[tuple[Pair, int]]:
    """Each shift with the one before it that ended last, where less than `least` lies between; below 0 they meet."""
    found = []
    latest, end = 0, -(10**12)
    for place, shift in enumerate(work):
        rest = shift[0] - end
        if rest < least or rest < 0:
            found.append(((latest, place), rest))
        if shift[1] > end:
            latest, end = place, shift[1]
    return found


def _shared(work: list[Work]) -> dict[Pair, int]:
    """Pairs of shifts with stretches at the same time, and for how many minutes."""
    # Minutes order as instants do.
    spans: Any = [(start, end, (place, start, end)) for place, shift in enumerate(work) for start, end in shift.spans]
    found: dict[Pair, int] = {}
    for (one, *these), (two, *those) in overlapping(spans):
        if one != two:
            pair = (min(one, two), max(one, two))
            found[pair] = found.get(pair, 0) + min(these[1], those[1]) - max(these[0], those[0])
    return found


def _words(line: Line, pair: Pair, minutes: int) -> tuple[str, dict]:
    facts = {"minutes": duration(minutes)}
    if all(line.work[place].own for place in pair):
        return _("On two shifts at once for %(minutes)s."), facts
    return _("At once on a shift of another department, for %(minutes)s."), facts


def _about(line: Line, pair: Pair, first: int, last: int, code, severity, excess, words) -> Iterator[Violation]:
    own = sorted({line.work[place].day for place in pair if line.work[place].own})
    if not any(first <= day <= last for day in own):
        return
    days = tuple(map(date.fromordinal, own))
    about = "" if all(line.work[place].own for place in pair) else "elsewhere"
    message, facts = words
    yield Violation(code, severity, line.person.key, days, message, facts, about=about, excess=excess, marked=days[-1:])
