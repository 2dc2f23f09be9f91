"""Scoring a month, and judging an agent's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from office import audit, clock, jobs
from office.models import Job
from office.months import Month
from people.models import Department, Membership, User
from rulebooks.schema import Indicator, Rulebook
from rulebooks.services import in_force

from . import metrics, scoring
from .models import Judgement, Scorecard, ScoreLine, ScoreRun
from .sheets import sheet_of

# The Celery task's name: a job is started by it, so that services need not import tasks.
TASK = "kpi.tasks.score_month"
TITLE = gettext_noop("Score %(month)s")

CARD_FIELDS = ("total", "grade", "flagged", "rank")
LINE_FIELDS = (
    "position", "number", "name", "metric", "numerator", "denominator", "figure", "score", "weight", "points", "inputs"
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a member's scorecard should hold: the values of CARD_FIELDS, and of LINE_FIELDS by indicator."""

    member: Membership
    card: dict[str, Any]
    lines: dict[str, dict[str, Any]]


def rulebook_for(department: Department, month: Month) -> Rulebook:
    """The rulebook by which a month is scored: the one in force on its first day. Raises NoRulebook.

    Scorecard clauses change from the first of a month only, so a later version within the month scores the same.
    """
    return in_force(department, month.first)


def refuse_unbegun(department: Department, month: Month) -> None:
    """A running month may be scored and judged, as a draft that says that it is not over; one to come may not."""
    if month.first > department.today():
        raise ValidationError(_("%(month)s has not begun yet.") % {"month": month}, code="not_begun")


def job_key(department: Department, month: Month) -> str:
    return f"{department.pk}:{month}"


@transaction.atomic
def start_scoring(*, department: Department, month: Month, actor: User | None) -> Job:
    """Queue the scoring of a month; while one is under way, that one. Refuses like `score_month`."""
    refuse_unbegun(department, month)
    rulebook_for(department, month)
    params = {"department": department.pk, "month": str(month), "language": get_language()}
    return jobs.start(
        task=TASK,
        owner=actor,
        department=department,
        params=params,
        key=job_key(department, month),
        title=TITLE,
        title_params={"month": {"month": str(month)}},
        link=reverse("kpi:month", args=[department.code, month]),
    )


def score_month(
    *,
    department: Department,
    month: Month,
    actor: User | None,
    progress: Callable[[int, int], None] | None = None,
) -> ScoreRun:
    """Score every scored member's month from the facts known now; again, and only what changed is written.

    When nothing changed, nothing is written at all: the run keeps its keys and its `as_of`. A member who joined or left
    within the month is scored on the days of the membership. Raises ValidationError for a month that has not begun and
    NoRulebook where none was in force. `progress(done, total)` is told of scorecards.
    """
    refuse_unbegun(department, month)
    rulebook = rulebook_for(department, month)
    last = min(month.last, department.today())
    members = list(department.memberships.scored().touching(month.first, last).select_related("user"))
    report = progress or _silent
    # Seen by the page at once; what is reported inside the transaction is seen when it ends.
    report(0, len(members))
    with transaction.atomic():
        run = _score_locked(department, month, rulebook, members, actor)
        # The last look at whether somebody stopped the job: then all of this is rolled back.
        report(len(members), len(members))
    return run


def _silent(done: int, total: int) -> None:
    """Nobody wants to know."""


def _score_locked(department, month: Month, rulebook: Rulebook, members: list[Membership], actor) -> ScoreRun:
    first = {"rulebook_version_id": rulebook.version_id, "as_of": clock.now(), "run_by": actor}
    # Two runs at once: the second waits here, then finds the first one's scorecards and has nothing to change.
    run, is_new = ScoreRun.objects.get_or_create(department=department, month=month.first, defaults=first)
    run = ScoreRun.objects.select_for_update(of=("self",)).select_related("department").get(pk=run.pk)
    held, held_at = (run.rulebook_version_id, run.is_over()), run.as_of

    # Only now, with the lock, so that a run that waited counts what was recorded meanwhile; never further back than
    # before, should this machine's clock be behind another's.
    as_of = max(clock.now(), held_at)
    wanted = _work_out(metrics.Scope(department, month, as_of), rulebook, members)
    changed = _write_changes(run, wanted)
    run.rulebook_version_id, run.as_of = rulebook.version_id, as_of
    if not (is_new or changed or (run.rulebook_version_id, run.is_over()) != held):
        run.as_of = held_at
        return run

    run.run_by = actor
    run.save(update_fields=["rulebook_version", "as_of", "run_by"])
    audit.record(
        actor,
        "kpi.month.scored",
        run,
        before=None if is_new else {"rulebook_version": held[0], "as_of": held_at},
        after={"rulebook_version": run.rulebook_version_id, "as_of": as_of},
        scorecards=len(wanted),
        changed=changed,
    )
    return run


def _work_out(scope: metrics.Scope, rulebook: Rulebook, members: list[Membership]) -> list[Wanted]:
    """Every member's scorecard by the rulebook: one query an indicator, whatever the number of members."""
    indicators = rulebook.scorecard.indicators
    sheet = sheet_of(rulebook.scorecard)
    facts = {indicator.code: _gathered(scope, indicator, members) for indicator in indicators}
    cards = [
        scoring.score(sheet, {code: of_member[member.pk] for code, of_member in facts.items()}) for member in members
    ]
    places = scoring.ranks([card.total for card in cards])
    return [
        Wanted(
            member,
            {"total": card.total, "grade": card.grade, "flagged": card.flagged, "rank": place},
            {
                line.code: _line_values(position, indicator, facts[indicator.code][member.pk], line)
                for position, (indicator, line) in enumerate(zip(indicators, card.lines, strict=True), start=1)
            },
        )
        for member, card, place in zip(members, cards, places, strict=True)
    ]


