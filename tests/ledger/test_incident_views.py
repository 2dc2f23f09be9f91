"""The pages of incidents: who sees which, reporting, deciding, and how many queries they take."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger import services
from ledger.models import Incident, Sanction
from office import clock
from tests.factories import add_person

pytestmark = pytest.mark.django_db

REPORT = {"clause_code": "off-task", "day": "2026-11-10", "time": "10:00", "facts": "Watched a film"}


def page(name, *args):
    return reverse(f"ledger:{name}", args=["desk", *args])


def text_of(response):
    """What a reader sees: without tags, white space made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# ── The list ──


def test_an_agent_sees_what_is_about_them(report, agent, colleague, client_of):
    mine, other = report(agent, facts="Mine"), report(colleague, facts="The other's")
    shown = client_of(agent).get(page("incidents"))
    assert mine.facts in text_of(shown)
    assert other.facts not in text_of(shown)


def test_a_reporter_sees_what_they_reported_and_deciders_see_all(
    report, agent, leader, supervisor, manager, owner, client_of
):
    report(agent, facts="From the supervisor")
    report(agent, facts="From the leader", by=leader, when="2026-11-11 10:00")
    seen = {
        user: {fact for fact in ("From the supervisor", "From the leader") if fact in text_of(shown)}
        for user in (leader, supervisor, manager, owner)
        for shown in [client_of(user).get(page("incidents"))]
    }
    # The supervisor reads every scorecard, which counts incidents; the owner decides nothing here.
    both = {"From the supervisor", "From the leader"}
    assert seen == {leader: {"From the leader"}, supervisor: both, manager: both, owner: set()}


def test_the_list_is_narrowed_by_state_and_month(report, confirm, agent, manager, client_of):
    confirm(agent, when="2026-10-10 10:00", facts="October, confirmed")
    confirm(agent, when="2026-11-10 10:00", facts="November, confirmed")
    report(agent, when="2026-11-11 10:00", facts="November, reported")
    client = client_of(manager)
    shown = text_of(client.get(page("incidents"), {"state": "confirmed", "month": "2026-11"}))
    assert "November, confirmed" in shown
    assert "November, reported" not in shown
    assert "October" not in shown.replace("October 2026", "")
    assert "Nothing fits this choice" in text_of(client.get(page("incidents"), {"month": "2026-01"}))


@pytest.mark.parametrize("month", ["2026-13", "soon", "2026-1", "0000-00"])
def test_a_month_that_does_not_exist_is_not_found(now, manager, client_of, month):
    assert client_of(manager).get(page("incidents"), {"month": month}).status_code == 404


def test_the_newest_stands_first_and_pages_turn(report, agent, manager, client_of):
    for number in range(30):
        report(agent, when=f"2026-11-{1 + number % 15:02} {8 + number // 15:02}:00", facts=f"Fact {number:02}")
    client = client_of(manager)
    first, second = client.get(page("incidents")), client.get(page("incidents"), {"page": "2"})
    assert [incident.facts for incident, _sanction in first.context["rows"]][:2] == ["Fact 29", "Fact 14"]
    assert len(second.context["rows"]) == 5
    kept = client.get(page("incidents"), {"state": "reported", "month": "2026-11"}).content.decode()
    assert "state=reported&amp;month=2026-11&amp;page=2" in kept


def test_an_empty_list_says_what_to_do(now, agent, supervisor, client_of):
    assert "Nothing has been reported about you" in text_of(client_of(agent).get(page("incidents")))
    assert "No incidents yet" in text_of(client_of(supervisor).get(page("incidents")))


def test_the_outcome_is_not_for_every_reporter(confirm, agent, leader, manager, client_of):
    confirm(agent, by=leader)
    for user, sees in ((agent, True), (manager, True), (leader, False)):
        for address in (page("incidents"), page("incident_detail", Incident.objects.get().pk)):
            assert ("Fine of 10.00 yuan" in text_of(client_of(user).get(address))) is sees, (user, address)


# ── Reporting ──


def test_a_supervisor_reports(now, agent, supervisor, client_of):
    client = client_of(supervisor)
    form = client.get(page("incident_new")).context["form"]
    assert ("off-task", "§ 7  Nothing unrelated to work in working hours, no software installed on one's own") in form[
        "clause_code"
    ].field.choices
    answer = client.post(page("incident_new"), REPORT | {"membership": agent.membership.pk})
    incident = Incident.objects.get()
    assert answer.headers["Location"] == page("incident_detail", incident.pk)
    assert incident.occurred_at.isoformat() == "2026-11-10T02:00:00+00:00"
    assert incident.reported_by == supervisor


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time": "12:01", "day": "2026-11-20"}, "time"),
        ({"day": "2025-11-10"}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": ""}, "day"),
        ({"time": "25:00"}, "time"),
        ({"facts": "  "}, "facts"),
        ({"facts": "x" * 2001}, "facts"),
        ({"clause_code": "phone-off-hook"}, "clause_code"),
        ({"membership": "0"}, "membership"),
        ({"membership": "x"}, "membership"),
    ],
)
def test_a_report_with_a_mistake_says_where_and_stores_nothing(now, agent, supervisor, client_of, change, field):
    answer = client_of(supervisor).post(page("incident_new"), REPORT | {"membership": agent.membership.pk} | change)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Incident.objects.exists()


