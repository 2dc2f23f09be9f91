"""The gate, and the page that ends a shift."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from handover import services
from handover.models import Handover, HandoverItem
from handover.pages.gate import gate_of
from office import clock
from shifts.models import Attendance
from tests.factories import add_person
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")
FIGURES = {"served": 46, "closed": 27, "enquiries": 12, "sales_fen": 821_000}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def missing(attendance) -> set[str]:
    return {check.key for check in gate_of(attendance).checks if not check.ok}


class TestTheGate:
    def test_a_fresh_shift_lacks_statistics_and_handover(self, day_shift):
        assert missing(day_shift) == {"statistics", "handover"}
        assert gate_of(day_shift).missing == 2

    def test_open_customers_are_named(self, day_shift):
        day_shift.open_customers = 2
        check = gate_of(day_shift).checks[0]
        assert (check.ok, check.text) == (False, "2 open customers")

    def test_an_overdue_item_is_named(self, agent, day_shift, write):
        write(agent, "给小鹿发实拍图", due_at=clock.now() + timedelta(minutes=5))
        assert "items" not in missing(day_shift)
        clock.move(timedelta(minutes=6))
        check = gate_of(day_shift).checks[1]
        assert not check.ok
        assert "给小鹿发实拍图" in check.hint

    def test_what_waits_to_be_accepted_is_counted(self, agent, day_shift, night_shift, write):
        write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        assert "inbox" in missing(night_shift)
        assert "inbox" not in missing(day_shift)

    def test_the_days_figures_are_those_of_the_shifts_date(self, agent, day_shift):
        record = {"membership": agent.membership, "actor": agent, **FIGURES}
        services.record_statistics(business_date=day_shift.business_date - timedelta(days=1), **record)
        assert "statistics" in missing(day_shift)
        services.record_statistics(business_date=day_shift.business_date, **record)
        assert "statistics" not in missing(day_shift)
        assert "46 served, 27 closed, 58.7 %" in {check.hint for check in gate_of(day_shift).checks}

    def test_handing_over_opens_the_gate(self, agent, day_shift):
        before = gate_of(day_shift)
        assert (before.blocks, before.asks, before.queues) == (False, True, True)
        services.submit_handover(attendance=day_shift, actor=agent)
        after = gate_of(day_shift)
        assert (after.blocks, after.asks, after.queues) == (False, False, True)
        assert "handover" not in missing(day_shift)

    def test_the_changed_rulebook_blocks(self, changed_department):
        person = add_person(changed_department)
        gate = gate_of(begin_shift(person, "E"))
        assert (gate.blocks, gate.asks) == (True, False)
        assert gate.receivers == "Late"

    def test_it_costs_the_same_with_one_item_and_with_thirty(self, agent, write):
        shift = begin_shift(agent, "D")

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                render_to_string("handover/_gate.html", {"gate": gate_of(shift)})
            return len(captured)

        write(agent)
        few = queries()
        for _number in range(30):
            write(agent)
        assert queries() == few == 5


def url(department):
    return reverse("handover:end_shift", args=[department.code])


def page(response) -> str:
    # 422: a form that came back with its mistakes, which only a POST can bring about.
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def on_duty(attendance) -> bool:
    return Attendance.objects.get(pk=attendance.pk).is_on_duty


class TestThePage:
    def test_it_says_what_becomes_of_each_item(self, department, agent, day_shift, write, client_of):
        write(agent, "给小鹿发实拍图")
        html = page(client_of(agent).get(url(department)))
        assert "给小鹿发实拍图" in html
        assert "queue, for Night" in html
        assert "Leave without a handover" in html
        assert "30 min are left" in html

    def test_handing_over_and_leaving_is_one_press(self, department, agent, day_shift, write, client_of):
        item = write(agent)
        form = {"attendance": day_shift.pk, "hand_over": "on", "remark": "注意仓库"}
        early = page(client_of(agent).post(url(department), form))
        assert "Tick that you leave all the same." in early and "注意仓库" in early
        assert on_duty(day_shift), "half an hour is left"
        response = client_of(agent).post(url(department), form | {"confirmed": "on"})
        assert response["location"] == reverse("desk:today", args=[department.code])
        assert not on_duty(day_shift)
        assert Handover.objects.get().remark == "注意仓库"
        assert HandoverItem.objects.get(pk=item.pk).in_queue

    def test_leaving_without_a_handover_wants_to_be_confirmed(self, department, agent, day_shift, client_of):
        client = client_of(agent)
        html = page(client.post(url(department), {"attendance": day_shift.pk}))
        assert "confirm that you leave without" in html
        assert on_duty(day_shift)
        client.post(url(department), {"attendance": day_shift.pk, "confirmed": "on"})
        assert not on_duty(day_shift)

    def test_a_remark_that_is_too_long_stays_to_be_shortened(self, department, agent, day_shift, client_of):
        html = page(client_of(agent).post(url(department), {"hand_over": "on", "remark": "长" * 501}))
        assert "长" * 501 in html
        assert on_duty(day_shift)

    def test_where_the_rulebook_blocks_there_is_no_way_round(self, changed_department, client_of):
        person = add_person(changed_department)
        shift, client = begin_shift(person, "E"), client_of(person)
        html = page(client.get(url(changed_department)))
        assert "lets nobody leave without a handover" in html
        assert "Leave without a handover" not in html
        assert "Hand over first" in page(client.post(url(changed_department), {"confirmed": "on"}))
        assert on_duty(shift)
        client.post(url(changed_department), {"hand_over": "on"})
        assert not on_duty(shift)

    def test_off_duty_there_is_nothing_to_end(self, department, agent, client_of):
        for response in (client_of(agent).get(url(department)), client_of(agent).post(url(department))):
            assert "You are not on duty" in page(response)

    def test_pressing_twice_ends_it_once(self, department, agent, day_shift, client_of):
        client, form = client_of(agent), {"attendance": day_shift.pk, "hand_over": "on", "confirmed": "on"}
        client.post(url(department), form)
        assert "This shift has ended" in page(client.post(url(department), form))

    def test_a_colleague_cannot_end_it_and_a_supervisor_can(
        self, department, agent, colleague, supervisor, day_shift, client_of
    ):
        named = {"attendance": day_shift.pk}
        assert client_of(colleague).get(url(department), named).status_code == 403
        assert client_of(colleague).post(url(department), named).status_code == 403
        assert on_duty(day_shift)
        client = client_of(supervisor)
        assert "You end the shift of <b>林晓彤</b>" in page(client.get(url(department), named))
        refused = client.post(url(department), named | {"hand_over": "on", "remark": "注意仓库"})
        assert refused.status_code == 422
        assert "Say why you do this for somebody else." in page(refused)
        assert "注意仓库" in page(refused)
        client.post(url(department), named | {"hand_over": "on", "reason": "突发急病"})
        assert Attendance.objects.get(pk=day_shift.pk).clocked_out_by == supervisor


class TestWhatTheNextShiftReads:
    def address(self, name, department):
        return reverse(f"handover:{name}", kwargs={"code": department.code})

    def test_the_remark_stands_on_the_relay(self, department, agent, colleague, day_shift, night_shift, client_of):
        services.submit_handover(attendance=day_shift, actor=agent, remark="改地址的很急")
        page = client_of(colleague).get(self.address("log", department)).content.decode()
        assert "改地址的很急" in page

    def test_other_items_than_were_shown_are_not_handed_over(self, department, agent, day_shift, write, client_of):
        write(agent)
        page = client_of(agent).post(self.address("submit", department), {"seen_items": "0"})
        assert "changed meanwhile" in page.content.decode()
        assert not Handover.objects.exists()
        assert HandoverItem.objects.get().handover is None

    def test_an_item_left_without_a_handover_waits_since_then(self, agent, day_shift, write):
        write(agent)
        clock.move(timedelta(hours=2))
        services.end_shift(attendance=day_shift, actor=agent, confirmed=True)
        clock.move(timedelta(minutes=7))
        assert HandoverItem.objects.for_cards().get().waited == "7 min"

    def test_the_gate_asks_for_itself_after_a_count(self, department, agent, colleague, day_shift, client_of):
        part = client_of(agent).get(self.address("gate", department)).content.decode()
        assert 'id="gate"' in part
        assert "customers-counted" in part
        assert "<html" not in part
        assert client_of(colleague).get(self.address("gate", department)).status_code == 204

    def test_a_stranger_finds_no_gate(self, department, stranger, client_of):
        assert client_of(stranger).get(self.address("gate", department)).status_code == 404
