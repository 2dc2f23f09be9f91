"""Two supervisors at the same moment, as two processes of the operating system."""

import json
from datetime import date

import pytest

from office.months import Month
from people.services import add_member
from shifts import services
from shifts.models import Assignment, AssignmentSpan, Attendance
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


# Publishes the draft, or clocks in, at 08:00 in Shanghai on the day of the shift; each thinks before its first write.
CHANGE_OR_COME = """
import json, sys, time
import django
django.setup()
from datetime import UTC, datetime
from django.core.exceptions import ValidationError
from django.db import connection
from office import clock
from office.months import Month
from people.models import Membership, User
from shifts import services
from shifts.models import Roster
what, member, actor = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
member, actor = Membership.objects.select_related("department", "user").get(pk=member), User.objects.get(pk=actor)
roster = Roster.objects.get()
FIRST_WRITE = {"publish": 'DELETE FROM "shifts_assignmentspan"', "come": 'INSERT INTO "shifts_attendance"'}[what]
def thinks(execute, sql, params, many, context):
    if sql.startswith(FIRST_WRITE):
        time.sleep(0.7)
    return execute(sql, params, many, context)
print("ready", flush=True)
sys.stdin.readline()
began, said = time.monotonic(), {}
try:
    with clock.at(datetime(2030, 11, 12, 0, 0, tzinfo=UTC)), connection.execute_wrapper(thinks):
        if what == "come":
            services.clock_in(membership=member)
        else:
            month = Month(2030, 11)
            seen = {"seen_edits": roster.edits, "reason": "so it is"}
            services.publish(department=member.department, month=month, actor=actor, **seen)
except ValidationError as refusal:
    said = {"refused": refusal.code}
print(json.dumps(said | {"began": began, "ended": time.monotonic()}))
"""


def test_a_shift_that_is_changed_while_its_agent_clocks_in_is_worked_as_it_is_published(department, agent, supervisor):
    def plan(code, seen):
        edit = services.CellEdit(agent.membership.pk, date(2030, 11, 12), code, seen)
        services.paint(department=department, month=Month(2030, 11), edits=[edit], actor=supervisor)

    plan("D", 0)
    services.publish(department=department, month=Month(2030, 11), seen_edits=1, actor=supervisor, reason="so")
    plan("R", 1)
    arguments = str(agent.membership.pk), str(supervisor.pk)
    told = [json.loads(line) for line in at_once(*[("-c", CHANGE_OR_COME, w, *arguments) for w in ("publish", "come")])]
    published, came = told
    assert published["began"] < came["ended"], "they did not overlap: nothing is proved"
    assert came["began"] < published["ended"], "they did not overlap: nothing is proved"

    # Who comes second is refused, or sees what the first has made of it: plan and attendance agree in the end.
    assert "refused" not in published or published["refused"] == "begun"
    assert "refused" not in came or came["refused"] == "changed_meanwhile"
    shift = Assignment.objects.published().get()
    for attendance in Attendance.objects.all():
        assert (attendance.code, attendance.planned_end) == (shift.code, shift.ends_at)
    assert shift.code == ("D" if "refused" in published else "R")
