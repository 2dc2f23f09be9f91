"""Clocking in and out by a program of the department. The clock-out goes through the gate of the handover."""

from datetime import date, datetime
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import ConfigDict, StrictBool

from handover.services import end_shift
from shifts import services
from shifts.api import Refusal, WorkNumber, member_of
from shifts.models import ReportSource

router = Router(tags=["shifts"])


class ClockIn(Schema):
    """Who clocks in or out. `confirmed`: leaves although the handover is missing, where the rulebook only warns."""

    model_config = ConfigDict(extra="forbid")

    work_number: WorkNumber
    action: Literal["in", "out"]
    confirmed: StrictBool = Field(False, description='Only for "out".')


class ClockOut(Schema):
    work_number: str
    shift: str
    business_date: date
    clocked_in_at: datetime
    clocked_out_at: datetime | None


@router.post("/clock", response={200: ClockOut, 404: Refusal, 409: Refusal, 422: Refusal}, url_name="clock")
def clock(request, asked: ClockIn):
    """Clock an agent in to their shift, or out of it; what the rulebook asks before leaving holds here too."""
    member = member_of(request.auth.department, asked.work_number)
    if asked.action == "in":
        device = request.auth.name
        attendance = services.clock_in(membership=member, source=ReportSource.API, device=device)
    else:
        running = services.on_duty(member)
        if running is None:
            raise ValidationError(_("The agent is not on duty."), code="not_on_duty")
        attendance = end_shift(attendance=running, actor=member.user, confirmed=asked.confirmed)
    return ClockOut(
        work_number=member.work_number,
        shift=attendance.code,
        business_date=attendance.business_date,
        clocked_in_at=attendance.clocked_in_at,
        clocked_out_at=attendance.clocked_out_at,
    )
