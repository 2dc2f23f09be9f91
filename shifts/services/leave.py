"""Leave slips: asking, deciding, taking back. An approved leave takes the shifts it covers off the roster."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices, uploads
from office.months import Month
from people.models import Department, Membership, Right, User
from people.permissions import holders_of
from rulebooks.schema import LeaveKind, Rulebook
from rulebooks.services import in_force, version_by_id
from shifts.leave_rules import Wish, full_days, inside_day, overlap, refusals, refuse_impossible
from shifts.models import AssignmentSpan, Layer, Leave, LeaveState, Roster, Swap, SwapState
from shifts.services.leave_cells import PutBack, put_back, take_off
from shifts.spans import Stretch

REASON_LENGTH = Leave._meta.get_field("reason").max_length or 0
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
LIVE = (LeaveState.ASKED, LeaveState.APPROVED)

ASKED = gettext_noop("%(name)s asks for leave: %(kind)s, %(days)s.")
ASKED_FOR_YOU = gettext_noop("%(actor)s has asked for leave for you: %(kind)s, %(days)s.")
APPROVED = gettext_noop("Your leave is approved: %(kind)s, %(days)s.")
REFUSED = gettext_noop("Your leave is refused: %(kind)s, %(days)s. %(reason)s")
CANCELLED = gettext_noop("Your approved leave is cancelled: %(kind)s, %(days)s. %(reason)s")
ENDED = gettext_noop("Your leave ends earlier: %(kind)s, %(days)s. %(reason)s")
NOT_TAKEN = gettext_noop("%(name)s does not take the approved leave: %(kind)s, %(days)s.")
GAP = gettext_noop("%(name)s is on leave, %(days)s. Shifts that are free now: %(shifts)s")
BACK = gettext_noop("%(name)s is not on leave after all, %(days)s. Look at the roster of these days.")


def wish_of(leave: Leave) -> Wish:
    """The time of a slip."""
    return Wish(leave.first_day, leave.last_day, leave.starts_at, leave.ends_at)


def kind_of(leave: Leave) -> LeaveKind:
    """The kind as the rulebook had it when the slip was handed in."""
    found = version_by_id(leave.rulebook_version_id).leave_kind(leave.kind)
    if found is None:
        raise ValueError(f"The rulebook of leave {leave.pk} has no kind {leave.kind}.")
    return found


# ── Asking ──


def ask(
    *,
    membership: Membership,
    kind: str,
    first_day: date,
    last_day: date,
    reason: str,
    actor: User,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    file: File | None = None,
    acted_for: str = "",
) -> Leave:
    """Hand in a slip: whole days from first to last, or hours of one business date by their instants.

    Who asks for somebody else says why (`acted_for`). Refuses what cannot be ("days_in_order", "too_far", "too_long",
    "no_hours", "outside_day", "outside_shift", "not_member", "locked", "no_reason"), what the rulebook of the first day
    does not allow ("no_rulebook", "no_leave", "unknown_kind", "taken_in", "notice", "days_at_most", "attachment",
    "swapped_day"), a second slip for the same time ("clash"), and a file that cannot be kept.
    """
    wish = Wish(first_day, last_day, starts_at, ends_at)
    with uploads.none_left_behind(), transaction.atomic():
        # Two slips of one person at the same moment: the second one finds the first.
        rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "department")
        member = rows.get(pk=membership.pk)
        reason, acted_for = _text(reason), _text(acted_for)
        if not reason or (actor.pk != member.user_id and not acted_for):
            text = _("Say why.") if not reason else _("Say why they cannot ask themselves.")
            raise ValidationError(text, code="no_reason_for" if reason else "no_reason")
        refuse_impossible(wish, member.department.today())
        rulebook = in_force(member.department, first_day)
        known = _kind(rulebook, kind)
        against = refusals(wish, known, today=member.department.today(), has_file=file is not None)
        if against:
            raise ValidationError(against)
        _refuse_what_does_not_fit(member, wish, rulebook)
        _refuse_second_slip(member, wish)
        _refuse_foreign_hours(member, wish)
        leave = Leave.objects.create(
            membership=member,
            kind=kind,
            rulebook_version_id=rulebook.version_id,
            first_day=first_day,
            last_day=last_day,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            attachment=uploads.keep(file=file, department=member.department, by=actor) if file else None,
            asked_by=actor,
        )
        _record(actor, "asked", leave, acted_for=acted_for)
        _tell(leave, _approvers(leave, besides=actor), ASKED, name=member.name)
        if actor.pk != member.user_id:
            _tell(leave, member.user, ASKED_FOR_YOU, actor=actor.name)
        return leave


def _text(text: str) -> str:
    text = text.strip()
    if len(text) > REASON_LENGTH:
        raise ValidationError(_("At most %(most)s characters.") % {"most": REASON_LENGTH}, code="reason_too_long")
    return text


def _kind(rulebook: Rulebook, code: str) -> LeaveKind:
    if rulebook.leave is None:
        raise ValidationError(_("The rulebook in force on that day has no leave slips."), code="no_leave")
    found = rulebook.leave_kind(code)
    if found is None:
        raise ValidationError(_("The rulebook in force on that day has no such kind of leave."), code="unknown_kind")
    return found


def _refuse_what_does_not_fit(member: Membership, wish: Wish, rulebook: Rulebook) -> None:
    """What may have changed since the slip was handed in, and is therefore asked again when it is approved."""
    if not (member.holds_on(wish.first) and member.holds_on(wish.last)):
        raise ValidationError(
            _("%(name)s is not a member on all of these days.") % {"name": member.name}, code="not_member"
        )
    months = {Month.of(wish.first).first, Month.of(wish.last).first}
    rosters = Roster.objects.filter(department=member.department, first_day__range=(min(months), max(months)))
    for roster in rosters.exclude(locked_at=None).order_by("first_day")[:1]:
        raise ValidationError(
            _("The month %(month)s is locked; no leave is written into it any more.") % {"month": roster.month},
            code="locked",
        )
    if rulebook.swaps is not None and not rulebook.swaps.leave_on_swapped_days:
        days = _swapped_days(member, wish)
        if days:
            raise ValidationError(
                _("Shifts were swapped for %(days)s; leave cannot be taken on such a day.") % {"days": listed(days)},
                code="swapped_day",
            )


def _swapped_days(member: Membership, wish: Wish) -> list[date]:
    """Days of the wish on which an applied swap of the member's gave or took a shift."""
    applied = Swap.objects.filter(state=SwapState.APPLIED)
    rows = (applied.filter(owner=member) | applied.filter(partner=member)).values_list("business_date", "partner_date")
    days = {day for pair in rows for day in pair if day is not None}
    return sorted(day for day in days if wish.first <= day <= wish.last)


