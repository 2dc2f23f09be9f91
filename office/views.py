"""The inbox, and the progress of one's own jobs."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from . import jobs
from . import notices as inbox
from .models import Job, Notice


@require_GET
def notices(request):
    page = Paginator(Notice.objects.visible_to(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "office/notice_list.html", {"page": page})


@require_POST
def notices_read(request):
    inbox.mark_read(user=request.user)
    return redirect("office:notices")


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
    if not found.is_finished:
        jobs.cancel(job=found)
    return redirect("desk:home")
