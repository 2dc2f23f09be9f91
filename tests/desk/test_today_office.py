"""Today of whoever decides, scores, collects or leads: each part by its right, once, and one main button a page."""

import re
import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.house_part import house_part
from kpi.services import judge, score_month, start_scoring
from ledger.models import LedgerHead
from ledger.services import confirm_incident, record_payment, report_incident
from office import clock, triggers
from office.months import Month
from people.models import Membership, Right, Role, RoleRight
from people.services import grant_role
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
NOW = "2026-11-10 09:00"
RULEBOOK = LIBRARY / "three-shift-desk.yaml"


@pytest.fixture(autouse=True)
def tenth_of_november(department, at):
    with at(NOW):
        yield


def today(department, view=""):
    return reverse("desk:today", kwargs={"code": department.code}) + (f"?view={view}" if view else "")


def main_of(response) -> str:
    """The page without its frame."""
    html = response.content.decode()
    return html[html.index('id="main"') : html.index("</main>")]


def page(client_of, who, department, view="") -> str:
    response = client_of(who).get(today(department, view))
    assert response.status_code == 200
    return main_of(response)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#x27;", "'")


def report(person, by, *, days_ago=0, clause="off-task", facts="Watched a film"):
    then = clock.now() - timedelta(days=days_ago)
    with clock.at(then):
        return report_incident(
            actor=by,
            membership=person.membership,
            clause_code=clause,
            occurred_at=then - timedelta(hours=1),
            facts=facts,
        )


def fine(person, by, decider, *, days_ago=0):
    incident = report(person, by, days_ago=days_ago)
    with clock.at(clock.now() - timedelta(days=days_ago)):
        return confirm_incident(incident=incident, actor=decider).sanction


def pay(sanction, by, *, fen=None):
    amount = sanction.amount_fen if fen is None else fen
    paid_on = sanction.membership.department.today()
    return record_payment(sanction=sanction, amount_fen=amount, paid_on=paid_on, actor=by, token=uuid.uuid4())


def give(department, user, role):
    grant_role(actor=None, department=department, user=user, role=role, from_day=date(2026, 1, 1))


class TestWhoSeesWhat:
    def test_the_manager_has_the_month_and_may_turn_to_the_board(self, department, manager, client_of):
        assert "Scores of October 2026" in page(client_of, manager, department)
        board = page(client_of, manager, department, "board")
        assert "Handovers to accept" in board
        assert "Scores of October 2026" not in board

    def test_the_supervisor_has_the_board_and_no_office(self, department, supervisor, client_of):
        html = page(client_of, supervisor, department, "office")
        assert 'id="shifts"' in html
        assert "?view=" not in html.replace("?view=board", "", 1)

    @pytest.mark.parametrize("view", ["office", "board", "nonsense"])
    def test_an_agent_gets_nothing_else_by_asking(self, department, agent, client_of, view):
        assert "bz-strip" in page(client_of, agent, department, view)

    def test_an_agent_who_collects_has_both(self, department, agent, client_of):
        give(department, agent, Role.FINANCE)
        assert "?view=office" in page(client_of, agent, department)
        assert "Outstanding fines" in page(client_of, agent, department, "office")

    def test_rights_decide_and_not_the_name_of_the_role(self, department, supervisor, client_of):
        assert "Outstanding fines" not in page(client_of, supervisor, department)
        RoleRight.objects.create(
            department=department, role=Role.SUPERVISOR, right=Right.COLLECT_FINES, from_day=date(2026, 1, 1)
        )
        assert "Outstanding fines" in page(client_of, supervisor, department, "office")

    def test_who_holds_every_role_sees_every_part_once(self, department, client_of):
        boss = add_person(department, roles=list(Role), rostered=False, scored=False)
        html = page(client_of, boss, department)
        for part in ("decide", "month", "dues", "journal", "fund", "waiting", "sofar", "ahead", "moves"):
            assert html.count(f'id="{part}"') == 1, part
        assert html.count("Cash in the fund") == 1
        assert len(re.findall(r'id="house-\d+"', html)) == 1

    def test_who_holds_nothing_is_told_what_is_open_to_all(self, department, client_of):
        guest = add_person(department, roles=[], rostered=False, scored=False)
        html = page(client_of, guest, department)
        assert "Nothing waits for you" in html
        assert reverse("ledger:fund", args=[department.code]) in html

    @pytest.mark.parametrize("view", ["", "office", "board"])
    def test_for_a_stranger_there_is_nothing(self, department, stranger, client_of, view):
        assert client_of(stranger).get(today(department, view)).status_code == 404

    def test_it_is_only_read(self, department, manager, client_of):
        assert client_of(manager).post(today(department)).status_code == 405

    @pytest.mark.parametrize("role", ["manager", "finance", "owner", "supervisor"])
    def test_an_empty_house_shows_no_figure_without_its_unit(self, department, role, request, client_of):
        html = page(client_of, request.getfixturevalue(role), department)
        for label, figure, says in re.findall(r"<dt>(.*?)</dt>\s*<dd><b>(.*?)</b><span>(.*?)</span>", html, re.S):
            assert "." not in figure or "yuan" in says, (label, figure)


