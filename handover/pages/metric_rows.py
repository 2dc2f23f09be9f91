"""The very rows that a figure counts: lines of notebook and chat tool, orders, shifts, and items handed over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from handover.models import Attribution, Order, OrderFact, ServiceStatistic
from handover.pages.metrics import COUNTED_ORDERS, counted, counted_order, lines_of, reported
from handover.periods import Maturity, Ripeness
from handover.tallies import NONE, PARTS, Basis, Metric, rounded
from office.money import yuan
from office.tables import Kind, Table
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
    return metric.basis in (Basis.NOTEBOOK, Basis.CHAT, Basis.EITHER, Basis.SALES)


def has_orders(metric: Metric) -> bool:
    return metric.basis in (Basis.ORDERS, Basis.SALES)


def lines(asked: Asked) -> QuerySet:
    """The lines that count, each reporting what the metric needs."""
    if not has_lines(asked.metric) or asked.nobodys:
        return lines_of(asked.department, asked.first, asked.last).none()
    rows = lines_of(asked.department, asked.first, asked.last).filter(counted(asked.metric), reported(asked.metric))
    if asked.member:
        rows = rows.filter(membership=asked.member)
    return rows.select_related("membership__user", "recorded_by", "reading", "origin")


def days_of(asked: Asked) -> list[date]:
    return [asked.first + timedelta(days=number) for number in range((asked.last - asked.first).days + 1)]


def orders(asked: Asked, *, counted_only: bool = False) -> QuerySet:
    """The paid orders that count, each with `parts` (of PARTS), `net` (parts of fen) and what last told of it.

    `counted_only`: of a share of the orders those that its numerator counts.
    """
    rows = Order.objects.filter(
        department=asked.department, business_date__range=(asked.first, asked.last), paid_at__isnull=False
    )
    if asked.nobodys:
        rows = rows.filter(attribution=Attribution.NONE)
    if asked.member:
        rows = rows.filter(shares__membership=asked.member)
    if counted_only and asked.metric.basis == Basis.ORDERS:
        rows = rows.filter(counted_order(asked.metric.top))
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


@dataclass(frozen=True)
class OrdersFound:
    """How many paid orders there are, how many of them the numerator counts, and what they come to."""

    rows: int = 0
    counted: int = 0
    says: str = ""


def order_sums(metric: Metric, rows: QuerySet) -> OrdersFound:
    """`rows`: all paid orders, whether counted or not."""
    if not has_orders(metric):
        return OrdersFound()
    sums = rows.order_by().aggregate(
        rows=Count("pk"),
        sum=Sum("net"),
        buyers=Count(Concat(Cast("business_date", CharField()), Value(" "), "buyer"), distinct=True),
        **{name: Count("pk", filter=counted_order(name)) for name in COUNTED_ORDERS},
    )
    if metric.basis != Basis.SALES:
        found = sums[metric.top]
        return OrdersFound(sums["rows"], found, f"{found:,} ÷ {sums['rows']:,}" if metric.bottom else f"{found:,}")
    says = yuan(int(rounded(Fraction(int(sums["sum"] or 0), PARTS), 0)))
    return OrdersFound(sums["rows"], sums["rows"], f"{says} ÷ {sums['buyers']:,}" if metric.bottom else says)


@dataclass(frozen=True)
class ShownLine:
    """A line with what of it counts, in words."""

    row: ServiceStatistic
    top_label: str
    top: str
    bottom_label: str
    bottom: str
    source: str
    by: str
    # What of a conversion is not settled; empty of others.
    mark: str = ""


@dataclass(frozen=True)
class ShownOrder:
    """An order with the part of it that counts: in per cent, and in yuan."""

    row: Order
    part: str
    counts: str


def ripeness(metric: Metric, row: ServiceStatistic, maturity: Maturity, department: Department) -> str:
    """Why the line is not settled, in words; empty when it is, and for metrics that need not settle."""
    if not metric.matures:
        return ""
    found = maturity.ripeness(row.business_date, row.recorded_at.astimezone(department.zone).date())
    marks = {Ripeness.OPEN: _("not settled"), Ripeness.EARLY: _("read in too early: read the file in again")}
    return marks.get(found, "")


def shown_lines(asked: Asked, rows: Iterable[ServiceStatistic], maturity: Maturity) -> list[ShownLine]:
    metric = asked.metric
    top_label = str(metric.numerator or metric.label)
    return [
        ShownLine(
            row=row,
            top_label=top_label,
            top=_said(row, metric.top),
            bottom_label=str(metric.denominator),
            bottom=_said(row, metric.bottom) if metric.bottom else "",
            source=source_of(row),
            by=recorded_by(row),
            mark=ripeness(metric, row, maturity, asked.department),
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


def source_of(row: ServiceStatistic) -> str:
    """The notebook, or the tool or shop that it was read in from."""
    return row.origin.name if row.origin else row.get_source_display()


def counts_fen(row) -> int:
    """What of an order counts, in fen."""
    return int(rounded(Fraction(row.net, PARTS), 0))


def percent_of(row) -> Decimal:
    return (Decimal(row.parts) / (PARTS // 100)).normalize()


# -- Rows that are worked out: shifts, items, differences -------------------------------------------------------------
@dataclass(frozen=True)
class Whose:
    """A row and the member it is about."""

    row: Any
    member: Membership


def with_members(department: Department, rows: Iterable) -> list[Whose]:
    """The rows, each with `member` (a key), and the people they are about; in one query."""
    rows = list(rows)
    people = department.memberships.filter(pk__in={row.member for row in rows}).select_related("user")
    members = {person.pk: person for person in people}
    return [Whose(row, members[row.member]) for row in rows if row.member in members]


@dataclass(frozen=True)
class Said:
    """A cell in words."""

    label: str
    text: str
    is_number: bool


def said(table: Table, rows: Iterable) -> list[list[Said]]:
    """The cells of the columns that stand on the page."""
    columns = [column for column in table.columns if column.on_page]
    return [
        [
            Said(str(column.label), _text(column.kind, column.value(row), table.zone), column.kind.is_number)
            for column in columns
        ]
        for row in rows
    ]


def _text(kind: Kind, value: Any, zone: ZoneInfo | None) -> str:
    if value is None:
        return NONE
    if kind == Kind.MONEY:
        return yuan(value)
    if kind == Kind.INSTANT:
        return f"{value.astimezone(zone):%m-%d %H:%M}"
    return f"{value:,}".replace("-", "−") if kind == Kind.NUMBER else str(value)
