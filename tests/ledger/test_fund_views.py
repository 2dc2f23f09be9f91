"""The fund's page: readable by every member, right to the fen, and with names only as the rulebook shows them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.chart import chart_of
from ledger.fund import masked
from office import triggers
from office.months import Month
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department

FUND = "/d/desk/fund/"


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def story(confirm, pay, agent, colleague, department):
    """October: a fine of 10, 4 paid. November: the other 6 paid, fines of 10 and 30, of the 30 there are 5 paid."""
    october = confirm(agent, when="2026-10-05 10:00", decided="2026-10-06 10:00")
    pay(october, 400, days_ago=40)
    first = confirm(colleague, when="2026-11-03 10:00", decided="2026-11-04 10:00")
    pay(october, 600, days_ago=10)
    second = confirm(colleague, when="2026-11-05 10:00", decided="2026-11-06 10:00")
    pay(second, 500)
    return first


@pytest.mark.django_db
def test_every_member_reads_the_balance(story, agent, leader, finance, owner, client_of):
    for user in (agent, leader, finance, owner):
        shown = client_of(user).get(FUND)
        assert shown.status_code == 200
        assert "15.00 yuan Outstanding fines 35.00, not in the cash" in text_of(shown)


@pytest.mark.django_db
def test_a_stranger_finds_no_fund(story, stranger, client_of):
    assert client_of(stranger).get(FUND).status_code == 404
    assert client_of(stranger).get("/d/next-door/fund/").status_code == 200


@pytest.mark.django_db
def test_the_sums_of_a_month_are_right(story, agent, client_of):
    fund = client_of(agent).get(FUND).context["fund"]
    assert (fund.opening.cash_fen, fund.flow.cash_in, fund.flow.cash_out, fund.closing.cash_fen) == (400, 1100, 0, 1500)
    assert (fund.opening.owed_fen, fund.flow.fined, fund.flow.paid, fund.closing.owed_fen) == (600, 4000, 1100, 3500)
    october = client_of(agent).get(FUND, {"month": "2026-10"}).context["fund"]
    assert (october.opening.cash_fen, october.closing.cash_fen, october.closing.owed_fen) == (0, 400, 600)
    assert (october.now.cash_fen, october.now.owed_fen) == (1500, 3500)


@pytest.mark.django_db
def test_fines_do_not_change_the_cash_and_every_balance_follows_from_the_line_below(story, agent, client_of):
    context = client_of(agent).get(FUND).context
    lines = list(context["page"])
    assert [(line.entry.number, line.cash_fen, line.owed_fen, line.cash_after) for line in lines] == [
        (6, 500, -500, 1500),
        (4, 600, -600, 1000),
        (5, 0, 3000, 400),
        (3, 0, 1000, 400),
    ]
    assert lines[0].cash_after == context["fund"].closing.cash_fen
    assert sum(line.owed_fen for line in lines) == context["fund"].owed_change
    assert lines[0].check == lines[0].entry.hash[:4]


@pytest.mark.django_db
def test_a_payment_counts_in_the_month_in_which_it_was_paid(confirm, pay, agent, client_of):
    """Dated back, it changes the closing of the month before and the opening of this one alike."""
    october = confirm(agent, when="2026-10-05 10:00", decided="2026-10-06 10:00")
    pay(october, 1000, days_ago=30)
    client = client_of(agent)
    assert client.get(FUND, {"month": "2026-10"}).context["fund"].closing.cash_fen == 1000
    november = client.get(FUND).context
    assert november["fund"].opening.cash_fen == november["fund"].closing.cash_fen == 1000
    assert "Nothing was posted in November 2026" in text_of(client.get(FUND))


@pytest.mark.django_db
def test_names_are_masked_but_for_ones_own_and_for_finance(story, agent, colleague, leader, finance, client_of):
    whos = {
        user: {line.who for line in client_of(user).get(FUND).context["page"]}
        for user in (agent, colleague, leader, finance)
    }
    assert whos == {
        agent: {"林晓彤", "**2"},
        colleague: {"**7", "王浩然"},
        leader: {"**7", "**2"},
        finance: {"林晓彤", "王浩然"},
    }
    assert colleague.name not in text_of(client_of(leader).get(FUND))


@pytest.mark.django_db
@pytest.mark.parametrize(("names", "shown"), [("name", "王浩然"), ("work_number", "02")])
def test_the_rulebook_says_how_names_are_shown(story, agent, colleague, department, client_of, names, shown):
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    open_names = source.replace(b"names: work_number_masked", b"names: " + names.encode())
    import_rulebook(department=department, source=open_names, from_day=department.today(), actor=None)
    assert shown in {line.who for line in client_of(agent).get(FUND).context["page"]}


@pytest.mark.parametrize(("number", "shown"), [("07", "**7"), ("7", "**7"), ("KF-0012", "**2"), ("", "**")])
def test_a_mask_leaves_the_last_character(number, shown):
    assert masked(number) == shown


@pytest.mark.django_db
def test_ones_own_line_leads_to_the_incident_and_anothers_does_not(story, agent, manager, client_of):
    assert [line.is_linked for line in client_of(agent).get(FUND).context["page"]] == [False, True, False, False]
    assert all(line.is_linked for line in client_of(manager).get(FUND).context["page"])


@pytest.mark.django_db
def test_lines_are_chosen_by_kind(story, agent, client_of):
    shown = client_of(agent).get(FUND, {"kind": "payment"})
    assert [line.entry.kind for line in shown.context["page"]] == ["payment", "payment"]
    assert client_of(agent).get(FUND, {"kind": "gift"}).context["kind"] == ""


@pytest.mark.django_db
@pytest.mark.parametrize("month", ["2026-13", "x", "1999-12"])
def test_a_month_that_does_not_exist_is_not_found(now, agent, client_of, month):
    assert client_of(agent).get(FUND, {"month": month}).status_code == 404


@pytest.mark.django_db
def test_a_chain_that_lost_its_end_is_said_on_the_page(story, agent, department, client_of):
    assert "Nothing is missing · 6 entries" in text_of(client_of(agent).get(FUND))
    connection.check_constraints()
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_ledgerhead SET number = number + 1")
    assert "The chain is broken" in text_of(client_of(agent).get(FUND))


@pytest.mark.django_db
def test_an_empty_fund_says_what_will_stand_here(now, agent, client_of):
    shown = text_of(client_of(agent).get(FUND))
    assert "0.00 yuan" in shown
    assert "No entries yet" in shown


@pytest.mark.django_db
def test_a_department_without_a_rulebook_has_an_empty_fund(client_of, at):
    bare = make_department("bare")
    person = add_person(bare, roles=["finance"])
    with at("2026-11-20 12:00"):
        assert client_of(person).get("/d/bare/fund/").context["rules"] is None


@pytest.mark.django_db
def test_the_page_takes_as_many_queries_for_30_entries_as_for_1(confirm, pay, agent, finance, client_of):
    client = client_of(finance)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(FUND).status_code == 200
        return len(found)

    pay(confirm(agent, when="2026-11-01 08:00"), 1)
    few = queries()
    for number in range(20):
        incident = confirm(agent, when=f"2026-{10 - number % 10:02}-{1 + number:02} 08:00")
        pay(incident, 1)
    assert len(client.get(FUND).context["page"]) > 30
    assert queries() == few <= 10


# ── The chart ──


def test_bars_stand_on_the_axis_and_the_highest_reaches_its_level():
    months = [Month(2026, number) for number in range(1, 5)]
    chart = chart_of(list(zip(months, [0, 200000, 50000, 100000], strict=True)))
    assert [bar.height for bar in chart.bars] == ["0.0", "70.0", "17.5", "35.0"]
    assert [level.label for level in chart.levels] == ["1,000", "2,000"]
    assert [bar.is_labelled for bar in chart.bars] == [False, True, False, True]
    assert [bar.is_minor for bar in chart.bars] == [True, False, True, False]
    assert [bar.middle for bar in chart.bars] == ["12.50%", "37.50%", "62.50%", "87.50%"]


def test_a_chart_of_nothing_has_no_bars_to_speak_of():
    chart = chart_of([(Month(2026, 11), 0)])
    assert [bar.height for bar in chart.bars] == ["0.0"]
    assert reverse("ledger:fund", args=["desk"]) == FUND
