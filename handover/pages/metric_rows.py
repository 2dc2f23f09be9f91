"""The very rows that a figure counts: lines of notebook and chat tool, and orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from handover.models import Attribution, Order, OrderFact, ServiceStatistic
from handover.pages.metrics import counted, lines_of, reported
from handover.tallies import PARTS, Basis, Metric, rounded
from office.money import yuan
from people.models import Department, Membership


@dataclass(frozen=True)
class Asked:
    """Which rows: of a metric, of the days from `first` to `last`, of a member, of nobody, or (both unset) of all."""

    department: Department
    metric: Metric
    first: date
    last: date
    member: Membership | None = None
    nobodys: bool = False


def has_lines(metric: Metric) -> bool:
    return metric.basis not in (Basis.ORDERS, Basis.NOTHING)


def has_orders(metric: Metric) -> bool:
    return metric.basis in (Basis.ORDERS, Basis.SALES)


def lines(asked: Asked) -> QuerySet:
    """The lines that count, each reporting what the metric needs."""
    if not has_lines(asked.metric) or asked.nobodys:
        return lines_of(asked.department, asked.first, asked.last).none()
    rows = lines_of(asked.department, asked.first, asked.last).filter(counted(asked.metric), reported(asked.metric))
    if asked.member:
        rows = rows.filter(membership=asked.member)
    return rows.select_related("membership__user", "recorded_by", "reading")


def orders(asked: Asked) -> QuerySet:
    """The paid orders that count, each with `parts` (of PARTS), `net` (parts of fen) and what last told of it."""
    rows = Order.objects.filter(
        department=asked.department, business_date__range=(asked.first, asked.last), paid_at__isnull=False
    )
    if asked.nobodys:
        rows = rows.filter(attribution=Attribution.NONE)
    if asked.member:
        rows = rows.filter(shares__membership=asked.member)
    parts = F("shares__parts") if asked.member else Value(PARTS)
    newest = OrderFact.objects.filter(order=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(
        parts=parts,
        net=(F("paid_fen") - F("refunded_fen")) * parts,
        recorded_at=Subquery(newest.values("recorded_at")[:1]),
        recorded_from=Subquery(newest.values("reading__name")[:1]),
    )
    return rows if has_orders(asked.metric) else rows.none()


def line_sums(metric: Metric, rows: QuerySet) -> tuple[int, str]:
    """How many lines there are, and what they come to: numerator, or numerator ÷ denominator."""
    if not has_lines(metric):
        return 0, ""
    sums = rows.order_by().aggregate(
        rows=Count("pk"), top=Sum(metric.top), **({"bottom": Sum(metric.bottom)} if metric.bottom else {})
    )
    top = int(sums["top"] or 0)
    says = yuan(top) if metric.parts == PARTS else f"{top:,}"
    return sums["rows"], f"{says} ÷ {int(sums['bottom'] or 0):,}" if metric.bottom else says


def order_sums(metric: Metric, rows: QuerySet) -> tuple[int, str]:
    """How many orders there are, and what they come to."""
    if not has_orders(metric):
        return 0, ""
    sums = rows.order_by().aggregate(
        rows=Count("pk"),
        sum=Sum("net"),
        refunded=Count("pk", filter=Q(refunded_fen__gt=0)),
        untagged=Count("pk", filter=~Q(attribution=Attribution.TAGGED)),
        buyers=Count(Concat(Cast("business_date", CharField()), Value(" "), "buyer"), distinct=True),
    )
    if metric.basis != Basis.SALES:
        return sums["rows"], f"{sums[metric.top]:,} ÷ {sums['rows']:,}"
    says = yuan(int(rounded(Fraction(int(sums["sum"] or 0), PARTS), 0)))
    return sums["rows"], f"{says} ÷ {sums['buyers']:,}" if metric.bottom else says


@dataclass(frozen=True)
class ShownLine:
    """A line with what of it counts, in words."""

    row: ServiceStatistic
    top_label: str
    top: str
    bottom_label: str
    bottom: str
    by: str


@dataclass(frozen=True)
class ShownOrder:
    """An order with the part of it that counts: in per cent, and in yuan."""

    row: Order
    part: str
    counts: str


def shown_lines(metric: Metric, rows: Iterable[ServiceStatistic]) -> list[ShownLine]:
    top_label = str(metric.numerator or metric.label)
    return [
        ShownLine(
            row=row,
            top_label=top_label,
            top=_said(row, metric.top),
            bottom_label=str(metric.denominator),
            bottom=_said(row, metric.bottom) if metric.bottom else "",
            by=recorded_by(row),
        )
        for row in rows
    ]


def _said(row: ServiceStatistic, name: str) -> str:
    value = getattr(row, name)
    return yuan(value) if name == "sales_fen" else f"{value:,}"


def shown_orders(rows: Iterable) -> list[ShownOrder]:
    return [ShownOrder(row, f"{percent_of(row):f}", yuan(counts_fen(row))) for row in rows]


def recorded_by(row: ServiceStatistic) -> str:
    """The file it came with, else the person; a program of the department has no name."""
    if row.reading:
        return row.reading.name
    return row.recorded_by.name if row.recorded_by else _("Program")


def counts_fen(row) -> int:
    """What of an order counts, in fen."""
    return int(rounded(Fraction(row.net, PARTS), 0))


def percent_of(row) -> Decimal:
    return (Decimal(row.parts) / (PARTS // 100)).normalize()
