"""Handing over, and ending the shift: one's own, or somebody's whom one may take over for."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import services
from handover.forms.log import EndShiftForm, SubmitForm
from handover.pages.gate import Gate, gate_of
from handover.pages.log import shift_of
from handover.pages.relay import side_of
from handover.permissions import can_act_for
from handover.views.log import log_page
from handover.words import in_words, moment
from office import clock
from people.access import in_department, require_membership
from shifts.models import Attendance


def _shift_meant(request, department) -> Attendance | None:
    """The running shift that this page is about: the one named by `attendance`, else one's own, if any."""
    named = request.POST.get("attendance") or request.GET.get("attendance") or ""
    if not named:
        return shift_of(require_membership(request))
    shifts = Attendance.objects.visible_to(request.user).filter(membership__department=department)
    pk = int(named) if named.isdecimal() and len(named) < 19 else 0
    found = get_object_or_404(shifts.select_related("membership__user", "membership__department"), pk=pk)
    if not can_act_for(request, found):
        raise PermissionDenied
    return found


@require_POST
@in_department
def submit(request, department):
    shift = _shift_meant(request, department)
    form = SubmitForm(request.POST, auto_id="submit-%s")
    if form.is_valid():
        try:
            if shift is None:
                raise ValidationError(_("You are not on duty."), code="not_on_duty")
            services.submit_handover(attendance=shift, actor=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Handed over. The items stay yours until they are accepted or you leave."))
            return redirect("handover:log", code=department.code)
    return log_page(request, department, submit_form=form)


@require_GET
@in_department
def gate(request, department):
    """What stands before one's own clock-out, alone; nothing (204) when one is not on duty."""
    shift = shift_of(require_membership(request))
    if shift is None:
        return HttpResponse(status=204)
    return render(request, "handover/_gate.html", {"gate": gate_of(shift)})


@require_http_methods(["GET", "POST"])
@in_department
def end_shift(request, department):
    shift = _shift_meant(request, department)
    if shift is None or not shift.is_on_duty:
        return render(request, "handover/end_shift.html", {"attendance": shift})
    form, before = EndShiftForm(request.POST or None), gate_of(shift)
    if form.is_valid():
        try:
            services.end_shift(attendance=shift, actor=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _ended(before))
            return redirect("desk:today", code=department.code)
    context = {"attendance": shift, "gate": before, "form": form, **_about(shift, department, request.user)}
    return render(request, "handover/end_shift.html", context, status=422 if form.errors else 200)


def _ended(gate: Gate) -> str:
    """What became of the open items, in the words that stay on the screen when the shift is over."""
    if not gate.items or not gate.receivers:
        return _("The shift is ended.")
    text = ngettext(
        "The shift is ended; %(items)s item goes to: %(receivers)s.",
        "The shift is ended; %(items)s items go to: %(receivers)s.",
        len(gate.items),
    )
    return text % {"items": len(gate.items), "receivers": gate.receivers}


def _about(shift: Attendance, department, user) -> dict:
    """Which shift it is, whether it is somebody else's, when it ends, and how much of it is left."""
    now = clock.now()
    return {
        "side": side_of(shift),
        "foreign": shift.membership.user_id != user.pk,
        "ends": moment(shift.planned_end, now, department.zone),
        "early": in_words(shift.planned_end - now) if now < shift.planned_end else "",
    }
