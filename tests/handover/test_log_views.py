"""The pages of the handover log, for each of the cast."""

from datetime import timedelta

import pytest
from django.urls import reverse

from handover import services
from handover.models import Handover, HandoverItem, Order
from office import clock
from people.models import Role
from people.services import grant_role
from tests.factories import JOINED, add_person, make_department
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")
HTMX = {"HX-Request": "true"}
BUTTONS = ("item_accept", "item_ask", "item_refuse", "item_answer", "item_assign", "item_note", "item_done")


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

    def test_an_accepted_item_of_a_kind_without_read_back_is_just_accepted(
        self, department, handed, colleague, client_of
    ):
        services.accept_item(item=handed, actor_membership=colleague.membership)
        html = page(client_of(colleague).get(url("log", department)))
        assert "without a read-back" not in html

    def test_what_came_up_by_itself_says_so(self, department, rulebook, agent, day_shift, client_of):
        order = Order.objects.create(
            department=department,
            number="26111000012345",
            buyer="小鹿",
            placed_at=clock.now(),
            amount_fen=100,
            business_date=department.today(),
        )
        follow_up = rulebook.notebooks.follow_ups[0].code
        item = services.follow_up_item(order=order, follow_up_code=follow_up, at=clock.now())
        for address in (url("log", department), url("item", department, item.pk)):
            assert "made by the rulebook" in page(client_of(agent).get(address))

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
            ({"fallback": "长" * 501}, "fallback"),
            # Signs that nobody sees say nothing.
            ({"to_do": "\u200b \u2060"}, "to_do"),
            ({"meant_for": "0"}, "meant_for"),
            ({"meant_for": "x"}, "meant_for"),
        ],
    )
    def test_a_form_that_fails_keeps_what_was_typed_and_says_where(self, department, agent, client_of, changes, field):
        response = client_of(agent).post(url("item_new", department), {"known": "问了两款"} | self.FORM | changes)
        assert list(response.context["form"].errors) == [field]
        assert "小鹿" in page(response)
        assert not HandoverItem.objects.exists()

    def test_who_it_is_meant_for_and_what_to_do_if_it_goes_wrong_stand_on_the_card(
        self, department, agent, colleague, day_shift, night_shift, client_of
    ):
        client = client_of(agent)
        form = self.FORM | {"fallback": "找仓库主管", "meant_for": colleague.membership.pk}
        client.post(url("item_new", department), form)
        services.submit_handover(attendance=day_shift, actor=agent)
        for person in (agent, colleague):
            html = page(client_of(person).get(url("log", department)))
            assert "找仓库主管" in html
            assert f"meant for {colleague.name}" in html

    def test_it_is_meant_for_a_colleague_of_this_department_and_not_for_oneself(
        self, department, agent, colleague, stranger, client_of
    ):
        html = page(client_of(agent).get(url("item_new", department)))
        assert f'<option value="{colleague.membership.pk}">' in html
        for other in (agent, stranger):
            assert f'<option value="{other.membership.pk}">' not in html
            form = self.FORM | {"meant_for": other.membership.pk}
            assert client_of(agent).post(url("item_new", department), form).status_code == 422

    def test_what_stands_behind_more_stands_open_when_something_is_in_it(self, department, agent, client_of):
        client = client_of(agent)
        assert '<details class="bz-more is-wide">' in page(client.get(url("item_new", department)))
        failed = client.post(url("item_new", department), self.FORM | {"to_do": "", "fallback": "找仓库主管"})
        assert '<details class="bz-more is-wide" open>' in page(failed)

    def test_a_customer_of_unseen_signs_is_none(self, department, agent, client_of):
        client_of(agent).post(url("item_new", department), self.FORM | {"customer": "\u200b"})
        assert HandoverItem.objects.get().customer == ""

    def test_the_page_knows_which_kinds_need_a_time_and_ask_what_is_known(self, department, agent, client_of):
        html = page(client_of(agent).get(url("item_new", department)))
        assert 'data-needing-time="urgent"' in html
        assert 'data-asking-known="urgent"' in html
        # Said once, and not with each kind too.
        assert html.count("Must be given for: Urgent") == 1
        assert "needs a time" not in html

    def test_times_that_are_often_said_are_a_press_away(self, department, agent, day_shift, client_of):
        html = page(client_of(agent).get(url("item_new", department)))
        ends = f"{department.local(day_shift.planned_end):%Y-%m-%dT%H:%M}"
        for time in (ends, "2026-11-10T23:59", "2026-11-11T12:00"):
            assert f'data-due="{time}"' in html

    def test_the_customer_comes_along_from_the_page_of_the_customer(self, department, agent, client_of):
        html = page(client_of(agent).get(url("item_new", department), {"customer": "小鹿 <b>"}))
        assert 'value="小鹿 &lt;b&gt;"' in html

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
        assert response["HX-Refresh"] == "true"
        assert html.lstrip().startswith("<article")
        assert "Accepted; it is yours now." in html
        assert url("item_done", department, handed.pk) in html

    def test_on_the_log_itself_the_list_is_asked_for_anew_and_nothing_else(
        self, department, handed, colleague, client_of
    ):
        on_the_log = HTMX | {"HX-Current-URL": f"http://testserver{url('log', department)}?from=today"}
        response = client_of(colleague).post(url("item_accept", department, handed.pk), headers=on_the_log)
        assert "handover-changed" in response["HX-Trigger-After-Swap"]
        assert "HX-Refresh" not in response

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
        again = client.post(address, {"result": "已改期"}, headers=HTMX)
        assert again.status_code == 422
        html = again.content.decode()
        assert "This item is done already." in html
        # What was typed is not lost with the form.
        assert "已改期" in html


