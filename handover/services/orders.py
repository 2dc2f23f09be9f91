"""Whose an order is, as people say: claims of untagged orders, and the decision about them.

Locks: the order first, for everybody. Whoever holds it claims, decides or reads a tag alone.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import Attribution, ClaimState, Order, OrderClaim, OrderShare
from handover.orders import WHOLE, closes_on, percent, standing, sums_up
from office import audit, clock, notices
from office.models import AuditEntry
from office.months import Month
from people.models import Department, Membership, Right, User
from people.permissions import has_right, holders_of
from rulebooks.services import NoRulebook, in_force

from .attribution import attribute
from .items import refuse_who_left

__all__ = [
    "attribute",
    "claim_order",
    "claims_close",
    "confirm_claim",
    "decide_order",
    "others_decide",
    "refuse_claim",
    "remind_of_claims",
    "withdraw_claim",
]

log = logging.getLogger(__name__)

LONGEST_REASON = 300
# So long before claims close everybody is reminded.
REMINDED_BEFORE = timedelta(days=3)

WAITS = gettext_noop("%(name)s claims order %(number)s: claims of untagged orders wait for you.")
CONFIRMED = gettext_noop("Order %(number)s is yours: your claim was confirmed.")
REFUSED = gettext_noop("Your claim of order %(number)s was refused: %(reason)s")
GIVEN = gettext_noop("%(share)s of order %(number)s is yours; %(name)s has decided it.")
TAKEN = gettext_noop("Order %(number)s is no longer yours; %(name)s has decided it: %(reason)s")
REMINDER = gettext_noop("%(count)s orders of %(month)s are nobody's yet. Claim yours by %(day)s.")
TO_DECIDE = gettext_noop(
    "%(count)s orders of %(month)s are untagged, claims waiting: %(waiting)s. Claims close on %(day)s."
)
REMINDED = "handover.orders.reminded"


def claims_close(department: Department, month: Month) -> date | None:
    """The last day on which the month's untagged orders can be claimed; None where the rulebook knows no orders.

    The rulebook of the month's last day says it, so that a month has one such day.
    """
    try:
        rules = in_force(department, month.last).orders
    except NoRulebook:
        return None
    return closes_on(rules, month) if rules else None


# -- Claiming ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def claim_order(*, order: Order, membership: Membership, reason: str) -> OrderClaim:
    """Say that an untagged order is one's own, and why. The first claim that waits in a month is told to who decides.

    Refuses: "other_department", "not_a_member" for who has left, "no_member_that_day" for who was no member on the
    order's business date, "not_untagged", "not_paid", "closed" after the last day for claims, "already_claimed",
    "no_reason", "too_long".
    """
    order = _locked(order)
    if order.department_id != membership.department_id:
        raise ValidationError(_("This order belongs to another department."), code="other_department")
    refuse_who_left(membership)
    _refuse_not_there(membership, order)
    _refuse_settled(order)
    _refuse_unpaid(order)
    closes = claims_close(order.department, Month.of(order.business_date))
    if closes is None or order.department.today() > closes:
        raise ValidationError(_("The untagged orders of this month can no longer be claimed."), code="closed")
    if order.claims.waiting().filter(membership=membership).exists():
        raise ValidationError(_("You have claimed this order already."), code="already_claimed")
    first = not _waiting_in(order.department, Month.of(order.business_date)).exists()
    claim = OrderClaim.objects.create(order=order, membership=membership, reason=_reason(reason), asked_at=clock.now())
    audit.record(membership.user, "handover.order.claimed", order, claim=claim.pk, reason=claim.reason)
    if first:
        deciders = holders_of(order.department, Right.DECIDE_ORDERS).exclude(pk=membership.user_id)
        notices.tell(deciders, WAITS, link=_list_link(order), name=membership.name, number=order.number)
    return claim


@transaction.atomic
def withdraw_claim(*, claim: OrderClaim, actor: User) -> OrderClaim:
    """Take one's own claim back while it waits. Refuses "not_yours", "already_decided"."""
    claim = _waiting(claim)
    if claim.membership.user_id != actor.pk:
        raise ValidationError(_("Only who claimed it can take it back."), code="not_yours")
    _end(claim, ClaimState.WITHDRAWN, actor)
    audit.record(actor, "handover.order.claim_withdrawn", claim.order, claim=claim.pk)
    return claim


