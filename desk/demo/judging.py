"""What was reported, decided, paid, judged and scored in the demo."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import cycle

from desk.demo import words
from desk.demo.mishaps import Event
from desk.demo.scene import Scene
from desk.demo.timeline import Step
from kpi import services as kpi
from ledger import services as ledger
from ledger.models import Incident, IncidentState
from office import clock
from office.months import Month
from people.models import Membership, Right
from rulebooks.schema import Clause, Rulebook
from rulebooks.services import in_force
from shifts.models import Assignment, Attendance

# Places in the crew. The others keep the rules.
CLIMBER, BREAKERS, DENIER = 2, (3, 5, 1), 4
ONE_DAY = timedelta(days=1)
# What the system has proposed within so long before the demo's present waits for a decision.
FRESH = timedelta(hours=20)


class Outcome(Enum):
    """How far a case gets."""

    DISMISSED = auto()
    CONFIRMED = auto()
    HALF_PAID = auto()
    PAID = auto()


@dataclass
class Case:
    """One offence in a shift on its way through report, decision and payment."""

    scene: Scene
    shift: Assignment
    clause: Clause
    outcome: Outcome
    incident: Incident | None = None

    def steps(self) -> Iterator[Step]:
        chance, day = self.scene.chance, self.shift.business_date
        start, end = self.shift.times
        self.occurred_at = start + timedelta(
            minutes=round((end - start).total_seconds() / 60 * chance.uniform(0.2, 0.8))
        )
        yield self.occurred_at + timedelta(minutes=chance.randint(15, 70)), self.report
        yield self.scene.wall(day + ONE_DAY, 9, chance.randint(35, 58)), self.decide

    def report(self) -> None:
        facts = words.REFUSED_FACTS if self.outcome == Outcome.DISMISSED else words.facts_of(self.clause.text)
        self.incident = report(self.scene, self.shift.membership, self.clause, self.occurred_at, facts)

    def decide(self) -> None:
        if self.incident is None:
            raise RuntimeError("Nobody has reported this yet.")
        decide(self.scene, self.incident, self.outcome, words.DISMISS_REASON)


def report(scene: Scene, member: Membership, clause: Clause, occurred_at: datetime, facts: Sequence[str]) -> Incident:
    """Somebody reports what they saw or were told: one of `facts`."""
    return ledger.report_incident(
        actor=scene.who_may(Right.REPORT_INCIDENT, but=member.user),
        membership=member,
        clause_code=clause.code,
        occurred_at=occurred_at,
        facts=scene.fresh(facts).format(at=f"{scene.department.local(occurred_at):%H:%M}"),
    )


def decide(scene: Scene, incident: Incident, outcome: Outcome, dismissed_for: str) -> None:
    """Somebody else decides; what is to be paid is paid some days later, or not."""
    deciders = {incident.reported_by_id, incident.membership.user_id}
    decider = scene.who_may(Right.DECIDE_INCIDENT, but=incident.reported_by)
    assert decider.pk not in deciders
    if outcome == Outcome.DISMISSED:
        ledger.dismiss_incident(incident=incident, actor=decider, reason=dismissed_for)
        return
    reason = scene.chance.choice(words.CONFIRM_REASONS)
    sanction = ledger.confirm_incident(incident=incident, actor=decider, reason=reason).outcome
    if sanction is None or not sanction.amount_fen or outcome == Outcome.CONFIRMED:
        return

    def pay() -> None:
        ledger.record_payment(
            sanction=sanction,
            amount_fen=sanction.amount_fen if outcome == Outcome.PAID else sanction.amount_fen // 2,
            paid_on=scene.department.today(),
            actor=scene.who_may(Right.COLLECT_FINES, but=incident.membership.user),
            token=uuid.uuid5(uuid.NAMESPACE_OID, f"demo-{sanction.pk}"),
        )

    paid_on = scene.department.today() + timedelta(days=scene.chance.randint(2, 4))
    scene.story.add([(scene.wall(paid_on, 14, scene.chance.randint(0, 50)), pay)])


class Docket:
    """What the system has proposed is decided on the next morning; who was late and had said so before is let off."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.outcomes = cycle((Outcome.CONFIRMED, Outcome.PAID))
        self.lates = cycle((Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.DISMISSED))

    def steps(self, first: Month) -> Iterator[Step]:
        day = first.first
        while (at := self.scene.wall(day, 10, self.scene.chance.randint(0, 25))) <= self.scene.now:
            yield at, self.decide
            day += ONE_DAY

    def decide(self) -> None:
        proposed = Incident.objects.filter(department=self.scene.department, reported_by=None)
        waiting = proposed.filter(state=IncidentState.REPORTED, reported_at__lt=clock.now() - timedelta(hours=2))
        if clock.now() < self.scene.now - FRESH:
            for incident in waiting.select_related("membership__user", "department").order_by("pk"):
                lates = in_force(incident.department, incident.business_date).triggered_by(Event.LATE)
                is_late = incident.clause_code in {clause.code for clause in lates}
                decide(self.scene, incident, next(self.lates if is_late else self.outcomes), words.LET_OFF)


