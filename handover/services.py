"""Everything that writes the three notebooks, and the end of a shift.

Locks are always taken in this order: the shift of who acts, then the items, by key. That keeps an item that is written
or accepted while its owner leaves from being left behind, and two people from accepting one item.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import (
    LONGEST_NOTE,
    Handover,
    HandoverItem,
    Issue,
    ItemAction,
    ItemEvent,
    ItemState,
    ServiceStatistic,
    StatisticSource,
)
from handover.words import whole_minute
from office import audit, clock, notices
from office.money import LARGEST_FEN
from people.models import Department, Membership, Right, User
from people.permissions import has_right, holders_of
from rulebooks.schema import HandoverKind, Rulebook
from rulebooks.services import in_force, version_by_id
from shifts import services as attendance_services
from shifts.models import Attendance
from shifts.services.running_on import refuse_before_last_customer
from shifts.services.successor import refuse_before_successor

# Shorter than this says nothing about whether the item was understood.
SHORTEST_READ_BACK = 4


# -- Items ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def write_item(
    *,
    author: Membership,
    kind: str,
    to_do: str,
    customer: str = "",
    known: str = "",
    due_at: datetime | None = None,
) -> HandoverItem:
    """Write down what has to be done; it belongs to its author, on duty or not, until somebody accepts it.

    `kind` is one of the rulebook in force today; `due_at` is an aware instant, in whole minutes. Refuses a kind that
    does not exist ("unknown_kind"), a missing due time where the kind asks for one ("due_missing"), one that is past
    ("due_past"), a member who has left ("not_a_member"), and texts that are empty or too long (by field).
    """
    _lock_shift(author)
    department, now = author.department, clock.now()
    _refuse_who_left(author)
    rulebook = in_force(department, department.today())
    rule = _kind_of(rulebook, kind)
    if rule.needs_due_time and due_at is None:
        raise ValidationError(_("%(kind)s needs a time by which it is done.") % {"kind": rule.name}, code="due_missing")
    if due_at is not None and due_at < whole_minute(now):
        raise ValidationError(_("This time is past already."), code="due_past")
    item = HandoverItem(
        department=department,
        author=author,
        owner=author,
        kind=rule.code,
        rulebook_version_id=rulebook.version_id,
        to_do=to_do.strip(),
        customer=customer.strip(),
        known=known.strip(),
        due_at=due_at,
        written_at=now,
    )
    item.clean_fields(exclude={"department", "author", "owner", "handover", "rulebook_version"})
    item.save()
    _remember([item], ItemAction.WRITTEN, author.user)
    audit.record(author.user, "handover.item.written", item, kind=rule.code, due_at=due_at)
    return item


def _kind_of(rulebook: Rulebook, code: str) -> HandoverKind:
    rule = rulebook.handover_kind(code)
    if rule is None:
        raise ValidationError(_("The rulebook knows no such kind of item."), code="unknown_kind")
    return rule


@transaction.atomic
def accept_item(*, item: HandoverItem, actor_membership: Membership, read_back: str = "") -> HandoverItem:
    """Take an item on: from now it is the acceptor's, and no longer the giver's or the queue's.

    The acceptor is on duty, on a shift that the item was handed to; from the queue anybody on duty may take it. Where
    the item's rulebook asks for it, `read_back` says in own words what will be done.

    Refuses: "already_accepted" (also the second of two who press at once), "already_done", "not_handed_over",
    "not_on_duty", "own_item", "other_shift", "other_department", "read_back_missing".
    """
    shift = _lock_shift(actor_membership)
    item = _lock_item(item)
    _refuse_foreign_item(item, actor_membership)
    _refuse_taken(item)
    if shift is None:
        raise ValidationError(_("Clock in first: only who is on duty can accept an item."), code="not_on_duty")
    if not item.is_for(shift):
        if item.owner_id == actor_membership.pk:
            raise ValidationError(_("This item is yours; somebody else has to accept it."), code="own_item")
        raise ValidationError(_("This item was handed to another shift."), code="other_shift")
    read_back = _short(read_back)
    if item.rule.read_back and len(read_back) < SHORTEST_READ_BACK:
        raise ValidationError(_("Say in your own words what you will do."), code="read_back_missing")

    before, passed_on = item.owner_id, item.handover
    item.owner, item.in_queue, item.handover, item.accepted_at = actor_membership, False, None, clock.now()
    item.save(update_fields=["owner", "in_queue", "handover", "accepted_at"])
    _remember([item], ItemAction.ACCEPTED, actor_membership.user, handover=passed_on, text=read_back)
    audit.record(
        actor_membership.user,
        "handover.item.accepted",
        item,
        before={"owner": before},
        after={"owner": actor_membership.pk},
        read_back=read_back,
    )
    return item


def _refuse_taken(item: HandoverItem) -> None:
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
    item = _lock_item(item)
    _refuse_foreign_item(item, actor_membership)
    if not item.is_open:
        raise ValidationError(_("This item is done already."), code="already_done")
    if item.owner_id != actor_membership.pk and not _may_take_over(actor_membership.user, item.department):
        raise ValidationError(_("Only its owner can finish this item."), code="not_yours")
    item.state, item.done_at = ItemState.DONE, clock.now()
    item.save(update_fields=["state", "done_at"])
    _remember([item], ItemAction.DONE, actor_membership.user, text=_short(result))
    audit.record(actor_membership.user, "handover.item.done", item, owner=item.owner_id)
    return item


def _lock_shift(member: Membership) -> Attendance | None:
    """The shift that the member is on, held until the transaction ends."""
    return Attendance.objects.select_for_update().on_duty().filter(membership=member).first()


def _lock_item(item: HandoverItem) -> HandoverItem:
    # Two people may press at once: the second waits here and then sees what the first one did.
    return HandoverItem.objects.select_for_update().get(pk=item.pk)


def _refuse_foreign_item(item: HandoverItem, member: Membership) -> None:
    if item.department_id != member.department_id:
        raise ValidationError(_("This item belongs to another department."), code="other_department")
    _refuse_who_left(member)


def _refuse_who_left(member: Membership, day: date | None = None) -> None:
    """Refuse who is no member on `day`; without one, now: the night shift of a last day is still brought to its end."""
    if not (member.holds_now if day is None else member.holds_on(day)):
        day = day or member.department.today()
        raise ValidationError(
            _("%(name)s is no member on %(day)s.") % {"name": member, "day": day}, code="not_a_member"
        )


def _may_take_over(user: User, department: Department) -> bool:
    return has_right(user, department, Right.TAKE_OVER)


def _short(text: str) -> str:
    """What is kept with an event: trimmed, and refused when it is longer than the column."""
    text = text.strip()
    if len(text) > LONGEST_NOTE:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": LONGEST_NOTE}, code="too_long")
    return text


def _remember(items: list[HandoverItem], action: str, actor: User | None, *, handover=None, text: str = "") -> None:
    """Add to each item's history, with the owner that it has now."""
    at = clock.now()
    ItemEvent.objects.bulk_create(
        ItemEvent(item=item, action=action, actor=actor, at=at, owner_id=item.owner_id, handover=handover, text=text)
        for item in items
    )


