"""The month in which the scores' views are tested."""

from datetime import date

import pytest

from kpi import services
from office import clock
from tests.factories import add_person
from tests.kpi.facts import OCTOBER, incident, instant, served, worked

FIRST, SECOND = date(2026, 10, 1), date(2026, 10, 2)


@pytest.fixture
def second_of_november(department):
    with clock.at(instant(add_person(department, scored=False).membership, "2026-11-02 09:00")):
        yield


@pytest.fixture
def scored_october(second_of_november, department, agent, colleague, supervisor, manager):
    """Two agents' month, scored: 62 points and 100."""
    one = agent.membership
    served(one, FIRST, 30, 60)
    served(one, SECOND, 25, 40)
    worked(one, FIRST, "D")
    worked(one, SECOND, "N", handed_over=False)
    incident(one, SECOND)
    services.judge(
        membership=one, month=OCTOBER, indicator="judgement", choice="good", reason="steady", actor=supervisor
    )
    return services.score_month(department=department, month=OCTOBER, actor=manager)
