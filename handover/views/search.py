"""Searching through the notebooks."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from handover.forms.search import NotebookSearchForm
from handover.pages.search import search as found_by
from people.access import in_department


@require_GET
@in_department
def search(request, department):
    """Rows of the notebooks that hold the words; without words an empty page that says how."""
    form = NotebookSearchForm(request.GET or None)
    found = None
    if form.is_valid() and form.cleaned_data["q"].strip():
        asked = dict(form.cleaned_data)
        found = found_by(department, request.user, asked.pop("q"), **asked)
    query = request.GET.copy()
    query.pop("before", None)
    context = {"form": form, "found": found, "query": query.urlencode()}
    return render(request, "handover/search.html", context, status=422 if form.errors else 200)
