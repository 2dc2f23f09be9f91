import functools
import logging

from celery import shared_task
from django.utils.translation import gettext_noop

from handover import forgotten, services
from handover.models import HandoverItem, Reading
from handover.services import case_watch, follow_ups, meetings, orders, training, watching, weekly
from office import jobs
from office.models import Job
from people.models import Membership

log = logging.getLogger(__name__)


@shared_task
def release_items_of_leavers() -> None:
    """Put what people who have left still had open into the queue, however long ago they left."""
    owners = HandoverItem.objects.open().filter(owner__until_day__isnull=False).values("owner")
    for member in Membership.objects.filter(pk__in=owners).select_related("department", "user"):
        if member.has_left:
            _release(member)


def _release(member: Membership) -> None:
    """What fails for one does not stop the others; the next look tries it again."""
    try:
        services.release_items(member=member)
    except Exception:
        log.exception("The items of member %s could not be put into the queue.", member.pk)


@shared_task
def look_through_handovers() -> None:
    """Find shifts that ended without a handover and items late or missed, and propose what the rulebook says."""
    watching.look_through_all()


@shared_task
def end_forgotten_shifts() -> None:
    """End shifts that nobody clocked out of, long after their end."""
    forgotten.end_forgotten_shifts()


@shared_task
def hand_in_registers() -> None:
    """Hand in the issue registers whose moment of the week has come."""
    services.hand_in_registers()


READ_IN = gettext_noop("New: %(added)s, corrected: %(corrected)s, as before: %(same)s, left out: %(wrong)s.")


@shared_task
@jobs.runs
def read_in(job: Job) -> dict:
    """Read in the file of a job."""
    reading = services.read_in(
        reading=Reading.objects.get(pk=job.params["reading"]),
        columns=job.params["columns"],
        actor=job.owner,
        progress=functools.partial(jobs.progress, job),
    )
    counts = {name: getattr(reading, name) for name in ("added", "corrected", "same", "wrong")}
    return {"reading": reading.pk, "message": READ_IN, "params": counts}


@shared_task
def watch_cases() -> None:
    """Remind of the steps of cases, escalate what is late, and report the month."""
    case_watch.watch_cases()


@shared_task
def watch_weeklies() -> None:
    """Ask for the weekly summaries that are due soon, and propose an incident for each that was missed."""
    weekly.watch_weeklies()


@shared_task
def make_meetings() -> None:
    """Make the meetings of the coming days, keep their people in step with the roster, ask for minutes."""
    meetings.make_all_meetings()


@shared_task
def make_follow_ups() -> None:
    """Make items of the orders that have come up again, and finish those about orders paid meanwhile."""
    follow_ups.make_follow_ups()


@shared_task
def remind_of_claims() -> None:
    """Remind of untagged orders before claims close."""
    orders.remind_of_claims()


@shared_task
def propose_mentor_bonuses() -> None:
    """Propose the mentors' bonuses of the quarters that are over."""
    training.propose_mentor_bonuses()