class TestSubmitting:
    def test_an_agent_hands_over_from_the_log(self, department, agent, day_shift, write, client_of):
        write(agent)
        client = client_of(agent)
        assert "Hand over 1 item" in page(client.get(url("log", department)))
        client.post(url("submit", department), {"remark": "注意仓库"})
        assert Handover.objects.get().remark == "注意仓库"

    def test_and_comes_back_to_what_is_theirs(self, department, agent, day_shift, client_of):
        assert client_of(agent).post(url("submit", department))["location"] == url("log", department) + "#mine"

    def test_the_tab_of_ones_own_says_what_waits_for_an_answer_and_what_came_back(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        asked, refused, client = write(agent), write(agent), client_of(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        log = client.get(url("log", department)).context["log"]
        assert (log.asked, log.refused) == (0, 0)
        services.ask_back(item=asked, actor_membership=colleague.membership, text="哪个仓库？")
        services.refuse_item(item=refused, actor_membership=colleague.membership, reason="我不负责仓库")
        response = client.get(url("log", department))
        assert (response.context["log"].asked, response.context["log"].refused) == (1, 1)
        tab = page(response).partition('href="#mine" data-tab>')[2].partition("</a>")[0]
        assert "1 question<" in tab
        assert "1 came back<" in tab
        services.answer_item(item=asked, actor_membership=agent.membership, text="二号仓")
        services.submit_handover(attendance=day_shift, actor=agent)
        log = client.get(url("log", department)).context["log"]
        assert (log.asked, log.refused) == (0, 0)

    def test_what_is_refused_is_said_and_the_remark_stays(self, department, agent, day_shift, client_of):
        client = client_of(agent)
        html = page(client.post(url("submit", department), {"remark": "长" * 501}))
        assert "长" * 501 in html
        assert not Handover.objects.exists()

    def test_what_came_up_since_is_handed_over_again(self, department, agent, day_shift, write, client_of):
        client = client_of(agent)
        client.post(url("submit", department))
        assert url("submit", department) not in page(client.get(url("log", department)))
        item = write(agent, "改地址")
        assert "Hand over 1 item again" in page(client.get(url("log", department)))
        client.post(url("submit", department), {"seen_items": 1})
        item.refresh_from_db()
        assert item.handover == Handover.objects.get()

    def test_what_is_missing_stands_beside_each_item(self, department, agent, day_shift, write, client_of):
        write(agent, kind="urgent", due_at=clock.now() + timedelta(hours=1))
        html = page(client_of(agent).get(url("log", department)))
        assert "nothing is known so far" in html
        assert "not said what to do if it goes wrong" in html
        write(agent, known="已联系", kind="urgent", fallback="找主管", due_at=clock.now() + timedelta(hours=1))
        assert page(client_of(agent).get(url("log", department))).count("nothing is known so far") == 1

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
        for name in ("item", *BUTTONS):
            assert client.post(url(name, department, item.pk)).status_code in (404, 405)

    def test_another_departments_ids_do_not_exist_in_this_one(
        self, department, other_department, agent, stranger, supervisor, write, client_of
    ):
        item, shift = write(stranger), begin_shift(stranger, "D")
        client = client_of(supervisor)
        assert client.get(url("item", department, item.pk)).status_code == 404
        for name in BUTTONS:
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

    @pytest.mark.parametrize("name", BUTTONS)
    def test_reading_an_address_that_writes_is_refused(self, department, agent, write, client_of, name):
        item = write(agent)
        assert client_of(agent).get(url(name, department, item.pk)).status_code == 405
        assert client_of(agent).get(url("submit", department)).status_code == 405
