"""Whom an item can be meant for: who comes on next, and everybody else with their next shift."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from office import clock
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from rulebooks.services import version_by_id
from shifts.models import Assignment, Attendance
from shifts.services.successor import LONGEST_BESIDE

# So far ahead somebody's next shift is looked for.
AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Colleague:
    """A member whom an item can be meant for. `shift`: their next one, or the one that they are on, in words."""

    member: Membership
    shift: str
    is_next: bool

    @property
    def label(self) -> str:
        return f"{self.member.work_number} {self.member.name} · {self.shift}"


def colleagues_of(author: Membership, attendance: Attendance | None, rulebook: Rulebook) -> list[Colleague]:
    """Whoever works shifts here, but the author, who is on `attendance`; who comes on next first. Two queries."""
    department, now = author.department, clock.now()
    today = department.today()
    members = department.memberships.on(today).filter(rostered=True).exclude(pk=author.pk)
    rows = Assignment.objects.published().working().filter(membership__department=department, ends_at__gt=now)
    planned: dict[int, list[Assignment]] = {}
    for row in rows.between(today - timedelta(days=1), today + AHEAD).exclude(membership=author).order_by("starts_at"):
        planned.setdefault(row.membership_id, []).append(row)
    coming = _next(sorted((row for theirs in planned.values() for row in theirs), key=_begins), attendance, now)
    found = []
    for member in members.select_related("user").order_by("work_number"):
        theirs = planned.get(member.pk, [])
        relieves = [row for row in theirs if row.pk in coming]
        first = next(iter(relieves or theirs), None)
        shift = _words(first, department, rulebook, now) if first else _("no shift planned")
        found.append((bool(relieves), _begins(first) if first else None, Colleague(member, shift, bool(relieves))))
    far = now + 2 * AHEAD
    return [one for _is_next, _at, one in sorted(found, key=lambda row: (not row[0], row[1] or far))]


def _begins(row: Assignment) -> datetime:
    return row.times[0]


def _next(rows: Iterable[Assignment], attendance: Attendance | None, now: datetime) -> set[int]:
    """Keys of the shifts that come on next: those this one hands over to; off duty, the first that begin."""
    if attendance is None:
        due = [row for row in rows if _begins(row) > now]
    else:
        shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
        codes = shift.hands_over_to if shift else ()
        since = attendance.planned_end - LONGEST_BESIDE
        due = [row for row in rows if row.code in codes and _begins(row) >= since]
    return {row.pk for row in due if _begins(row) <= _begins(due[0]) + LONGEST_BESIDE}


def _words(row: Assignment, department: Department, rulebook: Rulebook, now: datetime) -> str:
    shift = rulebook.shift(row.code)
    name = str(shift.name) if shift else row.code
    if _begins(row) <= now:
        return _("%(shift)s, now") % {"shift": name}
    return f"{_day(row.business_date, department.today())} {name}"


def _day(day: date, today: date) -> str:
    if day == today:
        return _("today")
    return _("tomorrow") if day == today + timedelta(days=1) else f"{day:%m-%d}"
