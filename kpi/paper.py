"""What a scorecard's page shows: its lines with their formulas and the very rows that were counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from office import weekdays
from office.months import Month
from people.access import may
from people.models import Department, Membership, Right
from rulebooks.schema import Indicator, Rulebook
from rulebooks.services import version_by_id

from . import charts, metrics, services, words
from .models import Judgement, Scorecard, ScoreLine, ScoreRun
from .overview import Judged, judged_agent
from .permissions import can_judge
from .sheets import by_hand, sheet_of


@dataclass(frozen=True)
class PaperLine:
    """One indicator as the paper shows it; `rows` are ready texts, `agrees` says whether they add up to the line."""

    line: ScoreLine
    indicator: Indicator
    metric: metrics.Metric
    rows: list[dict[str, Any]]
    counted: Any
    agrees: bool
    figure: str
    aim: str
    rule: str
    working: str
    weight_note: str
    points_working: str

    @property
    def score(self) -> str:
        return words.places(self.line.score)

    @property
    def weight(self) -> str:
        return words.shortly(self.line.weight)

    @property
    def written_weight(self) -> str:
        return words.plain(self.indicator.weight)

    @property
    def points(self) -> str:
        return words.places(self.line.points)

    @property
    def bar(self) -> str:
        return f"{self.line.score or 0:f}"

    @property
    def rows_template(self) -> str:
        return f"kpi/rows/_{self.line.metric}.html"


@dataclass(frozen=True)
class Place:
    """One line of the ranking beside the paper, for those who read every scorecard."""

    rank: int
    name: str
    total: str
    grade: str
    flagged: bool
    url: str
    is_this: bool


@dataclass(frozen=True)
class Paper:
    month: Month
    member: Membership
    card: Scorecard | None = None
    run: ScoreRun | None = None
    rulebook: Rulebook | None = None
    lines: list[PaperLine] = field(default_factory=list)
    scale: charts.Scale | None = None
    threshold: str = ""
    total_working: str = ""
    agents: int = 0
    is_over: bool = True
    judging: Judged | None = None
    ranking: list[Place] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        return self.month.first <= self.member.department.today()

    @property
    def as_of(self) -> str:
        """Up to when facts count, on the department's wall clock."""
        return words.instant(self.run.as_of, self.run.department) if self.run else ""

    @property
    def joined_within(self) -> bool:
        """Whether only a part of the month counts, because the member joined or left in it."""
        until = self.member.until_day
        return self.member.from_day > self.month.first or (until is not None and until < self.month.last)

    @property
    def full(self) -> str:
        return words.plain(self.rulebook.scorecard.scale.full) if self.rulebook else ""

    @property
    def cap(self) -> str:
        return words.plain(self.rulebook.scorecard.scale.cap) if self.rulebook else ""

    @property
    def floor(self) -> str:
        return words.plain(self.rulebook.scorecard.scale.floor) if self.rulebook else ""

    @property
    def total(self) -> str:
        return words.places(self.card.total if self.card else None)

    @property
    def is_empty(self) -> bool:
        return not any(one.line.counts for one in self.lines)

    @property
    def newer_judgement(self) -> bool:
        return self.judging is not None and any(one.judgement and not one.counted for one in self.judging.asked)


def paper(request, department: Department, month: Month, member: Membership) -> Paper:
    """The member's scorecard of the month with everything behind it; without `card` when it has not been scored."""
    cards = Scorecard.objects.visible_to(request.user).of(department, month).filter(membership=member)
    card = cards.select_related("run__department", "run__run_by").first()
    judging = _judging(request, department, month, member, card)
    if card is None:
        return Paper(month, member, judging=judging)
    run = card.run
    rulebook = version_by_id(run.rulebook_version_id)
    sheet = sheet_of(rulebook.scorecard)
    everyone = list(run.scorecards.select_related("membership__user"))
    stored = list(card.lines.all())
    return Paper(
        month=month,
        member=member,
        card=card,
        run=run,
        rulebook=rulebook,
        lines=[_line(line, rulebook, run, member) for line in stored],
        scale=charts.scale(sheet, card.total, [other.total for other in everyone if other.pk != card.pk]),
        threshold=next((words.plain(grade.at_least) for grade in sheet.grades if grade.code == card.grade), ""),
        total_working=words.total(stored, card.total, rulebook),
        agents=len(everyone),
        is_over=run.is_over(),
        judging=judging,
        ranking=[_place(other, card, department, month) for other in everyone]
        if may(request, Right.READ_SCORECARDS)
        else [],
    )


