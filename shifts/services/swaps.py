"""Swaps 换班, shifts given away and open shifts: asking, consenting, and calling it off. Deciding is in `decisions`.

Locks are taken in one order everywhere: memberships, then the months' rosters, then the swap. Who publishes holds the
roster and ends the swaps that counted on what changed (`live.overtake_swaps`).
"""

import functools
from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices
from people.models import Department, Membership, Right, User
from people.permissions import has_right, holders_of
from rulebooks.services import in_force_by_day
from shifts.candidates import stand_ins_in, takers_in
from shifts.models import LIVE_SWAPS, Assignment, Layer, Swap, SwapKind, SwapState
from shifts.services.cells import Key
from shifts.services.live import OVERTAKEN, published_rosters
from shifts.swap_rules import Refusal
from shifts.whatif import WhatIf, begins_at, days_of, touched

LONGEST_REASON = 500
# Whoever sees to it that a shift is worked may offer one that nobody has.
COVERING = (Right.EDIT_ROSTER, Right.APPROVE_LEAVE, Right.WATCH_SHIFTS, Right.APPROVE_SWAP)

ASKED = {
    SwapKind.SWAP: gettext_noop("%(name)s would like to swap the shift of %(day)s with yours of %(other)s."),
    SwapKind.GIVE_AWAY: gettext_noop("%(name)s would like to give you the shift of %(day)s."),
    SwapKind.OPEN_SHIFT: gettext_noop("Will you take an open shift on %(day)s?"),
}
TO_ALL = {
    SwapKind.GIVE_AWAY: gettext_noop("%(name)s gives away the shift of %(day)s. Whoever says yes first has it."),
    SwapKind.OPEN_SHIFT: gettext_noop("The shift of %(day)s is open. Whoever says yes first has it."),
}
AGREED = gettext_noop("%(name)s agrees to take over the shift of %(day)s. It waits for approval.")
TO_APPROVE = gettext_noop("A swap of %(day)s waits for your approval.")
DECLINED = gettext_noop("%(name)s does not take over the shift of %(day)s.")
WITHDRAWN = gettext_noop("The swap of %(day)s has been withdrawn.")
LEAVES = gettext_noop("The swap of %(day)s is off: %(name)s leaves.")
ACTED = gettext_noop("%(name)s has acted for you in the swap of %(day)s: %(reason)s")


def refused(found: Iterable[Refusal]) -> None:
    """Raise what speaks against it, all at once; one alone is raised as itself."""
    errors = [ValidationError(refusal.text, code=refusal.code) for refusal in found]
    if errors:
        raise errors[0] if len(errors) == 1 else ValidationError(errors)


def link_of(swap: Swap) -> str:
    return reverse("shifts:swap", args=[swap.department.code, swap.pk])


def tell(people: Iterable[User | None], message: str, swap: Swap, **params) -> None:
    """A notice about the swap, for those of them who are somebody."""
    found = [person for person in people if person is not None]
    notices.tell(found, message, link=link_of(swap), day=swap.business_date.isoformat(), **params)


def written(reason: str, *, needed: bool = False) -> str:
    reason = reason.strip()
    if needed and not reason:
        raise ValidationError(_("Say why."), code="no_reason")
    if len(reason) > LONGEST_REASON:
        raise ValidationError(_("At most %(most)s characters.") % {"most": LONGEST_REASON}, code="too_long")
    return reason


# -- What it counted on -----------------------------------------------------------------------------------------------
def cells_now(keys: Iterable[Key]) -> list[list]:
    """The published cells as `Swap.seen` keeps them."""
    wanted = list(keys)
    rows = Assignment.objects.published().filter(
        membership__in={member for member, _day in wanted}, business_date__in={day for _member, day in wanted}, slot=1
    )
    found = {(row.membership_id, row.business_date): row for row in rows}
    cells: list[list] = []
    for member, day in wanted:
        row = found.get((member, day))
        what = [row.pk, row.code, row.version] if row else [None, "", 0]
        cells.append([member, day.isoformat(), *what])
    return cells


def has_changed(swap: Swap) -> bool:
    """Whether one of the cells that a swap counted on is no longer what it was."""
    return cells_now((member, date.fromisoformat(day)) for member, day, *_rest in swap.seen) != swap.seen


def refuse_changed(swap: Swap) -> None:
    if has_changed(swap):
        raise ValidationError(
            _("One of the shifts has changed since this was asked. Look again, and ask anew."), code="stale"
        )


def ends_when_overtaken(step):
    """Wrap a step of a swap: when it finds that a shift has changed ("stale"), the swap is over as well."""

    @functools.wraps(step)
    def wrapped(*, swap: Swap, **kwargs):
        try:
            return step(swap=swap, **kwargs)
        except ValidationError as refusal:
            if any(error.code == "stale" for error in refusal.error_list):
                overtake(swap=swap)
            raise

    return wrapped


