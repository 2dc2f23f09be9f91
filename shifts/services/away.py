"""Leaving the desk within a shift and coming back: a button, a reason, and where the rulebook asks a permission.

Pressing the button is going. Where a permission is needed it is asked for at that moment: once allowed, it covers the
whole absence; once refused, the agent stays, and nothing counts as having been away. Who comes back before anybody has
answered was away without it; who says instead that they stay takes the question back.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices
from people.models import Department, Right, User
from people.permissions import has_right, holders_of
from rulebooks.schema import AwayReason
from rulebooks.services import version_by_id
from shifts.models import Attendance, Away, Permission

ASKS = gettext_noop("%(name)s asks to leave the desk: %(reason)s.")
ALLOWED = gettext_noop("You may leave the desk: %(reason)s.")
DENIED = gettext_noop("Please stay at your desk: %(reason)s is not possible now.")


def reasons_of(attendance: Attendance) -> tuple[AwayReason, ...]:
    """The reasons that the rulebook of this shift knows, in its order; none when there is no such button."""
    return version_by_id(attendance.rulebook_version_id).attendance.away


def reason_of(away: Away) -> AwayReason | None:
    return version_by_id(away.attendance.rulebook_version_id).attendance.away_reason(away.reason)


@transaction.atomic
def leave_desk(*, attendance: Attendance, reason: str, actor: User) -> Away:
    """Leave the desk for a reason of the rulebook (its code), from now on.

    Refuses somebody else's shift ("not_yours"), one that is over ("not_on_duty"), an unknown reason
    ("unknown_reason"), and a second time before one is back ("already_away").
    """
    attendance = _running(attendance, actor)
    rule = next((each for each in reasons_of(attendance) if each.code == reason), None)
    if rule is None:
        raise ValidationError(_("The rulebook knows no such reason."), code="unknown_reason")
    permission = Permission.ASKED if rule.permission else Permission.NOT_ASKED
    try:
        with transaction.atomic():
            away = Away.objects.create(
                attendance=attendance,
                reason=rule.code,
                left_at=max(clock.now(), attendance.clocked_in_at),
                permission=permission,
            )
    except IntegrityError:
        raise ValidationError(_("You are away already."), code="already_away") from None
    member = attendance.membership
    audit.record(actor, "shifts.away.left", away, department=member.department, reason=rule.code)
    if rule.permission:
        notices.tell(
            holders_of(member.department, Right.WATCH_SHIFTS).exclude(pk=actor.pk),
            ASKS,
            link=reverse("shifts:away_decide", args=[member.department.code, away.pk]),
            name=member.name,
            reason=rule.name.both,
        )
    return away


def _running(attendance: Attendance, actor: User) -> Attendance:
    rows = Attendance.objects.select_for_update(of=("self",)).select_related(
        "membership__user", "membership__department"
    )
    attendance = rows.get(pk=attendance.pk)
    if attendance.membership.user_id != actor.pk:
        raise ValidationError(_("This is somebody else's shift."), code="not_yours")
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift is over."), code="not_on_duty")
    return attendance


@transaction.atomic
def come_back(*, attendance: Attendance, actor: User, stayed: bool = False) -> Away:
    """Be back at the desk. `stayed`: never left it, and takes the question for permission back ("not_asked" else).

    Refuses besides: "not_yours", "not_on_duty", "not_away".
    """
    attendance = _running(attendance, actor)
    away = attendance.absences.select_for_update().open().first()
    if away is None:
        raise ValidationError(_("You are not away."), code="not_away")
    if stayed and away.permission != Permission.ASKED:
        raise ValidationError(_("Nobody is asked for a permission."), code="not_asked")
    away.back_at = max(clock.now(), away.left_at)
    if stayed:
        away.permission = Permission.REFUSED
    away.save(update_fields=["back_at", "permission"])
    audit.record(actor, "shifts.away.back", away, department=attendance.membership.department, stayed=stayed)
    return away


@transaction.atomic
def decide(*, away: Away, allow: bool, actor: User) -> Away:
    """Allow somebody to leave the desk, or not, in which case they stay.

    Refuses one's own ("own_case"), without the right to watch ("no_right"), what needs no permission ("not_asked"),
    what is decided ("already_decided") and what is over ("over").
    """
    rows = Away.objects.select_for_update(of=("self",)).select_related(
        "attendance__membership__user", "attendance__membership__department"
    )
    away = rows.get(pk=away.pk)
    member = away.attendance.membership
    if member.user_id == actor.pk:
        raise ValidationError(_("This is about you: somebody else decides it."), code="own_case")
    if not has_right(actor, member.department, Right.WATCH_SHIFTS):
        raise ValidationError(_("You may not decide about this."), code="no_right")
    if away.permission == Permission.NOT_ASKED:
        raise ValidationError(_("This reason needs no permission."), code="not_asked")
    if away.permission != Permission.ASKED:
        raise ValidationError(_("This has already been decided."), code="already_decided")
    if away.back_at is not None:
        raise ValidationError(_("They are back already."), code="over")
    now = clock.now()
    away.permission = Permission.GRANTED if allow else Permission.REFUSED
    away.decided_by, away.decided_at = actor, now
    away.back_at = None if allow else max(now, away.left_at)
    away.save(update_fields=["permission", "decided_by", "decided_at", "back_at"])
    audit.record(actor, f"shifts.away.{away.permission}", away, department=member.department)
    rule = reason_of(away)
    notices.tell(
        member.user,
        ALLOWED if allow else DENIED,
        link=f"/d/{member.department.code}/",
        reason=rule.name.both if rule else away.reason,
    )
    return away


def away_now(department: Department) -> list[Away]:
    """Who is away from the desk now, those away the longest first; with their member and user."""
    rows = Away.objects.open().filter(attendance__membership__department=department)
    return list(rows.select_related("attendance__membership__user").order_by("left_at", "pk"))
