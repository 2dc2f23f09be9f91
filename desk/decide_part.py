"""What waits for a decision: reported incidents, late cases that nobody has, bonuses."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from desk.facts import Fact
from desk.lines import Line
from desk.notebook_part import urgent_lines
from handover.words import in_words
from ledger.models import Incident
from ledger.permissions import can_decide
from office import clock
from people.access import may
from people.models import Department, Right

# How many lines a card holds; the rest stands on its own page.
SHOWN = 6
# What has waited longer is said aloud, to the owner too.
TOO_LONG = timedelta(days=3)


@dataclass(frozen=True)
class Waiting:
    """An incident with how long it has been waiting. `may_decide`: not about oneself, not one's own report."""

    incident: Incident
    waited: str
    is_old: bool
    may_decide: bool


@dataclass(frozen=True)
class DecidePart:
    """The oldest incidents that wait, how many there are in all, and since when; `lines`: what else waits."""

    rows: list[Waiting]
    count: int
    oldest: str
    is_late: bool
    decides: bool
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.count + sum(line.count for line in self.lines)

    @property
    def first(self) -> Waiting | None:
        """The one to decide first."""
        return next((row for row in self.rows if row.may_decide), None)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)

    @property
    def fact(self) -> Fact:
        says = _("the oldest %(length)s") % {"length": self.oldest} if self.count else ""
        tone = "bad" if self.is_late else "warn" if self.count else ""
        return Fact(_("Incidents to decide"), self.count, says, "gavel", tone)


def decide_part(request, department: Department) -> DecidePart | None:
    """None for somebody who neither reports nor decides. Two queries for incidents, one for all others."""
    decides, lines = may(request, Right.DECIDE_INCIDENT), urgent_lines(request, department)
    if not (decides or may(request, Right.REPORT_INCIDENT)):
        return DecidePart([], 0, "", is_late=False, decides=False, lines=lines) if lines else None
    now = clock.now()
    reported = Incident.objects.visible_to(request.user).filter(department=department).reported()
    rows = reported.select_related("membership__user", "reported_by").order_by("reported_at", "pk")[:SHOWN]
    total = reported.order_by().aggregate(count=Count("pk"), first=Min("reported_at"))
    waited = now - total["first"] if total["first"] else timedelta()
    return DecidePart(
        rows=[
            Waiting(
                incident,
                in_words(now - incident.reported_at),
                now - incident.reported_at > TOO_LONG,
                can_decide(request, incident),
            )
            for incident in rows
        ],
        count=total["count"],
        oldest=in_words(waited),
        is_late=waited > TOO_LONG,
        decides=decides,
        lines=lines,
    )
