"""The worlds that are measured: a department with its people, a planned month, a month of facts. The same every time.

Through the services where they take seconds; rows in bulk where they would take minutes.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from handover.models import Handover, ServiceStatistic
from kpi.models import Judgement
from ledger.models import Account, AccountKind, Incident, IncidentState
from office import clock
from office.months import Month
from people.models import Department, Membership, Role, RoleGrant, User
from people.services import create_department
from rulebooks.schema import Rulebook
from rulebooks.services import import_rulebook, in_force
from shifts import services
from shifts.models import Assignment, Attendance, ExtensionSegment, Layer, ReportSource, Roster
from shifts.spans import stretches_of

LIBRARY = Path(__file__).resolve().parent.parent / "rulebooks" / "library"
SINCE = date(2026, 1, 1)
# 31 days; the roster is looked at in the middle of it, the scores are counted when it is over.
MONTH = Month(2026, 12)
ZONE = ZoneInfo("Asia/Shanghai")
PLANNED, LOOKED_AT, OVER = (
    datetime(2026, 11, 25, 10, tzinfo=ZONE),
    datetime(2026, 12, 16, 10, tzinfo=ZONE),
    datetime(2027, 1, 4, 10, tzinfo=ZONE),
)
LONGER = timedelta(minutes=30)
OFFICE = (Role.SUPERVISOR, Role.MANAGER, Role.FINANCE)
FAMILY, GIVEN = "王李张刘陈杨黄赵吴周", ("晓彤", "浩然", "思雨", "明远", "静", "云杉", "岚", "子轩", "欣怡", "宇")


@dataclass(frozen=True)
class Desk:
    """A department with its agents in the order of their work numbers, and its office."""

    department: Department
    agents: list[Membership]
    office: dict[Role, User]
    rulebook: Rulebook


def desk(code: str, agents: int) -> Desk:
    """A department under the three-shift desk with so many agents, a supervisor, a manager and finance."""
    department = create_department(actor=None, code=code, name=f"云杉家居 {code}", time_zone=ZONE.key)
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    import_rulebook(department=department, source=source, from_day=SINCE, actor=None)
    names = [FAMILY[number % 10] + GIVEN[number // 10 % 10] for number in range(agents)] + [
        str(r.label) for r in OFFICE
    ]
    users = User.objects.bulk_create(
        [User(username=f"{code}-{number}", name=name, password="!") for number, name in enumerate(names, start=1)]
    )
    members = Membership.objects.bulk_create(
        Membership(
            department=department,
            user=user,
            work_number=f"{number:04}",
            from_day=SINCE,
            rostered=number <= agents,
            scored=number <= agents,
        )
        for number, user in enumerate(users, start=1)
    )
    roles = [*[Role.AGENT] * agents, *OFFICE]
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, department=department, role=role, from_day=SINCE)
        for user, role in zip(users, roles, strict=True)
    )
    office = dict(zip(OFFICE, users[agents:], strict=True))
    return Desk(department, members[:agents], office, in_force(department, MONTH.first))


def planned_code(number: int, day: int) -> str:
    """What an agent does on a day: shifts change by the week, a rest day each, and one in fifty has one too many."""
    rests = (day - 1) % 7 == number % 7 if day <= 28 else day == 31 and number % 50 == 0
    if rests:
        return "X"
    return "DNR"[(number + (day - 1) // 7) % 3]


def planned_month(made: Desk) -> None:
    """MONTH planned and published through the services, then one agent in ten changed in the draft; long nights.

    One agent in twenty has no plan yet for the last days.
    """
    department, supervisor = made.department, made.office[Role.SUPERVISOR]
    with clock.at(PLANNED):
        edits = [
            services.CellEdit(member.pk, day, planned_code(number, day.day), 0)
            for number, member in enumerate(made.agents)
            for day in MONTH.days()
            if day.day <= 28 or number % 20 != 3
        ]
        seen = services.paint(department=department, month=MONTH, edits=edits, actor=supervisor).edits
        services.publish(department=department, month=MONTH, seen_edits=seen, actor=supervisor, reason="so it is")
    with clock.at(LOOKED_AT):
        edits = [
            services.CellEdit(member.pk, date(MONTH.year, MONTH.number, day), "R", seen)
            for number, member in enumerate(made.agents)
            for day in range(20, 26)
            if number % 10 == 1 and planned_code(number, day) != "R"
        ]
        services.paint(department=department, month=MONTH, edits=edits, actor=supervisor)
    _long_nights(made)


def _long_nights(made: Desk) -> None:
    """Every sixth agent's first night went on for half an hour."""
    nights = Assignment.objects.published().filter(
        membership__in=[member.pk for member in made.agents[::6]], code="N", business_date__lt=LOOKED_AT.date()
    )
    first = {row.membership_id: row for row in nights.order_by("-business_date")}
    attendances = Attendance.objects.bulk_create(
        _attendance(row, made, row.times[1] + LONGER) for row in first.values()
    )
    ExtensionSegment.objects.bulk_create(
        ExtensionSegment(
            attendance=attendance,
            starts_at=attendance.planned_end,
            ends_at=attendance.planned_end + LONGER,
            open_customers=1,
            source=ReportSource.DESK,
            confirmed=True,
        )
        for attendance in attendances
    )


