"""What an approved leave takes off the roster, and what comes back when it is cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from office import clock
from office.months import Month
from people.models import Membership, User
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.leave_rules import days_between
from shifts.models import Assignment, AssignmentSpan, Layer, Leave, Roster, RosterChange, VersionCause
from shifts.services.cells import roster_of
from shifts.services.live import change_published, fixed_keys
from shifts.services.roster import CellEdit, paint
from shifts.spans import stretches_of


@dataclass
class PutBack:
    """What a cancelled leave gave back, by days: shifts that are the member's again, and those that are nobody's now.

    `covered`: of these, the ones that somebody else has taken over; the others no longer fit the member. `ended`: what
    was taken stays leave, which only ended earlier.
    """

    restored: list[date] = field(default_factory=list)
    emptied: list[date] = field(default_factory=list)
    covered: list[date] = field(default_factory=list)
    ended: bool = False

    @property
    def nobodys(self) -> list[date]:
        """Days whose shift was freed because it no longer fits: a gap, unless somebody is put on it."""
        return [day for day in self.emptied if day not in self.covered]


def take_off(leave: Leave, *, actor: User) -> list[list[str]]:
    """Write the leave into the roster from today on; says what it took off: [[day in ISO form, code], …].

    Shifts and empty cells become the leave's; rest days stay rest days, another leave stays, and so does a shift that
    has begun. What is published changes at once, a month that is not published yet in its draft. Hours take nothing.
    """
    member = leave.membership
    days = days_between(max(leave.first_day, member.department.today()), leave.last_day)
    if leave.is_hours or not member.rostered or not days:
        return []
    rosters = _locked(member, days)
    rows = _own_cells(member, days, rosters)
    fixed = fixed_keys(rows.values())
    # By its times, not by its code: the rulebook may have that shift no more.
    keeps = {day for day, row in rows.items() if row.is_rest or row.pk in fixed}
    freed = {day: rows[day].code if day in rows else "" for day in days if day not in keeps}
    _write(leave, dict.fromkeys(freed, leave.kind), rosters, rows, actor)
    return [[day.isoformat(), code] for day, code in freed.items()]


def put_back(leave: Leave, *, actor: User) -> PutBack:
    """Give back what still holds this leave and has not begun: of today only a shift that is still to begin.

    A shift comes back unless it no longer fits the member (another shift of theirs, a rulebook that has it no more) or
    somebody else covers it: then the cell is emptied. Cells that somebody has changed since stay as they are.
    """
    member, done = leave.membership, PutBack()
    today = member.department.today()
    taken = {date.fromisoformat(day): code for day, code in leave.replaced if day >= today.isoformat()}
    if not taken:
        return done
    rosters = _locked(member, sorted(taken))
    rows = _own_cells(member, sorted(taken), rosters)
    held = {day: code for day, code in taken.items() if day in rows and rows[day].code == leave.kind}
    rulebooks = in_force_by_day(member.department, held)
    covered = _covered(leave, {day: code for day, code in held.items() if code})
    wanted: dict[date, str] = {}
    for day, code in held.items():
        starts = _start_of(member, day, code, rulebooks.get(day))
        if (starts <= clock.now()) if starts is not None else (day == today):
            continue
        fits = not code or (starts is not None and day not in covered and _is_free(member, day, code, rulebooks[day]))
        wanted[day] = code if fits else ""
        if code:
            (done.restored if fits else done.emptied).append(day)
    done.covered = [day for day in done.emptied if day in covered]
    _write(leave, wanted, rosters, rows, actor)
    return done


def _locked(member: Membership, days: Sequence[date]) -> dict[Month, Roster]:
    """The heads of the months of these days, held until the transaction ends: always in the order of time."""
    months = sorted({Month.of(day) for day in days})
    return {month: roster_of(member.department, month, lock=True) for month in months}


def _own_cells(member: Membership, days: Sequence[date], rosters: Mapping[Month, Roster]) -> dict[date, Assignment]:
    """The member's cells of these days: as published, and of months that are not as drafted."""
    rows = Assignment.objects.filter(membership=member, slot=1, business_date__in=days)
    return {
        row.business_date: row
        for row in rows
        if row.layer == (Layer.PUBLISHED if rosters[Month.of(row.business_date)].version else Layer.DRAFT)
    }


def _write(
    leave: Leave,
    wanted: Mapping[date, str],
    rosters: Mapping[Month, Roster],
    rows: Mapping[date, Assignment],
    actor: User,
) -> None:
    member = leave.membership
    published = {day: code for day, code in wanted.items() if rosters[Month.of(day)].version}
    if published:
        change_published(
            department=member.department,
            actor=actor,
            cause=VersionCause.LEAVE,
            cells={(member.pk, day): code for day, code in published.items()},
            tell=False,
        )
    drafted = sorted(wanted.keys() - published.keys())
    for month, days in groupby(drafted, key=Month.of):
        # Under the lock of the month, so nobody can have changed what was just read.
        edits = [CellEdit(member.pk, day, wanted[day], rows[day].version if day in rows else 0) for day in days]
        paint(department=member.department, month=month, edits=edits, actor=actor)


def _start_of(member: Membership, day: date, code: str, rulebook: Rulebook | None):
    """When the shift would begin; None for none, and for a code that is no shift any more."""
    parts = _stretches(member, day, code, rulebook)
    return parts[0].starts_at if parts else None


def _stretches(member: Membership, day: date, code: str, rulebook: Rulebook | None):
    shift = rulebook.shift(code) if rulebook and code else None
    if shift is None:
        return []
    return stretches_of(day, [(span.start, span.end) for span in shift.spans], member.department.zone)


def _is_free(member: Membership, day: date, code: str, rulebook: Rulebook) -> bool:
    """Whether the person has no other shift at that time, in either layer, here or in another department."""
    parts = _stretches(member, day, code, rulebook)
    others = AssignmentSpan.objects.filter(
        user_id=member.user_id, starts_at__lt=parts[-1].ends_at, ends_at__gt=parts[0].starts_at
    )
    busy = others.values_list("starts_at", "ends_at")
    return member.holds_on(day) and not any(
        start < part.ends_at and part.starts_at < end for start, end in busy for part in parts
    )


def _covered(leave: Leave, shifts: Mapping[date, str]) -> set[date]:
    """Days whose shift has more people now than just after the leave was approved: somebody has taken the place."""
    member = leave.membership
    if not shifts:
        return set()
    changes = RosterChange.objects.filter(
        membership=member, version__cause=VersionCause.LEAVE, version__published_at__gte=leave.decided_at
    )
    then: dict[Month, dict] = {}
    for change in changes.select_related("version__roster").order_by("-version__number"):
        # The first version of each month is the one of the approval; it is met last.
        then[change.version.roster.month] = change.version.content
    now = (
        Assignment.objects.published()
        .working()
        .filter(membership__department=member.department, business_date__in=shifts)
    )
    people: dict[tuple[date, str], set[int]] = {}
    for other, day, code in now.exclude(membership=member).values_list("membership_id", "business_date", "code"):
        people.setdefault((day, code), set()).add(other)
    return {
        day
        for day, code in shifts.items()
        if Month.of(day) in then
        and len(people.get((day, code), ())) > _people_then(then[Month.of(day)], day, code, member)
    }


def _people_then(content: Mapping[str, Mapping[str, str]], day: date, code: str, member: Membership) -> int:
    number = str(day.day)
    return sum(days.get(number) == code for key, days in content.items() if key != str(member.pk))
