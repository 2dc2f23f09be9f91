"""Handing over, taking that back, and the end of a shift."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from handover.models import Handover, HandoverItem, ItemAction, ItemEvent, TakeBack
from office import audit, clock, notices
from office.lists import joined
from people.models import Membership, Right, User
from people.permissions import holders_of
from rulebooks.schema import HandoverLog
from rulebooks.services import in_force, version_by_id
from shifts import services as attendance_services
from shifts.models import Attendance
from shifts.services.running_on import refuse_before_last_customer
from shifts.services.successor import refuse_before_successor

from .items import link_to, lock_shift, may_take_over, remember, short, write_item
from .leaving import (
    ENDED_FOR,
    HANDED_OVER_FOR,
    needs_reason_to_end,
    needs_reason_to_submit,
    reason_of,
    refuse_early,
    refuse_leaving,
    tell_of,
)

CARRIED = gettext_noop("Passed on by %(times)s shifts already, %(count)s in all: %(what)s")
# A message names so many items, at most.
MOST_NAMED = 3


@transaction.atomic
def submit_handover(
    *,
    attendance: Attendance,
    actor: User,
    remark: str = "",
    seen_items: int | None = None,
    already_now: bool | None = None,
    reason: str = "",
) -> Handover:
    """Hand over all open items of the person on this shift to the shift types that its type `hands_over_to`.

    One handover per shift, also with nothing to hand over. Submitted again in the same shift it takes along what has
    come up or come back since; `remark` then goes into the history of those items. The items stay the giver's until
    somebody accepts them or the giver leaves; those that the giver had accepted from somebody else count one shift more
    in `carried`, once a shift, and those who may take over are told of what stands out by it. What was taken back is
    submitted again like that too, with or without items.

    `seen_items`: how many the person was shown; when it is another number by now, "changed_meanwhile". `already_now`:
    what the person said when asked whether to hand over that early; nobody hands over long before the end by a slip of
    the thumb ("too_early"). Who hands over for somebody else early, or with customers open, says why
    ("reason_missing"); it stands in the history of the items, and the person is told.
    Refuses besides: "already_submitted" when nothing is new, "not_on_duty" when the shift is over, "not_yours" for
    somebody else's shift without the right to take over.
    """
    attendance = Attendance.objects.select_for_update().get(pk=attendance.pk)
    _refuse_foreign_shift(attendance, actor)
    if attendance.is_on_duty:
        refuse_early(attendance, already_now)
        reason = reason_of(attendance, actor, reason, needed=needs_reason_to_submit(attendance))
    handover = _submit(attendance, actor, remark, reason, seen_items)
    tell_of(HANDED_OVER_FOR, attendance, actor, reason)
    return handover


def _submit(attendance: Attendance, actor: User, remark: str, reason: str, seen_items: int | None = None) -> Handover:
    """Hand over for a locked shift; whether that is asked for and explained has been looked at."""
    earlier = Handover.objects.filter(attendance=attendance).first()
    taken_back = TakeBack.objects.open().filter(handover=earlier).first() if earlier else None
    own = _not_handed_over(_locked_items(attendance.membership))
    if earlier is not None and not ((own or taken_back) and attendance.is_on_duty):
        raise ValidationError(_("This shift has already handed over."), code="already_submitted")
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift is over."), code="not_on_duty")
    if seen_items is not None and seen_items != len(own):
        raise ValidationError(
            _("Your items have changed meanwhile. Look again, then hand over."), code="changed_meanwhile"
        )
    handover = earlier or _begin(attendance, remark)
    if taken_back is not None:
        taken_back.again_at = clock.now()
        taken_back.save(update_fields=["again_at"])
    _pass_on(own, attendance, handover=handover)
    _tell_of_carried(own, _rules(attendance))
    text = short(remark) if earlier else ""
    remember(own, ItemAction.SUBMITTED, actor, handover=handover, text=text or reason)
    action = "handover.submitted_again" if earlier else "handover.submitted"
    audit.record(actor, action, handover, to=handover.to_codes, items=[item.pk for item in own], reason=reason)
    return handover


@transaction.atomic
def take_back(*, attendance: Attendance, actor: User) -> Handover:
    """Take back what a running shift has handed over, as long as nobody has accepted anything of it.

    The items are their giver's own again, the shift has not handed over, and what comes up is theirs. The handover
    itself stays in the history; submitted again it is the same one.

    Refuses "not_on_duty" when the shift is over, "not_submitted" when nothing is handed over, "already_accepted" when
    somebody has accepted or been given one of the items, "not_yours" for who is neither the giver nor may take over.
    """
    attendance = Attendance.objects.select_for_update().get(pk=attendance.pk)
    _refuse_foreign_shift(attendance, actor)
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift is over."), code="not_on_duty")
    handover = Handover.objects.of(attendance)
    if handover is None:
        raise ValidationError(_("Nothing is handed over that could be taken back."), code="not_submitted")
    items = [item for item in _locked_items(attendance.membership) if item.handover_id == handover.pk]
    if handover.events.filter(action__in=(ItemAction.ACCEPTED, ItemAction.ASSIGNED)).exists():
        raise ValidationError(
            _("Something of this handover has been accepted already; it stands."), code="already_accepted"
        )
    for item in items:
        item.handover = None
        # It has not been passed on after all.
        item.carried -= item.accepted_at is not None
    HandoverItem.objects.bulk_update(items, ["handover", "carried"])
    TakeBack.objects.create(handover=handover, actor=actor)
    remember(items, ItemAction.TAKEN_BACK, actor, handover=handover)
    audit.record(actor, "handover.taken_back", handover, items=[item.pk for item in items])
    return handover


def _begin(attendance: Attendance, remark: str) -> Handover:
    member = attendance.membership
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
    return handover


def _rules(attendance: Attendance) -> HandoverLog:
    return version_by_id(attendance.rulebook_version_id).notebooks.handover_log


@transaction.atomic
def end_shift(
    *,
    attendance: Attendance,
    actor: User | None,
    remark: str = "",
    confirmed: bool = False,
    hand_over: bool = False,
    all_the_same: bool | None = None,
    customers: bool = False,
    chats: str = "",
    reason: str = "",
) -> Attendance:
    """End a shift: look at the handover as the rulebook says, clock out, and leave no item with who is gone.

    Without a handover the rulebook of the shift may block ("handover_missing"), warn (then `confirmed` is needed,
    else "handover_unconfirmed") or not mind. `hand_over` submits the handover first, or what is new since, in the same
    transaction, with `remark`; without it the remark goes into the history of what is left behind. `customers` writes
    the customers in chat down as an item first, so that the next shift has them, with `chats`: who they are and where
    one stands with each. `all_the_same`: what the person said when asked whether to leave with time left or customers
    open ("leaving_unconfirmed"); no rulebook forbids it, and a program that ends shifts asks nobody.

    What happens to each open item of who leaves, so that it has one owner at every moment and none is forgotten:
    - handed over and not accepted: into the department's queue, under its handover;
    - come up or come back after the handover was submitted: where the rulebook leaves that with the giver, they do not
      leave before it is done or handed over too ("happened_during_handover"); else into the queue, under that handover;
    - never handed over, and the rulebook warned: into the queue, without a handover; who confirmed to leave without
      one leaves the matter to the department, and the next shift must see it;
    - never handed over, and the rulebook does not mind: it stays with its owner, who finishes it next time.
    An item accepted by somebody else is theirs already and not touched.

    Refuses besides: "already_out", "wait_for_successor" while the rulebook lets the agent not leave before somebody has
    come to take over, "customers_open" for the duty person, "not_yours" for somebody else's shift without the right to
    take over. Whoever ends somebody else's shift leaves what came up during the handover to the queue. `actor` None:
    the system ends a shift that was forgotten; it waits for nothing, and what is open is left as by somebody who
    confirmed. Who ends somebody else's shift early, or with something missing, says why ("reason_missing").
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
    handover = Handover.objects.of(attendance)
    reason = reason_of(attendance, actor, reason, needed=needs_reason_to_end(attendance, handover))
    written = _write_customers(attendance, chats) if customers else None
    mine, rules = _locked_items(member), _rules(attendance)
    if hand_over and actor is not None and (handover is None or _not_handed_over(mine)):
        handover = _submit(attendance, actor, remark, reason)
        mine, remark = _locked_items(member), ""
    if handover is None and actor is not None:
        _refuse_without_handover(rules.at_clock_out, confirmed)
    refuse_leaving(attendance, all_the_same)
    if handover is not None and actor == member.user:
        _refuse_what_came_up(rules, [item for item in _not_handed_over(mine) if item != written])
    attendance = attendance_services.clock_out(attendance=attendance, actor=actor)

    stays = handover is None and rules.at_clock_out == "off"
    left = [item for item in mine if item.is_waiting or not stays or item == written]
    _pass_on(left, attendance, handover=handover, queue=True)
    _tell_of_carried(left, rules)
    _remember_queued(left, actor, short(remark) or reason)
    if left:
        audit.record(
            actor, "handover.items.queued", attendance, department=member.department, items=left, reason=reason
        )
        _tell_answerable(member, len(left))
    if reason:
        audit.record(actor, "handover.ended_for", attendance, department=member.department, reason=reason)
        tell_of(ENDED_FOR, attendance, actor, reason)
    return attendance


