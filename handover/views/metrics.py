"""The figures of the service statistics, and the rows behind each of them."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from handover.lists.metrics import ORDER_COLUMNS, figure_columns, line_columns
from handover.metrics import REGISTRY, of_group
from handover.pages import metric_board, metric_rows
from handover.pages.metrics import Figures, figures_of
from handover.periods import By, Period
from handover.permissions import can_read_everybody
from handover.tallies import Basis, Group
from office.months import Month
from office.tables import EXPORT, Choice, Table
from people.access import in_department
from people.models import Membership

# Whose days the chart shows, besides a member's.
DEPARTMENT = "department"
# Longer than any period whose rows somebody wants to see.
LONGEST = timedelta(days=366)
MOST_DIGITS = 18
AGENTS_A_PAGE = 50


@require_GET
@in_department
def statistic_figures(request, department):
    period = _period(request, department)
    figures = figures_of(department, period, _subject(request))
    shown = _shown(request, department, figures)
    groups = Choice(request, "group", _("Which figures"), _groups(), default=Group.CUSTOMERS)
    table = _table(request, department, figures, Group(groups.value))
    if table.wants_file:
        return table.file()
    group, reads = Group(groups.value), can_read_everybody(request)
    metric = metric_board.metric_of(group, request.GET.get("metric", ""))
    whose = str(shown.pk) if shown else (metric_board.EVERYBODYS if reads else None)
    context = {
        "period": period,
        "this_day": department.today(),
        "reads": reads,
        "shown": shown,
        "groups": groups,
        "table": table,
        "rows": metric_board.cells_of(table.page, of_group(group)),
        "sums": metric_board.cells_of(metric_board.sum_rows(department, figures, group, reads=reads), of_group(group)),
        "defined": of_group(group),
        "compares": group == Group.CUSTOMERS,
        "charted": metric_board.charted(group),
        "chart": metric_board.chart_of(department, figures, metric, whose) if len(period.days) > 1 else None,
    }
    return render(request, "handover/metric_list.html", context)


def _groups() -> list[tuple[str, str]]:
    return [
        (Group.CUSTOMERS, pgettext("group of figures", "Customers")),
        (Group.SALES, pgettext("group of figures", "Sales")),
        (Group.REPLIES, pgettext("group of figures", "Replies")),
    ]


def _period(request, department) -> Period:
    """The day, week or month asked for; else this month."""
    by = request.GET.get("by", "")
    asked = request.GET.get("from", "")
    try:
        day = date.fromisoformat(asked) if asked else department.today()
        return Period.around(By(by) if by in set(By) else By.MONTH, day)
    except ValueError:
        raise Http404 from None


def _asked_member(request) -> str:
    """A member's key, DEPARTMENT, or "" for oneself; who reads everybody begins with the department."""
    return request.GET.get("member", "") or (DEPARTMENT if can_read_everybody(request) else "")


def _subject(request) -> Q | None:
    """Whose days are summed one by one: a condition on memberships, None for the department."""
    asked = _asked_member(request)
    if asked == DEPARTMENT:
        return None
    return Q(membership=_key(asked)) if asked else Q(membership__user=request.user)


def _key(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0


def _shown(request, department, figures: Figures) -> Membership | None:
    """The member whose days are shown; 404 outside the department, 403 without the right to read them."""
    asked = _asked_member(request)
    members = [line.membership for line in figures.lines if line.membership]
    if not asked:
        return next((member for member in members if member.user_id == request.user.pk), None)
    if asked == DEPARTMENT:
        return None
    found = next((member for member in members if member.pk == _key(asked)), None)
    # Somebody who was not here in the period has a page all the same: one comes from another period.
    found = found or get_object_or_404(department.memberships.select_related("user"), pk=_key(asked))
    if found.user_id != request.user.pk and not can_read_everybody(request):
        raise PermissionDenied
    return found


def _table(request, department, figures: Figures, group: Group) -> Table:
    """The agents; the file has the department too."""
    reads = can_read_everybody(request)
    rows = metric_board.member_rows(department, figures, request.user, reads=reads)
    if request.GET.get(EXPORT) == "xlsx":
        rows += metric_board.sum_rows(department, figures, Group.SALES, reads=reads)
    title = _("Figures %(first)s to %(last)s") % {"first": figures.period.first, "last": figures.period.last}
    return Table(
        request,
        figure_columns(of_group(group), compared=group == Group.CUSTOMERS),
        rows,
        name=f"figures-{figures.period.first}",
        title=title,
        order="who",
        per_page=AGENTS_A_PAGE,
        zone=department.zone,
    )


# -- The rows behind a figure -----------------------------------------------------------------------------------------
@require_GET
@in_department
def statistic_rows(request, department):
    asked = _rows_asked(request, department)
    lines, orders = metric_rows.lines(asked), metric_rows.orders(asked)
    sums = {"lines": metric_rows.line_sums(asked.metric, lines), "orders": metric_rows.order_sums(asked.metric, orders)}
    labels = {"lines": _("Lines"), "orders": _("Orders")}
    options = [(name, label, sums[name][0]) for name, label in labels.items()]
    first = "orders" if sums["orders"][0] or asked.metric.basis == Basis.ORDERS else "lines"
    options.sort(key=lambda option: option[0] != first)
    kind = Choice(request, "of", _("Which rows"), options, default=first)
    of_lines = kind.value == "lines"
    table = Table(
        request,
        line_columns(asked.metric) if of_lines else ORDER_COLUMNS,
        lines if of_lines else orders,
        name=f"{asked.metric.name}-{asked.first}",
        title=asked.metric.label,
        order="day",
        per_page=AGENTS_A_PAGE,
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    rows = metric_rows.shown_lines(asked.metric, table.page) if of_lines else metric_rows.shown_orders(table.page)
    context = {"asked": asked, "table": table, "rows": rows, "kind": kind, "sums": sums}
    return render(request, "handover/metric_rows.html", context)


def _rows_asked(request, department) -> metric_rows.Asked:
    """404 for what does not exist, 403 for other people's rows without the right to read them."""
    metric = REGISTRY.get(request.GET.get("metric", ""))
    try:
        first, last = (date.fromisoformat(request.GET.get(name, "")) for name in ("from", "to"))
        Month.of(first), Month.of(last)
    except ValueError:
        raise Http404 from None
    if metric is None or metric.never or not first <= last <= first + LONGEST:
        raise Http404
    whose = request.GET.get("member", "")
    member = None
    if whose not in (metric_board.EVERYBODYS, metric_board.NOBODYS):
        member = get_object_or_404(department.memberships.select_related("user"), pk=_key(whose))
    if not can_read_everybody(request) and (member is None or member.user_id != request.user.pk):
        raise PermissionDenied
    nobodys = whose == metric_board.NOBODYS
    return metric_rows.Asked(department, metric, first, last, member, nobodys)
