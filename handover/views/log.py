"""The handover log: reading it, writing an item, accepting and finishing one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import services
from handover.forms import AcceptForm, DoneForm, ItemForm, SubmitForm
from handover.log import changed_by_others, read_log, read_relay, shift_of, version_of
from handover.models import HandoverItem
from handover.permissions import can_finish, can_take_over
from handover.views.rules import needs_rulebook
from people.access import in_department, membership_of, require_membership
from rulebooks.services import in_force

# Tells the page that something in the log has changed: its head counts anew.
CHANGED = "handover-changed"


@require_GET
@in_department
def log(request, department):
    return log_page(request, department)


def log_page(request, department, *, failed=None, submit_form=None):
    """The whole log. `failed`: (item pk, its bound form), so that nothing typed is lost without htmx either."""
    found = read_log(department, request.user, may_take_over=can_take_over(request))
    if failed:
        item, form = next((item for item in found.waiting + found.own if item.pk == failed[0]), None), failed[1]
        if item is not None:
            item.form = form
        else:
            # Somebody else was faster: the item no longer stands on this page.
            messages.error(request, " ".join(message for errors in form.errors.values() for message in errors))
    submit = submit_form or SubmitForm(auto_id="submit-%s")
    context = {"log": found, "member": found.member, "submit_form": submit}
    return render(request, "handover/item_list.html", context, status=422 if failed or submit.errors else 200)


@require_GET
@in_department
def pulse(request, department):
    """The head of the log when it has changed since version `v`; nothing (204) when it has not."""
    seen, version = request.GET.get("v", ""), version_of(department)
    if seen == version:
        return HttpResponse(status=204)
    context = {
        "relay": read_relay(department, request.user),
        "version": version,
        "changed": changed_by_others(department, request.user, seen) or "stale" in request.GET,
    }
    return render(request, "handover/_pulse.html", context)


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def item_new(request, department):
    member = require_membership(request)
    rulebook = in_force(department, department.today())
    form = ItemForm(request.POST or None, department=department, rulebook=rulebook)
    if form.is_valid():
        try:
            services.write_item(author=member, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Written down; it is yours until somebody accepts it."))
            return redirect("handover:item_new" if "again" in request.POST else "handover:log", code=department.code)
    return render(request, "handover/item_form.html", {"form": form}, status=422 if form.errors else 200)


def _item_or_404(request, department, pk):
    return get_object_or_404(HandoverItem.objects.visible_to(request.user).for_cards(), department=department, pk=pk)


@require_GET
@in_department
def item(request, department, pk):
    found = _item_or_404(request, department, pk)
    member = membership_of(request.user, department)
    shift = shift_of(member) if member else None
    found.may_accept = shift is not None and found.is_for(shift)
    found.may_finish = member is not None and can_finish(request, found, member)
    events = found.events.select_related("actor", "owner__user", "handover")
    return render(request, "handover/item_detail.html", {"item": found, "events": events})


@require_POST
@in_department
def item_accept(request, department, pk):
    found = _item_or_404(request, department, pk)
    member = require_membership(request)
    form = AcceptForm(request.POST, auto_id=f"accept-{pk}-%s")
    if form.is_valid():
        try:
            services.accept_item(item=found, actor_membership=member, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
    return _answer(request, department, pk, form, done=_("Accepted; it is yours now."))


@require_POST
@in_department
def item_done(request, department, pk):
    found = _item_or_404(request, department, pk)
    member = require_membership(request)
    if not can_finish(request, found, member):
        raise PermissionDenied
    form = DoneForm(request.POST, auto_id=f"done-{pk}-%s")
    if form.is_valid():
        try:
            services.finish_item(item=found, actor_membership=member, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
    return _answer(request, department, pk, form, done=_("Done."))


def _answer(request, department, pk, form, *, done: str):
    """After a button on an item: the item as it is now, with what was refused and typed; the log without htmx."""
    failed = bool(form.errors)
    if not request.htmx:
        if failed:
            return log_page(request, department, failed=(pk, form))
        messages.success(request, done)
        return redirect("handover:log", code=department.code)
    found = _item_or_404(request, department, pk)
    if failed:
        # The same button again: what can be put right is put right here, what cannot is said.
        found.form = form
        found.may_accept = isinstance(form, AcceptForm) and found.is_waiting
        found.may_finish = isinstance(form, DoneForm) and found.is_open
    else:
        found.may_finish = found.is_open and found.owner.user_id == request.user.pk
    response = render(
        request, "handover/_item.html", {"item": found, "just": "" if failed else done}, status=422 if failed else 200
    )
    if not failed:
        response["HX-Trigger"] = CHANGED
        # Heads, counts, the list of one's own and what stands before leaving follow from it: the page is fetched anew.
        response["HX-Refresh"] = "true"
        messages.success(request, done)
    return response
