from celery import shared_task

from handover import forgotten, services
from handover.models import HandoverItem
from people.models import Membership


@shared_task
def release_items_of_leavers() -> None:
    """Put what people who have left still had open into the queue, however long ago they left."""
    owners = HandoverItem.objects.open().filter(owner__until_day__isnull=False).values("owner")
    for member in Membership.objects.filter(pk__in=owners).select_related("department", "user"):
        if member.has_left:
            services.release_items(member=member)


@shared_task
def end_forgotten_shifts() -> None:
    """End shifts that nobody clocked out of, long after their end."""
    forgotten.end_forgotten_shifts()
