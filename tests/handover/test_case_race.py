"""Two at the same moment, in two processes of the operating system: what is done to a case is done once."""

import multiprocessing
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from handover.cases import Deed
from handover.models import Case, CaseNote, Finding
from handover.services import cases as services
from handover.services.case_watch import watch_cases
from ledger.models import Incident
from office import clock
from office.models import AuditEntry, Notice
from people.models import User

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
ROUNDS = 6
WAIT = 30


@pytest.fixture(autouse=True)
def noon(department):
    with clock.at(datetime(2026, 11, 10, 12, tzinfo=department.zone)) as moment:
        yield moment


def register(person, kind="complaint", **more):
    facts = {"customer": "小鹿", "text": "客服骂人", "came_at": clock.now()}
    return services.register_case(department=person.membership.department, actor=person, kind=kind, **facts | more)


def press(does, actor_pk, keys, barrier, results):
    actor = User.objects.get(pk=actor_pk)
    for key in keys:
        barrier.wait(WAIT)
        try:
            does(actor, key)
            results.put((key, "done"))
        except ValidationError as refusal:
            results.put((key, refusal.code))
    connections.close_all()


def both(does, actors, keys) -> dict[int, list[str]]:
    """What two people are told who do the same to each key at the same moment."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(2), context.Queue()
    # A forked process must not inherit an open connection: both ends would talk on one socket.
    connections.close_all()
    runners = [context.Process(target=press, args=(does, one.pk, keys, barrier, results)) for one in actors]
    for runner in runners:
        runner.start()
    told = [results.get(timeout=WAIT) for _answer in range(2 * len(keys))]
    for runner in runners:
        runner.join(WAIT)
        assert runner.exitcode == 0
    return {key: sorted(answer for one, answer in told if one == key) for key in keys}


def do_first(actor, key):
    services.do_step(step=Case.objects.get(pk=key).steps.get(code="hand-on"), actor=actor)


def close(actor, key):
    services.close_case(case=Case.objects.get(pk=key), actor=actor, finding=Finding.UPHELD, text="属实")


def watch(_actor, _key):
    watch_cases()


def same_again(actor, key):
    actor.membership = actor.memberships.get()
    register(actor, text=f"第 {key} 条")


def test_a_step_is_done_by_one_of_two(agent, leader, supervisor):
    keys = [register(agent, text=f"第 {number} 条").pk for number in range(ROUNDS)]
    told = both(do_first, [leader, supervisor], keys)
    assert all(answers == ["already_done", "done"] for answers in told.values())
    assert CaseNote.objects.filter(action=Deed.STEP).count() == ROUNDS


def test_a_case_is_closed_by_one_of_two_and_its_incident_proposed_once(agent, colleague, leader, supervisor):
    keys = []
    for number in range(ROUNDS):
        case = register(agent, text=f"第 {number} 条", subject=colleague.membership)
        for code in ("hand-on", "report-back"):
            services.do_step(step=case.steps.get(code=code), actor=leader)
        keys.append(case.pk)
    told = both(close, [leader, supervisor], keys)
    assert all(answers == ["already_closed", "done"] for answers in told.values())
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
    assert all(answers == ["done", "done"] for answers in told.values())
    assert Case.objects.count() == ROUNDS
