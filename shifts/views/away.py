"""Leaving the desk and coming back, and allowing somebody to."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from people.access import in_department, may, require_membership
from people.models import Right
from shifts import services as shifts
from shifts.forms.corrections import AllowForm
from shifts.models import Away, Permission
from shifts.pages.away import away_panel_of
from shifts.punctuality import whole_minutes
from shifts.services import away as services


@require_http_methods(["GET", "POST"])
@in_department
def away(request, department):
    """GET: the buttons alone, for who waits for an answer; 204 when not on duty. POST: leave, for a `reason`."""
    member = require_membership(request)
    if request.method == "GET":
        running = shifts.on_duty(member)
        return _panel(request, department, running) if running else HttpResponse(status=204)
    reason = request.POST.get("reason", "")
    return _do(request, department, member, lambda running: _leave(running, reason, request.user))


def _leave(running, reason: str, user) -> None:
    services.leave_desk(attendance=running, reason=reason, actor=user)


@require_POST
@in_department
def back(request, department):
    """Back at the desk; with `stayed` the person never left, and asks no longer."""
    stayed = request.POST.get("stayed") == "1"
    return _do(request, department, require_membership(request), lambda running: _return(running, stayed, request.user))


def _return(running, stayed: bool, user) -> None:
    services.come_back(attendance=running, actor=user, stayed=stayed)


def _do(request, department, member, act):
    running = shifts.on_duty(member)
    refusal = ""
    try:
        if running is None:
            raise ValidationError(_("You are not clocked in."), code="not_on_duty")
        act(running)
    except ValidationError as error:
        refusal = " ".join(error.messages)
    if request.htmx:
        return _panel(request, department, running, refusal)
    if refusal:
        messages.error(request, refusal)
    return redirect("desk:today", code=department.code)


def _panel(request, department, running, refusal: str = ""):
    if running is not None:
        running.membership.department = department
    context = {"department": department, "panel": away_panel_of(running) if running else None, "refusal": refusal}
    return render(request, "shifts/_away.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@in_department
def away_decide(request, department, pk):
    """Allow somebody to leave the desk, or not. One's own request is not one's own to decide (403)."""
    people = ("attendance__membership__user", "attendance__membership__department", "decided_by")
    rows = Away.objects.visible_to(request.user).filter(attendance__membership__department=department)
    found = get_object_or_404(rows.select_related(*people), pk=pk)
    if found.attendance.membership.user_id == request.user.pk or not may(request, Right.WATCH_SHIFTS):
        raise PermissionDenied
    form = AllowForm(request.POST or None)
    refusal = ""
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise ValidationError(_("Allow it or refuse it."), code="unreadable")
            services.decide(away=found, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(request, _("%(name)s is told.") % {"name": found.attendance.membership.name})
            return redirect("shifts:away_decide", department.code, pk)
    return render(request, "shifts/away_decide.html", _case(found, refusal), status=422 if refusal else 200)


def _case(away: Away, refusal: str) -> dict:
    rule = services.reason_of(away)
    back_at, decided_at = away.back_at, away.decided_at
    return {
        "away": away,
        "rule": rule,
        "name": str(rule.name) if rule else away.reason,
        "minutes": whole_minutes((back_at or decided_at or away.left_at) - away.left_at),
        "waits": away.permission == Permission.ASKED and back_at is None,
        "refusal": refusal,
    }
