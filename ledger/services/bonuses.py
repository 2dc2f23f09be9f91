"""Bonuses: proposed for a fact, approved or dismissed by a person. What is approved is paid out by nobody yet."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger.models import FACTS_LENGTH, REASON_LENGTH, Bonus, BonusState
from office import audit, clock, notices
from office.money import yuan
from people.models import Membership, Right, User
from people.permissions import holders_of
from rulebooks.services import in_force

from .money import lock_head, written

WAITS = gettext_noop("A bonus waits for a decision: § %(number)s %(what)s, %(name)s.")
APPROVED = gettext_noop("A bonus for you: § %(number)s %(what)s, %(amount)s yuan.")


@transaction.atomic
def propose_bonus(
    *,
    membership: Membership,
    code: str,
    business_date: date,
    facts: str,
    source: tuple[str, int, str],
    actor: User | None = None,
    place: int = 0,
) -> Bonus | None:
    """Propose a bonus of the rulebook in force on `business_date`; None when it knows no such bonus or place.

    `source` is (kind, id, label): one source proposes a bonus of one code to a member once, a second call returns the
    first unless that was withdrawn. `place` counts from 0 where the rulebook has an amount for each place. Refuses
    missing or overlong facts ("no_facts", "too_long"). Tells those who approve bonuses.
    """
    department = membership.department
    rulebook = in_force(department, business_date)
    rule = rulebook.bonus(code)
    if rule is None or not rule.fen_to(place):
        return None
    # Who comes second with the same source waits here and then finds the bonus of the first.
    lock_head(department)
    kind, source_id, label = source
    proposed = membership.bonuses.filter(code=code, source_kind=kind, source_id=source_id)
    first = proposed.exclude(state=BonusState.WITHDRAWN).first()
    if first:
        return first
    bonus = Bonus.objects.create(
        department=department,
        membership=membership,
        rulebook_version_id=rulebook.version_id,
        code=code,
        number=rule.number,
        name=rule.name.both,
        business_date=business_date,
        facts=written(facts, FACTS_LENGTH, missing="no_facts"),
        least_fen=rule.fen_from(place),
        most_fen=rule.fen_to(place),
        source_kind=kind,
        source_id=source_id,
        source_label=label,
        proposed_by=actor,
    )
    audit.record(actor, "ledger.bonus.proposed", bonus, code=code, least=bonus.least_fen, most=bonus.most_fen)
    deciders = holders_of(department, Right.AWARD_BONUS).exclude(pk=membership.user_id)
    notices.tell(deciders, WAITS, link=_link(bonus), number=bonus.number, what=bonus.name, name=membership.name)
    return bonus


@transaction.atomic
def approve_bonus(*, bonus: Bonus, actor: User, amount_fen: int | None = None, reason: str = "") -> Bonus:
    """Approve a bonus with an amount the rulebook allows; without one its only amount. Tells the member.

    Refuses what is decided already ("already_decided"), one's own ("own_case"), and an amount outside what the
    rulebook allows, or none where it leaves a choice ("amount").
    """
    bonus = _undecided(bonus, actor)
    amount = bonus.least_fen if amount_fen is None and bonus.least_fen == bonus.most_fen else amount_fen
    if amount is None or not bonus.least_fen <= amount <= bonus.most_fen:
        raise ValidationError(
            _("Give an amount from %(least)s to %(most)s yuan.")
            % {"least": yuan(bonus.least_fen), "most": yuan(bonus.most_fen)},
            code="amount",
        )
    bonus.amount_fen = amount
    _decide(bonus, BonusState.APPROVED, actor, written(reason, REASON_LENGTH))
    audit.record(actor, "ledger.bonus.approved", bonus, amount=amount)
    notices.tell(
        [bonus.membership.user],
        APPROVED,
        link=_link(bonus),
        number=bonus.number,
        what=bonus.name,
        amount=yuan(amount),
    )
    return bonus


@transaction.atomic
def dismiss_bonus(*, bonus: Bonus, actor: User, reason: str) -> Bonus:
    """Dismiss a proposed bonus, with a reason ("no_reason" without). Refuses like `approve_bonus`."""
    bonus = _undecided(bonus, actor)
    _decide(bonus, BonusState.DISMISSED, actor, written(reason, REASON_LENGTH, missing="no_reason"))
    audit.record(actor, "ledger.bonus.dismissed", bonus, reason=bonus.reason)
    return bonus


@transaction.atomic
def withdraw_bonus(*, bonus: Bonus, actor: User, reason: str) -> Bonus:
    """Take a proposal back before anybody has decided it ("already_decided" else), with a reason ("no_reason")."""
    lock_head(bonus.department)
    bonus = _proposed(bonus)
    _decide(bonus, BonusState.WITHDRAWN, actor, written(reason, REASON_LENGTH, missing="no_reason"))
    audit.record(actor, "ledger.bonus.withdrawn", bonus, reason=bonus.reason)
    return bonus


def _link(bonus: Bonus) -> str:
    return reverse("ledger:bonus", args=[bonus.department.code, bonus.pk])


def _undecided(bonus: Bonus, actor: User) -> Bonus:
    lock_head(bonus.department)
    bonus = _proposed(bonus)
    if bonus.membership.user_id == actor.pk:
        raise ValidationError(_("Nobody decides about themselves."), code="own_case")
    return bonus


def _proposed(bonus: Bonus) -> Bonus:
    bonus = Bonus.objects.select_related("membership__user", "department").get(pk=bonus.pk)
    if bonus.state != BonusState.PROPOSED:
        raise ValidationError(_("This has been decided already."), code="already_decided")
    return bonus


def _decide(bonus: Bonus, state: str, actor: User, reason: str) -> None:
    bonus.state, bonus.decided_by, bonus.decided_at, bonus.reason = state, actor, clock.now(), reason
    bonus.save(update_fields=["state", "amount_fen", "decided_by", "decided_at", "reason"])
