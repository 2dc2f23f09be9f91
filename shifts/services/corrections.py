"""Corrections of attendance: asked for by whose shift it was, or entered for them by somebody who decides about such
things while they are absent; decided by somebody else; what was clocked stays.
"""

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices
from office.months import Month
from people.models import Department, Right, User
from people.permissions import has_right, holders_of
from rulebooks.services import in_force
from shifts.models import Assignment, Attendance, Correction, Decision, Layer, ReportSource, Roster
from shifts.services.live import refuse_locked

# What the column takes.
LONGEST_REASON = 500
# So long after its planned end a shift can still have been worked: it may run on, and handing over takes its time.
LONGEST_AFTER = timedelta(hours=24)

WAITS = gettext_noop("%(name)s asks for a correction of the shift of %(day)s: %(came)s–%(left)s.")
WAITS_ENTERED = gettext_noop("%(actor)s has entered a correction for %(name)s, shift of %(day)s: %(came)s–%(left)s.")
ENTERED = gettext_noop("%(actor)s has entered a correction of your shift of %(day)s: %(came)s–%(left)s. %(reason)s")
APPROVED = gettext_noop("Your correction of the shift of %(day)s is approved.")
REFUSED = gettext_noop("Your correction of the shift of %(day)s is refused: %(reason)s")


@transaction.atomic
def ask(*, assignment: Assignment, came_at: datetime, left_at: datetime, reason: str, actor: User) -> Correction:
    """Ask that other times (aware) be recorded for a shift that is over, clocked into or not: for one's own.

    Who may decide about corrections enters one for somebody who is absent; they are told, and somebody else decides
    (`may_decide`). Refuses others' shifts to anybody else ("not_yours"), a rest day or a draft ("no_shift"), one that
    is not over or still runs ("not_over"), times that cannot be (see `refuse_impossible`), a missing or overlong reason
    ("no_reason", "too_long"), a closed month ("locked"), and a second request while one waits ("already_asked").
    """
    assignment = Assignment.objects.select_related("membership__department", "membership__user").get(pk=assignment.pk)
    member = assignment.membership
    if member.user_id != actor.pk and not has_right(actor, member.department, Right.CORRECT_ATTENDANCE):
        raise ValidationError(_("Only whose shift it was asks for its correction."), code="not_yours")
    refuse_not_correctable(assignment)
    refuse_impossible(assignment, came_at, left_at)
    reason = _text(reason, missing=_("Say why."))
    _lock_month(assignment)
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                assignment=assignment,
                membership=member,
                came_at=came_at,
                left_at=left_at,
                reason=reason,
                asked_by=actor,
                asked_at=clock.now(),
            )
    except IntegrityError:
        raise ValidationError(
            _("A correction of this shift has been asked for already and waits."), code="already_asked"
        ) from None
    audit.record(
        actor, "shifts.correction.asked", correction, department=member.department, came_at=came_at, left_at=left_at
    )
    _tell_asked(correction)
    return correction


def refuse_not_correctable(assignment: Assignment) -> None:
    """Refuse what has no hours that could be corrected: a rest day, a draft, a shift that is not over."""
    if assignment.layer != Layer.PUBLISHED or assignment.is_rest:
        raise ValidationError(_("There is no shift to correct."), code="no_shift")
    attendance = Attendance.objects.filter(assignment=assignment).first()
    running = attendance is not None and attendance.is_on_duty
    if running or assignment.times[1] > clock.now():
        raise ValidationError(_("This shift is not over yet."), code="not_over")


