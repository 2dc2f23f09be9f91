"""The ledger's lists as files: what the page shows, and nothing that the reader may not see."""

import pytest

from tests.sheets import rows_of

pytestmark = pytest.mark.django_db

FILE = {"export": "xlsx"}


def sheet(client, address, **query):
    answer = client.get(f"/d/desk/{address}/", FILE | query)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="desk-')
    return rows_of(answer.content)


def test_the_incidents_as_a_file_are_those_of_the_page(report, confirm, agent, colleague, manager, client_of):
    confirm(agent, when="2026-11-03 10:00", facts="Watched a film")
    report(colleague, when="2026-11-04 10:00", facts="=HYPERLINK(1)")
    head, newer, older = sheet(client_of(manager), "incidents")
    assert head[1:4] == ["Work number", "Who", "Clause"]
    assert (newer[1], newer[5], newer[7]) == ("02", "=HYPERLINK(1)", None)
    assert (older[1], older[5], older[7]) == ("07", "Watched a film", "Fine 10.00 yuan")
    assert len(sheet(client_of(manager), "incidents", state="reported")) == 2


def test_an_agent_takes_along_only_what_is_about_them(report, agent, colleague, client_of):
    report(agent, facts="Mine")
    report(colleague, facts="The other's")
    assert [row[5] for row in sheet(client_of(agent), "incidents")[1:]] == ["Mine"]


def test_a_reporter_does_not_learn_from_the_file_what_it_led_to(confirm, agent, leader, manager, client_of):
    confirm(agent, by=leader)
    assert [row[7] for row in sheet(client_of(leader), "incidents")[1:]] == [None]
    assert [row[7] for row in sheet(client_of(manager), "incidents")[1:]] == ["Fine 10.00 yuan"]


@pytest.mark.parametrize(
    ("words", "found"), [("film", 1), ("王浩", 1), ("07", 1), ("07 ", 1), ("0", 0), ("nothing", 0)]
)
def test_words_are_looked_for_in_facts_names_and_work_numbers(
    words, found, report, agent, colleague, manager, client_of
):
    report(agent, facts="Watched a film")
    report(colleague, facts="Slept")
    shown = client_of(manager).get("/d/desk/incidents/", {"q": words})
    assert len(shown.context["rows"]) == found


def test_the_dues_are_sorted_by_any_column_and_summed_over_all(confirm, pay, agent, colleague, finance, client_of):
    pay(confirm(agent, when="2026-11-03 10:00", decided="2026-11-04 10:00"), 250)
    confirm(colleague, when="2026-11-05 10:00", decided="2026-11-06 10:00")
    most_first = sheet(client_of(finance), "dues", sort="-left")
    assert [(row[0], row[6:9]) for row in most_first[1:]] == [("02", [10.0, 0.0, 10.0]), ("07", [10.0, 2.5, 7.5])]
    assert [row[0] for row in sheet(client_of(finance), "dues", sort="left")[1:]] == ["07", "02"]


def test_only_finance_takes_the_dues_along(confirm, agent, manager, client_of):
    confirm(agent)
    assert client_of(manager).get("/d/desk/dues/", FILE).status_code == 403


def test_the_fund_as_a_file_masks_names_as_its_page_does(confirm, pay, agent, colleague, finance, client_of):
    pay(confirm(agent))
    head, payment, fine = sheet(client_of(colleague), "fund")
    assert head[6:10] == ["Owed", "In", "Out", "Cash after"]
    assert payment[3].startswith("**7 ")
    assert payment[6:10] == [-10.0, 10.0, None, 10.0]
    assert fine[6:10] == [10.0, None, None, 0.0]
    # The whole check code, so that a file can be held against the journal.
    assert len(payment[10]) == 64
    assert sheet(client_of(finance), "fund")[1][3].startswith("林晓彤 ")


@pytest.mark.parametrize("address", ["incidents", "dues", "fund"])
def test_a_list_costs_the_same_with_any_order(
    address, confirm, agent, finance, client_of, django_assert_max_num_queries
):
    confirm(agent)
    client = client_of(finance)
    client.get(f"/d/desk/{address}/")
    with django_assert_max_num_queries(16):
        client.get(f"/d/desk/{address}/", {"sort": "-clause", "page": "7"})
