"""A new item of the handover log; one item and its buttons: accept, ask back, refuse, answer, add, give, done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from handover import services
from handover.forms.log import AcceptForm, AnswerForm, AssignForm, DoneForm, ItemForm, NoteForm, TalkForm
from handover.models import HandoverItem
from handover.pages.coming import colleagues_of
from handover.pages.log import allow, missing_of, shift_of
from handover.permissions import can_answer, can_finish, can_take_over
from handover.views.log import log_page
from handover.views.rules import needs_rulebook
from people.access import in_department, membership_of, require_membership
from rulebooks.services import in_force
from shifts.models import Attendance

# Tells the page that something in the log has changed: it asks at once what it looks like now.
CHANGED = "handover-changed"
JSON = "application/json"


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def item_new(request, department):
    member = require_membership(request)
    rulebook, attendance = in_force(department, department.today()), shift_of(member)
    form = ItemForm(
        request.POST or None,
        initial={"customer": request.GET.get("customer", "")[:80]},
        department=department,
        rulebook=rulebook,
        colleagues=colleagues_of(member, attendance, rulebook),
        shift_ends=attendance.planned_end if attendance else None,
    )
    if form.carry_out(lambda: services.write_item(author=member, **form.cleaned_data)):
        return _written(request, department)
    return render(request, "handover/item_form.html", {"form": form}, status=422 if form.errors else 200)


def _written(request, department):
    """Onward; the page that keeps a draft hears where to, and that it may forget it."""
    messages.success(request, _("Written down; it is yours until somebody accepts it."))
    onward = reverse("handover:item_new" if request.POST.get("again") else "handover:log", args=[department.code])
    if request.headers.get("Accept") == JSON:
        return JsonResponse({"onward": onward}, status=201)
    return redirect(onward)


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
    events = found.events.select_related("actor", "owner__user", "item__department")
    context = {"item": found, "events": events, "on_duty": _takers(found, department)}
    context["missing"] = missing_of(found) if found.may_note else []
    return render(request, "handover/item_detail.html", context)


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
def item_note(request, department, pk):
    found, member = item_or_404(request, department, pk), require_membership(request)
    if not can_finish(request, found, member):
        raise PermissionDenied
    form = NoteForm(request.POST, department=department, auto_id=f"note-{pk}-%s")
    _try(form, services.note_item, item=found, actor_membership=member)
    return _answer(request, department, pk, form, done=_("Added; it stands in the history."))


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

    def act():
        service(**about, **{dict(names).get(name, name): typed for name, typed in form.cleaned_data.items()})

    form.carry_out(act)


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
    # The card as it is now: what can be put right is put right there, what cannot is said beside what was typed.
    found = _for_reader(request, item_or_404(request, department, pk))
    found.form = form
    context = {"item": found, "on_duty": _takers(found, department)}
    return render(request, "handover/_item.html", context, status=422)
