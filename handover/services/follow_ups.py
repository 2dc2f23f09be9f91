"""Follow-ups: orders come up again some time after something happened to them, as items of the handover log.

Run by the beat. What came up while the server stood still is made up for; what is older than `LOOKED_BACK` is not: a
file of last year's orders floods nobody.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from handover.models import HandoverItem, ItemAction, ItemState, Order
from handover.orders import comes_up_at
from office import audit, clock
from people.models import Department
from people.services import in_each_department
from rulebooks.schema import FollowUp
from rulebooks.services import in_force_by_day, version_by_id

from .items import follow_up_item, lock_item, remember

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=3)
# A time of the day may lie so far before or behind the same time.
ONE_DAY = timedelta(days=1)
# What a follow-up counts from, by column of the order.
COUNTED_FROM = {"dispatched": "dispatched_at", "received": "received_at", "unpaid": "placed_at"}
UNPAID = "unpaid"


def make_follow_ups() -> None:
    """Make the follow-ups of every department that have come up, and finish those of orders paid meanwhile."""
    in_each_department(follow_up, "The orders of %s could not be followed up.")


def follow_up(department: Department) -> None:
    """Finish what is paid, then make an item of each order that has come up; as often as wanted, once for each."""
    finish_paid(department)
    for order, rule, came_at in _come_up(department):
        try:
            follow_up_item(order=order, follow_up_code=rule.code, at=came_at)
        except ValidationError as refusal:
            # One that cannot be made keeps none of the others from being.
            log.warning("Not followed up: %s of %s, %s", rule.code, order, " ".join(refusal.messages))
        except Exception:
            log.exception("Not followed up: %s of %s", rule.code, order)


def _come_up(department: Department) -> Iterator[tuple[Order, FollowUp, datetime]]:
    """Each order that has come up in the last days and has no item yet, with the follow-up and when it came up."""
    now = clock.now()
    since = now - LOOKED_BACK
    rulebooks = in_force_by_day(department, _days(department, since, now))
    for version in {rulebook.version_id for rulebook in rulebooks.values()}:
        for rule in version_by_id(version).notebooks.follow_ups:
            for order in _candidates(department, rule, since, now):
                came_at = comes_up_at(getattr(order, COUNTED_FROM[rule.after]), rule, department.zone)
                there = rulebooks.get(department.local(came_at).date())
                # The rulebook of the day on which it comes up says it.
                if since < came_at <= now and there is not None and there.version_id == version:
                    yield order, rule, came_at


def _days(department: Department, since: datetime, now: datetime) -> list[date]:
    first, last = department.local(since).date(), department.local(now).date()
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _candidates(department: Department, rule: FollowUp, since: datetime, now: datetime):
    """Orders that may have come up: the database knows the delay, not the wall clock."""
    delay = timedelta(days=rule.days or 0, minutes=rule.minutes or 0)
    column = COUNTED_FROM[rule.after]
    window = {f"{column}__gt": since - delay - 2 * ONE_DAY, f"{column}__lte": now - delay + ONE_DAY}
    rows = Order.objects.filter(department=department, **window).exclude(items__follow_up=rule.code)
    if rule.after == UNPAID:
        rows = rows.filter(paid_at=None)
    return rows.order_by("pk")


# -- Paid meanwhile ---------------------------------------------------------------------------------------------------
def finish_paid(department: Department) -> None:
    """Finish the open items that ask about orders which are paid now."""
    waiting = HandoverItem.objects.open().filter(department=department, order__paid_at__isnull=False)
    kinds = waiting.order_by().values_list("rulebook_version", "follow_up").distinct()
    asks = Q(pk__in=[])
    for version, code in kinds:
        rule = version_by_id(version).follow_up(code)
        if rule is not None and rule.after == UNPAID:
            asks |= Q(rulebook_version=version, follow_up=code)
    for item in waiting.filter(asks).order_by("pk"):
        try:
            _finish(item)
        except Exception:
            log.exception("An item could not be finished: %s", item.pk)


@transaction.atomic
def _finish(item: HandoverItem) -> None:
    item = lock_item(item)
    # Somebody may have done it by hand just now.
    if not item.is_open:
        return
    item.state, item.done_at = ItemState.DONE, clock.now()
    item.save(update_fields=["state", "done_at"])
    # What is written down is written once, in the language that the house works in.
    with translation.override(settings.LANGUAGE_CODE):
        remember([item], ItemAction.DONE, None, text=_("The order has been paid."))
    audit.record(None, "handover.item.done", item, owner=item.owner_id)
