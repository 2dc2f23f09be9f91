"""Last month's scores: whether they are there, how the grades fall, who stands out and who is still to be judged."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.facts import Fact
from kpi import services, words
from kpi.charts import Share, distribution
from kpi.models import Judgement, Scorecard, ScoreRun
from kpi.sheets import by_hand, sheet_of
from office.lists import joined
from office.models import Job
from office.months import Month
from people.access import may
from people.models import Department, Membership, Right
from rulebooks.services import version_by_id

# How many names stand in a line; the month's page has them all.
SHOWN_NAMES = 6


@dataclass(frozen=True)
class MonthPart:
    """`members`: how many are scored in that month. `unjudged`: those who lack an answer that a person gives."""

    month: Month
    scores: bool
    judges: bool
    reads: bool
    members: int
    run: ScoreRun | None = None
    no_rulebook: str = ""
    cards: list[Scorecard] = field(default_factory=list)
    grades: list[Share] = field(default_factory=list)
    unjudged: list[Membership] = field(default_factory=list)
    asks_by_hand: bool = False
    newer_judgements: int = 0
    job: Job | None = None

    @property
    def name(self) -> str:
        return self.month.name

    @property
    def is_scored(self) -> bool:
        """Scored, and after it had ended."""
        return self.run is not None and self.run.is_over()

    @property
    def is_due(self) -> bool:
        """Whether the month waits for the button: never scored after its end, or older than a judgement."""
        if not self.scores or self.no_rulebook or not self.members or self.job is not None:
            return False
        return not self.is_scored or self.newer_judgements > 0

    @property
    def flagged(self) -> list[Scorecard]:
        return [card for card in self.cards if card.flagged]

    @property
    def average(self) -> str:
        """The mean of the totals, in points."""
        totals = [card.total for card in self.cards]
        return words.places(sum(totals, Decimal(0)) / len(totals)) if totals else ""

    @property
    def unjudged_names(self) -> list[Membership]:
        return self.unjudged[:SHOWN_NAMES]

    @property
    def more_unjudged(self) -> int:
        return max(len(self.unjudged) - SHOWN_NAMES, 0)

    @property
    def judged(self) -> int:
        return self.members - len(self.unjudged)

    @property
    def fact(self) -> Fact:
        label = self.name
        if self.no_rulebook or not self.members:
            return Fact(label, "—", _("nothing to score"), "chart-bar")
        if not self.is_scored:
            return Fact(label, _("not scored"), "", "chart-bar", "warn")
        count = len(self.cards)
        says = [ngettext("scorecard", "scorecards", count)]
        if self.flagged:
            says.append(_("%(count)s need attention") % {"count": len(self.flagged)})
        return Fact(label, count, joined(says), "chart-bar")


def month_part(request, department: Department) -> MonthPart | None:
    """Last month for whoever scores, reads or judges; None for others. A fixed number of queries."""
    scores, judges = may(request, Right.SCORE_MONTH), may(request, Right.JUDGE_AGENTS)
    reads = may(request, Right.READ_SCORECARDS)
    if not (scores or judges or reads):
        return None
    month = Month.of(department.today()).previous
    members = list(department.memberships.scored().touching(month.first, month.last).select_related("user"))
    part = MonthPart(month, scores, judges, reads, len(members))
    run = department.score_runs.filter(month=month.first).select_related("department").first()
    try:
        rulebook = version_by_id(run.rulebook_version_id) if run else services.rulebook_for(department, month)
    except ValidationError as refusal:
        return replace(part, no_rulebook=" ".join(refusal.messages))
    cards = list(run.scorecards.select_related("membership__user")) if run else []
    given = list(Judgement.objects.current().of_month(month).filter(membership__department=department))
    answered = {(one.membership_id, one.indicator) for one in given}
    asked = [indicator.code for indicator in by_hand(rulebook.scorecard)]
    key = services.job_key(department, month)
    return replace(
        part,
        run=run,
        cards=cards,
        grades=distribution(sheet_of(rulebook.scorecard).grades, [card.grade for card in cards]) if cards else [],
        unjudged=[member for member in members if any((member.pk, code) not in answered for code in asked)],
        asks_by_hand=bool(asked),
        newer_judgements=sum(run is not None and one.recorded_at > run.as_of for one in given),
        job=Job.objects.unfinished().filter(task=services.TASK, key=key).first() if scores else None,
    )