def refuse_impossible(assignment: Assignment, came_at: datetime, left_at: datetime) -> None:
    """Refuse times that nobody can have worked this shift at.

    "left_before_came"; "in_future"; "not_around": not from the day before the shift's date on, until a day after its
    planned end, and touching its planned hours; "other_shift": the same person worked another shift then.
    """
    department = assignment.membership.department
    planned_start, planned_end = assignment.times
    if left_at <= came_at:
        raise ValidationError(
            _("The clock-out lies before the clock-in, or is the same minute."), code="left_before_came"
        )
    if left_at > clock.now():
        raise ValidationError(_("This is in the future."), code="in_future")
    day_before = datetime.combine(assignment.business_date - timedelta(days=1), time(), tzinfo=department.zone)
    touches = came_at < planned_end and left_at > planned_start
    if came_at < day_before or left_at > planned_end + LONGEST_AFTER or not touches:
        raise ValidationError(
            _("These times do not belong to this shift, planned from %(start)s to %(end)s.")
            % {"start": _wall(department, planned_start), "end": _wall(department, planned_end)},
            code="not_around",
        )
    _refuse_other_shift(assignment, came_at, left_at)


def _refuse_other_shift(assignment: Assignment, came_at: datetime, left_at: datetime) -> None:
    others = Attendance.objects.with_worked_times().filter(membership__user=assignment.membership.user_id)
    others = others.exclude(assignment=assignment).filter(worked_from__lt=left_at, worked_until__gt=came_at)
    other = others.order_by("planned_start").first()
    if other is not None:
        raise ValidationError(
            _("At these times another shift was worked, that of %(day)s.") % {"day": other.business_date},
            code="other_shift",
        )


def _wall(department: Department, instant: datetime) -> str:
    return f"{department.local(instant):%Y-%m-%d %H:%M}"


def _text(text: str, *, missing: str = "") -> str:
    text = text.strip()
    if missing and not text:
        raise ValidationError(missing, code="no_reason")
    if len(text) > LONGEST_REASON:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": LONGEST_REASON}, code="too_long")
    return text


def _lock_month(assignment: Assignment) -> None:
    """The head of the shift's month, held: it cannot be closed while we write. Refuses a closed one ("locked")."""
    month = Month.of(assignment.business_date)
    rosters = Roster.objects.select_for_update(of=("self",)).select_related("department")
    refuse_locked(rosters.get(department=assignment.membership.department_id, first_day=month.first))


def _tell_asked(correction: Correction) -> None:
    """Tell those who can decide, and the member of what somebody has entered for them."""
    member = correction.membership
    department = member.department
    facts = {
        "link": reverse("shifts:correction", args=[department.code, correction.pk]),
        "day": correction.assignment.business_date.isoformat(),
        "came": f"{department.local(correction.came_at):%H:%M}",
        "left": f"{department.local(correction.left_at):%H:%M}",
    }
    deciders = holders_of(department, Right.CORRECT_ATTENDANCE).exclude(pk__in=[member.user_id, correction.asked_by_id])
    if not correction.is_entered:
        notices.tell(deciders, WAITS, name=member.name, **facts)
        return
    actor = correction.asked_by.name
    notices.tell(deciders, WAITS_ENTERED, actor=actor, name=member.name, **facts)
    notices.tell(member.user, ENTERED, actor=actor, reason=correction.reason, **facts)


@transaction.atomic
def withdraw(*, correction: Correction, actor: User) -> Correction:
    """Take back what one has asked for while it waits. Refuses "not_yours" and "already_decided"."""
    correction = _waiting(correction)
    if correction.asked_by_id != actor.pk:
        raise ValidationError(_("Only who asked for it can withdraw it."), code="not_yours")
    return _decide(correction, Decision.WITHDRAWN, actor)


@transaction.atomic
def approve(*, correction: Correction, actor: User, reason: str = "") -> Correction:
    """Let the asked times stand beside the clocked ones; for a shift never clocked into an attendance is made.

    Nobody decides about themselves ("own_case") or without the right ("no_right"), nothing twice ("already_decided");
    who entered it for a member leaves it to somebody else, if anybody else may ("own_entry").
    The times are looked at once more: refuses as `ask` does.
    """
    correction = _to_decide(correction, actor)
    assignment = correction.assignment
    refuse_not_correctable(assignment)
    refuse_impossible(assignment, correction.came_at, correction.left_at)
    correction = _decide(correction, Decision.APPROVED, actor, _text(reason))
    attendance = Attendance.objects.select_for_update().filter(assignment=assignment).first()
    before = None
    if attendance is None:
        attendance = _attendance_of(correction, actor)
    else:
        before = {"came_at": attendance.came_at, "left_at": attendance.left_at}
        attendance.correction = correction
        attendance.save(update_fields=["correction"])
    audit.record(
        actor,
        "shifts.attendance.corrected",
        attendance,
        department=correction.membership.department,
        before=before,
        after={"came_at": correction.came_at, "left_at": correction.left_at},
    )
    _tell(correction, APPROVED)
    return correction


