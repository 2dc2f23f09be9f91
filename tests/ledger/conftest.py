"""Incidents in any state, made through the services, on a day on which the clock stands still."""

import uuid
from datetime import datetime, timedelta

import pytest

from ledger import services
from office import clock
from people.models import Right
from people.permissions import holders_of

NOW = "2026-11-20 12:00"


@pytest.fixture
def now(at):
    """Friday 20 November 2026, noon in the department."""
    with at(NOW):
        yield


@pytest.fixture
def report(now, supervisor):
    """`report(person, …)`: an incident about that person, by default reported by the supervisor."""

    def make(person, *, clause="off-task", when="2026-11-10 10:00", facts="Watched a film", by=supervisor, source=None):
        zone = person.membership.department.zone
        return services.report_incident(
            actor=by,
            membership=person.membership,
            clause_code=clause,
            occurred_at=datetime.fromisoformat(when).replace(tzinfo=zone),
            facts=facts,
            source=source,
        )

    return make


@pytest.fixture
def confirm(report, manager):
    """`confirm(person, …)`: reported and confirmed; `decided`: the day of the decision, in the department."""

    def make(person, *, decided=None, by_decider=manager, **kwargs):
        incident = report(person, **kwargs)
        zone = incident.department.zone
        moment = datetime.fromisoformat(decided).replace(tzinfo=zone) if decided else clock.now()
        with clock.at(moment):
            return services.confirm_incident(incident=incident, actor=by_decider)

    return make


@pytest.fixture
def pay(finance):
    """`pay(incident, fen)`: a payment for the incident's fine, by default all of it, today."""

    def make(incident, fen=None, *, days_ago=0, token=None, remark=""):
        sanction = incident.sanction
        return services.record_payment(
            sanction=sanction,
            amount_fen=sanction.amount_fen if fen is None else fen,
            paid_on=incident.department.today() - timedelta(days=days_ago),
            actor=finance,
            token=token or uuid.uuid4(),
            remark=remark,
        )

    return make


def decider_of(department):
    """Somebody who may decide there, whatever the rulebook calls them."""
    return holders_of(department, Right.DECIDE_INCIDENT).first()
