"""Escalation: how often it has happened, and which step of the ladder that makes.

A newly confirmed incident takes place number 1 + the number of incidents of the same member and clause code that are
confirmed already and share a window with it. Earlier and later ones count, because people do not confirm in the order
in which things happened: where windows do not overlap (month, year, for ever) the places of a window are therefore
1, 2, 3 … each given once, whatever the order of confirmation. A rolling window of n days ends on the incident's own
day; two days share such a window when they lie fewer than n days apart, so that of the incidents inside any n days the
k-th to be confirmed never gets a place below k. Earlier judgements stay as they are: re-rating them is a correction of
its own.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

StepT = TypeVar("StepT")


class WindowRule(Protocol):
    """A window as a rulebook words it (`rulebooks.schema.Window`)."""

    @property
    def kind(self) -> str: ...

    @property
    def days(self) -> int | None: ...


@dataclass(frozen=True)
class Days:
    """Days from `first` to `last`, both included; None leaves that end open."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Rung(Generic[StepT]):
    """The step that applies, and its number on the ladder from 1."""

    number: int
    step: StepT


def window_of(rule: WindowRule, day: date) -> Days:
    """The days of the window that a clause looks at from `day`. Raises ValueError for a kind it does not know."""
    if rule.kind == "calendar_month":
        return Days(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))
    if rule.kind == "calendar_year":
        return Days(date(day.year, 1, 1), date(day.year, 12, 31))
    if rule.kind == "rolling_days" and rule.days:
        return Days(_days_off(day, 1 - rule.days), day)
    if rule.kind == "forever":
        return Days()
    raise ValueError(f"no such window: {rule.kind}")


def counted_days(rule: WindowRule, day: date) -> Days:
    """The days whose incidents count with one of `day`: all that share a window with it."""
    if rule.kind == "rolling_days" and rule.days:
        return Days(_days_off(day, 1 - rule.days), _days_off(day, rule.days - 1))
    return window_of(rule, day)


def _days_off(day: date, by: int) -> date:
    try:
        return day + timedelta(days=by)
    except OverflowError:
        return date.min if by < 0 else date.max


def place(rule: WindowRule, day: date, confirmed: Iterable[date]) -> int:
    """Which one an incident of `day` is, given the business dates of those confirmed before it."""
    counted = counted_days(rule, day)
    return 1 + sum(other in counted for other in confirmed)


def rate(ladder: Sequence[StepT], count: int) -> Rung[StepT] | None:
    """The step for the `count`-th incident (from 1); the last step repeats. None when the clause has no ladder."""
    if count < 1:
        raise ValueError("incidents are counted from 1")
    if not ladder:
        return None
    number = min(count, len(ladder))
    return Rung(number, ladder[number - 1])
