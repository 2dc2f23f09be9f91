"""What a publication changes for whom, and who has seen which version: a fixed number of queries each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q

from office import weekdays
from office.months import Month
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.models import Layer, Roster, RosterChange, RosterVersion
from shifts.services.cells import Key, changed_cells, code_in, live
from shifts.signs import letter_of, mark_of


@dataclass(frozen=True)
class Mark:
    """A code as the roster shows it: its sign, its palette letter and its name; empty for an empty cell."""

    sign: str
    letter: str
    name: str


@dataclass(frozen=True)
class DayChange:
    """One day that changes for one person."""

    day: date
    weekday: str
    before: Mark
    after: Mark


@dataclass
class PersonChange:
    """What changes for one person; `acknowledged_at` of a published one."""

    member: Membership
    days: list[DayChange] = field(default_factory=list)
    acknowledged_at: datetime | None = None
    change: RosterChange | None = None

    @property
    def tally(self) -> list[tuple[Mark, int]]:
        """What the changed days hold now, and how often: enough where all days of a month are new."""
        counts: dict[Mark, int] = {}
        for one in self.days:
            counts[one.after] = counts.get(one.after, 0) + 1
        return sorted(counts.items(), key=lambda pair: -pair[1])


def mark(rulebook: Rulebook | None, code: str) -> Mark:
    if not code:
        return Mark("", "", "")
    part = None
    if rulebook is not None:
        rest = rulebook.rest if code == rulebook.rest.code else None
        part = rest or rulebook.shift(code) or rulebook.leave_kind(code)
    return Mark(mark_of(rulebook, code), letter_of(rulebook, code), str(part.name) if part else code)


def _day_change(day: date, before: str, after: str, rulebook: Rulebook | None) -> DayChange:
    return DayChange(day, weekdays.short(day), mark(rulebook, before), mark(rulebook, after))


@dataclass
class Difference:
    """What publishing now would change."""

    people: list[PersonChange]
    cells: int
    # Edits of past days of a published month: they are not carried over.
    too_late: int
    is_first: bool


def difference_of(department: Department, month: Month, roster: Roster | None) -> Difference:
    """The draft against what is published, by person in the order of their work numbers."""
    draft, published = live(department, month, Layer.DRAFT), live(department, month, Layer.PUBLISHED)
    keys: list[Key] = changed_cells(draft, published)
    members = Membership.objects.select_related("user").in_bulk({member for member, _day in keys})
    keys = [key for key in keys if key not in draft or members[key[0]].holds_on(key[1])]
    is_first = roster is None or not roster.version
    open_keys = keys if is_first else [key for key in keys if key[1] >= department.today()]
    rulebooks = in_force_by_day(department, {day for _member, day in open_keys})
    people: dict[int, PersonChange] = {}
    for member_id, day in open_keys:
        person = people.setdefault(member_id, PersonChange(members[member_id]))
        before, after = code_in(published, (member_id, day)), code_in(draft, (member_id, day))
        person.days.append(_day_change(day, before, after, rulebooks.get(day)))
    in_order = sorted(people.values(), key=lambda person: person.member.work_number)
    return Difference(in_order, len(open_keys), len(keys) - len(open_keys), is_first)


def board_of(version: RosterVersion, department: Department) -> list[PersonChange]:
    """Everybody whom a version concerns, with what it changed for them and whether they have seen it."""
    rows = version.changes.select_related("membership__user").order_by("membership__work_number")
    return changes_in_words(rows, department)


def waiting_for(member: Membership) -> list[PersonChange]:
    """What was published for somebody and not yet acknowledged, the newest version first; past days are left out."""
    rows = (
        RosterChange.objects.waiting().filter(membership=member).select_related("membership__user", "version__roster")
    )
    today = member.department.today()
    found = changes_in_words(rows.order_by("-version__published_at"), member.department)
    for person in found:
        person.days = [one for one in person.days if one.day >= today]
    return [person for person in found if person.days]


def changes_in_words(rows: Iterable[RosterChange], department: Department) -> list[PersonChange]:
    rows = list(rows)
    rulebooks: Mapping[date, Rulebook] = in_force_by_day(
        department, {date.fromisoformat(day) for row in rows for day, _before, _after in row.days}
    )
    return [
        PersonChange(
            row.membership,
            [
                _day_change(date.fromisoformat(day), before, after, rulebooks.get(date.fromisoformat(day)))
                for day, before, after in row.days
            ],
            row.acknowledged_at,
            row,
        )
        for row in rows
    ]


def versions_of(roster: Roster | None) -> Sequence[RosterVersion]:
    """The versions of a month, newest first, each with `people` concerned and `seen` by so many of them."""
    if roster is None:
        return []
    counted = RosterVersion.objects.filter(roster=roster).select_related("published_by")
    return list(
        counted.annotate(
            people=Count("changes"), seen=Count("changes", filter=Q(changes__acknowledged_at__isnull=False))
        ).order_by("-number")
    )
