"""What follows a publication: people say that they have seen it, and a month that is over is locked."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from office import audit, clock
from office.months import Month
from people.models import Department, User
from shifts.models import Assignment, Attendance, Correction, Roster, RosterChange
from shifts.services.cells import roster_of

LONGEST_REASON = 500


@transaction.atomic
def acknowledge(*, change: RosterChange, actor: User) -> int:
    """Say that one has seen what a version changed, and with it all earlier versions of that month; says how many.

    Doing it twice changes nothing. Only the person themselves can ("not_yours").
    """
    if change.membership.user_id != actor.pk:
        raise ValidationError(_("Only they themselves can say that they have seen it."), code="not_yours")
    seen = RosterChange.objects.waiting().filter(
        membership=change.membership,
        version__roster=change.version.roster_id,
        version__number__lte=change.version.number,
    )
    count = seen.update(acknowledged_at=clock.now())
    if count:
        audit.record(actor, "shifts.roster.acknowledged", change, department=change.membership.department)
    return count


@transaction.atomic
def lock_month(*, department: Department, month: Month, actor: User) -> Roster:
    """Close a month that is over: neither its plan nor its attendance changes any more.

    Refuses a month that was never published ("not_published"), is not over ("not_over"), in which somebody is still on
    duty ("on_duty") or a correction still waits ("correction_waits"), and one that is locked already ("locked").
    """
    roster = roster_of(department, month, lock=True)
    if roster.is_locked:
        raise ValidationError(_("This month is locked already."), code="locked")
    if not roster.version:
        raise ValidationError(
            _("The roster of %(month)s is not published yet.") % {"month": month}, code="not_published"
        )
    planned = Assignment.objects.published().working().between(month.first, month.last)
    nights = planned.filter(membership__department=department, ends_at__gt=clock.now())
    # Of the last night somebody may still clock in.
    if month.last >= department.today() or nights.exists():
        raise ValidationError(_("This month is not over yet."), code="not_over")
    days = (month.first, month.last)
    if Attendance.objects.on_duty().filter(membership__department=department, business_date__range=days).exists():
        raise ValidationError(_("Somebody is still on a shift of this month."), code="on_duty")
    waiting = Correction.objects.waiting().filter(membership__department=department)
    if waiting.filter(assignment__business_date__range=days).exists():
        raise ValidationError(_("A correction of attendance still waits; decide it first."), code="correction_waits")
    roster.locked_at, roster.locked_by = clock.now(), actor
    roster.save(update_fields=["locked_at", "locked_by"])
    audit.record(actor, "shifts.roster.locked", roster, department=department)
    return roster


@transaction.atomic
def unlock_month(*, department: Department, month: Month, actor: User, reason: str) -> Roster:
    """Open a locked month again, for a reason that is kept ("no_reason", "too_long"); "not_locked" if it is open."""
    roster = roster_of(department, month, lock=True)
    if not roster.is_locked:
        raise ValidationError(_("This month is not locked."), code="not_locked")
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Say why."), code="no_reason")
    if len(reason) > LONGEST_REASON:
        raise ValidationError(_("At most %(most)s characters.") % {"most": LONGEST_REASON}, code="too_long")
    roster.locked_at = roster.locked_by = None
    roster.save(update_fields=["locked_at", "locked_by"])
    audit.record(actor, "shifts.roster.unlocked", roster, department=department, reason=reason)
    return roster
