"""Two at the same moment, as two processes: two approvers of one swap, and a publication against an approval."""

import json
from datetime import date

import pytest

from office.months import Month
from people.models import Role
from shifts import services
from shifts.models import Assignment, RosterVersion, Swap, SwapState, VersionCause
from shifts.services import swaps
from tests.factories import add_person
from tests.processes import at_once
from tests.shifts.swapping import agree, everybody_answers_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Approves the one swap, publishes the draft, or says yes to an offer, in 2030; each thinks before its first write.
DO = """
import json, sys, time
import django
django.setup()
from django.core.exceptions import ValidationError
from django.db import connection
from office.months import Month
from people.models import Membership, User
from shifts import services
from shifts.models import Roster, Swap
from shifts.services import swap_decisions, swaps
what, actor = sys.argv[1], User.objects.get(pk=int(sys.argv[2]))
swap = Swap.objects.select_related("department", "owner__user", "partner__user").get()
seen = Roster.objects.get().edits
def thinks(execute, sql, params, many, context):
    if sql.startswith(('UPDATE "shifts_swap"', 'DELETE FROM "shifts_assignmentspan"')) and not thought:
        thought.append(True)
        time.sleep(0.7)
    return execute(sql, params, many, context)
thought = []
print("ready", flush=True)
sys.stdin.readline()
began, said = time.monotonic(), {}
try:
    with connection.execute_wrapper(thinks):
        if what == "approve":
            said = {"state": swap_decisions.approve(swap=swap, actor=actor, reason="Fine").state}
        elif what == "agree":
            member = Membership.objects.select_related("user", "department").get(user=actor)
            said = {"state": swaps.agree(swap=swap, actor=actor, member=member).state}
        else:
            services.publish(
                department=swap.department, month=Month(2030, 11), seen_edits=seen, actor=actor, reason="Fine"
            )
except ValidationError as refusal:
    said = {"refused": sorted(error.code for error in refusal.error_list)}
print(json.dumps(said | {"began": began, "ended": time.monotonic()}))
"""


def both_at_once(*commands):
    told = [json.loads(line) for line in at_once(*[("-c", DO, what, str(actor.pk)) for what, actor in commands])]
    one, other = told
    assert one["began"] < other["ended"], "they did not overlap: nothing is proved"
    assert other["began"] < one["ended"], "they did not overlap: nothing is proved"
    return told


def paint(department, person, day, code, actor, seen=0):
    edit = services.CellEdit(person.membership.pk, date(2030, 11, day), code, seen)
    return services.paint(department=department, month=Month(2030, 11), edits=[edit], actor=actor)


@pytest.fixture
def offered(department, agent, colleague, supervisor):
    """The agent's day shift of a November far ahead, offered to everybody."""
    paint(department, agent, 12, "D", supervisor)
    services.publish(
        department=department, month=Month(2030, 11), seen_edits=1, actor=supervisor, reason="A month of few people"
    )
    return swaps.offer(kind="give_away", assignment=Assignment.objects.published().get(), actor=agent)


def test_of_two_who_approve_at_once_one_does_and_the_swap_is_applied_once(offered, department, colleague, supervisor):
    other = add_person(department, name="副主管", work_number="93", roles=[Role.SUPERVISOR], rostered=False)
    agree(offered, colleague)
    told = both_at_once(("approve", supervisor), ("approve", other))
    assert sorted(str(each.get("state", each.get("refused"))) for each in told) == ["['already_decided']", "applied"]
    assert RosterVersion.objects.filter(cause=VersionCause.SWAP).count() == 1
    everybody_answers_once(department)


def test_of_two_who_say_yes_at_once_one_has_it(offered, department, colleague, leader):
    told = both_at_once(("agree", colleague), ("agree", leader))
    assert sorted(str(each.get("state", each.get("refused"))) for each in told) == ["['already_decided']", "agreed"]
    assert Swap.objects.get().agreed_by == Swap.objects.get().partner.user


def test_a_publication_against_an_approval_neither_loses_a_shift_nor_stands_in_a_ring(
    offered, department, agent, colleague, supervisor
):
    agree(offered, colleague)
    drafted = services.cells.live(department, Month(2030, 11), "draft")[agent.membership.pk, date(2030, 11, 12)]
    paint(department, agent, 12, "R", supervisor, seen=drafted.version)
    approved, published = both_at_once(("approve", supervisor), ("publish", supervisor))
    swap = Swap.objects.get()
    # Whoever comes second sees what the first has made of it.
    if swap.state == SwapState.APPLIED:
        assert approved["state"] == SwapState.APPLIED
        assert published.get("refused") in (None, ["stale"])
    else:
        assert swap.state == SwapState.STALE
        assert approved.get("refused") in (["stale"], ["already_decided"])
        assert "refused" not in published
    everybody_answers_once(department)
