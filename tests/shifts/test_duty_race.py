"""Two at the same moment, as two processes of the operating system: a rota is made once."""

import json

import pytest

from office.models import Notice
from office.months import Month
from shifts.models import DutyTurn
from tests.processes import at_once
from tests.shifts.duty_rules import with_duties

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Reports for work, waits for the word, makes the turns of a month; thinks for a while before it writes them.
MAKE = """
import json, sys, time
import django
django.setup()
from django.db import connection
from office.months import Month
from people.models import Department
from shifts.services import duties
department = Department.objects.get(pk=int(sys.argv[1]))
def thinks(execute, sql, params, many, context):
    if sql.startswith('INSERT INTO "shifts_dutyturn"'):
        time.sleep(0.7)
    return execute(sql, params, many, context)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
with connection.execute_wrapper(thinks):
    made = duties.make_turns(department=department, month=Month(2030, 11))
print(json.dumps({"made": len(made), "began": began, "ended": time.monotonic()}))
"""


def test_a_button_and_the_beat_at_once_make_the_rota_once(department, agent, colleague, paint, publish):
    with_duties(department)
    month = Month(2030, 11)
    paint(*[(person, day, "D") for person in (agent, colleague) for day in range(1, 11)], month=month)
    publish(month)
    Notice.objects.all().delete()
    one, other = [json.loads(line) for line in at_once(*[("-c", MAKE, str(department.pk))] * 2)]
    assert one["began"] < other["ended"], "they did not overlap: nothing is proved"
    assert other["began"] < one["ended"], "they did not overlap: nothing is proved"
    assert sorted([one["made"], other["made"]]) == [0, 10]
    assert DutyTurn.objects.count() == 10
    assert Notice.objects.count() == 2