def _refuse_second_slip(member: Membership, wish: Wish) -> None:
    others = Leave.objects.filter(membership=member, state__in=LIVE).touching(wish.first, wish.last)
    for other in others:
        if wish.clashes(wish_of(other)):
            raise ValidationError(
                _("There is a slip for this time already: %(days)s, %(state)s.")
                % {"days": wish_of(other).words(member.department.zone), "state": other.get_state_display()},
                code="clash",
            )


def shift_parts(member: Membership, day: date) -> list[Stretch]:
    """The parts of the member's published shift of a business date; none on a day off or before publication."""
    rows = AssignmentSpan.objects.filter(
        assignment__membership=member, assignment__business_date=day, layer=Layer.PUBLISHED
    )
    return [Stretch(row.starts_at, row.ends_at) for row in rows]


def _refuse_foreign_hours(member: Membership, wish: Wish) -> None:
    """Hours belong to one business date: to its calendar day and its night, and to its shift where there is one."""
    if wish.starts_at is None or wish.ends_at is None:
        return
    department = member.department
    if not inside_day(wish, department.zone, department.late_minutes):
        raise ValidationError(_("These hours are not within one day."), code="outside_day")
    parts = shift_parts(member, wish.first)
    if parts and not overlap(Stretch(wish.starts_at, wish.ends_at), parts):
        hours = [f"{department.local(part.starts_at):%H:%M}–{department.local(part.ends_at):%H:%M}" for part in parts]
        raise ValidationError(
            _("The shift of that day is %(hours)s; these hours lie outside it.") % {"hours": ", ".join(hours)},
            code="outside_shift",
        )


# ── Deciding ──


