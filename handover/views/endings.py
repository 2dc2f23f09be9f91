"""Handing over, and ending the shift: one's own, or somebody's whom one may take over for."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import services
from handover.forms.log import EndShiftForm, SubmitForm
from handover.models import Handover, HandoverItem, ItemAction, ItemEvent
from handover.pages.gate import Gate, gate_of
from handover.pages.log import shift_of
from handover.pages.relay import next_shifts, side_of
from handover.permissions import can_act_for
from handover.services.leaving import leaves_something, needs_reason_to_end
from handover.views.log import log_page
from handover.words import in_words, moment
from office import clock
from office.lists import joined
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
    if form.carry_out(lambda: _submit(shift, request.user, form.cleaned_data)):
        messages.success(request, _submitted(form.outcome, request.user))
        return _back_to_log(request, department, shift)
    foreign = shift is not None and shift.membership.user_id != request.user.pk
    return log_page(request, department, submit_form=form, submit_for=shift.pk if shift and foreign else None)


def _back_to_log(request, department, shift: Attendance | None):
    """To the log; after one's own shift to the part that one pressed the button in."""
    address = reverse("handover:log", args=[department.code])
    is_own = shift is not None and shift.membership.user_id == request.user.pk
    return redirect(f"{address}#mine" if is_own else address)


def _submit(shift: Attendance | None, user, typed: dict) -> Handover:
    if shift is None:
        raise ValidationError(_("You are not on duty."), code="not_on_duty")
    if shift.membership.user_id != user.pk:
        # Whoever acts for somebody else says why instead.
        typed = typed | {"already_now": None}
    return services.submit_handover(attendance=shift, actor=user, **typed)


def _submitted(handover: Handover, user) -> str:
    """What has become of the items."""
    if handover.giver.user_id == user.pk:
        return _("Handed over. The items stay yours until they are accepted or you leave.")
    count = handover.items.open().count()
    if not count:
        return _("Handed over for %(name)s; there was nothing to hand over.") % {"name": handover.giver.name}
    text = ngettext(
        "Handed over for %(name)s: %(items)s item waits for %(receivers)s and stays theirs until it is accepted.",
        "Handed over for %(name)s: %(items)s items wait for %(receivers)s and stay theirs until they are accepted.",
        count,
    )
    return text % {"name": handover.giver.name, "items": count, "receivers": _receivers(handover.attendance)}


def _receivers(shift: Attendance) -> str:
    return joined(f"{side.name} {side.day}".strip() for side in next_shifts(shift)) or _("the queue")


@require_POST
@in_department
def take_back(request, department):
    """Take back one's own handover, or somebody's whom one may take over for."""
    shift = _shift_meant(request, department)
    try:
        if shift is None:
            raise ValidationError(_("You are not on duty."), code="not_on_duty")
        services.take_back(attendance=shift, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Taken back: the items are open with you again, nothing is handed over."))
    return _back_to_log(request, department, shift)


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
    is_own, before = shift.membership.user_id == request.user.pk, gate_of(shift)
    explains = not is_own and needs_reason_to_end(shift, before.handover)
    form, bare = (_end_form(request, shift, bare=is_bare, explains=explains) for is_bare in (False, True))
    typed = bare if bare.is_bound else form
    if typed.carry_out(lambda: services.end_shift(attendance=shift, actor=request.user, **_asked(typed, is_own))):
        messages.success(request, _ended(typed.outcome, before, is_own))
        return redirect("desk:today", code=department.code)
    context = {"attendance": shift, "gate": before, "form": form, "bare": bare, **_about(before, department, is_own)}
    return render(request, "handover/end_shift.html", context, status=422 if typed.errors else 200)


def _end_form(request, shift: Attendance, *, bare: bool, explains: bool) -> EndShiftForm:
    """The form that hands over and leaves, or (`bare`) the one beside it that leaves without; one of them was sent."""
    is_sent = request.method == "POST" and ("without" in request.POST) == bare
    auto_id = "bare_%s" if bare else "id_%s"
    sent = request.POST if is_sent else None
    return EndShiftForm(sent, customers=shift.open_customers, explains=explains, auto_id=auto_id)


def _asked(form: EndShiftForm, is_own: bool) -> dict:
    """What the service is told: the tick answers for time left and open customers too; for others a reason does."""
    return form.cleaned_data | {"all_the_same": form.cleaned_data["confirmed"] if is_own else None}


def _ended(ended: Attendance, before: Gate, is_own: bool) -> str:
    """What became of the open items, in the words that stay on the screen when the shift is over."""
    name = ended.membership.name
    said = [_("The shift is ended.") if is_own else _("The shift of %(name)s is ended.") % {"name": name}]
    queued = ItemEvent.objects.filter(
        action=ItemAction.QUEUED, at__gte=ended.clocked_out_at, actor=ended.clocked_out_by
    )
    if count := queued.filter(item__department=ended.membership.department_id).count():
        text = ngettext("%(items)s item goes to: %(receivers)s.", "%(items)s items go to: %(receivers)s.", count)
        said.append(text % {"items": count, "receivers": _receivers(ended)})
    keys = [item.pk for item in before.items]
    if count := HandoverItem.objects.open().filter(pk__in=keys, owner=ended.membership_id).count():
        text = ngettext("%(items)s item stays with %(name)s.", "%(items)s items stay with %(name)s.", count)
        said.append(text % {"items": count, "name": name})
    return " ".join(said)


def _about(gate: Gate, department, is_own: bool) -> dict:
    """Which shift it is, whether it is somebody else's, when it ends, how much of it is left, and what is asked."""
    now, shift = clock.now(), gate.attendance
    return {
        "side": side_of(shift),
        "foreign": not is_own,
        "ends": moment(shift.planned_end, now, department.zone),
        "early": in_words(shift.planned_end - now) if now < shift.planned_end else "",
        "asks_all_the_same": is_own and leaves_something(shift),
    }