@transaction.atomic
def overtake(*, swap: Swap, actor: User | None = None, message: str = OVERTAKEN, **params) -> Swap:
    """End a swap that can no longer come to be applied; tells both sides, and of an open shift whoever opened it.

    `message`, `params`: what they are told besides the day.
    """
    swap = locked(swap)
    if swap.state in LIVE_SWAPS:
        swap.state = SwapState.STALE
        swap.save(update_fields=["state"])
        audit.record(actor, "shifts.swap.overtaken", swap, department=swap.department)
        tell(concerned(swap), message, swap, **params)
    return swap


def locked(swap: Swap) -> Swap:
    rows = Swap.objects.select_for_update(of=("self",))
    return rows.select_related("department", "owner__user", "partner__user", "asked_by").get(pk=swap.pk)


def both(swap: Swap) -> list[User]:
    return [member.user for member in (swap.owner, swap.partner) if member is not None]


def concerned(swap: Swap) -> list[User]:
    """Both sides; an open shift has no owner, so whoever opened it answers for it."""
    return both(swap) if swap.owner is not None else [*both(swap), swap.asked_by]


@transaction.atomic
def end_swaps_of_leaver(*, member: Membership, last_day: date, actor: User) -> int:
    """End the member's swaps of shifts after the last day that could still be applied; says how many.

    Those whose cells are taken off the roster end with these; here also those that would only have given them a shift.
    The membership, and the months that change, are locked already.
    """
    sides = Q(owner=member) | Q(partner=member)
    later = Q(business_date__gt=last_day) | Q(partner_date__gt=last_day)
    found = list(Swap.objects.live().filter(sides, later).order_by("pk"))
    for swap in found:
        overtake(swap=swap, actor=actor, message=LEAVES, name=member.name)
    return len(found)


def refuse_unless(swap: Swap, *states: str) -> None:
    """Refuse a step that no longer fits the state."""
    if swap.state not in states:
        raise ValidationError(
            _("Nothing more can be done here: %(state)s.") % {"state": swap.get_state_display()}, code="already_decided"
        )


# -- Asking -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def offer(
    *,
    kind: str,
    assignment: Assignment,
    partner: Membership | None = None,
    partner_assignment: Assignment | None = None,
    reason: str = "",
    actor: User,
    acted_for: str = "",
) -> Swap:
    """Offer one's published shift for exchange with a partner's, or give it away: to a partner, or to whoever wants it.

    Somebody with the right to approve swaps may ask for an owner who is absent, `acted_for` saying why ("no_reason").
    Refuses what is not one's own ("not_yours"), a shift that is offered already ("already_offered"), an exchange
    without a partner's shift ("no_partner"), and everything that a rule forbids: those of the section on swaps, and
    "blocked", "double_shift", "on_leave", "not_member", "not_published", "locked", "past". Tells the partner, or all
    who could.
    """
    owner, department = assignment.membership, assignment.membership.department
    acted_for = _acting(actor, owner, acted_for)
    swap = Swap(
        department=department,
        kind=kind,
        owner=owner,
        partner=partner,
        assignment=assignment,
        business_date=assignment.business_date,
        code=assignment.code,
        reason=written(reason),
        asked_by=actor,
        acted_for=acted_for,
    )
    _refuse_nothing_to_offer(swap, assignment)
    _add_return(swap, partner_assignment)
    published_rosters(department, days_of(swap))
    if Swap.objects.live().filter(assignment=assignment).exists():
        raise ValidationError(_("This shift is offered already."), code="already_offered")
    return _ask(swap)


def _acting(actor: User, member: Membership, why: str) -> str:
    """Why the actor acts for a member; "" when it is themselves."""
    if actor.pk == member.user_id:
        return ""
    if not has_right(actor, member.department, Right.APPROVE_SWAP):
        raise ValidationError(_("This is for %(name)s to say.") % {"name": member.name}, code="not_yours")
    return written(why, needed=True)


def refuse_other_side(swap: Swap, actor: User) -> None:
    """Nobody answers their own offer for the other side, whatever they may approve elsewhere."""
    if swap.owner is not None and swap.owner.user_id == actor.pk:
        raise ValidationError(_("This is your own swap: somebody else answers for them."), code="own_swap")


