"""The handover log on paper: all that is open, or what one handover passed on."""

from django.db.models import F

from handover.models import Handover, HandoverItem, ItemEvent
from people.models import Department

# More than this is not read on paper.
MOST = 1_000


def open_items(department: Department) -> list[HandoverItem]:
    """All open items of the department, by due time."""
    return _by_due_time(HandoverItem.objects.open().filter(department=department))


def handed_over(handover: Handover) -> list[HandoverItem]:
    """What a handover passed on, open or done by now, by due time."""
    passed_on = ItemEvent.objects.filter(handover=handover).values("item")
    return _by_due_time(HandoverItem.objects.filter(pk__in=passed_on))


def _by_due_time(items) -> list[HandoverItem]:
    return list(items.for_cards().order_by(F("due_at").asc(nulls_last=True), "id")[:MOST])
