"""The rulebook as its department reads it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from people.access import in_department

from .models import RulebookVersion
from .schema import Rulebook, ShiftType
from .services import version_by_id


@require_GET
@in_department
def current(request, department):
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    return _show(request, versions, _in_force(versions, department))


@require_GET
@in_department
def version(request, department, number):
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    return _show(request, versions, get_object_or_404(versions, number=number), _in_force(versions, department))


def _in_force(versions, department):
    return versions.in_force_on(department.today()).first()


def _with_successors(rulebook: Rulebook, shift: ShiftType) -> dict:
    """A shift type with the names of those it hands over to."""
    names = [other.name for other in rulebook.shifts if other.code in shift.hands_over_to]
    return {
        "name": shift.name,
        "code": shift.code,
        "hours": shift.hours,
        "headcount": shift.headcount,
        "extension": shift.extension,
        "successors": names,
    }


def _show(request, versions, version, current=None):
    rulebook = version_by_id(version.pk) if version else None
    return render(
        request,
        "rulebooks/rulebook_detail.html",
        {
            "version": version,
            "in_force": version is not None and (current is None or current == version),
            "versions": versions.defer("source", "content").select_related("published_by"),
            "rulebook": rulebook,
            "shifts": [_with_successors(rulebook, shift) for shift in rulebook.shifts] if rulebook else [],
        },
    )
