"""Running shifts past their planned end: recorded segments that follow from the reports, and who is warned of what."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import clock, notices
from people.models import Department, Right, User
from people.permissions import holders_of
from rulebooks.schema import Extension
from rulebooks.services import NoRulebook, in_force, version_by_id
from shifts import extension
from shifts.extension import Segment
from shifts.models import Assignment, Attendance, DutyTurn, ExtensionSegment

from .successor import tell_when_missed

log = logging.getLogger(__name__)

CAPPED = gettext_noop("%(name)s: the extension of %(day)s has come to its cap with customers open.")
PAST_CAP = gettext_noop(
    "%(name)s is the duty person of %(day)s and still serving; anybody else's extension would have come to its cap."
)
SILENT = gettext_noop("%(name)s: nothing has been heard since the shift of %(day)s ran on. Are they still there?")
RESTS_TOO_LITTLE = gettext_noop(
    "%(name)s is running on. Before the shift of %(day)s at %(time)s less than %(hours)s hours of rest are left: "
    "look who can stand in."
)
RESTS_TOO_LITTLE_ELSEWHERE = gettext_noop(
    "%(name)s is running on. Before their next shift, in another department, less than %(hours)s hours of rest remain."
)


def rule_of(attendance: Attendance) -> Extension | None:
    """The extension rule that the shift was begun under; none for a type that does not extend."""
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    return shift.extension if shift else None


def is_duty_person(attendance: Attendance) -> bool:
    """Whether who works this shift has, on its date, a duty that stays until the last customer."""
    duties = version_by_id(attendance.rulebook_version_id).duties
    codes = [duty.code for duty in duties if duty.stays_until_last_customer and attendance.code in duty.shifts]
    if not codes:
        return False
    turns = DutyTurn.objects.filter(membership=attendance.membership_id, business_date=attendance.business_date)
    return turns.filter(duty__in=codes).exists()


def cap_of(attendance: Attendance) -> timedelta | None:
    """For how long after its planned end the shift runs on at most; None for the duty person, who has no cap.

    Zero for a type that does not extend.
    """
    rule = rule_of(attendance)
    if rule is None:
        return timedelta()
    return None if is_duty_person(attendance) else timedelta(minutes=rule.cap_minutes)


def refuse_before_last_customer(attendance: Attendance, actor: User | None) -> None:
    """Refuse ("customers_open") that the duty person leaves with customers open; whoever may take over can end it."""
    is_own = actor is not None and actor.pk == attendance.membership.user_id
    if is_own and attendance.open_customers and is_duty_person(attendance):
        raise ValidationError(
            _("You are the duty person and stay until the last customer; your count still says %(count)s.")
            % {"count": attendance.open_customers},
            code="customers_open",
        )


def extend(attendance: Attendance, *, until: datetime) -> None:
    """Bring the recorded segments up to `until`: earlier ones stay, the last one grows, new ones are added.

    Nothing that was recorded becomes shorter, also when the duty has passed to somebody else meanwhile.
    """
    rule = rule_of(attendance)
    if rule is None or until <= attendance.planned_end:
        return
    # Of the reports before the planned end only the last one reaches beyond it.
    reports = list(attendance.reports.filter(at__gt=attendance.planned_end))
    last_before = attendance.reports.filter(at__lte=attendance.planned_end).last()
    cap = cap_of(attendance)
    found = extension.segments(
        [
            extension.Report(report.at, report.open_customers, report.source)
            for report in ([last_before] if last_before else []) + reports
        ],
        planned_end=attendance.planned_end,
        cap=cap,
        silent_after=timedelta(minutes=rule.silent_after_minutes),
        until=until,
    )
    _record(attendance, found)
    if found:
        _warn(attendance, rule, found[-1], until, capped=cap is not None)
        _warn_of_rest(attendance, found[-1], until)


def _record(attendance: Attendance, found: Sequence[Segment]) -> None:
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
        elif row.ends_at < segment.ends_at:
            row.ends_at = segment.ends_at
            row.save(update_fields=["ends_at"])


def _warn(attendance: Attendance, rule: Extension, last: Segment, until: datetime, *, capped: bool) -> None:
    """Ask those who watch: once when nothing fresh proves the extension, and once when the shift's cap has come.

    The duty person goes on past the cap; that they do is said all the same.
    """
    cap_at = attendance.planned_end + timedelta(minutes=rule.cap_minutes)
    warned = attendance.warned_at
    if last.ends_at >= cap_at:
        if warned is not None and warned >= cap_at:
            return
        message = CAPPED if capped else PAST_CAP
    elif not last.confirmed and last.ends_at == until and warned is None:
        message = SILENT
    else:
        return
    department = attendance.membership.department
    notices.tell(
        holders_of(department, Right.WATCH_SHIFTS),
        message,
        link=_board(department),
        name=attendance.membership.name,
        day=attendance.business_date.isoformat(),
    )
    attendance.warned_at = until
    attendance.save(update_fields=["warned_at"])


def next_shift_of(attendance: Attendance) -> Assignment | None:
    """The next published shift of the same person after this one, in whatever department."""
    planned = Assignment.objects.published().working().filter(starts_at__gte=attendance.planned_end)
    own = planned.filter(membership__user=attendance.membership.user_id).exclude(pk=attendance.assignment_id)
    return own.select_related("membership__department").order_by("starts_at").first()


def _warn_of_rest(attendance: Attendance, last: Segment, until: datetime) -> None:
    """Tell those who watch, here and where the next shift is, as soon as the extension eats into the rest before it."""
    if attendance.rest_warned_at is not None:
        return
    following = next_shift_of(attendance)
    if following is None or following.times[0] <= until:
        return
    rest = following.times[0] - last.ends_at
    here, there = attendance.membership.department, following.membership.department
    limits = {here: _least_rest(attendance), there: _least_rest_before(following)}
    short = {department: hours for department, hours in limits.items() if hours and rest < timedelta(hours=hours)}
    for department, hours in short.items():
        is_there = department == there
        notices.tell(
            holders_of(department, Right.WATCH_SHIFTS),
            RESTS_TOO_LITTLE if is_there else RESTS_TOO_LITTLE_ELSEWHERE,
            link=stand_ins_link(following) if is_there else _board(department),
            name=attendance.membership.name,
            day=following.business_date.isoformat(),
            time=f"{there.local(following.times[0]):%H:%M}",
            hours=hours,
        )
    if short:
        attendance.rest_warned_at = until
        attendance.save(update_fields=["rest_warned_at"])


def _least_rest(attendance: Attendance) -> int:
    """Hours between two shifts by the rulebook that the shift was begun under; 0 where it names none."""
    rule = version_by_id(attendance.rulebook_version_id).working_time.rest_between_shifts
    return rule.hours if rule else 0


def _least_rest_before(shift: Assignment) -> int:
    try:
        rule = in_force(shift.membership.department, shift.business_date).working_time.rest_between_shifts
    except NoRulebook:
        return 0
    return rule.hours if rule else 0


def stand_ins_link(shift: Assignment) -> str:
    """The page that shows who could stand in for whoever has this shift."""
    blanks = {"code": shift.membership.department.code, "day": shift.business_date.isoformat(), "shift": shift.code}
    return reverse("shifts:cover", kwargs=blanks, query={"instead_of": shift.membership_id})


def _board(department: Department) -> str:
    return f"/d/{department.code}/"


def extend_running_shifts() -> int:
    """Look after every shift that runs past its planned end: record its extension, tell when no successor has come.

    Says how many there are. Running twice is harmless; what was missed while nothing ran is caught up.
    """
    now = clock.now()
    running = Attendance.objects.on_duty().filter(planned_end__lt=now).values_list("pk", flat=True)
    for pk in running:
        try:
            with transaction.atomic():
                attendance = Attendance.objects.select_for_update().get(pk=pk)
                if attendance.is_on_duty:
                    extend(attendance, until=now)
                    tell_when_missed(attendance)
        except Exception:
            # One shift that cannot be looked after must not keep all others from it; the next look tries it again.
            log.exception("The running shift %s could not be looked after.", pk)
    return len(running)