def _refuse_nothing_to_offer(swap: Swap, assignment: Assignment) -> None:
    if swap.kind == SwapKind.OPEN_SHIFT:
        raise ValidationError(_("A shift of somebody's is no open shift."), code="kind_not_allowed")
    if assignment.layer != Layer.PUBLISHED or assignment.is_rest:
        raise ValidationError(_("Only a published shift can be passed on."), code="no_shift")
    if swap.partner is not None and (swap.partner == swap.owner or swap.partner.department_id != swap.department_id):
        raise ValidationError(_("Choose a colleague of this department."), code="no_partner")


def _add_return(swap: Swap, other: Assignment | None) -> None:
    """The shift that comes back for it."""
    if swap.kind != SwapKind.SWAP:
        if other is not None:
            raise ValidationError(_("Who gives a shift away gets none back."), code="no_partner")
        return
    if swap.partner is None or other is None or other.membership_id != swap.partner.pk:
        raise ValidationError(_("Choose the shift that you want for it."), code="no_partner")
    if other.layer != Layer.PUBLISHED or other.is_rest:
        raise ValidationError(_("Only a published shift can be passed on."), code="no_shift")
    swap.partner_assignment, swap.partner_date, swap.partner_code = other, other.business_date, other.code


@transaction.atomic
def open_shift(
    *,
    department: Department,
    day: date,
    code: str,
    actor: User,
    partner: Membership | None = None,
    reason: str = "",
) -> Swap:
    """Offer a shift that nobody has to everybody, or to one. Until it is applied, whoever opened it answers for it.

    Refuses actors who have nothing to do with cover ("not_yours"), more open offers than people are missing, one at
    least ("already_offered"), and what a rule forbids, as `offer` does.
    """
    if not any(has_right(actor, department, right) for right in COVERING):
        raise ValidationError(_("You cannot offer open shifts here."), code="not_yours")
    swap = Swap(
        department=department,
        kind=SwapKind.OPEN_SHIFT,
        partner=partner,
        business_date=day,
        code=code,
        reason=written(reason),
        asked_by=actor,
    )
    if partner is not None and partner.department_id != department.pk:
        raise ValidationError(_("Choose a colleague of this department."), code="no_partner")
    published_rosters(department, [day])
    return _ask(swap)


def _ask(swap: Swap) -> Swap:
    """Judge the offer, keep what it counts on, and tell those who are asked. The rosters are locked."""
    scene = WhatIf(swap.department, days_of(swap))
    refused(scene.trouble(swap).refusals)
    if swap.kind == SwapKind.OPEN_SHIFT:
        _refuse_too_many(swap, scene)
    swap.seen = cells_now(touched(swap))
    swap.save()
    audit.record(
        swap.asked_by,
        "shifts.swap.asked",
        swap,
        swap=swap.kind,
        partner=swap.partner_id,
        reason=swap.reason,
        acted_for=swap.acted_for,
    )
    names = {"name": swap.owner.name if swap.owner else "", "other": str(swap.partner_date or "")}
    if swap.partner is not None:
        tell([swap.partner.user], ASKED[SwapKind(swap.kind)], swap, **names)
    else:
        found = takers_in(scene, swap) if swap.owner_id else stand_ins_in(scene, swap.business_date, swap.code)
        tell((one.membership.user for one in found if one.legal), TO_ALL[SwapKind(swap.kind)], swap, **names)
    _tell_of_acting(swap, swap.owner, swap.asked_by, swap.acted_for)
    return swap


def _refuse_too_many(swap: Swap, scene: WhatIf) -> None:
    same = Swap.objects.live().filter(
        department=swap.department, kind=swap.kind, business_date=swap.business_date, code=swap.code
    )
    if same.count() >= max(1, scene.cover(swap.business_date, swap.code).missing):
        raise ValidationError(_("This shift is offered already."), code="already_offered")


def _tell_of_acting(swap: Swap, member: Membership | None, actor: User, why: str) -> None:
    if member is not None and member.user_id != actor.pk and why:
        tell([member.user], ACTED, swap, name=str(actor), reason=why)


