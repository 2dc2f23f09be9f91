"""Background work as rows: started in the caller's transaction, claimed by one worker, sent again when stale.

A piece of work is a Celery task that takes a job, and a service that starts it:

    @shared_task
    @jobs.runs
    def import_orders(job: Job) -> dict:
        for done, line in enumerate(lines, start=1):
            …
            jobs.progress(job, done, len(lines))        # raises Cancelled when the owner has pressed Stop
        return {"message": IMPORTED, "params": {"count": len(lines)}, "link": "/d/desk/orders/"}

    jobs.start(task="orders.tasks.import_orders", owner=user, department=department, params={"file": pk},
               title=gettext_noop("Import %(file)s"), title_params={"file": name}, link=…, key=f"{department.pk}")

`title` and the result's `message` are English message ids with parameters (`office.texts.filled`), rendered when read;
the link of the result goes before the link given at the start. A refusal is a ValidationError: its words become the
job's error. Whatever else the result holds is kept for the code. The owner is told when a job has failed, and when one
took so long that they have left the page.
"""

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from kombu.exceptions import OperationalError

from . import audit, clock, notices
from .models import Job, JobState

log = logging.getLogger(__name__)

# How long a queued job may wait for its message, and a running one may be silent, before it is sent again.
LOST_AFTER = timedelta(minutes=2)
SILENT_AFTER = timedelta(minutes=10)
MAX_ATTEMPTS = 5
# Whoever waited longer than this for a job has left the page that shows it.
WATCHED_FOR = timedelta(seconds=10)

DONE = gettext_noop("Done: %(job)s.")
DONE_WITH = gettext_noop("Done: %(job)s. %(outcome)s")
FAILED = gettext_noop("Failed: %(job)s. %(error)s")


class Cancelled(Exception):
    """Raised inside a job when its owner has cancelled it."""


@transaction.atomic
def start(
    *,
    task: str,
    owner,
    department,
    params: dict,
    key: str = "",
    title: str = "",
    title_params: dict | None = None,
    link: str = "",
) -> Job:
    """Queue `task` (a Celery task's name; it takes the job's pk). While one with this key is unfinished, that one."""
    unfinished = Job.objects.unfinished().filter(task=task, key=key)
    if key and (running := unfinished.first()):
        return running
    try:
        with transaction.atomic():
            job = Job.objects.create(
                task=task,
                owner=owner,
                department=department,
                params=params,
                key=key,
                title=title,
                title_params=title_params or {},
                link=link,
            )
    except IntegrityError:
        # Somebody pressed the same button in the same moment; theirs is the job, even if it has ended since.
        return Job.objects.filter(task=task, key=key).latest("id")
    # robust: when the broker is down the row stays queued, and `queue_stale` sends it again later. A lambda and no
    # partial: Django writes the name of what failed into the log, and a partial has none.
    transaction.on_commit(lambda: _send(job.pk, task), robust=True)
    return job


def _send(pk: int, task: str) -> None:
    current_app.send_task(task, args=[pk])


def claim(pk: int) -> Job | None:
    """Take a queued (or silent) job for this process; None when another has it or it is finished."""
    now = clock.now()
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, beat_at__lt=now - SILENT_AFTER)
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(free, pk=pk).first()
        if job is None:
            return None
        job.state, job.beat_at, job.attempts = JobState.RUNNING, now, job.attempts + 1
        job.started_at = job.started_at or now
        job.save(update_fields=["state", "beat_at", "attempts", "started_at"])
    return job


def progress(job: Job, done: int, total: int) -> None:
    """Report how far a running job is; raises Cancelled when the owner asked to stop."""
    changed = Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(done=done, total=total, beat_at=clock.now())
    if not changed:
        raise Cancelled