# -- Deciding ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def confirm_claim(*, claim: OrderClaim, actor: User) -> OrderClaim:
    """Give the whole order to who claims it; other claims of it are refused, and everybody concerned is told.

    Refuses: "no_right", "own_case" for whoever claims it too while somebody else could decide, "already_decided",
    "not_untagged".
    """
    claim = _waiting(claim)
    order, rivals = claim.order, _waiting_for(claim.order)
    _refuse_decider(actor, order, [one.membership for one in rivals])
    _refuse_settled(order)
    _give(order, Attribution.CLAIMED, {claim.membership: WHOLE})
    # What is written down is written once, in the language that the house works in.
    with translation.override(settings.LANGUAGE_CODE):
        decision = _("Confirmed for %(name)s.") % {"name": claim.membership.name}
    for one in rivals:
        confirmed = one.pk == claim.pk
        _end(one, ClaimState.CONFIRMED if confirmed else ClaimState.REFUSED, actor, "" if confirmed else decision)
        if confirmed:
            _tell(one, CONFIRMED)
        else:
            _tell(one, REFUSED, reason=decision)
    audit.record(
        actor, "handover.order.claim_confirmed", order, claim=claim.pk, after={claim.membership.work_number: WHOLE}
    )
    claim.refresh_from_db()
    return claim


@transaction.atomic
def refuse_claim(*, claim: OrderClaim, actor: User, reason: str) -> OrderClaim:
    """Refuse a claim, with a reason; its claimant is told. Refuses like `confirm_claim`, "no_reason", "too_long"."""
    claim = _waiting(claim)
    _refuse_decider(actor, claim.order, [one.membership for one in _waiting_for(claim.order)])
    _end(claim, ClaimState.REFUSED, actor, _reason(reason))
    audit.record(actor, "handover.order.claim_refused", claim.order, claim=claim.pk, reason=claim.decision)
    _tell(claim, REFUSED, reason=claim.decision)
    return claim


@transaction.atomic
def decide_order(
    *, order: Order, actor: User, parts: Mapping[Membership, int], reason: str, seen: str = f"{Attribution.NONE}:"
) -> Order:
    """Say whose a paid order is, or split it: parts of 10 000 that add up, with a reason. All concerned are told.

    `seen`: whose it was when who decides looked, as `handover.orders.standing` says it; else "changed_meanwhile", also
    for the second of two who decide at once. Waiting claims of those who get a part are confirmed, others refused.

    Refuses: "no_right", "own_case" for whoever has, claims or gets a part while somebody else could decide,
    "not_paid", "parts" when they do not add up, "other_department", "no_member_that_day", "no_reason", "too_long".
    """
    order = _locked(order)
    before = _held(order)
    rivals = _waiting_for(order)
    _refuse_decider(actor, order, [*before, *parts, *(one.membership for one in rivals)])
    if standing(order.attribution, {member.pk: held for member, held in before.items()}) != seen:
        raise ValidationError(
            _("Somebody else has decided about this order meanwhile. Look at it again."), code="changed_meanwhile"
        )
    _refuse_unpaid(order)
    reason = _reason(reason)
    if not sums_up(parts.values()):
        raise ValidationError(_("The shares must add up to 100 percent."), code="parts")
    for member in parts:
        if member.department_id != order.department_id:
            raise ValidationError(_("This order belongs to another department."), code="other_department")
        _refuse_not_there(member, order)
    _give(order, Attribution.DECIDED, parts)
    for claim in rivals:
        _end(claim, ClaimState.CONFIRMED if claim.membership in parts else ClaimState.REFUSED, actor, reason)
        if claim.membership not in parts:
            _tell(claim, REFUSED, reason=reason)
    numbers = [{member.work_number: part for member, part in each.items()} for each in (before, parts)]
    audit.record(actor, "handover.order.decided", order, before=numbers[0], after=numbers[1], reason=reason)
    _tell_shares(order, actor, before, parts, reason)
    return order


def others_decide(department: Department, concerned: Iterable[int]) -> bool:
    """Whether somebody may decide about orders who is none of these people (keys of users)."""
    return holders_of(department, Right.DECIDE_ORDERS).exclude(pk__in=list(concerned)).exists()


# -- The reminder -----------------------------------------------------------------------------------------------------
def remind_of_claims() -> None:
    """Before claims close: tell all scored members what is untagged, and who decides what waits. Once a month each."""
    for department in Department.objects.all():
        this = Month.of(department.today())
        for month in (this.previous, this):
            try:
                _remind(department, month)
            except Exception:
                # What fails in one department does not stop the others.
                log.exception("Nobody was reminded of the orders of %s in %s.", month, department.code)


