"""The notebooks as lists: words are found, figures sort, the file holds what the reader may read."""

import pytest
from django.urls import reverse

from handover import services
from tests.handover.conftest import TUESDAY
from tests.sheets import rows_of

pytestmark = pytest.mark.usefixtures("afternoon")


def enter(person, text, about="", category="problem"):
    return services.write_issue(author=person.membership, category=category, text=text, about=about)


def record(person, served, closed):
    figures = {"served": served, "closed": closed, "enquiries": 0, "sales_fen": 100 * closed}
    services.record_statistics(membership=person.membership, business_date=TUESDAY, actor=person, **figures)


def sheet(client, name, **query):
    return rows_of(client.get(reverse(f"handover:{name}", args=["desk"]), {"export": "xlsx"} | query).content)


@pytest.mark.parametrize(("words", "found"), [("退款", ["一"]), ("床", ["二"]), ("10%", ["一"]), ("_", [])])
def test_the_register_is_searched_by_words_in_text_and_subject(words, found, department, agent, leader, client_of):
    enter(agent, "一：退款 10% 没有到账")
    enter(agent, "二：尺寸写错", about="1.8 米床")
    shown = client_of(leader).get(reverse("handover:issues", args=["desk"]), {"q": words})
    assert [entry.text[0] for entry in shown.context["table"].page] == found


def test_the_register_as_a_file_holds_ones_own_or_everybodys(department, agent, colleague, leader, client_of):
    enter(agent, "Mine")
    enter(colleague, "Another's", category="idea")
    assert [row[6] for row in sheet(client_of(agent), "issues")[1:]] == ["Mine"]
    assert [[*row[3:5], row[6]] for row in sheet(client_of(leader), "issues", sort="who")[1:]] == [
        ["Idea", None, "Another's"],
        ["Problem", None, "Mine"],
    ]


def test_the_statistics_as_a_file_are_everybodys_for_who_may_read_them(department, agent, colleague, leader, client_of):
    record(agent, 40, 10)
    record(colleague, 30, 20)
    everybody = sheet(client_of(leader), "statistics", month="2026-11", sort="-share")
    assert [row[:5] for row in everybody[1:3]] == [
        ["02", "王浩然", 30.0, 20.0, 66.7],
        ["07", "林晓彤", 40.0, 10.0, 25.0],
    ]
    own = sheet(client_of(agent), "statistics", month="2026-11")
    assert own[0][:3] == ["Day", "Customers served", "Customers closed"]
    assert [row[1:3] for row in own[1:]] == [[40.0, 10.0]]