def runs(work: Callable[[Job], dict]) -> Callable[[int], None]:
    """Make the body of a Celery task out of a function from job to result: claim, run, keep result or error."""

    @functools.wraps(work)
    def run(pk: int) -> None:
        job = claim(pk)
        if job is None:
            log.info("job %s is taken or finished", pk)
            return
        with _language_of(job):
            try:
                _finish(job, JobState.DONE, result=work(job))
            except Cancelled:
                return
            except ValidationError as refusal:
                _finish(job, JobState.FAILED, error=" ".join(refusal.messages))
            except Exception:
                log.exception("job %s failed", pk)
                _finish(job, JobState.FAILED, error=_("Something went wrong on our side; it has been logged."))

    return run


def _language_of(job: Job) -> translation.override:
    """What a worker says about a job is read by who started it: the job's parameter `language`, else the site's."""
    return translation.override(job.params.get("language") or settings.LANGUAGE_CODE)


@transaction.atomic
def _finish(job: Job, state: str, *, error: str = "", result: dict | None = None) -> None:
    # Only the attempt that is still the job's: one that was taken for dead must not end its successor.
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)
    _end(mine, job, state=state, error=error, result=result or {}, finished_at=clock.now())


def _end(still_its: QuerySet[Job], job: Job, **values) -> None:
    """Write the end of a job, if it is still the caller's to end, and tell its owner in the same transaction."""
    if not still_its.update(**values):
        return
    for field, value in values.items():
        setattr(job, field, value)
    if job.owner is not None:
        _tell(job)


def _tell(job: Job) -> None:
    name = {"message": job.title, "params": job.title_params} if job.title else job.name
    if job.state == JobState.FAILED:
        notices.tell(job.owner, FAILED, link=job.link or reverse("office:jobs"), job=name, error=job.error)
    elif clock.now() - job.created_at > WATCHED_FOR:
        link = job.outcome_link or reverse("office:jobs")
        if job.outcome:
            outcome = {"message": job.result["message"], "params": job.result.get("params") or {}}
            notices.tell(job.owner, DONE_WITH, link=link, job=name, outcome=outcome)
        else:
            notices.tell(job.owner, DONE, link=link, job=name)


@transaction.atomic
def cancel(*, job: Job, actor) -> Job:
    """Stop an unfinished job; its next progress report ends it. Refuses what has ended."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.is_finished:
        raise ValidationError(_("This job has already ended."), code="already_ended")
    before, job.state, job.finished_at = job.state, JobState.CANCELLED, clock.now()
    job.save(update_fields=["state", "finished_at"])
    audit.record(actor, "jobs.job.cancelled", job, before={"state": before})
    return job


def queue_stale() -> int:
    """Send again what was lost: queued jobs without a taker, running ones gone silent. Says how many.

    One that has fallen silent MAX_ATTEMPTS times is given up. When the broker is down the rest waits for the next look.
    """
    now = clock.now()
    stale = Job.objects.filter(
        Q(state=JobState.QUEUED, sent_at__lt=now - LOST_AFTER)
        | Q(state=JobState.RUNNING, beat_at__lt=now - SILENT_AFTER, sent_at__lt=now - LOST_AFTER)
    )
    sent = 0
    for job in stale.order_by("id"):
        if job.state == JobState.RUNNING and job.attempts >= MAX_ATTEMPTS:
            _give_up(job, now)
            continue
        try:
            _send(job.pk, job.task)
        except (OperationalError, OSError) as error:
            log.warning("the broker does not answer, job %s and those after it stay queued: %s", job.pk, error)
            break
        Job.objects.filter(pk=job.pk).update(sent_at=now)
        sent += 1
    return sent


@transaction.atomic
def _give_up(job: Job, now: datetime) -> None:
    with _language_of(job):
        error = _("Given up: it was started %(times)s times and fell silent each time.") % {"times": job.attempts}
    # It may have spoken since it was looked up.
    silent = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, beat_at=job.beat_at)
    _end(silent, job, state=JobState.FAILED, finished_at=now, error=error)
