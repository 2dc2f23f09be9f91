"""A day on which something of everything has been written, and jobs in any state."""

import uuid
from datetime import date, datetime, timedelta

import pytest

from handover.models import (
    Attempt,
    Case,
    CaseNote,
    HandIn,
    Launch,
    Learner,
    Matter,
    MatterStep,
    Order,
    OrderFact,
    Reading,
    ReadingKind,
)
from handover.services import record_statistics, submit_handover, write_issue, write_item
from kpi.services import judge
from ledger.services import confirm_incident, record_payment, report_incident
from office import clock, jobs
from office.models import Job, JobState
from office.months import Month
from shifts import services as shifts

NOVEMBER = Month(2026, 11)
TASK = "tests.does_not_exist"


@pytest.fixture
def written_day(department, rulebook, agent, supervisor, manager, finance, at):
    """One row at least in every table that only ever grows."""
    member = agent.membership
    shift, clause = rulebook.shifts[0], next(c for c in rulebook.clauses if c.ladder and c.ladder[0].fine_yuan)
    with at("2026-10-25 12:00"):
        edit = shifts.CellEdit(member.pk, date(2026, 11, 10), shift.code, 0)
        painted = shifts.paint(department=department, month=NOVEMBER, edits=[edit], actor=supervisor)
        assert not painted.conflicts
        seen = shifts.roster_of(department, NOVEMBER).edits
        shifts.publish(department=department, month=NOVEMBER, seen_edits=seen, actor=supervisor, reason="so it is")
    with at(f"2026-11-10 {shift.spans[0].start:%H:%M}"):
        attendance = shifts.clock_in(membership=member)
    with at("2026-11-10 11:00"):
        shifts.change_open_customers(attendance=attendance, change=1)
        kind = next(kind for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
        write_item(author=member, kind=kind.code, to_do="给小鹿发实拍图")
        submit_handover(attendance=attendance, actor=agent)
        category = rulebook.notebooks.issue_register.categories[0].code
        write_issue(author=member, category=category, text="图片打不开")
        figures = {"served": 5, "closed": 2, "enquiries": 1, "sales_fen": 100}
        record_statistics(membership=member, business_date=date(2026, 11, 10), actor=agent, **figures)
        incident = report_incident(
            actor=supervisor,
            membership=member,
            clause_code=clause.code,
            occurred_at=datetime(2026, 11, 10, 9, tzinfo=department.zone),
            facts="Watched a film",
        )
        sanction = confirm_incident(incident=incident, actor=manager).sanction
        paid = {"amount_fen": sanction.amount_fen, "paid_on": date(2026, 11, 10), "token": uuid.uuid4()}
        record_payment(sanction=sanction, actor=finance, **paid)
        question = next(each for each in rulebook.scorecard.indicators if each.method.choice)
        answer = question.method.choice[0].code
        judge(
            membership=member,
            month=NOVEMBER,
            indicator=question.code,
            choice=answer,
            reason="细心",
            actor=supervisor,
        )
        _written_notebooks(department, rulebook, agent, supervisor)


def _written_notebooks(department, rulebook, agent, supervisor):
    """The bare rows: what their services make of them is tested beside the services."""
    member, instant = agent.membership, clock.now()
    now = {"department": department, "rulebook_version_id": rulebook.version_id}
    HandIn.objects.create(department=department, since=instant - timedelta(days=7), until=instant, entries=1, people=1)
    matter = Matter.objects.get(issue__author=member)
    MatterStep.objects.create(matter=matter, state=matter.state, actor=supervisor)
    reading = Reading.objects.create(department=department, kind=ReadingKind.ORDERS, name="orders.csv", digest="0")
    bought = {"placed_at": instant, "amount_fen": 100, "business_date": instant.date()}
    order = Order.objects.create(department=department, number="1", buyer="小鹿", **bought)
    OrderFact.objects.create(order=order, reading=reading, facts={})
    came = {"came_at": instant, "business_date": instant.date(), "registered_by": supervisor}
    case = Case.objects.create(kind="any", customer="小鹿", text="慢", **came, **now)
    CaseNote.objects.create(case=case, action="note", actor=supervisor)
    launch = Launch.objects.create(product="床", brief="实木", known_by=instant.date(), made_by=supervisor, **now)
    learner = Learner.objects.create(launch=launch, membership=member)
    Attempt.objects.create(learner=learner, answers={}, right=1, questions=1, passed=True)


@pytest.fixture
def job_of(department):
    """`job_of(agent, state=…)`: a job of that person, as if started by a button."""

    def make(owner, state=JobState.QUEUED, **fields) -> Job:
        return Job.objects.create(task=TASK, owner=owner, department=department, state=state, **fields)

    return make


@pytest.fixture
def start(department, agent):
    """`start(key="…")`: the agent starts a job that no worker knows."""

    def do(*, key="", owner=agent, **params) -> Job:
        return jobs.start(task=TASK, owner=owner, department=department, params=params, key=key)

    return do
