"""What waits for somebody who decides, collects or scores: cards for those who hold the right, nothing for others."""

from dataclasses import dataclass

from django.db.models import Sum

from handover.words import in_words
from kpi.models import ScoreRun
from ledger.models import AccountKind, Incident, IncidentState, Posting, Sanction
from office import clock
from office.months import Month
from people.access import may
from people.models import Department, Right

# How many lines a card holds; the rest stands on its own page.
SHOWN = 6


@dataclass
class Waiting:
    """An incident with how long it has been waiting for a decision."""

    incident: Incident
    waited: str


@dataclass
class OfficeDay:
    """`to_decide`: reported incidents, oldest first; money in fen."""

    to_decide: list[Waiting]
    # Unpaid fines, the oldest due first; only for whoever collects them.
    dues: list[Sanction]
    decides: bool
    reports: bool
    collects: bool
    scores: bool
    cash_fen: int
    outstanding_fen: int
    last_month: Month
    last_run: ScoreRun | None


def office_day_of(request, department: Department) -> OfficeDay:
    """The cards of this reader; balances are sums, never stored."""
    decides = may(request, Right.DECIDE_INCIDENT)
    last_month = Month.of(department.today()).previous
    sums = dict(
        Posting.objects.filter(account__department=department, entry__sealed_at__isnull=False)
        .values_list("account__kind")
        .annotate(Sum("amount_fen"))
    )
    reported = Incident.objects.visible_to(request.user).filter(department=department, state=IncidentState.REPORTED)
    to_decide = list(reported.select_related("membership__user", "reported_by").order_by("reported_at")[:SHOWN])
    return OfficeDay(
        to_decide=[Waiting(incident, in_words(clock.now() - incident.reported_at)) for incident in to_decide],
        dues=_dues(request, department) if may(request, Right.COLLECT_FINES) else [],
        decides=decides,
        reports=may(request, Right.REPORT_INCIDENT),
        collects=may(request, Right.COLLECT_FINES),
        scores=may(request, Right.SCORE_MONTH),
        cash_fen=sums.get(AccountKind.FUND_CASH, 0),
        outstanding_fen=sums.get(AccountKind.RECEIVABLE, 0),
        last_month=last_month,
        last_run=ScoreRun.objects.filter(department=department, month=last_month.first).first(),
    )


def _dues(request, department: Department) -> list[Sanction]:
    fines = Sanction.objects.visible_to(request.user).filter(membership__department=department).outstanding()
    return list(fines.select_related("membership__user", "incident").order_by("due_day", "pk")[:SHOWN])
