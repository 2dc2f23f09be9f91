"""The figures of a day, week or month, for each agent and the department, in a fixed number of queries.

`figures_of` asks for the members and the rulebooks, and of the groups of metrics wanted for what they count: the lines,
the orders, the days on which notebook and chat tool (or orders) differ, and the shifts and items. Sums of lines and
orders are the database's; what is added up here are sums of agents and of days.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction

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
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from handover.maturity import maturity_of
from handover.metrics import REGISTRY
from handover.models import Attribution, Order, OrderShare, ServiceStatistic, StatisticSource
from handover.pages.metric_differences import Difference, Differences, differences_of
from handover.pages.metric_shifts import ShiftSums, shift_sums
from handover.periods import Maturity, Period, Ripeness
from handover.tallies import PARTS, Basis, Figure, Group, Metric, Sums, Tally, Unit, total
from people.models import Department, Membership

OF_LINES = tuple(
    metric for metric in REGISTRY.values() if metric.basis in (Basis.NOTEBOOK, Basis.CHAT, Basis.EITHER, Basis.SALES)
)
OF_ORDERS = {metric.name: metric for metric in REGISTRY.values() if metric.basis in (Basis.SALES, Basis.ORDERS)}
MAY_BE_MISSING = frozenset(
    one.name for one in ServiceStatistic._meta.concrete_fields if one.null and one.name != "supersedes"
)
# Metrics that are measured against all agents.
RELATIVE = tuple(metric.name for metric in REGISTRY.values() if metric.unit == Unit.RATIO)
# In the parts of one query that know only the other of the two. PostgreSQL must be told their types.
NO_MEMBER, NO_DAY = Cast(Value(None), BigIntegerField()), Cast(Value(None), DateField())
# Whose orders a sum is of.
WHOLE, NOBODYS, MEMBERS, SUBJECTS = range(4)


@dataclass(frozen=True)
class Line:
    """What somebody's figures are worked out from. `membership`: None for the department and for what is nobody's.

    `agents`: the sums of all agents, which one's order value is measured against.
    """

    membership: Membership | None
    sums: Sums
    agents: Sums
    difference: Difference = field(default_factory=Difference)
    middles: dict[str, Fraction] = field(default_factory=dict)

    def figure(self, name: str) -> Figure:
        return Figure(REGISTRY[name], self.sums.get(name, Tally()), self.agents.get(name), self.middles.get(name))


@dataclass(frozen=True)
class Figures:
    """All that the page shows. `days`: the sums of each day, of the subject or else of the department.

    `nobodys`: orders that belong to nobody; None without any.
    """

    period: Period
    department: Line
    nobodys: Line | None
    lines: list[Line]
    days: dict[date, Sums]
    maturity: Maturity


ALL_GROUPS = tuple(Group)
# The differences are shown beside one group; for a file with all of them, those to the chat tool.
COMPARED_FIRST = (Group.CUSTOMERS, Group.SALES)


def figures_of(
    department: Department, period: Period, subject: int | None = None, groups: Collection[Group] = ALL_GROUPS
) -> Figures:
    """Everybody who was on the roster in the period or of whom there are figures, by work number.

    `subject`: the member (a key) whose days are summed, instead of the department's. `groups`: of which metrics.
    """
    maturity = maturity_of(department, period.days)
    with_lines = any(group != Group.SHIFTS for group in groups)
    lines = _line_sums(department, period, subject, maturity) if with_lines else LineSums()
    orders = _order_sums(department, period, subject) if Group.SALES in groups else OrderSums()
    shifts = _shift_sums(department, period, subject) if Group.SHIFTS in groups else ShiftSums()
    compared = next((group for group in COMPARED_FIRST if group in groups), None)
    days = period.first, period.last
    found = differences_of(department, *days, compared) if compared else Differences({}, [])
    differences = found.of_members()
    agents = _agents(lines, orders)
    covered = _covered(len(orders.days))
    people = department.memberships.touching(*days).select_related("user")
    members = (lines.members, orders.members, shifts.members)
    return Figures(
        period=period,
        department=Line(
            None,
            total([*lines.members.values(), orders.whole, shifts.whole]) | agents,
            agents,
            sum(differences.values(), Difference()),
            shifts.middle,
        ),
        nobodys=Line(None, orders.nobodys, {}) if orders.nobodys else None,
        lines=[
            Line(
                person,
                total([*(sums.get(person.pk, {}) for sums in members), covered]),
                agents,
                differences.get(person.pk, Difference()),
                shifts.middles.get(person.pk, {}),
            )
            for person in people.order_by("work_number", "pk")
            if person.rostered or any(person.pk in sums for sums in members)
        ],
        days={
            day: total([lines.days.get(day, {}), orders.of(day, subject), shifts.days.get(day, {})])
            for day in period.days
        },
        maturity=maturity,
    )


def _agents(lines: "LineSums", orders: "OrderSums") -> dict[str, Tally]:
    """What all agents' order values come to together, a buyer counted for each agent: their mean is 1."""
    everybodys = total([*lines.members.values(), *orders.members.values()])
    return {name: everybodys[name] for name in RELATIVE if name in everybodys}


