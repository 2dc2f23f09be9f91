"""A room says to who sees only their own that the others are read by somebody else, and counts nothing as nothing."""

import pytest
from django.urls import reverse

from handover.services import cases
from ledger.services import report_incident
from office import clock


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00") as moment:
        yield moment


@pytest.fixture
def things(department, agent, supervisor, leader, manager):
    """A case and an incident that do not concern the owner."""
    facts = {"kind": "complaint", "customer": "小鹿", "text": "态度差", "came_at": clock.now()}
    cases.register_case(department=department, actor=agent, **facts)
    clause = "off-task"
    report_incident(
        actor=supervisor, membership=agent.membership, clause_code=clause, occurred_at=clock.now(), facts="私聊"
    )


@pytest.mark.parametrize("page", ["handover:cases", "ledger:incidents"])
def test_the_owner_reads_who_reads_the_others(things, department, owner, manager, client_of, page):
    answer = client_of(owner).get(reverse(page, args=[department.code]))
    html = answer.content.decode()
    assert "stands here; the others are read by" in html
    assert manager.name in html
    state = next(choice for choice in answer.context["table"].choices if choice.name == "state")
    assert all(option.count is None for option in state.options)


@pytest.mark.parametrize("page", ["handover:cases", "ledger:incidents"])
def test_who_reads_everything_reads_counts_and_nothing_of_the_kind(things, department, manager, client_of, page):
    answer = client_of(manager).get(reverse(page, args=[department.code]))
    assert "the others are read by" not in answer.content.decode()
    state = next(choice for choice in answer.context["table"].choices if choice.name == "state")
    assert state.options[0].count == 1


def test_a_month_leads_to_the_cases_about_one_person_and_about_nobody(
    things, department, agent, colleague, manager, client_of
):
    about = cases.register_case(
        department=department,
        actor=agent,
        kind="complaint",
        customer="甲",
        text="乙",
        came_at=clock.now(),
        subject=colleague.membership,
    )
    client = client_of(manager)
    month = client.get(reverse("handover:case_month", args=[department.code, "2026-11"]), {"by": "person"})
    assert f"about={colleague.membership.pk}" in month.content.decode()
    assert "about=nobody" in month.content.decode()

    def found(key):
        asked = {"month": "2026-11", "state": "all", "about": key}
        return [
            line.case for line in client.get(reverse("handover:cases", args=[department.code]), asked).context["lines"]
        ]

    assert found(colleague.membership.pk) == [about]
    assert [case.subject for case in found("nobody")] == [None]
    assert found(99999) == []
