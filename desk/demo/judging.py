"""What was reported, decided, paid, judged and scored in the demo."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from desk.demo import words
from desk.demo.scene import Scene
from desk.demo.timeline import Step
from kpi import services as kpi
from ledger import services as ledger
from ledger.models import Incident
from office.months import Month
from people.models import Membership, Right
from rulebooks.schema import Clause, Rulebook

# Places in the crew. The others keep the rules.
CLIMBER, BREAKERS, DENIER = 2, (3, 5, 1), 4


class Outcome(Enum):
    """How far a case gets."""

    REPORTED = auto()
    DISMISSED = auto()
    CONFIRMED = auto()
    HALF_PAID = auto()
    PAID = auto()


@dataclass
class Case:
    """One incident on its way through report, decision and payment."""

    scene: Scene
    member: Membership
    day: date
    clause: Clause
    outcome: Outcome
    incident: Incident | None = None

    def steps(self) -> Iterator[Step]:
        wall, next_day = self.scene.wall, self.day + timedelta(days=1)
        yield wall(self.day, 16, 20), self.report
        if self.outcome == Outcome.REPORTED:
            return
        yield wall(next_day, 10, 5), self.decide
        if self.outcome in (Outcome.HALF_PAID, Outcome.PAID):
            yield wall(self.day + timedelta(days=3), 14), self.pay

    def report(self) -> None:
        refused = self.outcome == Outcome.DISMISSED
        self.incident = ledger.report_incident(
            actor=self.scene.who_may(Right.REPORT_INCIDENT, but=self.member.user),
            membership=self.member,
            clause_code=self.clause.code,
            occurred_at=self.scene.wall(self.day, 15, 20),
            facts=words.REFUSED_FACTS if refused else self.scene.chance.choice(words.FACTS),
        )

    def decide(self) -> None:
        incident = self._known()
        decider = self.scene.who_may(Right.DECIDE_INCIDENT, but=incident.reported_by)
        if self.outcome == Outcome.DISMISSED:
            ledger.dismiss_incident(incident=incident, actor=decider, reason=words.DISMISS_REASON)
        else:
            ledger.confirm_incident(incident=incident, actor=decider, reason=words.CONFIRM_REASON)

    def pay(self) -> None:
        sanction = Incident.objects.get(pk=self._known().pk).outcome
        if sanction is None or not sanction.amount_fen:
            return
        ledger.record_payment(
            sanction=sanction,
            amount_fen=sanction.amount_fen if self.outcome == Outcome.PAID else sanction.amount_fen // 2,
            paid_on=self.day + timedelta(days=3),
            actor=self.scene.who_may(Right.COLLECT_FINES, but=self.member.user),
            token=uuid.uuid5(uuid.NAMESPACE_OID, f"demo-{sanction.pk}"),
        )

    def _known(self) -> Incident:
        if self.incident is None:
            raise RuntimeError("Nobody has reported this yet.")
        return self.incident


def climbed(rulebook: Rulebook) -> Clause | None:
    """The first clause that begins with a fine and ends with a proposal."""
    return next((c for c in rulebook.clauses if c.ladder and c.ladder[0].fine_fen and c.ladder[-1].propose), None)


def one_of_each(rulebook: Rulebook) -> list[Clause]:
    """The fewest clauses, without the one that is climbed, that show every first step and every kind of window."""
    known: set[tuple[str, str | None]] = set()
    found: list[Clause] = []
    for clause in rulebook.clauses:
        first = next(iter(clause.ladder[0].model_fields_set)) if clause.ladder else None
        shows = {("step", first), ("window", clause.window.kind)}
        if clause != climbed(rulebook) and not shows <= known:
            known |= shows
            found.append(clause)
    return found


def incidents_of(scene: Scene, month: Month) -> Iterator[Step]:
    """The incidents of a month: one person climbs a whole ladder, and each kind of rule is broken once."""
    rulebook, crew = scene.rulebook_of(month), scene.crew
    is_over = month != scene.this_month

    def case(place: int, number: int, clause: Clause, outcome: Outcome) -> Iterator[Step]:
        day = month.first + timedelta(days=number - 1)
        return Case(scene, crew[place % len(crew)], day, clause, outcome).steps()

    ladder = climbed(rulebook)
    if ladder is not None:
        outcomes = [Outcome.PAID, Outcome.CONFIRMED, Outcome.HALF_PAID]
        for nth in range(len(ladder.ladder) if is_over else 2):
            outcome = outcomes[nth] if nth < len(outcomes) else Outcome.CONFIRMED
            yield from case(CLIMBER, 4 + 4 * nth, ladder, outcome)
        yield from case(BREAKERS[-1], 17, ladder, Outcome.PAID)
        yield from case(DENIER, 20, ladder, Outcome.DISMISSED)
    # Two days earlier in the second month, so that the windows of thirty days and more reach back.
    begin = 7 if is_over else 5
    for nth, clause in enumerate(one_of_each(rulebook)):
        place = BREAKERS[nth % len(BREAKERS)]
        yield from case(place, begin + 2 * nth, clause, Outcome.PAID if nth % 2 == 0 else Outcome.CONFIRMED)


def waiting_for_decision(scene: Scene) -> Iterator[Step]:
    """Two reports to decide, whatever the day of loading: a fresh one, and one that has lain for days."""
    today = scene.department.local(scene.now).date()
    newest = today if scene.wall(today, 16, 20) <= scene.now else today - timedelta(days=1)
    for days_ago, place in ((4, BREAKERS[1]), (0, BREAKERS[0])):
        day = newest - timedelta(days=days_ago)
        rulebook = scene.rulebook_of(Month.of(day))
        clause = climbed(rulebook) or rulebook.clauses[0]
        yield from Case(scene, scene.crew[place % len(scene.crew)], day, clause, Outcome.REPORTED).steps()


def closing(scene: Scene, month: Month) -> Iterator[Step]:
    """The judgements of a month that is over, and its scores; at the latest now."""

    def judge() -> None:
        # One is left: a judgement that waits.
        members = scene.department.memberships.scored().touching(month.first, month.last).select_related("user")
        for member in list(members.order_by("work_number"))[:-1]:
            _judge(scene, month, member)

    def score() -> None:
        kpi.score_month(department=scene.department, month=month, actor=scene.who_may(Right.SCORE_MONTH))

    yield min(scene.now, scene.wall(month.next.first, 9)), judge
    yield min(scene.now, scene.wall(month.next.first, 9, 30)), score


def _judge(scene: Scene, month: Month, member: Membership) -> None:
    chance = scene.chance
    for indicator in scene.rulebook_of(month).scorecard.indicators:
        answers = indicator.method.choice
        if answers:
            kpi.judge(
                membership=member,
                month=month,
                indicator=indicator.code,
                choice=answers[min(chance.choice((0, 0, 1, 1, 2)), len(answers) - 1)].code,
                reason=chance.choice(words.JUDGEMENTS),
                actor=scene.who_may(Right.JUDGE_AGENTS, but=member.user),
            )
