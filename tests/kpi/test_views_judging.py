"""Judging an agent's month in the browser."""

import re

import pytest

from kpi.models import Judgement
from office import clock
from people.models import Role
from tests.factories import add_person
from tests.kpi.facts import instant
from tests.kpi.pages import text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_of_november")]


def answer(**other):
    return {"indicator": "judgement", "choice": "excellent", "reason": "calm on the busiest night", **other}


def test_the_supervisor_judges_beside_the_scorecard(client_of, supervisor, agent, scored_october):
    client = client_of(supervisor)
    assert "Save judgement" in text_of(client.get(url("scorecard", agent.membership.pk)))
    done = client.post(url("judge", agent.membership.pk), answer())
    assert done.headers["Location"] == url("scorecard", agent.membership.pk)
    assert Judgement.objects.current().get().choice == "excellent"
    shown = text_of(client.get(url("scorecard", agent.membership.pk)))
    assert "Judged: 林晓彤" in shown


def test_a_judgement_after_the_scoring_is_pointed_out(client_of, supervisor, manager, agent, scored_october):
    with clock.at(instant(agent.membership, "2026-11-02 10:00")):
        client_of(supervisor).post(url("judge", agent.membership.pk), answer())
        assert "1 judgement is newer than these scores" in text_of(client_of(manager).get(url("month")))
        card = client_of(manager).get(url("scorecard", agent.membership.pk))
    assert "A judgement is newer than this scorecard" in text_of(card)


def test_the_list_of_the_month_says_who_is_not_judged_yet(client_of, supervisor, scored_october):
    shown = text_of(client_of(supervisor).get(url("month")))
    assert re.search(r"Judge the agents 1 / 2 .*王浩然 02 not judged .*林晓彤 07 Good", shown)


def test_htmx_gets_the_row_with_its_form_and_then_the_row_alone(client_of, supervisor, agent, scored_october):
    client = client_of(supervisor)
    htmx = {"hx-request": "true"}
    form = client.get(url("judge", agent.membership.pk), headers=htmx).content.decode()
    assert form.strip().startswith("<li")
    assert "<textarea" in form
    row = client.post(url("judge", agent.membership.pk), answer(), headers=htmx).content.decode()
    assert row.strip().startswith("<li")
    assert "Excellent" in row
    assert "<textarea" not in row


@pytest.mark.parametrize(
    "wrong",
    [
        {"choice": "splendid"},
        {"choice": ""},
        {"reason": ""},
        {"reason": "  "},
        {"reason": "x" * 501},
        {"indicator": "conversion"},
        {"indicator": ""},
    ],
)
@pytest.mark.parametrize("htmx", [{}, {"hx-request": "true"}])
def test_a_wrong_answer_is_refused_in_words(client_of, supervisor, agent, wrong, htmx):
    page = client_of(supervisor).post(url("judge", agent.membership.pk), answer(**wrong), headers=htmx)
    assert page.status_code == 422
    assert "alert-octagon" in page.content.decode()
    assert not Judgement.objects.exists()


def test_a_month_to_come_is_not_judged(client_of, supervisor, agent):
    page = client_of(supervisor).post(url("judge", agent.membership.pk, month="2026-12"), answer())
    assert (page.status_code, "has not begun yet" in text_of(page)) == (422, True)
    assert not Judgement.objects.exists()


@pytest.mark.parametrize("role", ["agent", "leader", "manager", "finance"])
def test_only_who_may_judge_judges(request, client_of, colleague, role):
    client = client_of(request.getfixturevalue(role))
    assert client.post(url("judge", colleague.membership.pk), answer()).status_code == 403
    assert not Judgement.objects.exists()


def test_keys_of_another_department_are_not_found(client_of, supervisor, other_department):
    foreign = add_person(other_department, roles=[Role.AGENT]).membership
    assert client_of(supervisor).post(url("judge", foreign.pk), answer()).status_code == 404
    assert not Judgement.objects.exists()


def test_nobody_judges_themselves(client_of, department):
    both = add_person(department, name="张三", roles=[Role.SUPERVISOR])
    client = client_of(both)
    assert client.post(url("judge", both.membership.pk), answer()).status_code == 403
    assert "Nobody judges themselves." in text_of(client.get(url("month")))


def test_members_who_are_not_scored_have_neither_scorecard_nor_judgement(client_of, manager, supervisor, finance):
    assert client_of(manager).get(url("scorecard", finance.membership.pk)).status_code == 404
    assert client_of(supervisor).get(url("judge", finance.membership.pk)).status_code == 404


def test_a_rulebook_without_a_hand_given_line_asks_nobody(client_of, supervisor, agent, monkeypatch):
    monkeypatch.setattr("kpi.views.by_hand", lambda scorecard: [])
    assert client_of(supervisor).get(url("judge", agent.membership.pk)).status_code == 404
