"""The pages of the weekly summary, for each of the cast."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import WeeklySummary
from handover.services.weekly import hand_in_summary, save_summary, watch_weeklies
from office import clock
from office.excel import CONTENT_TYPE
from tests.factories import add_person

SATURDAY = date(2026, 11, 14)
LONG = "这一周我接待了很多顾客，" * 20
MOST = 10


@pytest.fixture(autouse=True)
def thursday(department):
    with clock.at(datetime(2026, 11, 12, 12, 0, tzinfo=department.zone)) as moment:
        yield moment


def url(department, name="weekly", *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


FORM = {"day": "2026-11-14", "text": LONG}


class TestOnesOwn:
    def test_it_says_when_it_is_due_and_how_long_it_is_at_least(self, department, agent, client_of):
        html = page(client_of(agent).get(url(department)))
        assert "Due Sat 11-14 17:00" in html
        assert 'data-least="200"' in html

    def test_it_is_handed_in(self, department, agent, client_of):
        client = client_of(agent)
        assert client.post(url(department), FORM)["location"] == url(department)
        assert WeeklySummary.objects.handed_in().get().membership == agent.membership
        assert "it does not change any more" in page(client.get(url(department)))

    def test_too_short_keeps_what_was_typed(self, department, agent, client_of):
        response = client_of(agent).post(url(department), FORM | {"text": "一句话"})
        assert response.status_code == 422
        html = page(response)
        assert "197 characters are missing" in html
        assert "一句话" in html

    @pytest.mark.parametrize("day", ["", "x", "2026-02-30", "2026-11-13", "1999-01-02", "9999-12-31"])
    def test_a_day_that_cannot_be_is_refused(self, department, agent, client_of, day):
        for name in ("weekly", "weekly_save"):
            assert client_of(agent).post(url(department, name), FORM | {"day": day}).status_code == 422
        assert not WeeklySummary.objects.exists()

    def test_a_text_past_all_measure_is_refused(self, department, agent, client_of):
        assert client_of(agent).post(url(department), FORM | {"text": "x" * 10_001}).status_code == 422
        assert client_of(agent).post(url(department), FORM | {"text": "a\x00b"}).status_code == 422

    def test_the_draft_is_saved_while_writing(self, department, agent, client_of):
        client = client_of(agent)
        answer = client.post(
            url(department, "weekly_save"), FORM | {"text": " 还没完 "}, headers={"HX-Request": "true"}
        )
        assert "Draft saved 12:00" in page(answer)
        assert WeeklySummary.objects.get().text == " 还没完 "
        assert "还没完" in page(client.get(url(department)))

    def test_without_scripts_the_draft_is_saved_by_a_button(self, department, agent, client_of):
        assert client_of(agent).post(url(department, "weekly_save"), FORM)["location"] == url(department)

    def test_a_missed_one_is_named_and_can_be_handed_in_late(self, department, agent, client_of):
        client = client_of(agent)
        assert "?week=2026-11-07" in page(client.get(url(department)))
        assert "Hand in late" in page(client.get(url(department), {"week": "2026-11-07"}))
        client.post(url(department), FORM | {"day": "2026-11-07"})
        assert not WeeklySummary.objects.get().is_on_time

    def test_scripts_in_it_are_text(self, department, agent, client_of):
        text = "<script>alert(1)</script>" + LONG
        client_of(agent).post(url(department), FORM | {"text": text})
        assert "<script>alert" not in page(client_of(agent).get(url(department)))

    def test_who_is_not_asked_and_reads_nobodys_is_told(self, department, finance, client_of):
        assert "No weekly summary is asked of you" in page(client_of(finance).get(url(department)))
        assert client_of(finance).post(url(department), FORM).status_code == 422

    def test_who_writes_none_and_reads_the_others_lands_on_the_board(self, department, supervisor, agent, client_of):
        html = page(client_of(supervisor).get(url(department)))
        assert "Weekly summaries" in html
        assert agent.name in html
        assert "My own" not in html
        assert client_of(supervisor).post(url(department), FORM).status_code == 422

    def test_it_costs_the_same_after_one_week_and_after_eight(self, department, agent, client_of, at):
        client = client_of(agent)
        few = queries_of(client, url(department))
        watch_weeklies()
        assert queries_of(client, url(department)) <= few
        assert few <= MOST

    def test_without_a_rulebook_it_says_so(self, agent, client_of):
        from tests.factories import make_department

        bare = make_department("bare")
        person = add_person(bare)
        assert "No rulebook yet" in page(client_of(person).get(url(bare)))


class TestTheBoard:
    def test_the_leader_sees_who_handed_in_when_and_how_often(
        self, department, agent, colleague, leader, client_of, at
    ):
        hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        with at("2026-11-14 18:00"):
            hand_in_summary(membership=colleague.membership, day=SATURDAY, text=LONG)
            html = page(client_of(leader).get(url(department, "weekly_board")))
        assert "1 of 8 weeks" in html
        assert html.count("On time</span>") == 1
        assert html.count("Late</span>") == 1
        assert html.count("Missing</span>") == 1

    def test_it_goes_along_as_excel(self, department, agent, leader, client_of):
        answer = client_of(leader).get(url(department, "weekly_board"), {"export": "xlsx"})
        assert answer["Content-Type"] == CONTENT_TYPE

    def test_an_agent_may_not_see_it(self, department, agent, client_of):
        assert client_of(agent).get(url(department, "weekly_board")).status_code == 403

    @pytest.mark.parametrize("week", ["x", "2026-11-13", "2026-13-01"])
    def test_a_week_that_does_not_exist_is_not_found(self, department, leader, client_of, week):
        assert client_of(leader).get(url(department, "weekly_board"), {"week": week}).status_code == 404

    def test_it_costs_the_same_with_one_person_and_with_thirty(self, department, agent, leader, client_of):
        client, address = client_of(leader), url(department, "weekly_board")
        hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        few = queries_of(client, address)
        for _number in range(30):
            hand_in_summary(membership=add_person(department).membership, day=SATURDAY, text=LONG)
        assert queries_of(client, address) == few <= MOST


class TestReadingOne:
    def test_a_draft_is_its_writers_alone(self, department, agent, leader, client_of):
        draft = save_summary(membership=agent.membership, day=SATURDAY, text="还没完")
        assert client_of(leader).get(url(department, "weekly_summary", draft.pk)).status_code == 404

    def test_the_leader_and_its_writer_read_it_and_nobody_else(
        self, department, agent, colleague, leader, stranger, client_of
    ):
        summary = hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        address = url(department, "weekly_summary", summary.pk)
        assert "这一周" in page(client_of(agent).get(address))
        assert "这一周" in page(client_of(leader).get(address))
        assert client_of(colleague).get(address).status_code == 404
        assert client_of(stranger).get(address).status_code == 404

    def test_one_goes_from_one_to_the_next(self, department, agent, colleague, leader, client_of):
        first = hand_in_summary(membership=colleague.membership, day=SATURDAY, text=LONG)
        second = hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        client = client_of(leader)
        assert url(department, "weekly_summary", second.pk) in page(
            client.get(url(department, "weekly_summary", first.pk))
        )


def test_for_a_stranger_none_of_it_exists(department, stranger, client_of):
    client = client_of(stranger)
    assert client.get(url(department)).status_code == 404
    assert client.post(url(department, "weekly_save"), FORM).status_code == 404
    assert client.get(url(department, "weekly_board")).status_code == 404
