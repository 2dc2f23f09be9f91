"""Two people at one slip, and two slips for one place, at the same moment: as two processes of the operating system."""

import json
from datetime import date

import pytest

from people.models import Role
from shifts.models import Assignment, Leave, LeaveState
from shifts.services import leave as slips
from tests.factories import add_person
from tests.processes import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Does one thing to one slip on a morning of 2030. It thinks for a while before it writes the slip's new state, so that
# two let go together are certain to overlap.
DO = """
import json, sys, time
import django
django.setup()
from datetime import UTC, datetime
from django.core.exceptions import ValidationError
from django.db import connection
from office import clock
from people.models import User
from shifts.models import Leave
from shifts.services import leave as slips
what, leave, actor = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
leave, actor = Leave.objects.select_related("membership").get(pk=leave), User.objects.get(pk=actor)
def thinks(execute, sql, params, many, context):
    if sql.startswith('UPDATE "shifts_leave"'):
        time.sleep(0.7)
    return execute(sql, params, many, context)
print("ready", flush=True)
sys.stdin.readline()
began, said = time.monotonic(), {}
try:
    with clock.at(datetime(2030, 11, 1, 2, tzinfo=UTC)), connection.execute_wrapper(thinks):
        getattr(slips, what)(leave=leave, actor=actor)
except ValidationError as refusal:
    said = {"refused": refusal.error_list[0].code}
print(json.dumps(said | {"began": began, "ended": time.monotonic()}))
"""


def at_the_same_moment(*doings):
    told = [json.loads(line) for line in at_once(*[("-c", DO, what, str(s.pk), str(a.pk)) for what, s, a in doings])]
    one, other = told
    assert one["began"] < other["ended"], "they did not overlap: nothing is proved"
    assert other["began"] < one["ended"], "they did not overlap: nothing is proved"
    return [each.get("refused", "") for each in told]


def slip_of(person, *, kind="PL"):
    day = date(2030, 11, 12)
    return slips.ask(membership=person.membership, kind=kind, first_day=day, last_day=day, reason="x", actor=person)


@pytest.fixture(autouse=True)
def in_2030(at):
    with at("2030-11-01 09:00"):
        yield


def test_of_two_who_approve_one_slip_at_once_one_does(department, agent, supervisor):
    other = add_person(department, roles=[Role.SUPERVISOR], rostered=False)
    slip = slip_of(agent)
    refused = at_the_same_moment(("approve", slip, supervisor), ("approve", slip, other))
    assert sorted(refused) == ["", "already_decided"]
    assert Assignment.objects.draft().get().code == "PL"


def test_a_slip_that_is_withdrawn_while_it_is_approved_is_one_or_the_other(department, agent, supervisor):
    slip = slip_of(agent)
    refused = at_the_same_moment(("approve", slip, supervisor), ("withdraw", slip, agent))
    assert sorted(refused) == ["", "already_decided"]
    approved = Leave.objects.get().state == LeaveState.APPROVED
    assert approved == (refused[0] == "")
    assert Assignment.objects.exists() == approved


def test_the_last_place_of_a_day_is_not_given_twice_at_once(changed_department):
    one, two = (add_person(changed_department, roles=[Role.AGENT]) for _each in range(2))
    approvers = [add_person(changed_department, roles=[Role.MANAGER], rostered=False) for _each in range(2)]
    slips_of_both = [slip_of(person, kind="HO") for person in (one, two)]
    refused = at_the_same_moment(*[("approve", slip, who) for slip, who in zip(slips_of_both, approvers, strict=True)])
    assert sorted(refused) == ["", "too_many_off"]
    assert Leave.objects.approved().count() == 1
