"""The handover log: reading it, keeping it up to date, writing an item, paper."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from handover import services
from handover.forms.log import ItemForm, SubmitForm
from handover.models import Handover
from handover.pages.log import read_log, version_of, with_version
from handover.pages.paper import handed_over, open_items
from handover.permissions import can_take_over
from handover.views.rules import needs_rulebook
from office import clock
from people.access import in_department, require_membership
from people.permissions import places_of, rights_in
from rulebooks.services import in_force


@require_GET
@in_department
def log(request, department):
    return log_page(request, department)


def log_page(request, department, *, failed=None, submit_form=None):
    """The whole log. `failed`: (item pk, its bound form), so that nothing typed is lost without htmx either."""
    context = _context(request, department, submit_form=submit_form)
    if failed:
        item, form = next((item for item in context["log"].items if item.pk == failed[0]), None), failed[1]
        if item is not None:
            item.form = form
        else:
            # Somebody else was faster: the item no longer stands on this page.
            messages.error(request, " ".join(message for errors in form.errors.values() for message in errors))
    status = 422 if failed or context["submit_form"].errors else 200
    return render(request, "handover/item_list.html", context, status=status)


def _context(request, department, *, submit_form=None) -> dict:
    found = read_log(department, request.user, may_take_over=can_take_over(request))
    return {"log": found, "member": found.member, "submit_form": submit_form or SubmitForm(auto_id="submit-%s")}


@require_GET
def pulse(request, code):
    """The log when it has changed since the version named by If-None-Match or `v`; else 304, or 204.

    Asked every other second by everybody who has the page open: whether one may read it and which version it has by now
    come in one query.
    """
    department = with_version(places_of(request.user)).filter(code=code).first()
    if department is None or department.is_former:
        raise Http404
    version = version_of(department)
    unchanged = get_conditional_response(request, etag=quote_etag(version))
    if unchanged is not None:
        return unchanged
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    request.department, request.rights = department, rights_in(request.user, department)
    response = render(request, "handover/_pulse.html", _context(request, department))
    response["ETag"] = quote_etag(version)
    return response


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def item_new(request, department):
    member = require_membership(request)
    rulebook = in_force(department, department.today())
    customer = request.GET.get("customer", "")[:80]
    about = {"department": department, "rulebook": rulebook, "author": member}
    form = ItemForm(request.POST or None, initial={"customer": customer}, **about)
    if form.is_valid():
        try:
            services.write_item(author=member, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Written down; it is yours until somebody accepts it."))
            return redirect("handover:item_new" if "again" in request.POST else "handover:log", code=department.code)
    return render(request, "handover/item_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@in_department
def print_open(request, department):
    """Every open item of the department on paper, the most urgent first."""
    return _paper(request, department, items=open_items(department))


@require_GET
@in_department
def print_handover(request, department, pk):
    """One handover on paper: what it passed on, and what has become of it."""
    handovers = Handover.objects.filter(department=department).select_related("giver__user", "attendance")
    found = get_object_or_404(handovers, pk=pk)
    return _paper(request, department, items=handed_over(found), handover=found)


def _paper(request, department, **shown):
    as_of = f"{department.local(clock.now()):%Y-%m-%d %H:%M}"
    return render(request, "handover/handover_print.html", {"as_of": as_of, **shown})
