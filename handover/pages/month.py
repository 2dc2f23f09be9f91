"""A month of the service statistics: one agent's days, and everybody's sums."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from handover.figures import Counts, total
from handover.models import ServiceStatistic, StatisticSource
from office.months import Month
from people.models import Department, Membership


@dataclass(frozen=True)
class Day:
    """One day's line; `corrected` when it supersedes an earlier one."""

    day: date
    counts: Counts
    corrected: bool


@dataclass(frozen=True)
class Member:
    """One member's month."""

    membership: Membership
    counts: Counts


def lines(department: Department):
    """The lines of the department's notebooks that hold; what the chat tool says stands beside them elsewhere."""
    return ServiceStatistic.objects.current().filter(membership__department=department, source=StatisticSource.MANUAL)


def read(
    department: Department, writer: Membership | None, day: date, shown: Membership | None, month: Month
) -> tuple[ServiceStatistic | None, list[Day]]:
    """What `writer` has recorded for `day`, and the recorded days of `shown` in the month; both in one query."""
    own = Q(membership=writer, business_date=day)
    of_month = Q(membership=shown, business_date__range=(month.first, month.last))
    rows = list(lines(department).filter(own | of_month).order_by("business_date", "pk"))
    days = [
        Day(row.business_date, Counts(row.served, row.closed, row.enquiries, row.sales_fen, 1), bool(row.supersedes_id))
        for row in rows
        if shown and row.membership_id == shown.pk and row.business_date in month
    ]
    recorded = (row for row in rows if writer and row.membership_id == writer.pk and row.business_date == day)
    return next(recorded, None), days


def members_of(department: Department, month: Month) -> list[Member]:
    """Everybody who was on the roster of the department in the month or recorded something, in two queries."""
    sums = lines(department).between(month.first, month.last).values("membership").order_by("membership")
    sums = sums.annotate(
        served=Sum("served"), closed=Sum("closed"), enquiries=Sum("enquiries"), sales=Sum("sales_fen"), days=Count("pk")
    )
    counts = {
        row["membership"]: Counts(row["served"], row["closed"], row["enquiries"], row["sales"], row["days"])
        for row in sums
    }
    people = department.memberships.touching(month.first, month.last).select_related("user")
    return [
        Member(person, counts.get(person.pk, Counts())) for person in people if person.rostered or person.pk in counts
    ]


def total_of(rows: list[Day] | list[Member]) -> Counts:
    return total(row.counts for row in rows)