def _attendance(row: Assignment, made: Desk, out: datetime) -> Attendance:
    start, end = row.times
    return Attendance(
        assignment=row,
        membership_id=row.membership_id,
        code=row.code,
        business_date=row.business_date,
        planned_start=start,
        planned_end=end,
        rulebook_version_id=made.rulebook.version_id,
        clocked_in_at=start,
        clocked_out_at=out,
    )


def month_of_facts(made: Desk) -> None:
    """What MONTH is scored by: statistics and a handed-over shift for every agent and working day, incidents, answers.

    One line of the statistics in a hundred is corrected, one shift in fourteen is not handed over, every third agent
    has an incident, and nine in ten are judged.
    """
    working = [
        (number, member, day, code)
        for number, member in enumerate(made.agents)
        for day in MONTH.days()
        if (code := planned_code(number, day.day)) != made.rulebook.rest.code
    ]
    _shifts(made, working)
    _statistics(made, working)
    _incidents(made)
    supervisor = made.office[Role.SUPERVISOR]
    Judgement.objects.bulk_create(
        Judgement(
            membership=member,
            month=MONTH.first,
            indicator="judgement",
            choice=("excellent", "good", "fair", "poor")[number % 4],
            reason="as seen all month",
            recorded_by=supervisor,
            recorded_at=datetime.combine(MONTH.last, time(18), ZONE),
        )
        for number, member in enumerate(made.agents)
        if number % 10
    )


def _shifts(made: Desk, working) -> None:
    hours = {shift.code: [(span.start, span.end) for span in shift.spans] for shift in made.rulebook.shifts}
    assignments = []
    for _number, member, day, code in working:
        [stretch] = stretches_of(day, hours[code], ZONE)
        assignments.append(
            Assignment(
                layer=Layer.PUBLISHED,
                membership=member,
                business_date=day,
                code=code,
                starts_at=stretch.starts_at,
                ends_at=stretch.ends_at,
            )
        )
    Assignment.objects.bulk_create(assignments, batch_size=2000)
    Roster.objects.create(department=made.department, first_day=MONTH.first, edits=1, version=1)
    attendances = Attendance.objects.bulk_create(
        [_attendance(row, made, row.times[1]) for row in assignments], batch_size=2000
    )
    Handover.objects.bulk_create(
        (
            Handover(
                department=made.department,
                attendance=attendance,
                giver_id=attendance.membership_id,
                submitted_at=attendance.planned_end - timedelta(minutes=3),
            )
            for number, attendance in enumerate(attendances)
            if number % 14
        ),
        batch_size=2000,
    )


def _statistics(made: Desk, working) -> None:
    def line(number: int, member: Membership, day: date, served: int, hour: int, **more) -> ServiceStatistic:
        return ServiceStatistic(
            membership=member,
            business_date=day,
            served=served,
            closed=served * (30 + (number * 7 + day.day) % 45) // 100,
            enquiries=served // 2,
            sales_fen=served * 1999,
            recorded_at=datetime.combine(day, time(hour), ZONE),
            recorded_by_id=member.user_id,
            **more,
        )

    lines = [line(number, member, day, 20 + (number + day.day) % 40, 20) for number, member, day, _code in working]
    ServiceStatistic.objects.bulk_create(lines, batch_size=2000)
    corrections = [
        line(number, member, day, 30 + number % 40, 21, supersedes=lines[place])
        for place, (number, member, day, _code) in enumerate(working)
        if place % 100 == 0
    ]
    ServiceStatistic.objects.bulk_create(corrections, batch_size=2000)


def _incidents(made: Desk) -> None:
    decided = datetime.combine(MONTH.last, time(9), ZONE)
    Incident.objects.bulk_create(
        reported(made, member, decided_at=decided, state=IncidentState.CONFIRMED)
        for number, member in enumerate(made.agents)
        for _more in range(1 + number % 2)
        if number % 3 == 0
    )


def reported(made: Desk, member: Membership, **more) -> Incident:
    """An incident of the middle of MONTH under the clause whose first step is a fine; not stored."""
    clause = made.rulebook.clause("off-task")
    assert clause is not None
    return Incident(
        department=made.department,
        membership=member,
        rulebook_version_id=made.rulebook.version_id,
        clause_code=clause.code,
        clause_number=clause.number,
        clause_text=clause.text.both,
        occurred_at=LOOKED_AT - timedelta(hours=1),
        business_date=LOOKED_AT.date(),
        facts="played a game at the desk",
        reported_by=made.office[Role.SUPERVISOR],
        reported_at=LOOKED_AT,
        **more,
    )


def open_cases(made: Desk) -> list[Incident]:
    """An undecided incident of every agent, with the accounts that its fine and the payment will name."""
    Account.objects.bulk_create(
        Account(department=made.department, kind=kind) for kind in (AccountKind.FUND_CASH, AccountKind.FINE_INCOME)
    )
    Account.objects.bulk_create(
        Account(department=made.department, kind=AccountKind.RECEIVABLE, membership=member) for member in made.agents
    )
    return Incident.objects.bulk_create(reported(made, member) for member in made.agents)
