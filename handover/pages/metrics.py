"""The figures of a day, week or month, for each agent and the department, in a fixed number of queries.

`figures_of` takes five: the members, the rulebooks, the lines, the days on which notebook and chat tool differ, and the
orders. Sums are the database's; what is added up here are sums of agents and of days.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from handover.metrics import REGISTRY
from handover.models import Attribution, Order, OrderShare, ServiceStatistic, StatisticSource
from handover.periods import Period, unsettled
from handover.tallies import PARTS, Basis, Figure, Metric, Sums, Tally, total
from people.models import Department, Membership
from rulebooks.services import in_force_by_day

OF_LINES = tuple(
    metric for metric in REGISTRY.values() if metric.basis in (Basis.NOTEBOOK, Basis.CHAT, Basis.EITHER, Basis.SALES)
)
OF_ORDERS = {metric.name: metric for metric in REGISTRY.values() if metric.basis in (Basis.SALES, Basis.ORDERS)}
COMPARED = ("served", "closed", "enquiries")
MAY_BE_MISSING = frozenset(
    one.name for one in ServiceStatistic._meta.concrete_fields if one.null and one.name != "supersedes"
)
# In the parts of one query that know only the other of the two. PostgreSQL must be told their types.
NO_MEMBER, NO_DAY = Cast(Value(None), BigIntegerField()), Cast(Value(None), DateField())
# Whose orders a sum is of.
WHOLE, NOBODYS, MEMBERS, SUBJECTS = range(4)


@dataclass
class Difference:
    """Where the notebook and the chat tool have other counts for the same days: how many days both have, how many of
    them differ, and by count the differences of each day (notebook less chat tool).
    """

    both: int = 0
    days: int = 0
    by: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in COMPARED})

    def add(self, counts: Iterable[int]) -> None:
        self.days += 1
        for name, count in zip(COMPARED, counts, strict=True):
            if count:
                self.by[name].append(count)

    def sizes(self) -> list[tuple[str, int, str]]:
        """Of each count that differs its name, the sum of the differences' sizes, and their sign: +, − or ±."""
        return [(name, sum(map(abs, found)), _sign(found)) for name, found in self.by.items() if found]

    def __add__(self, other: "Difference") -> "Difference":
        by = {name: self.by[name] + other.by[name] for name in COMPARED}
        return Difference(self.both + other.both, self.days + other.days, by)


def _sign(differences: list[int]) -> str:
    if all(one > 0 for one in differences):
        return "+"
    return "−" if all(one < 0 for one in differences) else "±"


@dataclass(frozen=True)
class Line:
    """What somebody's figures are worked out from. `membership`: None for the department and for what is nobody's."""

    membership: Membership | None
    sums: Sums
    whole: Sums
    difference: Difference

    def figure(self, name: str) -> Figure:
        return Figure(REGISTRY[name], self.sums.get(name, Tally()), self.whole.get(name, Tally()))


@dataclass(frozen=True)
class Figures:
    """All that the page shows. `days`: the sums of each day, of the subject or else of the department.

    `nobodys`: orders that belong to nobody; None without any. `unsettled`: days whose enquiries may still be paid.
    """

    period: Period
    department: Line
    nobodys: Line | None
    lines: list[Line]
    days: dict[date, Sums]
    unsettled: frozenset[date]


def figures_of(department: Department, period: Period, subject: Q | None = None) -> Figures:
    """Everybody who was on the roster in the period or of whom there are figures, by work number.

    `subject`: a condition on memberships; the days are then summed for those alone.
    """
    open_days = _unsettled(department, period)
    lines = _line_sums(department, period, subject, open_days)
    orders = _order_sums(department, period, subject)
    differences = _differences(department, period, lines.both)
    whole = total([*lines.members.values(), orders.whole])
    covered = _covered(len(orders.days))
    people = department.memberships.touching(period.first, period.last).select_related("user")
    return Figures(
        period=period,
        department=Line(None, whole, whole, sum(differences.values(), Difference())),
        nobodys=Line(None, orders.nobodys, whole, Difference()) if orders.nobodys else None,
        lines=[
            Line(
                person,
                total([lines.members.get(person.pk, {}), orders.members.get(person.pk, {}), covered]),
                whole,
                differences.get(person.pk, Difference()),
            )
            for person in people.order_by("work_number", "pk")
            if person.rostered or person.pk in lines.members or person.pk in orders.members
        ],
        days={day: total([lines.days.get(day, {}), orders.of(day, subject)]) for day in period.days},
        unsettled=open_days,
    )


def _unsettled(department: Department, period: Period) -> frozenset[date]:
    today = department.today()
    begun = [day for day in period.days if day <= today]
    books = in_force_by_day(department, begun)
    after = {day: book.orders.mature_after_days for day, book in books.items() if book.orders}
    return unsettled(begun, today, after)


