"""Items of the handover log: written, accepted, done; what is asked about them and who else may get them: `asking`.

What is locked in which order, the package says.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext as _

from handover.models import (
    LONGEST_NOTE,
    Handover,
    HandoverItem,
    ItemAction,
    ItemEvent,
    ItemState,
    Order,
    SearchKind,
    is_taken_back,
)
from handover.words import whole_minute
from office import audit, clock
from people.models import Department, Membership, Right, User
from people.permissions import has_right
from rulebooks.schema import HandoverKind, Rulebook
from rulebooks.services import in_force
from shifts.models import Attendance

from .search import index

# Checked by the database, and by what is asked of who writes.
ROWS = {"department", "author", "owner", "handover", "rulebook_version", "meant_for", "order"}
# People give times in whole minutes.
LAST_MINUTE = time(23, 59)
# Nothing that one shift hands to the next is due later than this.
FARTHEST = timedelta(days=366)
# Shorter than this says nothing about whether the item was understood.
SHORTEST_READ_BACK = 4


@transaction.atomic
def write_item(
    *,
    author: Membership,
    kind: str,
    to_do: str,
    customer: str = "",
    known: str = "",
    due_at: datetime | None = None,
    fallback: str = "",
    meant_for: Membership | None = None,
    token: UUID | None = None,
) -> HandoverItem:
    """Write down what has to be done; it belongs to its author, on duty or not, until somebody accepts it.

    `kind` is one of the rulebook in force today; `due_at` is an aware instant, in whole minutes. `fallback` says what
    to do if it goes wrong. `meant_for`: once it is handed over only that member may accept it, until its giver leaves.
    Whoever is on no shift hands nothing over: what they mean for somebody is offered at once, and what is written by
    who is not on the roster is offered to whoever is on duty.
    `token` is made by the page: what comes twice under one token is written once, and the second call returns the
    first item, whatever has become of it since.

    Refuses a kind that does not exist ("unknown_kind"), a missing due time where the kind asks for one ("due_missing"),
    one that is past ("due_past") or a year ahead ("due_too_far"), a member who has left ("not_a_member"), texts that
    are empty or too long (by field), to mean it for oneself ("meant_for_oneself") or for who is no member here today
    ("meant_for_no_member"), and a token under which something else stands already ("token_used").
    """
    typed = {"kind": kind, "to_do": to_do, "customer": customer, "known": known, "fallback": fallback}
    if first := _first_of(token, author, {name: text.strip() for name, text in typed.items()}, due_at):
        return first
    shift = lock_shift(author)
    department, now = author.department, clock.now()
    refuse_who_left(author)
    rulebook = in_force(department, department.today())
    rule = _kind_of(rulebook, kind)
    if rule.needs_due_time and due_at is None:
        raise ValidationError(_("%(kind)s needs a time by which it is done.") % {"kind": rule.name}, code="due_missing")
    if due_at is not None:
        refuse_time(due_at, department)
    _refuse_meant_for(author, meant_for)
    item = HandoverItem(
        department=department,
        author=author,
        owner=author,
        kind=rule.code,
        rulebook_version_id=rulebook.version_id,
        to_do=to_do.strip(),
        customer=customer.strip(),
        known=known.strip(),
        fallback=fallback.strip(),
        meant_for=meant_for,
        due_at=due_at,
        token=token,
        written_at=now,
        offered_at=now if shift is None and (meant_for or not author.rostered) else None,
    )
    item.clean_fields(exclude=ROWS)
    item.save()
    index(kind=SearchKind.ITEM, row=item, membership=author, business_date=department.today())
    remember([item], ItemAction.WRITTEN, author.user)
    meant = meant_for.pk if meant_for else None
    audit.record(author.user, "handover.item.written", item, kind=rule.code, due_at=due_at, meant_for=meant)
    return item


def _first_of(
    token: UUID | None, author: Membership, typed: dict[str, str], due_at: datetime | None
) -> HandoverItem | None:
    """The item that its author has sent under this token before; None for a new one. What was left empty then may have
    been filled in since.
    """
    if token is None:
        return None
    # The same item twice at one moment: the second waits here and then finds the first.
    Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=author.pk)
    first = HandoverItem.objects.filter(author=author, token=token).first()
    if first is None:
        return None
    said = {name: text for name, text in typed.items() if text or name == "customer"}
    is_same = all(getattr(first, name) == text for name, text in said.items())
    if not is_same or due_at not in (None, first.due_at):
        raise ValidationError(
            _("An item has arrived from this form already, with another text. Send this one again as a new item."),
            code="token_used",
        )
    return first


def refuse_time(due_at: datetime, department: Department) -> None:
    """Refuse a due time that is past ("due_past"), or so far ahead that it is a slip ("due_too_far")."""
    now = clock.now()
    if due_at < whole_minute(now):
        raise ValidationError(_("This time is past already."), code="due_past")
    if due_at > now + FARTHEST:
        latest = department.local(now + FARTHEST).date()
        raise ValidationError(_("This is too far ahead: %(day)s at the latest.") % {"day": latest}, code="due_too_far")


def _refuse_meant_for(author: Membership, meant_for: Membership | None) -> None:
    if meant_for is None:
        return
    if meant_for.pk == author.pk:
        raise ValidationError(_("It is yours anyway: name somebody else, or nobody."), code="meant_for_oneself")
    department = author.department
    if meant_for.department_id != department.pk or not meant_for.holds_on(department.today()):
        raise ValidationError(
            _("%(name)s is no member of this department today.") % {"name": meant_for.name}, code="meant_for_no_member"
        )


@transaction.atomic
def follow_up_item(*, order: Order, follow_up_code: str, at: datetime) -> HandoverItem:
    """The item that a follow-up of the rulebook makes of an order, which came up at `at` (aware); once for ever.

    It is done by the end of that day on the department's wall clock, or of today when a stopped server is made up for.
    It belongs to whoever is on duty now, has not handed over yet and has the fewest open items; else to the queue.
    Refuses a follow-up that the rulebook of that day does not know ("unknown_follow_up"); raises NoRulebook.
    """
    # Two looks at once: the second waits here and then finds the item of the first.
    order = Order.objects.select_for_update().get(pk=order.pk)
    if made := order.items.filter(follow_up=follow_up_code).first():
        return made
    department = order.department
    day = department.local(at).date()
    rulebook = in_force(department, day)
    rule = rulebook.follow_up(follow_up_code)
    if rule is None:
        raise ValidationError(_("The rulebook knows no such follow-up."), code="unknown_follow_up")
    owner = _least_busy(department)
    # What is written down is written once, in the language that the house works in.
    with translation.override(settings.LANGUAGE_CODE):
        to_do = _("%(what)s, order %(number)s") % {"what": rule.name, "number": order.number}
    item = HandoverItem(
        department=department,
        owner=owner,
        in_queue=owner is None,
        order=order,
        follow_up=rule.code,
        kind=_kind_of(rulebook, rule.kind).code,
        rulebook_version_id=rulebook.version_id,
        customer=order.buyer,
        to_do=to_do,
        due_at=datetime.combine(max(day, department.today()), LAST_MINUTE, tzinfo=department.zone),
        written_at=clock.now(),
    )
    item.clean_fields(exclude=ROWS)
    item.save()
    remember([item], ItemAction.WRITTEN, None)
    index(kind=SearchKind.ITEM, row=item, membership=None, business_date=department.today())
    audit.record(None, "handover.item.follows_up", item, order=order.pk, owner=item.owner_id)
    return item


def _least_busy(department: Department) -> Membership | None:
    """Who on duty has the fewest open items, with their shift locked; who has handed over gets nothing more."""
    open_items = Count("membership__owned_items", filter=Q(membership__owned_items__state=ItemState.OPEN))
    free = Q(handover=None) | Q(is_taken_back("handover"))
    shifts = Attendance.objects.on_duty().filter(free, membership__department=department)
    fewest = shifts.annotate(open_items=open_items).order_by("open_items", "membership__work_number")
    # Without the lock somebody could be leaving just now, and the item would stay with them.
    held = (lock_shift(shift.membership) for shift in fewest.select_related("membership__user"))
    return next((shift.membership for shift in held if shift and not Handover.objects.of(shift)), None)


def _kind_of(rulebook: Rulebook, code: str) -> HandoverKind:
    rule = rulebook.handover_kind(code)
    if rule is None:
        raise ValidationError(_("The rulebook knows no such kind of item."), code="unknown_kind")
    return rule


@transaction.atomic
def accept_item(*, item: HandoverItem, actor_membership: Membership, read_back: str = "") -> HandoverItem:
    """Take an item on: from now it is the acceptor's, and no longer the giver's or the queue's.

    The acceptor is on duty, on a shift that the item was handed to, or is the one it is meant for; from the queue
    anybody on duty may take it. Where the item's rulebook asks for it, `read_back` says in own words what will be done.

    Refuses: "already_accepted" (also the second of two who press at once), "already_done", "not_handed_over",
    "not_on_duty", "own_item", "other_shift", "meant_for_another", "other_department", "read_back_missing".
    """
    item = lock_for_acceptance(item, actor_membership)
    read_back = short(read_back)
    if item.rule.read_back and len(read_back) < SHORTEST_READ_BACK:
        says = _("Say in your own words what you will do, by when: %(least)s characters at least.")
        raise ValidationError(says % {"least": SHORTEST_READ_BACK}, code="read_back_missing")
    before, passed_on = item.owner_id, item.handover
    give(item, actor_membership)
    remember([item], ItemAction.ACCEPTED, actor_membership.user, handover=passed_on, text=read_back)
    audit.record(
        actor_membership.user,
        "handover.item.accepted",
        item,
        before={"owner": before},
        after={"owner": actor_membership.pk},
        read_back=read_back,
    )
    return item


def lock_for_acceptance(item: HandoverItem, member: Membership) -> HandoverItem:
    """Lock the member's shift and the item; refuses, as `accept_item` says, unless the member could accept it now."""
    shift = lock_shift(member)
    item = lock_item(item)
    refuse_foreign_item(item, member)
    refuse_taken(item)
    if shift is None:
        raise ValidationError(_("Clock in first: only who is on duty can accept an item."), code="not_on_duty")
    if item.is_for(shift):
        return item
    if item.owner_id == member.pk:
        raise ValidationError(_("This item is yours; somebody else has to accept it."), code="own_item")
    if item.meant_for is not None:
        raise ValidationError(
            _("This item is meant for %(name)s.") % {"name": item.meant_for.name}, code="meant_for_another"
        )
    raise ValidationError(_("This item was handed to another shift."), code="other_shift")


