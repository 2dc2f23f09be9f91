"""Incidents and their decision, the fund that everybody reads, and the dues that finance collects."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.months import Month
from people.access import in_department, may, require_right
from people.models import Right
from rulebooks.services import NoRulebook, in_force

from . import services
from .balances import chain_state
from .case import case_of, shown_incidents
from .chart import chart_of
from .forms import ConfirmForm, DismissForm, PaymentForm, ReportForm
from .fund import NAMES_WITHOUT_RULES, fund_lines, fund_month
from .models import EntryKind, IncidentState, Sanction
from .permissions import can_collect, can_decide, can_report

PAGE = 25
FUND_PAGE = 100
# So many months back the list offers; older ones are reached by turning pages.
MONTHS_OFFERED = 12


def _month(request) -> Month | None:
    """The month of the address; 404 for one that does not exist."""
    text = request.GET.get("month", "")
    try:
        return Month.parse(text) if text else None
    except ValueError:
        raise Http404 from None


@require_GET
@in_department
def incidents(request, department):
    month, state = _month(request), request.GET.get("state", "")
    visible = shown_incidents(request, department)
    if month:
        visible = visible.between(month.first, month.last)
    counts = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    rows = visible.filter(state=state) if state in IncidentState.values else visible
    page = Paginator(rows.select_related("membership__user"), PAGE).get_page(request.GET.get("page"))
    outcomes = Sanction.objects.visible_to(request.user).filter(incident__in=[row.pk for row in page])
    outcome_of = {sanction.incident_id: sanction for sanction in outcomes}
    context = {
        "page": page,
        "rows": [(incident, outcome_of.get(incident.pk)) for incident in page],
        "month": month,
        "months": _months_offered(department, month),
        "state": state if state in IncidentState.values else "",
        "states": [(value, label, counts.get(value, 0)) for value, label in IncidentState.choices],
        "total": sum(counts.values()),
        "query": urlencode({name: str(value) for name, value in (("state", state), ("month", month)) if value}),
        "may_report": can_report(request),
    }
    return render(request, "ledger/incident_list.html", context)


def _months_offered(department, shown: Month | None) -> list[Month]:
    months = [Month.of(department.today())]
    while len(months) < MONTHS_OFFERED:
        months.append(months[-1].previous)
    return sorted({*months, *([shown] if shown else [])}, reverse=True)


@require_http_methods(["GET", "POST"])
@in_department
def incident_new(request, department):
    if not can_report(request):
        raise PermissionDenied
    form = ReportForm(request.POST or None, department=department)
    if form.is_valid():
        try:
            incident = services.report_incident(actor=request.user, **form.report())
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Reported. Those who decide have been told."))
            return redirect("ledger:incident_detail", department.code, incident.pk)
    return render(request, "ledger/incident_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@in_department
def incident_detail(request, department, pk):
    return _case_page(request, department, _incident_or_404(request, department, pk))


def _incident_or_404(request, department, pk):
    people = ("department", "membership__user", "reported_by", "decided_by")
    return get_object_or_404(shown_incidents(request, department).select_related(*people), pk=pk)


def _case_page(request, department, incident, *, confirm=None, dismiss=None):
    case = case_of(request, incident, department.today())
    context = {
        "case": case,
        "incident": incident,
        "confirm": confirm or ConfirmForm(auto_id="confirm_%s"),
        "dismiss": dismiss or DismissForm(auto_id="dismiss_%s"),
    }
    refused = bool((confirm and confirm.errors) or (dismiss and dismiss.errors))
    return render(request, "ledger/incident_detail.html", context, status=422 if refused else 200)


@require_POST
@in_department
def incident_confirm(request, department, pk):
    incident = _incident_or_404(request, department, pk)
    if not can_decide(request, incident):
        raise PermissionDenied
    form = ConfirmForm(request.POST, auto_id="confirm_%s")
    if form.is_valid():
        try:
            services.confirm_incident(incident=incident, actor=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            # The page shows what it leads to now, to be confirmed as such.
            form.refuse(refusal)
        else:
            messages.success(request, _("Confirmed. The member has been told."))
            return redirect("ledger:incident_detail", department.code, pk)
    return _case_page(request, department, _incident_or_404(request, department, pk), confirm=form)


@require_POST
@in_department
def incident_dismiss(request, department, pk):
    incident = _incident_or_404(request, department, pk)
    if not can_decide(request, incident):
        raise PermissionDenied
    form = DismissForm(request.POST, auto_id="dismiss_%s")
    if form.is_valid():
        try:
            services.dismiss_incident(incident=incident, actor=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Dismissed. The member and the reporter have been told."))
            return redirect("ledger:incident_detail", department.code, pk)
    return _case_page(request, department, _incident_or_404(request, department, pk), dismiss=form)


@require_GET
@in_department
def fund(request, department):
    this_month = Month.of(department.today())
    month = _month(request) or this_month
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
    context = {
        "fund": shown,
        "rules": rules,
        "chart": chart_of([(end.month, end.cash_fen) for end in shown.ends]),
        "chain": chain_state(department),
        "month": month,
        "is_running": month == this_month,
        "may_collect": can_collect(request),
    }
    return render(request, "ledger/fund_detail.html", context | _chosen_lines(request, lines, month, this_month))


def _fund_rules(department):
    try:
        return in_force(department, department.today()).fund
    except NoRulebook:
        return None


def _chosen_lines(request, lines, month: Month, this_month: Month) -> dict:
    """The lines of one kind or all, their pages, and the addresses of the other months."""
    kinds = [(value, label, sum(line.entry.kind == value for line in lines)) for value, label in EntryKind.choices]
    kind = request.GET.get("kind", "") if request.GET.get("kind") in EntryKind.values else ""
    chosen = [line for line in lines if kind in ("", line.entry.kind)]
    return {
        "kind": kind,
        "kinds": kinds,
        "total": len(lines),
        "page": Paginator(chosen, FUND_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({"month": str(month), "kind": kind}),
        "turn": {
            "previous": f"?month={month.previous}",
            "next": f"?month={month.next}" if month < this_month else "",
            "now": "?" if month != this_month else "",
        },
    }


def _fines(request, department):
    """The department's fines that the reader may see, with what has been paid of each."""
    found = Sanction.objects.visible_to(request.user).fines().filter(membership__department=department)
    return found.select_related("membership__user", "incident", "entry")


