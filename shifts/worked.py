"""Shifts with what came of them, loaded for `shifts.findings`: planned hours, approved leave, worked times.

A fixed number of queries for any number of shifts.
"""

from collections.abc import Callable, Iterable, Iterator

from people.models import Department
from rulebooks.services import in_force_by_day, version_by_id
from shifts.findings import Worked
from shifts.models import Assignment, Attendance, Leave
from shifts.spans import Stretch


def attendances(department: Department):
    """The department's attendances with everything that `of_attendances` reads."""
    rows = Attendance.objects.filter(membership__department=department)
    people = ("membership__user", "membership__department", "correction")
    return rows.select_related(*people).prefetch_related("assignment__spans").order_by("pk")


def of_attendances(rows: Iterable[Attendance]) -> list[Worked]:
    """Each with the rules that it was begun under; the rows come from `attendances`."""
    rows = list(rows)
    leave = leave_of([(row.membership_id, row) for row in rows])
    return [
        Worked(
            assignment_id=row.assignment_id,
            membership=row.membership,
            business_date=row.business_date,
            code=row.code,
            planned=stretches_of_row(row.assignment),
            leave=tuple(leave(row.membership_id, row)),
            rules=version_by_id(row.rulebook_version_id).attendance,
            came_at=row.came_at,
            # The system's own clock-out says nothing about when somebody left.
            left_at=None if row.forgotten and row.correction is None else row.left_at,
            attendance=row,
        )
        for row in rows
    ]


def of_assignments(department: Department, rows: Iterable[Assignment]) -> list[Worked]:
    """Shifts that nobody clocked into, with member and spans loaded; none of days without a rulebook."""
    rows = list(rows)
    leave = leave_of([(row.membership_id, row) for row in rows])
    rulebooks = in_force_by_day(department, {row.business_date for row in rows})
    return [
        Worked(
            assignment_id=row.pk,
            membership=row.membership,
            business_date=row.business_date,
            code=row.code,
            planned=stretches_of_row(row),
            leave=tuple(leave(row.membership_id, row)),
            rules=rulebooks[row.business_date].attendance,
            came_at=None,
            left_at=None,
        )
        for row in rows
        if row.business_date in rulebooks
    ]


def stretches_of_row(row: Assignment) -> tuple[Stretch, ...]:
    return tuple(Stretch(span.starts_at, span.ends_at) for span in row.spans.all())


def leave_of(rows: list[tuple[int, Assignment | Attendance]]) -> Callable[..., Iterator[Stretch]]:
    """Of a member (key) and a shift: the stretches of approved leave in it. One query for all the rows.

    Whole days cover the shifts of their dates, also past midnight.
    """
    by_member: dict[int, list[Leave]] = {}
    if rows:
        days = [row.business_date for _member, row in rows]
        slips = Leave.objects.approved().touching(min(days), max(days))
        for slip in slips.filter(membership__in={member for member, _row in rows}):
            by_member.setdefault(slip.membership_id, []).append(slip)

    def leave(member: int, row: Assignment | Attendance) -> Iterator[Stretch]:
        for slip in by_member.get(member, ()):
            if slip.starts_at is not None and slip.ends_at is not None:
                yield Stretch(slip.starts_at, slip.ends_at)
            elif slip.first_day <= row.business_date <= slip.last_day:
                yield Stretch(*((row.planned_start, row.planned_end) if isinstance(row, Attendance) else row.times))

    return leave
