"""A month of reviews and complaints: what came in, what became of it, and how much of it was done in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from handover.cases import Share
from handover.models import Case, CaseState, CaseStep, Finding
from office.months import Month
from people.models import Department, Membership
from rulebooks.services import version_by_id


@dataclass(frozen=True)
class MonthLine:
    """Cases that came in in a month, of one kind or about one person; `widest`: of the most that any line has."""

    name: str
    number: str
    came: int
    closed: int
    upheld: int
    share: Share
    key: str = ""
    widest: int = 1

    @property
    def open(self) -> int:
        return self.came - self.closed

    @property
    def width(self) -> str:
        """Of the bar for what came in, in per cent of the longest."""
        return f"{100 * self.came / self.widest:.1f}%"

    @property
    def closed_width(self) -> str:
        return f"{100 * self.closed / self.widest:.1f}%"

    @property
    def on_time_width(self) -> str:
        return f"{100 * self.share.on_time / self.share.due:.1f}%" if self.share.due else "0%"


def cases_of(department: Department, month: Month) -> QuerySet[Case]:
    """The cases that came in on the days of the month, on the department's wall clock."""
    return Case.objects.filter(department=department, business_date__range=(month.first, month.last))


def by_kind(department: Department, month: Month, now: datetime) -> list[MonthLine]:
    """One line for each kind that came in, the commonest first. Two queries."""
    rows = _counts(cases_of(department, month), "kind")
    shares = _shares(department, month, now, "kind")

    def name(row) -> str:
        kind = version_by_id(row["version"]).case_kind(row["kind"])
        return str(kind.name) if kind else row["kind"]

    return _lines((row, name(row), "", row["kind"], shares.get(row["kind"], Share())) for row in rows)


def by_person(department: Department, month: Month, now: datetime) -> list[MonthLine]:
    """One line for each person whom cases are about, and one for those about nobody. Three queries."""
    rows = _counts(cases_of(department, month), "subject")
    shares = _shares(department, month, now, "subject")
    keys = [row["subject"] for row in rows if row["subject"] is not None]
    people = {one.pk: one for one in Membership.objects.filter(pk__in=keys).select_related("user")}

    def line(row):
        person = people.get(row["subject"])
        name, number = (person.name, person.work_number) if person else (_("Nobody named"), "")
        return row, name, number, str(row["subject"] or ""), shares.get(row["subject"], Share())

    return _lines(line(row) for row in rows)


def _counts(cases: QuerySet[Case], by: str) -> list[dict]:
    rows = (
        cases.order_by()
        .values(by)
        .annotate(
            came=Count("pk"),
            closed=Count("pk", filter=Q(state=CaseState.CLOSED)),
            upheld=Count("pk", filter=Q(finding=Finding.UPHELD)),
            version=Max("rulebook_version"),
        )
    )
    return list(rows.order_by("-came", F(by).asc(nulls_last=True)))


def _shares(department: Department, month: Month, now: datetime, by: str) -> dict[object, Share]:
    """As `handover.cases.share_of` counts: done, or time over; on time when it was done by then."""
    steps = CaseStep.objects.filter(case__in=cases_of(department, month), is_skipped=False)
    counted = steps.filter(Q(done_at__isnull=False) | Q(due_at__lt=now))
    in_time = Count("pk", filter=Q(done_at__lte=F("due_at")))
    rows = counted.order_by().values(f"case__{by}").annotate(due=Count("pk"), on_time=in_time)
    return {row[f"case__{by}"]: Share(row["on_time"], row["due"]) for row in rows}


def _lines(found: Iterable[tuple[dict, str, str, str, Share]]) -> list[MonthLine]:
    rows = list(found)
    widest = max((row["came"] for row, *_rest in rows), default=1)
    return [
        MonthLine(name, number, row["came"], row["closed"], row["upheld"], share, key, widest)
        for row, name, number, key, share in rows
    ]


def total_of(lines: list[MonthLine]) -> MonthLine:
    """Everything together."""
    return MonthLine(
        pgettext("sum of a column", "Total"),
        "",
        sum(line.came for line in lines),
        sum(line.closed for line in lines),
        sum(line.upheld for line in lines),
        sum((line.share for line in lines), Share()),
    )