def give(item: HandoverItem, to: Membership) -> None:
    """Make a locked item somebody's own; whoever it was meant for and what was asked about it is settled by that."""
    item.owner, item.in_queue, item.handover, item.accepted_at = to, False, None, clock.now()
    item.meant_for = item.asked_at = item.offered_at = None
    item.save(update_fields=["owner", "in_queue", "handover", "accepted_at", "meant_for", "asked_at", "offered_at"])


def refuse_taken(item: HandoverItem) -> None:
    if not item.is_open:
        raise ValidationError(_("This item is done already."), code="already_done")
    if item.is_waiting:
        return
    if item.accepted_at is not None and item.owner is not None:
        raise ValidationError(
            _("%(name)s has already accepted this item.") % {"name": item.owner.name}, code="already_accepted"
        )
    raise ValidationError(_("This item has not been handed over yet."), code="not_handed_over")


@transaction.atomic
def finish_item(*, item: HandoverItem, actor_membership: Membership, result: str = "") -> HandoverItem:
    """Mark an item as done, with what came of it. Its owner does it, or who may take over ("not_yours" else).

    Refuses a second time ("already_done") and another department's people ("other_department").
    """
    item = lock_item(item)
    refuse_foreign_item(item, actor_membership)
    if not item.is_open:
        raise ValidationError(_("This item is done already."), code="already_done")
    if item.owner_id != actor_membership.pk and not may_take_over(actor_membership.user, item.department):
        raise ValidationError(_("Only its owner can finish this item."), code="not_yours")
    item.state, item.done_at, item.asked_at = ItemState.DONE, clock.now(), None
    item.save(update_fields=["state", "done_at", "asked_at"])
    remember([item], ItemAction.DONE, actor_membership.user, text=short(result))
    audit.record(actor_membership.user, "handover.item.done", item, owner=item.owner_id)
    return item


