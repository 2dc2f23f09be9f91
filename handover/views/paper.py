"""The handover log on paper."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from handover.models import Handover
from handover.pages.paper import handed_over, open_items
from office import clock
from people.access import in_department


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
    return _paper(request, department, items=handed_over(found, request.user), handover=found)


def _paper(request, department, **shown):
    as_of = f"{department.local(clock.now()):%Y-%m-%d %H:%M}"
    return render(request, "handover/handover_print.html", {"as_of": as_of, **shown})
