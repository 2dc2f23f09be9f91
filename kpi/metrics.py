"""The figures that a scorecard can count: for a whole department in one query each, and row by row for one member.

What a metric counts in SQL (`gather`) and the rows that it shows for it (`rows`) select by the same conditions; `count`
works the same facts out of those rows, so that a page (and a test) can check the one against the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handover.models import ServiceStatistic, StatisticSource, is_taken_back
from ledger.models import Incident
from office.months import Month
from people.models import Department, Membership
from rulebooks.services import version_by_id
from shifts.models import Attendance, ReportSource

from .models import Judgement
from .scoring import Facts

PERCENT = 100


@dataclass(frozen=True)
class Scope:
    """What is counted: one department's month with the facts known at an instant, for the indicator `indicator`."""

    department: Department
    month: Month
    as_of: datetime
    indicator: str = ""

    def members(self) -> Q:
        return Q(membership__department=self.department, membership__scored=True)

    def days(self) -> Q:
        """Business dates of the month on which the row's member was a member."""
        month = Q(business_date__range=(self.month.first, self.month.last))
        joined = Q(business_date__gte=F("membership__from_day"))
        stayed = Q(membership__until_day=None) | Q(business_date__lte=F("membership__until_day"))
        return month & joined & stayed


def percent(number: str) -> str:
    return f"{number} %"


def incidents(number: str) -> str:
    return ngettext("%(number)s incident", "%(number)s incidents", 1 if number == "1" else 2) % {"number": number}


def points(number: str) -> str:
    return ngettext("%(number)s point", "%(number)s points", 1 if number == "1" else 2) % {"number": number}


@dataclass(frozen=True)
class Metric:
    """One way to count. `empty` holds for a member without a row; `per` is the unit's factor (100: percent).

    `unit(number)` → the number with its unit, in the active language.
    `gather(scope)` → facts by membership key, one query. `rows(scope, member)` → the very rows, for one member.
    `count(rows)` → the same facts from those rows.
    """

    name: str
    unit: Callable[[str], str]
    per: int
    empty: Facts
    numerator: Promise | None
    denominator: Promise | None
    gather: Callable[[Scope], dict[int, Facts]]
    rows: Callable[[Scope, Membership], QuerySet]
    count: Callable[[Iterable[Any]], Facts]


# -- Self-counted conversion 自计转化率: customers closed ÷ customers served, as the notebook has them ----------------


def _statistics(scope: Scope) -> QuerySet:
    return ServiceStatistic.objects.as_of(scope.as_of).filter(scope.days(), source=StatisticSource.MANUAL)


def gather_conversion(scope: Scope) -> dict[int, Facts]:
    sums = _statistics(scope).filter(scope.members()).order_by().values("membership")
    found = sums.annotate(closed_=Sum("closed"), served_=Sum("served"), rows=Count("pk"), last=Max("pk"))
    return {
        row["membership"]: Facts(row["closed_"], row["served_"], rows=row["rows"], last=row["last"]) for row in found
    }


def rows_of_conversion(scope: Scope, member: Membership) -> QuerySet:
    return _statistics(scope).filter(membership=member)


def count_conversion(rows: Iterable[Any]) -> Facts:
    days = list(rows)
    return Facts(sum(day.closed for day in days), sum(day.served for day in days), rows=len(days), last=_newest(days))


# -- Handovers submitted: shifts with one ÷ shifts worked that hand over -----------------------------------------------

IN_TIME = Q(handover__submitted_at__lte=F("clocked_out_at")) & ~Q(is_taken_back("handover"))


def _shifts_worked(scope: Scope) -> QuerySet:
    """Shifts that were clocked. One that only a correction knows had no clock-out before which to hand over."""
    worked = Attendance.objects.filter(scope.days(), clocked_out_at__lte=scope.as_of)
    return worked.exclude(source=ReportSource.CORRECTION)


def _hands_over(rulebook_version: int, code: str) -> bool:
    """Whether the shift type handed over by the rulebook that the shift was worked under."""
    shift = version_by_id(rulebook_version).shift(code)
    return shift is not None and bool(shift.hands_over_to)


