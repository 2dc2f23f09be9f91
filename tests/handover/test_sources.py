"""An incident leads to what it was proposed for: named in the reader's language, and opened by who may read it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import Case, HandoverItem, WeeklySummary
from handover.services import cases
from ledger.services import report_incident
from office import clock
from shifts.models import Assignment, Attendance, DutyTurn


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 16:30") as moment:
        yield moment


def proposed(person, kind, key):
    """An incident that the system has proposed for this row."""
    return report_incident(
        actor=None,
        membership=person.membership,
        clause_code="off-task",
        occurred_at=clock.now(),
        facts="事实",
        source=(kind, key, "标签"),
    )


def page_of(client, incident) -> str:
    return client.get(reverse("ledger:incident_detail", args=["desk", incident.pk])).content.decode()


@pytest.fixture
def rows(department, agent, leader, on_shift, write, wall):
    """By name: kind and key of a row, and the address that a manager opens."""
    case = cases.register_case(
        department=department, actor=leader, kind="complaint", customer="甲", text="乙", came_at=clock.now()
    )
    shift = on_shift(agent, "D")
    item = write(agent)
    version = shift.rulebook_version_id
    summary = WeeklySummary.objects.create(
        membership=agent.membership, due_at=wall("2026-11-07 17:00"), rulebook_version_id=version
    )
    turn = DutyTurn.objects.create(
        department=department, membership=agent.membership, business_date=shift.business_date, duty="cleaning"
    )
    month = f"/d/desk/attendance/2026-11/?member={agent.membership.pk}"
    return {
        "Complaint": (Case._meta.label_lower, case.pk, f"/d/desk/cases/{case.pk}/"),
        "Handover item": (HandoverItem._meta.label_lower, item.pk, f"/d/desk/handover/items/{item.pk}/"),
        "Shift and attendance": (Assignment._meta.label_lower, shift.assignment_id, month),
        "Weekly summary": ("summary", summary.pk, "/d/desk/weekly/board/?week=2026-11-07"),
        "Duties of the month": (DutyTurn._meta.label_lower, turn.pk, "/d/desk/duties/2026-11/"),
    }


KINDS = ["Complaint", "Handover item", "Shift and attendance", "Weekly summary", "Duties of the month"]


@pytest.mark.parametrize("name", KINDS)
def test_the_manager_opens_what_it_was_proposed_for(rows, agent, manager, client_of, name):
    kind, key, address = rows[name]
    client = client_of(manager)
    html = page_of(client, proposed(agent, kind, key))
    assert f'href="{address}"' in html
    assert name in html
    assert "标签" not in html
    assert client.get(address).status_code == 200


def test_the_shift_of_a_missing_handover_is_found_by_its_attendance(rows, agent, manager, client_of):
    attendance = Attendance.objects.get()
    html = page_of(client_of(manager), proposed(agent, Attendance._meta.label_lower, attendance.pk))
    assert rows["Shift and attendance"][2] in html


def test_whom_it_is_about_reads_its_kind_and_opens_only_what_they_may(rows, agent, client_of):
    client = client_of(agent)
    for name, may_open in (("Complaint", False), ("Handover item", True), ("Shift and attendance", True)):
        kind, key, address = rows[name]
        html = page_of(client, proposed(agent, kind, key))
        assert name in html
        assert (f'href="{address}"' in html) == may_open


def test_what_no_room_knows_keeps_its_words(agent, manager, client_of):
    assert "标签" in page_of(client_of(manager), proposed(agent, "elsewhere", 1))


def test_each_kind_costs_one_query(rows, agent, manager, client_of):
    client, costs = client_of(manager), []
    for name in KINDS:
        kind, key, _address = rows[name]
        incident = proposed(agent, kind, key)
        clock.move(timedelta(seconds=1))
        page_of(client, incident)
        with CaptureQueriesContext(connection) as captured:
            page_of(client, incident)
        costs.append(len(captured))
    assert len(set(costs)) == 1
