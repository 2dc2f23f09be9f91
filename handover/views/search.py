"""Searching through the notebooks."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from handover.customers import may_see_customers
from handover.forms.search import NotebookSearchForm
from handover.pages.log import shift_of
from handover.pages.search import Reader
from handover.pages.search import search as found_by
from people.access import in_department, membership_of


def reader_of(request) -> Reader:
    """Who searches, with the shift that they are on now."""
    member = membership_of(request.user, request.department)
    shift = shift_of(member) if member else None
    return Reader(request.user, sees_all=may_see_customers(request), attendance=shift)


@require_GET
@in_department
def search(request, department):
    """Rows of the notebooks that hold the words; without words an empty page that says how."""
    form = NotebookSearchForm(request.GET or None)
    found = None
    if form.is_valid() and form.cleaned_data["q"].strip():
        asked = dict(form.cleaned_data)
        found = found_by(department, reader_of(request), asked.pop("q"), **asked)
    query = request.GET.copy()
    query.pop("before", None)
    context = {"form": form, "found": found, "query": query.urlencode()}
    return render(request, "handover/search.html", context, status=422 if form.errors else 200)