# -- Lines ------------------------------------------------------------------------------------------------------------
def lines_of(department: Department, first: date, last: date) -> QuerySet:
    """The lines that hold, each with `stands` (of its agent's day it is the one to go by) and `covered` (orders of its
    day were read in, so that its sales do not count).
    """
    rows = ServiceStatistic.objects.current().between(first, last).filter(membership__department=department)
    imported = ServiceStatistic.objects.filter(
        membership=OuterRef("membership"),
        business_date=OuterRef("business_date"),
        source=StatisticSource.IMPORTED,
        # The first line of the day, which is there as long as a later one is: it has an index.
        supersedes=None,
    )
    orders = Order.objects.filter(department=department, business_date=OuterRef("business_date"))
    return rows.annotate(
        stands=ExpressionWrapper(Q(source=StatisticSource.IMPORTED) | ~Exists(imported), BooleanField()),
        covered=Exists(orders),
    )


def counted(metric: Metric) -> Q:
    """Which of `lines_of` a metric counts, before it is asked whether they report it."""
    if metric.basis == Basis.NOTEBOOK:
        return Q(source=StatisticSource.MANUAL)
    if metric.basis == Basis.CHAT:
        return Q(source=StatisticSource.IMPORTED)
    return Q(stands=True, covered=False) if metric.basis == Basis.SALES else Q(stands=True)


def reported(metric: Metric) -> Q:
    """Which lines say all that a metric needs."""
    missing = [name for name in (metric.top, metric.bottom) if name in MAY_BE_MISSING]
    return Q(**{f"{name}__isnull": False for name in missing})


@dataclass(frozen=True)
class LineSums:
    """Sums of the lines by member and by day (of the subject, else of the department); `both`: by member, the days that
    notebook and chat tool both have.
    """

    members: dict[int, dict[str, Tally]]
    days: dict[date, dict[str, Tally]]
    both: dict[int, int]


def _line_sums(department: Department, period: Period, subject: Q | None, open_days: frozenset[date]) -> LineSums:
    """In one query: a row for each member and kind of line, and one for each day and kind of line."""
    lines = lines_of(department, period.first, period.last)
    sums = _aggregates(open_days)
    none, no_day = NO_MEMBER, NO_DAY
    kind = ("source", "stands", "covered")
    by_member = lines.order_by().values(*kind, member=F("membership"), day=no_day).annotate(**sums)
    of_subject = lines.filter(subject) if subject else lines
    by_day = of_subject.order_by().values(*kind, member=none, day=F("business_date")).annotate(**sums)
    names = ("member", "day", *kind, *sums)
    rows = by_member.values_list(*names).union(by_day.values_list(*names), all=True)
    found = LineSums(defaultdict(dict), defaultdict(dict), defaultdict(int))
    for row in rows:
        group = dict(zip(names, row, strict=True))
        into = found.days[group["day"]] if group["member"] is None else found.members[group["member"]]
        for metric in OF_LINES:
            if _counts(metric, group):
                tally = _tally(metric, group)
                into[metric.name] = into[metric.name].plus(tally) if metric.name in into else tally
        if group["member"] is not None and not group["stands"]:
            found.both[group["member"]] += group["lines"]
    return found


def _aggregates(open_days: frozenset[date]) -> dict:
    sums: dict = {"lines": Count("pk")}
    for metric in OF_LINES:
        says = reported(metric)
        sums[f"{metric.name}_top"] = Sum(metric.top, filter=says or None)
        if metric.bottom:
            sums[f"{metric.name}_bottom"] = Sum(metric.bottom, filter=says or None)
        if says:
            sums[f"{metric.name}_rows"] = Count("pk", filter=says)
        if metric.matures and open_days:
            sums[f"{metric.name}_open"] = Count("pk", filter=says & Q(business_date__in=sorted(open_days)))
    return sums


def _counts(metric: Metric, group: dict) -> bool:
    """`counted`, of a kind of line."""
    if metric.basis == Basis.NOTEBOOK:
        return group["source"] == StatisticSource.MANUAL
    if metric.basis == Basis.CHAT:
        return group["source"] == StatisticSource.IMPORTED
    return bool(group["stands"]) and not (metric.basis == Basis.SALES and group["covered"])


def _tally(metric: Metric, group: dict) -> Tally:
    name = metric.name
    rows = group.get(f"{name}_rows", group["lines"])
    manual = group["source"] == StatisticSource.MANUAL
    return Tally(
        top=int(group[f"{name}_top"] or 0) * metric.parts,
        bottom=int(group.get(f"{name}_bottom") or 0),
        notebook=rows if manual else 0,
        chat=0 if manual else rows,
        left_out=group["lines"] - rows,
        unsettled=group.get(f"{name}_open") or 0,
    )