def _attendance_of(correction: Correction, actor: User) -> Attendance:
    assignment, member = correction.assignment, correction.membership
    planned_start, planned_end = assignment.times
    return Attendance.objects.create(
        assignment=assignment,
        membership=member,
        code=assignment.code,
        business_date=assignment.business_date,
        planned_start=planned_start,
        planned_end=planned_end,
        rulebook_version_id=in_force(member.department, assignment.business_date).version_id,
        clocked_in_at=correction.came_at,
        clocked_out_at=correction.left_at,
        clocked_out_by=actor,
        source=ReportSource.CORRECTION,
        correction=correction,
    )


@transaction.atomic
def refuse(*, correction: Correction, actor: User, reason: str) -> Correction:
    """Leave what was clocked as it is, for a reason ("no_reason"). Refuses besides as `approve` does."""
    correction = _to_decide(correction, actor)
    reason = _text(reason, missing=_("Say why it is refused."))
    correction = _decide(correction, Decision.REFUSED, actor, reason)
    _tell(correction, REFUSED, reason=reason)
    return correction


def _waiting(correction: Correction) -> Correction:
    """The request, locked, as long as nobody has decided it."""
    rows = Correction.objects.select_for_update(of=("self",)).select_related(
        "membership__user", "membership__department", "assignment__membership__department"
    )
    correction = rows.get(pk=correction.pk)
    if correction.state != Decision.ASKED:
        raise ValidationError(_("This request has already been decided."), code="already_decided")
    return correction


def _to_decide(correction: Correction, actor: User) -> Correction:
    """The request, locked after its month, when `actor` may decide it."""
    if correction.membership.user_id == actor.pk:
        raise ValidationError(_("This is about you: somebody else decides it."), code="own_case")
    if not has_right(actor, correction.membership.department, Right.CORRECT_ATTENDANCE):
        raise ValidationError(_("You may not decide about corrections."), code="no_right")
    if not may_decide(correction, actor):
        raise ValidationError(_("You have entered this: somebody else decides it."), code="own_entry")
    _lock_month(correction.assignment)
    return _waiting(correction)


def may_decide(correction: Correction, user: User) -> bool:
    """Whether somebody with the right may decide this one: not about themselves, nor what they have entered.

    Unless nobody else may: a department with one supervisor could else not correct what an absent member clocked.
    """
    member = correction.membership
    if member.user_id == user.pk:
        return False
    if correction.asked_by_id != user.pk:
        return True
    others = holders_of(member.department, Right.CORRECT_ATTENDANCE).exclude(pk__in=[member.user_id, user.pk])
    return not others.exists()


def _decide(correction: Correction, state: str, actor: User, reason: str = "") -> Correction:
    correction.state, correction.decided_by, correction.decided_at = state, actor, clock.now()
    correction.decision_reason = reason
    correction.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit.record(
        actor,
        f"shifts.correction.{state}",
        correction,
        department=correction.membership.department,
        before={"state": Decision.ASKED},
        after={"state": state},
        reason=reason,
    )
    return correction


def _tell(correction: Correction, message: str, **params) -> None:
    notices.tell(
        correction.membership.user,
        message,
        link=reverse("shifts:correction", args=[correction.membership.department.code, correction.pk]),
        day=correction.assignment.business_date.isoformat(),
        **params,
    )


def waiting_corrections(department: Department) -> tuple[int, datetime | None]:
    """How many requests wait for a decision, and since when the oldest does."""
    waiting = Correction.objects.waiting().filter(membership__department=department).order_by("asked_at")
    asked = list(waiting.values_list("asked_at", flat=True))
    return len(asked), asked[0] if asked else None