def test_nobody_is_reported_for_a_day_before_they_came(now, department, supervisor, client_of):
    newcomer = add_person(department, name="新人", from_day=date(2026, 11, 15))
    answer = client_of(supervisor).post(page("incident_new"), REPORT | {"membership": newcomer.membership.pk})
    assert answer.status_code == 422
    assert answer.context["form"].errors["membership"] == ["新人 was no member on 2026-11-10."]


def test_a_member_of_another_department_cannot_be_reported(now, supervisor, stranger, client_of):
    answer = client_of(supervisor).post(page("incident_new"), REPORT | {"membership": stranger.membership.pk})
    assert answer.status_code == 422
    assert not Incident.objects.exists()


def test_who_may_not_report_gets_no_form(now, agent, stranger, client_of):
    for send in ("get", "post"):
        assert getattr(client_of(agent), send)(page("incident_new")).status_code == 403
        assert getattr(client_of(stranger), send)(page("incident_new")).status_code == 404


# ── One incident ──


def test_the_page_tells_the_whole_way(confirm, pay, agent, client_of):
    first = confirm(agent, when="2026-11-03 10:00", facts="The first one")
    second = confirm(agent, when="2026-11-05 10:00")
    pay(second, 1000)
    shown = client_of(agent).get(page("incident_detail", second.pk))
    markup, words = shown.content.decode(), text_of(shown)
    for part in (
        "Watched a film",
        "Rulebook version 1, in force on 2026-11-05",
        "Number 2 in November 2026",
        "The first one",
        "Fine of 30.00 yuan",
        "In the journal as J-2",
        "Paid 2026-11-20, J-3",
        "Still due 20.00",
        "Due by 2026-11-27",
    ):
        assert part in words
    assert f'href="{reverse("rulebooks:version", args=["desk", 1])}#clause-off-task"' in markup
    assert f'href="{page("incident_detail", first.pk)}"' in markup
    current = re.findall(r'<li[^>]*aria-current="step"[^>]*>(.*?)</li>', markup, re.DOTALL)
    assert ["Fine of 30.00 yuan" in step for step in current] == [True]


def test_the_decider_sees_before_confirming_what_it_leads_to(report, confirm, agent, manager, client_of):
    incident = report(agent, when="2026-11-05 10:00")
    confirm(agent, when="2026-11-03 10:00")
    shown = client_of(manager).get(page("incident_detail", incident.pk))
    assert "Confirming leads to: Fine of 30.00 yuan" in text_of(shown)
    assert 'name="seen_count" value="2"' in shown.content.decode()


def test_the_member_sees_no_judgement_before_there_is_one(report, agent, client_of):
    shown = text_of(client_of(agent).get(page("incident_detail", report(agent).pk)))
    assert "Watched a film" in shown
    assert "Fine of" not in shown
    assert "Confirm" not in shown.replace("Confirmed", "")


def test_who_cannot_decide_reads_who_can(report, agent, supervisor, manager, department, client_of):
    incident = report(agent)
    shown = text_of(client_of(supervisor).get(page("incident_detail", incident.pk)))
    assert "You may not decide incidents. 顾明远 can decide it." in shown
    own = report(agent, by=manager, when="2026-11-11 10:00")
    address = page("incident_detail", own.pk)
    assert "You reported this: somebody else decides it. At present nobody else can" in text_of(
        client_of(manager).get(address)
    )
    add_person(department, name="副经理", roles=["manager"])
    assert "副经理 can decide it." in text_of(client_of(manager).get(address))


def test_a_manager_confirms(report, agent, manager, client_of):
    incident = report(agent)
    answer = client_of(manager).post(
        page("incident_confirm", incident.pk), {"reason": "Seen by two", "seen_count": "1"}
    )
    assert answer.headers["Location"] == page("incident_detail", incident.pk)
    incident.refresh_from_db()
    assert (incident.state, incident.decided_by, incident.reason) == ("confirmed", manager, "Seen by two")
    assert incident.sanction.amount_fen == 1000


def test_confirming_again_is_refused_with_the_reason_on_the_page(confirm, agent, manager, client_of):
    incident = confirm(agent)
    answer = client_of(manager).post(page("incident_confirm", incident.pk), {})
    assert answer.status_code == 422
    assert "This incident has already been decided." in text_of(answer)
    assert Sanction.objects.count() == 1


def test_a_step_that_changed_meanwhile_is_shown_and_can_then_be_confirmed(report, confirm, agent, manager, client_of):
    incident, client = report(agent, when="2026-11-05 10:00"), client_of(manager)
    confirm(agent, when="2026-11-03 10:00")
    answer = client.post(page("incident_confirm", incident.pk), {"seen_count": "1"})
    assert answer.status_code == 422
    assert "Another incident has been confirmed meanwhile." in text_of(answer)
    seen = re.search(r'name="seen_count" value="(\d+)"', answer.content.decode())[1]
    assert client.post(page("incident_confirm", incident.pk), {"seen_count": seen}).status_code == 302
    assert Sanction.objects.get(incident=incident).step == 2


