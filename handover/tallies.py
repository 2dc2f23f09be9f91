"""What a metric of the service statistics counts, and how its figure is said. Pure.

A metric is a sum, or a sum of numerators ÷ a sum of denominators: tallies of days and agents are added up, shares
never. What nobody reported is "—" with the reason; 0 is only what was counted and came to nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from operator import add
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from office.money import yuan

NONE = "—"
# An order belongs to people in parts of so many: sales are summed in parts of a fen and rounded once, at the end.
PARTS = 10_000
MINUTE = 60


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    YUAN = "yuan"
    RATIO = "ratio"
    SECONDS = "seconds"
    MINUTES = "minutes"


class Group(StrEnum):
    """What metrics stand beside each other."""

    CUSTOMERS = "customers"
    SALES = "sales"
    REPLIES = "replies"
    SHIFTS = "shifts"


class Basis(StrEnum):
    """Which facts a metric counts."""

    # Lines of the notebook; lines of the chat tool; of an agent's day the chat tool's, else the notebook's.
    NOTEBOOK = "notebook"
    CHAT = "chat"
    EITHER = "either"
    # Paid orders; orders on the days of which some were read in, else lines as EITHER.
    ORDERS = "orders"
    SALES = "sales"
    # Shifts that are over, with what was worked of them; what happened to items of the handover log.
    SHIFTS = "shifts"
    ITEMS = "items"


class Tally(NamedTuple):
    """What one metric counts for somebody over some days: numerator, denominator, and the rows they come from.

    `top` of money is in parts of a fen (PARTS). `facts`: shifts or events of items. `left_out`: rows that do not say
    it. `order_days`: days whose sales come from orders, with or without one of theirs. `unsettled`: lines whose
    enquiries may still be paid, or (`early`) of which some were paid after the line was read in; what all others come
    to is `settled_top` and `settled_bottom`.
    """

    top: int = 0
    bottom: int = 0
    notebook: int = 0
    chat: int = 0
    orders: int = 0
    facts: int = 0
    left_out: int = 0
    order_days: int = 0
    unsettled: int = 0
    early: int = 0
    settled_top: int = 0
    settled_bottom: int = 0

    def plus(self, other: "Tally") -> "Tally":
        return Tally(*map(add, self, other))

    @property
    def rows(self) -> int:
        return self.notebook + self.chat + self.orders + self.facts


Sums = Mapping[str, Tally]


def total(parts: Iterable[Sums]) -> dict[str, Tally]:
    """The tallies of several days or agents, metric by metric."""
    summed: dict[str, Tally] = {}
    for sums in parts:
        for name, tally in sums.items():
            summed[name] = summed[name].plus(tally) if name in summed else tally
    return summed


@dataclass(frozen=True)
class Metric:
    """One metric. `top`, `bottom`: the fields of a line that are summed; of orders, shifts and items what is counted.

    `left_out`: what does not count, in words. `remark`: what else one must know to read it. `matures`: its figures are
    settled only after the rulebook's days. `is_middle`: the middle of all values, which no sums give.
    """

    name: str
    group: Group
    unit: Unit
    basis: Basis
    label: str | Promise
    definition: str | Promise
    left_out: str | Promise
    numerator: str | Promise = ""
    denominator: str | Promise = ""
    top: str = ""
    bottom: str = ""
    remark: str | Promise = ""
    matures: bool = False
    is_middle: bool = False

    @property
    def charted(self) -> bool:
        """Whether a day alone has a figure that can stand beside the other days."""
        return not self.is_middle and self.unit != Unit.RATIO

    @property
    def parts(self) -> int:
        """Into how many parts the unit of the numerator is divided."""
        return PARTS if self.unit in (Unit.YUAN, Unit.RATIO) else 1


@dataclass(frozen=True)
class Figure:
    """A metric of somebody over some days.

    `whole`: the tally that it is measured against. `middle`: of a metric that is the middle of all values, in seconds.
    """

    metric: Metric
    tally: Tally
    whole: Tally | None = None
    middle: Fraction | None = None

    @property
    def is_known(self) -> bool:
        return self.tally.rows > 0 or (self.metric.basis == Basis.SALES and self.tally.order_days > 0)

    @cached_property
    def value(self) -> Fraction | None:
        """In the unit of the metric, exact; fen for money. None: nobody knows, or there is nothing to divide by."""
        metric, tally = self.metric, self.tally
        if not self.is_known:
            return None
        if metric.is_middle:
            return None if self.middle is None else self.middle / MINUTE
        top = Fraction(tally.top, metric.parts)
        if not metric.bottom:
            return top
        if tally.bottom == 0:
            return None
        each = top / tally.bottom
        if metric.unit == Unit.RATIO:
            if self.whole is None or not (self.whole.top and self.whole.bottom):
                return None
            return each / (Fraction(self.whole.top, metric.parts) / self.whole.bottom)
        if metric.unit == Unit.PERCENT:
            return 100 * each
        return each / MINUTE if metric.unit == Unit.MINUTES else each

    @property
    def number(self) -> Decimal | int | None:
        """As a file has it: whole fen or customers, else rounded as it is shown."""
        if self.value is None:
            return None
        places = PLACES[self.metric.unit]
        return rounded(self.value, places) if places else int(rounded(self.value, 0))

    @cached_property
    def text(self) -> str:
        number = self.number
        if number is None:
            return NONE
        unit = self.metric.unit
        if unit == Unit.YUAN:
            return yuan(int(number))
        if unit == Unit.PERCENT:
            return f"{number} %"
        if unit == Unit.SECONDS:
            return _("%(number)s s") % {"number": f"{number:,}"}
        if unit == Unit.MINUTES:
            return _("%(number)s min") % {"number": f"{number:,}"}
        return f"{number:,}"

    @property
    def is_unsettled(self) -> bool:
        return self.value is not None and self.tally.unsettled > 0

    @property
    def has_rows(self) -> bool:
        """Whether there is something to look at behind it."""
        return self.tally.rows > 0

    @cached_property
    def fraction(self) -> str:
        """Numerator ÷ denominator, without which no share is shown; empty for a sum and for what nobody knows."""
        if not self.is_known or not self.metric.bottom:
            return ""
        return f"{self._said(self.tally.top)} ÷ {self.tally.bottom:,}"

    @property
    def settled(self) -> str:
        """What those lines come to that will not change any more: numerator ÷ denominator, and the share."""
        tally = self.tally
        if not tally.settled_bottom:
            return ""
        share = Figure(self.metric, Tally(tally.settled_top, tally.settled_bottom, chat=1))
        return f"{share.text}, {share.fraction}"

    @property
    def top(self) -> int:
        """The numerator in whole customers, rounds, seconds or fen."""
        return int(rounded(Fraction(self.tally.top, self.metric.parts), 0))

    def _said(self, top: int) -> str:
        if self.metric.parts > 1:
            return yuan(int(rounded(Fraction(top, self.metric.parts), 0)))
        if self.metric.unit in (Unit.SECONDS, Unit.MINUTES):
            return _("%(number)s s") % {"number": f"{top:,}"}
        return f"{top:,}"

    @property
    def why(self) -> str:
        """Why there is no figure; empty when there is one."""
        if self.value is not None:
            return ""
        if not self.is_known:
            return str(UNKNOWN[self.metric.basis])
        if self.tally.bottom == 0:
            return _("There are 0 to divide by: %(what)s.") % {"what": self.metric.denominator}
        return _("There is no average order value of the agents to compare with.")

    @property
    def sources(self) -> list[str]:
        """Where the rows come from, in words."""
        tally = self.tally
        counts = (
            (tally.orders or tally.order_days, ORDERS),
            (tally.chat, CHAT_TOOL),
            (tally.notebook, NOTEBOOK),
            (tally.facts, HANDOVERS if self.metric.basis == Basis.ITEMS else ATTENDANCE),
        )
        return [str(name) for count, name in counts if count]

    @cached_property
    def note(self) -> str:
        """All that is to be known about the figure, in one line."""
        parts = [self.why] if self.why else []
        if self.fraction:
            parts.append(f"{self.metric.numerator} ÷ {self.metric.denominator}: {self.fraction}")
        parts += self.sources
        left_out, early = self.tally.left_out, self.tally.early
        if self.is_known and left_out:
            says_left_out = ngettext(
                "%(count)s line left out: not reported", "%(count)s lines left out: not reported", left_out
            )
            parts.append(says_left_out % {"count": left_out})
        if self.is_unsettled and self.tally.unsettled > early:
            parts.append(_("not settled: enquiries of the last days may still be paid"))
        if self.is_unsettled and early:
            says_early = ngettext(
                "%(count)s line read in too early: read the file in again",
                "%(count)s lines read in too early: read the files in again",
                early,
            )
            parts.append(says_early % {"count": early})
        if self.is_unsettled and self.settled:
            parts.append(_("settled: %(figure)s") % {"figure": self.settled})
        return " · ".join(parts)


PLACES = {Unit.COUNT: 0, Unit.YUAN: 0, Unit.PERCENT: 1, Unit.RATIO: 2, Unit.SECONDS: 1, Unit.MINUTES: 1}


def rounded(value: Fraction, places: int) -> Decimal:
    """To so many decimals; a half goes away from zero."""
    size = abs(value) * 10**places + Fraction(1, 2)
    whole = size.numerator // size.denominator
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


NOTEBOOK = pgettext_lazy("source of figures", "Notebook")
CHAT_TOOL = pgettext_lazy("source of figures", "Chat tool")
ORDERS = pgettext_lazy("source of figures", "Orders")
ATTENDANCE = pgettext_lazy("source of figures", "Attendance")
HANDOVERS = pgettext_lazy("source of figures", "Handover log")
UNKNOWN: dict[Basis, str | Promise] = {
    Basis.NOTEBOOK: gettext_lazy("Nothing recorded in the notebook."),
    Basis.CHAT: gettext_lazy("The chat tool reports nothing of it."),
    Basis.EITHER: gettext_lazy("Nothing recorded."),
    Basis.ORDERS: gettext_lazy("No paid orders read in."),
    Basis.SALES: gettext_lazy("Neither orders nor sales are recorded."),
    Basis.SHIFTS: gettext_lazy("No shift that is over and says so."),
    Basis.ITEMS: gettext_lazy("Nothing was handed over or accepted."),
}
