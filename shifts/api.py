"""What programs of a department may do about shifts: report presence, and ask who is on duty. See `config.api`."""

from datetime import date, datetime
from typing import Annotated

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import AwareDatetime, ConfigDict, StrictInt, StringConstraints

from people.models import Department, Membership
from shifts import services
from shifts.models import Attendance, Away, ReportSource
from shifts.services.attendance import MOST_CUSTOMERS

router = Router(tags=["shifts"])

WorkNumber = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=12, pattern=r"^[^\x00-\x1f]*$")
]


class Refusal(Schema):
    """Why something was refused: a code for the program, a sentence in the language that was asked for."""

    code: str
    message: str
    fields: dict[str, str] = Field(default_factory=dict, description="For 422: what is wrong with which field.")


class PresenceIn(Schema):
    """How many customers an agent has open, now or at `at`."""

    model_config = ConfigDict(extra="forbid")

    work_number: WorkNumber
    open_customers: StrictInt = Field(ge=0, le=MOST_CUSTOMERS)
    at: AwareDatetime | None = Field(None, description="With offset; now when left out. Not before an earlier report.")


class PresenceOut(Schema):
    work_number: str
    open_customers: int
    reported_at: datetime | None
    planned_end: datetime


class OnDutyOut(Schema):
    """One person on duty. `shift`: the code of the shift type; `away`: has said that they left the desk."""

    work_number: str
    name: str
    shift: str
    business_date: date
    clocked_in_at: datetime
    planned_start: datetime
    planned_end: datetime
    open_customers: int
    reported_at: datetime | None
    away: bool


class UnknownNumber(Exception):
    """No member of the token's department has this work number now."""


def member_of(department: Department, work_number: str) -> Membership:
    """The member with this work number now; who came back on the day after their last is there twice for a night.

    Raises UnknownNumber.
    """
    members = department.memberships.touching(department.ending_day(), department.today())
    found = members.filter(work_number=work_number).select_related("user", "department").order_by("from_day").first()
    if found is None:
        raise UnknownNumber
    return found


@router.post("/presence", response={200: PresenceOut, 404: Refusal, 409: Refusal, 422: Refusal}, url_name="presence")
def presence(request, report: PresenceIn):
    """Report how many customers an agent has open. Sent twice with the same `at`, it is recorded once."""
    member = member_of(request.auth.department, report.work_number)
    attendance = services.on_duty(member)
    if attendance is None:
        raise ValidationError(_("The agent is not on duty."), code="not_on_duty")
    attendance = services.report_open_customers(
        attendance=attendance, open_customers=report.open_customers, source=ReportSource.API, at=report.at
    )
    return PresenceOut(
        work_number=member.work_number,
        open_customers=attendance.open_customers,
        reported_at=attendance.reported_at,
        planned_end=attendance.planned_end,
    )


@router.get("/on-duty", response=list[OnDutyOut], url_name="on_duty")
def on_duty(request):
    """Who is on duty in the department now, by work number."""
    here = Attendance.objects.on_duty().filter(membership__department=request.auth.department)
    away = set(Away.objects.open().filter(attendance__in=here).values_list("attendance", flat=True))
    rows = here.select_related("membership__user").order_by("membership__work_number", "pk")
    return [
        OnDutyOut(
            work_number=row.membership.work_number,
            name=row.membership.name,
            shift=row.code,
            business_date=row.business_date,
            clocked_in_at=row.clocked_in_at,
            planned_start=row.planned_start,
            planned_end=row.planned_end,
            open_customers=row.open_customers,
            reported_at=row.reported_at,
            away=row.pk in away,
        )
        for row in rows
    ]
