"""Where the notebook says something else than the chat tool, or than the orders: day by day, and what it comes to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db.models import Count, F, Q, Sum
from django.utils.functional import Promise

from handover.metrics import REGISTRY
from handover.models import Order, ServiceStatistic, StatisticSource
from handover.tallies import PARTS, Group, rounded
from people.models import Department, Membership

SALES = "sales_fen"
# The counts that are held against each other beside the metrics of a group.
COMPARED = {Group.CUSTOMERS: ("served", "closed", "enquiries"), Group.SALES: (SALES,)}


def count_label(name: str) -> str | Promise:
    conversion = REGISTRY["self_counted_conversion"]
    labels = {"served": conversion.denominator, "closed": conversion.numerator}
    labels |= {"enquiries": REGISTRY["enquiries"].label, SALES: REGISTRY["sales"].label}
    return labels[name]


@dataclass(frozen=True)
class Off:
    """A count of somebody's day that differs: what the notebook says, and what the chat tool or the orders say."""

    member: int
    day: date
    count: str
    noted: int
    other: int

    @property
    def less(self) -> int:
        return self.noted - self.other


@dataclass
class Difference:
    """Of how many days both speak, on how many of them they differ, and by count what it comes to on the whole."""

    both: int = 0
    days: int = 0
    net: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Difference") -> "Difference":
        names = {**self.net, **other.net}
        net = {name: self.net.get(name, 0) + other.net.get(name, 0) for name in names}
        return Difference(self.both + other.both, self.days + other.days, net)


@dataclass(frozen=True)
class Differences:
    """`both`: by member, of how many days both speak; `offs`: every count of a day that differs, by day."""

    both: dict[int, int]
    offs: list[Off]

    def of_members(self) -> dict[int, Difference]:
        days: dict[int, set[date]] = defaultdict(set)
        net: dict[int, dict[str, int]] = defaultdict(dict)
        for off in self.offs:
            days[off.member].add(off.day)
            net[off.member][off.count] = net[off.member].get(off.count, 0) + off.less
        return {
            member: Difference(both, len(days.get(member, ())), net.get(member, {}))
            for member, both in self.both.items()
        }


def differences_of(
    department: Department, first: date, last: date, group: Group, member: Membership | None = None
) -> Differences:
    """The days that both have, of a member or of all; in one query, for sales in two."""
    lines = ServiceStatistic.objects.current().between(first, last).filter(membership__department=department)
    if member:
        lines = lines.filter(membership=member)
    if group == Group.CUSTOMERS:
        return _found(_notebook_and_chat_tool(lines), COMPARED[group])
    return _found(_notebook_and_orders(department, lines, first, last), COMPARED[Group.SALES])


Both = tuple[int, date, tuple[int, ...], tuple[int, ...]]


def _found(days: Iterable[Both], names: tuple[str, ...]) -> Differences:
    both: dict[int, int] = defaultdict(int)
    offs = []
    for member, day, noted, others in days:
        both[member] += 1
        offs += [
            Off(member, day, name, mine, other)
            for name, mine, other in zip(names, noted, others, strict=True)
            if mine != other
        ]
    return Differences(both, sorted(offs, key=lambda off: (off.day, off.member, names.index(off.count))))


def _notebook_and_chat_tool(lines) -> Iterable[Both]:
    """The chat tool's lines of one day, from however many sources, count together."""
    names = COMPARED[Group.CUSTOMERS]
    is_noted = Q(source=StatisticSource.MANUAL)
    sums: dict = {f"noted_{name}": Sum(name, filter=is_noted) for name in names}
    sums |= {f"chat_{name}": Sum(name, filter=~is_noted) for name in names}
    days = lines.order_by().values("membership", "business_date")
    days = days.annotate(sources=Count("source", distinct=True), **sums).filter(sources=len(StatisticSource))
    for member, day, *counts in days.values_list("membership", "business_date", *sums):
        yield member, day, tuple(counts[: len(names)]), tuple(counts[len(names) :])


def _notebook_and_orders(department: Department, lines, first: date, last: date) -> Iterable[Both]:
    """Of days for which orders were read in, also those on which somebody has none of them."""
    orders = Order.objects.filter(department=department, business_date__range=(first, last)).order_by()
    net = (F("paid_fen") - F("refunded_fen")) * F("shares__parts")
    sums = orders.values_list("shares__membership", "business_date").annotate(
        net=Sum(net, filter=Q(paid_at__isnull=False))
    )
    sold = {(member, day): int(parts or 0) for member, day, parts in sums}
    covered = {day for _member, day in sold}
    noted = lines.filter(source=StatisticSource.MANUAL).values_list("membership", "business_date", SALES)
    for member, day, fen in noted.order_by("business_date"):
        if day in covered:
            other = int(rounded(Fraction(sold.get((member, day), 0), PARTS), 0))
            yield member, day, (fen,), (other,)
