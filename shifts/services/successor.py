"""Waiting for the successor: who is off line only after the next shift is on line, and never for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices
from office.lists import joined
from people.models import Right, User
from people.permissions import holders_of
from rulebooks.services import in_force, version_by_id
from shifts.models import Assignment, Attendance

# A shift that begins so long before the planned end stands beside the outgoing one, and takes over from it.
LONGEST_BESIDE = timedelta(hours=6)

NOBODY_CAME = gettext_noop(
    "Nobody has come to take over from %(name)s (%(day)s); planned: %(who)s. %(name)s may leave now: see to the post."
)


@dataclass(frozen=True)
class Wait:
    """For whom an outgoing agent waits. Instants are aware.

    `since`: from when on any of them may clock in; `until`: when the waiting is over in any case. `relieved` says that
    one of them is on duty.
    """

    names: tuple[str, ...]
    since: datetime
    until: datetime
    relieved: bool

    @property
    def holds(self) -> bool:
        """Whether the agent has to stay now.

        Before any successor may clock in there is nobody to wait for: who leaves then leaves early, which has a clause
        of its own, and nobody who falls ill at noon is kept at the desk until the evening.
        """
        return not self.relieved and self.since <= clock.now() < self.until

    @property
    def is_missed(self) -> bool:
        return not self.relieved and clock.now() >= self.until

    @property
    def who(self) -> str:
        return joined(self.names)


def wait_of(attendance: Attendance) -> Wait | None:
    """For whom this running shift waits; None where its rulebook does not ask for it or no successor is planned.

    A successor has a published shift, of a type that this one hands over to, that begins before the waiting is over
    and not more than six hours before the planned end. One query, or two when it begins on the next date.
    """
    rulebook = version_by_id(attendance.rulebook_version_id)
    minutes, shift = rulebook.attendance.wait_for_successor_minutes, rulebook.shift(attendance.code)
    if minutes is None or shift is None or not shift.hands_over_to:
        return None
    until = attendance.planned_end + timedelta(minutes=minutes)
    day, department = attendance.business_date, attendance.membership.department
    due = list(
        Assignment.objects.published()
        .working()
        .filter(
            membership__department=department,
            code__in=shift.hands_over_to,
            starts_at__gte=attendance.planned_end - LONGEST_BESIDE,
            starts_at__lte=until,
        )
        .between(day, day + timedelta(days=1))
        .exclude(membership=attendance.membership_id)
        .select_related("membership__user", "attendance")
        .order_by("starts_at", "membership__work_number")
    )
    if not due:
        return None
    theirs = rulebook if due[0].business_date == day else in_force(department, due[0].business_date)
    early = theirs.attendance.clock_in_from_minutes_before
    return Wait(
        names=tuple(row.membership.name for row in due),
        since=due[0].times[0] - timedelta(minutes=early),
        until=until,
        relieved=any(hasattr(row, "attendance") and row.attendance.is_on_duty for row in due),
    )


def refuse_before_successor(attendance: Attendance, actor: User | None) -> None:
    """Refuse ("wait_for_successor") that the agent leaves while a successor is due and none is on duty yet.

    When the waiting is over and nobody came, those who may take over are told, if they have not been. Whoever else ends
    the shift, because they may take over or because it was forgotten, answers for the post. To be called with the
    attendance locked.
    """
    if actor is None or actor.pk != attendance.membership.user_id:
        return
    wait = wait_of(attendance)
    if wait is not None and wait.holds:
        raise ValidationError(
            _("Wait for %(who)s, until %(time)s at most; whoever may take over can end your shift before.")
            % {"who": wait.who, "time": f"{attendance.membership.department.local(wait.until):%H:%M}"},
            code="wait_for_successor",
        )
    tell_when_missed(attendance)


def tell_when_missed(attendance: Attendance) -> bool:
    """Tell those who may take over, once, that nobody has come by the end of the waiting; says whether it did.

    To be called with the attendance locked.
    """
    if attendance.successor_missed_at is not None:
        return False
    wait = wait_of(attendance)
    if wait is None or not wait.is_missed:
        return False
    department = attendance.membership.department
    attendance.successor_missed_at = clock.now()
    attendance.save(update_fields=["successor_missed_at"])
    audit.record(None, "shifts.successor.missed", attendance, department=department, planned=list(wait.names))
    notices.tell(
        holders_of(department, Right.TAKE_OVER),
        NOBODY_CAME,
        link=f"/d/{department.code}/end-shift/?attendance={attendance.pk}",
        name=attendance.membership.name,
        day=attendance.business_date.isoformat(),
        who=" · ".join(wait.names),
    )
    return True
