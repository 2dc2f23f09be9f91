"""Two approvers decide about one correction at the same moment, as two processes of the operating system."""

import json
from datetime import timedelta

import pytest

from people.models import Role
from people.services import grant_role
from shifts.models import Assignment, Attendance
from shifts.services import corrections
from tests.factories import JOINED
from tests.processes import at_once
from tests.shifts.test_attendance_matching import plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Reports for work, waits for the word, and thinks for a while before it writes, so that the two are certain to overlap.
DECIDE = """
import json, sys, time
import django
django.setup()
from django.core.exceptions import ValidationError
from django.db import connection
from people.models import User
from shifts.models import Correction
from shifts.services import corrections
correction, actor = Correction.objects.get(pk=int(sys.argv[1])), User.objects.get(pk=int(sys.argv[2]))
def thinks(execute, sql, params, many, context):
    if sql.startswith('UPDATE "shifts_correction"'):
        time.sleep(0.7)
    return execute(sql, params, many, context)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
try:
    with connection.execute_wrapper(thinks):
        getattr(corrections, sys.argv[3])(correction=correction, actor=actor, reason="decided")
    said = {"done": True}
except ValidationError as refusal:
    said = {"refused": refusal.code}
print(json.dumps(said | {"began": began, "ended": time.monotonic()}))
"""


@pytest.mark.parametrize("other", ["approve", "refuse"])
def test_of_two_who_decide_at_once_one_decides(department, agent, supervisor, manager, other):
    grant_role(actor=None, department=department, user=manager, role=Role.SUPERVISOR, from_day=JOINED)
    # The processes live by the real clock.
    plan(agent, (department.today() - timedelta(days=10), "D"))
    shift = Assignment.objects.published().get()
    came_at, left_at = shift.times
    asked = corrections.ask(assignment=shift, came_at=came_at, left_at=left_at, reason="forgot", actor=agent)
    told = [
        json.loads(line)
        for line in at_once(
            ("-c", DECIDE, str(asked.pk), str(supervisor.pk), "approve"),
            ("-c", DECIDE, str(asked.pk), str(manager.pk), other),
        )
    ]
    assert told[0]["began"] < told[1]["ended"], "they did not overlap: nothing is proved"
    assert told[1]["began"] < told[0]["ended"], "they did not overlap: nothing is proved"
    assert sorted(said.get("refused", "done") for said in told) == ["already_decided", "done"]
    asked.refresh_from_db()
    assert Attendance.objects.filter(correction=asked).exists() == (asked.state == "approved")
