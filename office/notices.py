"""Telling people: rows in their inbox, written in the transaction of what they are told about."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from . import clock
from .models import Notice


def tell(recipients, message: str, *, link: str = "", **params) -> list[Notice]:
    """Put `message` (an English message id, marked with gettext_noop) into one or more inboxes, each person once."""
    people = recipients if isinstance(recipients, Iterable) else [recipients]
    once = {person.pk: person for person in people}
    rows = [Notice(recipient=person, message=message, params=params, link=link) for person in once.values()]
    return Notice.objects.bulk_create(rows)


@transaction.atomic
def mark_read(*, user, until: datetime | None = None) -> int:
    """Mark the inbox as read, or what came until an instant; says how many lines."""
    unread = Notice.objects.visible_to(user).unread()
    if until is not None:
        unread = unread.filter(created_at__lte=until)
    return unread.update(read_at=clock.now())
