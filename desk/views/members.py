"""Somebody is corrected, leaves, stays after all, or moves to another department."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from desk import leaving
from desk.forms import LeaveForm, MoveForm
from people.access import in_department
from people.directory import roles_of
from people.forms import CorrectForm
from people.models import Right, Role
from people.permissions import departments_where
from people.views.member import member_or_404, member_page


@require_http_methods(["GET", "POST"])
@in_department
def correct(request, department, pk):
    found = member_or_404(request, department, pk)
    written = {
        "name": found.user.name,
        "work_number": found.work_number,
        "rostered": found.rostered,
        "scored": found.scored,
    }
    form = CorrectForm(request.POST or None, initial=written)
    if form.carry_out(lambda: leaving.correct(actor=request.user, member=found, **form.cleaned_data)):
        messages.success(request, _("Corrected."))
        return redirect("people:member", department.code, pk)
    context = {"member": found, "form": form}
    return render(request, "people/member_correct.html", context, status=422 if form.errors else 200)


def _previewed(request, department):
    """The form, bound only when it is sent; the day that is looked at before."""
    asked = LeaveForm(request.GET if "last_day" in request.GET else None)
    if request.method == "GET" and asked.is_bound and asked.is_valid():
        return asked.cleaned_data["last_day"]
    return department.today()


@require_http_methods(["GET", "POST"])
@in_department
def leave(request, department, pk):
    member = member_or_404(request, department, pk)
    day = _previewed(request, department)
    form = LeaveForm(request.POST or None, initial={"last_day": _first_shown(request, member, day)})
    if form.is_valid():
        day = form.cleaned_data["last_day"]
        try:
            lost = leaving.leave(actor=request.user, member=member, last_day=day)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _said(member, day, lost))
            return redirect("people:member", department.code, pk)
    shown_day = day if form.is_bound else form.initial["last_day"]
    context = {"member": member, "form": form, "day": shown_day, "behind": leaving.left_behind(member, shown_day)}
    template = "desk/_left_behind.html" if request.htmx else "desk/member_leave.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _first_shown(request, member, day):
    return day if "last_day" in request.GET or member.until_day is None else member.until_day


def _said(member, day, lost) -> str:
    text = _("%(name)s's last day is %(day)s.") % {"name": member.name, "day": day}
    if lost:
        more = ngettext("%(count)s shift is open now.", "%(count)s shifts are open now.", len(lost))
        text += " " + more % {"count": len(lost)}
    return text


@require_POST
@in_department
def stay(request, department, pk):
    """Take a last day back that is not past."""
    member = member_or_404(request, department, pk)
    try:
        leaving.leave(actor=request.user, member=member, last_day=None)
    except ValidationError as refusal:
        return member_page(request, member, refusal=" ".join(refusal.messages))
    text = _("%(name)s stays. Shifts that were taken away do not come back.")
    messages.success(request, text % {"name": member.name})
    return redirect("people:member", department.code, pk)


@require_http_methods(["GET", "POST"])
@in_department
def move(request, department, pk):
    member = member_or_404(request, department, pk)
    targets = departments_where(request.user, Right.MANAGE_MEMBERS).exclude(pk=department.pk)
    if not targets:
        raise Http404
    day = member.until_day or department.today()
    at_first = {
        "last_day": day,
        "work_number": member.work_number,
        "roles": [grant.role for grant in roles_of(member)] or [Role.AGENT],
    }
    form = MoveForm(request.POST or None, initial=at_first, targets=targets)
    if form.is_valid():
        day = form.cleaned_data["last_day"]
        try:
            added = leaving.move(actor=request.user, member=member, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            facts = {"name": member.name, "department": added.department, "day": added.from_day}
            messages.success(request, _("%(name)s belongs to %(department)s from %(day)s on.") % facts)
            return redirect("people:member", department.code, pk)
    context = {"member": member, "form": form, "day": day, "behind": leaving.left_behind(member, day)}
    return render(request, "desk/member_move.html", context, status=422 if form.errors else 200)
