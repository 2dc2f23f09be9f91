"""Two at the same moment, in two processes of the operating system: what is done to a case is done once."""

from datetime import datetime

import pytest

from handover.cases import Deed
from handover.models import Case, CaseNote, Finding
from handover.services import cases as services
from handover.services.case_watch import watch_cases
from ledger.models import Incident
from office import clock
from office.models import AuditEntry, Notice
from people.models import User
from tests.processes import race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
ROUNDS = 6


@pytest.fixture(autouse=True)
def noon(department):
    with clock.at(datetime(2026, 11, 10, 12, tzinfo=department.zone)) as moment:
        yield moment


def register(person, kind="complaint", **more):
    facts = {"customer": "小鹿", "text": "客服骂人", "came_at": clock.now()}
    return services.register_case(department=person.membership.department, actor=person, kind=kind, **facts | more)


def both(does, actors, keys) -> list[list[str]]:
    """What two people are told who do the same to each key at the same moment."""
    told = race(*[(does, keys, {"actor": actor.pk}) for actor in actors])
    return [sorted(answers) for answers in told]


def do_first(key, actor):
    step = Case.objects.get(pk=key).steps.get(code="hand-on")
    services.do_step(step=step, actor=User.objects.get(pk=actor))


def close(key, actor):
    case, actor = Case.objects.get(pk=key), User.objects.get(pk=actor)
    services.close_case(case=case, actor=actor, finding=Finding.UPHELD, text="属实")


def watch(_key, **_who):
    watch_cases()


def same_again(key, actor):
    person = User.objects.get(pk=actor)
    person.membership = person.memberships.get()
    register(person, text=f"第 {key} 条")


def test_a_step_is_done_by_one_of_two(agent, leader, supervisor):
    keys = [register(agent, text=f"第 {number} 条").pk for number in range(ROUNDS)]
    told = both(do_first, [leader, supervisor], keys)
    assert told == [["already_done", "done"]] * ROUNDS
    assert CaseNote.objects.filter(action=Deed.STEP).count() == ROUNDS


def test_a_case_is_closed_by_one_of_two_and_its_incident_proposed_once(agent, colleague, leader, supervisor):
    keys = []
    for number in range(ROUNDS):
        case = register(agent, text=f"第 {number} 条", subject=colleague.membership)
        for code in ("hand-on", "report-back"):
            services.do_step(step=case.steps.get(code=code), actor=leader)
        keys.append(case.pk)
    told = both(close, [leader, supervisor], keys)
    assert told == [["already_closed", "done"]] * ROUNDS
    assert Incident.objects.count() == ROUNDS
    assert CaseNote.objects.filter(action=Deed.CLOSED).count() == ROUNDS


def test_two_beats_escalate_and_report_once(department, agent, leader, manager, noon):
    for number in range(ROUNDS):
        register(agent, text=f"第 {number} 条")
    Notice.objects.all().delete()
    with clock.at(datetime(2026, 11, 10, 13, tzinfo=department.zone)):
        both(watch, [leader, manager], [1])
    assert CaseNote.objects.filter(action=Deed.ESCALATED).count() == ROUNDS
    # Each late step, and the month's report.
    assert Notice.objects.filter(recipient=leader).count() == ROUNDS + 1
    assert AuditEntry.objects.filter(action="handover.cases.reported").count() == 1


def test_two_presses_of_one_person_register_one_case(agent):
    told = both(same_again, [agent, agent], list(range(ROUNDS)))
    assert told == [["done", "done"]] * ROUNDS
    assert Case.objects.count() == ROUNDS