# -- Handing over, and the end of a shift ---------------------------------------------------------------------------


@transaction.atomic
def submit_handover(
    *, attendance: Attendance, actor: User, remark: str = "", seen_items: int | None = None
) -> Handover:
    """Hand over all open items of the person on this shift to the shift types that its type `hands_over_to`.

    Once per shift, also with nothing to hand over. The items stay the giver's until somebody accepts them or the giver
    leaves; those that the giver had accepted from somebody else count one shift more in `carried`.

    `seen_items`: how many the person was shown; when it is another number by now, "changed_meanwhile".
    Refuses besides: "already_submitted", "not_on_duty" when the shift is over, "not_yours" for somebody else's shift
    without the right to take over.
    """
    attendance = Attendance.objects.select_for_update().get(pk=attendance.pk)
    member = attendance.membership
    _refuse_foreign_shift(attendance, actor)
    if Handover.objects.filter(attendance=attendance).exists():
        raise ValidationError(_("This shift has already handed over."), code="already_submitted")
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift is over."), code="not_on_duty")
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    handover = Handover(
        department=member.department,
        attendance=attendance,
        giver=member,
        to_codes=list(shift.hands_over_to) if shift else [],
        remark=remark.strip(),
    )
    handover.clean_fields(exclude={"department", "attendance", "giver", "to_codes"})
    handover.save()
    own = HandoverItem.objects.open().filter(owner=member, handover=None)
    items = _pass_on(own, handover=handover)
    if seen_items is not None and seen_items != len(items):
        raise ValidationError(
            _("Your items have changed meanwhile. Look again, then hand over."), code="changed_meanwhile"
        )
    _remember(items, ItemAction.SUBMITTED, actor, handover=handover)
    audit.record(actor, "handover.submitted", handover, to=handover.to_codes, items=[item.pk for item in items])
    return handover


