"""Two at the same moment, as two processes of the operating system."""

import json
from datetime import date

import pytest

from office import clock
from people.models import Invitation, Role, User
from people.services import grant_role, invite
from tests.factories import JOINED
from tests.processes import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Reports for work, waits for the word, does one thing. It thinks for a while before it writes, so that two let go
# together are certain to overlap.
HEAD = """
import json, sys, time
import django
django.setup()
from django.core.exceptions import ValidationError
from django.db import connection
from people.models import Department, User
from people.services import accept_invitation, add_person
def thinks(execute, sql, params, many, context):
    if sql.startswith(BEFORE):
        time.sleep(0.7)
    return execute(sql, params, many, context)
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
try:
    with connection.execute_wrapper(thinks):
        said = work(*sys.argv[1:])
except ValidationError as refusal:
    said = {"refused": refusal.code}
print(json.dumps(said | {"began": began, "ended": time.monotonic()}))
"""
ADD = """
BEFORE = 'INSERT INTO "people_user"'
def work(actor, department, name):
    department = Department.objects.get(pk=department)
    actor = User.objects.get(pk=actor)
    member = add_person(
        actor=actor, department=department, name=name, work_number="31", from_day=department.today(), username=name
    )
    return {"added": member.name}
"""
ACCEPT = """
BEFORE = 'UPDATE "people_user"'
def work(token, password):
    accept_invitation(token=token, password=password)
    return {"chosen": password}
"""


def both(script, *arguments):
    told = at_once(*[("-c", script + HEAD, *each) for each in arguments])
    said = [json.loads(line) for line in told]
    one, two = said
    assert one["began"] < two["ended"] and two["began"] < one["ended"], "they did not overlap: nothing is proved"
    return said


def test_of_two_owners_who_give_one_number_at_once_one_is_told_of_the_other(department, owner, manager):
    grant_role(actor=None, department=department, user=manager, role=Role.OWNER, from_day=JOINED)
    said = both(ADD, (str(owner.pk), str(department.pk), "one"), (str(manager.pk), str(department.pk), "two"))
    assert sorted(str(each.get("refused")) for each in said) == ["None", "number_taken"]
    added = department.memberships.get(work_number="31")
    assert [each["added"] for each in said if "added" in each] == [added.name]
    assert not User.objects.filter(username__in=["one", "two"]).exclude(pk=added.user_id).exists()


def test_of_two_who_use_one_invitation_at_once_one_chooses_the_password(department, owner, agent):
    agent.set_unusable_password()
    agent.save(update_fields=["password"])
    assert department.today() > date(2026, 1, 1)
    (made,) = invite(actor=owner, department=department, members=[agent.membership])
    said = both(ACCEPT, (made.token, "first-horse-7"), (made.token, "second-horse-7"))
    assert sorted(str(each.get("refused")) for each in said) == ["None", "used_or_expired"]
    (chosen,) = [each["chosen"] for each in said if "chosen" in each]
    assert User.objects.get(pk=agent.pk).check_password(chosen)
    assert Invitation.objects.get().used_at <= clock.now()
