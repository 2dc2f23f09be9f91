"""What the pages of the figures say about where figures come from, whether they are settled, and whose they are."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import Attribution, Reading, ReadingKind, ReadingSource, ServiceStatistic
from handover.models import StatisticSource as Source
from handover.pages.metrics import figures_of
from handover.periods import By, Period
from office import triggers
from tests.factories import add_person
from tests.handover.conftest import TUESDAY
from tests.handover.metric_facts import DAY, line, order
from tests.handover.test_metric_sums import CHAT, NEXT, NOVEMBER, note
from tests.handover.test_notebook_views import page, queries_of
from tests.sheets import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]
MONTH = {"from": "2026-11-01", "to": "2026-11-30"}


def url(department, name="statistic_figures"):
    return reverse(f"handover:{name}", args=[department.code])


class TestMaturity:
    """Today is the 10th; enquiries are settled after 3 days."""

    @pytest.fixture
    def read_in(self, agent, wall):
        """A day read in the same evening, one read in later, and yesterday."""
        lines = [line(agent, day, **CHAT) for day in (DAY, NEXT, date(2026, 11, 9))]
        with triggers.lifted(connection):
            for row, at in zip(lines, ("2026-11-03 21:00", "2026-11-10 09:00", "2026-11-10 09:00"), strict=True):
                ServiceStatistic.objects.filter(pk=row.pk).update(recorded_at=wall(at))

    @pytest.mark.usefixtures("read_in")
    def test_the_page_says_what_is_settled_and_what_to_read_in_again(self, department, leader, client_of):
        html = page(client_of(leader).get(url(department), {"metric": "enquiry_conversion"}))
        assert "settled up to 11-06: 40.0 %, 12 ÷ 30" in html
        assert "4 days open" in html
        assert "1 line read in too early" in html
        assert "Read its file in again." in html
        assert "Settled once 3 days have passed" in html
        assert f"{reverse('rulebooks:current', args=[department.code])}#orders" in html

    @pytest.mark.usefixtures("read_in")
    def test_each_line_behind_it_is_marked(self, department, leader, client_of):
        asked = {"metric": "enquiry_conversion", "member": "", **MONTH}
        html = page(client_of(leader).get(url(department, "statistic_rows"), asked))
        assert html.count("read in too early: read the file in again") == 1
        assert html.count("not settled</span>") == 1
        response = client_of(leader).get(url(department, "statistic_rows"), asked | {"export": "xlsx"})
        heads, *rows = rows_of(response.content)
        marks = [row[heads.index("Settled")] for row in rows]
        assert marks == ["read in too early: read the file in again", None, "not settled"]

    @pytest.mark.usefixtures("read_in")
    def test_other_figures_need_not_settle(self, department, leader, client_of):
        asked = {"metric": "served", "member": "", **MONTH}
        assert "not settled" not in page(client_of(leader).get(url(department, "statistic_rows"), asked))


class TestSeveralSources:
    def test_what_two_tools_say_of_a_day_adds_up(self, department, agent, leader, client_of):
        for name in ("旺旺", "京麦"):
            origin = ReadingSource.objects.create(department=department, kind=ReadingKind.STATISTICS, name=name)
            reading = Reading.objects.create(
                department=department, kind=ReadingKind.STATISTICS, source=origin, name=name
            )
            line(agent, origin=origin, reading=reading, **CHAT)
        note(agent, served=77, closed=40, enquiries=60)
        figures = figures_of(department, NOVEMBER, agent.membership.pk)
        mine = next(one for one in figures.lines if one.membership == agent.membership)
        assert mine.figure("served").text == "80"
        assert mine.figure("enquiry_conversion").fraction == "24 ÷ 60"
        assert (mine.difference.both, mine.difference.days, mine.difference.net) == (1, 1, {"served": -3})
        assert figures.days[DAY]["served"].top == figures.department.sums["served"].top == 80
        html = page(
            client_of(leader).get(url(department, "statistic_rows"), {"metric": "served", "member": "", **MONTH})
        )
        assert "旺旺" in html
        assert "京麦" in html


class TestWhose:
    def test_an_owner_sees_the_departments_figures_and_no_days_of_their_own(
        self, department, agent, owner, finance, client_of
    ):
        line(agent, **CHAT)
        for person in (owner, finance):
            html = page(client_of(person).get(url(department), {"metric": "enquiry_conversion"}))
            assert "No figures for this time" not in html
            assert "40.0 %" in html.partition('id="agents-title"')[0]
            assert "My days" not in html

    def test_who_is_not_on_the_roster_finds_no_form(self, department, agent, supervisor, owner, client_of):
        note(agent, served=46, closed=27)
        html = page(client_of(supervisor).get(url(department, "statistics")))
        assert "27 ÷ 46" in html
        assert 'name="served"' not in html
        assert "My days" not in html
        html = page(client_of(owner).get(url(department, "statistics")))
        assert 'name="served"' not in html
        assert url(department) in html.partition("Only those on the roster")[2]

    def test_an_agent_still_has_their_own(self, department, agent, client_of):
        note(agent, served=46, closed=27)
        html = page(client_of(agent).get(url(department, "statistics")))
        assert 'name="served"' in html
        assert "Sales as noted, yuan" in html


class TestTime:
    def test_what_has_not_begun_says_so_and_leads_back(self, department, agent, leader, client_of):
        html = page(client_of(leader).get(url(department), {"from": "2026-12-01"}))
        assert "This time has not begun yet" in html
        assert "from=2026-11-10" in html
        html = page(client_of(leader).get(url(department, "statistics"), {"month": "2026-12"}))
        assert "This month has not begun yet" in html
        assert "month=2026-11" in html

    def test_the_day_opens_on_the_last_one_with_figures(self, department, agent, leader, client_of):
        client = client_of(leader)
        assert "11-10 Tue" in page(client.get(url(department), {"by": "day"}))
        line(agent, date(2026, 11, 5), **CHAT)
        assert "11-05 Thu" in page(client.get(url(department), {"by": "day"}))
        order(department, "1", [agent], date(2026, 11, 7))
        assert "11-07 Sat" in page(client.get(url(department), {"by": "day"}))
        assert "11-10 Tue" in page(client.get(url(department), {"by": "day", "from": TUESDAY}))

    def test_the_axis_has_its_unit(self, department, agent, leader, client_of):
        line(agent, **CHAT)
        assert "40 %</text>" in page(client_of(leader).get(url(department), {"metric": "enquiry_conversion"}))


class TestColumns:
    def test_what_nobody_has_a_figure_of_takes_no_room(self, department, agent, leader, client_of):
        line(agent, rounds=10, round_seconds=50)
        html = page(client_of(leader).get(url(department), {"group": "replies"})).partition("What is counted")
        assert "Mean response" in html[0]
        assert "Reply rate" not in html[0]
        assert "Median response, 90th percentile" in html[2]
        assert "QA score" in html[2]

    def test_beside_each_figure_stands_where_it_comes_from(self, department, agent, leader, client_of):
        line(agent, **CHAT)
        note(agent, served=46, closed=27)
        html = page(client_of(leader).get(url(department)))
        assert "<small>Chat tool</small>" in html
        assert "<small>Notebook</small>" in html

    def test_sales_say_why_they_do_not_add_up(self, department, agent, leader, client_of):
        order(department, "1", [agent])
        assert "do not add up to the department" in page(client_of(leader).get(url(department), {"group": "sales"}))


class TestDifferences:
    @pytest.fixture
    def both(self, agent, colleague):
        line(agent, **CHAT)
        note(agent, served=43, closed=18, enquiries=30)
        line(colleague, **CHAT)
        note(colleague, served=40, closed=20, enquiries=30)

    @pytest.mark.usefixtures("both")
    def test_the_column_leads_to_the_days(self, department, agent, leader, client_of):
        html = page(client_of(leader).get(url(department)))
        assert "Customers closed −2" in html
        assert "differs on 1 of 2 days" in html
        assert f"{url(department, 'statistic_differences')}?group=customers&amp;member={agent.membership.pk}" in html
        asked = {"group": "customers", "member": "", **MONTH}
        html = page(client_of(leader).get(url(department, "statistic_differences"), asked))
        assert "林晓彤" in html
        assert "王浩然" not in html
        response = client_of(leader).get(url(department, "statistic_differences"), asked | {"export": "xlsx"})
        _heads, *rows = rows_of(response.content)
        assert [row[3:] for row in rows] == [["Customers served", 43, 40, 3], ["Customers closed", 18, 20, -2]]

    def test_noted_sales_stand_beside_the_orders(self, department, agent, leader, client_of):
        note(agent, sales_fen=12_000)
        order(department, "1", [agent], paid=10_050)
        html = page(client_of(leader).get(url(department), {"group": "sales"}))
        assert "Sales, yuan +19.50" in html
        asked = {"group": "sales", "member": agent.membership.pk, **MONTH}
        html = page(client_of(agent).get(url(department, "statistic_differences"), asked))
        assert "100.50" in html
        assert "19.50" in html

    @pytest.mark.usefixtures("both")
    def test_an_agent_sees_the_own_and_nobody_elses(self, department, agent, colleague, stranger, client_of):
        client, address = client_of(agent), url(department, "statistic_differences")
        own = {"group": "customers", "member": agent.membership.pk, **MONTH}
        assert client.get(address, own).status_code == 200
        assert client.get(address, own | {"member": colleague.membership.pk}).status_code == 403
        assert client.get(address, own | {"member": ""}).status_code == 403
        assert client.get(address, own | {"from": "x"}).status_code == 404
        assert client_of(stranger).get(address, own).status_code == 404

    def test_it_costs_the_same_with_one_day_and_with_thirty(self, department, agent, leader, client_of):
        address = f"{url(department, 'statistic_differences')}?group=customers&member=&from=2026-11-01&to=2026-11-30"
        client = client_of(leader)

        def differ(person):
            line(person, **CHAT)
            line(person, source=Source.MANUAL, served=1)

        differ(agent)
        few = queries_of(client, address)
        for _number in range(30):
            differ(add_person(department))
        assert queries_of(client, address) == few


def test_of_a_share_of_orders_only_those_counted_can_be_looked_at(department, agent, leader, client_of):
    order(department, "8841", [agent])
    order(department, "8842", [agent], by=Attribution.CLAIMED)
    order(department, "8843", [agent], by=Attribution.AUTO)
    asked = {"metric": "untagged_rate", "member": "", **MONTH}
    html = page(client_of(leader).get(url(department, "statistic_rows"), asked))
    assert "8841" in html
    assert "Only those counted <b>1</b>" in html
    html = page(client_of(leader).get(url(department, "statistic_rows"), asked | {"only": "counted"}))
    assert "8842" in html
    assert "8841" not in html
    assert "8843" not in html
    assert "1 ÷ 3" in html


def test_a_file_of_all_groups_costs_the_same_with_one_agent_and_with_thirty(department, agent, leader, client_of):
    address = f"{url(department)}?export=xlsx"
    client = client_of(leader)

    def facts(person, number):
        line(person, **CHAT)
        note(person, served=1)
        order(department, f"{number}", [person], DAY + timedelta(days=number % 3))

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert len(rows_of(client.get(address).content)) > 1
        return len(captured)

    facts(agent, 0)
    few = queries()
    for number in range(30):
        facts(add_person(department), number + 1)
    assert queries() == few


def test_weeks_know_their_unsettled_days_too(department, agent):
    line(agent, date(2026, 11, 9), **CHAT)
    assert figures_of(department, Period.around(By.WEEK, TUESDAY)).department.sums["enquiry_conversion"].unsettled == 1
