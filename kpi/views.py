"""The month's scores, one member's scorecard, the button that scores, and the supervisor's judgement."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.months import FIRST_YEAR, Month
from people.access import in_department, may, require_right
from people.models import Right

from . import services
from .forms import JudgeForm
from .lists import score_table
from .models import Judgement
from .overview import judged_agent, month_page
from .paper import paper
from .permissions import can_judge, own_memberships, visible_members
from .sheets import by_hand

EARLIEST = Month(FIRST_YEAR, 1).first
OVERVIEW_RIGHTS = (Right.READ_SCORECARDS, Right.SCORE_MONTH, Right.JUDGE_AGENTS)


@require_GET
@in_department(former=True)
def month(request, department, month):
    if not any(may(request, right) for right in OVERVIEW_RIGHTS):
        return _own_card(request, department, month)
    return _show_month(request, department, month)


def _own_card(request, department, month):
    """Somebody without any right over others' scores has one page here: the own scorecard."""
    own = own_memberships(request)
    member = own.touching(month.first, month.last).last() or own.last()
    if member is None:
        raise PermissionDenied
    return redirect("kpi:scorecard", department.code, month, member.pk)


def _show_month(request, department, month, refusal=None):
    page = month_page(request, department, month)
    table = score_table(request, department, page)
    if table.wants_file and page.rows:
        return table.file()
    context = {
        "page": page,
        "table": table,
        "refusal": refusal,
        "may_score": may(request, Right.SCORE_MONTH),
        "may_read": may(request, Right.READ_SCORECARDS),
        **_months(department, month),
    }
    return render(request, "kpi/month_detail.html", context, status=422 if refusal else 200)


def _months(department, month):
    """The months to go to; there is nothing to score in one to come."""
    now = Month.of(department.today())
    return {
        "month": month,
        "this_month": None if month == now else now,
        "previous_month": month.previous if month.first > EARLIEST else None,
        "next_month": month.next if month < now else None,
    }


@require_POST
@in_department
def run(request, department, month):
    require_right(request, Right.SCORE_MONTH)
    try:
        services.start_scoring(department=department, month=month, actor=request.user)
    except ValidationError as refusal:
        return _show_month(request, department, month, refusal)
    return redirect("kpi:month", department.code, month)


@require_GET
@in_department(former=True)
def scorecard(request, department, month, pk):
    member = get_object_or_404(visible_members(request).select_related("user", "department"), pk=pk)
    shown = paper(request, department, month, member)
    may_judge = shown.judging is not None and shown.judging.may_judge
    context = {
        "paper": shown,
        "forms": _judge_forms(request, department, month, member) if may_judge else [],
        "may_score": may(request, Right.SCORE_MONTH),
        "is_own": member.user_id == request.user.pk,
        **_months(department, month),
    }
    return render(request, "kpi/scorecard_detail.html", context)


@require_http_methods(["GET", "POST"])
@in_department
def judge(request, department, month, pk):
    require_right(request, Right.JUDGE_AGENTS)
    member = get_object_or_404(department.memberships.scored().select_related("user", "department"), pk=pk)
    if not can_judge(request, member):
        raise PermissionDenied
    try:
        services.refuse_unbegun(department, month)
        forms = _judge_forms(request, department, month, member)
    except ValidationError as refusal:
        return _show_month(request, department, month, refusal)
    if not forms:
        raise Http404
    for form in forms:
        if form.is_valid() and _judged(request, member, month, form):
            return _after_judging(request, department, month, member)
    context = {"member": member, "forms": forms, **_months(department, month)}
    if request.htmx:
        context |= _agent(request, department, month, member)
    template = "kpi/_judged.html" if request.htmx else "kpi/judge_form.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _judge_forms(request, department, month, member):
    """A form for each hand-given indicator; posted data belongs to the one that it names (else to the first)."""
    indicators = by_hand(services.rulebook_for(department, month).scorecard)
    given = Judgement.objects.current().of_month(month).filter(membership=member)
    held = {one.indicator: one for one in given}
    forms = [JudgeForm(indicators, one.code, member, current=held.get(one.code)) for one in indicators]
    if request.method == "POST" and forms:
        code = request.POST.get("indicator", "")
        posted = next((index for index, one in enumerate(indicators) if one.code == code), 0)
        forms[posted] = JudgeForm(indicators, code, member, request.POST, current=held.get(code))
    return forms


def _judged(request, member, month, form) -> bool:
    """Store the answer; a refusal of the service stands in the form."""
    try:
        services.judge(membership=member, month=month, actor=request.user, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True


def _after_judging(request, department, month, member):
    if request.htmx:
        return render(request, "kpi/_judged.html", _agent(request, department, month, member))
    messages.success(request, _("Judged: %(name)s") % {"name": member.name})
    if may(request, Right.READ_SCORECARDS):
        return redirect("kpi:scorecard", department.code, month, member.pk)
    return redirect("kpi:month", department.code, month)


def _agent(request, department, month, member):
    """The context of one row of the judging list."""
    indicators = by_hand(services.rulebook_for(department, month).scorecard)
    given = Judgement.objects.current().of_month(month).filter(membership=member)
    run = department.score_runs.filter(month=month.first).first()
    by_code = {(member.pk, one.indicator): one for one in given}
    return {"agent": judged_agent(request, member, month, indicators, by_code, run)}