class TestDeciding:
    def test_the_oldest_first_with_its_age_and_who_reported_it(
        self, department, agent, colleague, supervisor, manager, client_of
    ):
        report(colleague, supervisor)
        report(agent, supervisor, days_ago=5)
        html = page(client_of, manager, department)
        html = html[html.index('id="decide"') :] + html
        assert html.index(agent.name) < html.index(colleague.name)
        assert "waiting for 5 d 0 h" in html
        assert f"reported by {supervisor.name}" in html
        assert "the oldest 5 d 0 h" in html

    def test_what_waits_no_longer_than_three_days_is_not_marked(
        self, department, agent, supervisor, manager, client_of
    ):
        report(agent, supervisor, days_ago=3)
        assert "is-bad" not in page(client_of, manager, department)

    def test_who_reported_it_themselves_is_not_asked_to_decide_it(self, department, agent, manager, client_of):
        report(agent, manager)
        assert "Look and decide" not in page(client_of, manager, department)

    def test_more_than_the_card_holds_are_counted(self, department, agent, supervisor, manager, client_of):
        for number in range(8):
            report(agent, supervisor, days_ago=number)
        assert "2 more" in page(client_of, manager, department)

    def test_the_supervisor_reads_what_waits_beside_the_board(self, department, agent, supervisor, client_of):
        report(agent, supervisor)
        html = page(client_of, supervisor, department)
        assert "Reported incidents" in html
        assert "Look and decide" not in html


class TestLastMonth:
    def test_not_scored_yet_is_what_the_page_is_for(self, department, agent, manager, client_of):
        html = page(client_of, manager, department)
        assert "not scored" in html
        assert "Not scored yet: 1 scorecard is missing." in html
        assert f"Still to judge: {agent.name}" in text_of(html)
        button = re.search(r'<form method="post" action="([^"]*)">.*?<button class="([^"]*)"', html, re.S)
        assert button.groups() == (reverse("kpi:run", args=[department.code, OCTOBER]), "bz-btn is-main")

    def test_while_it_is_being_scored_the_progress_stands_there(self, department, agent, manager, client_of):
        job = start_scoring(department=department, month=OCTOBER, actor=manager)
        html = page(client_of, manager, department)
        assert f'hx-get="{job.get_absolute_url()}"' in html
        assert reverse("kpi:run", args=[department.code, OCTOBER]) not in html

    def test_scored_shows_the_grades_the_average_and_who_stands_out(self, department, agent, manager, client_of):
        score_month(department=department, month=OCTOBER, actor=manager)
        html = page(client_of, manager, department)
        card = agent.membership.scorecards.get()
        assert "points on average, 1 scorecard" in text_of(html)
        assert (agent.name in html[html.index("bz-shares") :]) == card.flagged or "Still to judge" in html
        assert "Score October" not in html

    def test_a_flagged_card_is_named_with_its_total(self, department, agent, manager, client_of):
        run = score_month(department=department, month=OCTOBER, actor=manager)
        run.scorecards.update(flagged=True)
        html = page(client_of, manager, department)
        assert reverse("kpi:scorecard", args=[department.code, OCTOBER, agent.membership.pk]) in html
        assert "1 need attention" in html

    def test_scored_before_its_end_is_a_draft_to_score_again(self, department, agent, manager, at, client_of):
        with at("2026-10-20 12:00"):
            score_month(department=department, month=OCTOBER, actor=manager)
        html = page(client_of, manager, department)
        assert "Scored before the month had ended" in html
        assert "Score again" in html

    def test_a_judgement_that_came_later_asks_for_scoring_again(
        self, department, agent, supervisor, manager, at, client_of
    ):
        with at("2026-11-09 12:00"):
            score_month(department=department, month=OCTOBER, actor=manager)
        judge(
            membership=agent.membership,
            month=OCTOBER,
            indicator="judgement",
            choice="good",
            reason="steady",
            actor=supervisor,
        )
        html = page(client_of, manager, department)
        assert "1 judgement is newer than these scores" in html
        assert "Score again" in html
        assert "Still to judge" not in html

    def test_a_department_that_scored_nobody_has_nothing_to_score(self, department, manager, client_of):
        html = page(client_of, manager, department)
        assert "Nobody was scored in that month" in html
        assert "nothing to score" in html

    def test_a_month_without_a_rulebook_has_nothing_to_score_either(self, department, agent, manager, at, client_of):
        with at("2026-01-15 09:00"):
            html = page(client_of, manager, department)
        assert "There is nothing to score." in html

    def test_who_judges_finds_whom_beside_the_board(self, department, agent, supervisor, client_of):
        html = page(client_of, supervisor, department)
        assert "Judged: 0 of 1 agents" in html
        assert reverse("kpi:judge", args=[department.code, OCTOBER, agent.membership.pk]) in html


