"""Corrections of attendance: the list, asking for one, and deciding."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.tables import Choice, Table
from people.access import in_department, may
from people.models import Right
from shifts.forms.corrections import ApproveCorrectionForm, CorrectionForm, RefuseCorrectionForm
from shifts.lists.corrections import CORRECTION_COLUMNS, CorrectionFilter
from shifts.models import Assignment, Attendance, Correction, Decision
from shifts.services import corrections as services


@require_GET
@in_department(former=True)
def corrections(request, department):
    approver = may(request, Right.CORRECT_ATTENDANCE)
    form = CorrectionFilter(request.GET)
    rows = form.applied(_shown(request, department))
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    states = [(value, label, counts.get(value, 0)) for value, label in Decision.choices]
    state = Choice(request, "state", _("State"), [("", _("All"), sum(counts.values())), *states])
    rows = rows.filter(state=state.value) if state.value else rows
    hidden = () if approver else ("number", "who")
    table = Table(
        request,
        [column for column in CORRECTION_COLUMNS if column.name not in hidden],
        rows.select_related("membership__user", "membership__department", "assignment", "asked_by", "decided_by"),
        name="corrections",
        title=_("Corrections of attendance"),
        order="-asked",
        zone=department.zone,
        form=form,
        choices=[state],
    )
    if table.wants_file:
        return table.file()
    return render(request, "shifts/correction_list.html", {"table": table, "is_approver": approver})


def _shown(request, department):
    """One's own, and the department's for whoever decides about them."""
    return Correction.objects.visible_to(request.user).filter(membership__department=department)


@require_http_methods(["GET", "POST"])
@in_department
def correction_new(request, department):
    assignment = _shift_or_404(request, department)
    attendance = Attendance.objects.filter(assignment=assignment).select_related("correction").first()
    waiting = assignment.corrections.waiting().first()
    if waiting is not None and request.method == "GET":
        return redirect("shifts:correction", department.code, waiting.pk)
    form = CorrectionForm(request.POST or None, assignment=assignment, attendance=attendance, zone=department.zone)
    refusal = _why_not(assignment) if request.method == "GET" else ""
    if form.is_valid():
        try:
            made = services.ask(assignment=assignment, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Handed in. Those who decide about corrections have been told."))
            return redirect("shifts:correction", department.code, made.pk)
    context = {"form": form, "assignment": assignment, "attendance": attendance, "refusal": refusal}
    context["enters"] = assignment.membership.user_id != request.user.pk
    return render(request, "shifts/correction_form.html", context, status=422 if form.errors else 200)


def _shift_or_404(request, department) -> Assignment:
    """The published shift that `shift` names: one's own; others' exist here for who decides about corrections."""
    named = request.POST.get("shift") or request.GET.get("shift") or ""
    pk = int(named) if named.isdecimal() and len(named) < 19 else 0
    rows = Assignment.objects.published().working().filter(membership__department=department)
    if not may(request, Right.CORRECT_ATTENDANCE):
        rows = rows.filter(membership__user=request.user)
    return get_object_or_404(rows.select_related("membership__department", "membership__user"), pk=pk)


def _why_not(assignment: Assignment) -> str:
    """Why no correction of this shift can be asked for now, before anybody types one."""
    try:
        services.refuse_not_correctable(assignment)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


@require_GET
@in_department(former=True)
def correction(request, department, pk):
    return _case_page(request, department, _correction_or_404(request, department, pk))


def _correction_or_404(request, department, pk) -> Correction:
    people = ("membership__user", "membership__department", "assignment__attendance", "decided_by", "asked_by")
    return get_object_or_404(_shown(request, department).select_related(*people), pk=pk)


def _case_page(request, department, correction, **bound):
    waits = correction.state == Decision.ASKED
    forms = {
        "approve": ApproveCorrectionForm(auto_id="approve_%s"),
        "refuse": RefuseCorrectionForm(auto_id="refuse_%s"),
        **bound,
    }
    context = {
        "correction": correction,
        "attendance": getattr(correction.assignment, "attendance", None),
        "may_decide": waits and _decides(request, correction),
        "may_withdraw": waits and correction.asked_by_id == request.user.pk and not department.is_former,
        "all_forms": forms.values(),
        **{f"{name}_form": form for name, form in forms.items()},
    }
    refused = any(form.errors for form in bound.values())
    return render(request, "shifts/correction_detail.html", context, status=422 if refused else 200)


def _decides(request, correction) -> bool:
    return may(request, Right.CORRECT_ATTENDANCE) and services.may_decide(correction, request.user)


def _to_decide(request, department, pk) -> Correction:
    """Nobody decides about themselves or what they have entered, nor without the right: 403."""
    found = _correction_or_404(request, department, pk)
    if not _decides(request, found):
        raise PermissionDenied
    return found


@require_POST
@in_department
def correction_approve(request, department, pk):
    found = _to_decide(request, department, pk)
    form = ApproveCorrectionForm(request.POST, auto_id="approve_%s")
    said = _("Approved. The member has been told.")
    return _do(request, department, found, "approve", form, services.approve, said)


@require_POST
@in_department
def correction_refuse(request, department, pk):
    found = _to_decide(request, department, pk)
    form = RefuseCorrectionForm(request.POST, auto_id="refuse_%s")
    said = _("Refused. The member has been told.")
    return _do(request, department, found, "refuse", form, services.refuse, said)


def _do(request, department, correction, name, form, service, said):
    """Have the service do it, and show the request again: with what it says, or with what it refuses."""
    if form.carry_out(lambda: service(correction=correction, actor=request.user, **form.cleaned_data)):
        messages.success(request, said)
        return redirect("shifts:correction", department.code, correction.pk)
    return _case_page(request, department, _correction_or_404(request, department, correction.pk), **{name: form})


@require_POST
@in_department
def correction_withdraw(request, department, pk):
    found = _correction_or_404(request, department, pk)
    if found.asked_by_id != request.user.pk:
        raise PermissionDenied
    try:
        services.withdraw(correction=found, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("shifts:correction", department.code, pk)
