"""Incidents and their decision."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ledger import services, sources
from ledger.case import case_of, shown_incidents
from ledger.forms import ConfirmForm, DismissForm, ReportForm
from ledger.lists import INCIDENT_COLUMNS
from ledger.models import IncidentState, Sanction
from ledger.permissions import can_decide, can_report
from ledger.views.months import month_asked
from office.forms import MonthForm
from office.months import Month
from office.tables import Choice, Table, filled
from people.access import in_department, may
from people.directory import named
from people.models import Right
from people.permissions import holders_of_any

# Whoever holds one of these reads every incident; others see what was reported about them or by them.
READS_ALL = (Right.DECIDE_INCIDENT, Right.READ_SCORECARDS)


@require_GET
@in_department(former=True)
def incidents(request, department):
    month = month_asked(request)
    form = MonthForm(request.GET, newest=Month.of(department.today()), shown=month)
    rows = _found(request, department, month, filled(form).get("q", ""))
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    reads_all = any(may(request, right) for right in READS_ALL)
    states: list[tuple] = [("", _("All states"), sum(counts.values()))]
    states += [(value, label, counts.get(value, 0)) for value, label in IncidentState.choices]
    # To who sees only their own a count would say that there is nothing else.
    state = Choice(request, "state", _("State"), states if reads_all else [one[:2] for one in states])
    rows = rows.filter(state=state.value) if state.value else rows
    table = Table(
        request,
        INCIDENT_COLUMNS,
        rows.select_related("membership__user").prefetch_related(_outcomes(request)),
        name="incidents",
        title=_("Incidents"),
        order="-when",
        zone=department.zone,
        form=form,
        choices=[state],
    )
    if table.wants_file:
        return table.file()
    context = {
        "table": table,
        "rows": [(incident, incident.shown_sanction) for incident in table.page],
        "may_report": can_report(request),
        # Whoever sees only their own is told that there may be others, and whose they are to read.
        "readers": [] if reads_all or department.is_former else holders_of_any(department, READS_ALL),
    }
    return render(request, "ledger/incident_list.html", context)


def _found(request, department, month, words: str):
    """What the reader may see of the month (or of all), with these words in facts, name or work number."""
    rows = shown_incidents(request, department)
    rows = rows.between(month.first, month.last) if month else rows
    return rows.filter(Q(facts__icontains=words) | named(words)) if words else rows


def _outcomes(request) -> Prefetch:
    """What each led to, as far as the reader may see it: `shown_sanction`."""
    seen = Sanction.objects.visible_to(request.user)
    return Prefetch("sanction", queryset=seen, to_attr="shown_sanction")


@require_http_methods(["GET", "POST"])
@in_department
def incident_new(request, department):
    if not can_report(request):
        raise PermissionDenied
    # A page that shows somebody's day leads here with both filled in.
    asked = {name: request.GET[name] for name in ("membership", "day") if name in request.GET}
    form = ReportForm(request.POST or None, department=department, initial=asked)
    if form.carry_out(lambda: services.report_incident(actor=request.user, **form.report())):
        messages.success(request, _("Reported. Those who decide have been told."))
        return redirect("ledger:incident_detail", department.code, form.outcome.pk)
    return render(request, "ledger/incident_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@in_department(former=True)
def incident_detail(request, department, pk):
    return _case_page(request, department, _incident_or_404(request, department, pk))


def _incident_or_404(request, department, pk):
    people = ("department", "membership__user", "reported_by", "decided_by")
    return get_object_or_404(shown_incidents(request, department).select_related(*people), pk=pk)


def _case_page(request, department, incident, *, confirm=None, dismiss=None):
    case = case_of(request, incident, department.today())
    found = sources.links(request, department, [incident]) if incident.source_kind else {}
    context = {
        "case": case,
        "incident": incident,
        "source": found.get((incident.source_kind, incident.source_id)),
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
    # The page shows what it leads to now, to be confirmed as such.
    if form.carry_out(lambda: services.confirm_incident(incident=incident, actor=request.user, **form.cleaned_data)):
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
    if form.carry_out(lambda: services.dismiss_incident(incident=incident, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Dismissed. The member and the reporter have been told."))
        return redirect("ledger:incident_detail", department.code, pk)
    return _case_page(request, department, _incident_or_404(request, department, pk), dismiss=form)
