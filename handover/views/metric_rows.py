"""The rows behind a figure, and the days on which the notebook says something else than the other sources."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from handover.lists.metrics import (
    ACCEPTED_COLUMNS,
    HANDED_COLUMNS,
    NOTEBOOK_LESS,
    ORDER_COLUMNS,
    SHIFT_COLUMNS,
    difference_columns,
    line_columns,
)
from handover.maturity import maturity_of
from handover.metrics import REGISTRY
from handover.pages import metric_board, metric_rows
from handover.pages.metric_differences import differences_of
from handover.pages.metric_shifts import rows_of
from handover.permissions import can_read_everybody
from handover.tallies import Basis, Group
from office.months import Month
from office.tables import Choice, Column, Table
from people.access import in_department
from people.models import Membership

# Longer than any period whose rows somebody wants to see.
LONGEST = timedelta(days=366)
MOST_DIGITS = 18
ROWS_A_PAGE = 50


@require_GET
@in_department
def statistic_rows(request, department):
    asked = _asked(request, department)
    shows = _facts if asked.metric.basis in (Basis.SHIFTS, Basis.ITEMS) else _lines_or_orders
    table, context = shows(request, asked)
    if table.wants_file:
        return table.file()
    return render(request, "handover/metric_rows.html", {"asked": asked, "table": table, **context()})


Shown = tuple[Table, Callable[[], dict]]


def _facts(request, asked: metric_rows.Asked) -> Shown:
    """Shifts, or what happened to items."""
    metric, member = asked.metric, asked.member
    columns: Sequence[Column] = SHIFT_COLUMNS
    if metric.basis == Basis.ITEMS:
        columns = HANDED_COLUMNS if metric.top == "carried" else ACCEPTED_COLUMNS
    rows = rows_of(metric, asked.department, asked.first, asked.last, member.pk if member else None)
    table = _table(request, asked, columns, metric_rows.with_members(asked.department, rows))
    return table, lambda: {"cells": metric_rows.said(table, table.page)}


def _lines_or_orders(request, asked: metric_rows.Asked) -> Shown:
    metric, department = asked.metric, asked.department
    lines, orders = metric_rows.lines(asked), metric_rows.orders(asked)
    count, says = metric_rows.line_sums(metric, lines)
    found = metric_rows.order_sums(metric, orders)
    labels = {"lines": (_("Lines"), count), "orders": (_("Orders"), found.rows)}
    first = "orders" if found.rows or metric.basis == Basis.ORDERS else "lines"
    options = sorted(((name, *label) for name, label in labels.items()), key=lambda option: option[0] != first)
    kind = Choice(request, "of", _("Which rows"), options, default=first)
    of_lines = kind.value == "lines"
    only = Choice(
        request,
        "only",
        _("Which orders"),
        [("all", _("All paid orders"), found.rows), ("counted", _("Only those counted"), found.counted)],
        default="all",
    )
    if only.value == "counted" and metric.basis == Basis.ORDERS:
        orders = metric_rows.orders(asked, counted_only=True)
    maturity = maturity_of(department, metric_rows.days_of(asked))

    def ripeness(row) -> str:
        return metric_rows.ripeness(metric, row, maturity, department)

    columns = line_columns(metric, ripeness) if of_lines else ORDER_COLUMNS
    table = _table(request, asked, columns, lines if of_lines else orders)

    def context() -> dict:
        page = table.page
        rows = metric_rows.shown_lines(asked, page, maturity) if of_lines else metric_rows.shown_orders(page)
        return {
            "rows": rows,
            "kind": kind,
            "has_both": count > 0 and found.rows > 0,
            "only": only if metric.basis == Basis.ORDERS and found.rows else None,
            "says": says if of_lines else found.says,
        }

    return table, context


def _table(request, asked: metric_rows.Asked, columns, rows) -> Table:
    return Table(
        request,
        columns,
        rows,
        name=f"{asked.metric.name}-{asked.first}",
        title=asked.metric.label,
        order="day",
        per_page=ROWS_A_PAGE,
        zone=asked.department.zone,
    )


def _asked(request, department) -> metric_rows.Asked:
    """404 for what does not exist, 403 for other people's rows without the right to read them."""
    metric = REGISTRY.get(request.GET.get("metric", ""))
    if metric is None:
        raise Http404
    first, last = _days(request)
    nobodys = request.GET.get("member", "") == metric_board.NOBODYS
    member = _member(request, department, nobodys=nobodys)
    return metric_rows.Asked(department, metric, first, last, member, nobodys)


def _days(request) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(request.GET.get(name, "")) for name in ("from", "to"))
        Month.of(first), Month.of(last)
    except ValueError:
        raise Http404 from None
    if not first <= last <= first + LONGEST:
        raise Http404
    return first, last


def _member(request, department, *, nobodys: bool = False) -> Membership | None:
    """Whose rows; None for those of all or of nobody."""
    whose, member = request.GET.get("member", ""), None
    if whose and not nobodys:
        pk = int(whose) if whose.isdecimal() and len(whose) <= MOST_DIGITS else 0
        member = get_object_or_404(department.memberships.select_related("user"), pk=pk)
    if not can_read_everybody(request) and (member is None or member.user_id != request.user.pk):
        raise PermissionDenied
    return member


@require_GET
@in_department
def statistic_differences(request, department):
    group = next((one for one in NOTEBOOK_LESS if one == request.GET.get("group", "")), Group.CUSTOMERS)
    first, last = _days(request)
    member = _member(request, department)
    found = differences_of(department, first, last, group, member)
    title = str(NOTEBOOK_LESS[group])
    table = Table(
        request,
        difference_columns(group),
        metric_rows.with_members(department, found.offs),
        name=f"differences-{first}",
        title=title,
        order="day",
        per_page=ROWS_A_PAGE,
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    context = {
        "title": title,
        "group": group,
        "first": first,
        "last": last,
        "member": member,
        "table": table,
        "cells": metric_rows.said(table, table.page),
        "differs": len({(off.member, off.day) for off in found.offs}),
        "both": sum(found.both.values()),
    }
    return render(request, "handover/metric_differences.html", context)
