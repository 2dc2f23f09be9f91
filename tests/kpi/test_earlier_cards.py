"""Whoever gets no scorecard any more still reads those of earlier months."""

import pytest

from people.services import correct_member

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("scored_october")
def test_ones_own_older_card_stays_open(department, owner, agent, colleague, client_of):
    page = f"/d/{department.code}/scores/2026-10/{agent.membership.pk}/"
    facts = {"name": agent.name, "work_number": "07", "rostered": True, "scored": False}
    correct_member(actor=owner, member=agent.membership, **facts)
    assert client_of(agent).get(page).status_code == 200
    assert client_of(agent).get(f"/d/{department.code}/scores/2026-10/")["location"] == page
    assert client_of(colleague).get(page).status_code == 404
