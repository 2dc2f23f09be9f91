"""The handover log: reading it, and keeping it up to date."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET

from handover.forms.log import SubmitForm
from handover.pages.log import read_log, version_of, with_version
from handover.permissions import can_take_over
from people.access import in_department
from people.permissions import places_of, rights_in


@require_GET
@in_department
def log(request, department):
    return log_page(request, department)


def log_page(request, department, *, failed=None, submit_form=None, submit_for=None):
    """The whole log. `failed`: (item pk, its bound form), so that nothing typed is lost without htmx either.

    `submit_form`: a handover that was refused; `submit_for`: the key of the shift it was for, if not the reader's own.
    """
    context = _context(request, department, submit_form=submit_form, submit_for=submit_for)
    if failed:
        item, form = next((item for item in context["log"].items if item.pk == failed[0]), None), failed[1]
        if item is not None:
            item.form = form
        else:
            # Somebody else was faster: the item no longer stands on this page.
            said = [message for errors in form.errors.values() for message in errors]
            messages.error(request, " ".join([*said, *form.typed]))
    status = 422 if failed or context["submit_form"].errors else 200
    return render(request, "handover/item_list.html", context, status=status)


def _context(request, department, *, submit_form=None, submit_for=None) -> dict:
    found = read_log(department, request.user, may_take_over=can_take_over(request))
    form = submit_form or SubmitForm(auto_id="submit-%s")
    return {"log": found, "member": found.member, "submit_form": form, "submit_for": submit_for}


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