class TestMoney:
    def test_what_is_owed_stands_with_its_age_the_oldest_first(
        self, department, agent, colleague, supervisor, manager, finance, client_of
    ):
        fine(colleague, supervisor, manager, days_ago=1)
        old = fine(agent, supervisor, manager, days_ago=40)
        html = page(client_of, finance, department)
        assert html.index(agent.name) < html.index(colleague.name)
        late = (department.today() - old.due_day).days
        assert f"{late} days overdue" in html
        assert "yuan, 2 fines" in html
        assert "yuan, 1 fine<" in html

    def test_what_was_paid_is_collected_and_no_longer_owed(
        self, department, agent, supervisor, manager, finance, client_of
    ):
        pay(fine(agent, supervisor, manager, days_ago=2), finance)
        text = text_of(page(client_of, finance, department))
        assert "Cash in the fund 10.00 yuan" in text
        assert "Outstanding 0.00 yuan, 0 fines" in text
        assert "Collected this month 10.00 yuan" in text
        assert "Nothing is outstanding." in text

    def test_what_is_left_of_a_part_payment(self, department, agent, supervisor, manager, finance, client_of):
        pay(fine(agent, supervisor, manager), finance, fen=400)
        assert "left of 10.00 yuan" in page(client_of, finance, department)

    def test_the_last_entries_and_that_the_chain_is_whole(
        self, department, agent, supervisor, manager, finance, client_of
    ):
        pay(fine(agent, supervisor, manager), finance)
        html = page(client_of, finance, department)
        assert html.index("J-2") < html.index("J-1")
        assert "Nothing is missing" in html

    def test_a_broken_chain_is_the_first_thing_said_of_it(
        self, department, agent, supervisor, manager, finance, client_of
    ):
        fine(agent, supervisor, manager)
        with triggers.lifted(connection):
            LedgerHead.objects.update(number=7)
        html = page(client_of, finance, department)
        assert "The chain is broken" in html
        assert 'role="alert"' in html

    def test_nothing_yet(self, department, finance, client_of):
        html = page(client_of, finance, department)
        assert "The first confirmed fine makes one." in html
        assert "Nothing is outstanding." in html

    def test_another_departments_money_is_not_in_it(
        self, department, other_department, agent, supervisor, manager, finance, client_of
    ):
        there = [add_person(other_department, roles=[role]) for role in (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)]
        fine(*there)
        assert "Outstanding 0.00 yuan, 0 fines" in text_of(page(client_of, finance, department))