def gather_handovers(scope: Scope) -> dict[int, Facts]:
    kinds = _shifts_worked(scope).filter(scope.members()).order_by().values("membership", "rulebook_version", "code")
    found: dict[int, Facts] = {}
    for row in kinds.annotate(shifts=Count("pk"), submitted=Count("pk", filter=IN_TIME), last=Max("pk")):
        if _hands_over(row["rulebook_version"], row["code"]):
            so_far = found.get(row["membership"], Facts(0, 0))
            found[row["membership"]] = Facts(
                (so_far.numerator or 0) + row["submitted"],
                (so_far.denominator or 0) + row["shifts"],
                rows=so_far.rows + row["shifts"],
                last=max(so_far.last, row["last"]),
            )
    return found


def rows_of_handovers(scope: Scope, member: Membership) -> QuerySet:
    """Attendances with `in_time`: whether the handover was submitted before the clock-out."""
    worked = _shifts_worked(scope).filter(membership=member)
    kinds = worked.order_by().values_list("rulebook_version", "code").distinct()
    counted = Q(pk__in=[])
    for rulebook_version, code in kinds:
        if _hands_over(rulebook_version, code):
            counted |= Q(rulebook_version=rulebook_version, code=code)
    in_time = Coalesce(IN_TIME, Value(False), output_field=BooleanField())
    return worked.filter(counted).annotate(in_time=in_time).select_related("handover").order_by("business_date", "pk")


def count_handovers(rows: Iterable[Any]) -> Facts:
    shifts = list(rows)
    return Facts(sum(shift.in_time for shift in shifts), len(shifts), rows=len(shifts), last=_newest(shifts))


# -- Confirmed incidents: how many, none is a figure of 0 --------------------------------------------------------------


def _incidents(scope: Scope) -> QuerySet:
    # A decided incident never changes (trigger), so its state now is its state then.
    return Incident.objects.confirmed().filter(scope.days(), decided_at__lte=scope.as_of)


def gather_incidents(scope: Scope) -> dict[int, Facts]:
    counts = _incidents(scope).filter(scope.members()).order_by().values("membership")
    return {
        row["membership"]: Facts(row["rows"], rows=row["rows"], last=row["last"])
        for row in counts.annotate(rows=Count("pk"), last=Max("pk"))
    }


def rows_of_incidents(scope: Scope, member: Membership) -> QuerySet:
    return _incidents(scope).filter(membership=member).order_by("occurred_at", "pk")


def count_incidents(rows: Iterable[Any]) -> Facts:
    found = list(rows)
    return Facts(len(found), rows=len(found), last=_newest(found))


# -- The supervisor's judgement: the answer that holds, worth what the rulebook says ---------------------------------


def _judgements(scope: Scope) -> QuerySet:
    return Judgement.objects.as_of(scope.as_of).of_month(scope.month).filter(indicator=scope.indicator)


def gather_judgements(scope: Scope) -> dict[int, Facts]:
    given = _judgements(scope).filter(scope.members()).order_by().values_list("membership", "choice", "pk")
    return {member: Facts(choice=choice, rows=1, last=pk) for member, choice, pk in given}


def rows_of_judgements(scope: Scope, member: Membership) -> QuerySet:
    return _judgements(scope).filter(membership=member).select_related("recorded_by")


def count_judgements(rows: Iterable[Any]) -> Facts:
    given = list(rows)
    return Facts(choice=given[0].choice, rows=1, last=given[0].pk) if given else Facts()


def _newest(rows: list) -> int:
    return max((row.pk for row in rows), default=0)


REGISTRY: dict[str, Metric] = {
    metric.name: metric
    for metric in [
        Metric(
            name="self_counted_conversion",
            unit=percent,
            per=PERCENT,
            empty=Facts(0, 0),
            numerator=_("customers closed"),
            denominator=_("customers served"),
            gather=gather_conversion,
            rows=rows_of_conversion,
            count=count_conversion,
        ),
        Metric(
            name="handover_submitted",
            unit=percent,
            per=PERCENT,
            empty=Facts(0, 0),
            numerator=_("handed over in time"),
            denominator=_("shifts that hand over"),
            gather=gather_handovers,
            rows=rows_of_handovers,
            count=count_handovers,
        ),
        Metric(
            name="confirmed_incidents",
            unit=incidents,
            per=1,
            empty=Facts(0),
            numerator=_("confirmed"),
            denominator=None,
            gather=gather_incidents,
            rows=rows_of_incidents,
            count=count_incidents,
        ),
        Metric(
            name="supervisors_judgement",
            unit=points,
            per=1,
            empty=Facts(),
            numerator=None,
            denominator=None,
            gather=gather_judgements,
            rows=rows_of_judgements,
            count=count_judgements,
        ),
    ]
}
