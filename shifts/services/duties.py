"""Duties 值日, 值班: passing a turn on, saying that it is done, and proposing an incident for one that was missed."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger.services import report_incident
from office import audit, clock, notices
from people.models import Department, Membership, Right, User
from people.permissions import has_right
from rulebooks.services import NoRulebook, in_force
from shifts.models import DutyTurn, Leave

from .duty_making import Day, days_of, make_due_turns, make_turns, repair_turns, rota_link

__all__ = [
    "SAID_WITHIN",
    "accept",
    "decline",
    "done",
    "make_due_turns",
    "make_turns",
    "offer",
    "propose_missed",
    "reassign",
    "repair_turns",
    "said_until",
]

# For so long after the shift its holder can still say that the duty is done; what is unsaid then counts as missed.
SAID_WITHIN = timedelta(hours=12)
# The event that clauses of the rulebook may be proposed for.
MISSED = "duty_missed"

OFFERED = gettext_noop("%(name)s asks you to take over %(duty)s on %(day)s.")
TAKEN_BACK = gettext_noop("%(name)s no longer asks you to take over %(duty)s on %(day)s.")
ACCEPTED = gettext_noop("%(name)s has taken over %(duty)s of %(day)s from you.")
DECLINED = gettext_noop("%(name)s does not take over %(duty)s of %(day)s; it stays yours.")
GIVEN = gettext_noop("%(duty)s of %(day)s is yours now; %(name)s has decided it.")
TAKEN = gettext_noop("%(duty)s of %(day)s is no longer yours; %(name)s has decided it.")


@transaction.atomic
def offer(*, turn: DutyTurn, to: Membership, actor: User) -> DutyTurn:
    """Ask a colleague to take the turn over; it stays the holder's until they accept. A later offer replaces this one.

    Refuses: "not_yours" for whoever is not its holder, "already_done", "over" when the holder's shift has ended,
    "unfit" for somebody who is on none of its shifts that day, "has_it" for whoever has the same duty then.
    """
    turn, day = _open(turn)
    if actor.pk != turn.membership.user_id:
        raise ValidationError(_("Only who has this turn can pass it on."), code="not_yours")
    _refuse_unfit(turn, day, to)
    if turn.offered_to is not None and turn.offered_to != to:
        _tell(turn, day, turn.offered_to.user, TAKEN_BACK, name=turn.membership.name)
    turn.offered_to = to
    turn.save(update_fields=["offered_to"])
    audit.record(actor, "shifts.duty.offered", turn, to=to.pk)
    _tell(turn, day, to.user, OFFERED, name=turn.membership.name)
    return turn


@transaction.atomic
def accept(*, turn: DutyTurn, actor: User) -> DutyTurn:
    """Take a turn over that was offered ("not_offered" else); refuses like `offer`. The former holder is told."""
    turn, day = _open(turn)
    to = _offered_to(turn, actor)
    _refuse_unfit(turn, day, to)
    former = turn.membership
    _hand(turn, to, actor, "shifts.duty.accepted")
    _tell(turn, day, former.user, ACCEPTED, name=to.name)
    return turn


@transaction.atomic
def decline(*, turn: DutyTurn, actor: User) -> DutyTurn:
    """Not take a turn over that was offered ("not_offered" else). The holder is told."""
    turn, day = _open(turn)
    to = _offered_to(turn, actor)
    turn.offered_to = None
    turn.save(update_fields=["offered_to"])
    audit.record(actor, "shifts.duty.declined", turn)
    _tell(turn, day, turn.membership.user, DECLINED, name=to.name)
    return turn


@transaction.atomic
def reassign(*, turn: DutyTurn, to: Membership, actor: User) -> DutyTurn:
    """Give the turn to somebody else, by whoever edits the roster ("not_allowed" else). Both are told.

    Refuses "already_done", "over", "unfit" and "has_it" as `offer` does.
    """
    turn, day = _open(turn)
    if not has_right(actor, turn.department, Right.EDIT_ROSTER):
        raise ValidationError(_("Only who edits the roster can give this turn to somebody."), code="not_allowed")
    _refuse_unfit(turn, day, to)
    former = turn.membership
    _hand(turn, to, actor, "shifts.duty.reassigned")
    for person, message in ((former.user, TAKEN), (to.user, GIVEN)):
        if person != actor:
            _tell(turn, day, person, message, name=actor.name)
    return turn


@transaction.atomic
def done(*, turn: DutyTurn, actor: User) -> DutyTurn:
    """Say that the duty is done: its holder ("not_yours" else), from its date on, until `said_until`.

    Refuses "already_done", "too_early", "too_late", and a duty that nobody has to confirm ("not_asked").
    """
    turn = _locked(turn)
    if actor.pk != turn.membership.user_id:
        raise ValidationError(_("Only who has this turn can say that it is done."), code="not_yours")
    _refuse_done(turn)
    day = _day_of(turn)
    rule = day.rule(turn.duty)
    if rule is not None and not rule.confirmed:
        raise ValidationError(_("Nobody has to say that this duty is done."), code="not_asked")
    if turn.department.today() < turn.business_date:
        raise ValidationError(_("This turn has not come yet."), code="too_early")
    if clock.now() > said_until(turn, day):
        raise ValidationError(_("It is too late to say so; tell your supervisor."), code="too_late")
    turn.done_at, turn.done_by, turn.offered_to = clock.now(), actor, None
    turn.save(update_fields=["done_at", "done_by", "offered_to"])
    audit.record(actor, "shifts.duty.done", turn)
    return turn


def said_until(turn: DutyTurn, day: Day) -> datetime:
    """Until when its holder can say that it is done: half a day after the end of the shift, else of the date."""
    shift = day.shift_of(turn.membership_id)
    return (shift.times[1] if shift else _last_instant(turn)) + SAID_WITHIN


def propose_missed(department: Department, since: datetime, until: datetime) -> int:
    """Propose an incident for each turn that is still undone when the time to say so ends between the two instants.

    Once a turn, however often this is asked; says how many were found. Nothing for who was on approved leave, for a
    duty that nobody confirms, and where no clause of the rulebook is proposed for it.
    """
    first, last = department.local(since - 2 * SAID_WITHIN).date(), department.local(until).date()
    undone = DutyTurn.objects.filter(department=department, done_at=None).between(first - timedelta(days=1), last)
    turns = list(undone.select_related("membership__user", "membership__department", "department"))
    if not turns:
        return 0
    known = days_of(department, {turn.business_date for turn in turns})
    away = _on_leave(turns, known)
    found = 0
    for turn in turns:
        day = known[turn.business_date]
        rule, shift = day.rule(turn.duty), day.shift_of(turn.membership_id)
        if rule is None or not rule.confirmed or shift is None or turn.pk in away:
            continue
        if since <= said_until(turn, day) <= until:
            found += _propose(turn, day, min(shift.times[1], _last_instant(turn)))
    return found


def _propose(turn: DutyTurn, day: Day, occurred_at: datetime) -> bool:
    try:
        clauses = in_force(turn.department, turn.business_date).triggered_by(MISSED)
    except NoRulebook:
        return False
    if not turn.membership.holds_on(turn.business_date):
        return False
    rule = day.rule(turn.duty)
    for clause in clauses:
        # What is written down is written once, in the language that the house works in.
        with translation.override(settings.LANGUAGE_CODE):
            label = f"{rule.name if rule else turn.duty} {turn.business_date}"
            facts = _("%(duty)s of %(day)s was not confirmed as done.") % {
                "duty": rule.name if rule else turn.duty,
                "day": turn.business_date,
            }
        report_incident(
            actor=None,
            membership=turn.membership,
            clause_code=clause.code,
            occurred_at=occurred_at,
            facts=facts,
            source=(DutyTurn._meta.label_lower, turn.pk, label),
        )
    return bool(clauses)


def _on_leave(turns: list[DutyTurn], known: dict[date, Day]) -> set[int]:
    """Keys of the turns whose holder was on approved leave that day, or gone on it before the end of the shift."""
    days = [turn.business_date for turn in turns]
    approved = Leave.objects.approved().filter(membership__in={turn.membership_id for turn in turns})
    slips = list(approved.touching(min(days), max(days)))

    def covers(slip: Leave, turn: DutyTurn) -> bool:
        if slip.membership_id != turn.membership_id or not slip.first_day <= turn.business_date <= slip.last_day:
            return False
        shift = known[turn.business_date].shift_of(turn.membership_id)
        return slip.ends_at is None or shift is None or slip.ends_at >= shift.times[1]

    return {turn.pk for turn in turns if any(covers(slip, turn) for slip in slips)}


def _last_instant(turn: DutyTurn) -> datetime:
    """The last second of its date, so that an incident of a night still belongs to the date on which it began."""
    return datetime.combine(turn.business_date, time(23, 59, 59), tzinfo=turn.department.zone)


def _locked(turn: DutyTurn) -> DutyTurn:
    # Two people may press at once: the second waits here and then sees what the first one did.
    rows = DutyTurn.objects.select_for_update(of=("self",))
    return rows.select_related("department", "membership__user", "offered_to__user").get(pk=turn.pk)


def _day_of(turn: DutyTurn) -> Day:
    return days_of(turn.department, [turn.business_date])[turn.business_date]


def _open(turn: DutyTurn) -> tuple[DutyTurn, Day]:
    """The turn, locked, when it can still change hands, and who is there on its day."""
    turn = _locked(turn)
    _refuse_done(turn)
    day = _day_of(turn)
    shift = day.shift_of(turn.membership_id)
    if (shift.times[1] if shift else _last_instant(turn)) <= clock.now():
        raise ValidationError(_("This turn is over."), code="over")
    return turn, day


def _refuse_done(turn: DutyTurn) -> None:
    if turn.done_at is not None:
        raise ValidationError(_("This duty has been done already."), code="already_done")


def _offered_to(turn: DutyTurn, actor: User) -> Membership:
    if turn.offered_to is None or turn.offered_to.user_id != actor.pk:
        raise ValidationError(_("This turn is not offered to you any more."), code="not_offered")
    return turn.offered_to


def _refuse_unfit(turn: DutyTurn, day: Day, to: Membership) -> None:
    same = DutyTurn.objects.filter(duty=turn.duty, business_date=turn.business_date, membership=to)
    if same.exists():
        raise ValidationError(_("%(name)s has this duty on that day already.") % {"name": to.name}, code="has_it")
    if to not in day.still_there(day.rule(turn.duty)):
        raise ValidationError(
            _("%(name)s is on none of the shifts that take this duty on %(day)s.")
            % {"name": to.name, "day": turn.business_date},
            code="unfit",
        )


def _hand(turn: DutyTurn, to: Membership, actor: User, action: str) -> None:
    before = turn.membership_id
    turn.membership, turn.offered_to = to, None
    turn.save(update_fields=["membership", "offered_to"])
    audit.record(actor, action, turn, before=before, after=to.pk)


def _tell(turn: DutyTurn, day: Day, person: User, message: str, **params) -> None:
    rule = day.rule(turn.duty)
    notices.tell(
        person,
        message,
        link=rota_link(turn.department, turn.business_date),
        duty=rule.name.both if rule else turn.duty,
        day=turn.business_date.isoformat(),
        **params,
    )
