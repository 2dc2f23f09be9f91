"""The pages of the duties: works, stranger 404, colleague without the right 403, bad input 422 and nothing lost."""

from datetime import date

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office.months import Month
from people.access import membership_of
from people.models import Role
from shifts.models import DutyTurn
from shifts.pages.duties import duties_today
from shifts.services import duties
from tests.factories import add_person
from tests.sheets import rows_of
from tests.shifts.duty_rules import with_duties

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


@pytest.fixture
def crew(department, agent, colleague, leader, paint, publish, at):
    """Three on the day shift of the 10th to the 12th, published; the agent has the night of the 13th."""
    with_duties(department)
    with at("2026-10-25 12:00"):
        paint(*[(person, number, "D") for person in (agent, colleague, leader) for number in (10, 11, 12)])
        paint((agent, 13, "N"))
        publish()
    return agent, colleague, leader


@pytest.fixture
def turns(department, crew, at):
    """01 sweeps on the 10th, 02 on the 11th, 07 on the 12th."""
    with at("2026-11-09 12:00"):
        duties.make_turns(department=department, month=NOVEMBER)
    return {turn.business_date.day: turn for turn in DutyTurn.objects.all()}


@pytest.fixture(autouse=True)
def day_before(department, at):
    with at("2026-11-09 13:00"):
        yield


def to(name, department, pk=None, month=NOVEMBER):
    return reverse(f"shifts:{name}", kwargs={"code": department.code} | ({"pk": pk} if pk else {"month": month}))


def text(response) -> str:
    return response.content.decode()


class TestTheRota:
    def test_it_shows_who_has_what_by_day_and_marks_the_readers_own(self, department, turns, agent, client_of):
        page = text(client_of(agent).get(to("duties", department)))
        assert page.index("11-10 Tue") < page.index("11-11 Wed") < page.index("11-13 Fri")
        assert "Sweeping" in page
        assert page.count(">you</span>") == 2
        assert page.count("Pass on") == 2
        assert "Give to somebody else" not in page

    def test_who_edits_the_roster_can_give_each_to_somebody_else(self, department, turns, supervisor, client_of):
        page = text(client_of(supervisor).get(to("duties", department)))
        assert page.count("Give to somebody else") == 4

    def test_a_link_leads_to_the_first_row_that_is_not_over(self, department, turns, agent, client_of, at):
        days = sorted({turn.business_date for turn in DutyTurn.objects.all()})
        with at(f"{days[1]} 09:00"):
            html = client_of(agent).get(to("duties", department)).content.decode()
        assert 'href="#today"' in html
        assert html.count('id="today"') == 1
        assert html.index('id="today"') < html.index(f"{days[1]:%m-%d}")
        assert f"{days[0]:%m-%d}" not in html[html.index('id="today"') :]
        with at("2026-12-20 09:00"):
            assert 'id="today"' not in client_of(agent).get(to("duties", department)).content.decode()

    def test_ones_own_can_be_seen_alone(self, department, turns, agent, colleague, finance, client_of):
        page = text(client_of(agent).get(to("duties", department) + "?whose=mine"))
        assert page.count(">you</span>") == 2
        assert colleague.name not in page
        assert "Nothing fits this choice" in text(client_of(finance).get(to("duties", department) + "?whose=mine"))

    def test_a_stranger_finds_nothing(self, department, turns, stranger, client_of):
        client = client_of(stranger)
        assert client.get(to("duties", department)).status_code == 404
        for name in ("duty_pass_on", "duty_answer", "duty_done"):
            assert client.post(to(name, department, turns[10].pk)).status_code == 404

    def test_it_goes_along_as_a_file(self, department, turns, agent, client_of):
        answer = client_of(agent).get(to("duties", department) + "?export=xlsx")
        head, first, *rest = rows_of(answer.content)
        assert head == ["Date", "Duty", "Work number", "Who", "State"]
        assert first[1:4] == ["Sweeping", "01", "陈思雨"]
        assert len(rest) == 3

    def test_it_costs_the_same_for_one_turn_and_for_thirty(
        self, department, crew, supervisor, client_of, paint, publish, at
    ):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(to("duties", department)).status_code == 200
            return len(captured)

        client = client_of(supervisor)
        DutyTurn.objects.create(
            department=department, duty="sweeping", business_date=date(2026, 11, 10), membership=crew[0].membership
        )
        few = queries()
        people = [add_person(department, roles=[Role.AGENT]) for _number in range(5)]
        paint(*[(person, day, "D") for person in people for day in range(14, 30)])
        publish()
        duties.make_turns(department=department, month=NOVEMBER)
        assert DutyTurn.objects.count() >= 19
        assert queries() == few <= 12

    def test_without_duties_in_the_rulebook_it_says_so(self, department, agent, client_of, supervisor):
        page = text(client_of(agent).get(to("duties", department)))
        assert "No duties here" in page
        page = text(client_of(supervisor).get(to("duties", department)))
        assert "Give the turns" not in page

    def test_before_the_roster_is_published_it_says_so(self, department, agent, supervisor, client_of):
        with_duties(department)
        for person in (agent, supervisor):
            assert "The roster is not published yet" in text(client_of(person).get(to("duties", department)))

    def test_a_month_without_a_rulebook_is_empty_and_no_mistake(self, department, agent, client_of):
        assert client_of(agent).get(to("duties", department, month=Month(2020, 1))).status_code == 200