def lock_shift(member: Membership) -> Attendance | None:
    """The shift that the member is on, held until the transaction ends."""
    return Attendance.objects.select_for_update().on_duty().filter(membership=member).first()


def lock_item(item: HandoverItem) -> HandoverItem:
    # Two people may press at once: the second waits here and then sees what the first one did.
    return HandoverItem.objects.select_for_update().get(pk=item.pk)


def refuse_foreign_item(item: HandoverItem, member: Membership) -> None:
    if item.department_id != member.department_id:
        raise ValidationError(_("This item belongs to another department."), code="other_department")
    refuse_who_left(member)


def refuse_who_left(member: Membership, day: date | None = None) -> None:
    """Refuse who is no member on `day`; without one, now: the night shift of a last day is still brought to its end."""
    if not (member.holds_now if day is None else member.holds_on(day)):
        day = day or member.department.today()
        raise ValidationError(
            _("%(name)s is no member on %(day)s.") % {"name": member, "day": day}, code="not_a_member"
        )


def may_take_over(user: User, department: Department) -> bool:
    return has_right(user, department, Right.TAKE_OVER)


def short(text: str) -> str:
    """What is kept with an event: trimmed, and refused when it is longer than the column."""
    text = text.strip()
    if len(text) > LONGEST_NOTE:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": LONGEST_NOTE}, code="too_long")
    return text


def remember(
    items: list[HandoverItem],
    action: str,
    actor: User | None,
    *,
    handover: Handover | None = None,
    text: str = "",
    changes: dict | None = None,
) -> None:
    """Add to each item's history, with the owner that it has now."""
    said = {"action": action, "actor": actor, "at": clock.now(), "handover": handover, "text": text}
    ItemEvent.objects.bulk_create(
        ItemEvent(item=item, owner_id=item.owner_id, changes=changes or {}, **said) for item in items
    )


def link_to(item: HandoverItem) -> str:
    """Where a notice about it leads."""
    return f"/d/{item.department.code}/handover/items/{item.pk}/"