@transaction.atomic
def end_shift(
    *, attendance: Attendance, actor: User | None, remark: str = "", confirmed: bool = False, hand_over: bool = False
) -> Attendance:
    """End a shift: look at the handover as the rulebook says, clock out, and leave no item with who is gone.

    Without a handover the rulebook of the shift may block ("handover_missing"), warn (then `confirmed` is needed,
    else "handover_unconfirmed") or not mind. `hand_over` submits the handover first, in the same transaction, with
    `remark`; without it the remark goes into the history of what is left behind.

    What happens to each open item of who leaves, so that it has one owner at every moment and none is forgotten:
    - handed over and not accepted: into the department's queue, under its handover;
    - written or accepted after the handover was submitted: into the queue too, under that handover;
    - never handed over, and the rulebook warned: into the queue, without a handover; who confirmed to leave without
      one leaves the matter to the department, and the next shift must see it;
    - never handed over, and the rulebook does not mind: it stays with its owner, who finishes it next time.
    An item accepted by somebody else is theirs already and not touched.

    Refuses besides: "already_out", "wait_for_successor" while the rulebook lets the agent not leave before somebody has
    come to take over, "customers_open" for the duty person, "not_yours" for somebody else's shift without the right to
    take over. `actor` None: the system ends a shift that was forgotten; it waits for nothing, and what is open is left
    as by somebody who confirmed.
    """
    attendance = Attendance.objects.select_for_update().get(pk=attendance.pk)
    member = attendance.membership
    if actor is not None:
        _refuse_foreign_shift(attendance, actor)
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift has already been ended."), code="already_out")
    if actor is not None:
        refuse_before_successor(attendance, actor)
        refuse_before_last_customer(attendance, actor)
    handover = Handover.objects.filter(attendance=attendance).first()
    if handover is None and hand_over and actor is not None:
        handover = submit_handover(attendance=attendance, actor=actor, remark=remark)
    at_clock_out = version_by_id(attendance.rulebook_version_id).notebooks.handover_log.at_clock_out
    if handover is None and actor is not None:
        _refuse_without_handover(at_clock_out, confirmed)
    attendance = attendance_services.clock_out(attendance=attendance, actor=actor)

    mine = HandoverItem.objects.open().filter(owner=member)
    left = _pass_on(mine.filter(handover__isnull=False), queue=True)
    if handover is not None or at_clock_out != "off":
        left += _pass_on(mine.filter(handover=None), handover=handover, queue=True)
    text = "" if hand_over else _short(remark)
    for item in left:
        _remember([item], ItemAction.QUEUED, actor, handover=item.handover, text=text)
    if left:
        audit.record(actor, "handover.items.queued", attendance, department=member.department, items=left)
        _tell_answerable(member, len(left))
    return attendance


def _refuse_without_handover(at_clock_out: str, confirmed: bool) -> None:
    if at_clock_out == "block":
        raise ValidationError(_("Hand over first: the rulebook asks for it before you leave."), code="handover_missing")
    if at_clock_out == "warn" and not confirmed:
        raise ValidationError(
            _("The handover is missing. Hand over, or confirm that you leave without."), code="handover_unconfirmed"
        )


def _refuse_foreign_shift(attendance: Attendance, actor: User) -> None:
    member = attendance.membership
    if actor != member.user and not _may_take_over(actor, member.department):
        raise ValidationError(_("This is somebody else's shift."), code="not_yours")


def _pass_on(items, *, handover: Handover | None = None, queue: bool = False) -> list[HandoverItem]:
    """Lock `items`, put those that nobody had handed over under `handover`, and into the queue when `queue`.

    An item that the owner had accepted from somebody else is carried on by being passed on, once.
    """
    rows = list(items.select_for_update().order_by("pk"))
    for item in rows:
        if item.handover_id is None:
            item.handover = handover
            item.carried += item.accepted_at is not None
        if queue:
            item.owner, item.in_queue = None, True
        item.save(update_fields=["handover", "carried", "owner", "in_queue"])
    return rows


