"""The handover log on paper: all that is open, or what one handover passed on."""

from datetime import timedelta

from django.db.models import F

from handover.models import Handover, HandoverItem, ItemEvent
from people.models import Department, User
from shifts.models import Attendance

# More than this is not read on paper.
MOST = 1_000


def open_items(department: Department) -> list[HandoverItem]:
    """All open items of the department, by due time."""
    return _by_due_time(HandoverItem.objects.open().filter(department=department))


def handed_over(handover: Handover, reader: User) -> list[HandoverItem]:
    """What a handover passed on, open or done by now, by due time; its giver and its receivers deal with all of it."""
    passed_on = ItemEvent.objects.filter(handover=handover).values("item")
    items = _by_due_time(HandoverItem.objects.filter(pk__in=passed_on))
    deals_with = handover.giver.user_id == reader.pk or _has_received(handover, reader)
    for item in items:
        item.deals_with = deals_with
    return items


def _has_received(handover: Handover, reader: User) -> bool:
    """Whether the reader was on a shift of that day, or of the next, that it was handed to."""
    day = handover.attendance.business_date
    theirs = Attendance.objects.filter(membership__user=reader, membership__department=handover.department_id)
    return theirs.filter(code__in=handover.to_codes, business_date__range=(day, day + timedelta(days=1))).exists()


def _by_due_time(items) -> list[HandoverItem]:
    return list(items.for_cards().order_by(F("due_at").asc(nulls_last=True), "id")[:MOST])
