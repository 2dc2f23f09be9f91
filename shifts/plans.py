"""Loading what `shifts.compliance` judges: a month of a layer, or of hours worked, with the days around it and rules.

A fixed number of queries for any number of people. A person's shifts in other departments come along, as published.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from office import clock
from office.months import Month
from people.models import Department
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.compliance import (
    DayOff,
    Leave,
    Person,
    Plan,
    Rules,
    Shift,
    Skill,
    Violation,
    check,
    in_order,
    new_breaches,
    plan_with,
    rules_of,
)
from shifts.expressions import Day, Instant
from shifts.models import Assignment, AssignmentSpan, Attendance, CalendarDay, Layer, Override, Qualification
from shifts.models import Leave as Slip
from shifts.spans import Stretch, stretches_of

__all__ = [
    "WORKED",
    "Breach",
    "Case",
    "breaches_in",
    "breaches_of",
    "case_of",
    "plan_of",
    "plan_with",
    "rules_for",
    "what_if",
    "worked_plan",
]

# Beside the layers of the roster: the hours that were really worked.
WORKED = "worked"
# No rule looks farther than this (`Rules.days_back`): 31 days of 24 hours, a week, and as many short days before.
AROUND = timedelta(days=80)
Changes = Mapping[tuple[int, date], str]


@dataclass(frozen=True)
class Case:
    """A plan with the rules that hold for it, and what the people are called."""

    plan: Plan
    rules: Rules
    names: Mapping[int, str] = field(default_factory=dict)

    def violations(self) -> list[Violation]:
        return check(self.plan, self.rules)

    def of(self, agents: Iterable[int]) -> "Case":
        """Some people alone, without coverage: for trying out one candidate after the other."""
        return replace(self, plan=self.plan.only(agents), rules=self.rules.without_coverage())

    def adds(self, changes: Changes) -> list[Violation]:
        """The breaches that other codes in some cells would add or make worse."""
        return new_breaches(self.plan, plan_with(self.plan, changes), self.rules)


@dataclass(frozen=True)
class Breach:
    """A violation, and who let it stand, if anybody did."""

    violation: Violation
    override: Override | None = None

    @property
    def is_open(self) -> bool:
        return self.override is None

    @property
    def asks(self) -> bool:
        """Whether it is a warning that nobody has let stand yet."""
        return self.is_open and not self.violation.blocks


def case_of(department: Department, month: Month, layer: str = Layer.DRAFT) -> Case:
    """A month of a layer, or of hours WORKED, with its rules. Without a rulebook only overlaps are breaches."""
    return _Loading(department, month, layer).case()


def plan_of(department: Department, month: Month, layer: str = Layer.DRAFT) -> Plan:
    """A month of a layer, with as many days around it as its rules look at."""
    return case_of(department, month, layer).plan


def worked_plan(department: Department, month: Month) -> Plan:
    """The hours that were worked, from the first of the month to yesterday, as clocked or corrected."""
    return case_of(department, month, WORKED).plan


def rules_for(department: Department, month: Month) -> Rules:
    """The rules of a month: those of its last day, with the need of each day as rulebook and calendar say."""
    return _Loading(department, month, Layer.DRAFT).rules


def breaches_of(department: Department, month: Month, layer: str = Layer.DRAFT) -> list[Breach]:
    """Every breach of a month, with who let it stand; what blocks first."""
    return breaches_in(case_of(department, month, layer), department, month, layer)


def breaches_in(case: Case, department: Department, month: Month, layer: str) -> list[Breach]:
    """The same of a month that is loaded already. What was worked cannot be let stand any more."""
    held = overrides_of(department, month) if layer != WORKED else {}
    return [Breach(one, override_for(one, held)) for one in case.violations()]


def what_if(department: Department, changes: Changes, layer: str = Layer.PUBLISHED) -> list[Violation]:
    """The breaches that other codes in some cells (member, day) would add, in every month that they touch."""
    found: dict[str, Violation] = {}
    for first in sorted({day.replace(day=1) for _member, day in changes}):
        for one in case_of(department, Month.of(first), layer).adds(changes):
            found.setdefault(one.key, one)
    return in_order(found.values())


def overrides_of(department: Department, month: Month) -> dict[str, list[Override]]:
    """Of a month's roster, by the key of the violation."""
    rows = Override.objects.filter(roster__department=department, roster__first_day=month.first).select_related("by")
    found: dict[str, list[Override]] = {}
    for row in rows:
        found.setdefault(row.key.rpartition("#")[0], []).append(row)
    return found