@transaction.atomic
def release_items(*, member: Membership) -> int:
    """Put the open items of somebody whose last day is over into the department's queue; says how many.

    A second time there are none left. Nothing happens while the last day's shift may still be running.
    """
    _lock_shift(member)
    if not member.has_left:
        return 0
    left = _pass_on(HandoverItem.objects.open().filter(owner=member), queue=True)
    for item in left:
        _remember([item], ItemAction.QUEUED, None, handover=item.handover)
    if left:
        audit.record(None, "handover.items.queued", member, items=left)
        _tell_answerable(member, len(left))
    return len(left)


def _tell_answerable(member: Membership, count: int) -> None:
    """That day's supervisors answer for the queue."""
    notices.tell(
        holders_of(member.department, Right.TAKE_OVER),
        gettext_noop("%(name)s has left; items now in the queue: %(count)s"),
        link=f"/d/{member.department.code}/handover/",
        name=member.name,
        count=count,
    )


# -- The other two notebooks ----------------------------------------------------------------------------------------


@transaction.atomic
def write_issue(*, author: Membership, category: str, text: str, about: str = "") -> Issue:
    """Enter a problem or an idea. It belongs to the date of the shift that its author is on, else to today.

    Refuses an unknown category ("unknown_category"), a member who has left ("not_a_member"), bad texts (by field).
    """
    department = author.department
    shift = attendance_services.on_duty(author)
    day = shift.business_date if shift else department.today()
    _refuse_who_left(author)
    rulebook = in_force(department, day)
    if category not in {known.code for known in rulebook.notebooks.issue_register.categories}:
        raise ValidationError(_("The rulebook knows no such category."), code="unknown_category")
    issue = Issue(
        department=department,
        author=author,
        category=category,
        rulebook_version_id=rulebook.version_id,
        text=text.strip(),
        about=about.strip(),
        business_date=day,
    )
    issue.clean_fields(exclude={"department", "author", "rulebook_version"})
    issue.save()
    audit.record(author.user, "handover.issue.written", issue, category=category)
    return issue


@transaction.atomic
def record_statistics(
    *,
    membership: Membership,
    business_date: date,
    served: int,
    closed: int,
    enquiries: int,
    sales_fen: int,
    actor: User,
) -> ServiceStatistic:
    """Record one agent's day: counts in customers, sales in fen. A second time corrects: the new row supersedes.

    The same figures again change nothing. Refuses figures that cannot be ("closed_above_served",
    "enquiries_above_served", "too_much", negative ones by field) and dates in the future ("future") or outside the
    membership ("not_a_member").
    """
    # One writer per member: two corrections at once must not supersede the same row.
    members = Membership.objects.select_for_update(no_key=True, of=("self",))
    member = members.select_related("department", "user").get(pk=membership.pk)
    if business_date > member.department.today():
        raise ValidationError(_("This day has not come yet."), code="future")
    _refuse_who_left(member, business_date)
    _refuse_impossible(served=served, closed=closed, enquiries=enquiries, sales_fen=sales_fen)
    figures = {"served": served, "closed": closed, "enquiries": enquiries, "sales_fen": sales_fen}
    rows = ServiceStatistic.objects.current().filter(source=StatisticSource.MANUAL)
    current = rows.filter(membership=member, business_date=business_date).first()
    before = {name: getattr(current, name) for name in figures} if current else None
    if current and before == figures:
        return current
    row = ServiceStatistic(
        membership=member, business_date=business_date, recorded_by=actor, supersedes=current, **figures
    )
    row.clean_fields(exclude={"membership", "recorded_by", "supersedes"})
    row.save()
    audit.record(actor, "handover.statistics.recorded", row, department=member.department, before=before, after=figures)
    return row


def _refuse_impossible(*, served: int, closed: int, enquiries: int, sales_fen: int) -> None:
    if closed > served:
        raise ValidationError(
            _("More closed (%(closed)s) than served (%(served)s).") % {"closed": closed, "served": served},
            code="closed_above_served",
        )
    if enquiries > served:
        raise ValidationError(
            _("More enquiries (%(enquiries)s) than served (%(served)s).") % {"enquiries": enquiries, "served": served},
            code="enquiries_above_served",
        )
    if not 0 <= sales_fen <= LARGEST_FEN:
        raise ValidationError(_("These sales cannot be."), code="too_much")