def _differences(department: Department, period: Period, both: dict[int, int]) -> dict[int, Difference]:
    """By member, in one query that answers only with the days that differ."""
    lines = ServiceStatistic.objects.current().between(period.first, period.last)
    less = {
        f"{name}_off": Sum(Case(When(source=StatisticSource.MANUAL, then=F(name)), default=-F(name)))
        for name in COMPARED
    }
    differs = Q(*((f"{name}__gt", 0) for name in less), *((f"{name}__lt", 0) for name in less), _connector=Q.OR)
    days = lines.filter(membership__department=department).order_by().values("membership", "business_date")
    rows = days.annotate(sources=Count("pk"), **less).filter(differs, sources=len(StatisticSource))
    found = {member: Difference(both=days) for member, days in both.items()}
    for member, *counts in rows.values_list("membership", *less):
        found.setdefault(member, Difference()).add(counts)
    return found


# -- Orders -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OrderSums:
    """Sums of the orders: of all, of those that are nobody's, by member, and by day of all and of the subject."""

    whole: Sums
    nobodys: Sums
    members: dict[int, Sums]
    days: dict[date, Sums]
    subjects: dict[date, Sums]

    def of(self, day: date, subject: Q | None) -> Sums:
        """The day's, of the subject or else of all; nothing on a day for which no orders were read in."""
        if subject is None:
            return self.days.get(day, {})
        return total([self.subjects.get(day, {}), _covered(1)]) if day in self.days else {}


def _covered(days: int) -> Sums:
    """What days with orders say of those who have none of them."""
    return {name: Tally(order_days=days) for name, metric in OF_ORDERS.items() if days and metric.basis == Basis.SALES}


def _order_sums(department: Department, period: Period, subject: Q | None) -> OrderSums:
    """In one query: the orders by day, those of nobody by day, the shares by member, the subject's by day."""
    orders = Order.objects.filter(department=department, business_date__range=(period.first, period.last))
    shares = OrderShare.objects.filter(
        order__department=department, order__business_date__range=(period.first, period.last)
    )
    none, no_day = NO_MEMBER, NO_DAY
    by_day = {"member": none, "day": F("business_date")}
    day_and_buyer = Concat(Cast("order__business_date", CharField()), Value(" "), "order__buyer")
    parts = [
        _summed(orders, WHOLE, by_day, "", F("buyer"), Value(PARTS)),
        _summed(orders.filter(attribution=Attribution.NONE), NOBODYS, by_day, "", F("buyer"), Value(PARTS)),
        _summed(shares, MEMBERS, {"member": F("membership"), "day": no_day}, "order__", day_and_buyer, F("parts")),
    ]
    if subject:
        of_days = {"member": none, "day": F("order__business_date")}
        own = shares.filter(subject)
        parts.append(_summed(own, SUBJECTS, of_days, "order__", F("order__buyer"), F("parts")))
    first, *more = parts
    days: dict[date, Sums] = {}
    nobodys: list[Sums] = []
    members: dict[int, Sums] = {}
    subjects: dict[date, Sums] = {}
    for whose, member, day, paid, net, refunds, without, buyers in first.union(*more, all=True):
        found = _order_tallies(paid, int(net or 0), refunds, without, buyers, is_a_day=whose == WHOLE)
        if whose == WHOLE:
            days[day] = found
        elif whose == NOBODYS:
            nobodys.append(found)
        elif whose == MEMBERS:
            members[member] = found
        else:
            subjects[day] = found
    left = total(nobodys)
    return OrderSums(
        total(days.values()), left if any(one.rows for one in left.values()) else {}, members, days, subjects
    )


def _summed(rows: QuerySet, whose: int, keys: dict, way: str, buyer, parts) -> QuerySet:
    """Paid orders, parts of fen, refunded and untagged orders and buyers, by `keys`. `way`: from a row to its order."""
    paid = Q((f"{way}paid_at__isnull", False))
    refunded = paid & Q((f"{way}refunded_fen__gt", 0))
    untagged = paid & ~Q((f"{way}attribution", Attribution.TAGGED))
    net = (F(f"{way}paid_fen") - F(f"{way}refunded_fen")) * parts
    groups = rows.order_by().values(**keys, whose=Value(whose))
    sums = {
        "paid": Count("pk", filter=paid),
        "net": Sum(net, filter=paid, output_field=BigIntegerField()),
        "refunds": Count("pk", filter=refunded),
        "without": Count("pk", filter=untagged),
        "buyers": Count(buyer, filter=paid, distinct=True),
    }
    return groups.annotate(**sums).values_list("whose", "member", "day", *sums)


def _order_tallies(paid: int, net: int, refunds: int, without: int, buyers: int, *, is_a_day: bool) -> Sums:
    counts = {"refunded": refunds, "untagged": without}
    found = {}
    for name, metric in OF_ORDERS.items():
        if metric.basis == Basis.SALES:
            bottom = buyers if metric.bottom else 0
            found[name] = Tally(net, bottom, orders=paid, order_days=int(is_a_day))
        else:
            found[name] = Tally(counts[metric.top], paid, orders=paid)
    return found
