"""The pages of the handover log, for each of the cast."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover import services
from handover.models import Handover, HandoverItem
from office import clock
from people.models import Role
from people.services import grant_role
from tests.factories import JOINED, add_person, make_department
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")
HTMX = {"HX-Request": "true"}


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    # 422: a form that came back with its mistakes, which only a POST can bring about.
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


@pytest.fixture
def handed(agent, day_shift, night_shift, write):
    """The day shift has handed an item to the night shift."""
    item = write(agent, "给小鹿发实拍图", customer="小鹿 t***8")
    services.submit_handover(attendance=day_shift, actor=agent)
    return item


@pytest.fixture
def urgent(agent, day_shift, night_shift, write):
    item = write(agent, "拦截包裹", kind="urgent", due_at=clock.now() + timedelta(minutes=57))
    services.submit_handover(attendance=day_shift, actor=agent)
    return item


@pytest.fixture
def visitor(department):
    """Holds a role in the department without being a member of it."""
    person = add_person(department, name="访客")
    person.memberships.all().delete()
    grant_role(actor=None, department=department, user=person, role=Role.MANAGER, from_day=JOINED)
    return person


class TestReading:
    def test_the_receiver_sees_what_to_accept_and_who_gave_it(self, department, handed, colleague, client_of):
        html = page(client_of(colleague).get(url("log", department)))
        assert "给小鹿发实拍图" in html
        assert "小鹿 t***8" in html
        assert url("item_accept", department, handed.pk) in html
        assert "0 / 1" in html
        assert "林晓彤" in html

    def test_the_giver_sees_it_waiting_for_the_night_and_cannot_accept_it(self, department, handed, agent, client_of):
        html = page(client_of(agent).get(url("log", department)))
        assert "for Night, not accepted yet" in html
        assert url("item_accept", department, handed.pk) not in html
        assert url("submit", department) not in html

    def test_who_is_off_duty_sees_it_without_a_button(self, department, handed, leader, client_of):
        html = page(client_of(leader).get(url("log", department)))
        assert "给小鹿发实拍图" in html
        assert "Only who is on duty" in html
        assert url("item_accept", department, handed.pk) not in html

    def test_who_holds_a_role_without_membership_reads_along(self, department, handed, visitor, client_of):
        html = page(client_of(visitor).get(url("log", department)))
        assert "给小鹿发实拍图" in html
        assert url("item_done", department, handed.pk) not in html

    def test_an_accepted_item_stands_with_what_was_read_back(self, department, urgent, colleague, client_of):
        services.accept_item(item=urgent, actor_membership=colleague.membership, read_back="九点前打给二号仓")
        html = page(client_of(colleague).get(url("log", department)))
        assert "九点前打给二号仓" in html
        assert "1 / 1" in html

    def test_with_nothing_written_the_page_says_what_to_do_next(self, department, agent, client_of):
        html = page(client_of(agent).get(url("log", department)))
        assert "Nothing waits to be accepted" in html
        assert url("item_new", department) in html

    def test_an_items_page_shows_its_whole_history(self, department, urgent, agent, colleague, client_of):
        services.accept_item(item=urgent, actor_membership=colleague.membership, read_back="九点前打给二号仓")
        services.finish_item(item=urgent, actor_membership=colleague.membership, result="已拦下")
        html = page(client_of(agent).get(url("item", department, urgent.pk)))
        for word in ("Written", "Handed over", "Accepted", "Done", "九点前打给二号仓", "已拦下", "with 王浩然"):
            assert word in html

    def test_in_chinese_too(self, department, handed, colleague, client_of):
        assert client_of(colleague, "zh-hans").get(url("log", department)).status_code == 200

    def test_what_people_type_is_shown_as_text(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        script = "<script>alert(1)</script>"
        item = write(agent, script + "x", customer=script, known=script)
        services.submit_handover(attendance=day_shift, actor=agent, remark=script)
        for person in (agent, colleague):
            for address in (url("log", department), url("item", department, item.pk), url("end_shift", department)):
                assert script not in client_of(person).get(address).content.decode()
        answer = client_of(colleague).post(url("item_accept", department, item.pk), headers=HTMX).content.decode()
        assert script not in answer
        assert "&lt;script&gt;" in answer


class TestThePulse:
    def test_nothing_new_is_an_empty_answer(self, department, handed, colleague, client_of):
        client = client_of(colleague)
        version = client.get(url("log", department)).context["log"].version
        assert client.get(url("pulse", department), {"v": version}).status_code == 204

    def test_a_change_by_somebody_else_is_announced(self, department, handed, agent, colleague, write, client_of):
        client = client_of(colleague)
        version = client.get(url("log", department)).context["log"].version
        write(agent)
        html = page(client.get(url("pulse", department), {"v": version}))
        assert "The list below has changed" in html
        later = client.get(url("log", department)).context["log"].version
        assert f"v={later}&amp;stale" in html

    def test_ones_own_change_only_counts_anew(self, department, handed, colleague, client_of):
        client = client_of(colleague)
        version = client.get(url("log", department)).context["log"].version
        services.accept_item(item=handed, actor_membership=colleague.membership)
        html = page(client.get(url("pulse", department), {"v": version}))
        assert "The list below has changed" not in html
        assert "1 / 1" in html

    @pytest.mark.parametrize("seen", ["", "x", "1", "9.", ".", "9" * 50 + ".1", "-1.2"])
    def test_an_unreadable_version_counts_as_old(self, department, handed, colleague, client_of, seen):
        assert "The list below has changed" in page(client_of(colleague).get(url("pulse", department), {"v": seen}))


class TestWriting:
    FORM = {"to_do": "给小鹿发实拍图", "kind": "waiting", "customer": "小鹿", "known": "", "due_at": ""}

    def test_an_agent_writes_an_item_also_off_duty(self, department, agent, client_of):
        response = client_of(agent).post(url("item_new", department), self.FORM)
        assert response["location"] == url("log", department)
        assert HandoverItem.objects.get().owner == agent.membership

    def test_and_another_one(self, department, agent, client_of):
        response = client_of(agent).post(url("item_new", department), self.FORM | {"again": "1"})
        assert response["location"] == url("item_new", department)

    def test_the_due_time_is_on_the_departments_wall_clock(self, department, agent, wall, client_of):
        client_of(agent).post(url("item_new", department), self.FORM | {"due_at": "2026-11-10T21:00"})
        assert HandoverItem.objects.get().due_at == wall("2026-11-10 21:00")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"to_do": ""}, "to_do"),
            ({"to_do": "长" * 501}, "to_do"),
            ({"kind": ""}, "kind"),
            ({"kind": "call-back"}, "kind"),
            ({"kind": "urgent"}, "due_at"),
            ({"due_at": "2026-11-10T16:29"}, "due_at"),
            ({"due_at": "soon"}, "due_at"),
            ({"due_at": "2026-11-10T21:00+08:00"}, "due_at"),
            ({"due_at": "0001-01-01T00:00"}, "due_at"),
            ({"customer": "x" * 81}, "customer"),
            ({"known": "a\x00b"}, "known"),
        ],
    )
    def test_a_form_that_fails_keeps_what_was_typed_and_says_where(self, department, agent, client_of, changes, field):
        response = client_of(agent).post(url("item_new", department), {"known": "问了两款"} | self.FORM | changes)
        assert list(response.context["form"].errors) == [field]
        assert "小鹿" in page(response)
        assert not HandoverItem.objects.exists()

    def test_the_kinds_are_those_of_the_departments_rulebook(self, changed_department, client_of):
        person = add_person(changed_department)
        html = page(client_of(person).get(url("item_new", changed_department)))
        assert 'value="call-back"' in html
        assert 'value="urgent"' not in html

    def test_without_a_rulebook_the_page_says_so(self, client_of):
        department = make_department("bare")
        client = client_of(add_person(department))
        for name in ("item_new", "issues"):
            assert "No rulebook yet" in page(client.get(url(name, department)))
        for name in ("log", "statistics"):
            page(client.get(url(name, department)))

    def test_who_is_no_member_writes_nothing(self, department, visitor, client_of):
        assert client_of(visitor).post(url("item_new", department), self.FORM).status_code == 403


class TestAccepting:
    def test_with_htmx_the_card_comes_back_as_mine(self, department, handed, colleague, client_of):
        response = client_of(colleague).post(url("item_accept", department, handed.pk), headers=HTMX)
        html = page(response)
        assert response["HX-Trigger"] == "handover-changed"
        assert html.lstrip().startswith("<article")
        assert "Accepted; it is yours now." in html
        assert url("item_done", department, handed.pk) in html

    def test_without_htmx_the_log_comes_back(self, department, handed, colleague, client_of):
        response = client_of(colleague).post(url("item_accept", department, handed.pk))
        assert response["location"] == url("log", department)
        handed.refresh_from_db()
        assert handed.owner == colleague.membership

    def test_a_missing_read_back_is_said_at_its_field_and_nothing_moves(self, department, urgent, colleague, client_of):
        client = client_of(colleague)
        response = client.post(url("item_accept", department, urgent.pk), {"read_back": "好的"}, headers=HTMX)
        assert response.status_code == 422
        html = response.content.decode()
        assert 'aria-invalid="true"' in html
        assert ">好的</textarea>" in html
        assert ">好的</textarea>" in page(client.post(url("item_accept", department, urgent.pk), {"read_back": "好的"}))
        urgent.refresh_from_db()
        assert urgent.is_waiting

    def test_the_slower_of_two_is_told(self, department, handed, colleague, client_of):
        other = add_person(department, name="何佳怡", work_number="33")
        begin_shift(other, "N")
        services.accept_item(item=handed, actor_membership=colleague.membership)
        client = client_of(other)
        response = client.post(url("item_accept", department, handed.pk), headers=HTMX)
        assert response.status_code == 422
        assert "王浩然 has already accepted this item." in response.content.decode()
        assert "<form" not in response.content.decode()
        assert "has already accepted" in page(client.post(url("item_accept", department, handed.pk)))

    @pytest.mark.parametrize("person", ["agent", "leader", "manager"])
    def test_who_may_not_accept_is_refused_in_words(self, department, handed, person, request, client_of):
        user = request.getfixturevalue(person)
        response = client_of(user).post(url("item_accept", department, handed.pk), headers=HTMX)
        assert response.status_code == 422
        handed.refresh_from_db()
        assert handed.is_waiting

    def test_who_is_no_member_may_not_at_all(self, department, handed, visitor, client_of):
        assert client_of(visitor).post(url("item_accept", department, handed.pk)).status_code == 403


class TestFinishing:
    def test_the_owner_finishes_with_what_came_of_it(self, department, agent, write, client_of):
        item = write(agent)
        response = client_of(agent).post(url("item_done", department, item.pk), {"result": "已改期"}, headers=HTMX)
        assert "Done" in page(response)
        item.refresh_from_db()
        assert not item.is_open
        assert item.events.last().text == "已改期"

    def test_a_colleague_may_not_and_a_supervisor_may(self, department, agent, colleague, supervisor, write, client_of):
        item = write(agent)
        assert client_of(colleague).post(url("item_done", department, item.pk)).status_code == 403
        assert client_of(supervisor).post(url("item_done", department, item.pk)).status_code == 302

    def test_twice_is_refused_and_too_long_a_text_too(self, department, agent, write, client_of):
        item = write(agent)
        client, address = client_of(agent), url("item_done", department, item.pk)
        response = client.post(address, {"result": "长" * 501}, headers=HTMX)
        assert response.status_code == 422
        assert "长" * 501 in response.content.decode()
        client.post(address)
        assert client.post(address, headers=HTMX).status_code == 422


class TestSubmitting:
    def test_an_agent_hands_over_from_the_log(self, department, agent, day_shift, write, client_of):
        write(agent)
        client = client_of(agent)
        assert "Hand over 1 item" in page(client.get(url("log", department)))
        client.post(url("submit", department), {"remark": "注意仓库"})
        assert Handover.objects.get().remark == "注意仓库"

    def test_what_is_refused_is_said_and_the_remark_stays(self, department, agent, day_shift, client_of):
        client = client_of(agent)
        html = page(client.post(url("submit", department), {"remark": "长" * 501}))
        assert "长" * 501 in html
        assert not Handover.objects.exists()

    def test_off_duty_there_is_nothing_to_hand_over(self, department, agent, client_of):
        assert client_of(agent).post(url("submit", department)).status_code == 422
        assert not Handover.objects.exists()

    def test_for_somebody_else_only_with_the_right(
        self, department, agent, colleague, supervisor, day_shift, client_of
    ):
        named = {"attendance": day_shift.pk}
        assert client_of(colleague).post(url("submit", department), named).status_code == 403
        assert client_of(supervisor).post(url("submit", department), named).status_code == 302
        assert Handover.objects.get().giver == agent.membership


class TestStrangers:
    GETS = ("log", "pulse", "item_new", "end_shift", "issues", "statistics")

    def test_a_stranger_finds_nothing_here(self, department, stranger, agent, write, client_of):
        client, item = client_of(stranger), write(agent)
        for name in self.GETS:
            assert client.get(url(name, department)).status_code == 404
        for name in ("submit", "end_shift", "item_new", "issues", "statistics"):
            assert client.post(url(name, department)).status_code == 404
        for name in ("item", "item_accept", "item_done"):
            assert client.post(url(name, department, item.pk)).status_code in (404, 405)

    def test_another_departments_ids_do_not_exist_in_this_one(
        self, department, other_department, agent, stranger, supervisor, write, client_of
    ):
        item, shift = write(stranger), begin_shift(stranger, "D")
        client = client_of(supervisor)
        assert client.get(url("item", department, item.pk)).status_code == 404
        for name in ("item_accept", "item_done"):
            assert client.post(url(name, department, item.pk)).status_code == 404
        for named in (shift.pk, "x", "0", 2**63, "9" * 30):
            assert client.get(url("end_shift", department), {"attendance": named}).status_code == 404
            assert client.post(url("submit", department), {"attendance": named}).status_code == 404
        other = {"member": stranger.membership.pk}
        assert client.get(url("statistics", department), other).status_code == 404
        assert client.get(url("item", department, 2**63)).status_code == 404

    def test_who_is_in_both_departments_still_finds_no_item_under_the_wrong_one(
        self, department, other_department, stranger, agent, write, client_of
    ):
        item = write(agent)
        grant_role(actor=None, department=department, user=stranger, role=Role.AGENT, from_day=JOINED)
        assert client_of(stranger).get(url("item", department, item.pk)).status_code == 200
        assert client_of(stranger).get(url("item", other_department, item.pk)).status_code == 404

    def test_an_anonymous_visitor_is_asked_to_sign_in(self, department, client):
        for name in self.GETS:
            assert client.get(url(name, department))["location"].startswith("/accounts/login/")

    @pytest.mark.parametrize("name", ["item_accept", "item_done"])
    def test_reading_an_address_that_writes_is_refused(self, department, agent, write, client_of, name):
        item = write(agent)
        assert client_of(agent).get(url(name, department, item.pk)).status_code == 405
        assert client_of(agent).get(url("submit", department)).status_code == 405


class TestQueries:
    def queries_of(self, client, address) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    @pytest.mark.parametrize("name", ["log", "end_shift"])
    def test_a_page_costs_the_same_with_one_item_and_with_thirty(
        self, department, agent, colleague, leader, day_shift, night_shift, write, client_of, name
    ):
        def fill(count):
            for number in range(count):
                write(colleague, f"own {number}")
            gone = begin_shift(leader, "R", day=agent.membership.department.today())
            for number in range(count):
                write(leader, f"queued {number}")
            services.end_shift(attendance=gone, actor=leader, hand_over=True)
            for item in list(HandoverItem.objects.filter(in_queue=True))[: count // 2]:
                services.accept_item(item=item, actor_membership=colleague.membership)

        client = client_of(colleague)
        fill(2)
        few = self.queries_of(client, url(name, department))
        fill(30)
        assert self.queries_of(client, url(name, department)) == few
        assert few <= (10 if name == "log" else 12)

    def test_an_items_page_costs_the_same_with_a_long_history(
        self, department, agent, colleague, leader, write, client_of
    ):
        item = write(agent)
        client, address = client_of(agent), url("item", department, item.pk)
        few = self.queries_of(client, address)
        for number in range(12):
            giver, taker = (agent, colleague) if number % 2 == 0 else (colleague, agent)
            gives, takes = begin_shift(giver, "R"), begin_shift(taker, "R")
            services.submit_handover(attendance=gives, actor=giver)
            services.end_shift(attendance=gives, actor=giver)
            services.accept_item(item=item, actor_membership=taker.membership)
            takes.clocked_out_at = clock.now()
            takes.save(update_fields=["clocked_out_at"])
        assert item.events.count() == 37
        assert self.queries_of(client, address) == few


class TestTheShiftChange:
    def relay(self, client_of, person, department):
        return client_of(person).get(url("log", department)).context["log"].relay

    def test_before_handing_over_one_sees_what_comes_in_and_after_it_what_goes_out(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        coming = self.relay(client_of, colleague, department)
        assert (coming.giver.code, [side.code for side in coming.takers]) == ("D", ["N"])
        assert (coming.total, coming.left) == (1, 1)
        services.submit_handover(attendance=night_shift, actor=colleague)
        going = self.relay(client_of, colleague, department)
        assert (going.giver.code, going.giver.people, going.total) == ("N", ["王浩然"], 0)
        assert going.takers[0].people == ["林晓彤"]

    def test_it_counts_all_givers_of_the_shift_and_what_the_giver_has_finished(
        self, department, agent, leader, colleague, day_shift, night_shift, write, client_of
    ):
        other = begin_shift(leader, "D")
        items = [write(agent), write(agent), write(leader)]
        services.submit_handover(attendance=day_shift, actor=agent)
        services.submit_handover(attendance=other, actor=leader)
        services.accept_item(item=items[0], actor_membership=colleague.membership)
        services.finish_item(item=items[1], actor_membership=agent.membership)
        relay = self.relay(client_of, colleague, department)
        assert (relay.giver.people, relay.total, relay.settled) == (["林晓彤", "陈思雨"], 3, 2)

    def test_an_old_one_concerns_nobody(self, department, agent, day_shift, client_of):
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        clock.move(timedelta(hours=49))
        assert self.relay(client_of, agent, department) is None