# -- Consenting, or not -----------------------------------------------------------------------------------------------
@ends_when_overtaken
@transaction.atomic
def agree(*, swap: Swap, actor: User, member: Membership | None = None, acted_for: str = "") -> Swap:
    """Say yes to it: whoever was asked, or of those to whom it is offered the first. Tells owner and approvers.

    `member`: who takes it, where it is offered to everybody. Somebody with the right to approve swaps may consent for
    them when they are absent, saying why. Refuses what is no longer open ("already_decided"), what has changed
    ("stale"), others than those asked ("not_yours"), one's own shift ("own_swap"), and what a rule forbids, as `offer`.
    """
    _lock_rosters(swap)
    swap = locked(swap)
    refuse_unless(swap, SwapState.ASKED)
    taker = swap.partner or member
    if taker is None or (swap.partner and member and member.pk != swap.partner.pk):
        raise ValidationError(_("This was not offered to you."), code="not_yours")
    if taker.department_id != swap.department_id or taker.pk == swap.owner_id:
        raise ValidationError(_("This is your own shift."), code="own_swap")
    refuse_other_side(swap, actor)
    why = _acting(actor, taker, acted_for)
    refuse_changed(swap)
    swap.partner, swap.agreed_by, swap.agreed_at, swap.state = taker, actor, clock.now(), SwapState.AGREED
    refused(WhatIf(swap.department, days_of(swap)).trouble(swap).refusals)
    # What was seen of the owner's stays; a taker who was not known before brings their own cell.
    known = {(member, day) for member, day, *_rest in swap.seen}
    swap.seen = swap.seen + cells_now(key for key in touched(swap) if (key[0], key[1].isoformat()) not in known)
    swap.acted_for = " · ".join(filter(None, (swap.acted_for, why)))[:LONGEST_REASON]
    swap.save(update_fields=["partner", "agreed_by", "agreed_at", "state", "seen", "acted_for"])
    audit.record(actor, "shifts.swap.agreed", swap, partner=taker.pk, acted_for=why)
    others = [swap.owner.user if swap.owner else swap.asked_by]
    tell(others, AGREED, swap, name=taker.name)
    approvers = holders_of(swap.department, Right.APPROVE_SWAP)
    tell(approvers.exclude(pk__in=[person.pk for person in [*both(swap), actor, *others]]), TO_APPROVE, swap)
    _tell_of_acting(swap, taker, actor, why)
    return swap


def _lock_rosters(swap: Swap) -> None:
    """The months of a swap, in their order; whoever publishes one of them waits, or we do."""
    published_rosters(swap.department, days_of(swap))


@transaction.atomic
def decline(*, swap: Swap, actor: User, reason: str = "", acted_for: str = "") -> Swap:
    """Say no, or no longer: the partner until it is approved, or for them somebody with the right to approve swaps.

    Refuses what is decided ("already_decided") and others ("not_yours"). Tells the other side.
    """
    swap = locked(swap)
    refuse_unless(swap, SwapState.ASKED, SwapState.AGREED)
    if swap.partner is None:
        raise ValidationError(_("It was offered to everybody; nobody has to say no."), code="not_yours")
    refuse_other_side(swap, actor)
    why = _acting(actor, swap.partner, acted_for)
    swap.state = SwapState.DECLINED
    swap.decided_by, swap.decided_at, swap.decision_reason = actor, clock.now(), written(reason)
    swap.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit.record(actor, "shifts.swap.declined", swap, reason=swap.decision_reason, acted_for=why)
    tell([swap.owner.user if swap.owner else swap.asked_by], DECLINED, swap, name=swap.partner.name)
    _tell_of_acting(swap, swap.partner, actor, why)
    return swap


def may_withdraw(swap: Swap, actor: User) -> bool:
    """Whoever asked, and whose shift it is, until it is applied."""
    owner = swap.owner.user_id if swap.owner else None
    return swap.state in LIVE_SWAPS and actor.pk in (owner, swap.asked_by_id)


@transaction.atomic
def withdraw(*, swap: Swap, actor: User) -> Swap:
    """Take the offer back, until it is applied ("already_decided"): its owner or who asked ("not_yours").

    Tells the partner and, once they had something to decide or to apply, those who approve.
    """
    swap = locked(swap)
    refuse_unless(swap, *LIVE_SWAPS)
    if not may_withdraw(swap, actor):
        raise ValidationError(_("Only who asked can take it back."), code="not_yours")
    others = [person for person in [*both(swap), swap.decided_by, swap.asked_by] if person and person.pk != actor.pk]
    swap.state = SwapState.WITHDRAWN
    swap.save(update_fields=["state"])
    audit.record(actor, "shifts.swap.withdrawn", swap)
    tell(others, WITHDRAWN, swap)
    return swap


def end_overdue() -> int:
    """End the swaps that nobody agreed to or approved before their first shift began; says how many. For the beat.

    An approved one stays as it is: that it was not applied matters when nobody comes.
    """
    # The latest that "today" can be anywhere.
    latest = clock.now().date() + timedelta(days=1)
    waiting = Swap.objects.filter(state__in=(SwapState.ASKED, SwapState.AGREED))
    near = waiting.filter(Q(business_date__lte=latest) | Q(partner_date__lte=latest))
    ended = 0
    for swap in near.select_related("department"):
        begins = begins_at(swap, in_force_by_day(swap.department, days_of(swap)))
        if begins is None or begins <= clock.now():
            ended += overtake(swap=swap).state == SwapState.STALE
    return ended