def _gathered(scope: metrics.Scope, indicator: Indicator, members: list[Membership]) -> dict[int, scoring.Facts]:
    metric = metrics.REGISTRY[indicator.metric]
    found = metric.gather(metrics.Scope(scope.department, scope.month, scope.as_of, indicator.code))
    return {member.pk: found.get(member.pk, metric.empty) for member in members}


def _line_values(position: int, indicator: Indicator, facts: scoring.Facts, line: scoring.Line) -> dict[str, Any]:
    """A line as it is stored, in the order of LINE_FIELDS; `inputs` is plain JSON."""
    inputs: dict[str, Any] = {
        "method": indicator.method.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "weight": indicator.weight,
        "no_figure": indicator.no_figure,
        "rows": facts.rows,
        "last": facts.last,
    }
    if facts.choice:
        inputs["choice"] = facts.choice
    values = (
        position, indicator.number, indicator.name.both, indicator.metric, facts.numerator, facts.denominator,
        line.figure, line.score, line.weight, line.points, inputs,
    )  # fmt: skip
    return dict(zip(LINE_FIELDS, values, strict=True))


def _write_changes(run: ScoreRun, wanted: list[Wanted]) -> int:
    """Bring the stored scorecards to what is wanted, row by row in place; says how many scorecards changed."""
    stored = {card.membership_id: card for card in run.scorecards.prefetch_related("lines")}
    still_scored = {want.member.pk for want in wanted}
    gone = [card.pk for key, card in stored.items() if key not in still_scored]
    if gone:
        run.scorecards.filter(pk__in=gone).delete()
    new = [Scorecard(run=run, membership=want.member, **want.card) for want in wanted if want.member.pk not in stored]
    made = {card.membership_id: card for card in Scorecard.objects.bulk_create(new)}
    other = [
        stored[want.member.pk]
        for want in wanted
        if want.member.pk in stored and _set(stored[want.member.pk], want.card)
    ]
    Scorecard.objects.bulk_update(other, CARD_FIELDS, batch_size=500)
    touched = {card.pk for card in other} | _write_lines(wanted, stored, made)
    return len(gone) + len(made) + len(touched)


def _write_lines(wanted: list[Wanted], stored: dict[int, Scorecard], made: dict[int, Scorecard]) -> set[int]:
    """Bring the lines to what is wanted; says in which of the stored scorecards something changed."""
    new, other, gone = [], [], []
    for want in wanted:
        card = stored.get(want.member.pk)
        lines = {line.indicator: line for line in card.lines.all()} if card else {}
        for code, values in want.lines.items():
            if code not in lines:
                new.append(ScoreLine(scorecard=card or made[want.member.pk], indicator=code, **values))
            elif _set(lines[code], values):
                other.append(lines[code])
        gone += [line for code, line in lines.items() if code not in want.lines]
    if gone:
        ScoreLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
    ScoreLine.objects.bulk_create(new, batch_size=500)
    ScoreLine.objects.bulk_update(other, LINE_FIELDS, batch_size=500)
    old = {card.pk for card in stored.values()}
    return {line.scorecard_id for line in [*new, *other, *gone]} & old


def _set(row, values: dict[str, Any]) -> bool:
    """Give a row its values; says whether any was another before."""
    changed = False
    for field, value in values.items():
        if getattr(row, field) != value:
            setattr(row, field, value)
            changed = True
    return changed


@transaction.atomic
def judge(*, membership: Membership, month: Month, indicator: str, choice: str, reason: str, actor: User) -> Judgement:
    """Answer a hand-given indicator of an agent's month. A later answer supersedes; the same one again changes nothing.

    Refuses (ValidationError) oneself, a month that has not begun or in which the member was not scored here, an answer
    that the month's rulebook does not have, and an empty or overlong reason.
    """
    # Two supervisors at once: one waits, and its answer supersedes the other's.
    locked = Membership.objects.select_for_update(of=("self",), no_key=True)
    member = locked.select_related("department", "user").get(pk=membership.pk)
    reason = reason.strip()
    _refuse_unfit_judgement(member, month, indicator, choice, reason, actor)
    given = Judgement.objects.current().of_month(month).filter(membership=member, indicator=indicator)
    before = given.first()
    if before and (before.choice, before.reason) == (choice, reason):
        return before
    after = Judgement(
        membership=member,
        month=month.first,
        indicator=indicator,
        choice=choice,
        reason=reason,
        recorded_by=actor,
        supersedes=before,
    )
    after.full_clean()
    after.save()
    audit.record(
        actor,
        "kpi.agent.judged",
        after,
        department=member.department,
        before={"choice": before.choice, "reason": before.reason} if before else None,
        after={"choice": choice, "reason": reason},
        member=member,
    )
    return after


def _refuse_unfit_judgement(member: Membership, month: Month, indicator: str, choice: str, reason: str, actor) -> None:
    if member.user_id == actor.pk:
        raise ValidationError(_("Nobody judges themselves."), code="oneself")
    refuse_unbegun(member.department, month)
    if not Membership.objects.scored().touching(month.first, month.last).filter(pk=member.pk).exists():
        raise ValidationError(
            _("%(name)s is not scored in %(month)s.") % {"name": member.user, "month": month}, code="not_scored"
        )
    found = rulebook_for(member.department, month).indicator(indicator)
    answers = found.method.choice if found else None
    if choice not in [answer.code for answer in answers or ()]:
        raise ValidationError(_("The rulebook has no such answer."), code="unknown_choice")
    if not reason:
        raise ValidationError({"reason": ValidationError(_("Say why."), code="reason_missing")})
