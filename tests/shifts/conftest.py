"""A month to plan in, and short words for painting it."""

from datetime import date

import pytest

from office.months import Month
from shifts import services
from shifts.models import Roster

NOVEMBER = Month(2026, 11)


@pytest.fixture
def november():
    return NOVEMBER


@pytest.fixture
def paint(department, supervisor):
    """`paint((agent, 12, "N"), …, seen=0)` edits November's draft."""

    def do(*cells, seen=0, actor=None, department=department, month=NOVEMBER):
        edits = [
            services.CellEdit(person.membership.pk, date(month.year, month.number, day), code, seen)
            for person, day, code in cells
        ]
        return services.paint(department=department, month=month, edits=edits, actor=actor or supervisor)

    return do


@pytest.fixture
def publish(department, supervisor):
    def do(month=NOVEMBER, reason="a month of few people"):
        seen = Roster.objects.get(department=department, first_day=month.first).edits
        return services.publish(department=department, month=month, seen_edits=seen, actor=supervisor, reason=reason)

    return do


@pytest.fixture
def night_shift(agent, paint, publish, at):
    """The agent's published night shift of the 10th, 17:00 to 01:00, begun in time."""
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
        publish()
    with at("2026-11-10 16:55"):
        return services.clock_in(membership=agent.membership)
