"""The pages of newcomers and their mentors, for each of the cast."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import LearntPoint, Mentorship
from handover.services.training import pair, tick_point
from office.excel import CONTENT_TYPE
from tests.factories import add_person

pytestmark = pytest.mark.usefixtures("afternoon")

FIRST = date(2026, 10, 12)
MOST = 10


def url(department, name="training", *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


@pytest.fixture
def newcomer(department):
    return add_person(department, name="何佳", work_number="44", from_day=FIRST)


@pytest.fixture
def mentorship(newcomer, agent, leader):
    return pair(newcomer=newcomer.membership, mentor=agent.membership, from_day=FIRST, actor=leader)


def test_who_leads_pairs_and_everybody_else_may_not(department, newcomer, agent, colleague, leader, client_of):
    data = {"newcomer": newcomer.membership.pk, "mentor": agent.membership.pk, "from_day": "2026-11-10"}
    assert client_of(colleague).post(url(department), data).status_code == 403
    answer = client_of(leader).post(url(department), data)
    assert answer["location"] == url(department, "mentorship", Mentorship.objects.get().pk)


@pytest.mark.parametrize(
    "changes",
    [
        {"newcomer": ""},
        {"newcomer": "x"},
        {"mentor": "99999999999999999999"},
        {"from_day": "2026-02-30"},
        {"from_day": "2020-01-01"},
        {"from_day": "9999-01-01"},
        {"mentor": "newcomer"},
    ],
)
def test_what_makes_no_sense_is_refused(department, newcomer, agent, leader, client_of, changes):
    data = {"newcomer": newcomer.membership.pk, "mentor": agent.membership.pk, "from_day": "2026-11-10"} | changes
    if data["mentor"] == "newcomer":
        data["mentor"] = newcomer.membership.pk
    assert client_of(leader).post(url(department), data).status_code == 422
    assert not Mentorship.objects.exists()


def test_the_mentor_ticks_on_the_phone_and_takes_back(department, mentorship, agent, client_of, rulebook):
    client, address = client_of(agent), url(department, "mentorship_point", mentorship.pk)
    code = rulebook.training.checklist[0].code
    assert "0/5" in page(client.get(url(department, "mentorship", mentorship.pk)))
    assert client.post(address, {"point": code}).status_code == 302
    assert "1/5" in page(client.get(url(department, "mentorship", mentorship.pk)))
    assert client.post(address, {"point": code, "back": "1"}).status_code == 302
    assert LearntPoint.objects.get().taken_back_at is not None
    assert client.post(address, {"point": "none-such"}).status_code == 422
    assert client.post(address, {"point": "\x00", "back": "1"}).status_code == 422
    assert client.post(address, {}).status_code == 422


def test_the_newcomer_reads_and_does_not_tick(department, mentorship, newcomer, client_of, rulebook):
    client = client_of(newcomer)
    assert "Your mentor ticks off" in page(client.get(url(department, "mentorship", mentorship.pk)))
    code = rulebook.training.checklist[0].code
    assert client.post(url(department, "mentorship_point", mentorship.pk), {"point": code}).status_code == 403
    for name in ("mentorship_pass", "mentorship_end"):
        assert client.post(url(department, name, mentorship.pk), {"day": "2026-11-10"}).status_code == 403


def test_for_colleagues_and_strangers_it_does_not_exist(department, mentorship, colleague, stranger, client_of):
    for person in (colleague, stranger):
        assert client_of(person).get(url(department, "mentorship", mentorship.pk)).status_code == 404
        assert client_of(person).post(url(department, "mentorship_pass", mentorship.pk)).status_code == 404
    assert "You neither teach nor learn" in page(client_of(colleague).get(url(department)))


def test_who_leads_says_that_the_newcomer_has_passed(department, mentorship, leader, client_of):
    client, address = client_of(leader), url(department, "mentorship_pass", mentorship.pk)
    assert client.post(address, {"day": "2026-11-10", "remark": ""}).status_code == 422
    assert client.post(address, {"day": "2026-11-11", "remark": "x"}).status_code == 422
    assert client.post(address, {"day": "x", "remark": "x"}).status_code == 422
    assert client.post(address, {"day": "2026-11-10", "remark": "<script>x</script>"}).status_code == 302
    html = page(client.get(url(department, "mentorship", mentorship.pk)))
    assert "Passed early" in html
    assert "<script>x" not in html
    assert client.post(address, {"day": "2026-11-10", "remark": "x"}).status_code == 422


def test_it_ends_without_passing_only_with_a_reason(department, mentorship, leader, client_of):
    client, address = client_of(leader), url(department, "mentorship_end", mentorship.pk)
    assert client.post(address, {"day": "2026-11-10", "remark": ""}).status_code == 422
    assert client.post(address, {"day": "2026-11-10", "remark": "换班"}).status_code == 302


def test_what_has_not_begun_is_called_off_on_its_page(department, newcomer, agent, leader, client_of):
    ahead = pair(newcomer=newcomer.membership, mentor=agent.membership, from_day=date(2026, 11, 20), actor=leader)
    client = client_of(leader)
    html = page(client.get(url(department, "mentorship", ahead.pk)))
    assert "It has not begun yet." in html
    assert '<input type="hidden" name="day" value="2026-11-20"' in html
    assert url(department, "mentorship_pass", ahead.pk) not in html
    address = url(department, "mentorship_end", ahead.pk)
    assert client.post(address, {"day": "2026-11-20", "remark": ""}).status_code == 422
    assert client.post(address, {"day": "2026-11-20", "remark": "日期填错"}).status_code == 302


def test_it_costs_the_same_with_one_newcomer_and_with_thirty(
    department, mentorship, agent, leader, client_of, rulebook
):
    client, address = client_of(leader), url(department)
    few = queries_of(client, address)
    for _number in range(30):
        person = add_person(department)
        made = pair(newcomer=person.membership, mentor=agent.membership, from_day=FIRST, actor=leader)
        tick_point(mentorship=made, code=rulebook.training.checklist[0].code, actor=agent)
    assert queries_of(client, address) == few <= MOST
    assert queries_of(client, url(department, "mentorship", mentorship.pk)) <= MOST
    assert client.get(address, {"export": "xlsx"})["Content-Type"] == CONTENT_TYPE
