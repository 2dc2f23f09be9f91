"""What the notebooks, the week and the bonuses have waiting for the reader: counted in one query for all of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.lines import Line
from handover.models import (
    Case,
    CaseStep,
    Learner,
    Matter,
    MatterState,
    Meeting,
    Mentorship,
    MentorshipState,
    Order,
    OrderClaim,
    WeeklySummary,
)
from ledger.models import Bonus
from office import clock
from office.months import Month
from people.access import may
from people.models import Department, Membership, Right

# A summary that is due later than this concerns nobody yet.
AHEAD = timedelta(days=3)
# Nor does one that was due longer ago.
BEHIND = timedelta(days=7)


@dataclass(frozen=True)
class _Asked:
    label: str
    icon: str
    rows: QuerySet
    name: str
    query: dict | None = None


def own_lines(department: Department, member: Membership) -> list[Line]:
    """What waits for the member, kinds of which nothing waits left out. One query."""
    now, month = clock.now(), Month.of(department.today())
    untagged = Order.objects.untagged().filter(department=department, business_date__range=(month.first, month.last))
    learning = Learner.objects.filter(membership=member, passed_at=None, failed_at=None, launch__cancelled_at=None)
    summaries = WeeklySummary.objects.filter(
        membership=member, handed_in_at=None, due_at__range=(now - BEHIND, now + AHEAD)
    )
    meetings = Meeting.objects.filter(chair=member, minutes_at=None, cancelled_at=None, begins_at__lte=now)
    cases = Case.objects.open().filter(assignee=member)
    newcomers = Mentorship.objects.filter(mentor=member, state=MentorshipState.RUNNING)
    asked = [
        _Asked(_("Weekly summary to hand in"), "pencil", summaries, "handover:weekly"),
        _Asked(_("Minutes to write"), "writing", meetings, "handover:meetings"),
        _Asked(_("Entries for you to deal with"), "notebook", _assigned(member), "handover:issues"),
        _Asked(_("Your reviews and complaints"), "message-question", cases, "handover:cases"),
        _Asked(_("Launches to know"), "star", learning.exclude(launch__opened_at=None), "handover:launches"),
        _Asked(_("Your newcomers"), "user-plus", newcomers, "handover:training"),
    ]
    if member.scored:
        asked.append(_Asked(_("Untagged orders of this month"), "flag", untagged, "handover:untagged_now"))
    return [line for line in _counted(department, asked) if line.count]


def _assigned(member: Membership) -> QuerySet:
    return Matter.objects.filter(assignee=member, state=MatterState.ASSIGNED)


def decided_lines(request, department: Department) -> list[Line]:
    """What waits for whoever handles it, by the reader's rights. One query, none for who handles nothing."""
    late = CaseStep.objects.filter(
        case__department=department, case__state="open", done_at=None, is_skipped=False, due_at__lt=clock.now()
    )
    handed_in = Matter.objects.filter(issue__department=department, state=MatterState.HANDED_IN)
    claims = OrderClaim.objects.waiting().filter(order__department=department)
    asked = []
    if may(request, Right.HANDLE_REGISTER):
        asked.append(_Asked(_("Entries handed in"), "notebook", handed_in, "handover:issue_digests"))
    if may(request, Right.HANDLE_CASES):
        asked.append(_Asked(_("Late steps of complaints"), "message-question", late, "handover:cases"))
    if may(request, Right.DECIDE_ORDERS):
        asked.append(_Asked(_("Claims of orders"), "flag", claims, "handover:untagged_now"))
    return _counted(department, asked)


def urgent_lines(request, department: Department) -> list[Line]:
    """What the reader decides: late cases that nobody has, and bonuses. One query, none for who decides neither."""
    left = CaseStep.objects.filter(case=OuterRef("pk"), done_at=None, is_skipped=False, due_at__lt=clock.now())
    late = Case.objects.open().filter(Exists(left), department=department, assignee=None)
    bonuses = Bonus.objects.proposed().filter(department=department).exclude(membership__user=request.user)
    asked = []
    if may(request, Right.HANDLE_CASES) or may(request, Right.SCORE_MONTH):
        nobodys = {"state": "late", "whose": "nobody"}
        asked.append(_Asked(_("Late cases that nobody has"), "clock-exclamation", late, "handover:cases", nobodys))
    if may(request, Right.AWARD_BONUS):
        proposed = {"state": "proposed"}
        asked.append(_Asked(_("Bonuses to decide"), "award", bonuses, "ledger:bonuses", proposed))
    return [line for line in _counted(department, asked) if line.count]


def _counted(department: Department, asked: list[_Asked]) -> list[Line]:
    if not asked:
        return []
    counts: Iterable[int] = (
        Department.objects.filter(pk=department.pk).values_list(*[_count(one.rows) for one in asked]).get()
    )
    return [
        Line(one.label, one.icon, count, reverse(one.name, args=[department.code], query=one.query))
        for one, count in zip(asked, counts, strict=True)
    ]


def _count(rows: QuerySet) -> Coalesce:
    """How many rows, as a subquery."""
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
