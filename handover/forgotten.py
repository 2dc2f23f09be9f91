"""Shifts that nobody ended: ended by the system when the rulebook's time is over, and those concerned are told."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from handover.services import end_shift
from office import notices
from people.models import Right
from people.permissions import holders_of
from shifts.models import Attendance
from shifts.services.watch import forgotten_shifts

log = logging.getLogger(__name__)

ASKED = gettext_noop("You did not clock out of the shift of %(day)s; the system ended it. Say when you left.")
TOLD = gettext_noop(
    "%(name)s did not clock out of the shift of %(day)s; the system ended it and asks for a correction."
)


def end_forgotten_shifts() -> int:
    """End every shift that has been forgotten for as long as its rulebook says; how many. A second time none is left.

    Open items go where a confirmed end would put them. The agent is asked for a correction, those who watch are told.
    One that cannot be ended does not keep the others from it; the next look tries it again.
    """
    return sum(_end(attendance) for attendance in forgotten_shifts())


def _end(attendance: Attendance) -> bool:
    try:
        with transaction.atomic():
            _tell(end_shift(attendance=attendance, actor=None))
    except ValidationError:
        # Its owner has just clocked out after all.
        return False
    except Exception:
        log.exception("The forgotten shift %s could not be ended.", attendance.pk)
        return False
    return True


def _tell(attendance: Attendance) -> None:
    member, day = attendance.membership, attendance.business_date.isoformat()
    department = member.department
    correct = reverse("shifts:correction_new", args=[department.code], query={"shift": attendance.assignment_id})
    notices.tell(member.user, ASKED, link=correct, day=day)
    watching = holders_of(department, Right.WATCH_SHIFTS).exclude(pk=member.user_id)
    notices.tell(watching, TOLD, link=f"/d/{department.code}/", name=member.name, day=day)
