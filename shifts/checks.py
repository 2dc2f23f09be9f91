"""The breaches of a month as its page shows them: cells to outline, and a list to jump through."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from office.months import Month
from people.models import Department
from shifts.models import Assignment, Override
from shifts.plans import Breach, Case, breaches_in, case_of

BLOCKING, OPEN, STANDING = "blocking", "open", "standing"


@dataclass(frozen=True)
class Item:
    """One line of the list: a breach, or the same one on days that follow one another.

    `member` and `day` are the cell that it leads to; a gap in coverage leads to the first line of its day.
    """

    breach: Breach
    name: str
    text: str
    days: str
    member: int | None
    day: date

    @property
    def blocks(self) -> bool:
        return self.breach.violation.blocks

    @property
    def override(self) -> Override | None:
        return self.breach.override

    @property
    def gap(self) -> str:
        """The code of the shift that lacks people; "" for a breach of somebody's own."""
        return self.breach.violation.about if self.breach.violation.agent is None else ""

    @property
    def state(self) -> str:
        if self.blocks:
            return BLOCKING
        return OPEN if self.breach.is_open else STANDING


class Report:
    """All breaches of a month of a layer (see `shifts.plans.case_of`)."""

    def __init__(self, department: Department, month: Month, layer: str):
        self.month = month
        self.case: Case = case_of(department, month, layer)
        self.breaches = breaches_in(self.case, department, month, layer)
        self.items = [self._item(group) for group in alike(self.breaches)]

    @property
    def blocking(self) -> int:
        """Lines that keep the plan from being published."""
        return sum(item.state == BLOCKING for item in self.items)

    @property
    def warnings(self) -> int:
        """Lines that nobody has let stand."""
        return sum(item.state == OPEN for item in self.items)

    @property
    def open_first(self) -> list[Item]:
        """The lines, those that somebody has let stand last."""
        return sorted(self.items, key=lambda item: item.state == STANDING)

    def cells(self) -> list[list]:
        """[[membership pk, day of month, "block" or "warn", text], …] of what is open."""
        first, last = self.month.first, self.month.last
        return [
            [one.violation.agent, day.day, one.violation.severity, one.violation.text]
            for one in self.breaches
            if one.is_open and one.violation.agent is not None
            for day in one.violation.marks_between(first, last)
        ]

    def _item(self, group: list[Breach]) -> Item:
        violation = group[0].violation
        people = self.case.plan.people
        member = violation.agent if violation.agent is not None else people[0].key if people else None
        marked = [day for one in group for day in one.violation.marks_between(self.month.first, self.month.last)]
        return Item(
            group[0],
            self.case.names.get(violation.agent, "") if violation.agent is not None else "",
            violation.text,
            in_words(marked),
            member,
            violation.leads_to(self.month.first, self.month.last),
        )


def coverable(items: Iterable[Item], department: Department, month: Month) -> list[tuple[Item, bool]]:
    """Each with whether a stand-in can be looked for: a gap from today on that stands in what is published, too."""
    rows = Assignment.objects.published().between(month.first, month.last).filter(membership__department=department)
    counted = rows.order_by().values_list("business_date", "code").annotate(count=Count("pk"))
    have = {(day, code): count for day, code, count in counted}
    today = department.today()

    def can_be(item: Item) -> bool:
        if not item.gap or not have or item.day < today:
            return False
        return have.get((item.day, item.gap), 0) == item.breach.violation.facts["have"]

    return [(item, can_be(item)) for item in items]


def alike(breaches: Iterable[Breach]) -> list[list[Breach]]:
    """Breaches of one day each that read the same, joined where their days follow one another; in the order given."""
    groups: list[list[Breach]] = []
    open_: dict[tuple, list[Breach]] = {}
    for one in breaches:
        violation = one.violation
        reason = one.override.reason if one.override else None
        key = (violation.code, violation.about, violation.agent, violation.text, reason)
        group = open_.get(key)
        if group and len(violation.days) == 1 and (violation.days[0] - group[-1].violation.days[0]).days == 1:
            group.append(one)
            continue
        groups.append([one])
        if len(violation.days) == 1:
            open_[key] = groups[-1]
    return groups


def in_words(days: list[date]) -> str:
    """ "11-03", "11-03 – 11-05", or nothing for a whole month."""
    ends = [f"{day:%m-%d}" for day in itertools.chain(days[:1], days[1:][-1:])]
    return " – ".join(ends)
