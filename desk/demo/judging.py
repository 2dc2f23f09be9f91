"""What was reported, decided, paid, judged and scored in the demo."""

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from desk.demo import words
from kpi import services as kpi
from ledger import services as ledger
from ledger.models import Incident
from office import clock
from office.months import Month
from people.models import Department, Membership
from rulebooks.schema import Clause, Rulebook
from rulebooks.services import in_force


def _wall(department: Department, day, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=department.zone)


def _fined(rulebook: Rulebook) -> Clause | None:
    """The clause whose ladder begins with money."""
    return next((clause for clause in rulebook.clauses if clause.ladder and clause.ladder[0].fine_fen), None)


def _warned(rulebook: Rulebook) -> Clause | None:
    """A clause that begins with a warning."""
    return next((clause for clause in rulebook.clauses if clause.ladder and clause.ladder[0].warning), None)


def incidents_of(department, people: dict[str, Membership], month: Month, chance, *, until: datetime) -> None:
    """A few incidents of the month, through report, decision and payment, as far as `until` has come."""
    rulebook = in_force(department, month.first)
    fined, warned = _fined(rulebook), _warned(rulebook)
    # Who, which day of the month, under which clause, what happens to it.
    cases = [
        ("junjie", 6, fined, words.LIGHT_FACTS[0], "paid"),
        ("yuxin", 9, warned, words.LATE_FACTS, "confirmed"),
        ("junjie", 15, fined, words.LIGHT_FACTS[1], "confirmed"),
        ("haoran", 17, fined, words.LIGHT_FACTS[0], "paid"),
        ("agent", 20, warned, words.REFUSED_FACTS, "dismissed"),
        ("yating", 21, fined, words.LIGHT_FACTS[1], "reported"),
    ]
    for username, number, clause, facts, outcome in cases:
        day = month.first + timedelta(days=number - 1)
        if clause is not None and _wall(department, day, 20) < until:
            _case(department, people, people[username], day, clause, facts, outcome, until)


def _case(department, people, member, day, clause, facts, outcome, until) -> None:
    occurred = _wall(department, day, 15, 20)
    with clock.at(occurred + timedelta(hours=1)):
        incident = ledger.report_incident(
            actor=people["supervisor"].user,
            membership=member,
            clause_code=clause.code,
            occurred_at=occurred,
            facts=facts,
        )
    # Last month's are all decided; of this month's the newest waits for the manager.
    if outcome == "reported" and Month.of(day) == Month.of(department.local(until).date()):
        return
    for at, step in _decisions(department, people, incident, day, outcome):
        if at < until:
            with clock.at(at):
                step()


def _decisions(department, people, incident: Incident, day, outcome) -> Iterator[tuple[datetime, Callable[[], object]]]:
    manager, finance = people["manager"].user, people["finance"].user
    decided = _wall(department, day + timedelta(days=1), 10, 5)
    if outcome == "dismissed":
        yield (
            decided,
            lambda: ledger.dismiss_incident(incident=incident, actor=manager, reason=words.DISMISS_REASON),
        )
        return
    yield decided, lambda: ledger.confirm_incident(incident=incident, actor=manager, reason=words.CONFIRM_REASON)
    if outcome == "paid":
        paid_on = day + timedelta(days=3)
        yield _wall(department, paid_on, 14), lambda: _pay(Incident.objects.get(pk=incident.pk), paid_on, finance)


def _pay(incident: Incident, paid_on, finance) -> None:
    sanction = incident.sanction
    if sanction.amount_fen:
        ledger.record_payment(
            sanction=sanction,
            amount_fen=sanction.amount_fen,
            paid_on=paid_on,
            actor=finance,
            token=uuid.uuid5(uuid.NAMESPACE_OID, f"demo-{sanction.pk}"),
        )


def close_month(department, people, month: Month, chance: random.Random, *, until: datetime) -> None:
    """The supervisor's judgements of a month that is over, and its scores."""
    rulebook = in_force(department, month.first)
    judged = [indicator for indicator in rulebook.scorecard.indicators if indicator.method.choice]
    with clock.at(min(until, _wall(department, month.next.first, 9))):
        for member in department.memberships.scored().order_by("pk"):
            for indicator in judged:
                answers = indicator.method.choice or ()
                kpi.judge(
                    membership=member,
                    month=month,
                    indicator=indicator.code,
                    choice=answers[min(chance.choice((0, 0, 1, 1, 2)), len(answers) - 1)].code,
                    reason=chance.choice(words.JUDGEMENTS),
                    actor=people["supervisor"].user,
                )
    with clock.at(min(until, _wall(department, month.next.first, 9, 30))):
        kpi.score_month(department=department, month=month, actor=people["manager"].user)
