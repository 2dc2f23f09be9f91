"""What would come of putting somebody on a published shift: what forbids it, and what a person should look at first.

Loaded once for some days, in a fixed number of queries for any number of people; every question after that is pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from office import clock
from office.months import Month
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.compliance import Plan, Rules, Shift, Violation, check, plan_with
from shifts.compliance.violations import new_breaches
from shifts.coverage import Cover
from shifts.models import Assignment, Layer, Leave, Roster, Swap, SwapKind, SwapState
from shifts.plans import case_of
from shifts.services.cells import Cells, Key, Move
from shifts.spans import Stretch, stretches_of
from shifts.swap_rules import DAY, Refusal, Side, Times, refusals

# What a change would make of some cells of one person: {business date: code}, "" for an empty one.
Changes = Mapping[date, str]
# A month is judged with so many days around it: what a change breaks may show only after the month's last day.
AROUND = timedelta(days=7)


@dataclass
class Trouble:
    """What forbids something, and what whoever decides should have seen.

    `breaches`: of the warnings those that are breaches of the working-time rules.
    """

    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    breaches: list[Violation] = field(default_factory=list)

    def __iadd__(self, other: "Trouble") -> "Trouble":
        self.refusals += other.refusals
        self.warnings += other.warnings
        self.breaches += other.breaches
        return self


def days_of(swap: Swap) -> list[date]:
    """The business dates of a swap, each once."""
    return list(dict.fromkeys(day for day in (swap.business_date, swap.partner_date) if day))


def begins_at(swap: Swap, rulebooks: Mapping[date, Rulebook]) -> datetime | None:
    """When the first of its shifts begins; None when one of them is no shift of the rulebook of its day."""
    wanted = [(swap.business_date, swap.code)]
    if swap.partner_date:
        wanted.append((swap.partner_date, swap.partner_code))
    found = []
    for day, code in wanted:
        shift = rulebooks[day].shift(code) if day in rulebooks else None
        if shift is None:
            return None
        spans = [(span.start, span.end) for span in shift.spans]
        found.append(stretches_of(day, spans, swap.department.zone)[0].starts_at)
    return min(found)


def touched(swap: Swap) -> list[Key]:
    """The cells that applying a swap would write, the owner's first; those of a partner not yet known are missing."""
    members = [pk for pk in (swap.owner_id, swap.partner_id) if pk is not None]
    return [(member, day) for day in days_of(swap) for member in members]


def moves_of(swap: Swap) -> list[Move]:
    """How the cells change hands; none for an open shift, which is nobody's before."""
    if swap.owner_id is None or swap.partner_id is None:
        return []
    return [Move(swap.owner_id, swap.partner_id, day) for day in days_of(swap)]