@require_GET
@in_department
def dues(request, department):
    require_right(request, Right.COLLECT_FINES)
    today, late_only = department.today(), request.GET.get("overdue") == "1"
    outstanding = _fines(request, department).outstanding().order_by("due_day", "id")
    late = Q(due_day__lt=today)
    sums = outstanding.order_by().aggregate(
        fen=Sum("due_fen", default=0),
        number=Count("pk"),
        late_fen=Sum("due_fen", filter=late, default=0),
        late_number=Count("pk", filter=late),
        members=Count("membership", distinct=True),
    )
    page = Paginator(outstanding.filter(late) if late_only else outstanding, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(fine, (today - fine.entry.business_date).days, fine.overdue_days(today)) for fine in page],
        "sums": sums,
        "late_only": late_only,
    }
    return render(request, "ledger/due_list.html", context)


@require_http_methods(["GET", "POST"])
@in_department
def payment_new(request, department, pk):
    sanction = get_object_or_404(_fines(request, department).with_due(), pk=pk)
    if not can_collect(request):
        raise PermissionDenied
    form = PaymentForm(request.POST or None, sanction=sanction, today=department.today())
    if form.is_valid():
        try:
            facts = {name: value for name, value in form.cleaned_data.items() if name != "again"}
            payment = services.record_payment(sanction=sanction, actor=request.user, **facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Recorded as %(entry)s.") % {"entry": payment.entry})
            return redirect("ledger:dues", department.code)
    context = {
        "form": form,
        "fine": sanction,
        "payments": sanction.payments.select_related("entry"),
        "overdue_days": sanction.overdue_days(department.today()) if sanction.due_fen else 0,
    }
    return render(request, "ledger/payment_form.html", context, status=422 if form.errors else 200)