def override_key(violation: Violation) -> str:
    """What is let stand: this breach, and as bad as it is. Once it is worse, somebody must say why again."""
    return f"{violation.key}#{violation.excess}"


def override_for(violation: Violation, held: Mapping[str, list[Override]]) -> Override | None:
    """The newest one that lets the breach stand as it is now, or a worse one."""
    if violation.blocks:
        return None
    fits = [row for row in held.get(violation.key, ()) if int(row.key.rpartition("#")[2]) >= violation.excess]
    return fits[-1] if fits else None


class _Codes:
    """What a code means on a day, by the rulebook of the day; the same hours are the same tuple for everybody."""

    def __init__(self, zone: ZoneInfo, rulebooks: Mapping[date, Rulebook]):
        self.zone, self.rulebooks = zone, rulebooks
        self._hours: dict[tuple[date, str], tuple[tuple[Stretch, ...], int]] = {}
        self._breaks: dict[tuple[date, str], int] = {}

    def __call__(self, agent: int, day: date, code: str) -> Shift | DayOff | None:
        if not code:
            return None
        rulebook = self.rulebooks.get(day)
        if rulebook is not None and rulebook.shift(code):
            stretches, breaks = self.hours(day, code)
            return Shift(agent, day, code, stretches, breaks)
        if rulebook is not None and (code == rulebook.rest.code or rulebook.leave_kind(code)):
            return DayOff(agent, day, is_rest=code == rulebook.rest.code)
        raise ValueError(f"{code} means nothing on {day}.")

    def hours(self, day: date, code: str) -> tuple[tuple[Stretch, ...], int]:
        known = self._hours.get((day, code))
        if known is None:
            shift = self.rulebooks[day].shift(code)
            assert shift is not None
            spans = [(span.start, span.end) for span in shift.spans]
            known = self._hours[day, code] = tuple(stretches_of(day, spans, self.zone)), shift.breaks_minutes
        return known

    def breaks(self, day: date, code: str) -> int:
        """Minutes of unpaid breaks; 0 for a code that the rulebook of the day does not know."""
        known = self._breaks.get((day, code))
        if known is None:
            rulebook = self.rulebooks.get(day)
            shift = rulebook.shift(code) if rulebook else None
            known = self._breaks[day, code] = shift.breaks_minutes if shift else 0
        return known

    def is_rest(self, day: date, code: str) -> bool:
        rulebook = self.rulebooks.get(day)
        return rulebook is not None and code == rulebook.rest.code


@dataclass(slots=True)
class _Row:
    """A stored shift: whose, when, and its stretches in order."""

    member: int
    user: int
    day: date
    code: str
    stretches: tuple[Stretch, ...] = ()