@transaction.atomic
def approve(*, leave: Leave, actor: User, note: str = "") -> Leave:
    """Approve a slip and take the shifts that it covers off the roster; tells the member, and who plans of the gap.

    Refuses a slip that has been decided or taken back ("already_decided"), one's own ("own_leave"), days on which as
    many as the rulebook allows are off already ("too_many_off"), and what no longer fits ("not_member", "locked",
    "swapped_day", "no_leave", "unknown_kind").
    """
    leave = _to_decide(leave, actor)
    member, wish = leave.membership, wish_of(leave)
    rulebook = in_force(member.department, leave.first_day)
    _kind(rulebook, leave.kind)
    _refuse_what_does_not_fit(member, wish, rulebook)
    _refuse_crowd(leave, wish, rulebook)
    _decide(leave, LeaveState.APPROVED, actor, note)
    leave.replaced = take_off(leave, actor=actor)
    leave.save(update_fields=["replaced"])
    _record(actor, "approved", leave, reason=leave.decision_reason, replaced=leave.replaced)
    _tell(leave, member.user, APPROVED)
    free = [date.fromisoformat(day) for day, code in leave.replaced if code]
    if free:
        planners = holders_of(member.department, Right.EDIT_ROSTER).exclude(pk__in=[actor.pk, member.user_id])
        _tell(leave, planners, GAP, name=member.name, shifts=listed(free))
    return leave


def _to_decide(leave: Leave, actor: User) -> Leave:
    """The slip, locked, when `actor` may decide it by the facts of the case."""
    # Two slips for the last place of a day: whoever decides the second one waits here and counts the first.
    Department.objects.select_for_update(no_key=True).get(pk=leave.membership.department_id)
    leave = _locked(leave)
    _refuse_decided(leave)
    if leave.membership.user_id == actor.pk:
        raise ValidationError(_("This is your own leave: somebody else decides it."), code="own_leave")
    return leave


def _locked(leave: Leave) -> Leave:
    rows = Leave.objects.select_for_update(of=("self",)).select_related("membership__user", "membership__department")
    return rows.get(pk=leave.pk)


def _refuse_decided(leave: Leave) -> None:
    if leave.state != LeaveState.ASKED:
        raise ValidationError(
            _("This slip is no longer waiting: %(state)s.") % {"state": leave.get_state_display()},
            code="already_decided",
        )


def _refuse_crowd(leave: Leave, wish: Wish, rulebook: Rulebook) -> None:
    at_most = rulebook.leave.people_a_day_at_most if rulebook.leave else None
    full = full_days(
        whole_days_off(leave.membership.department, wish.first, wish.last),
        wish,
        person=leave.membership_id,
        people_a_day_at_most=at_most,
    )
    if full:
        raise ValidationError(
            _("At most %(most)s may be off on one day, and so many are already: %(days)s.")
            % {"most": at_most, "days": listed(full)},
            code="too_many_off",
        )


def whole_days_off(
    department: Department, first: date, last: date, *, state: str = LeaveState.APPROVED
) -> list[tuple[int, date, date]]:
    """(membership key, first day, last day) of the department's slips of whole days that touch some days."""
    rows = Leave.objects.filter(membership__department=department, state=state, starts_at=None).touching(first, last)
    return list(rows.order_by("pk").values_list("membership_id", "first_day", "last_day"))


def _decide(leave: Leave, state: str, actor: User, reason: str) -> None:
    leave.state, leave.decided_by, leave.decided_at, leave.decision_reason = state, actor, clock.now(), _text(reason)
    leave.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])


@transaction.atomic
def refuse(*, leave: Leave, actor: User, reason: str) -> Leave:
    """Refuse a slip; the member reads why. Refuses "already_decided", "own_leave", "no_reason"."""
    leave = _to_decide(leave, actor)
    if not _text(reason):
        raise ValidationError(_("Say why."), code="no_reason")
    _decide(leave, LeaveState.REFUSED, actor, reason)
    _record(actor, "refused", leave, reason=leave.decision_reason)
    _tell(leave, leave.membership.user, REFUSED, reason=leave.decision_reason)
    return leave


# ── Taking back ──


@transaction.atomic
def withdraw(*, leave: Leave, actor: User) -> Leave:
    """Take back a slip that nobody has decided yet; refuses "already_decided" else."""
    leave = _locked(leave)
    _refuse_decided(leave)
    _decide(leave, LeaveState.WITHDRAWN, actor, "")
    _record(actor, "withdrawn", leave)
    return leave


