"""Deciding about swaps: approving, applying and refusing. Approved is not yet applied; until then the owner answers."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock
from office.months import Month
from people.models import Membership, Right, User
from people.permissions import has_right
from shifts.compliance import Violation
from shifts.models import (
    AnswerCause,
    Assignment,
    Roster,
    RosterVersion,
    Swap,
    SwapKind,
    SwapState,
    VersionCause,
)
from shifts.services.live import change_published
from shifts.services.overrides import let_stand
from shifts.services.swaps import (
    both,
    ends_when_overtaken,
    locked,
    overtake,
    refuse_changed,
    refuse_unless,
    refused,
    tell,
    written,
)
from shifts.whatif import WhatIf, days_of, moves_of

APPLIED = gettext_noop("The swap of %(day)s is applied: the shift is now %(name)s's.")
NOT_APPLIED = gettext_noop(
    "The swap of %(day)s is approved, but could not be applied. Until it is, the shift stays whose it was."
)
NOT_APPLIED_OPEN = gettext_noop("The open shift of %(day)s is approved, but could not be applied. It is not yours yet.")
REFUSED = gettext_noop("The swap of %(day)s is refused: %(reason)s")
CAUSES = {
    SwapKind.SWAP: AnswerCause.SWAP,
    SwapKind.GIVE_AWAY: AnswerCause.GIVE_AWAY,
    SwapKind.OPEN_SHIFT: AnswerCause.OPEN_SHIFT,
}


def refuse_decider(swap: Swap, actor: User) -> None:
    """Only whoever has the right decides ("not_yours"), and nobody about their own swap ("own_swap")."""
    if not has_right(actor, swap.department, Right.APPROVE_SWAP):
        raise ValidationError(_("You cannot decide about swaps here."), code="not_yours")
    if actor in both(swap):
        raise ValidationError(_("This is your own swap: somebody else decides it."), code="own_swap")


def _lock(swap: Swap) -> Swap:
    """Both people, the rosters of its months and the swap, in the order in which everybody locks them."""
    people = [pk for pk in (swap.owner_id, swap.partner_id) if pk is not None]
    list(Membership.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    months = {Month.of(day).first for day in days_of(swap)}
    heads = Roster.objects.select_for_update().filter(department=swap.department, first_day__in=months)
    list(heads.order_by("first_day"))
    return locked(swap)


@ends_when_overtaken
@transaction.atomic
def approve(*, swap: Swap, actor: User, reason: str = "") -> Swap:
    """Approve a swap on which both agree, and apply it at once.

    When it cannot be applied now, it stays approved and unapplied, which the swap's state says; its owner goes on
    answering, both are told, and what was in the way is kept in the audit trail. Warnings of the working-time rules
    need a reason ("reason_needed"). Refuses what is decided ("already_decided"), has changed ("stale"), is the actor's
    own ("own_swap"), and actors without the right ("not_yours").
    """
    swap = _lock(swap)
    refuse_decider(swap, actor)
    refuse_unless(swap, SwapState.AGREED)
    refuse_changed(swap)
    reason = written(reason)
    trouble = WhatIf(swap.department, days_of(swap)).trouble(swap)
    warnings = [warning.text for warning in trouble.warnings]
    if warnings and not reason:
        raise ValidationError(
            [ValidationError(text, code="reason_needed") for text in [_("Say why all the same:"), *warnings]]
        )
    swap.state, swap.decided_by, swap.decided_at, swap.decision_reason = SwapState.APPROVED, actor, clock.now(), reason
    swap.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit.record(actor, "shifts.swap.approved", swap, reason=reason, warnings=warnings)
    return _try(swap, actor, tells=True)


@ends_when_overtaken
@transaction.atomic
def apply(*, swap: Swap, actor: User) -> Swap:
    """Try again to apply an approved swap; its state says whether that worked, the audit trail what was in the way.

    Refuses as `approve` does.
    """
    swap = _lock(swap)
    refuse_decider(swap, actor)
    refuse_unless(swap, SwapState.APPROVED)
    return _try(swap, actor, tells=False)


def _try(swap: Swap, actor: User, *, tells: bool) -> Swap:
    """Apply it in a transaction of its own; what refuses it is kept and leaves the approval as it is."""
    try:
        with transaction.atomic():
            _apply(swap, actor)
    except ValidationError as refusal:
        swap = locked(swap)
        if any(error.code == "stale" for error in refusal.error_list):
            return overtake(swap=swap)
        audit.record(actor, "shifts.swap.not_applied", swap, reasons=refusal.messages)
        if tells:
            tell(both(swap), NOT_APPLIED if swap.owner else NOT_APPLIED_OPEN, swap)
    return swap


def keep_why(
    versions: Mapping[Month, RosterVersion], breaches: Sequence[Violation], *, reason: str, actor: User
) -> None:
    """Keep in each month why its new warnings may stand, so that its next publication does not ask again."""
    for month, version in versions.items():
        own = [breach for breach in breaches if any(day in month for day in breach.days)]
        if own and reason:
            let_stand(roster=version.roster, violations=own, reason=reason, actor=actor)


def _apply(swap: Swap, actor: User) -> None:
    """Let the shifts change hands, after looking at both people again."""
    refuse_changed(swap)
    trouble = WhatIf(swap.department, days_of(swap)).trouble(swap)
    refused(trouble.refusals)
    assert swap.partner is not None
    swap.state, swap.applied_at = SwapState.APPLIED, clock.now()
    swap.save(update_fields=["state", "applied_at"])
    is_open = swap.kind == SwapKind.OPEN_SHIFT
    versions = change_published(
        department=swap.department,
        actor=actor,
        cause=VersionCause.COVER if is_open else VersionCause.SWAP,
        answer_cause=CAUSES[SwapKind(swap.kind)],
        cells={(swap.partner.pk, swap.business_date): swap.code} if is_open else {},
        moves=moves_of(swap),
        tell=False,
    )
    keep_why(versions, trouble.breaches, reason=swap.decision_reason, actor=actor)
    swap.version = versions[Month.of(swap.business_date)]
    if is_open:
        # From now on the shift exists, and what became of it hangs on it.
        filled = Assignment.objects.published().get(membership=swap.partner, business_date=swap.business_date, slot=1)
        swap.assignment = filled
    swap.save(update_fields=["version", "assignment"])
    audit.record(actor, "shifts.swap.applied", swap, version=swap.version.number)
    people = both(swap) if swap.owner else [*both(swap), swap.asked_by]
    tell(people, APPLIED, swap, name=swap.partner.name)


@transaction.atomic
def refuse(*, swap: Swap, actor: User, reason: str) -> Swap:
    """Decide against a swap, or take back an approval that was not applied, for a reason ("no_reason"). Tells both.

    Refuses what is decided ("already_decided"), the actor's own ("own_swap"), actors without the right ("not_yours").
    """
    swap = locked(swap)
    refuse_decider(swap, actor)
    refuse_unless(swap, SwapState.ASKED, SwapState.AGREED, SwapState.APPROVED)
    swap.state, swap.decided_by, swap.decided_at = SwapState.REFUSED, actor, clock.now()
    swap.decision_reason = written(reason, needed=True)
    swap.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit.record(actor, "shifts.swap.refused", swap, reason=swap.decision_reason)
    people = both(swap) if swap.owner else [*both(swap), swap.asked_by]
    tell((person for person in people if person.pk != actor.pk), REFUSED, swap, reason=swap.decision_reason)
    return swap