def test_a_manager_dismisses_with_a_reason(report, agent, manager, client_of):
    incident, client = report(agent), client_of(manager)
    refused = client.post(page("incident_dismiss", incident.pk), {"reason": " "})
    assert refused.status_code == 422
    assert Incident.objects.get().state == "reported"
    assert client.post(page("incident_dismiss", incident.pk), {"reason": "It was her break"}).status_code == 302
    assert Incident.objects.get().state == "dismissed"
    assert "It was her break" in text_of(client_of(agent).get(page("incident_detail", incident.pk)))
    assert client.post(page("incident_dismiss", incident.pk), {"reason": "Again"}).status_code == 422


@pytest.mark.parametrize("decision", ["incident_confirm", "incident_dismiss"])
def test_only_who_may_decide_decides(report, agent, colleague, supervisor, manager, stranger, client_of, decision):
    incident, own = report(agent), report(agent, by=manager, when="2026-11-11 10:00")
    about_manager = report(manager, when="2026-11-12 10:00")
    data = {"reason": "Because"}
    for user, case, status in (
        (supervisor, incident, 403),
        (agent, incident, 403),
        (colleague, incident, 404),
        (stranger, incident, 404),
        (manager, own, 403),
        (manager, about_manager, 403),
    ):
        assert client_of(user).post(page(decision, case.pk), data).status_code == status
    assert client_of(manager).get(page(decision, incident.pk)).status_code == 405
    assert not Incident.objects.exclude(state="reported").exists()


def test_nobody_sees_another_agents_incident_by_any_address(confirm, agent, colleague, finance, client_of):
    incident = confirm(agent)
    for user in (colleague, finance):
        client = client_of(user)
        assert client.get(page("incident_detail", incident.pk)).status_code == 404
        assert "Watched a film" not in text_of(client.get(page("incidents")))


def test_an_incident_of_another_department_is_not_found(report, manager, stranger, other_department, client_of):
    foreign = services.report_incident(
        actor=None,
        membership=stranger.membership,
        clause_code="off-task",
        occurred_at=report(stranger).occurred_at,
        facts="Next door",
    )
    client = client_of(manager)
    assert client.get(page("incident_detail", foreign.pk)).status_code == 404
    for decision in ("incident_confirm", "incident_dismiss"):
        assert client.post(page(decision, foreign.pk), {"reason": "x"}).status_code == 404
    for name in ("incidents", "incident_new"):
        assert client.get(reverse(f"ledger:{name}", args=["next-door"])).status_code == 404
    assert client.get(reverse("ledger:incident_detail", args=["next-door", foreign.pk])).status_code == 404
    # Who holds every role next door finds it there, and not here.
    assert client_of(stranger).get(reverse("ledger:incident_detail", args=["next-door", foreign.pk])).status_code == 200


def test_under_another_rulebook_reporting_does_not_open_other_peoples_incidents(now, changed_department, client_of):
    """There every agent may report; that shows nobody what others reported about others."""
    one, other, third = (add_person(changed_department, roles=["agent"]) for _ in range(3))
    incident = services.report_incident(
        actor=one,
        membership=other.membership,
        clause_code="phone-off-hook",
        occurred_at=clock.now(),
        facts="The receiver lay on the desk",
    )
    address = reverse("ledger:incident_detail", args=["harbour", incident.pk])
    assert {user: client_of(user).get(address).status_code for user in (one, other, third)} == {
        one: 200,
        other: 200,
        third: 404,
    }


# ── Queries ──


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_the_list_takes_as_many_queries_for_30_as_for_1(confirm, agent, manager, client_of):
    client = client_of(manager)
    confirm(agent, when="2026-11-01 08:00")
    few = queries(client, page("incidents"))
    for number in range(29):
        confirm(agent, clause="handover-missing", when=f"2026-11-{1 + number % 15:02} {9 + number // 15:02}:00")
    assert queries(client, page("incidents")) == few <= 10


def test_the_page_of_one_takes_as_many_queries_for_30_before_it_as_for_1(confirm, pay, agent, manager, client_of):
    client = client_of(manager)
    confirm(agent, when="2026-11-01 08:00")
    second = confirm(agent, when="2026-11-01 09:00")
    pay(second, 1)
    few = queries(client, page("incident_detail", second.pk))
    for number in range(28):
        last = confirm(agent, clause="handover-missing", when=f"2026-11-{1 + number % 14:02} {9 + number // 14:02}:00")
    for _ in range(3):
        pay(last, 1)
    assert queries(client, page("incident_detail", last.pk)) == few <= 10


def test_deciding_and_reporting_pages_take_at_most_ten_queries(report, agent, supervisor, manager, client_of):
    incident = report(agent)
    assert queries(client_of(manager), page("incident_detail", incident.pk)) <= 10
    assert queries(client_of(supervisor), page("incident_detail", incident.pk)) <= 10
    assert queries(client_of(supervisor), page("incident_new")) <= 10