def _shift_sums(department: Department, period: Period, subject: int | None) -> ShiftSums:
    def is_subject(member: int) -> bool:
        return subject in (None, member)

    return shift_sums(department, period.first, period.last, is_subject)


# -- Lines ------------------------------------------------------------------------------------------------------------
def lines_of(department: Department, first: date, last: date) -> QuerySet:
    """The lines that hold, each with `stands` (of its agent's day it is the one to go by) and `covered` (orders of its
    day were read in, so that its sales do not count).
    """
    every = ServiceStatistic.objects.between(first, last).filter(membership__department=department)
    # Asked once for all days: asked line by line, SQLite goes through all first lines for each.
    agents_day = Concat(Cast("membership", CharField()), Value(" "), Cast("business_date", CharField()))
    imported = every.filter(source=StatisticSource.IMPORTED).order_by().annotate(agents_day=agents_day)
    orders = Order.objects.filter(department=department, business_date=OuterRef("business_date"))
    stands = Q(source=StatisticSource.IMPORTED) | ~Q(agents_day__in=imported.values("agents_day"))
    return every.current().annotate(
        agents_day=agents_day,
        stands=ExpressionWrapper(stands, BooleanField()),
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
    """Sums of the lines by member, and by day (of the subject, else of the department)."""

    members: dict[int, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))
    days: dict[date, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))


def _line_sums(department: Department, period: Period, subject: int | None, maturity: Maturity) -> LineSums:
    """In one query: a row for each member and kind of line, and one for each day and kind of line."""
    lines = lines_of(department, period.first, period.last)
    lines = lines.annotate(ripeness=_ripeness(period.days, maturity, department))
    sums = _aggregates()
    kind = ("source", "stands", "covered", "ripeness")
    by_member = lines.order_by().values(*kind, member=F("membership"), day=NO_DAY).annotate(**sums)
    of_subject = lines.filter(membership=subject) if subject else lines
    by_day = of_subject.order_by().values(*kind, member=NO_MEMBER, day=F("business_date")).annotate(**sums)
    names = ("member", "day", *kind, *sums)
    rows = by_member.values_list(*names).union(by_day.values_list(*names), all=True)
    found = LineSums()
    for row in rows:
        group = dict(zip(names, row, strict=True))
        into = found.days[group["day"]] if group["member"] is None else found.members[group["member"]]
        for metric in OF_LINES:
            if _counts(metric, group):
                tally = _tally(metric, group)
                into[metric.name] = into[metric.name].plus(tally) if metric.name in into else tally
    return found


def _ripeness(days: Collection[date], maturity: Maturity, department: Department) -> Case:
    """The same as `Maturity.ripeness`, by the database."""
    open_days = [day for day in days if maturity.is_open(day)]
    early = [
        When(
            business_date=day, recorded_at__lt=_midnight_after(maturity.last_open(day), department), then=Ripeness.EARLY
        )
        for day in days
        if not maturity.is_open(day)
    ]
    return Case(
        When(business_date__in=open_days, then=Ripeness.OPEN),
        *early,
        default=Ripeness.SETTLED,
        output_field=IntegerField(),
    )


def _midnight_after(day: date, department: Department) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=department.zone)


