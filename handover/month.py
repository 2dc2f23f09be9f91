"""A month of the service statistics: one agent's days, and everybody's sums."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from handover.figures import Counts, total
from handover.models import ServiceStatistic
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
    """The lines of the department that hold, whoever wrote them."""
    return ServiceStatistic.objects.current().filter(membership__department=department)


def days_of(member: Membership, month: Month) -> list[Day]:
    """The member's recorded days, in one query."""
    rows = lines(member.department).filter(membership=member).between(month.first, month.last)
    return [
        Day(row.business_date, Counts(row.served, row.closed, row.enquiries, row.sales_fen, 1), bool(row.supersedes_id))
        for row in rows.order_by("business_date", "pk")
    ]


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
