"""The clocks of bad reviews and complaints: which step runs, by when, how late. Pure; words in the active language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from handover.words import SOON, in_words, whole_minute
from rulebooks.schema import CaseKind

TENTH = Decimal("0.1")
MINUTE = timedelta(minutes=1)


class Deed(StrEnum):
    """What a line of a case's history says was done."""

    REGISTERED = "registered"
    ASSIGNED = "assigned"
    ABOUT = "about"
    STEP = "step"
    NOTE = "note"
    CLOSED = "closed"
    CORRECTED = "corrected"
    REMINDED = "reminded"
    ESCALATED = "escalated"


DEEDS = {
    Deed.REGISTERED: gettext_lazy("Registered"),
    Deed.ASSIGNED: gettext_lazy("Given to somebody"),
    Deed.ABOUT: gettext_lazy("About whom"),
    Deed.STEP: gettext_lazy("Step done"),
    Deed.NOTE: gettext_lazy("Remark"),
    Deed.CLOSED: pgettext_lazy("case", "Closed"),
    Deed.CORRECTED: gettext_lazy("Finding corrected"),
    Deed.REMINDED: gettext_lazy("Reminded"),
    Deed.ESCALATED: gettext_lazy("Time is over; escalated"),
}


class Standing(StrEnum):
    """How a step stands. ASLEEP: it is asked for only if an earlier one is missed, and that is not decided yet."""

    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    ASLEEP = "not asked yet"


@dataclass(frozen=True)
class Step:
    """A step in time. `if_missed`: the code of the earlier step that must be missed for this one to be asked for."""

    code: str
    due_at: datetime
    if_missed: str = ""
    done_at: datetime | None = None
    is_skipped: bool = False

    def was_missed(self, now: datetime) -> bool:
        """Done after its time, or not done and past it."""
        return not self.is_skipped and (self.done_at or now) > self.due_at


def due_times(kind: CaseKind, came_at: datetime) -> dict[str, datetime]:
    """By step code: when it is due. One that waits for another to be missed is never due before that other."""
    found: dict[str, datetime] = {}
    for step in kind.steps:
        due = came_at + step.within
        found[step.code] = max(due, found[step.if_missed]) if step.if_missed else due
    return found


def standings(steps: Sequence[Step], now: datetime) -> dict[str, Standing]:
    """How each step stands, in the order of the steps."""
    known = {step.code: step for step in steps}
    found: dict[str, Standing] = {}
    for step in steps:
        earlier = known.get(step.if_missed)
        if step.done_at is not None:
            found[step.code] = Standing.DONE
        elif step.is_skipped:
            found[step.code] = Standing.SKIPPED
        elif earlier is None or _asks(earlier, found[earlier.code], now):
            found[step.code] = Standing.RUNNING
        else:
            open_yet = found[earlier.code] in (Standing.RUNNING, Standing.ASLEEP)
            found[step.code] = Standing.ASLEEP if open_yet else Standing.SKIPPED
    return found


def _asks(earlier: Step, standing: Standing, now: datetime) -> bool:
    """Whether that step was asked for and missed, so that the one which waits for it runs."""
    return standing in (Standing.RUNNING, Standing.DONE) and earlier.was_missed(now)


def to_do(steps: Sequence[Step], now: datetime) -> tuple[str, ...]:
    """The codes of the steps that can be done now, in order; the last one is what is asked for. Empty: none is left.

    One at a time, except that a missed step and the one that runs in its place can both be done.
    """
    stands = standings(steps, now)
    left = [step for step in steps if stands[step.code] in (Standing.RUNNING, Standing.ASLEEP)]
    chain: list[Step] = left[:1]
    for step in left[1:]:
        if step.if_missed != chain[-1].code or stands[step.code] != Standing.RUNNING:
            break
        chain.append(step)
    return tuple(step.code for step in chain)


@dataclass(frozen=True)
class Follows:
    """What doing a step brings about: the codes that are done with it, and those that are no longer asked for."""

    done: tuple[str, ...]
    skipped: tuple[str, ...]


def follows(steps: Sequence[Step], code: str, now: datetime) -> Follows:
    """What follows from doing `code` of `to_do` now: missed steps that it stands in for are done, late, with it."""
    chain = to_do(steps, now)
    done = chain[: chain.index(code) + 1]
    after = [replace(step, done_at=now) if step.code in done else step for step in steps]
    stands = standings(after, now)
    gone = [step.code for step in after if stands[step.code] == Standing.SKIPPED and not step.is_skipped]
    return Follows(done, tuple(gone))


@dataclass(frozen=True)
class Words:
    """A clock in words. `is_late` and `is_soon` mark it; at most one of them holds."""

    text: str
    is_late: bool = False
    is_soon: bool = False


def clock_words(step: Step, standing: Standing, now: datetime) -> Words:
    """ "2 h 10 min left", "3 h late", "done in time"; late from the first moment after the due time."""
    late = step.was_missed(now)
    over = (step.done_at or now) - step.due_at
    if standing == Standing.DONE:
        if late and over < MINUTE:
            return Words(_("done just after its time"), is_late=True)
        if late:
            return Words(_("done %(length)s late") % {"length": in_words(over)}, is_late=True)
        return Words(_("done in time"))
    if standing == Standing.SKIPPED:
        return Words(_("not needed"))
    if standing == Standing.ASLEEP:
        return Words(_("only if the one before is missed"))
    if late and over < MINUTE:
        return Words(_("just due"), is_late=True)
    if late:
        return Words(_("%(length)s late") % {"length": in_words(over)}, is_late=True)
    left = step.due_at - whole_minute(now)
    return Words(_("%(length)s left") % {"length": in_words(left)}, is_soon=left <= SOON)


@dataclass(frozen=True)
class Share:
    """Steps that were done in time, of those whose time was over or that were done before."""

    on_time: int = 0
    due: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.on_time + other.on_time, self.due + other.due)

    @property
    def percent(self) -> Decimal | None:
        """On time ÷ due in per cent, one decimal, a half rounds up; None when nothing was due."""
        return (Decimal(100 * self.on_time) / self.due).quantize(TENTH, ROUND_HALF_UP) if self.due else None

    @property
    def text(self) -> str:
        return "—" if self.percent is None else f"{self.percent} %"

    @property
    def fraction(self) -> str:
        """Numerator and denominator, which a share is never shown without."""
        return f"{self.on_time} ÷ {self.due}"


def share_of(steps: Iterable[Step], now: datetime) -> Share:
    """The share of steps on time. What is not asked for, or still has time, counts on neither side."""
    counted = [step for step in steps if not step.is_skipped and (step.done_at is not None or step.due_at < now)]
    return Share(sum(not step.was_missed(now) for step in counted), len(counted))
