"""What was pressed while signed out, and addresses that are only ever pressed."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client

pytestmark = pytest.mark.django_db

BROWSER = {"accept": "text/html,application/xhtml+xml", "accept-language": "en"}
DONE = "/d/desk/handover/items/7/done/"


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def visitor():
    return Client(headers=BROWSER)


class TestPressedWhileSignedOut:
    def test_one_is_told_and_comes_back_to_the_page_that_was_open(self, visitor):
        page = "http://testserver/d/desk/handover/?view=queue"
        answer = visitor.post(DONE, headers={"referer": page})
        assert answer["location"] == "/accounts/login/?next=/d/desk/handover/%3Fview%3Dqueue"
        assert "you had been signed out" in visitor.get(answer["location"]).content.decode()

    @pytest.mark.parametrize("page", ["", "https://elsewhere.example/d/desk/", "javascript:alert(1)", "//x/y"])
    def test_without_such_a_page_to_the_one_above_the_address(self, visitor, page):
        answer = visitor.post(DONE, headers={"referer": page})
        assert answer["location"] == "/accounts/login/?next=/d/desk/handover/items/7/"

    def test_behind_the_page_the_browser_itself_is_sent_to_sign_in(self, visitor):
        page = "http://testserver/d/desk/handover/"
        answer = visitor.post(DONE, headers={"hx-request": "true", "hx-current-url": page})
        assert answer["hx-redirect"] == "/accounts/login/?next=/d/desk/handover/"

    def test_what_is_only_read_is_asked_for_again_and_nothing_said(self, visitor):
        answer = visitor.get("/d/desk/handover/?view=queue", headers={"referer": "http://testserver/d/desk/"})
        assert answer["location"] == "/accounts/login/?next=/d/desk/handover/%3Fview%3Dqueue"
        assert said(answer) == []


class TestOpenedInsteadOfPressed:
    @pytest.mark.parametrize(
        ("address", "page"),
        [
            (DONE, "/d/desk/handover/items/7/"),
            ("/d/desk/cases/7/steps/1/", "/d/desk/cases/7/"),
            ("/d/desk/clock-in/", "/d/desk/"),
            ("/d/desk/weekly/save/", "/d/desk/weekly/"),
        ],
    )
    def test_the_page_above_is_shown_with_a_word(self, department, agent, client_of, address, page):
        answer = client_of(agent).get(address, headers=BROWSER)
        assert answer["location"] == page
        assert said(answer) == ["Nothing was done. If it is still to be done, press the button again."]

    def test_one_above_another_says_it_once(self, department, owner, agent, client_of):
        client = client_of(owner)
        address = f"/d/desk/members/{agent.membership.pk}/roles/1/end/"
        answer = client.get(address, headers=BROWSER, follow=True)
        assert answer.redirect_chain[-1][0] == f"/d/desk/members/{agent.membership.pk}/"
        assert answer.content.decode().count("Nothing was done.") == 1

    def test_a_program_and_a_part_of_a_page_are_refused_as_ever(self, department, agent, client_of):
        client = client_of(agent)
        for headers in ({}, {"accept": "application/json"}, {**BROWSER, "hx-request": "true"}):
            answer = client.get(DONE, headers=headers)
            assert (answer.status_code, answer["allow"]) == (405, "POST")

    def test_elsewhere_it_is_said_in_words(self, agent, client_of):
        for client, address in ((client_of(agent), "/notices/read/"), (client_of(agent), "/jobs/1/cancel/")):
            answer = client.get(address, headers=BROWSER)
            assert (answer.status_code, answer["allow"]) == (405, "POST")
            assert "This address belongs to a button" in answer.content.decode()
