"""Two supervisors at the same moment, as two processes of the operating system."""

import json
from datetime import date

import pytest

from people.services import add_member
from shifts.models import Assignment, AssignmentSpan
from tests.processes import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Reports for work, waits for the word, paints one cell. It thinks for a while before it writes, so that two let go
# together are certain to overlap.
PAINT = """
import json, sys, time
import django
django.setup()
from datetime import date
from django.core.exceptions import ValidationError
from django.db import connection
from office.months import Month
from people.models import Membership, User
from shifts import services
member, code, actor = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
member, actor = Membership.objects.select_related("department").get(pk=member), User.objects.get(pk=actor)
def thinks(execute, sql, params, many, context):
    if sql.startswith('INSERT INTO "shifts_assignment"'):
        time.sleep(0.7)
    return execute(sql, params, many, context)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
try:
    edit = services.CellEdit(member.pk, date(2030, 11, 12), code, 0)
    with connection.execute_wrapper(thinks):
        done = services.paint(department=member.department, month=Month(2030, 11), edits=[edit], actor=actor)
    said = {"saved": len(done.saved), "theirs": [conflict.theirs for conflict in done.conflicts]}
except ValidationError as refusal:
    said = {"refused": refusal.code}
print(json.dumps(said | {"began": began, "ended": time.monotonic()}))
"""


def paint_at_once(*cells):
    told = [json.loads(line) for line in at_once(*[("-c", PAINT, str(m.pk), code, str(a.pk)) for m, code, a in cells])]
    one, other = told
    assert one["began"] < other["ended"], "they did not overlap: nothing is proved"
    assert other["began"] < one["ended"], "they did not overlap: nothing is proved"
    return told


def test_of_two_who_set_one_cell_at_once_one_saves_and_the_other_gets_both_values(
    department, agent, supervisor, leader
):
    told = paint_at_once((agent.membership, "D", supervisor), (agent.membership, "N", leader))
    saved = Assignment.objects.get()
    assert sorted(each["saved"] for each in told) == [0, 1]
    [loser] = [each for each in told if not each["saved"]]
    assert loser["theirs"] == [saved.code]


def test_two_departments_that_plan_one_person_at_once_do_not_both_get_them(
    department, other_department, agent, supervisor, stranger
):
    there = add_member(actor=None, department=other_department, user=agent, work_number="88", from_day=date(2026, 1, 1))
    told = paint_at_once((agent.membership, "D", supervisor), (there, "R", stranger))
    assert sorted(each.get("refused", "") for each in told) == ["", "overlap"]
    assert AssignmentSpan.objects.count() == 1
