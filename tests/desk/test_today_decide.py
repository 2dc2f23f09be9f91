"""What Today says is for the reader to decide: late cases that nobody has, and bonuses, at any number for one query."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.house_part import house_part
from handover import services
from handover.services import cases
from ledger.services import report_incident
from office import clock
from people.models import Role
from people.services import grant_role
from tests.factories import JOINED


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00") as moment:
        yield moment


def late_case(department, person, text="态度差"):
    came = clock.now() - timedelta(hours=1)
    return cases.register_case(
        department=department, actor=person, kind="complaint", customer="小鹿", text=text, came_at=came
    )


def adopted(author, leader, text="换个话术"):
    matter = services.write_issue(author=author.membership, category="idea", text=text).matter
    return services.adopt_matter(matter=matter, actor=leader, text="好")


def today(client, department, **query):
    return client.get(reverse("desk:today", args=[department.code], query=query))


def queries_of(client, department, **query) -> int:
    today(client, department, **query)
    with CaptureQueriesContext(connection) as captured:
        assert today(client, department, **query).status_code == 200
    return len(captured)


def test_the_manager_finds_bonuses_and_late_cases_that_nobody_has(department, agent, leader, manager, client_of):
    case = late_case(department, agent)
    adopted(agent, leader)
    client = client_of(manager)
    decide = today(client, department).context["office"].decide
    assert [(line.label, line.count) for line in decide.lines] == [
        ("Late cases that nobody has", 1),
        ("Bonuses to decide", 1),
    ]
    for line in decide.lines:
        assert client.get(line.url).status_code == 200
    assert case in [line.case for line in client.get(decide.lines[0].url).context["lines"]]


def test_the_leader_finds_late_cases_on_the_desk_and_on_the_board(department, agent, leader, client_of):
    client = client_of(leader)
    for view in ("desk", "board"):
        assert "Late cases that nobody has" not in today(client, department, view=view).content.decode()
    case = late_case(department, agent)
    for view in ("desk", "board"):
        html = today(client, department, view=view).content.decode()
        assert "For you to decide" in html
        assert "Late cases that nobody has" in html
    cases.assign_case(case=case, to=agent.membership, actor=leader)
    assert "Late cases that nobody has" not in today(client, department).content.decode()


@pytest.mark.parametrize(("role", "view"), [("manager", "office"), ("leader", "desk"), ("leader", "board")])
def test_it_costs_the_same_for_one_and_for_thirty(department, agent, leader, manager, role, view, client_of):
    client = client_of({"manager": manager, "leader": leader}[role])
    late_case(department, agent)
    adopted(agent, leader)
    one = queries_of(client, department, view=view)
    for number in range(29):
        late_case(department, agent, f"第 {number} 条")
        adopted(agent, leader, f"第 {number} 条")
    assert queries_of(client, department, view=view) == one


def test_an_agent_decides_nothing(department, agent, leader, client_of):
    late_case(department, leader)
    adopted(agent, leader)
    assert "For you to decide" not in today(client_of(agent), department).content.decode()


def test_the_owners_line_of_late_incidents_leads_to_them_once_the_owner_may_read_them(
    department, agent, supervisor, owner, client_of
):
    report_incident(
        actor=supervisor, membership=agent.membership, clause_code="off-task", occurred_at=clock.now(), facts="私聊"
    )
    clock.move(timedelta(days=4))
    assert [late.url for late in house_part(owner).houses[0].late][:1] == [""]
    grant_role(actor=None, department=department, user=owner, role=Role.MANAGER, from_day=JOINED)
    line = house_part(owner).houses[0].late[0]
    client = client_of(owner)
    assert line.url in today(client, department).content.decode()
    assert "私聊" in client.get(line.url).content.decode()
