"""The pages of the figures, for each of the cast."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from handover.models import StatisticSource as Source
from tests.factories import add_person
from tests.handover.metric_facts import DAY, line, order
from tests.handover.test_metric_sums import CHAT
from tests.handover.test_notebook_views import page, queries_of
from tests.sheets import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]


def figures(department):
    return reverse("handover:statistic_figures", args=[department.code])


def rows(department):
    return reverse("handover:statistic_rows", args=[department.code])


def asked(metric, member="", first=DAY, last=DAY):
    return {"metric": metric, "member": member, "from": first, "to": last}


class TestFigures:
    def test_the_leader_sees_every_agent_and_the_department(self, department, agent, colleague, leader, client_of):
        line(agent, **CHAT)
        line(colleague, served=10, enquiries=10, enquiries_paid=10)
        html = page(client_of(leader).get(figures(department)))
        assert "林晓彤" in html
        assert "王浩然" in html
        assert "12 ÷ 30" in html
        assert "22 ÷ 40" in html
        assert "55.0 %" in html

    def test_an_agent_sees_the_own_line_and_the_departments(self, department, agent, colleague, client_of):
        line(agent, **CHAT)
        line(colleague, served=10, enquiries=10, enquiries_paid=10)
        html = page(client_of(agent).get(figures(department)))
        assert "12 ÷ 30" in html
        assert "22 ÷ 40" in html
        assert "10 ÷ 10" not in html
        assert "王浩然" not in html
        assert f"member={agent.membership.pk}" in html
        assert "member=&amp;" not in html

    def test_an_agent_may_look_at_the_departments_days_but_not_at_a_colleagues(
        self, department, agent, colleague, client_of
    ):
        client = client_of(agent)
        assert client.get(figures(department), {"member": "department"}).status_code == 200
        assert client.get(figures(department), {"member": agent.membership.pk}).status_code == 200
        assert client.get(figures(department), {"member": colleague.membership.pk}).status_code == 403

    def test_somebody_of_next_door_is_not_found(self, department, leader, stranger, client_of):
        address = figures(department)
        for member in (stranger.membership.pk, "x", "9" * 30, "-1"):
            assert client_of(leader).get(address, {"member": member}).status_code == 404

    @pytest.mark.parametrize(
        "query", [{"from": "x"}, {"from": "2026-02-30"}, {"from": "0001-01-01"}, {"from": "9999-12-31"}]
    )
    def test_a_day_that_does_not_exist_is_not_found(self, department, leader, client_of, query):
        assert client_of(leader).get(figures(department), query).status_code == 404

    @pytest.mark.parametrize("by", ["day", "week", "month", "century"])
    @pytest.mark.parametrize("group", ["customers", "sales", "replies", "shifts", "x"])
    def test_every_length_and_group_opens_empty_and_full(self, department, agent, leader, client_of, by, group):
        client, query = client_of(leader), {"by": by, "from": DAY, "group": group, "metric": "sales"}
        page(client.get(figures(department), query))
        line(agent, **CHAT)
        order(department, "8841", [agent])
        order(department, "8842")
        page(client.get(figures(department), query | {"member": agent.membership.pk}))

    @pytest.mark.parametrize("edge", ["2000-01-01", "2100-12-31"])
    def test_the_first_and_the_last_month_open(self, department, leader, client_of, edge):
        for by in ("day", "week", "month"):
            page(client_of(leader).get(figures(department), {"by": by, "from": edge}))

    def test_a_difference_is_marked_with_its_size(self, department, agent, leader, client_of):
        line(agent, **CHAT)
        line(agent, source=Source.MANUAL, served=43, closed=20, enquiries=30)
        html = page(client_of(leader).get(figures(department)))
        assert "Customers served +3" in html
        assert "differs on 1 of 1 days" in html

    def test_what_is_not_settled_says_so(self, department, agent, leader, client_of):
        line(agent, date(2026, 11, 9), **CHAT)
        assert "not settled" in page(client_of(leader).get(figures(department)))

    def test_nothing_is_no_zero(self, department, agent, client_of):
        html = page(client_of(agent).get(figures(department), {"group": "replies"}))
        assert "0.0 %" not in html
        assert "—" in html
        assert "The chat tool reports nothing of it." in html

    def test_each_bar_and_figure_leads_to_its_rows(self, department, agent, leader, client_of):
        line(agent, **CHAT)
        html = page(client_of(leader).get(figures(department), {"member": agent.membership.pk}))
        day = f"metric=self_counted_conversion&amp;member={agent.membership.pk}&amp;from=2026-11-03&amp;to=2026-11-03"
        assert day not in html
        chosen = {"member": agent.membership.pk, "metric": "enquiry_conversion"}
        html = page(client_of(leader).get(figures(department), chosen))
        assert day.replace("self_counted", "enquiry") in html
        assert f"metric=served&amp;member={agent.membership.pk}&amp;from=2026-11-01&amp;to=2026-11-30" in html

    def test_it_costs_at_most_ten_queries_with_one_agent_and_with_thirty(
        self, department, agent, colleague, leader, client_of
    ):
        client, address = client_of(leader), figures(department)
        own = client_of(agent)
        line(agent, **CHAT)
        order(department, "1", [agent, colleague])
        one = f"{address}?member={agent.membership.pk}"
        few = [queries_of(client, address), queries_of(client, one), queries_of(own, address)]
        assert max(few) <= 10
        for number in range(30):
            person = add_person(department, name=f"员工{number}")
            for day in range(1, 6):
                line(person, date(2026, 11, day), **CHAT)
                line(person, date(2026, 11, day), Source.MANUAL, served=day)
            order(department, f"s{number}", [person, agent], DAY + timedelta(days=number % 5))
            order(department, f"n{number}")
        assert [queries_of(client, address), queries_of(client, one), queries_of(own, address)] == few

    def test_the_file_has_every_metric_with_its_parts(self, department, agent, leader, client_of):
        line(agent, **CHAT)
        order(department, "1", [agent], paid=12_345)
        response = client_of(leader).get(figures(department), {"export": "xlsx"})
        heads, *lines = rows_of(response.content)
        found = {row[0]: dict(zip(heads, row, strict=True)) for row in lines}
        mine = found["林晓彤"]
        assert mine["Enquiry conversion"] == 40
        assert mine["Enquiry conversion: Enquiries"] == 30
        assert mine["Sales, yuan"] == 123.45
        assert found["Department"]["Sales, yuan"] == 123.45
        assert mine["Self-counted conversion"] is None

    def test_the_notebook_and_the_figures_lead_to_each_other(self, department, agent, client_of):
        notebook = reverse("handover:statistics", args=[department.code])
        client = client_of(agent)
        assert figures(department) in page(client.get(notebook))
        assert f'href="{notebook}"' in page(client.get(figures(department)))


class TestRows:
    def test_they_show_source_and_time_and_come_to_the_figure(self, department, agent, leader, client_of):
        line(agent, **CHAT)
        line(agent, source=Source.MANUAL, served=46, closed=27)
        html = page(client_of(leader).get(rows(department), asked("enquiry_conversion")))
        assert "12 ÷ 30" in html
        assert "Chat tool" in html
        assert "11-10 16:30" in html
        html = page(client_of(leader).get(rows(department), asked("self_counted_conversion", agent.membership.pk)))
        assert "27 ÷ 46" in html
        assert "Chat tool</span>" not in html

    def test_sales_are_orders_and_the_lines_of_other_days(self, department, agent, leader, client_of):
        order(department, "8841", [agent], paid=12_345, refunded=345)
        line(agent, DAY + timedelta(days=1), **CHAT)
        client, query = client_of(leader), asked("sales", last=DAY + timedelta(days=1))
        html = page(client.get(rows(department), query))
        assert "8841" in html
        assert "120.00" in html
        html = page(client.get(rows(department), query | {"of": "lines"}))
        assert "900.00" in html
        assert "8841" not in html

    def test_what_is_nobodys_can_be_looked_at(self, department, agent, leader, client_of):
        order(department, "8841", [agent])
        order(department, "8842")
        html = page(client_of(leader).get(rows(department), asked("untagged_rate", "nobody")))
        assert "8842" in html
        assert "8841" not in html

    def test_an_agent_sees_the_own_rows_and_nobody_elses(self, department, agent, colleague, client_of):
        order(department, "8841", [agent])
        client = client_of(agent)
        assert "8841" in page(client.get(rows(department), asked("sales", agent.membership.pk)))
        for member in ("", "nobody", colleague.membership.pk):
            assert client.get(rows(department), asked("sales", member)).status_code == 403

    @pytest.mark.parametrize(
        "changes",
        [
            {"metric": "x"},
            {"metric": "median_response"},
            {"from": "x"},
            {"from": "2026-11-04"},
            {"from": "2020-01-01"},
            {"from": "9999-12-31", "to": "9999-12-31"},
            {"to": ""},
            {"member": "x"},
        ],
    )
    def test_what_does_not_exist_is_not_found(self, department, leader, client_of, changes):
        query = asked("sales") | changes
        assert client_of(leader).get(rows(department), query).status_code == 404

    def test_no_rows_say_so(self, department, leader, client_of):
        assert "No rows" in page(client_of(leader).get(rows(department), asked("sales")))

    def test_names_and_numbers_are_text(self, department, agent, leader, client_of):
        order(department, "<script>1", [agent], buyer="<script>2")
        assert "<script>1" not in page(client_of(leader).get(rows(department), asked("sales")))
        assert "<script>2" not in page(client_of(leader).get(rows(department), asked("sales")))

    def test_it_costs_the_same_with_one_row_and_with_thirty(self, department, agent, colleague, leader, client_of):
        address = rows(department)
        client = client_of(leader)
        query = {"metric": "sales", "member": "", "from": "2026-11-01", "to": "2026-11-30"}
        orders = f"{address}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
        lines = orders.replace("sales", "served")
        order(department, "1", [agent])
        line(agent, **CHAT)
        few = [queries_of(client, orders), queries_of(client, lines)]
        assert max(few) <= 10
        for number in range(30):
            order(department, f"s{number}", [colleague, agent])
            line(add_person(department), **CHAT)
        assert [queries_of(client, orders), queries_of(client, lines)] == few
