"""The pages of the issue register and of the service statistics, for each of the cast."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover import services
from handover.models import Issue, ServiceStatistic
from office import clock
from people.models import Role
from people.services import grant_role
from tests.factories import JOINED, add_person
from tests.handover.conftest import TUESDAY, begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")


def url(name, department):
    return reverse(f"handover:{name}", args=[department.code])


def page(response) -> str:
    # 422: a form that came back with its mistakes, which only a POST can bring about.
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


@pytest.fixture
def visitor(department):
    """A manager who is no member."""
    person = add_person(department, name="访客")
    person.memberships.all().delete()
    grant_role(actor=None, department=department, user=person, role=Role.MANAGER, from_day=JOINED)
    return person


def enter(person, text="退款顾客问原因", category="problem"):
    return services.write_issue(author=person.membership, category=category, text=text)


class TestTheRegister:
    FORM = {"text": "退款顾客问原因", "category": "idea", "about": "订单 8841"}

    def test_an_agent_enters_and_reads_only_the_own(self, department, agent, colleague, client_of):
        enter(colleague, "同事写的")
        client = client_of(agent)
        assert client.post(url("issues", department), self.FORM)["location"] == url("issues", department)
        assert Issue.objects.get(author=agent.membership).about == "订单 8841"
        html = page(client.get(url("issues", department), {"whose": "all"}))
        assert "退款顾客问原因" in html
        assert "同事写的" not in html

    def test_the_leader_reads_everybodys_and_filters(self, department, agent, leader, client_of):
        enter(agent, "详情页写错", "product-data")
        enter(leader, "自己的主意", "idea")
        client, address = client_of(leader), url("issues", department)
        html = page(client.get(address))
        assert "详情页写错" in html
        assert "自己的主意" in html
        assert "详情页写错" not in page(client.get(address, {"whose": "own"}))
        filtered = page(client.get(address, {"category": "product-data"}))
        assert "详情页写错" in filtered
        assert "自己的主意" not in filtered
        assert "自己的主意" in page(client.get(address, {"category": "nonsense"}))
        assert "Nothing fits this choice" in page(client.get(address, {"category": "problem"}))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"text": ""}, "text"),
            ({"text": "x" * 2001}, "text"),
            ({"category": "fault"}, "category"),
            ({"about": "x" * 121}, "about"),
        ],
    )
    def test_an_entry_that_fails_keeps_what_was_typed(self, department, agent, client_of, changes, field):
        response = client_of(agent).post(url("issues", department), self.FORM | changes)
        assert list(response.context["form"].errors) == [field]
        page(response)
        assert not Issue.objects.exists()

    def test_who_is_no_member_reads_and_does_not_write(self, department, agent, visitor, client_of):
        enter(agent)
        client = client_of(visitor)
        assert "退款顾客问原因" in page(client.get(url("issues", department)))
        assert client.post(url("issues", department), self.FORM).status_code == 403

    def test_scripts_are_text(self, department, agent, client_of):
        services.write_issue(
            author=agent.membership, category="idea", text="<script>x</script>", about="<script>y</script>"
        )
        html = page(client_of(agent).get(url("issues", department)))
        assert "<script>x" not in html
        assert "<script>y" not in html
        assert "<script>z" not in page(client_of(agent).get(url("issues", department), {"category": "<script>z"}))

    def test_it_costs_the_same_with_one_entry_and_with_thirty(self, department, agent, leader, client_of):
        enter(agent)
        client, address = client_of(leader), url("issues", department)
        few = queries_of(client, address)
        for number in range(30):
            enter(agent if number % 2 else leader)
        assert queries_of(client, address) == few

    def test_old_entries_are_on_the_next_page(self, department, agent, client_of):
        for number in range(26):
            enter(agent, f"第 {number} 条。")
        client, address = client_of(agent), url("issues", department)
        assert "第 0 条。" not in page(client.get(address))
        assert "第 0 条。" in page(client.get(address, {"page": "2"}))


FIGURES = {"served": 46, "closed": 27, "enquiries": 12, "sales_fen": 821_000}


def record(person, day=TUESDAY, **changes):
    figures = FIGURES | changes
    return services.record_statistics(membership=person.membership, business_date=day, actor=person, **figures)


class TestTheStatistics:
    FORM = {"business_date": "2026-11-10", "served": "46", "closed": "27", "enquiries": "12", "sales_fen": "8210.50"}

    def test_an_agent_records_the_day_and_corrects_it(self, department, agent, client_of):
        client, address = client_of(agent), url("statistics", department)
        assert client.post(address, self.FORM)["location"] == f"{address}?month=2026-11"
        row = ServiceStatistic.objects.get()
        assert (row.served, row.closed, row.enquiries, row.sales_fen) == (46, 27, 12, 821_050)
        html = page(client.get(address))
        assert 'value="8210.50"' in html
        assert "58.7 %" in html
        assert "27 ÷ 46" in html
        client.post(address, self.FORM | {"closed": "28"})
        assert ServiceStatistic.objects.current().get().closed == 28
        assert "corrected" in page(client.get(address))

    def test_after_midnight_the_form_is_for_the_shifts_date(self, department, colleague, night_shift, client_of):
        clock.move(timedelta(hours=8, minutes=15))
        response = client_of(colleague).get(url("statistics", department))
        assert 'name="business_date" value="2026-11-10"' in page(response)

    def test_another_day_can_be_chosen(self, department, agent, client_of):
        record(agent, day=TUESDAY - timedelta(days=3), served=50)
        html = page(client_of(agent).get(url("statistics", department), {"day": "2026-11-07"}))
        assert 'name="business_date" value="2026-11-07"' in html
        assert 'value="50"' in html

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"closed": "47"}, "closed"),
            ({"enquiries": "47"}, "enquiries"),
            ({"served": "-1"}, "served"),
            ({"served": ""}, "served"),
            ({"served": "4.5"}, "served"),
            ({"served": "9999999999"}, "served"),
            ({"sales_fen": "-0.01"}, "sales_fen"),
            ({"sales_fen": "1.005"}, "sales_fen"),
            ({"sales_fen": "1e12"}, "sales_fen"),
            ({"sales_fen": "NaN"}, "sales_fen"),
            ({"business_date": "2026-11-11"}, "business_date"),
            ({"business_date": "2025-12-31"}, "business_date"),
            ({"business_date": "2026-02-30"}, "business_date"),
        ],
    )
    def test_figures_that_cannot_be_are_refused_at_their_field(self, department, agent, client_of, changes, field):
        response = client_of(agent).post(url("statistics", department), self.FORM | changes)
        assert response.status_code == 422
        assert field in response.context["form"].errors
        html = page(response)
        for name, typed in (self.FORM | changes).items():
            assert not typed or f'name="{name}" value="{typed}"' in html
        assert str(response.context["form"].errors[field][0]) in html.replace("&#x27;", "'")
        assert not ServiceStatistic.objects.exists()

    def test_a_day_without_customers_has_no_share(self, department, agent, client_of):
        record(agent, served=0, closed=0, enquiries=0, sales_fen=0)
        html = page(client_of(agent).get(url("statistics", department)))
        assert "—" in html
        assert "0 ÷ 0" in html

    def test_an_agent_sees_only_the_own_days(self, department, agent, colleague, client_of):
        record(colleague)
        client, address = client_of(agent), url("statistics", department)
        assert "58.7 %" not in page(client.get(address))
        assert client.get(address, {"member": colleague.membership.pk}).status_code == 403
        assert client.get(address, {"member": agent.membership.pk}).status_code == 200

    def test_the_leader_sees_everybody_summed_and_one_by_one(self, department, agent, colleague, leader, client_of):
        record(agent)
        record(colleague, served=54, closed=23)
        client, address = client_of(leader), url("statistics", department)
        html = page(client.get(address))
        assert "50.0 %" in html
        assert "50 ÷ 100" in html
        assert "王浩然" in html
        one = page(client.get(address, {"member": colleague.membership.pk}))
        assert "23 ÷ 54" in one

    def test_who_is_no_member_reads_and_does_not_record(self, department, agent, visitor, client_of):
        record(agent)
        client, address = client_of(visitor), url("statistics", department)
        assert "58.7 %" in page(client.get(address))
        assert client.post(address, self.FORM).status_code == 403

    @pytest.mark.parametrize("asked", [{"month": "2026-13"}, {"month": "x"}, {"day": "x"}, {"day": "0001-01-01"}])
    def test_a_month_or_day_that_does_not_exist_is_not_found(self, department, agent, client_of, asked):
        assert client_of(agent).get(url("statistics", department), asked).status_code == 404

    @pytest.mark.parametrize("month", ["2026-10", "2000-01"])
    def test_an_empty_month_says_so(self, department, agent, client_of, month):
        html = page(client_of(agent).get(url("statistics", department), {"month": month}))
        assert "Nothing recorded this month" in html

    def test_it_costs_the_same_with_one_member_and_with_thirty(self, department, agent, leader, client_of):
        record(agent)
        client, address = client_of(leader), url("statistics", department)
        few = queries_of(client, address)
        for _number in range(30):
            person = add_person(department)
            for day in range(1, 4):
                record(person, day=date(2026, 11, day))
        for day in range(1, 10):
            record(leader, day=date(2026, 11, day))
        assert queries_of(client, address) == few <= 10
        one = f"{address}?member={agent.membership.pk}"
        assert queries_of(client, one) <= 10

    def test_the_running_shift_needs_no_members_of_elsewhere(self, department, stranger, leader, client_of):
        begin_shift(stranger, "D")
        record(stranger)
        assert "58.7 %" not in page(client_of(leader).get(url("statistics", department)))