class TestMaking:
    def test_who_edits_the_roster_presses_a_button(self, department, crew, supervisor, client_of):
        client = client_of(supervisor)
        assert "Give the turns" in text(client.get(to("duties", department)))
        page = text(client.post(to("duties_make", department), follow=True))
        assert "4 turns given; they are told." in page
        assert DutyTurn.objects.count() == 4
        assert "Every duty has somebody already." in text(client.post(to("duties_make", department), follow=True))

    def test_nobody_else(self, department, crew, agent, leader, client_of):
        for person in (agent, leader):
            assert "Give the turns" not in text(client_of(person).get(to("duties", department)))
            assert client_of(person).post(to("duties_make", department)).status_code == 403
        assert not DutyTurn.objects.exists()

    def test_a_refusal_is_said_on_the_page(self, department, crew, supervisor, client_of):
        page = client_of(supervisor).post(to("duties_make", department, month=Month(2026, 12)), follow=True)
        assert "is not published yet" in text(page)


class TestPassingOn:
    def test_the_holder_asks_a_colleague_who_accepts(self, department, turns, leader, agent, client_of):
        client, turn = client_of(leader), turns[10]
        page = text(client.get(to("duty_pass_on", department, turn.pk)))
        assert "07 林晓彤" in page
        assert "01 陈思雨</option>" not in page
        page = text(client.post(to("duty_pass_on", department, turn.pk), {"to": agent.membership.pk}, follow=True))
        assert "Asked. It stays yours until then." in page
        assert "Offered to 林晓彤" in page
        page = text(client_of(agent).get(to("duties", department)))
        assert "陈思雨 asks you to take over <b>Sweeping</b> on 11-10 Tue." in page
        answer = client_of(agent).post(to("duty_answer", department, turn.pk), {"answer": "accept"}, follow=True)
        assert "It is yours now." in text(answer)
        turn.refresh_from_db()
        assert turn.membership == agent.membership

    def test_or_declines(self, department, turns, leader, agent, client_of):
        turn = duties.offer(turn=turns[10], to=agent.membership, actor=leader)
        client_of(agent).post(to("duty_answer", department, turn.pk), {"answer": "decline"})
        turn.refresh_from_db()
        assert (turn.membership, turn.offered_to) == (leader.membership, None)

    @pytest.mark.parametrize("sent", [{}, {"answer": "perhaps"}])
    def test_an_answer_that_says_nothing_changes_nothing(self, department, turns, leader, agent, client_of, sent):
        turn = duties.offer(turn=turns[10], to=agent.membership, actor=leader)
        page = client_of(agent).post(to("duty_answer", department, turn.pk), sent, follow=True)
        assert "Say whether you take it over." in text(page)
        turn.refresh_from_db()
        assert turn.offered_to == agent.membership

    def test_nobody_answers_for_somebody_else(self, department, turns, leader, agent, colleague, supervisor, client_of):
        turn = duties.offer(turn=turns[10], to=agent.membership, actor=leader)
        for person in (colleague, leader, supervisor):
            answer = client_of(person).post(to("duty_answer", department, turn.pk), {"answer": "accept"})
            assert answer.status_code == 403

    def test_an_offer_that_is_gone_is_said_so(self, department, turns, agent, client_of):
        page = client_of(agent).post(to("duty_answer", department, turns[10].pk), {"answer": "accept"}, follow=True)
        assert "This turn is not offered to you any more." in text(page)

    def test_who_edits_the_roster_decides(self, department, turns, supervisor, agent, client_of):
        client, turn = client_of(supervisor), turns[10]
        page = client.post(to("duty_pass_on", department, turn.pk), {"to": agent.membership.pk}, follow=True)
        assert "It is theirs now." in text(page)
        turn.refresh_from_db()
        assert turn.membership == agent.membership

    def test_a_colleague_has_no_say(self, department, turns, agent, client_of):
        client = client_of(agent)
        assert client.get(to("duty_pass_on", department, turns[10].pk)).status_code == 403
        assert client.post(to("duty_pass_on", department, turns[10].pk), {"to": "1"}).status_code == 403

    @pytest.mark.parametrize("sent", ["", "abc", "999999999999999999999", "0"])
    def test_nobody_or_somebody_impossible_is_refused_clearly(self, department, turns, leader, client_of, sent):
        answer = client_of(leader).post(to("duty_pass_on", department, turns[10].pk), {"to": sent})
        assert answer.status_code == 422
        assert ("Choose somebody." if not sent else "This person cannot take it") in text(answer)

    def test_where_nobody_else_is_there_the_page_says_so(self, department, turns, agent, client_of):
        page = text(client_of(agent).get(to("duty_pass_on", department, turns[13].pk)))
        assert "Nobody else is there that day" in page

    def test_what_is_over_stays_as_it_was(self, department, turns, leader, agent, client_of, at):
        with at("2026-11-10 18:00"):
            client, address = client_of(leader), to("duty_pass_on", department, turns[10].pk)
            assert "This turn is over" in text(client.get(address))
            assert client.post(address, {"to": agent.membership.pk}).status_code == 422


