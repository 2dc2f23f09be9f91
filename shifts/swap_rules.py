"""What the rulebook's section on swaps says about one swap. Pure: instants in UTC, business dates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop as _

from office.months import Month
from office.texts import filled
from rulebooks.schema import SwapRules
from shifts.models import SwapKind

# Between two shifts that follow each other "without a night between" there is less than this.
A_NIGHT = timedelta(hours=8)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# When a shift begins and ends.
Times = tuple[datetime, datetime]


@dataclass(frozen=True)
class Refusal:
    """Why something cannot be: a code, and how it reads (a message id and what fills it)."""

    code: str
    words: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In the active language."""
        return filled(self.words, self.facts)


@dataclass(frozen=True)
class Side:
    """One of the people of a swap, with what it would do to them.

    takes    the shifts that they would have through it
    around   their other shifts as they would be then, also those of other departments
    swapped  the days of their other applied swaps
    counts   how many applied swaps they have in a calendar month, by its first day
    """

    name: str
    takes: Sequence[Times] = ()
    around: Sequence[Times] = ()
    swapped: frozenset[date] = frozenset()
    counts: Mapping[date, int] = field(default_factory=dict)


def refusals(
    rules: SwapRules | None,
    kind: str,
    *,
    days: Sequence[date],
    begins_at: datetime,
    agreed_at: datetime,
    now: datetime,
    sides: Iterable[Side],
) -> list[Refusal]:
    """Everything that speaks against a swap, in the order of the section; empty when it may be.

    `days`: its business dates; `begins_at`: when the earlier of its shifts begins; `agreed_at`: when the last of the
    two consented (now, when nobody has yet). Notice is not asked for an open shift: a gap is filled as late as can be.
    """
    if rules is None:
        return [Refusal("no_swaps", _("The rulebook knows no swaps."))]
    found = list(_of_the_swap(rules, kind, begins_at, agreed_at, now))
    for side in sides:
        found += _of_one(rules, kind, days, side)
    return found


def _of_the_swap(rules: SwapRules, kind: str, begins_at: datetime, agreed_at: datetime, now: datetime):
    if kind not in rules.kinds:
        yield Refusal("kind_not_allowed", _("The rulebook does not allow this way of passing a shift on."))
    if begins_at <= now:
        yield Refusal("begun", _("The shift has begun already."))
    elif kind != SwapKind.OPEN_SHIFT and begins_at - agreed_at < rules.notice_hours * HOUR:
        yield Refusal(
            "too_late",
            _("It must be agreed %(hours)s hours before the first of its shifts begins."),
            {"hours": rules.notice_hours},
        )


def _of_one(rules: SwapRules, kind: str, days: Sequence[date], side: Side):
    if not rules.shifts_in_a_row and any(_follows(taken, other) for taken in side.takes for other in side.around):
        yield Refusal(
            "shifts_in_a_row",
            _("%(name)s would have two shifts in a row, without a night between."),
            {"name": side.name},
        )
    if kind == SwapKind.OPEN_SHIFT:
        # Who fills a gap has swapped nothing.
        return
    if not rules.consecutive_days and (neighbour := _neighbour(days, side.swapped)):
        yield Refusal(
            "consecutive_days",
            _("%(name)s has a swap on %(day)s; there are no swaps on days in a row."),
            {"name": side.name, "day": neighbour.isoformat()},
        )
    months = sorted({Month.of(day).first for day in days})
    full = [first for first in months if rules.a_month_at_most and side.counts.get(first, 0) >= rules.a_month_at_most]
    for first in full:
        yield Refusal(
            "a_month_at_most",
            _("%(name)s has had %(count)s swaps in %(month)s; there may be %(most)s."),
            {
                "name": side.name,
                "count": side.counts[first],
                "month": {"month": str(Month.of(first))},
                "most": rules.a_month_at_most,
            },
        )


def _follows(one: Times, other: Times) -> bool:
    """Whether less than a night lies between two shifts; overlapping ones are somebody else's business."""
    first, second = sorted((one, other))
    return timedelta() <= second[0] - first[1] < A_NIGHT


def _neighbour(days: Sequence[date], swapped: frozenset[date]) -> date | None:
    """A day with another swap right before or after one of `days`."""
    return next((near for day in days for near in (day - DAY, day + DAY) if near in swapped), None)
