"""A month of attendance, shift by shift: planned, came, left, what it counts as, how far it ran on, what was corrected.

A fixed number of queries for any number of shifts; times are on the department's wall clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from office import clock
from office.months import Month
from office.tables import Column, Kind
from people.models import Department, Membership
from rulebooks.services import in_force_by_day, version_by_id
from shifts.models import Assignment, Attendance, Correction, Decision
from shifts.punctuality import Punctuality, judge, limits_of, whole_minutes
from shifts.signs import letter_of
from shifts.worked import leave_of, stretches_of_row

# What a list of them can be narrowed to.
LATE, LEFT_EARLY, ABSENT, CORRECTED, FORGOTTEN = (
    "late",
    "left-early",
    "absent",
    "corrected",
    "forgotten",
)
MARKS = (
    (LATE, gettext_lazy("Late")),
    (LEFT_EARLY, gettext_lazy("Left early")),
    (ABSENT, gettext_lazy("Absent")),
    (FORGOTTEN, gettext_lazy("Forgotten")),
    (CORRECTED, gettext_lazy("Corrected")),
)


@dataclass(frozen=True)
class Line:
    """One planned shift. `came` and `left` are as corrected, else as clocked; empty for what has not happened.

    `state`: "ahead", "due" (begun, nobody here yet), "on" duty, "over". `correction`: the request that waits, or the
    newest that was approved; `can_ask`: over, and no request waits.
    """

    assignment: Assignment
    member: Membership
    day: date
    shift: str
    letter: str
    planned: str
    came: str
    left: str
    state: str
    found: Punctuality
    ran_on: int
    # When an approved correction says that it ended, past its plan and with no report that proves it; else "".
    said_until: str
    on_leave: bool
    attendance: Attendance | None
    waiting: Correction | None
    correction: Correction | None

    @property
    def marks(self) -> set[str]:
        """Of MARKS those that hold."""
        holds = {
            LATE: self.found.late,
            LEFT_EARLY: self.found.left_early,
            ABSENT: self.found.absent,
            FORGOTTEN: self.is_forgotten,
            CORRECTED: self.correction is not None,
        }
        return {mark for mark, held in holds.items() if held}

    @property
    def is_forgotten(self) -> bool:
        """Ended by the system, and nobody has said since when it really ended."""
        return self.attendance is not None and self.attendance.forgotten and self.correction is None

    @property
    def can_ask(self) -> bool:
        return self.state == "over" and self.waiting is None

    @property
    def words(self) -> str:
        """What it counts as, in words, for the file."""
        said = []
        if self.found.absent:
            said.append(_("Absent"))
        if self.found.late:
            said.append(_("%(minutes)s min late") % {"minutes": self.found.late})
        if self.found.left_early:
            said.append(_("left %(minutes)s min early") % {"minutes": self.found.left_early})
        if self.is_forgotten:
            said.append(_("clock-out forgotten"))
        if self.on_leave:
            said.append(_("on leave"))
        return ", ".join(said)


def lines_of(department: Department, month: Month, **of) -> list[Line]:
    """The published shifts of the month, of the members that `of` (a filter of assignments) names, by date."""
    planned = Assignment.objects.published().working().filter(membership__department=department, **of)
    rows = planned.between(month.first, month.last).select_related(
        "membership__user", "attendance__correction", "attendance"
    )
    found = list(
        rows.prefetch_related("spans", "attendance__segments").order_by(
            "business_date", "starts_at", "membership__work_number", "pk"
        )
    )
    return _lines(department, found)


def _lines(department: Department, rows: Iterable[Assignment]) -> list[Line]:
    rows, now = list(rows), clock.now()
    rulebooks = in_force_by_day(department, {row.business_date for row in rows})
    leave = leave_of([(row.membership_id, row) for row in rows])
    waiting = _waiting(department, rows)

    def wall(instant: datetime | None) -> str:
        return f"{department.local(instant):%H:%M}" if instant else ""

    lines = []
    for row in rows:
        attendance: Attendance | None = getattr(row, "attendance", None)
        rulebook = version_by_id(attendance.rulebook_version_id) if attendance else rulebooks.get(row.business_date)
        shift = rulebook.shift(row.code) if rulebook else None
        taken = list(leave(row.membership_id, row))
        lines.append(
            Line(
                assignment=row,
                member=row.membership,
                day=row.business_date,
                shift=str(shift.name) if shift else row.code,
                letter=letter_of(rulebook, row.code),
                planned=f"{wall(row.starts_at)}–{wall(row.ends_at)}",
                came=wall(attendance.came_at) if attendance else "",
                left=wall(attendance.left_at) if attendance else "",
                state=_state(row, attendance, now),
                found=_judged(row, attendance, taken, rulebook, now),
                ran_on=_ran_on(attendance),
                said_until=wall(said_until(attendance)),
                on_leave=bool(taken),
                attendance=attendance,
                waiting=waiting.get(row.pk),
                correction=attendance.correction if attendance else None,
            )
        )
    return lines


def _waiting(department: Department, rows: list[Assignment]) -> dict[int, Correction]:
    if not rows:
        return {}
    days = Q(assignment__business_date__range=(rows[0].business_date, rows[-1].business_date))
    asked = Correction.objects.filter(days, membership__department=department, state=Decision.ASKED)
    return {each.assignment_id: each for each in asked}


def _state(row: Assignment, attendance: Attendance | None, now: datetime) -> str:
    starts_at, ends_at = row.times
    if attendance is not None:
        return "on" if attendance.is_on_duty else "over"
    if now < starts_at:
        return "ahead"
    return "due" if now < ends_at else "over"


def _judged(row: Assignment, attendance: Attendance | None, taken: list, rulebook, now: datetime) -> Punctuality:
    """What the times count as; nothing yet for a shift that may still be come to."""
    if rulebook is None or (attendance is None and now < row.times[1]):
        return Punctuality(0)
    left_at = attendance.left_at if attendance else None
    if attendance is not None and attendance.forgotten and attendance.correction is None:
        left_at = None
    return judge(
        stretches_of_row(row),
        came_at=attendance.came_at if attendance else None,
        left_at=left_at,
        leave=taken,
        limits=limits_of(rulebook.attendance),
    )


def _ran_on(attendance: Attendance | None) -> int:
    """Whole minutes of recorded extension."""
    if attendance is None:
        return 0
    return sum(whole_minutes(segment.ends_at - segment.starts_at) for segment in attendance.segments.all())


def said_until(attendance: Attendance | None) -> datetime | None:
    """Until when nothing but an approved correction says that a shift ran on; None where none does.

    What was said afterwards is no extension: only reports of open customers are.
    """
    correction = attendance.correction if attendance else None
    if attendance is None or correction is None or _ran_on(attendance):
        return None
    return correction.left_at if correction.left_at > attendance.planned_end else None


def _device(line: Line) -> str:
    return line.attendance.device if line.attendance else ""


def columns(*, with_names: bool) -> list[Column]:
    """The columns of the list; whose shift it is stands there only where there are several people."""
    who = [
        Column("number", gettext_lazy("Work number"), lambda line: line.member.work_number, on_page=False),
        Column("who", gettext_lazy("Who"), lambda line: line.member.name, sort=lambda line: line.member.work_number),
    ]
    return [
        Column("day", gettext_lazy("Date"), lambda line: line.day, sort=True, kind=Kind.DAY),
        *(who if with_names else []),
        Column("shift", gettext_lazy("Shift"), lambda line: line.shift),
        Column("planned", gettext_lazy("Planned"), lambda line: line.planned),
        Column("came", gettext_lazy("Came"), lambda line: line.came),
        Column("left", pgettext_lazy("clock-out", "Left"), lambda line: line.left),
        Column("found", gettext_lazy("Counts as"), lambda line: line.words),
        Column("late", gettext_lazy("Minutes late"), lambda line: line.found.late, kind=Kind.NUMBER, on_page=False),
        Column(
            "early", gettext_lazy("Minutes early"), lambda line: line.found.left_early, kind=Kind.NUMBER, on_page=False
        ),
        Column("ran_on", gettext_lazy("Ran on"), lambda line: line.ran_on, sort=True, kind=Kind.NUMBER),
        Column("corrected", gettext_lazy("Corrected"), lambda line: line.correction.reason if line.correction else ""),
        Column("device", gettext_lazy("Device"), _device, on_page=False),
    ]
