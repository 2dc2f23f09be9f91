"""Clocking in and out, counting open customers, and the extension that follows from the counts."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from office import audit, clock
from people.models import Membership, Right, User
from people.permissions import has_right
from rulebooks.services import in_force
from shifts.models import Assignment, Attendance, PresenceReport, ReportSource

from .running_on import extend

MOST_CUSTOMERS = 999
LONGEST_DEVICE = Attendance._meta.get_field("device").max_length
# What the clocks of two machines may differ by: a report from so little ahead is one of now.
CLOCKS_DIFFER = timedelta(minutes=1)


def on_duty(membership: Membership) -> Attendance | None:
    """The shift that the member is on now, if any."""
    return Attendance.objects.on_duty().filter(membership=membership).first()


def shift_to_clock_into(membership: Membership) -> Assignment | None:
    """The published shift that a clock-in now would be for, None when none may be begun.

    Of those that are not over and may be begun (how early, the rulebook of the shift's own date says) it is the one
    whose beginning is nearest: at 16:55 the shift from 17:00, not the one that ends then. The gap of a broken shift
    belongs to it.
    """
    now = clock.now()
    today = membership.department.local(now).date()
    planned = Assignment.objects.published().working().between(today - timedelta(days=1), today + timedelta(days=1))
    startable = []
    for shift in planned.filter(membership=membership, ends_at__gt=now, attendance=None).order_by("starts_at"):
        early = in_force(membership.department, shift.business_date).attendance.clock_in_from_minutes_before
        if shift.times[0] - timedelta(minutes=early) <= now:
            startable.append(shift)
    return min(startable, key=lambda shift: abs(shift.times[0] - now), default=None)


@transaction.atomic
def clock_in(*, membership: Membership, source: str = ReportSource.DESK, device: str = "") -> Attendance:
    """Begin the published shift that is on now or about to begin; it belongs to its own date, also after midnight.

    `device`: what was clocked in with, in few words; kept, so that a foreign hand can be noticed.
    Refuses with "already_in" while on a shift and "no_shift" when none may be begun.
    """
    if on_duty(membership):
        raise ValidationError(_("You are already clocked in."), code="already_in")
    shift = shift_to_clock_into(membership)
    if shift is None:
        raise ValidationError(_("There is no shift of yours to clock into now."), code="no_shift")
    # A publication that changes this shift waits for us, or we for it and then look at what it has become.
    locked = Assignment.objects.select_for_update().filter(pk=shift.pk, code=shift.code, starts_at=shift.starts_at)
    if not locked.exists():
        raise ValidationError(_("This shift has just been changed. Look again."), code="changed_meanwhile")
    rulebook = in_force(membership.department, shift.business_date)
    planned_start, planned_end = shift.times
    try:
        with transaction.atomic():
            attendance = Attendance.objects.create(
                assignment=shift,
                membership=membership,
                code=shift.code,
                business_date=shift.business_date,
                planned_start=planned_start,
                planned_end=planned_end,
                rulebook_version_id=rulebook.version_id,
                clocked_in_at=clock.now(),
                source=source,
                device=device[:LONGEST_DEVICE],
            )
    except IntegrityError:
        raise ValidationError(_("You are already clocked in."), code="already_in") from None
    facts = {"source": source, "device": attendance.device}
    audit.record(membership.user, "shifts.clock.in", attendance, department=membership.department, **facts)
    return attendance


@transaction.atomic
def change_open_customers(*, attendance: Attendance, change: int, source: str = ReportSource.DESK) -> Attendance:
    """Count open customers up or down by `change` (0 says: still as many). Two taps at once both count."""
    attendance = _locked(attendance)
    return _report(attendance, attendance.open_customers + change, source)


@transaction.atomic
def report_open_customers(
    *, attendance: Attendance, open_customers: int, source: str = ReportSource.DESK, at: datetime | None = None
) -> Attendance:
    """Record how many customers are open now, or were at an earlier instant `at` (aware) when a client was cut off.

    The same count of the same instant once more changes nothing. Refuses counts below 0 or too large ("bad_count") and
    ended shifts ("not_on_duty"); of instants those to come ("in_future"), before the clock-in ("before_clock_in"),
    before the newest report ("out_of_order"), and those of a stretch that stands as unconfirmed already ("too_late").
    """
    attendance = _locked(attendance)
    if at is None:
        return _report(attendance, open_customers, source)
    # The ends of time first: they are no instants to ask the database about.
    if at - clock.now() > CLOCKS_DIFFER:
        raise ValidationError(_("This is in the future."), code="in_future")
    if at < attendance.clocked_in_at:
        raise ValidationError(_("At that time the agent had not clocked in yet."), code="before_clock_in")
    if attendance.reports.filter(at=at, open_customers=open_customers, source=source).exists():
        return attendance
    if attendance.reported_at is not None and at < attendance.reported_at:
        raise ValidationError(_("A newer count has been reported already."), code="out_of_order")
    if attendance.segments.filter(confirmed=False, ends_at__gt=at).exists():
        raise ValidationError(_("This comes too late: the time since then stands as unconfirmed."), code="too_late")
    return _report(attendance, open_customers, source, at=min(at, _not_before(attendance)))


def _locked(attendance: Attendance) -> Attendance:
    return Attendance.objects.select_for_update().get(pk=attendance.pk)


def _not_before(attendance: Attendance) -> datetime:
    """Now, but never before what this shift already knows: two machines' clocks may differ by a little."""
    return max(filter(None, [clock.now(), attendance.clocked_in_at, attendance.reported_at]))


def _report(attendance: Attendance, open_customers: int, source: str, *, at: datetime | None = None) -> Attendance:
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift is over."), code="not_on_duty")
    if not 0 <= open_customers <= MOST_CUSTOMERS:
        raise ValidationError(
            _("The number of open customers is from 0 to %(most)s.") % {"most": MOST_CUSTOMERS}, code="bad_count"
        )
    now = _not_before(attendance)
    at = at or now
    PresenceReport.objects.create(attendance=attendance, at=at, open_customers=open_customers, source=source)
    attendance.open_customers, attendance.reported_at = open_customers, at
    attendance.save(update_fields=["open_customers", "reported_at"])
    extend(attendance, until=now)
    return attendance


@transaction.atomic
def clock_out(*, attendance: Attendance, actor: User | None) -> Attendance:
    """End the shift now, once ("already_out"), and with it whatever its owner is away for.

    Who is not its owner needs the right to take over ("not_yours"). `actor` None: the system ends a shift whose owner
    forgot to clock out.
    """
    attendance = _locked(attendance)
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift has already been ended."), code="already_out")
    department = attendance.membership.department
    if actor not in (None, attendance.membership.user) and not has_right(actor, department, Right.TAKE_OVER):
        raise ValidationError(_("Only its owner can end this shift."), code="not_yours")
    now = _not_before(attendance)
    extend(attendance, until=now)
    attendance.clocked_out_at, attendance.clocked_out_by, attendance.forgotten = now, actor, actor is None
    attendance.save(update_fields=["clocked_out_at", "clocked_out_by", "forgotten"])
    attendance.absences.open().update(back_at=Greatest(F("left_at"), Value(now)))
    audit.record(actor, "shifts.clock.out", attendance, department=department, forgotten=attendance.forgotten)
    return attendance
