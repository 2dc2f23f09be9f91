"""From a reported fact to a judgement: report, confirm, dismiss."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger.escalation import Rung
from ledger.judging import Judgement, judge, kind_of
from ledger.models import (
    FACTS_LENGTH,
    REASON_LENGTH,
    AccountKind,
    EntryKind,
    Incident,
    IncidentState,
    JournalEntry,
    Sanction,
    SanctionKind,
)
from office import audit, clock, notices
from office.money import yuan
from people.models import Membership, Right, User
from people.permissions import holders_of
from rulebooks.schema import Step
from rulebooks.services import in_force

from .money import accounts, lock_head, post, written

log = logging.getLogger(__name__)

WAITS = gettext_noop("An incident waits for a decision: § %(number)s, %(name)s, %(day)s.")
DISMISSED = gettext_noop("Incident of %(day)s, § %(number)s, dismissed: %(reason)s")
WITHOUT_STEP = gettext_noop("Incident of %(day)s, § %(number)s, confirmed. The clause sets no penalty.")
WITH_STEP = {
    SanctionKind.FINE: gettext_noop(
        "Incident of %(day)s, § %(number)s, confirmed: a fine of %(amount)s yuan, to be paid by %(due)s."
    ),
    SanctionKind.WARNING: gettext_noop("Incident of %(day)s, § %(number)s, confirmed: %(words)s."),
    SanctionKind.POINTS: gettext_noop("Incident of %(day)s, § %(number)s, confirmed: %(points)s points."),
    SanctionKind.PROPOSAL: gettext_noop(
        "Incident of %(day)s, § %(number)s, confirmed. Proposed, for a person to decide: %(words)s."
    ),
}


@transaction.atomic
def report_incident(
    *,
    actor: User | None,
    membership: Membership,
    clause_code: str,
    occurred_at: datetime,
    facts: str,
    source: tuple[str, int, str] | None = None,
) -> Incident:
    """Report a fact under a clause of the rulebook in force on the department's calendar day of `occurred_at` (aware).

    `source`, for what another room proposes: (kind, id, label); the same source proposes once, a second call returns
    the first incident. `actor` None: proposed by the system. Refuses an instant to come ("in_future"), a day on which
    the person was no member ("not_member"), an unknown clause ("unknown_clause"), missing or overlong facts
    ("no_facts", "too_long"); raises NoRulebook. Tells those who may decide it.
    """
    department = membership.department
    if occurred_at > clock.now():
        raise ValidationError(_("This is in the future."), code="in_future")
    day = department.local(occurred_at).date()
    if day < membership.from_day or (membership.until_day and day > membership.until_day):
        raise ValidationError(
            _("%(name)s was no member on %(day)s.") % {"name": membership.name, "day": day}, code="not_member"
        )
    rulebook = in_force(department, day)
    clause = rulebook.clause(clause_code)
    if clause is None:
        raise ValidationError(
            _("The rulebook in force on %(day)s has no such clause.") % {"day": day}, code="unknown_clause"
        )
    facts = written(facts, FACTS_LENGTH, missing="no_facts")
    kind, source_id, label = source or ("", None, "")
    if kind:
        # Who comes second with the same source waits here and then finds the incident of the first.
        lock_head(department)
        proposed = membership.incidents.filter(clause_code=clause_code, source_kind=kind, source_id=source_id)
        if first := proposed.first():
            return first
    incident = Incident.objects.create(
        department=department,
        membership=membership,
        rulebook_version_id=rulebook.version_id,
        clause_code=clause.code,
        clause_number=clause.number,
        clause_text=clause.text.both,
        occurred_at=occurred_at,
        business_date=day,
        facts=facts,
        source_kind=kind,
        source_id=source_id,
        source_label=label,
        reported_by=actor,
    )
    audit.record(actor, "ledger.incident.reported", incident, clause=clause.code, occurred_at=occurred_at)
    deciders = holders_of(department, Right.DECIDE_INCIDENT).exclude(pk=membership.user_id)
    _tell(incident, deciders.exclude(pk=actor.pk) if actor else deciders, WAITS, name=membership.name)
    return incident


def propose_incident(
    *, membership: Membership, clause_code: str, occurred_at: datetime, facts: str, source: tuple[str, int, str]
) -> bool:
    """Report what the system has found; whether it could be. A refusal is logged and holds nothing else up."""
    try:
        with transaction.atomic():
            report_incident(
                actor=None,
                membership=membership,
                clause_code=clause_code,
                occurred_at=occurred_at,
                facts=facts,
                source=source,
            )
    except ValidationError as refusal:
        log.warning("Not proposed: %s of %s, %s", source[-1], membership, " ".join(refusal.messages))
        return False
    return True


@transaction.atomic
def confirm_incident(*, incident: Incident, actor: User, reason: str = "", seen_count: int | None = None) -> Incident:
    """Confirm an incident: take its place on the ladder, make the sanction, and post the fine if it is one.

    `seen_count`: the place that the decider was shown; when another has been confirmed since, "changed_meanwhile".
    Refuses what is decided already ("already_decided"), one's own report ("own_report") and one's own case
    ("own_case"). The result's `outcome` is the sanction, None for a clause without a ladder. Tells the member.
    """
    # The head first, for everybody: whoever holds it counts, numbers and posts alone in this department.
    lock_head(incident.department)
    incident = _undecided(incident, actor)
    judgement = judge(incident)
    if seen_count is not None and seen_count != judgement.count:
        raise ValidationError(
            _("Another incident has been confirmed meanwhile. Look again at what this one leads to."),
            code="changed_meanwhile",
        )
    _decide(incident, IncidentState.CONFIRMED, actor, written(reason, REASON_LENGTH))
    sanction = _sanction(incident, judgement, judgement.rung, actor) if judgement.rung else None
    audit.record(
        actor,
        "ledger.incident.confirmed",
        incident,
        before={"state": IncidentState.REPORTED},
        after={"state": incident.state},
        count=judgement.count,
        sanction=sanction,
        entry=sanction.entry.number if sanction and sanction.entry else None,
    )
    _tell_member(incident, sanction)
    return incident


@transaction.atomic
def dismiss_incident(*, incident: Incident, actor: User, reason: str) -> Incident:
    """Decide that nothing follows from a report, for a reason ("no_reason"). Tells the member and the reporter.

    Refuses like `confirm_incident`.
    """
    lock_head(incident.department)
    incident = _undecided(incident, actor)
    _decide(incident, IncidentState.DISMISSED, actor, written(reason, REASON_LENGTH, missing="no_reason"))
    audit.record(
        actor,
        "ledger.incident.dismissed",
        incident,
        before={"state": IncidentState.REPORTED},
        after={"state": incident.state},
        reason=incident.reason,
    )
    concerned = [incident.membership.user, *([incident.reported_by] if incident.reported_by else [])]
    _tell(incident, concerned, DISMISSED, reason=incident.reason)
    return incident


def _undecided(incident: Incident, actor: User) -> Incident:
    """The incident, locked, when `actor` may decide it by the facts of the case."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related(
        "department", "membership__user", "reported_by"
    )
    incident = rows.get(pk=incident.pk)
    if incident.state != IncidentState.REPORTED:
        raise ValidationError(_("This incident has already been decided."), code="already_decided")
    if incident.reported_by_id == actor.pk:
        raise ValidationError(_("You reported this: somebody else decides it."), code="own_report")
    if incident.membership.user_id == actor.pk:
        raise ValidationError(_("This is about you: somebody else decides it."), code="own_case")
    return incident