def _write_customers(attendance: Attendance, known: str) -> HandoverItem | None:
    """The customers in chat as an item of the person on this shift; of a kind that asks for nothing more, if any."""
    count = attendance.open_customers
    if not count:
        return None
    kinds = in_force(attendance.membership.department, attendance.membership.department.today())
    kind = min(kinds.notebooks.handover_log.kinds, key=lambda kind: (kind.needs_due_time, kind.read_back))
    # What is written down is written once, in the language that the house works in.
    with translation.override(settings.LANGUAGE_CODE):
        to_do = ngettext("%(count)s customer in chat", "%(count)s customers in chat", count) % {"count": count}
    due_at = clock.now() + timedelta(hours=1) if kind.needs_due_time else None
    return write_item(author=attendance.membership, kind=kind.code, to_do=to_do, known=known, due_at=due_at)


def _refuse_without_handover(at_clock_out: str, confirmed: bool) -> None:
    if at_clock_out == "block":
        raise ValidationError(_("Hand over first: the rulebook asks for it before you leave."), code="handover_missing")
    if at_clock_out == "warn" and not confirmed:
        raise ValidationError(
            _("The handover is missing. Hand over, or confirm that you leave without."), code="handover_unconfirmed"
        )


def _not_handed_over(items: list[HandoverItem]) -> list[HandoverItem]:
    return [item for item in items if not item.is_waiting]


