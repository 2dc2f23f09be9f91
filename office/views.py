"""The inbox, and the progress of one's own jobs."""

from contextlib import suppress
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from . import clock, jobs
from . import notices as inbox
from .models import Job, Notice


@require_GET
def notices(request):
    page = Paginator(Notice.objects.visible_to(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "office/notice_list.html", {"page": page, "shown_at": clock.now().isoformat()})


@require_POST
def notices_read(request):
    inbox.mark_read(user=request.user, until=_instant(request.POST.get("until", "")))
    return redirect("office:notices")


def _instant(text: str) -> datetime | None:
    """When the list was shown: what has come since has not been seen. None when it is not told."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


@require_GET
def job(request, pk):
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    response = render(request, "office/_job.html", {"job": found})
    if found.is_finished and request.htmx:
        # The page that shows the job holds its result too: fetch it anew.
        response["HX-Refresh"] = "true"
    return response


@require_POST
def job_cancel(request, pk):
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    # It may end by itself in the moment in which the button is pressed: that is no mistake to talk about.
    with suppress(ValidationError):
        jobs.cancel(job=found)
    return redirect(_where_from(request) or "desk:home")


def _where_from(request) -> str:
    """The page of ours on which the button stood; empty when the browser does not tell."""
    page = request.headers.get("referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else ""
