"""The inbox, and the progress of one's own jobs."""

from contextlib import suppress
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from . import clock, jobs
from . import notices as inbox
from .models import UNFINISHED, Job, JobState, Notice
from .tables import Choice, Column, Kind, Table, address

JOB_COLUMNS = (
    Column("name", gettext_lazy("Work"), lambda job: job.name),
    Column("department", gettext_lazy("Department"), lambda job: job.department and str(job.department)),
    Column("state", gettext_lazy("State"), lambda job: job.get_state_display(), sort="state"),
    Column("created_at", gettext_lazy("Asked for"), lambda job: job.created_at, sort="created_at", kind=Kind.INSTANT),
    Column("finished_at", gettext_lazy("Ended"), lambda job: job.finished_at, sort="finished_at", kind=Kind.INSTANT),
    Column("outcome", gettext_lazy("Result"), lambda job: job.error or job.outcome),
)
# The filter's values and the states behind each.
STATES = {
    "unfinished": UNFINISHED,
    "done": (JobState.DONE,),
    "failed": (JobState.FAILED,),
    "cancelled": (JobState.CANCELLED,),
}


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
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        # The second: an instant of the year 1 or 9999 that is none in UTC.
        return None


@require_GET
def jobs_of(request):
    """Everything one has asked for, newest first; while something runs the list fetches itself (office/_jobs.html)."""
    own = Job.objects.visible_to(request.user).select_related("department")
    counts = own.count_by_state()
    state = Choice(request, "state", _("State"), _states(counts))
    rows = own.filter(state__in=STATES[state.value]) if state.value else own
    zone = own.newest_zone() or timezone.get_current_timezone()
    title = _("My background work")
    table = Table(request, JOB_COLUMNS, rows, name="jobs", title=title, choices=[state], zone=zone, per_page=20)
    if table.wants_file:
        return table.file()
    unfinished = sum(counts.get(state, 0) for state in UNFINISHED)
    context = {
        "table": table,
        "zone": zone,
        "unfinished": unfinished,
        # Said aloud only when it has changed since the page last asked.
        "says": request.htmx and request.headers.get("x-unfinished") != str(unfinished),
        "again": address(request.GET),
    }
    return render(request, "office/_jobs.html" if request.htmx else "office/job_list.html", context)


def _states(counts):
    """The filter's buttons with how many jobs each would show."""
    yield "", _("All"), sum(counts.values())
    for value, states in STATES.items():
        label = _("Under way") if value == "unfinished" else states[0].label
        yield value, label, sum(counts.get(state, 0) for state in states)


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
        jobs.cancel(job=found, actor=request.user)
    return redirect(_where_from(request) or "desk:home")


def _where_from(request) -> str:
    """The page of ours on which the button stood; empty when the browser does not tell."""
    page = request.headers.get("referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else ""
