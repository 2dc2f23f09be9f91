"""Passed-on shifts that nobody worked: against whom incidents are proposed, and once."""

import pytest

from ledger.models import Incident
from rulebooks.services import import_rulebook
from shifts import services
from shifts.empty_shifts import liable_for_empty, propose_for_empty_swaps
from shifts.models import VersionCause
from shifts.services import cover, swaps
from tests.conftest import LIBRARY, SINCE
from tests.factories import make_department
from tests.shifts.swapping import agree, approve, gift_of, november, shift, swap_of, through

pytestmark = pytest.mark.django_db

CLAUSE = """clauses:
  - code: empty-shift
    number: "14"
    text: {zh-Hans: 换班造成空班, en: An empty shift through a swap}
    window: calendar_month
    trigger: empty_swapped_shift
"""


@pytest.fixture
def liable():
    """Who is liable under the department's rulebook."""
    return "both"


@pytest.fixture
def department(db, liable):
    made = make_department("desk")
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    assert source.count("\nclauses:\n") == 1
    source = source.replace("\nclauses:\n", "\n" + CLAUSE)
    source = source.replace("empty_shift_liable: worker", f"empty_shift_liable: {liable}")
    import_rulebook(department=made, source=source.encode(), from_day=SINCE, actor=None)
    made.refresh_from_db()
    return made


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def given_away(department, agent, colleague, supervisor, paint, publish):
    """The agent's day shift of the 10th, which is the colleague's now."""
    paint((agent, 10, "D"), (colleague, 10, "X"), (agent, 12, "D"))
    publish()
    return through(gift_of(agent, 10, colleague), colleague, supervisor)


def proposed(department, wall, at, since="2026-11-10 16:00", until="2026-11-10 18:00"):
    with at(until):
        return propose_for_empty_swaps(department, wall(since), wall(until))


@pytest.mark.parametrize("liable", ["worker", "owner", "both"])
def test_it_is_proposed_against_whom_the_rulebook_names(given_away, department, agent, colleague, wall, at, liable):
    named = {"worker": {colleague}, "owner": {agent}, "both": {agent, colleague}}[liable]
    assert {member.user for member in liable_for_empty(shift(colleague, 10))} == named
    assert proposed(department, wall, at) == len(named)
    incidents = Incident.objects.filter(clause_code="empty-shift")
    assert {row.membership.user for row in incidents} == named
    assert {row.reported_by for row in incidents} == {None}


def test_it_is_proposed_once_whatever_is_run_again(given_away, department, wall, at):
    assert proposed(department, wall, at) == 2
    assert proposed(department, wall, at) == 0
    assert proposed(department, wall, at, since="2026-11-01 00:00", until="2026-11-12 20:00") == 0
    assert Incident.objects.count() == 2


def test_a_shift_that_has_not_ended_or_that_somebody_came_to_is_not_empty(given_away, department, colleague, wall, at):
    assert proposed(department, wall, at, until="2026-11-10 16:59") == 0
    with at("2026-11-10 08:00"):
        services.clock_in(membership=colleague.membership)
    assert proposed(department, wall, at) == 0


def test_a_shift_that_was_never_passed_on_is_ordinary_absence(given_away, department, agent, wall, at):
    assert liable_for_empty(shift(agent, 12)) == []
    assert proposed(department, wall, at, since="2026-11-12 00:00", until="2026-11-12 20:00") == 0


def test_without_such_a_clause_nothing_is_proposed(agent, colleague, other_department, wall, at):
    assert proposed(other_department, wall, at) == 0


@pytest.mark.parametrize("liable", ["worker", "owner", "both"])
def test_approved_and_not_applied_the_owner_is_liable(
    department, agent, colleague, supervisor, paint, publish, wall, at, liable
):
    paint((agent, 10, "D"), (colleague, 10, "X"))
    publish()
    asked = agree(gift_of(agent, 10, colleague), colleague)
    # What cannot be applied: a roster that was locked meanwhile is as good a reason as any.
    department.rosters.update(locked_at="2026-10-25T00:00:00Z", locked_by=supervisor)
    unapplied = approve(asked, supervisor)
    assert unapplied.applied_at is None
    named = {agent, colleague} if liable == "both" else {agent}
    assert {member.user for member in liable_for_empty(shift(agent, 10))} == named
    assert proposed(department, wall, at) == len(named)


def test_the_return_shift_of_a_swap_counts_as_well(department, agent, colleague, supervisor, paint, publish):
    paint((agent, 10, "D"), (colleague, 10, "X"), (agent, 12, "X"), (colleague, 12, "D"))
    publish()
    through(swap_of(agent, 10, colleague, 12), colleague, supervisor)
    assert {member.user for member in liable_for_empty(shift(agent, 12))} == {agent, colleague}


@pytest.mark.parametrize("liable", ["owner"])
def test_passed_on_twice_its_first_owner_is_liable(
    given_away, department, agent, colleague, leader, supervisor, liable
):
    swap = through(gift_of(colleague, 10, leader), leader, supervisor)
    assert swap.applied_at is not None
    assert [member.user for member in liable_for_empty(shift(leader, 10))] == [agent]


def test_an_open_shift_is_its_takers(department, agent, colleague, supervisor, paint, publish, wall, at):
    paint((agent, 10, "D"))
    publish()
    offered = swaps.open_shift(department=department, day=november(10), code="D", actor=supervisor)
    approve(agree(offered, colleague), supervisor)
    assert [member.user for member in liable_for_empty(shift(colleague, 10))] == [colleague]
    assert proposed(department, wall, at) == 1


def test_cover_afterwards_ends_the_liability(given_away, department, colleague, leader, supervisor):
    cover.put_on(
        department=department,
        day=november(10),
        code="D",
        member=leader.membership,
        actor=supervisor,
        instead_of=colleague.membership,
    )
    assert liable_for_empty(shift(leader, 10)) == []


def test_a_changed_shift_is_the_planners_again(given_away, department, colleague, supervisor):
    services.change_published(
        department=department,
        actor=supervisor,
        cause=VersionCause.COVER,
        cells={(colleague.membership.pk, november(10)): "R"},
    )
    assert liable_for_empty(shift(colleague, 10)) == []