def _decide(incident: Incident, state: str, actor: User, reason: str) -> None:
    incident.state, incident.decided_by, incident.decided_at, incident.reason = state, actor, clock.now(), reason
    incident.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _sanction(incident: Incident, judgement: Judgement, rung: Rung[Step], actor: User) -> Sanction:
    step, kind = rung.step, kind_of(rung.step)
    entry = _post_fine(incident, step.fine_fen, actor) if kind == SanctionKind.FINE else None
    words = step.warning or step.propose
    due_days = timedelta(days=judgement.rulebook.fund.due_days)
    return Sanction.objects.create(
        incident=incident,
        membership=incident.membership,
        rulebook_version_id=judgement.rulebook.version_id,
        clause_code=judgement.clause.code,
        window=judgement.window,
        count=judgement.count,
        step=rung.number,
        kind=kind,
        amount_fen=step.fine_fen,
        points=step.points or 0,
        text=words.both if words else {},
        due_day=incident.department.today() + due_days if entry else None,
        entry=entry,
    )


def _post_fine(incident: Incident, amount_fen: int, actor: User) -> JournalEntry:
    department, member = incident.department, incident.membership
    owed, income = accounts(department, (AccountKind.RECEIVABLE, member), (AccountKind.FINE_INCOME, None))
    return post(
        department=department,
        kind=EntryKind.FINE,
        business_date=department.today(),
        lines=[(owed, amount_fen), (income, -amount_fen)],
        source=(Incident._meta.label_lower, incident.pk),
        actor=actor,
        membership=member,
        memo=f"§{incident.clause_number}",
    )


def _tell_member(incident: Incident, sanction: Sanction | None) -> None:
    if sanction is None:
        _tell(incident, incident.membership.user, WITHOUT_STEP)
        return
    _tell(
        incident,
        incident.membership.user,
        WITH_STEP[SanctionKind(sanction.kind)],
        amount=yuan(sanction.amount_fen),
        due=str(sanction.due_day or ""),
        points=sanction.points,
        words=sanction.text,
    )


def _tell(incident: Incident, people, message: str, **params) -> None:
    notices.tell(
        people,
        message,
        link=reverse("ledger:incident_detail", args=[incident.department.code, incident.pk]),
        number=incident.clause_number,
        day=incident.business_date.isoformat(),
        **params,
    )