@transaction.atomic
def cancel(*, leave: Leave, actor: User, reason: str = "") -> PutBack:
    """Cancel an approved leave: by the member before it begins, by who approves leave at any time before its end.

    Once it has begun it only ends earlier: days that were taken, or hours, stay leave, and it stays approved.

    What still holds it goes back to what it was, where that fits; says which shifts came back and which did not.
    Refuses "not_approved", "begun", "over" (also on a last day that is taken already), and of an approver "no_reason".
    """
    leave = _locked(leave)
    member, by_member = leave.membership, actor.pk == leave.membership.user_id
    if leave.state != LeaveState.APPROVED:
        raise ValidationError(
            _("Only an approved leave can be cancelled; this one: %(state)s.") % {"state": leave.get_state_display()},
            code="not_approved",
        )
    if is_over(leave):
        raise ValidationError(_("This leave is over; it stays as it was."), code="over")
    if by_member and has_begun(leave):
        raise ValidationError(_("This leave has begun: only who approves leave can end it."), code="begun")
    if not by_member and not _text(reason):
        raise ValidationError(_("Say why."), code="no_reason")
    asked = wish_of(leave)
    # What it goes back to is told from the versions since the approval.
    done = put_back(leave, actor=actor)
    taken = _taken(leave, done)
    facts = {"reason": _text(reason), "restored": done.restored, "emptied": done.emptied}
    if taken is None:
        _decide(leave, LeaveState.CANCELLED, actor, reason)
        _record(actor, "cancelled", leave, **facts)
    else:
        _end_early(leave, taken)
        done.ended = True
        _record(actor, "ended", leave, was=asked.words(member.department.zone), **facts)
    if not by_member:
        _tell(leave, member.user, ENDED if done.ended else CANCELLED, reason=_text(reason))
    planners = (
        holders_of(member.department, Right.EDIT_ROSTER) if done.restored or done.emptied else User.objects.none()
    )
    back = Wish(leave.last_day + A_DAY, asked.last) if done.ended and not leave.is_hours else asked
    _tell(leave, planners.exclude(pk__in=[actor.pk, member.user_id]), BACK, of=back, name=member.name)
    if by_member:
        approvers = _approvers(leave, besides=actor)
        _tell(leave, approvers.exclude(pk__in=planners.values("pk")), NOT_TAKEN, name=member.name)
    return done


def _taken(leave: Leave, done: PutBack) -> Wish | None:
    """What of the leave was taken before it was cancelled; None for nothing.

    Today is taken unless its shift is still to begin, which has just come back. Refuses when nothing is left to end.
    """
    if not has_begun(leave):
        return None
    if leave.starts_at is not None:
        now = clock.now().replace(second=0, microsecond=0)
        return Wish(leave.first_day, leave.last_day, leave.starts_at, max(now, leave.starts_at + A_MINUTE))
    today = leave.membership.department.today()
    last = today - A_DAY if today in (*done.restored, *done.emptied) else today
    if last >= leave.last_day:
        raise ValidationError(_("The last day of this leave has begun; it stays as it was."), code="over")
    return Wish(leave.first_day, last) if last >= leave.first_day else None


def _end_early(leave: Leave, taken: Wish) -> None:
    leave.last_day, leave.ends_at = taken.last, taken.ends_at
    # What has come back is not the leave's any more.
    leave.replaced = [pair for pair in leave.replaced if pair[0] <= taken.last.isoformat()]
    leave.save(update_fields=["last_day", "ends_at", "replaced"])


def has_begun(leave: Leave) -> bool:
    """Whether its first day is here, or its first hour."""
    if leave.starts_at is not None:
        return leave.starts_at <= clock.now()
    return leave.first_day <= leave.membership.department.today()


def is_over(leave: Leave) -> bool:
    if leave.ends_at is not None:
        return leave.ends_at <= clock.now()
    return leave.last_day < leave.membership.department.today()


# ── What each of these writes down and tells ──


def _record(actor: User, what: str, leave: Leave, **facts) -> None:
    kept = {name: fact for name, fact in facts.items() if fact not in ("", [])}
    audit.record(
        actor,
        f"shifts.leave.{what}",
        leave,
        department=leave.membership.department,
        after={"state": leave.state},
        **kept,
    )


def _approvers(leave: Leave, *, besides: User):
    found = holders_of(leave.membership.department, Right.APPROVE_LEAVE)
    return found.exclude(pk__in=[besides.pk, leave.membership.user_id])


def _tell(leave: Leave, people: User | Iterable[User], message: str, *, of: Wish | None = None, **params) -> None:
    """A notice about the leave; `of`: some of its days only."""
    department = leave.membership.department
    notices.tell(
        people,
        message,
        link=reverse("shifts:leave", args=[department.code, leave.pk]),
        kind=kind_of(leave).name.both,
        days=(of or wish_of(leave)).words(department.zone),
        **params,
    )


def listed(days: Iterable[date]) -> str:
    """ "11-12 · 11-13 · …": enough to begin with."""
    days = sorted(days)
    shown = [f"{day:%m-%d}" for day in days[:10]]
    return " · ".join([*shown, "…"] if len(days) > 10 else shown)
