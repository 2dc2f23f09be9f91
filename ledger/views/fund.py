"""The fund that everybody reads, and the dues that finance collects."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ledger import services
from ledger.balances import chain_state
from ledger.chart import chart_of
from ledger.forms import PaymentForm
from ledger.fund import NAMES_WITHOUT_RULES, fund_lines, fund_month
from ledger.lists import DUE_COLUMNS, FUND_COLUMNS
from ledger.models import EntryKind, Sanction
from ledger.permissions import can_collect
from ledger.views.months import month_asked
from office.months import Month
from office.tables import Choice, Table
from people.access import in_department, may, require_right
from people.models import Right
from rulebooks.services import NoRulebook, in_force

FUND_PAGE = 100


@require_GET
@in_department
def fund(request, department):
    this_month = Month.of(department.today())
    month = month_asked(request) or this_month
    shown, rules = fund_month(department, month), _fund_rules(department)
    lines = fund_lines(
        department,
        month,
        opening_fen=shown.opening.cash_fen,
        names=rules.names if rules else NAMES_WITHOUT_RULES,
        reader=request.user,
        openly=can_collect(request),
        linked=may(request, Right.DECIDE_INCIDENT) or may(request, Right.READ_SCORECARDS),
    )
    table = _journal(request, department, month, lines)
    if table.wants_file:
        return table.file()
    context = {
        "table": table,
        "page": table.page,
        "kind": table.choices[0].value,
        "fund": shown,
        "rules": rules,
        "chart": chart_of([(end.month, end.cash_fen) for end in shown.ends]),
        "chain": chain_state(department),
        "month": month,
        "is_running": month == this_month,
        "may_collect": can_collect(request),
        "turn": _turn(month, this_month),
    }
    return render(request, "ledger/fund_detail.html", context)


def _journal(request, department, month: Month, lines) -> Table:
    """The month's lines, of one kind or of all."""
    kinds = [(value, label, sum(line.entry.kind == value for line in lines)) for value, label in EntryKind.choices]
    kind = Choice(request, "kind", _("Kind"), [("", _("All"), len(lines)), *kinds])
    chosen = [line for line in lines if kind.value in ("", line.entry.kind)]
    title = _("Activity fund %(month)s") % {"month": month}
    return Table(
        request,
        FUND_COLUMNS,
        chosen,
        name=f"fund-{month}",
        title=title,
        per_page=FUND_PAGE,
        zone=department.zone,
        choices=[kind],
    )


def _turn(month: Month, this_month: Month) -> dict:
    """The addresses of the other months."""
    return {
        "previous": f"?month={month.previous}",
        "next": f"?month={month.next}" if month < this_month else "",
        "now": "?" if month != this_month else "",
    }


def _fund_rules(department):
    try:
        return in_force(department, department.today()).fund
    except NoRulebook:
        return None


def _fines(request, department):
    """The department's fines that the reader may see, with what has been paid of each."""
    found = Sanction.objects.visible_to(request.user).fines().filter(membership__department=department)
    return found.select_related("membership__user", "incident", "entry")


@require_GET
@in_department
def dues(request, department):
    require_right(request, Right.COLLECT_FINES)
    today = department.today()
    outstanding = _fines(request, department).outstanding()
    late = Q(due_day__lt=today)
    sums = outstanding.order_by().aggregate(
        fen=Sum("due_fen", default=0),
        number=Count("pk"),
        late_fen=Sum("due_fen", filter=late, default=0),
        late_number=Count("pk", filter=late),
        members=Count("membership", distinct=True),
    )
    options = [("", _("All"), sums["number"]), ("1", _("Overdue"), sums["late_number"])]
    overdue = Choice(request, "overdue", _("Filter"), options)
    rows = outstanding.filter(late) if overdue.value else outstanding
    title = _("Outstanding fines")
    zone = department.zone
    table = Table(request, DUE_COLUMNS, rows, name="dues", title=title, order="due", zone=zone, choices=[overdue])
    if table.wants_file:
        return table.file()
    context = {
        "table": table,
        "rows": [(fine, (today - fine.entry.business_date).days, fine.overdue_days(today)) for fine in table.page],
        "sums": sums,
    }
    return render(request, "ledger/due_list.html", context)


@require_http_methods(["GET", "POST"])
@in_department
def payment_new(request, department, pk):
    sanction = get_object_or_404(_fines(request, department).with_due(), pk=pk)
    if not can_collect(request):
        raise PermissionDenied
    form = PaymentForm(request.POST or None, sanction=sanction, today=department.today())
    if form.carry_out(lambda: services.record_payment(sanction=sanction, actor=request.user, **form.paid())):
        messages.success(request, _("Recorded as %(entry)s.") % {"entry": form.outcome.entry})
        return redirect("ledger:dues", department.code)
    context = {
        "form": form,
        "fine": sanction,
        "payments": sanction.payments.select_related("entry"),
        "overdue_days": sanction.overdue_days(department.today()) if sanction.due_fen else 0,
    }
    return render(request, "ledger/payment_form.html", context, status=422 if form.errors else 200)
