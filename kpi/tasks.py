"""The monthly run in the background."""

import functools

from celery import shared_task
from django.utils import translation
from django.utils.translation import gettext_noop

from office import jobs
from office.models import Job
from office.months import Month
from people.models import Department

from . import services

SCORED = gettext_noop("Scorecards: %(count)s.")


@shared_task
@jobs.runs
def score_month(job: Job) -> dict:
    """Score the month of a job's department; refusals are worded in the language of who asked."""
    department = Department.objects.get(pk=job.params["department"])
    month = Month.parse(job.params["month"])
    with translation.override(job.params.get("language")):
        run = services.score_month(
            department=department, month=month, actor=job.owner, progress=functools.partial(jobs.progress, job)
        )
    count = run.scorecards.count()
    return {
        "run": run.pk,
        "as_of": run.as_of.isoformat(),
        "scorecards": count,
        "message": SCORED,
        "params": {"count": count},
    }