class TestDone:
    def test_the_holder_says_so_on_the_rota_or_on_the_desk_page(self, department, turns, leader, client_of, at):
        client, address = client_of(leader), to("duty_done", department, turns[10].pk)
        assert "It is done" not in text(client.get(to("duties", department)))
        with at("2026-11-10 16:00"):
            assert "It is done" in text(client.get(to("duties", department)))
            answer = client.post(address, {"today": "1"})
            assert answer.headers["Location"] == f"/d/{department.code}/"
            page = text(client.get(to("duties", department)))
        assert "Noted as done." in page
        assert ">Done</span>" in page

    def test_nobody_says_so_for_somebody_else(self, department, turns, agent, supervisor, client_of, at):
        with at("2026-11-10 16:00"):
            for person in (agent, supervisor):
                assert client_of(person).post(to("duty_done", department, turns[10].pk)).status_code == 403

    def test_a_second_time_is_said_and_harmless(self, department, turns, leader, client_of, at):
        with at("2026-11-10 16:00"):
            client, address = client_of(leader), to("duty_done", department, turns[10].pk)
            client.post(address)
            assert "This duty has been done already." in text(client.post(address, follow=True))

    def test_after_the_shift_it_waits_to_be_confirmed_and_then_counts_as_missed(
        self, department, turns, leader, client_of, at
    ):
        client = client_of(leader)
        with at("2026-11-10 17:30"):
            assert "To be confirmed" in text(client.get(to("duties", department)))
        with at("2026-11-11 06:00"):
            assert "Not confirmed" in text(client.get(to("duties", department)))


class TestToday:
    def test_ones_own_turns_of_today_and_what_is_offered(self, department, turns, leader, agent, at):
        member = membership_of(leader, department)
        assert not duties_today(member)
        with at("2026-11-10 09:00"):
            mine = duties_today(member)
            assert [(row.name, row.can_be_done, row.can_pass_on) for row in mine.own] == [("Sweeping", True, True)]
            duties.offer(turn=turns[10], to=agent.membership, actor=leader)
            assert [row.who for row in duties_today(agent.membership).offered] == ["陈思雨"]

    def test_the_part_of_the_desk_page_holds_what_can_be_done(self, department, turns, leader, agent, at):
        def part(person) -> str:
            context = {"duties": duties_today(membership_of(person, department)), "department": department}
            return render_to_string("shifts/_duty_today.html", context)

        assert part(leader).strip() == ""
        with at("2026-11-10 09:00"):
            duties.offer(turn=turns[10], to=agent.membership, actor=leader)
            own, offered = part(leader), part(agent)
        assert to("duty_done", department, turns[10].pk) in own
        assert to("duty_pass_on", department, turns[10].pk) in own
        assert "Offered to 林晓彤" in own
        assert to("duty_answer", department, turns[10].pk) in offered
        assert 'name="today"' in own
        assert 'name="today"' in offered

    def test_a_nights_duty_stays_there_after_midnight_until_its_shift_is_over(self, department, turns, agent, at):
        member = membership_of(agent, department)
        for moment, own in (("2026-11-13 20:00", 1), ("2026-11-14 00:30", 1), ("2026-11-14 01:30", 0)):
            with at(moment):
                assert len(duties_today(member).own) == own, moment