def climbed(rulebook: Rulebook) -> Clause | None:
    """The first clause that people report, and that begins with a fine and ends with a proposal."""
    reported = (clause for clause in rulebook.clauses if clause.ladder and not clause.trigger)
    return next((clause for clause in reported if clause.ladder[0].fine_fen and clause.ladder[-1].propose), None)


def one_of_each(rulebook: Rulebook) -> list[Clause]:
    """The fewest of the clauses that people report, without the one that is climbed, that show every first step and
    every kind of window."""
    known: set[tuple[str, str | None]] = set()
    found: list[Clause] = []
    for clause in rulebook.clauses:
        first = next(iter(clause.ladder[0].model_fields_set)) if clause.ladder else None
        shows = {("step", first), ("window", clause.window.kind)}
        if not clause.trigger and clause != climbed(rulebook) and not shows <= known:
            known |= shows
            found.append(clause)
    return found


def incidents_of(scene: Scene, month: Month, shifts: Sequence[Assignment]) -> Iterator[Step]:
    """What people report in a month: one person climbs a whole ladder, and each kind of rule is broken once."""
    rulebook, crew = scene.rulebook_of(month), scene.crew
    is_over = month != scene.this_month

    def case(place: int, number: int, clause: Clause, outcome: Outcome) -> Iterator[Step]:
        member = crew[place % len(crew)]
        own = (shift for shift in shifts if shift.membership_id == member.pk and shift.business_date.day >= number)
        shift = next(own, None)
        if shift is not None:
            yield from Case(scene, shift, clause, outcome).steps()

    ladder = climbed(rulebook)
    if ladder is not None:
        outcomes = [Outcome.PAID, Outcome.CONFIRMED, Outcome.HALF_PAID]
        for nth in range(len(ladder.ladder) if is_over else 2):
            outcome = outcomes[nth] if nth < len(outcomes) else Outcome.CONFIRMED
            yield from case(CLIMBER, 4 + 4 * nth, ladder, outcome)
        yield from case(BREAKERS[-1], 17, ladder, Outcome.PAID)
        yield from case(DENIER, 19, ladder, Outcome.DISMISSED)
    # Two days earlier in the second month, so that the windows of thirty days and more reach back.
    begin = 7 if is_over else 5
    for nth, clause in enumerate(one_of_each(rulebook)):
        place = BREAKERS[nth % len(BREAKERS)]
        yield from case(place, begin + 2 * nth, clause, Outcome.PAID if nth % 2 == 0 else Outcome.CONFIRMED)


def waiting_for_decision(scene: Scene) -> Iterator[Step]:
    """Two reports to decide, whatever the hour of loading: one that has lain for days, and a fresh one."""
    for days_ago in (4, 0):
        at = scene.now - timedelta(days=days_ago, hours=2)
        local = scene.department.local(at)
        if local.hour < 9:
            # Nobody reports in the night.
            at = scene.wall(local.date() - ONE_DAY, 22, 40)
        yield at, lambda: _report_of_today(scene)


def _report_of_today(scene: Scene) -> None:
    """About one of the last to come, while they were at their desk."""
    now = clock.now()
    clause = climbed(in_force(scene.department, scene.department.today()))
    there = Attendance.objects.filter(membership__in=scene.crew, planned_start__lt=now - timedelta(hours=1))
    latest = there.order_by("-planned_start", "-membership__work_number").select_related("membership__user")
    concerned = [scene.crew[place % len(scene.crew)].pk for place in (CLIMBER, *BREAKERS)]
    waiting = scene.department.incidents.filter(state=IncidentState.REPORTED).values("membership")
    attendance = latest.filter(membership__in=concerned).exclude(membership__in=waiting).first()
    if clause is None or attendance is None:
        return
    until = min(now, attendance.planned_end) - timedelta(minutes=scene.chance.randint(20, 45))
    occurred_at = max(until, attendance.planned_start + timedelta(minutes=5))
    report(scene, attendance.membership, clause, occurred_at, words.facts_of(clause.text))


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
