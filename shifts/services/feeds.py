"""The secret address of a member's calendar: made, replaced, taken back, and opened."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from office import audit, clock
from people.models import Membership, User
from shifts.models import CalendarFeed

TOKEN_BYTES = 32
# A program asks every few minutes; that somebody reads it at all need not be known to the minute.
READ_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class MadeFeed:
    """An address that has just been made: the only moment at which its token is known."""

    feed: CalendarFeed
    token: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_feed(*, membership: Membership, actor: User) -> MadeFeed:
    """A new address for one's own calendar; the one before ends at once. Refuses who has left ("not_a_member")."""
    # Two presses at once: the second waits here, and takes back what the first has made.
    member = (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("department")
        .get(pk=membership.pk)
    )
    if member.has_left:
        raise ValidationError(_("You are no member here any more."), code="not_a_member")
    _end(member, actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed.objects.create(membership=member, digest=_digest(token), made_at=clock.now())
    audit.record(actor, "shifts.feed.made", feed, department=member.department)
    return MadeFeed(feed, token)


@transaction.atomic
def revoke_feed(*, membership: Membership, actor: User) -> int:
    """Take the address back: whoever knows it reads nothing any more. Says how many there were, 0 or 1."""
    member = (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("department")
        .get(pk=membership.pk)
    )
    return _end(member, actor)


def _end(member: Membership, actor: User) -> int:
    held = list(CalendarFeed.objects.filter(membership=member, revoked_at=None))
    for feed in held:
        feed.revoked_at = clock.now()
        feed.save(update_fields=["revoked_at"])
        audit.record(actor, "shifts.feed.revoked", feed, department=member.department)
    return len(held)


def open_feed(token: str) -> CalendarFeed | None:
    """The feed that a token opens; None for one that is unknown, taken back, or of somebody who has left.

    Keeps, about once an hour, that it was read.
    """
    now = clock.now()
    found = CalendarFeed.objects.filter(digest=_digest(token), revoked_at=None, membership__user__is_active=True)
    feed = found.select_related("membership__user", "membership__department").first()
    if feed is None or feed.membership.has_left:
        return None
    unread = Q(last_read_at=None) | Q(last_read_at__lt=now - READ_EVERY)
    if feed.last_read_at is None or feed.last_read_at < now - READ_EVERY:
        CalendarFeed.objects.filter(unread, pk=feed.pk).update(last_read_at=now)
    return feed
