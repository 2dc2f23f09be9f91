"""What is added to an item after it was written: how far it has come, what was left out, another time."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import HandoverItem, ItemAction, SearchKind
from handover.words import moment
from office import audit, clock, notices
from people.models import Membership

from .items import ROWS, link_to, lock_item, may_take_over, refuse_foreign_item, refuse_time, remember, short
from .search import index_again

NOTED = gettext_noop('%(name)s has added to "%(what)s": %(text)s')


@transaction.atomic
def note_item(
    *,
    item: HandoverItem,
    actor_membership: Membership,
    text: str = "",
    known: str = "",
    fallback: str = "",
    due_at: datetime | None = None,
) -> HandoverItem:
    """Add to an open item; its history keeps what was added, and the time that stood there before.

    `known` and `fallback` are filled in where they were left empty; what was written stays. `due_at`, an aware instant
    in whole minutes, is set or moved. Its owner does it, or who may take over, of which the owner is told. Whose
    it is does not change.

    Refuses: "not_yours", "already_done", "other_department", "not_a_member"; nothing to add ("text_missing"), a text
    where one stands already ("known_written", "fallback_written"), texts that are too long (by field, or "too_long"),
    a time that is past ("due_past") or a year ahead ("due_too_far"), and that its owner moves a time that
    is over ("due_over").
    """
    item = lock_item(item)
    refuse_foreign_item(item, actor_membership)
    if not item.is_open:
        raise ValidationError(_("This item is done already."), code="already_done")
    takes_over = may_take_over(actor_membership.user, item.department)
    if item.owner_id != actor_membership.pk and not takes_over:
        raise ValidationError(_("Only its owner can add to this item."), code="not_yours")
    text, changes = short(text), {}
    if known.strip():
        if item.known:
            raise ValidationError(_("What was written stays: add it as a note."), code="known_written")
        item.known = known.strip()
        changes["known"] = ["", item.known]
    if fallback.strip():
        if item.fallback:
            raise ValidationError(_("What was written stays: add it as a note."), code="fallback_written")
        item.fallback = fallback.strip()
        changes["fallback"] = ["", item.fallback]
    if due_at is not None and due_at != item.due_at:
        _refuse_time(item, due_at, takes_over=takes_over)
        changes["due_at"] = [item.due_at.isoformat() if item.due_at else "", due_at.isoformat()]
        item.due_at = due_at
    if not text and not changes:
        raise ValidationError(_("Write what there is to add."), code="text_missing")
    item.clean_fields(exclude=ROWS)
    item.save(update_fields=["known", "fallback", "due_at"])
    index_again(kind=SearchKind.ITEM, row=item)
    remember([item], ItemAction.NOTED, actor_membership.user, handover=item.handover, text=text, changes=changes)
    audit.record(actor_membership.user, "handover.item.noted", item, owner=item.owner_id, changed=sorted(changes))
    if item.owner is not None and item.owner_id != actor_membership.pk:
        said = text or " · ".join(_words(item, name) for name in changes)
        notices.tell(
            [item.owner.user], NOTED, link=link_to(item), name=actor_membership.name, what=str(item), text=said
        )
    return item


def _words(item: HandoverItem, name: str) -> str:
    if name == "due_at" and item.due_at is not None:
        return moment(item.due_at, clock.now(), item.department.zone)
    return str(getattr(item, name))


def _refuse_time(item: HandoverItem, due_at: datetime, *, takes_over: bool) -> None:
    refuse_time(due_at, item.department)
    # Nobody moves away that they are late.
    if item.is_overdue and not takes_over:
        raise ValidationError(_("This time is over: write why. Only who may take over sets another."), code="due_over")