def _aggregates() -> dict:
    sums: dict = {"lines": Count("pk")}
    for metric in OF_LINES:
        says = reported(metric)
        sums[f"{metric.name}_top"] = Sum(metric.top, filter=says or None)
        if metric.bottom:
            sums[f"{metric.name}_bottom"] = Sum(metric.bottom, filter=says or None)
        if says:
            sums[f"{metric.name}_rows"] = Count("pk", filter=says)
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
    top, bottom = int(group[f"{name}_top"] or 0), int(group.get(f"{name}_bottom") or 0)
    tally = Tally(
        top=top * metric.parts,
        bottom=bottom,
        notebook=rows if manual else 0,
        chat=0 if manual else rows,
        left_out=group["lines"] - rows,
    )
    if not metric.matures:
        return tally
    if group["ripeness"] == Ripeness.SETTLED:
        return tally._replace(settled_top=tally.top, settled_bottom=bottom)
    return tally._replace(unsettled=rows, early=rows if group["ripeness"] == Ripeness.EARLY else 0)


# -- Orders -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OrderSums:
    """Sums of the orders: of all, of those that are nobody's, by member, and by day of all and of the subject."""

    whole: Sums = field(default_factory=dict)
    nobodys: Sums = field(default_factory=dict)
    members: dict[int, Sums] = field(default_factory=dict)
    days: dict[date, Sums] = field(default_factory=dict)
    subjects: dict[date, Sums] = field(default_factory=dict)

    def of(self, day: date, subject: int | None) -> Sums:
        """The day's, of the subject or else of all; nothing on a day for which no orders were read in."""
        if subject is None:
            return self.days.get(day, {})
        return total([self.subjects.get(day, {}), _covered(1)]) if day in self.days else {}


def _covered(days: int) -> Sums:
    """What days with orders say of those who have none of them."""
    return {name: Tally(order_days=days) for name, metric in OF_ORDERS.items() if days and metric.basis == Basis.SALES}


def _order_sums(department: Department, period: Period, subject: int | None) -> OrderSums:
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
        own = shares.filter(membership=subject)
        parts.append(_summed(own, SUBJECTS, of_days, "order__", F("order__buyer"), F("parts")))
    first, *more = parts
    days: dict[date, Sums] = {}
    nobodys: list[Sums] = []
    members: dict[int, Sums] = {}
    subjects: dict[date, Sums] = {}
    for whose, member, day, *counts in first.union(*more, all=True):
        found = _order_tallies(dict(zip(ORDER_SUMS, counts, strict=True)), is_a_day=whose == WHOLE)
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
    """ORDER_SUMS of the orders, by `keys`. `way`: from a row to its order."""
    paid = Q((f"{way}paid_at__isnull", False))
    net = (F(f"{way}paid_fen") - F(f"{way}refunded_fen")) * parts
    groups = rows.order_by().values(**keys, whose=Value(whose))
    sums = {
        "paid": Count("pk", filter=paid),
        "net": Sum(net, filter=paid, output_field=BigIntegerField()),
        "buyers": Count(buyer, filter=paid, distinct=True),
        **{name: Count("pk", filter=paid & counted_order(name, way)) for name in COUNTED_ORDERS},
    }
    return groups.annotate(**sums).values_list("whose", "member", "day", *ORDER_SUMS)


# What of the paid orders a metric counts.
COUNTED_ORDERS = ("refunded", "untagged", "auto")
ORDER_SUMS = ("paid", "net", "buyers", *COUNTED_ORDERS)


def counted_order(name: str, way: str = "") -> Q:
    """Which paid orders the numerator `name` counts. Nobody could have tagged what was placed without asking."""
    if name == "refunded":
        return Q((f"{way}refunded_fen__gt", 0))
    if name == "untagged":
        return ~Q((f"{way}attribution__in", (Attribution.TAGGED, Attribution.AUTO)))
    return Q((f"{way}attribution", Attribution.AUTO))


def _order_tallies(counts: dict[str, int | None], *, is_a_day: bool) -> Sums:
    paid, net = int(counts["paid"] or 0), int(counts["net"] or 0)
    found = {}
    for name, metric in OF_ORDERS.items():
        if metric.basis == Basis.SALES:
            bottom = int(counts["buyers"] or 0) if metric.bottom else 0
            found[name] = Tally(net, bottom, orders=paid, order_days=int(is_a_day))
        else:
            found[name] = Tally(int(counts[metric.top] or 0), paid if metric.bottom else 0, orders=paid)
    return found
