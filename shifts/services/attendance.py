"""Clocking in and out, counting open customers, and the extension that follows from the counts."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices
from people.models import Membership, Right, User
from people.permissions import has_right, holders_of
from rulebooks.schema import Extension
from rulebooks.services import in_force, version_by_id
from shifts import extension
from shifts.models import Assignment, Attendance, ExtensionSegment, PresenceReport, ReportSource

MOST_CUSTOMERS = 999


def on_duty(membership: Membership) -> Attendance | None:
    """The shift that the member is on now, if any."""
    return Attendance.objects.on_duty().filter(membership=membership).first()


def shift_to_clock_into(membership: Membership) -> Assignment | None:
    """The published shift that a clock-in now would be for: the earliest that may be begun and is not over.

    How early one may clock in, the rulebook of the shift's own date says.
    """
    now = clock.now()
    today = membership.department.local(now).date()
    planned = Assignment.objects.published().working().between(today - timedelta(days=1), today + timedelta(days=1))
    for shift in planned.filter(membership=membership, ends_at__gt=now, attendance=None).order_by("starts_at"):
        early = in_force(membership.department, shift.business_date).attendance.clock_in_from_minutes_before
        if shift.times[0] - timedelta(minutes=early) <= now:
            return shift
    return None


@transaction.atomic
def clock_in(*, membership: Membership, source: str = ReportSource.DESK) -> Attendance:
    """Begin the published shift that is on now or about to begin; it belongs to its own date, also after midnight.

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
            )
    except IntegrityError:
        raise ValidationError(_("You are already clocked in."), code="already_in") from None
    audit.record(membership.user, "shifts.clock.in", attendance, department=membership.department, source=source)
    return attendance


@transaction.atomic
def change_open_customers(*, attendance: Attendance, change: int, source: str = ReportSource.DESK) -> Attendance:
    """Count open customers up or down by `change` (0 says: still as many). Two taps at once both count."""
    attendance = _locked(attendance)
    return _report(attendance, attendance.open_customers + change, source)


@transaction.atomic
def report_open_customers(
    *, attendance: Attendance, open_customers: int, source: str = ReportSource.DESK
) -> Attendance:
    """Record how many customers are open now. Refuses counts below 0 ("bad_count"), ended shifts ("not_on_duty")."""
    return _report(_locked(attendance), open_customers, source)


def _locked(attendance: Attendance) -> Attendance:
    return Attendance.objects.select_for_update().get(pk=attendance.pk)


def _not_before(attendance: Attendance) -> datetime:
    """Now, but never before what this shift already knows: two machines' clocks may differ by a little."""
    return max(filter(None, [clock.now(), attendance.clocked_in_at, attendance.reported_at]))


def _report(attendance: Attendance, open_customers: int, source: str) -> Attendance:
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift is over."), code="not_on_duty")
    if not 0 <= open_customers <= MOST_CUSTOMERS:
        raise ValidationError(
            _("The number of open customers is from 0 to %(most)s.") % {"most": MOST_CUSTOMERS}, code="bad_count"
        )
    now = _not_before(attendance)
    PresenceReport.objects.create(attendance=attendance, at=now, open_customers=open_customers, source=source)
    attendance.open_customers, attendance.reported_at = open_customers, now
    attendance.save(update_fields=["open_customers", "reported_at"])
    _extend(attendance, until=now)
    return attendance


@transaction.atomic
def clock_out(*, attendance: Attendance, actor: User) -> Attendance:
    """End the shift now, once ("already_out"). Who is not its owner needs the right to take over ("not_yours")."""
    attendance = _locked(attendance)
    if not attendance.is_on_duty:
        raise ValidationError(_("This shift has already been ended."), code="already_out")
    department = attendance.membership.department
    if actor != attendance.membership.user and not has_right(actor, department, Right.TAKE_OVER):
        raise ValidationError(_("Only its owner can end this shift."), code="not_yours")
    now = _not_before(attendance)
    _extend(attendance, until=now)
    attendance.clocked_out_at, attendance.clocked_out_by = now, actor
    attendance.save(update_fields=["clocked_out_at", "clocked_out_by"])
    audit.record(actor, "shifts.clock.out", attendance, department=department)
    return attendance


def rule_of(attendance: Attendance) -> Extension | None:
    """The extension rule that the shift was begun under; none for a type that does not extend."""
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    return shift.extension if shift else None


def _extend(attendance: Attendance, *, until) -> None:
    """Bring the recorded segments up to `until`: earlier ones stay, the last one grows, new ones are added."""
    rule = rule_of(attendance)
    if rule is None or until <= attendance.planned_end:
        return
    # Of the reports before the planned end only the last one reaches beyond it.
    reports = list(attendance.reports.filter(at__gt=attendance.planned_end))
    last_before = attendance.reports.filter(at__lte=attendance.planned_end).last()
    found = extension.segments(
        [
            extension.Report(report.at, report.open_customers, report.source)
            for report in ([last_before] if last_before else []) + reports
        ],
        planned_end=attendance.planned_end,
        cap=timedelta(minutes=rule.cap_minutes),
        silent_after=timedelta(minutes=rule.silent_after_minutes),
        until=until,
    )
    recorded = {segment.starts_at: segment for segment in attendance.segments.all()}
    for segment in found:
        row = recorded.get(segment.starts_at)
        if row is None:
            ExtensionSegment.objects.create(
                attendance=attendance,
                starts_at=segment.starts_at,
                ends_at=segment.ends_at,
                open_customers=segment.open_customers,
                source=segment.source,
                confirmed=segment.confirmed,
            )
        elif row.ends_at != segment.ends_at:
            row.ends_at = segment.ends_at
            row.save(update_fields=["ends_at"])
    _warn(attendance, rule, found, until)


def _warn(attendance: Attendance, rule: Extension, found, until) -> None:
    """Ask those who watch the shifts, once: when nothing fresh proves the extension, or when it has come to its cap."""
    if attendance.warned_at is not None or not found:
        return
    last = found[-1]
    capped = last.ends_at >= attendance.planned_end + timedelta(minutes=rule.cap_minutes)
    silent = not last.confirmed and last.ends_at == until
    if not (capped or silent):
        return
    department = attendance.membership.department
    message = (
        gettext_noop("%(name)s: the extension of %(day)s has come to its cap with customers open.")
        if capped
        else gettext_noop("%(name)s: nothing has been heard since the shift of %(day)s ran on. Are they still there?")
    )
    notices.tell(
        holders_of(department, Right.WATCH_SHIFTS),
        message,
        link=f"/d/{department.code}/",
        name=attendance.membership.name,
        day=attendance.business_date.isoformat(),
    )
    attendance.warned_at = until
    attendance.save(update_fields=["warned_at"])


def extend_running_shifts() -> int:
    """Record the extension of every shift that runs past its planned end; says how many. Running twice is harmless."""
    now = clock.now()
    running = Attendance.objects.on_duty().filter(planned_end__lt=now).values_list("pk", flat=True)
    for pk in running:
        with transaction.atomic():
            attendance = Attendance.objects.select_for_update().get(pk=pk)
            if attendance.is_on_duty:
                _extend(attendance, until=now)
    return len(running)