def _refuse_what_came_up(rules: HandoverLog, items: list[HandoverItem]) -> None:
    """What comes up during the handover is the giver's to deal with, where the rulebook says so."""
    if items and rules.during_handover == "giver":
        raise ValidationError(
            _("Since your handover this has come up: %(what)s. Do it, or hand it over too.")
            % {"what": joined(str(item) for item in items[:MOST_NAMED])},
            code="happened_during_handover",
        )


def _refuse_foreign_shift(attendance: Attendance, actor: User) -> None:
    member = attendance.membership
    if actor != member.user and not may_take_over(actor, member.department):
        raise ValidationError(_("This is somebody else's shift."), code="not_yours")


def _locked_items(member: Membership) -> list[HandoverItem]:
    """The member's open items, all locked: nobody accepts or refuses one between the checks and the writes."""
    mine = HandoverItem.objects.open().filter(owner=member).select_for_update(of=("self",))
    return list(mine.select_related("department", "handover").order_by("pk"))


def _pass_on(
    items: list[HandoverItem], attendance: Attendance | None, *, handover: Handover | None = None, queue: bool = False
) -> None:
    """Put those of the locked items that are not handed over under `handover`, and all into the queue when `queue`.

    An item that its owner had accepted from somebody else is carried on by being passed on, once in the shift
    `attendance`: not again when it was refused and has come back. `is_carried_on` says so on each.
    """
    again = _passed_on_before(items, attendance) if attendance else set()
    for item in items:
        if item.handover_id is None:
            item.handover = handover
            item.is_carried_on = item.accepted_at is not None and item.pk not in again
            item.carried += item.is_carried_on
        if queue:
            item.owner, item.in_queue, item.offered_at = None, True, None
    HandoverItem.objects.bulk_update(items, ["handover", "carried", "owner", "in_queue", "offered_at"])


def _passed_on_before(items: list[HandoverItem], attendance: Attendance) -> set[int]:
    """Keys of the items that this shift has handed over already; not of those that were taken back since."""
    steps = ItemEvent.objects.filter(item__in=items, handover__attendance=attendance)
    steps = steps.filter(action__in=(ItemAction.SUBMITTED, ItemAction.TAKEN_BACK)).order_by("pk")
    newest = dict(steps.values_list("item", "action"))
    return {item for item, action in newest.items() if action == ItemAction.SUBMITTED}


def _remember_queued(items: list[HandoverItem], actor: User | None, text: str = "") -> None:
    for handover in {item.handover for item in items}:
        these = [item for item in items if item.handover == handover]
        remember(these, ItemAction.QUEUED, actor, handover=handover, text=text)


def _tell_of_carried(items: list[HandoverItem], rules: HandoverLog) -> None:
    """Tell those who may take over what has just been carried on so often that it stands out."""
    found = [item for item in items if item.is_carried_on and item.carried >= rules.carried_stands_out_from]
    if not found:
        return
    department = found[0].department
    link = link_to(found[0]) if len(found) == 1 else f"/d/{department.code}/handover/"
    notices.tell(
        holders_of(department, Right.TAKE_OVER),
        CARRIED,
        link=link,
        times=max(item.carried for item in found),
        count=len(found),
        what=" · ".join(str(item) for item in found[:MOST_NAMED]),
    )


@transaction.atomic
def release_items(*, member: Membership) -> int:
    """Put the open items of somebody whose last day is over into the department's queue; says how many.

    A second time there are none left. Nothing happens while the last day's shift may still be running.
    """
    lock_shift(member)
    if not member.has_left:
        return 0
    left = _locked_items(member)
    _pass_on(left, None, queue=True)
    if left:
        _tell_of_carried(left, in_force(member.department, member.department.today()).notebooks.handover_log)
        _remember_queued(left, None)
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
