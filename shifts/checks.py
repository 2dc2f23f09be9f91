"""The breaches of a month as its page shows them: cells to outline, and a list to jump through."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext as _

from office.months import Month
from people.models import Department
from shifts.compliance import Violation
from shifts.models import Assignment, Override
from shifts.plans import Breach, Case, breaches_in, case_of, override_key

BLOCKING, OPEN, STANDING = "blocking", "open", "standing"


@dataclass(frozen=True)
class Item:
    """One line of the list: a breach, or the same one on days that follow one another.

    `member` and `day` are the cell that it leads to; a gap in coverage leads to the first line of its day. `days` says
    in words what it is about (see `days_in_words`), `dates` which days those are.
    """

    breach: Breach
    name: str
    text: str
    days: str
    member: int | None
    day: date
    dates: tuple[date, ...]

    @property
    def blocks(self) -> bool:
        return self.breach.violation.blocks

    @property
    def override(self) -> Override | None:
        return self.breach.override

    @property
    def key(self) -> str:
        """Names the line, as bad as its breach is: what letting it stand is about."""
        return override_key(self.breach.violation)

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
        """[[membership pk, day of month, "block" or "warn", text], …] of what is open.

        What the next month's first day is to blame for is told at this month's last day that has to do with it.
        """
        first, last = self.month.first, self.month.last
        found = []
        for one in (one.violation for one in self.breaches if one.is_open and one.violation.agent is not None):
            marks = one.marks_between(first, last)
            found += [[one.agent, day.day, one.severity, one.text] for day in marks]
            if one.marked and not marks:
                text = f"{days_in_words([one], self.month)}: {one.text}"
                found.append([one.agent, one.leads_to(first, last).day, one.severity, text])
        return found

    def gaps(self) -> list[list]:
        """[[membership pk, day of month, text], …]: where open gaps in coverage are jumped to; no cell is to blame."""
        open_ = [item for item in self.items if item.gap and item.state != STANDING and item.member is not None]
        return [[item.member, item.day.day, f"{item.days} {item.text}"] for item in open_]

    def _item(self, group: list[Breach]) -> Item:
        violation = group[0].violation
        people = self.case.plan.people
        member = violation.agent if violation.agent is not None else people[0].key if people else None
        return Item(
            group[0],
            self.case.names.get(violation.agent, "") if violation.agent is not None else "",
            violation.text,
            days_in_words([one.violation for one in group], self.month),
            member,
            violation.leads_to(self.month.first, self.month.last),
            tuple(day for one in group for day in one.violation.days),
        )


def coverable(items: Iterable[Item], department: Department, month: Month) -> list[tuple[Item, date | None]]:
    """Each with the first day for which a stand-in can be looked for: a gap from today on, as published, too."""
    rows = Assignment.objects.published().between(month.first, month.last).filter(membership__department=department)
    counted = rows.order_by().values_list("business_date", "code").annotate(count=Count("pk"))
    have = {(day, code): count for day, code, count in counted}
    today = department.today()

    def first_of(item: Item) -> date | None:
        if not item.gap or not have:
            return None
        lacking = item.breach.violation.facts["have"]
        open_ = (day for day in item.dates if day >= today and have.get((day, item.gap), 0) == lacking)
        return next(open_, None)

    return [(item, first_of(item)) for item in items]


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


def days_in_words(violations: Iterable[Violation], month: Month) -> str:
    """What breaches that read the same are about: days of the month, a day after it in full, or the month by name."""
    violations = list(violations)
    inside = [day for one in violations for day in one.marks_between(month.first, month.last)]
    beyond = [day for one in violations for day in one.marked if day > month.last]
    if inside:
        return in_words(inside)
    if beyond:
        return _("%(day)s, next month") % {"day": beyond[0].isoformat()}
    return month.name


def in_words(days: list[date]) -> str:
    """ "11-03", "11-03 – 11-05", or nothing for a whole month."""
    ends = [f"{day:%m-%d}" for day in itertools.chain(days[:1], days[1:][-1:])]
    return " – ".join(ends)