class WhatIf:
    """The published plan of the months of some days, and what changing it would mean.

    members     everybody rostered in these months, by key
    cells       what is published, by member and day
    rulebooks   of each of the days
    """

    def __init__(self, department: Department, days: Iterable[date]):
        self.department, self.now = department, clock.now()
        wanted = sorted(days)
        self.months = [Month.of(wanted[0])]
        while wanted[-1] not in self.months[-1]:
            self.months.append(self.months[-1].next)
        self.first, self.last = self.months[0].first, self.months[-1].last
        rows = department.memberships.rostered().touching(self.first, self.last).select_related("user")
        self.members: dict[int, Membership] = {}
        for member in rows:
            member.department = department
            self.members[member.pk] = member
        published = Assignment.objects.published().filter(membership__department=department, slot=1)
        self.cells: Cells = {
            (row.membership_id, row.business_date): row for row in published.between(self.first, self.last)
        }
        self.rulebooks = in_force_by_day(department, self._all_days())
        heads = Roster.objects.filter(department=department, first_day__range=(self.first, self.last))
        self.heads = {roster.month: roster for roster in heads}
        self._rules: dict[Month, Rules] = {}
        self._plans: dict[Month, dict[int, Plan]] = {}
        for month in self.months:
            case = case_of(department, month, Layer.PUBLISHED)
            self._rules[month] = case.rules
            self._plans[month] = _by_person(
                replace(case.plan, first=case.plan.first - AROUND, last=case.plan.last + AROUND)
            )
        self._found: dict[tuple, list[Violation]] = {}
        self._leaves = self._load_leaves()
        self._swaps = self._load_swaps()

    def _all_days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def _load_leaves(self) -> dict[int, list[Leave]]:
        """Approved leave of whole days, by member."""
        found: dict[int, list[Leave]] = {}
        rows = Leave.objects.approved().touching(self.first, self.last).filter(starts_at=None)
        for leave in rows.filter(membership__department=self.department):
            found.setdefault(leave.membership_id, []).append(leave)
        return found

    def _load_swaps(self) -> dict[int, list[Swap]]:
        """Applied swaps and shifts given away, by member; open shifts are no swaps of anybody's."""
        around = (self.first - DAY, self.last + DAY)
        rows = Swap.objects.filter(department=self.department, state=SwapState.APPLIED)
        near = rows.filter(Q(business_date__range=around) | Q(partner_date__range=around))
        found: dict[int, list[Swap]] = {}
        for swap in near.exclude(kind=SwapKind.OPEN_SHIFT):
            for member in (swap.owner_id, swap.partner_id):
                if member is not None:
                    found.setdefault(member, []).append(swap)
        return found

    # -- What there is ----------------------------------------------------------------------------------------------
    def rulebook(self, day: date) -> Rulebook | None:
        return self.rulebooks.get(day)

    def code(self, key: Key) -> str:
        return self.cells[key].code if key in self.cells else ""

    def works(self, member: int, day: date) -> bool:
        row = self.cells.get((member, day))
        return row is not None and not row.is_rest

    def is_off(self, member: int, day: date) -> bool:
        """Whether leave was approved for the whole day."""
        rulebook, code = self.rulebook(day), self.code((member, day))
        on_slip = any(slip.first_day <= day <= slip.last_day for slip in self._leaves.get(member, ()))
        return on_slip or bool(rulebook and code and rulebook.leave_kind(code))

    def stretches(self, day: date, code: str) -> list[Stretch]:
        """The hours of a shift on a day; none for a code that is no shift of the rulebook of that day."""
        rulebook = self.rulebook(day)
        shift = rulebook.shift(code) if rulebook else None
        spans = [(span.start, span.end) for span in shift.spans] if shift else []
        return stretches_of(day, spans, self.department.zone)

    def name(self, member: int) -> str:
        return self.members[member].name if member in self.members else ""

    # -- What a change would mean -----------------------------------------------------------------------------------
    def closed(self, day: date) -> list[Refusal]:
        """Why nothing published of a day can change: its month was never published or is locked, the day is past."""
        month = Month.of(day)
        roster = self.heads.get(month)
        facts = {"month": {"month": str(month)}}
        if roster is None or not roster.version:
            return [Refusal("not_published", _("The roster of %(month)s is not published yet."), facts)]
        if roster.is_locked:
            words = _("The roster of %(month)s is locked; nothing of it changes any more.")
            return [Refusal("locked", words, facts)]
        if day < self.department.today():
            return [Refusal("past", _("%(day)s is past; its plan stays as it was."), {"day": day.isoformat()})]
        return []

    def judge(self, member: int, changes: Changes) -> Trouble:
        """What the working-time rules say about one person with other codes in some cells: only what is new by it."""
        names = {"name": self.name(member)}
        found = Trouble()
        seen: set[str] = set()
        for month in sorted({Month.of(day) for day in changes}):
            before, after = self._breaches(month, member, {}), self._breaches(month, member, changes)
            for breach in new_breaches(before, after):
                if breach.key in seen:
                    continue
                seen.add(breach.key)
                what = {"message": breach.words, "params": dict(breach.facts)}
                refusal = Refusal("blocked", _("%(name)s: %(what)s"), names | {"what": what})
                (found.refusals if breach.blocks else found.warnings).append(refusal)
                found.breaches += [] if breach.blocks else [breach]
        return found

    def _breaches(self, month: Month, member: int, changes: Changes) -> list[Violation]:
        key = (month, member, *sorted(changes.items()))
        if key not in self._found:
            plan = self._with(month, member, changes)
            self._found[key] = check(plan, self._rules[month].without_coverage()) if plan else []
        return self._found[key]

    def _with(self, month: Month, member: int, changes: Changes) -> Plan | None:
        plan = self._plans.get(month, {}).get(member)
        if plan is None or not changes:
            return plan
        # Days that no rule reaches from this month are another month's matter.
        near = {day: code for day, code in changes.items() if plan.first - AROUND <= day <= plan.last + AROUND}
        return plan_with(plan, {(member, day): code for day, code in near.items()})

    def can_take(self, member: int, day: date) -> list[Refusal]:
        """What keeps a person from a further shift on a day, at a glance: rules about hours are for `judge`."""
        if found := self._is_away(member, day):
            return found
        if not self.works(member, day):
            return []
        rulebook, code = self.rulebook(day), self.code((member, day))
        shift = rulebook.shift(code) if rulebook else None
        facts = {"name": self.name(member), "day": day.isoformat(), "shift": shift.name.both if shift else code}
        return [Refusal("double_shift", _("%(name)s already has a shift on %(day)s: %(shift)s."), facts)]

    def _is_away(self, member: int, day: date) -> list[Refusal]:
        person = self.members.get(member)
        facts = {"name": self.name(member), "day": day.isoformat()}
        if person is None or not person.holds_on(day):
            return [Refusal("not_member", _("%(name)s is not on the roster on %(day)s."), facts)]
        if self.is_off(member, day):
            return [Refusal("on_leave", _("%(name)s is on leave on %(day)s."), facts)]
        return []

    def put_on(self, member: int, day: date, code: str) -> Trouble:
        """What stands against putting somebody on a shift of a day."""
        found = Trouble(self.closed(day))
        times = self.stretches(day, code)
        if not times:
            found.refusals.append(Refusal("unknown_code", _("There is no such shift on this day.")))
        elif times[0].starts_at <= self.now and not found.refusals:
            found.refusals.append(Refusal("begun", _("The shift has begun already.")))
        found.refusals += self.can_take(member, day)
        return found if found.refusals else self.judge(member, {day: code})

    # -- Swaps ------------------------------------------------------------------------------------------------------
    def changes_of(self, swap: Swap) -> dict[int, dict[date, str]]:
        """What applying a swap makes of the cells of each person."""
        after: dict[int, dict[date, str]] = {}
        if swap.owner_id is None and swap.partner_id is not None:
            after[swap.partner_id] = {swap.business_date: swap.code}
        for move in moves_of(swap):
            one, other = move.keys
            after.setdefault(one[0], {})[move.day] = self.code(other)
            after.setdefault(other[0], {})[move.day] = self.code(one)
        return after

    def trouble(self, swap: Swap) -> Trouble:
        """Everything that stands against a swap as the plan is now, and what its approver should have seen."""
        found = Trouble()
        for day in days_of(swap):
            found.refusals += self.closed(day)
        found.refusals += self._at_a_glance(swap)
        changes = self.changes_of(swap)
        found.refusals += self._by_section(swap, changes if not found.refusals else {})
        if not found.refusals:
            for member, own in changes.items():
                found += self.judge(member, own)
        if swap.kind == SwapKind.OPEN_SHIFT and (full := self._full(swap.business_date, swap.code)):
            found.warnings.append(full)
        return found

    def _at_a_glance(self, swap: Swap) -> list[Refusal]:
        """Both on the roster, nobody with two shifts on one day, nobody on leave."""
        owner, partner, day = swap.owner_id, swap.partner_id, swap.business_date
        if swap.partner_date == day:
            if swap.code == swap.partner_code:
                return [Refusal("nothing_changes", _("Both have the same shift; nothing would change."))]
            people = [member for member in (owner, partner) if member is not None]
            return [refusal for member in people for refusal in self._is_away(member, day)]
        found: list[Refusal] = []
        if partner is not None:
            found += self.can_take(partner, day)
        if owner is not None and swap.partner_date:
            found += self.can_take(owner, swap.partner_date)
        return found

    def _by_section(self, swap: Swap, changes: Mapping[int, Changes]) -> list[Refusal]:
        """What the section of the rulebook on swaps says."""
        rulebook = self.rulebook(swap.business_date)
        begins = begins_at(swap, self.rulebooks)
        if begins is None:
            return [Refusal("unknown_code", _("There is no such shift on this day."))]
        return refusals(
            rulebook.swaps if rulebook else None,
            swap.kind,
            days=days_of(swap),
            begins_at=begins,
            agreed_at=swap.agreed_at or self.now,
            now=self.now,
            sides=[self._side(swap, member, own) for member, own in changes.items()],
        )

    def _side(self, swap: Swap, member: int, changes: Changes) -> Side:
        takes: list[Times] = []
        around: list[Times] = []
        for month in {Month.of(day) for day in changes}:
            plan = self._with(month, member, changes)
            for shift in plan.shifts if plan else ():
                taken = shift.day in changes and not shift.elsewhere
                (takes if taken else around).append(_times(shift))
        others = [one for one in self._swaps.get(member, ()) if one.pk != swap.pk]
        counts: dict[date, int] = {}
        for one in others:
            for first in {Month.of(day).first for day in days_of(one)}:
                counts[first] = counts.get(first, 0) + 1
        swapped = frozenset(day for one in others for day in days_of(one))
        return Side(self.name(member), takes, around, swapped, counts)

    def cover(self, day: date, code: str) -> Cover:
        """How many people are on a shift, against what rulebook and calendar want."""
        have = sum(row.code == code for (_member, on), row in self.cells.items() if on == day)
        rules = self._rules.get(Month.of(day))
        wanted, minimum = rules.cover.get((day, code), (0, 0)) if rules else (0, 0)
        return Cover(have, wanted, minimum)

    def _full(self, day: date, code: str) -> Refusal | None:
        """That a shift has everybody it wants already, for whoever would send one more."""
        cover = self.cover(day, code)
        if cover.missing:
            return None
        words = _("The shift has %(have)s of %(wanted)s people already.")
        return Refusal("no_gap", words, {"have": cover.have, "wanted": cover.wanted})


def _times(shift: Shift) -> Times:
    return shift.stretches[0].starts_at, shift.stretches[-1].ends_at


def _by_person(plan: Plan) -> dict[int, Plan]:
    """The plan of each person alone; sorting everything once is far quicker than asking for each."""
    shifts: dict[int, list] = {}
    days_off: dict[int, list] = {}
    leaves: dict[int, list] = {}
    for rows, by_person in ((plan.shifts, shifts), (plan.days_off, days_off), (plan.leaves, leaves)):
        for row in rows:
            by_person.setdefault(row.agent, []).append(row)
    return {
        person.key: replace(
            plan,
            people=(person,),
            shifts=tuple(shifts.get(person.key, ())),
            days_off=tuple(days_off.get(person.key, ())),
            leaves=tuple(leaves.get(person.key, ())),
        )
        for person in plan.people
    }
