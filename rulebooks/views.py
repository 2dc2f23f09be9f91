"""The rulebook as its department reads it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from people.access import in_department

from .models import RulebookVersion
from .services import version_by_id


@require_GET
@in_department
def current(request, department):
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    version = versions.in_force_on(department.today()).first()
    return _show(request, versions, version)


@require_GET
@in_department
def version(request, department, number):
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    return _show(request, versions, get_object_or_404(versions, number=number))


def _show(request, versions, version):
    return render(
        request,
        "rulebooks/rulebook_detail.html",
        {
            "version": version,
            "versions": versions.defer("source", "content").select_related("published_by"),
            "rulebook": version_by_id(version.pk) if version else None,
        },
    )