class _Loading:
    """One month's way from the database."""

    def __init__(self, department: Department, month: Month, layer: str):
        self.department, self.month, self.layer = department, month, layer
        first, last = month.first - AROUND, month.last + AROUND
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        self.rulebooks = in_force_by_day(department, days)
        self.codes = _Codes(department.zone, self.rulebooks)
        self.rules = self._rules()
        self.since = month.first - timedelta(days=self.rules.days_back)
        self.until = month.last + timedelta(days=self.rules.days_ahead)
        self._days = {text: day for day in days for text in (day, str(day))}

    def _rules(self) -> Rules:
        in_month = [self.rulebooks[day] for day in self.month.days() if day in self.rulebooks]
        if not in_month:
            return Rules()
        rules = rules_of(in_month[-1], self._cover())
        # A shift that an earlier version of the month had still has its name and its needs.
        before = [rules_of(each) for each in {id(each): each for each in in_month}.values()]
        return replace(
            rules,
            needs={code: needs for each in before for code, needs in each.needs.items()},
            names={code: name for each in before for code, name in each.names.items()},
            skills={code: name for each in before for code, name in each.skills.items()},
        )

    def _cover(self) -> dict[tuple[date, str], tuple[int, int]]:
        rows = CalendarDay.objects.filter(department=self.department, day__range=(self.month.first, self.month.last))
        special = dict(rows.exclude(headcounts={}).values_list("day", "headcounts"))
        cover = {}
        for day in self.month.days():
            for shift in self.rulebooks[day].shifts if day in self.rulebooks else ():
                count = shift.headcount_on(day)
                wanted, minimum = special.get(day, {}).get(shift.code) or (count.wanted, count.minimum)
                cover[day, shift.code] = (wanted, minimum)
        return cover

    # -- People -------------------------------------------------------------------------------------------------------
    def _members(self):
        """Who is rostered this month or has a cell in it all the same; by work number."""
        layer = Layer.PUBLISHED if self.layer == WORKED else self.layer
        cells = Assignment.objects.filter(layer=layer, membership__department=self.department)
        cells = cells.between(self.month.first, self.month.last)
        members = self.department.memberships.touching(self.month.first, self.month.last)
        return members.filter(Q(rostered=True) | Q(pk__in=cells.values("membership")))

    def case(self) -> Case:
        fields = ("pk", "user_id", "from_day", "until_day", "user__name", "user__username")
        rows = list(self._members().values_list(*fields))
        skills: dict[int, list[Skill]] = {}
        held = Qualification.objects.filter(membership__department=self.department).order_by()
        for member, code, from_day, until_day in held.values_list("membership", "code", "from_day", "until_day"):
            skills.setdefault(member, []).append(Skill(code, from_day, until_day))
        people = {pk: Person(pk, since, until, tuple(skills.get(pk, ()))) for pk, _user, since, until, *_ in rows}
        keys: dict[int, list[int]] = {}
        for pk, user, *_rest in rows:
            keys.setdefault(user, []).append(pk)
        shifts, off, last = self._worked(people, keys) if self.layer == WORKED else self._planned(people, keys)
        plan = Plan(
            self.month.first,
            last,
            tuple(people.values()),
            tuple(shifts),
            tuple(off),
            tuple(self._leaves()),
            self.codes,
        )
        return Case(plan, self.rules, {pk: name or username for pk, _u, _f, _l, name, username in rows})

    def _leaves(self) -> Iterable[Leave]:
        slips = Slip.objects.approved().touching(self.since, self.until).order_by()
        slips = slips.filter(membership__department=self.department)
        fields = ("membership", "first_day", "last_day", "starts_at", "ends_at")
        return (Leave(*row) for row in slips.values_list(*fields))

    # -- The plan -----------------------------------------------------------------------------------------------------
    def _planned(self, people: Mapping[int, Person], keys: Mapping[int, list[int]]):
        stored = self._stored(self.layer)
        shifts = [shift for row in stored.values() for shift in self._shifts(row, people, keys)]
        return shifts, self._days_off(self.layer, people), self.month.last

    def _days_off(self, layer: str, people: Mapping[int, Person]) -> list[DayOff]:
        """Rest days and days of leave of a layer."""
        rows = Assignment.objects.filter(layer=layer, is_rest=True, membership__department=self.department)
        rows = rows.between(self.since, self.until).order_by()
        found = []
        for member, text, code in rows.values_list("membership", Day("business_date"), "code"):
            day = self._days[text]
            if member in people and _is_member(people[member], day):
                found.append(DayOff(member, day, self.codes.is_rest(day, code)))
        return found

    def _stored(self, layer: str) -> dict[int, _Row]:
        """The shifts of a layer and, as published, those of the same people in other departments, by their keys."""
        here = Q(assignment__membership__department=self.department)
        rows = AssignmentSpan.objects.filter(
            here & Q(layer=layer) | ~here & Q(layer=Layer.PUBLISHED),
            user__in=self._members().order_by().values("user"),
            assignment__business_date__range=(self.since, self.until),
        )
        fields = ("assignment", "assignment__membership", "user", Day("assignment__business_date"), "assignment__code")
        found: dict[int, _Row] = {}
        texts: dict[int, list[tuple[str, str]]] = {}
        days = self._days
        for key, member, user, day, code, start, end in rows.order_by().values_list(
            *fields, Instant("starts_at"), Instant("ends_at")
        ):
            if key in found:
                texts[key].append((start, end))
            else:
                found[key], texts[key] = _Row(member, user, days[day], code), [(start, end)]
        # The same hours are one tuple for all who work them.
        known: dict[tuple, tuple[Stretch, ...]] = {}
        for key, spans in texts.items():
            hours = tuple(sorted(spans)) if len(spans) > 1 else (spans[0],)
            stretches = known.get(hours)
            if stretches is None:
                stretches = tuple(Stretch(_instant(start), _instant(end)) for start, end in hours)
                known[hours] = stretches
            found[key].stretches = stretches
        return found

    def _shifts(self, row: _Row, people: Mapping[int, Person], keys: Mapping[int, list[int]]) -> Iterator[Shift]:
        """The shift as it stands in the plan of its member, and in those of the same person's other memberships."""
        own = people.get(row.member)
        if own is not None and _is_member(own, row.day):
            yield Shift(row.member, row.day, row.code, row.stretches, self.codes.breaks(row.day, row.code))
        others = keys.get(row.user, ())
        for key in others if own is None or len(others) > 1 else ():
            if key != row.member:
                yield Shift(key, row.day, row.code, row.stretches, elsewhere=True)

    # -- The hours worked ---------------------------------------------------------------------------------------------
    def _worked(self, people: Mapping[int, Person], keys: Mapping[int, list[int]]):
        """What was clocked. A planned shift that nobody worked is a day that is over, but no rest day."""
        last = min(self.month.last, self.department.today() - timedelta(days=1))
        planned = self._stored(Layer.PUBLISHED)
        worked = Attendance.objects.filter(
            membership__user__in=self._members().order_by().values("user"),
            business_date__range=(self.since, self.until),
        )
        now = clock.now()
        fields = ("assignment", "worked_from", "worked_until")
        shifts: list[Shift] = []
        for key, begin, end in worked.with_worked_times().order_by().values_list(*fields):
            row = planned.pop(key, None)
            if row is not None:
                row.stretches = without_gaps(Stretch(begin, end or now), row.stretches)
                shifts += self._shifts(row, people, keys)
        off = self._days_off(Layer.PUBLISHED, people)
        missed = [row for row in planned.values() if row.member in people and row.day <= last]
        return shifts, [*off, *(DayOff(row.member, row.day, is_rest=False) for row in missed)], last


def without_gaps(worked: Stretch, planned: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """What was worked without the time between the parts of a broken shift, over which nobody clocks out."""
    found = []
    begin = worked.starts_at
    for one, two in itertools.pairwise(planned):
        if begin < one.ends_at < worked.ends_at:
            found.append(Stretch(begin, one.ends_at))
        begin = max(begin, two.starts_at)
    if begin < worked.ends_at:
        found.append(Stretch(begin, worked.ends_at))
    return tuple(found)


def _is_member(person: Person, day: date) -> bool:
    return person.from_day <= day and (person.until_day is None or day <= person.until_day)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
