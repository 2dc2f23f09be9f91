"""One item of the handover log, and its buttons: accept, ask back or refuse, answer, give to somebody, done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from handover import services
from handover.forms.log import AcceptForm, AnswerForm, AssignForm, DoneForm, TalkForm
from handover.models import HandoverItem
from handover.pages.log import allow, shift_of
from handover.permissions import can_answer, can_finish, can_take_over
from handover.views.log import log_page
from people.access import in_department, membership_of, require_membership
from shifts.models import Attendance

# Tells the page that something in the log has changed: it asks at once what it looks like now.
CHANGED = "handover-changed"


def item_or_404(request, department, pk) -> HandoverItem:
    return get_object_or_404(HandoverItem.objects.visible_to(request.user).for_cards(), department=department, pk=pk)


def _for_reader(request, found: HandoverItem) -> HandoverItem:
    """The item with what the reader may do with it."""
    member = membership_of(request.user, request.department)
    allow(found, member, shift_of(member) if member else None, may_take_over=can_take_over(request))
    return found


@require_GET
@in_department
def item(request, department, pk):
    found = _for_reader(request, item_or_404(request, department, pk))
    events = found.events.select_related("actor", "owner__user", "handover")
    return render(
        request, "handover/item_detail.html", {"item": found, "events": events, "on_duty": _takers(found, department)}
    )


def _takers(found: HandoverItem, department) -> list[Attendance]:
    """Who can be given the item: whoever is on duty, when the reader may give it."""
    if not found.may_assign:
        return []
    running = Attendance.objects.on_duty().filter(membership__department=department)
    return list(running.select_related("membership__user").order_by("membership__work_number"))


@require_POST
@in_department
def item_accept(request, department, pk):
    found, member = item_or_404(request, department, pk), require_membership(request)
    form = AcceptForm(request.POST, auto_id=f"accept-{pk}-%s")
    _try(form, services.accept_item, item=found, actor_membership=member)
    return _answer(request, department, pk, form, done=_("Accepted; it is yours now."))


@require_POST
@in_department
def item_ask(request, department, pk):
    found, member = item_or_404(request, department, pk), require_membership(request)
    form = TalkForm(request.POST, auto_id=f"talk-{pk}-%s")
    _try(form, services.ask_back, item=found, actor_membership=member)
    return _answer(request, department, pk, form, done=_("Asked; the answer will stand here."))


@require_POST
@in_department
def item_refuse(request, department, pk):
    found, member = item_or_404(request, department, pk), require_membership(request)
    form = TalkForm(request.POST, auto_id=f"talk-{pk}-%s")
    _try(form, services.refuse_item, item=found, actor_membership=member, names={"text": "reason"})
    return _answer(request, department, pk, form, done=_("Refused; whoever gave it is told why."))


@require_POST
@in_department
def item_answer(request, department, pk):
    found, member = item_or_404(request, department, pk), require_membership(request)
    if not can_answer(request, found, member):
        raise PermissionDenied
    form = AnswerForm(request.POST, auto_id=f"answer-{pk}-%s")
    _try(form, services.answer_item, item=found, actor_membership=member)
    return _answer(request, department, pk, form, done=_("Answered; whoever asked is told."))


@require_POST
@in_department
def item_assign(request, department, pk):
    found = item_or_404(request, department, pk)
    if not can_take_over(request):
        raise PermissionDenied
    form = AssignForm(request.POST, department=department, auto_id=f"assign-{pk}-%s")
    _try(form, services.assign_item, item=found, actor=request.user)
    return _answer(request, department, pk, form, done=_("Given; both sides are told."))


@require_POST
@in_department
def item_done(request, department, pk):
    found, member = item_or_404(request, department, pk), require_membership(request)
    if not can_finish(request, found, member):
        raise PermissionDenied
    form = DoneForm(request.POST, auto_id=f"done-{pk}-%s")
    _try(form, services.finish_item, item=found, actor_membership=member)
    return _answer(request, department, pk, form, done=_("Done."))


def _try(form, service, *, names=(), **about) -> None:
    """Call the service with what the form holds; what it refuses stands in the form. `names`: field to parameter."""
    if not form.is_valid():
        return
    typed = {dict(names).get(name, name): value for name, value in form.cleaned_data.items()}
    try:
        service(**about, **typed)
    except ValidationError as refusal:
        form.refuse(refusal)


def _answer(request, department, pk, form, *, done: str):
    """After a button on an item: the item as it is now, with what was refused and typed; the log without htmx."""
    if form.errors:
        return _refused(request, department, pk, form)
    log = reverse("handover:log", args=[department.code])
    if not request.htmx:
        messages.success(request, done)
        return redirect(log)
    found = _for_reader(request, item_or_404(request, department, pk))
    response = render(request, "handover/_item.html", {"item": found, "just": done})
    if request.htmx.current_url_abs_path and request.htmx.current_url_abs_path.partition("?")[0] == log:
        # The log brings itself up to date without touching what is being typed elsewhere on it.
        return trigger_client_event(response, CHANGED, {"says": done}, after="swap")
    # Heads, counts, the list of one's own and what stands before leaving follow from it: the page is fetched anew.
    response["HX-Refresh"] = "true"
    messages.success(request, done)
    return response


def _refused(request, department, pk, form):
    if not request.htmx:
        return log_page(request, department, failed=(pk, form))
    found = item_or_404(request, department, pk)
    # The same button again: what can be put right is put right here, what cannot is said.
    found.form = form
    found.may_accept = form.purpose in (AcceptForm.purpose, TalkForm.purpose) and found.is_waiting
    found.may_answer = form.purpose == AnswerForm.purpose and found.asked_at is not None
    found.may_assign = form.purpose == AssignForm.purpose and found.is_open
    found.may_finish = form.purpose == DoneForm.purpose and found.is_open
    context = {"item": found, "on_duty": _takers(found, department)}
    return render(request, "handover/_item.html", context, status=422)
