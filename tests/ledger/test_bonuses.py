"""Bonuses: proposed once for a source, approved or dismissed by somebody else, and the pages for it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover import services as handover
from ledger import services
from ledger.models import Bonus, BonusState
from office.models import AuditEntry, Notice
from people.models import Role
from people.services import grant_role
from rulebooks.services import in_force
from tests.factories import JOINED, add_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

DAY = date(2026, 11, 10)
IDEA, DATA = "adopted-idea", "product-data"
MOST_QUERIES = 10


def url(name, *args):
    return reverse(f"ledger:{name}", args=["desk", *args])


def propose(person, code=IDEA, number=1, facts="换个话术", **more) -> Bonus:
    source = ("shown", number, facts)
    return services.propose_bonus(
        membership=person.membership, code=code, business_date=DAY, facts=facts, source=source, **more
    )


def page(response) -> str:
    assert response.status_code in (200, 422), response.status_code
    return response.content.decode()


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


class TestProposing:
    def test_one_source_proposes_once_and_those_who_approve_are_told(self, agent, manager):
        bonus = propose(agent)
        assert propose(agent) == bonus
        assert (bonus.least_fen, bonus.most_fen, bonus.amount_fen) == (1000, 10_000, None)
        notice = Notice.objects.get()
        assert (notice.recipient, notice.link) == (manager, url("bonus", bonus.pk))

    def test_what_the_rulebook_does_not_know_is_not_proposed(self, agent):
        assert propose(agent, code="nonsense") is None
        assert propose(agent, code=DATA, place=1) is None

    @pytest.mark.parametrize(("facts", "code"), [(" ", "no_facts"), ("x" * 2001, "too_long")])
    def test_facts_are_needed(self, agent, facts, code):
        assert refusal_of(propose, person=agent, facts=facts) == code

    def test_the_changed_rulebook_has_its_own(self, changed_department):
        person = add_person(changed_department)
        assert propose(person) is None
        places = [propose(person, code="teacher", number=place, place=place) for place in range(3)]
        assert [bonus and bonus.most_fen for bonus in places] == [3300, 1100, None]


class TestDeciding:
    def test_an_amount_within_what_the_rulebook_allows(self, agent, manager):
        bonus = services.approve_bonus(bonus=propose(agent), actor=manager, amount_fen=5000)
        assert (bonus.state, bonus.amount_fen, bonus.decided_by) == (BonusState.APPROVED, 5000, manager)
        assert Notice.objects.get(recipient=agent).link == url("bonus", bonus.pk)
        assert AuditEntry.objects.get(action="ledger.bonus.approved").actor == manager

    @pytest.mark.parametrize("amount", [None, 999, 10_001])
    def test_another_amount_is_refused(self, agent, manager, amount):
        assert refusal_of(services.approve_bonus, bonus=propose(agent), actor=manager, amount_fen=amount) == "amount"
        assert Bonus.objects.get().state == BonusState.PROPOSED

    def test_the_only_amount_need_not_be_given(self, agent, manager):
        assert services.approve_bonus(bonus=propose(agent, code=DATA), actor=manager).amount_fen == 500

    def test_what_is_decided_stays_decided(self, agent, manager):
        bonus = services.dismiss_bonus(bonus=propose(agent), actor=manager, reason="x")
        assert refusal_of(services.approve_bonus, bonus=bonus, actor=manager, amount_fen=5000) == "already_decided"
        assert refusal_of(services.dismiss_bonus, bonus=bonus, actor=manager, reason="x") == "already_decided"

    def test_dismissing_needs_a_reason_and_nobody_decides_about_themselves(self, manager):
        bonus = propose(manager)
        assert refusal_of(services.dismiss_bonus, bonus=bonus, actor=manager, reason="x") == "own_case"
        other = add_person(manager.membership.department)
        assert refusal_of(services.dismiss_bonus, bonus=bonus, actor=other, reason=" ") == "no_reason"


class TestThePages:
    def test_an_agent_sees_what_is_approved_for_them_and_nothing_else(self, agent, colleague, manager, client_of):
        waits, mine, other = propose(agent, facts="等着"), propose(agent, number=2), propose(colleague, number=3)
        for bonus in (mine, other):
            services.approve_bonus(bonus=bonus, actor=manager, amount_fen=5000)
        client = client_of(agent)
        html = page(client.get(url("bonuses")))
        assert "等着" not in html
        assert [bonus for bonus, _amount in client.get(url("bonuses")).context["rows"]] == [mine]
        assert client.get(url("bonus", mine.pk)).status_code == 200
        for bonus in (waits, other):
            assert client.get(url("bonus", bonus.pk)).status_code == 404

    def test_what_waits_stands_first_and_the_page_says_that_nothing_is_paid(
        self, agent, manager, finance, supervisor, client_of
    ):
        first, second = propose(agent), propose(agent, number=2)
        services.approve_bonus(bonus=second, actor=manager, amount_fen=5000)
        for person in (manager, finance, supervisor):
            answer = client_of(person).get(url("bonuses"))
            assert [bonus for bonus, _amount in answer.context["rows"]] == [first, second]
            assert "Approved, not paid out" in page(answer)

    def test_a_range_asks_how_much(self, agent, manager, client_of):
        bonus, client = propose(agent), client_of(manager)
        assert "From 10.00 to 100.00 yuan." in page(client.get(url("bonus", bonus.pk)))
        for amount in ("", "9.99", "100.01", "many", "-5"):
            answer = client.post(url("bonus_approve", bonus.pk), {"amount_fen": amount})
            assert answer.status_code == 422
            assert list(answer.context["approve"].errors) == ["amount_fen"]
        assert client.post(url("bonus_approve", bonus.pk), {"amount_fen": "66.50"}).status_code == 302
        assert Bonus.objects.get().amount_fen == 6650

    def test_one_amount_asks_for_nothing(self, agent, manager, client_of):
        bonus = propose(agent, code=DATA)
        assert client_of(manager).post(url("bonus_approve", bonus.pk), {"reason": ""}).status_code == 302
        assert Bonus.objects.get().amount_fen == 500

    def test_dismissing_asks_for_a_reason(self, agent, manager, client_of):
        bonus, client = propose(agent), client_of(manager)
        assert client.post(url("bonus_dismiss", bonus.pk), {"reason": ""}).status_code == 422
        assert client.post(url("bonus_dismiss", bonus.pk), {"reason": "说过了"}).status_code == 302
        assert client.post(url("bonus_dismiss", bonus.pk), {"reason": "说过了"}).status_code == 422

    def test_only_who_approves_decides_and_not_about_themselves(self, agent, finance, department, client_of):
        bonus = propose(agent)
        assert client_of(finance).post(url("bonus_dismiss", bonus.pk), {"reason": "x"}).status_code == 403
        assert client_of(agent).post(url("bonus_dismiss", bonus.pk), {"reason": "x"}).status_code == 404
        grant_role(actor=None, department=department, user=agent, role=Role.MANAGER, from_day=JOINED)
        client = client_of(agent)
        assert "somebody else decides" in page(client.get(url("bonus", bonus.pk)))
        assert client.post(url("bonus_dismiss", bonus.pk), {"reason": "x"}).status_code == 403

    def test_it_leads_to_its_source_for_whoever_may_read_that(self, agent, leader, manager, finance, client_of):
        matter = handover.write_issue(author=agent.membership, category="idea", text="换个话术").matter
        handover.adopt_matter(matter=matter, actor=leader, text="好")
        link = reverse("handover:issue", args=["desk", matter.issue_id])
        bonus = Bonus.objects.get()
        assert link in page(client_of(manager).get(url("bonus", bonus.pk)))
        assert link not in page(client_of(finance).get(url("bonus", bonus.pk)))
        services.approve_bonus(bonus=bonus, actor=manager, amount_fen=5000)
        assert link in page(client_of(agent).get(url("bonus", bonus.pk)))
        assert url("bonus", bonus.pk) in page(client_of(agent).get(link))

    def test_who_has_left_reads_their_own(self, agent, colleague, manager, client_of, department):
        for person in (agent, colleague):
            services.approve_bonus(bonus=propose(person), actor=manager, amount_fen=5000)
        member = colleague.membership
        member.until_day = date(2026, 11, 15)
        member.save()
        colleague.role_grants.update(until_day=date(2026, 11, 15))
        assert len(client_of(colleague).get(url("bonuses")).context["rows"]) == 1

    def test_the_list_is_narrowed_and_taken_along(self, agent, manager, client_of):
        propose(agent, facts="十一月")
        client = client_of(manager)
        assert "十一月" not in page(client.get(url("bonuses"), {"month": "2026-10"}))
        assert "十一月" in page(client.get(url("bonuses"), {"month": "2026-11", "state": "proposed", "q": "十一"}))
        assert client.get(url("bonuses"), {"month": "soon"}).status_code == 404
        assert client.get(url("bonuses"), {"export": "xlsx"}).status_code == 200

    def test_thirty_cost_what_one_costs(self, agent, manager, client_of):
        propose(agent)
        client = client_of(manager)

        def queries():
            client.get(url("bonuses"))
            with CaptureQueriesContext(connection) as captured:
                page(client.get(url("bonuses")))
            return len(captured)

        few = queries()
        for number in range(2, 32):
            propose(agent, number=number)
        assert queries() == few <= MOST_QUERIES


def test_the_rules_of_this_file_are_those_of_the_rulebook(department):
    assert {bonus.code for bonus in in_force(department, DAY).bonuses} >= {IDEA, DATA}
