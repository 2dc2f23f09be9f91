"""A plan to take leave from, and short words for asking."""

from datetime import date

import pytest

from people.models import Role
from shifts.services import leave as slips
from tests.factories import add_person


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def today(at):
    """On the morning of 5 November."""
    with at("2026-11-05 09:00"):
        yield


@pytest.fixture
def planned(agent, colleague, paint, publish, at):
    """Published for November: the agent D on 10 and 12, N on 13, rest on 11; the colleague D on 10."""
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"), (agent, 11, "X"), (agent, 12, "D"), (agent, 13, "N"), (colleague, 10, "D"))
        publish()


@pytest.fixture
def ask(agent):
    """`ask(10, 12)`: the agent asks for these days of November."""

    def do(first=10, last=None, *, who=agent, kind="PL", actor=None, reason="A wedding", **more):
        return slips.ask(
            membership=who.membership,
            kind=kind,
            first_day=first if isinstance(first, date) else date(2026, 11, first),
            last_day=last if isinstance(last, date) else date(2026, 11, last or first),
            reason=reason,
            actor=actor or who,
            **more,
        )

    return do


@pytest.fixture
def harbour(changed_department):
    """Two agents and somebody who approves leave under the changed rulebook."""
    one, two = (add_person(changed_department, work_number=str(n), roles=[Role.AGENT]) for n in (1, 2))
    return one, two, add_person(changed_department, work_number="9", roles=[Role.MANAGER], rostered=False)
