"""The lists of the figures: what their columns hold, on the page and in the file."""

from collections.abc import Callable, Iterable

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handover.metrics import REGISTRY
from handover.pages.metric_differences import count_label
from handover.pages.metric_rows import counts_fen, percent_of, recorded_by, source_of
from handover.tallies import PARTS, Group, Metric, Unit
from office.tables import Column, Kind

KINDS = {Unit.YUAN: Kind.MONEY}
WHO = (
    Column("who", _("Name"), lambda row: row.label, sort=lambda row: row.member.work_number if row.member else ""),
    Column("number", _("Work number"), lambda row: row.member.work_number if row.member else "", on_page=False),
)


NOTEBOOK_LESS = {
    Group.CUSTOMERS: _("Notebook less chat tool"),
    Group.SALES: _("Notebook less orders"),
}


def figure_columns(shown: Iterable[Metric], group: Group) -> tuple[Column, ...]:
    """A column for each metric, those of `shown` on the page; the file has all, with numerators and denominators."""
    columns = [*WHO]
    for metric in REGISTRY.values():
        columns.append(_value(metric, on_page=metric in shown))
        if metric.bottom:
            columns += [_part(metric, "numerator", _top), _part(metric, "denominator", _bottom)]
        if metric.matures:
            columns += [
                _extra(metric, "open", _("days not settled"), lambda tally: tally.unsettled),
                _extra(metric, "early", _("read in too early"), lambda tally: tally.early),
                _extra(metric, "settled", _("settled numerator"), lambda tally: tally.settled_top),
                _extra(metric, "settled-of", _("settled denominator"), lambda tally: tally.settled_bottom),
            ]
    on_page = group in NOTEBOOK_LESS
    label = NOTEBOOK_LESS.get(group, NOTEBOOK_LESS[Group.CUSTOMERS])
    # A file has the figures of all groups, and the differences to the chat tool.
    return (*columns, Column("difference", label, lambda row: ", ".join(row.difference), on_page=on_page))


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


def _extra(metric: Metric, name: str, label, value: Callable) -> Column:
    return Column(
        f"{metric.name}-{name}",
        format_lazy("{}: {}", metric.label, label),
        lambda row: value(row.figure(metric).tally),
        kind=Kind.NUMBER,
        on_page=False,
    )


# The lines of the notebook and of the chat tool behind a figure.
def line_columns(metric: Metric, ripeness: Callable) -> tuple[Column, ...]:
    """`ripeness`: why a line is not settled, in words."""
    counts = [_field(metric, "top", metric.label if not metric.bottom else metric.numerator)]
    if metric.bottom:
        counts.append(_field(metric, "bottom", metric.denominator))
    if metric.matures:
        counts.append(Column("ripeness", _("Settled"), ripeness))
    return (
        Column("day", _("Day"), lambda row: row.business_date, sort="business_date", kind=Kind.DAY),
        Column("who", _("Name"), lambda row: row.membership.name, sort="membership__work_number"),
        Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
        Column("source", pgettext_lazy("of figures", "Source"), source_of, sort=("source", "origin__name")),
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


# Shifts, and items handed over: each row a `handover.pages.metric_rows.Whose`.
_WHOSE = (
    Column("who", _("Name"), lambda one: one.member.name, sort=lambda one: one.member.work_number),
    Column("number", _("Work number"), lambda one: one.member.work_number, on_page=False),
)
_DAY = Column("day", _("Day"), lambda one: one.row.day, sort=True, kind=Kind.DAY)
SHIFT_COLUMNS = (
    _DAY,
    *_WHOSE,
    Column("shift", pgettext_lazy("of a row", "Shift"), lambda one: one.row.code, sort=True),
    Column("planned", pgettext_lazy("counted", "Minutes planned"), lambda one: one.row.planned, True, Kind.NUMBER),
    Column("worked", pgettext_lazy("counted", "Minutes worked"), lambda one: one.row.worked, True, Kind.NUMBER),
    Column("talk", pgettext_lazy("counted", "Seconds of talk"), lambda one: one.row.talk_seconds, True, Kind.NUMBER),
)
ACCEPTED_COLUMNS = (
    _DAY,
    *_WHOSE,
    Column("item", pgettext_lazy("of a row", "Item"), lambda one: one.row.to_do),
    Column("since", _("Handed over"), lambda one: one.row.since, True, Kind.INSTANT),
    Column("at", _("Accepted"), lambda one: one.row.at, True, Kind.INSTANT),
    Column("seconds", pgettext_lazy("counted", "Seconds of waiting"), lambda one: one.row.seconds, True, Kind.NUMBER),
)
HANDED_COLUMNS = (
    _DAY,
    *_WHOSE,
    Column("item", pgettext_lazy("of a row", "Item"), lambda one: one.row.to_do),
    Column("since", _("Handed over"), lambda one: one.row.at, True, Kind.INSTANT),
    Column("carried", _("Shifts that passed it on"), lambda one: one.row.carried, True, Kind.NUMBER),
)


def difference_columns(group: Group) -> tuple[Column, ...]:
    """The days on which the notebook says something else. Rows: `handover.pages.metric_rows.Whose` of an `Off`."""
    kind = Kind.MONEY if group == Group.SALES else Kind.NUMBER
    other = (
        pgettext_lazy("source of figures", "Orders")
        if group == Group.SALES
        else pgettext_lazy("source of figures", "Chat tool")
    )
    return (
        _DAY,
        *_WHOSE,
        Column("count", pgettext_lazy("of a row", "Count"), lambda one: str(count_label(one.row.count)), sort=True),
        Column("noted", pgettext_lazy("source of figures", "Notebook"), lambda one: one.row.noted, True, kind),
        Column("other", other, lambda one: one.row.other, True, kind),
        Column("less", _("Difference"), lambda one: one.row.less, True, kind),
    )