class TestHouse:
    def test_who_is_here_who_comes_and_who_goes(self, department, agent, owner, client_of):
        soon = department.today() + timedelta(days=5)
        add_person(department, name="新来", from_day=soon)
        add_person(department, name="明年", from_day=soon + timedelta(days=90))
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=soon)
        html = page(client_of, owner, department)
        assert "2 members, 1 joining soon, 1 leaving soon" in html
        assert "joins on 2026-11-15" in html
        assert "last day 2026-11-15" in html
        assert "明年" not in html

    def test_who_has_left_is_no_member(self, department, agent, owner, client_of):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 11, 1))
        assert "1 member<" in page(client_of, owner, department)

    def test_who_has_never_signed_in(self, department, agent, owner, client_of):
        type(agent).objects.filter(pk=owner.pk).update(last_login=clock.now())
        html = page(client_of, owner, department)
        assert "1 has never signed in" in html

    def test_the_version_that_holds_and_the_one_to_come(self, department, owner, client_of):
        import_rulebook(department=department, source=RULEBOOK.read_bytes(), from_day=date(2026, 12, 1), actor=owner)
        html = page(client_of, owner, department)
        assert "Version 1 holds since 2026-01-01" in html
        assert "Version 2 comes into force on 2026-12-01" in html

    def test_what_the_manager_leaves_lying_longer_than_three_days(
        self, department, agent, supervisor, owner, client_of
    ):
        report(agent, supervisor, days_ago=4)
        html = page(client_of, owner, department)
        assert "1 incident not decided, waiting for 4 d 0 h" in html
        assert "October 2026 is not scored" in html
        assert "Nobody may do this" in html

    def test_and_who_it_waits_for(self, department, agent, supervisor, manager, owner, client_of):
        report(agent, supervisor, days_ago=4)
        assert page(client_of, owner, department).count(f"waits for {manager.name}") == 2

    def test_not_earlier(self, department, agent, supervisor, owner, at, client_of):
        with at("2026-11-03 09:00"):
            report(agent, supervisor, days_ago=3)
            assert "Nothing waits too long" in page(client_of, owner, department)

    def test_a_scored_month_is_said(self, department, agent, manager, owner, client_of):
        score_month(department=department, month=OCTOBER, actor=manager)
        assert "October 2026 is scored" in page(client_of, owner, department)

    def test_only_the_departments_whose_members_one_manages(self, department, other_department, owner, client_of):
        assert other_department.name not in page(client_of, owner, department)
        give(other_department, owner, Role.OWNER)
        html = page(client_of, owner, department)
        assert other_department.name in html
        assert today(other_department) in html

    def test_a_manager_sees_the_rulebook_alone(self, department, manager, client_of):
        html = page(client_of, manager, department)
        assert "Version 1 holds since 2026-01-01" in html
        assert 'id="moves"' not in html


class TestOneMainButton:
    @pytest.mark.parametrize("role", ["manager", "finance", "owner", "supervisor"])
    def test_at_most_one_a_page(self, department, agent, colleague, supervisor, manager, role, request, client_of):
        who = request.getfixturevalue(role)
        fine(colleague, supervisor, manager, days_ago=3)
        report(agent, supervisor)
        report(colleague, supervisor)
        for scored in (False, True):
            if scored:
                score_month(department=department, month=OCTOBER, actor=manager)
            assert page(client_of, who, department).count("is-main") <= 1

    def test_first_the_score_then_the_decision(self, department, agent, supervisor, manager, client_of):
        report(agent, supervisor)
        assert re.search(r'is-main">.{0,200}Score October', page(client_of, manager, department), re.S)
        score_month(department=department, month=OCTOBER, actor=manager)
        assert re.search(r'is-main" href="[^"]*">Look and decide', page(client_of, manager, department))


def _queries(client, address) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


class TestCost:
    @pytest.mark.parametrize("role", ["manager", "finance", "owner"])
    def test_the_same_for_one_and_for_thirty(self, department, agent, supervisor, manager, role, request, client_of):
        client = client_of(request.getfixturevalue(role))
        fine(agent, supervisor, manager, days_ago=30)
        report(agent, supervisor, days_ago=4)
        score_month(department=department, month=OCTOBER, actor=manager)
        client.get(today(department))
        one = _queries(client, today(department))
        crew = [add_person(department) for _ in range(30)]
        for person in crew:
            fine(person, supervisor, manager, days_ago=20)
            report(person, supervisor)
        score_month(department=department, month=OCTOBER, actor=manager)
        assert _queries(client, today(department)) == one

    def test_the_house_costs_the_same_for_one_and_for_ten_departments(
        self, department, owner, django_assert_num_queries
    ):
        with CaptureQueriesContext(connection) as one:
            house_part(owner)
        source = RULEBOOK.read_bytes()
        for number in range(9):
            more = make_department(f"shop-{number}")
            import_rulebook(department=more, source=source, from_day=date(2026, 1, 1), actor=None)
            give(more, owner, Role.OWNER)
            add_person(more, from_day=date(2026, 2, 1))
        with django_assert_num_queries(len(one)):
            assert len(house_part(owner).houses) == 10


def test_the_clock_of_each_department_is_its_own(department, owner):
    """At nine in the evening in Shanghai it is still the tenth there, and in Auckland the eleventh already."""
    far = make_department("far", time_zone="Pacific/Auckland")
    source = RULEBOOK.read_bytes().replace(b"Asia/Shanghai", b"Pacific/Auckland")
    import_rulebook(department=far, source=source, from_day=date(2026, 1, 1), actor=None)
    give(far, owner, Role.OWNER)
    add_person(far, from_day=date(2026, 11, 11))
    with clock.at(datetime(2026, 11, 10, 21, tzinfo=department.zone)):
        assert [len(house.present) for house in house_part(owner).houses if house.department == far] == [1]
