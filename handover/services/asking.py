"""Around an item's acceptance: asking back and answering, refusing, and giving it to somebody who may not ask for it.

None of the first three moves ownership; a refusal takes the item out of its handover, so that it can be passed on anew.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import HandoverItem, ItemAction
from office import audit, clock, notices
from people.models import Membership, Right, User
from people.permissions import holders_of

from .items import (
    give,
    link_to,
    lock_for_acceptance,
    lock_item,
    lock_shift,
    may_take_over,
    refuse_foreign_item,
    remember,
    short,
)

ASKED = gettext_noop('%(name)s asks about "%(what)s": %(text)s')
ANSWERED = gettext_noop('%(name)s answers about "%(what)s": %(text)s')
REFUSED = gettext_noop('%(name)s does not take on "%(what)s", it is yours again: %(text)s')
REFUSED_IN_QUEUE = gettext_noop('%(name)s does not take "%(what)s" out of the queue: %(text)s')
GIVEN = gettext_noop('%(name)s has given you "%(what)s": %(text)s')
TAKEN = gettext_noop('%(name)s has given "%(what)s" to %(to)s: %(text)s')


@transaction.atomic
def ask_back(*, item: HandoverItem, actor_membership: Membership, text: str) -> HandoverItem:
    """Ask the giver something before accepting; the item stays whose it is, and can be accepted all the same.

    Who gave it is told, also after clocking out; who may take over instead, where nobody gave it or the giver has left
    the department. Refuses who could not accept it now, as `accept_item` does; an empty question ("text_missing"), one
    that is too long ("too_long"), and a second question before the first is answered ("already_asked").
    """
    item = lock_for_acceptance(item, actor_membership)
    text = _said(text, _("Write what you want to know."))
    if item.asked_at is not None:
        raise ValidationError(_("A question about this item is still waiting for its answer."), code="already_asked")
    item.asked_at = clock.now()
    item.save(update_fields=["asked_at"])
    remember([item], ItemAction.ASKED, actor_membership.user, handover=item.handover, text=text)
    audit.record(actor_membership.user, "handover.item.asked", item, owner=item.owner_id)
    _tell(item, _answerers(item), ASKED, actor_membership.user, text)
    return item


@transaction.atomic
def answer_item(*, item: HandoverItem, actor_membership: Membership, text: str) -> HandoverItem:
    """Answer what was asked about an item: its giver, on duty or not, or who may take over ("not_yours" else).

    Whoever asked is told. Refuses "already_done", "not_asked" when no question is open, "text_missing", "too_long",
    "other_department".
    """
    item = lock_item(item)
    refuse_foreign_item(item, actor_membership)
    _refuse_done(item)
    if item.asked_at is None:
        raise ValidationError(_("No question about this item is open."), code="not_asked")
    giver = item.giver
    if (giver is None or giver.pk != actor_membership.pk) and not may_take_over(actor_membership.user, item.department):
        raise ValidationError(_("Only who gave this item can answer."), code="not_yours")
    text = _said(text, _("Write the answer."))
    question = item.events.filter(action=ItemAction.ASKED).select_related("actor").last()
    item.asked_at = None
    item.save(update_fields=["asked_at"])
    remember([item], ItemAction.ANSWERED, actor_membership.user, handover=item.handover, text=text)
    audit.record(actor_membership.user, "handover.item.answered", item, owner=item.owner_id)
    if question is not None and question.actor is not None:
        _tell(item, [question.actor], ANSWERED, actor_membership.user, text)
    return item


@transaction.atomic
def refuse_item(*, item: HandoverItem, actor_membership: Membership, reason: str) -> HandoverItem:
    """Not take an item on, with a reason; ownership does not move.

    What is still its giver's is no longer handed over: they do it, or pass it on again to anybody (whom it was meant
    for is forgotten when that member refuses); from who is never on a shift it stays offered to whoever is on duty.
    The giver is told. What lies in the queue stays there for the others;
    those who may take over are told, and the same person refuses it once ("already_refused").

    Refuses who could not accept it now, as `accept_item` does; "text_missing", "too_long".
    """
    item = lock_for_acceptance(item, actor_membership)
    reason = _said(reason, _("Say why you do not take it on."))
    actor, passed_on = actor_membership.user, item.handover
    if item.in_queue:
        _refuse_twice(item, actor)
    else:
        item.handover = item.meant_for = None
        # Who is never on a shift could not pass it on again: it stays offered, to whoever is on duty.
        if item.owner is None or item.owner.rostered:
            item.offered_at = None
    item.asked_at = None
    item.save(update_fields=["handover", "meant_for", "asked_at", "offered_at"])
    remember([item], ItemAction.REFUSED, actor, handover=passed_on, text=reason)
    audit.record(actor, "handover.item.refused", item, owner=item.owner_id, handover=passed_on, reason=reason)
    if item.owner is None:
        _tell(item, holders_of(item.department, Right.TAKE_OVER), REFUSED_IN_QUEUE, actor, reason)
    else:
        _tell(item, [item.owner.user], REFUSED, actor, reason)
    return item


@transaction.atomic
def assign_item(*, item: HandoverItem, to: Membership, actor: User, reason: str) -> HandoverItem:
    """Give an open item to somebody on duty, on behalf of either side; from now it is theirs, as if they had accepted.

    By who may take over ("not_allowed" else), who may give it to themselves. Both sides are told. Refuses
    "already_done", "already_theirs", "not_on_duty" for somebody who is not, "other_department", "not_a_member",
    "text_missing", "too_long".
    """
    shift = lock_shift(to)
    item = lock_item(item)
    if not may_take_over(actor, item.department):
        raise ValidationError(_("Only who may take over can give an item to somebody."), code="not_allowed")
    refuse_foreign_item(item, to)
    _refuse_done(item)
    if item.owner_id == to.pk:
        raise ValidationError(_("%(name)s has this item already.") % {"name": to.name}, code="already_theirs")
    if shift is None:
        raise ValidationError(_("%(name)s is not on duty.") % {"name": to.name}, code="not_on_duty")
    reason = _said(reason, _("Say why."))
    former, passed_on = item.owner, item.handover
    give(item, to)
    remember([item], ItemAction.ASSIGNED, actor, handover=passed_on, text=reason)
    before = {"owner": former.pk if former else None}
    audit.record(actor, "handover.item.assigned", item, before=before, after={"owner": to.pk}, reason=reason)
    _tell(item, [to.user], GIVEN, actor, reason)
    if former is not None:
        _tell(item, [former.user], TAKEN, actor, reason, to=to.name)
    return item


def _said(text: str, missing: str) -> str:
    text = short(text)
    if not text:
        raise ValidationError(missing, code="text_missing")
    return text


def _refuse_done(item: HandoverItem) -> None:
    if not item.is_open:
        raise ValidationError(_("This item is done already."), code="already_done")


def _refuse_twice(item: HandoverItem, actor: User) -> None:
    """Once for each time that it came into the queue."""
    queued = item.events.filter(action=ItemAction.QUEUED).last()
    refused = item.events.filter(action=ItemAction.REFUSED, actor=actor, owner=None)
    if refused.filter(pk__gt=queued.pk if queued else 0).exists():
        raise ValidationError(_("You have refused this item already."), code="already_refused")


def _answerers(item: HandoverItem) -> list[User]:
    giver = item.giver
    if giver is not None and giver.holds_now:
        return [giver.user]
    return list(holders_of(item.department, Right.TAKE_OVER))


def _tell(item: HandoverItem, people, message: str, actor: User, text: str, **params) -> None:
    """Tell everybody but who acts."""
    told = [person for person in people if person.pk != actor.pk]
    what = str(item)
    notices.tell(told, message, link=link_to(item), name=actor.name, what=what, text=text, **params)
