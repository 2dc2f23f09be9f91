"""What the page of a month shows: the table of scorecards, who has been judged, how the grades fall."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.urls import reverse

from office.models import Job
from office.months import Month
from people.access import may
from people.models import Department, Membership, Right
from rulebooks.schema import Indicator, Rulebook
from rulebooks.services import version_by_id

from . import services, words
from .charts import Scale, Share, distribution, scale
from .models import Judgement, Scorecard, ScoreLine, ScoreRun
from .permissions import can_judge
from .sheets import by_hand, sheet_of


@dataclass(frozen=True)
class Cell:
    """One indicator's points in the table: what they are called on the phone, and of how many."""

    name: str
    number: Decimal | None
    weight: str
    counts: bool

    @property
    def points(self) -> str:
        return words.places(self.number)


@dataclass(frozen=True)
class Row:
    card: Scorecard
    url: str
    cells: list[Cell]
    is_own: bool
    scale: Scale

    @property
    def total(self) -> str:
        return words.places(self.card.total)


@dataclass(frozen=True)
class Asked:
    """One hand-given indicator of one agent: the answer that holds, if any."""

    indicator: Indicator
    judgement: Judgement | None
    counted: bool

    @property
    def answer(self) -> str:
        """The answer's name; its code when the rulebook no longer has it."""
        if self.judgement is None:
            return ""
        answers = {answer.code: str(answer.name) for answer in self.indicator.method.choice or ()}
        return answers.get(self.judgement.choice, self.judgement.choice)


@dataclass(frozen=True)
class Judged:
    """One agent to be judged."""

    member: Membership
    asked: list[Asked]
    url: str
    may_judge: bool

    @property
    def is_done(self) -> bool:
        return all(one.judgement for one in self.asked)


@dataclass(frozen=True)
class MonthPage:
    month: Month
    begun: bool
    run: ScoreRun | None = None
    is_over: bool = True
    rulebook: Rulebook | None = None
    no_rulebook: str = ""
    rows: list[Row] = field(default_factory=list)
    grades: list[Share] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    newer_judgements: int = 0
    job: Job | None = None
    # Not one row of facts was counted for anybody: full marks for want of figures say nothing.
    is_without_facts: bool = False

    @property
    def as_of(self) -> str:
        """Up to when facts count, on the department's wall clock."""
        return words.instant(self.run.as_of, self.run.department) if self.run else ""

    @property
    def rules(self) -> list[dict[str, str]]:
        """The rulebook's lines in words."""
        indicators = self.rulebook.scorecard.indicators if self.rulebook else ()
        return [
            {"name": str(one.name), "number": one.number, "says": words.rule(one), "weight": words.plain(one.weight)}
            for one in indicators
        ]

    @property
    def flagged(self) -> int:
        return sum(row.card.flagged for row in self.rows)

    @property
    def done(self) -> int:
        return sum(agent.is_done for agent in self.judged)


def month_page(request, department: Department, month: Month) -> MonthPage:
    """Everything of the page, as far as the person may see it; the same number of queries for any number of agents."""
    begun = month.first <= department.today()
    if not begun:
        return MonthPage(month, begun=False)
    lines = _lines(department, month) if may(request, Right.READ_SCORECARDS) else []
    run = lines[0].scorecard.run if lines else _run(department, month)
    try:
        rulebook = version_by_id(run.rulebook_version_id) if run else services.rulebook_for(department, month)
    except ValidationError as refusal:
        return MonthPage(month, begun=True, no_rulebook=" ".join(refusal.messages))
    rows = _rows(request, department, month, rulebook, lines)
    judgements = _judgements(request, department, month)
    return MonthPage(
        month,
        begun=True,
        run=run,
        is_over=run.is_over() if run else True,
        rulebook=rulebook,
        rows=rows,
        grades=distribution(sheet_of(rulebook.scorecard).grades, [row.card.grade for row in rows]) if rows else [],
        judged=_judged(request, department, month, rulebook, judgements, run),
        newer_judgements=sum(run is not None and one.recorded_at > run.as_of for one in judgements),
        job=_job(request, department, month),
        is_without_facts=bool(lines) and not any(line.inputs.get("rows") for line in lines),
    )


def _run(department: Department, month: Month) -> ScoreRun | None:
    return department.score_runs.filter(month=month.first).select_related("department", "run_by").first()


def _lines(department: Department, month: Month) -> list[ScoreLine]:
    """All lines of the month's run, each with its scorecard, member and run: one query for the whole table."""
    lines = ScoreLine.objects.filter(scorecard__run__department=department, scorecard__run__month=month.first)
    joined = lines.select_related("scorecard__membership__user", "scorecard__run__department", "scorecard__run__run_by")
    return list(joined.order_by("scorecard__rank", "scorecard__membership__work_number", "position"))


def _rows(request, department: Department, month: Month, rulebook: Rulebook, lines: list[ScoreLine]) -> list[Row]:
    rows: dict[int, Row] = {}
    sheet = sheet_of(rulebook.scorecard)
    for line in lines:
        card = line.scorecard
        if card.pk not in rows:
            url = reverse("kpi:scorecard", args=[department.code, month, card.membership_id])
            is_own = card.membership.user_id == request.user.pk
            rows[card.pk] = Row(card, url, [], is_own, scale(sheet, card.total, ()))
        rows[card.pk].cells.append(Cell(line.title, line.points, words.shortly(line.weight), line.counts))
    return list(rows.values())


def _judgements(request, department: Department, month: Month) -> list[Judgement]:
    if not (may(request, Right.JUDGE_AGENTS) or may(request, Right.SCORE_MONTH)):
        return []
    return list(Judgement.objects.current().of_month(month).filter(membership__department=department))


def _judged(request, department, month, rulebook, judgements, run) -> list[Judged]:
    """Who is to be judged, the open ones first; nobody for whom the person may not, but with oneself among them."""
    indicators = by_hand(rulebook.scorecard)
    if not indicators or not may(request, Right.JUDGE_AGENTS):
        return []
    given = {(one.membership_id, one.indicator): one for one in judgements}
    last = min(month.last, department.today())
    members = department.memberships.scored().touching(month.first, last).select_related("user")
    agents = [judged_agent(request, member, month, indicators, given, run) for member in members]
    return sorted(agents, key=lambda agent: agent.is_done)


def judged_agent(request, member: Membership, month: Month, indicators, given: dict, run: ScoreRun | None) -> Judged:
    """One agent's row of the list; `given` holds the judgements by (membership key, indicator's code)."""
    asked = []
    for indicator in indicators:
        judgement = given.get((member.pk, indicator.code))
        counted = run is not None and judgement is not None and judgement.recorded_at <= run.as_of
        asked.append(Asked(indicator, judgement, counted))
    url = reverse("kpi:judge", args=[request.department.code, month, member.pk])
    return Judged(member, asked, url, can_judge(request, member))


def _job(request, department: Department, month: Month) -> Job | None:
    """The newest scoring of this month, unless it is done: under way, failed or stopped."""
    if not may(request, Right.SCORE_MONTH):
        return None
    jobs = Job.objects.filter(task=services.TASK, key=services.job_key(department, month)).select_related("owner")
    newest = jobs.first()
    return newest if newest and newest.state != "done" else None