def _place(other: Scorecard, card: Scorecard, department: Department, month: Month) -> Place:
    url = reverse("kpi:scorecard", args=[department.code, month, other.membership_id])
    total = words.places(other.total)
    return Place(other.rank, other.membership.name, total, other.grade, other.flagged, url, other.pk == card.pk)


def _judging(request, department, month, member, card) -> Judged | None:
    """The member's row of the judging list, for whoever may judge or score; none where there is nothing to judge."""
    if month.first > department.today() or not (can_judge(request, member) or may(request, Right.SCORE_MONTH)):
        return None
    try:
        rulebook = version_by_id(card.run.rulebook_version_id) if card else services.rulebook_for(department, month)
    except ValidationError:
        return None
    indicators = by_hand(rulebook.scorecard)
    given = Judgement.objects.current().of_month(month).filter(membership=member)
    by_code = {(member.pk, one.indicator): one for one in given}
    run = card.run if card else None
    return judged_agent(request, member, month, indicators, by_code, run) if indicators else None


def _line(line: ScoreLine, rulebook: Rulebook, run: ScoreRun, member: Membership) -> PaperLine:
    department, month = run.department, run.of_month
    indicator = next(one for one in rulebook.scorecard.indicators if one.code == line.indicator)
    metric = metrics.REGISTRY[line.metric]
    found = list(metric.rows(metrics.Scope(department, month, run.as_of, line.indicator), member))
    counted = metric.count(found)
    same = (counted.numerator, counted.denominator, counted.choice) == (
        line.numerator, line.denominator, line.inputs.get("choice", "")
    )  # fmt: skip
    return PaperLine(
        line=line,
        indicator=indicator,
        metric=metric,
        rows=[SHOW[line.metric](row, department, indicator) for row in found],
        counted=counted,
        agrees=same,
        figure=words.figure(line, indicator),
        aim=words.aim(indicator),
        rule=words.rule(indicator),
        working=words.working(line, indicator),
        weight_note=words.weight(line, indicator, rulebook),
        points_working=words.points(line),
    )


# -- One row of facts as ready texts ---------------------------------------------------------------------------------


def _day(day) -> str:
    return f"{day:%m-%d} {weekdays.name(day)}"


def _statistic(row, department: Department, indicator: Indicator) -> dict[str, Any]:
    return {"day": _day(row.business_date), "closed": row.closed, "served": row.served}


def _shift(row, department: Department, indicator: Indicator) -> dict[str, Any]:
    kind = version_by_id(row.rulebook_version_id).shift(row.code)
    submitted = getattr(row, "handover", None)
    return {
        "day": _day(row.business_date),
        "shift": str(kind.name) if kind else row.code,
        "palette": kind.palette[:1] if kind else "",
        "left": _moment(row.clocked_out_at, department),
        "submitted": _moment(submitted.submitted_at, department) if submitted else words.NOTHING,
        "in_time": row.in_time,
    }


def _incident(row, department: Department, indicator: Indicator) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "day": _day(row.business_date),
        "number": row.clause_number,
        "clause": row.clause,
        "decided": _moment(row.decided_at, department),
    }


def _answer(row, department: Department, indicator: Indicator) -> dict[str, Any]:
    answers = {answer.code: str(answer.name) for answer in indicator.method.choice or ()}
    return {
        "answer": answers.get(row.choice, row.choice),
        "reason": row.reason,
        "by": str(row.recorded_by),
        "at": _moment(row.recorded_at, department),
    }


def _moment(instant, department: Department) -> str:
    return f"{department.local(instant):%m-%d %H:%M}"


SHOW: dict[str, Callable[..., dict[str, Any]]] = {
    "self_counted_conversion": _statistic,
    "handover_submitted": _shift,
    "confirmed_incidents": _incident,
    "supervisors_judgement": _answer,
}
