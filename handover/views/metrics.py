"""The figures of the service statistics."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import DateField, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from handover.lists.metrics import NOTEBOOK_LESS, figure_columns
from handover.metrics import MISSING
from handover.models import Order, ServiceStatistic
from handover.pages import metric_board
from handover.pages.metrics import ALL_GROUPS, Figures, figures_of
from handover.periods import By, Period
from handover.permissions import can_read_everybody
from handover.tallies import Group
from office.tables import EXPORT, Choice, Table
from people.access import in_department, membership_of
from people.models import Membership

# Whose days the chart shows, besides a member's.
DEPARTMENT = "department"
MOST_DIGITS = 18
AGENTS_A_PAGE = 50


@require_GET
@in_department
def statistic_figures(request, department):
    period = _period(request, department)
    groups = Choice(request, "group", _("Which figures"), _groups(), default=Group.CUSTOMERS)
    group = Group(groups.value)
    wants_file = request.GET.get(EXPORT) == "xlsx"
    subject = _subject(request, department)
    figures = figures_of(department, period, subject, ALL_GROUPS if wants_file else (group,))
    shown = _member(request, department, figures, subject)
    board = metric_board.Board(department, figures, group, request.user, can_read_everybody(request))
    metrics = board.metrics()
    table = _table(request, board, metrics, with_sums=wants_file)
    if table.wants_file:
        return table.file()
    metric = metric_board.metric_of(metrics, request.GET.get("metric", ""))
    rows, sums = metric_board.cells_of(table.page, metrics), metric_board.cells_of(board.sums(), metrics)
    whose = str(shown.pk) if shown else (metric_board.EVERYBODYS if board.reads else None)
    context = {
        "period": period,
        "this_day": department.today(),
        "reads": board.reads,
        "shown": shown,
        "own": _own(request, figures),
        "groups": groups,
        "group": group,
        "table": table,
        "rows": rows,
        "sums": sums,
        "says_source": metric_board.has_several_sources([*sums, *rows]),
        "defined": metrics,
        "missing": MISSING.get(group, ()),
        "compares": NOTEBOOK_LESS.get(group, ""),
        "maturity": metric_board.maturity_shown(figures),
        "charted": [one for one in metrics if one.charted],
        "chart": metric_board.chart_of(department, figures, metric, whose, shown)
        if metric and len(period.days) > 1
        else None,
    }
    return render(request, "handover/metric_list.html", context)


def _groups() -> list[tuple[str, str]]:
    return [
        (Group.CUSTOMERS, pgettext("group of figures", "Customers")),
        (Group.SALES, pgettext("group of figures", "Sales")),
        (Group.REPLIES, pgettext("group of figures", "Replies")),
        (Group.SHIFTS, pgettext("group of figures", "Shifts and handover")),
    ]


def _period(request, department) -> Period:
    """The day, week or month asked for; else this month, this week, or the last day that has figures."""
    by = request.GET.get("by", "")
    asked = request.GET.get("from", "")
    try:
        length = By(by) if by in set(By) else By.MONTH
        if asked:
            return Period.around(length, date.fromisoformat(asked))
        return Period.around(length, _last_day(department) if length == By.DAY else department.today())
    except ValueError:
        raise Http404 from None


def _last_day(department) -> date:
    """The last day until today that has a line or an order; today when there is none."""
    today = department.today()
    lines = ServiceStatistic.objects.filter(membership__department=department, business_date__lte=today)
    orders = Order.objects.filter(department=department, business_date__lte=today)
    newest = [
        Subquery(rows.order_by("-business_date").values("business_date")[:1], output_field=DateField())
        for rows in (lines, orders)
    ]
    found = type(department).objects.filter(pk=department.pk).values_list(*newest).get()
    return max((day for day in found if day), default=today)


def _key(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0


def _subject(request, department) -> int | None:
    """Whose days are summed one by one: a member's key, None for the department.

    Who reads everybody, and who is not on the roster, begins with the department.
    """
    asked = request.GET.get("member", "")
    if asked == DEPARTMENT or (not asked and can_read_everybody(request)):
        return None
    if asked:
        return _key(asked)
    member = membership_of(request.user, department)
    return member.pk if member and member.rostered else None


def _member(request, department, figures: Figures, subject: int | None) -> Membership | None:
    """The member whose days are shown; 404 outside the department, 403 without the right to read them."""
    if subject is None:
        return None
    members = [line.membership for line in figures.lines if line.membership]
    found = next((member for member in members if member.pk == subject), None)
    # Somebody who was not here in the period has a page all the same: one comes from another period.
    found = found or get_object_or_404(department.memberships.select_related("user"), pk=subject)
    if found.user_id != request.user.pk and not can_read_everybody(request):
        raise PermissionDenied
    return found


def _own(request, figures: Figures) -> Membership | None:
    """Oneself, where one is on the roster: others have no days of their own."""
    members = [line.membership for line in figures.lines if line.membership]
    return next((one for one in members if one.user_id == request.user.pk and one.rostered), None)


def _table(request, board: metric_board.Board, metrics, *, with_sums: bool) -> Table:
    """The agents; the file has the department too."""
    figures: Figures = board.figures
    rows = board.members()
    if with_sums:
        rows += board.sums(with_nobodys=True)
    title = _("Figures %(first)s to %(last)s") % {"first": figures.period.first, "last": figures.period.last}
    return Table(
        request,
        figure_columns(metrics, board.group),
        rows,
        name=f"figures-{figures.period.first}",
        title=title,
        order="who",
        per_page=AGENTS_A_PAGE,
        zone=board.department.zone,
    )
