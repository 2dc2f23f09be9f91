"""What is asked of who hands over early or leaves something open, and of who does either for somebody else."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import Handover, ServiceStatistic, StatisticSource
from office import clock, notices
from people.models import User
from shifts.models import Attendance

from .items import short

# No rulebook names a window in which to hand over; before the last hour of the shift it is early.
LAST_STRETCH = timedelta(hours=1)

HANDED_OVER_FOR = gettext_noop("%(name)s has handed over for you (%(day)s): %(reason)s")
ENDED_FOR = gettext_noop("%(name)s has ended your shift of %(day)s: %(reason)s")


def is_early(attendance: Attendance) -> bool:
    """Whether the shift goes on for so long that nobody hands over yet."""
    return clock.now() < attendance.planned_end - LAST_STRETCH


def leaves_something(attendance: Attendance) -> bool:
    """Whether time is left of the shift, or customers are open."""
    return clock.now() < attendance.planned_end or attendance.open_customers > 0


def needs_reason_to_submit(attendance: Attendance) -> bool:
    """Whether handing over for the person on this shift now has to be explained."""
    return is_early(attendance) or attendance.open_customers > 0


def needs_reason_to_end(attendance: Attendance, handover: Handover | None) -> bool:
    """Whether ending this shift for the person on it has to be explained: early, or with something missing."""
    if leaves_something(attendance) or handover is None:
        return True
    own = ServiceStatistic.objects.current().filter(source=StatisticSource.MANUAL, membership=attendance.membership_id)
    return not own.filter(business_date=attendance.business_date).exists()


def refuse_early(attendance: Attendance, already_now: bool | None) -> None:
    """Refuse ("too_early") what was pressed long before the end without saying so; None: nobody was asked."""
    if already_now is False and is_early(attendance):
        raise ValidationError(
            _("Your shift runs until %(time)s. Tick that you hand over already now.")
            % {"time": f"{attendance.membership.department.local(attendance.planned_end):%H:%M}"},
            code="too_early",
        )


def refuse_leaving(attendance: Attendance, all_the_same: bool | None) -> None:
    """Refuse ("leaving_unconfirmed") to leave with time left or customers open unasked; None: nobody was asked."""
    if all_the_same is False and leaves_something(attendance):
        raise ValidationError(_("Tick that you leave all the same."), code="leaving_unconfirmed")


def reason_of(attendance: Attendance, actor: User | None, reason: str, *, needed: bool) -> str:
    """Why somebody acts on another person's shift; refuses ("reason_missing") when none is said and one is needed."""
    if actor is None or actor.pk == attendance.membership.user_id:
        return ""
    reason = short(reason)
    if needed and not reason:
        raise ValidationError(_("Say why you do this for somebody else."), code="reason_missing")
    return reason


def tell_of(message: str, attendance: Attendance, actor: User | None, reason: str) -> None:
    """Tell the person on the shift what was done for them, and why."""
    if actor is None or not reason:
        return
    department = attendance.membership.department
    notices.tell(
        attendance.membership.user,
        message,
        link=f"/d/{department.code}/handover/",
        name=actor.name,
        day=attendance.business_date.isoformat(),
        reason=reason,
    )