@transaction.atomic
def _remind(department: Department, month: Month) -> None:
    closes, today = claims_close(department, month), department.today()
    if closes is None or not closes - REMINDED_BEFORE <= today <= closes:
        return
    # Two looks at once: the second waits here and then finds what the first one did.
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    told = AuditEntry.objects.filter(department=department, action=REMINDED, facts__month=str(month))
    untagged = Order.objects.untagged().filter(department=department, business_date__range=(month.first, month.last))
    count = untagged.count()
    if not count or told.exists():
        return
    link = reverse("handover:untagged", args=[department.code, month])
    about = {"link": link, "count": count, "month": str(month), "day": closes.isoformat()}
    deciders = list(holders_of(department, Right.DECIDE_ORDERS))
    members = User.objects.filter(memberships__in=department.memberships.scored().on(today), is_active=True)
    notices.tell(members.exclude(pk__in=[person.pk for person in deciders]).distinct(), REMINDER, **about)
    notices.tell(deciders, TO_DECIDE, **about, waiting=_waiting_in(department, month).count())
    audit.record(None, REMINDED, department, department=department, month=str(month), untagged=count)


# -- What they have in common -----------------------------------------------------------------------------------------
def _locked(order: Order) -> Order:
    # Two may claim, decide or read its tag at once: the second waits here and then sees what the first one did.
    return Order.objects.select_for_update(of=("self",)).select_related("department").get(pk=order.pk)


def _waiting(claim: OrderClaim) -> OrderClaim:
    """The claim, its order locked, while nobody has decided it."""
    order = _locked(claim.order)
    claim = OrderClaim.objects.select_related("membership__user", "membership__department").get(pk=claim.pk)
    claim.order = order
    if claim.state != ClaimState.ASKED:
        raise ValidationError(_("This claim has already been decided."), code="already_decided")
    return claim


def _waiting_for(order: Order) -> list[OrderClaim]:
    claims = list(order.claims.waiting().select_related("membership__user"))
    for claim in claims:
        claim.order = order
    return claims


def _waiting_in(department: Department, month: Month):
    days = (month.first, month.last)
    return OrderClaim.objects.waiting().filter(order__department=department, order__business_date__range=days)


def _held(order: Order) -> dict[Membership, int]:
    return {share.membership: share.parts for share in order.shares.select_related("membership__user")}


def _refuse_decider(actor: User, order: Order, concerned: Iterable[Membership]) -> None:
    if not has_right(actor, order.department, Right.DECIDE_ORDERS):
        raise ValidationError(_("Only who decides whose an order is can do this."), code="no_right")
    people = {member.user_id for member in concerned}
    if actor.pk in people and others_decide(order.department, people):
        raise ValidationError(_("This is about you: somebody else decides it."), code="own_case")


def _refuse_settled(order: Order) -> None:
    if order.attribution != Attribution.NONE:
        raise ValidationError(_("This order is somebody's already."), code="not_untagged")


def _refuse_unpaid(order: Order) -> None:
    if order.paid_at is None:
        raise ValidationError(_("This order is not paid."), code="not_paid")


def _refuse_not_there(member: Membership, order: Order) -> None:
    if not member.holds_on(order.business_date):
        raise ValidationError(
            _("%(name)s is no member on %(day)s.") % {"name": member, "day": order.business_date},
            code="no_member_that_day",
        )


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError(_("Say why."), code="no_reason")
    if len(text) > LONGEST_REASON:
        raise ValidationError(_("At most %(limit)s characters.") % {"limit": LONGEST_REASON}, code="too_long")
    return text


def _end(claim: OrderClaim, state: str, actor: User, decision: str = "") -> None:
    claim.state, claim.decided_by, claim.decided_at, claim.decision = state, actor, clock.now(), decision
    claim.save(update_fields=["state", "decided_by", "decided_at", "decision"])


def _give(order: Order, attribution: str, parts: Mapping[Membership, int]) -> None:
    order.attribution = attribution
    order.save(update_fields=["attribution"])
    order.shares.all().delete()
    OrderShare.objects.bulk_create(
        OrderShare(order=order, membership=member, parts=part) for member, part in parts.items()
    )


def _link(order: Order) -> str:
    return reverse("handover:order", args=[order.department.code, order.pk])


def _list_link(order: Order) -> str:
    return reverse("handover:untagged", args=[order.department.code, Month.of(order.business_date)])


def _tell(claim: OrderClaim, message: str, **params) -> None:
    notices.tell(claim.membership.user, message, link=_link(claim.order), number=claim.order.number, **params)


def _tell_shares(
    order: Order, actor: User, before: Mapping[Membership, int], parts: Mapping[Membership, int], reason: str
) -> None:
    about = {"link": _link(order), "number": order.number, "name": actor.name}
    for member, part in parts.items():
        if member.user_id != actor.pk:
            notices.tell(member.user, GIVEN, **about, share=percent(part))
    for member in before:
        if member not in parts and member.user_id != actor.pk:
            notices.tell(member.user, TAKEN, **about, reason=reason)
