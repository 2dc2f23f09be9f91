"""Two operating-system processes deal with the register at the same moment."""

import json

import pytest

from handover import services
from handover.models import HandIn, Matter, MatterState
from ledger.models import Bonus
from tests.processes import at_once

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def deal_at_once(*calls):
    """What came of each, in the order of the calls; they are certain to have overlapped."""
    module = ("-m", "tests.handover.dealing")
    said = [json.loads(line) for line in at_once(*[(*module, *map(str, call)) for call in calls])]
    one, other = said
    assert one["began"] < other["ended"] and other["began"] < one["ended"], "they did not overlap: nothing is proved"
    return [{name: value for name, value in each.items() if name not in ("began", "ended")} for each in said]


@pytest.fixture
def two(agent, colleague):
    write = services.write_issue
    return [write(author=person.membership, category="idea", text="x").matter for person in (agent, colleague)]


def test_of_two_decisions_one_holds(two, leader, supervisor):
    matter = two[0]
    said = deal_at_once(("adopt", matter.pk, leader.pk), ("reject", matter.pk, supervisor.pk))
    assert {"code": "already_settled"} in said
    matter.refresh_from_db()
    assert {"state": matter.state} in said
    assert matter.steps.count() == 1
    assert Bonus.objects.count() == (matter.state == MatterState.ADOPTED)


def test_two_entries_are_not_merged_into_each_other(two, leader, supervisor):
    one, other = two
    said = deal_at_once(("merge", one.pk, leader.pk, other.pk), ("merge", other.pk, supervisor.pk, one.pk))
    assert sorted(said, key=str) == [{"code": "merged_into_itself"}, {"state": "merged"}]
    assert Matter.objects.filter(state=MatterState.MERGED).count() == 1


def test_the_register_is_handed_in_once(at, agent, leader):
    with at("2026-11-10 10:00"):
        matter = services.write_issue(author=agent.membership, category="idea", text="x").matter
    # The processes live now, long after the moment of that week.
    said = deal_at_once(("hand_in", matter.pk, leader.pk), ("hand_in", matter.pk, leader.pk))
    assert sorted(said, key=str) == [{"made": False}, {"made": True}]
    assert HandIn.objects.count() == 1
