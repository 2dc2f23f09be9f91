"""The lists of the figures: what their columns hold, on the page and in the file."""

from collections.abc import Callable, Iterable

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handover.metrics import REGISTRY
from handover.pages.metric_rows import counts_fen, percent_of, recorded_by
from handover.tallies import PARTS, Metric, Unit
from office.tables import Column, Kind

KINDS = {Unit.YUAN: Kind.MONEY}
WHO = (
    Column("who", _("Name"), lambda row: row.label, sort=lambda row: row.member.work_number if row.member else ""),
    Column("number", _("Work number"), lambda row: row.member.work_number if row.member else "", on_page=False),
)


def figure_columns(shown: Iterable[Metric], *, compared: bool) -> tuple[Column, ...]:
    """A column for each metric, those of `shown` on the page; the file has all, with numerators and denominators."""
    columns = [*WHO]
    for metric in REGISTRY.values():
        columns.append(_value(metric, on_page=metric in shown))
        if metric.bottom:
            columns += [_part(metric, "numerator", _top), _part(metric, "denominator", _bottom)]
        if metric.matures:
            label = format_lazy("{}: {}", metric.label, _("days not settled"))
            columns.append(Column(f"{metric.name}-open", label, _unsettled(metric), kind=Kind.NUMBER, on_page=False))
    off = Column("difference", _("Notebook less chat tool"), lambda row: ", ".join(row.difference), on_page=compared)
    return (*columns, off)


def _value(metric: Metric, *, on_page: bool) -> Column:
    kind = KINDS.get(metric.unit, Kind.NUMBER)
    return Column(
        metric.name, metric.label, lambda row: row.figure(metric).number, sort=True, kind=kind, on_page=on_page
    )


def _part(metric: Metric, side: str, value: Callable) -> Column:
    label = format_lazy("{}: {}", metric.label, getattr(metric, side))
    is_money = side == "numerator" and metric.parts == PARTS
    kind = Kind.MONEY if is_money else Kind.NUMBER
    return Column(f"{metric.name}-{side}", label, lambda row: value(row.figure(metric)), kind=kind, on_page=False)


def _top(figure):
    return figure.top if figure.is_known else None


def _bottom(figure):
    return figure.tally.bottom if figure.is_known else None


def _unsettled(metric: Metric) -> Callable:
    return lambda row: row.figure(metric).tally.unsettled


# The lines of the notebook and of the chat tool behind a figure.
def line_columns(metric: Metric) -> tuple[Column, ...]:
    counts = [_field(metric, "top", metric.label if not metric.bottom else metric.numerator)]
    if metric.bottom:
        counts.append(_field(metric, "bottom", metric.denominator))
    return (
        Column("day", _("Day"), lambda row: row.business_date, sort="business_date", kind=Kind.DAY),
        Column("who", _("Name"), lambda row: row.membership.name, sort="membership__work_number"),
        Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
        Column("source", pgettext_lazy("of figures", "Source"), lambda row: row.get_source_display(), sort="source"),
        *counts,
        Column("recorded", _("Recorded"), lambda row: row.recorded_at, sort="recorded_at", kind=Kind.INSTANT),
        Column("by", pgettext_lazy("recorded by", "By"), recorded_by, sort=("reading__name", "recorded_by__name")),
    )


def _field(metric: Metric, side: str, label) -> Column:
    name = getattr(metric, side)
    kind = Kind.MONEY if name == "sales_fen" else Kind.NUMBER
    return Column(side, label, lambda row: getattr(row, name), sort=name, kind=kind)


ORDER_COLUMNS = (
    Column("day", _("Day"), lambda row: row.business_date, sort="business_date", kind=Kind.DAY),
    Column("order", _("Order"), lambda row: row.number, sort="number"),
    Column("buyer", _("Buyer"), lambda row: row.buyer, sort="buyer"),
    Column(
        "paid", pgettext_lazy("amount of an order", "Paid"), lambda row: row.paid_fen, sort="paid_fen", kind=Kind.MONEY
    ),
    Column(
        "refunded",
        pgettext_lazy("amount of an order", "Refunded"),
        lambda row: row.refunded_fen,
        sort="refunded_fen",
        kind=Kind.MONEY,
    ),
    Column("part", _("Part, %"), percent_of, sort="parts", kind=Kind.NUMBER),
    Column("counts", _("Counts, yuan"), counts_fen, sort="net", kind=Kind.MONEY),
    Column("attribution", _("Attribution"), lambda row: row.get_attribution_display(), sort="attribution"),
    Column("recorded", _("Recorded"), lambda row: row.recorded_at, sort="recorded_at", kind=Kind.INSTANT),
    Column("from", _("File"), lambda row: row.recorded_from, sort="recorded_from"),
)
