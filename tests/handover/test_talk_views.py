"""Between giver and receiver, on the pages: asking back, answering, refusing; and what a supervisor does for either."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from handover import services
from handover.models import Handover, HandoverItem
from office import clock
from tests.factories import add_person
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")
HTMX = {"HX-Request": "true"}


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    assert response.status_code in (200, 422)
    return response.content.decode()


@pytest.fixture
def handed(agent, day_shift, night_shift, write):
    item = write(agent, "拦截包裹", customer="小鹿 t***8")
    services.submit_handover(attendance=day_shift, actor=agent)
    return item


class TestAskingBack:
    def test_the_giver_sees_the_question_and_the_receiver_the_answer(
        self, department, handed, agent, colleague, client_of
    ):
        giver, taker = client_of(agent), client_of(colleague)
        taker.post(url("item_ask", department, handed.pk), {"text": "哪个仓库？"})
        html = page(giver.get(url("log", department)))
        assert "<b>王浩然</b> asks: 哪个仓库？" in html
        assert url("item_answer", department, handed.pk) in html
        giver.post(url("item_answer", department, handed.pk), {"text": "二号仓"})
        html = page(taker.get(url("log", department)))
        assert "<b>王浩然</b> asked: 哪个仓库？ <b>林晓彤</b>: 二号仓" in html
        assert url("item_accept", department, handed.pk) in html

    def test_one_may_accept_without_the_answer_and_ask_no_second_time(self, department, handed, colleague, client_of):
        client = client_of(colleague)
        client.post(url("item_ask", department, handed.pk), {"text": "哪个仓库？"})
        html = page(client.get(url("log", department)))
        assert f'id="ask-{handed.pk}"' not in html
        assert f'id="refuse-{handed.pk}"' in html
        assert page(client.post(url("item_ask", department, handed.pk), {"text": "在吗？"})).count("在吗？") == 1
        client.post(url("item_accept", department, handed.pk))
        assert HandoverItem.objects.get().owner == colleague.membership

    @pytest.mark.parametrize("name", ["item_ask", "item_refuse"])
    @pytest.mark.parametrize("text", ["", " ", "长" * 501])
    def test_what_was_typed_stays_beside_what_is_wrong(self, department, handed, colleague, client_of, name, text):
        response = client_of(colleague).post(url(name, department, handed.pk), {"text": text}, headers=HTMX)
        assert response.status_code == 422
        html = response.content.decode()
        assert 'aria-invalid="true"' in html
        assert f">{text}</textarea>" in html
        assert f'<details class="bz-ask" name="item-{handed.pk}" open>' in html
        assert page(client_of(colleague).post(url(name, department, handed.pk), {"text": text})).count("bz-wrong") == 1

    def test_what_was_typed_comes_back_when_the_item_has_changed_meanwhile(
        self, department, handed, agent, colleague, client_of
    ):
        services.finish_item(item=handed, actor_membership=agent.membership)
        client, address = client_of(colleague), url("item_ask", department, handed.pk)
        for answer in (
            client.post(address, {"text": "哪个仓库？"}, headers=HTMX),
            client.post(address, {"text": "哪个仓库？"}),
        ):
            html = answer.content.decode()
            assert "This item is done already." in html
            assert "哪个仓库？" in html

    def test_only_the_giver_answers_and_who_may_take_over(
        self, department, handed, agent, colleague, supervisor, client_of
    ):
        services.ask_back(item=handed, actor_membership=colleague.membership, text="哪个仓库？")
        other = add_person(department)
        for person in (other, colleague):
            address = url("item_answer", department, handed.pk)
            assert client_of(person).post(address, {"text": "一号仓"}).status_code == 403
        assert (
            client_of(supervisor).post(url("item_answer", department, handed.pk), {"text": "二号仓"}).status_code == 302
        )
        late = client_of(agent).post(url("item_answer", department, handed.pk), {"text": "二号仓"}, headers=HTMX)
        assert late.status_code == 422
        assert "No question about this item is open" in late.content.decode()

    def test_the_giver_still_sees_it_after_going_home(self, department, handed, agent, colleague, day_shift, client_of):
        services.end_shift(attendance=day_shift, actor=agent)
        services.ask_back(item=handed, actor_membership=colleague.membership, text="哪个仓库？")
        html = page(client_of(agent).get(url("log", department)))
        assert url("item_answer", department, handed.pk) in html


class TestRefusing:
    def test_it_comes_back_with_the_reason_and_is_handed_over_again(
        self, department, handed, agent, colleague, client_of
    ):
        giver = client_of(agent)
        client_of(colleague).post(url("item_refuse", department, handed.pk), {"text": "我不负责仓库"})
        html = page(giver.get(url("log", department)))
        assert "Refused by <b>王浩然</b>: 我不负责仓库" in html
        assert "Hand over 1 item again" in html
        giver.post(url("submit", department), {"seen_items": 1})
        handed.refresh_from_db()
        assert handed.handover == Handover.objects.get()
        assert "我不负责仓库" in page(client_of(colleague).get(url("log", department)))

    def test_what_one_may_not_accept_one_may_not_refuse(self, department, handed, agent, leader, client_of):
        for person in (agent, leader):
            response = client_of(person).post(url("item_refuse", department, handed.pk), {"text": "不"}, headers=HTMX)
            assert response.status_code == 422
        handed.refresh_from_db()
        assert handed.is_waiting

    def test_what_people_type_is_shown_as_text(self, department, handed, agent, colleague, client_of):
        script = "<script>alert(1)</script>"
        services.ask_back(item=handed, actor_membership=colleague.membership, text=script)
        services.answer_item(item=handed, actor_membership=agent.membership, text=script)
        services.refuse_item(item=handed, actor_membership=colleague.membership, reason=script)
        for person in (agent, colleague):
            for address in (url("log", department), url("item", department, handed.pk)):
                assert script not in page(client_of(person).get(address))


class TestStandingOut:
    def test_what_is_overdue_or_carried_far_stands_on_top_for_who_may_take_over(
        self, department, agent, supervisor, colleague, day_shift, write, client_of
    ):
        late = write(agent, "打给她", due_at=clock.now() + timedelta(minutes=5))
        write(agent, "随便看看")
        clock.move(timedelta(minutes=7))
        log = client_of(supervisor).get(url("log", department)).context["log"]
        assert log.standing_out == [late]
        later = clock.now() + timedelta(hours=2)
        HandoverItem.objects.filter(pk=late.pk).update(due_at=later, carried=1)
        assert client_of(supervisor).get(url("log", department)).context["log"].standing_out == []
        HandoverItem.objects.filter(pk=late.pk).update(carried=2)
        html = page(client_of(supervisor).get(url("log", department)))
        assert "with 林晓彤" in html
        assert "carried over 2 shifts" in html
        assert client_of(colleague).get(url("log", department)).context["log"].standing_out == []

    def test_from_how_many_shifts_on_the_rulebook_says(self, changed_department, changed_rulebook, client_of):
        limit = changed_rulebook.notebooks.handover_log.carried_stands_out_from
        boss = add_person(changed_department, roles=changed_rulebook.rights["take_over"])
        person = add_person(changed_department)
        kind = next(kind for kind in changed_rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
        item = services.write_item(author=person.membership, kind=kind.code, to_do="回访")
        client = client_of(boss)
        for carried in (limit - 1, limit):
            HandoverItem.objects.filter(pk=item.pk).update(carried=carried)
            found = client.get(url("log", changed_department)).context["log"].standing_out
            assert bool(found) == (carried == limit)

    def test_a_supervisor_gives_it_to_somebody_on_duty(self, department, handed, colleague, supervisor, client_of):
        client = client_of(supervisor)
        HandoverItem.objects.filter(pk=handed.pk).update(carried=3)
        html = page(client.get(url("log", department)))
        assert url("item_assign", department, handed.pk) in html
        client.post(url("item_assign", department, handed.pk), {"to": colleague.membership.pk, "reason": "顾客在等"})
        handed.refresh_from_db()
        assert handed.owner == colleague.membership
        assert "顾客在等" in page(client.get(url("item", department, handed.pk)))

    @pytest.mark.parametrize(
        ("typed", "field"),
        [({"to": "", "reason": "急"}, "to"), ({"to": "x", "reason": "急"}, "to"), ({"reason": ""}, "reason")],
    )
    def test_what_is_wrong_stands_beside_its_field(
        self, department, handed, colleague, supervisor, client_of, typed, field
    ):
        form = {"to": colleague.membership.pk} | typed
        response = client_of(supervisor).post(url("item_assign", department, handed.pk), form, headers=HTMX)
        assert response.status_code == 422
        html = response.content.decode()
        assert f'id="assign-{handed.pk}-{"to" if field == "to" else "reason"}"' in html
        assert 'aria-invalid="true"' in html

    def test_who_is_not_on_duty_or_is_a_stranger_gets_nothing(
        self, department, handed, leader, stranger, supervisor, client_of
    ):
        for person in (leader, stranger):
            form = {"to": person.membership.pk, "reason": "急"}
            response = client_of(supervisor).post(url("item_assign", department, handed.pk), form, headers=HTMX)
            assert response.status_code == 422
        handed.refresh_from_db()
        assert handed.is_waiting

    def test_agents_give_nothing_to_anybody(self, department, handed, agent, colleague, client_of):
        form = {"to": colleague.membership.pk, "reason": "急"}
        assert client_of(agent).post(url("item_assign", department, handed.pk), form).status_code == 403

    def test_running_shifts_show_what_they_have_to_hand_over_and_it_is_done_for_them(
        self, department, agent, supervisor, day_shift, write, client_of
    ):
        write(agent)
        client = client_of(supervisor)
        html = page(client.get(url("log", department)))
        assert "has not handed over yet" in html
        assert "Hand over for them" in html
        client.post(url("submit", department), {"attendance": day_shift.pk, "seen_items": 1})
        assert Handover.objects.get().giver == agent.membership
        assert "has handed over" in page(client.get(url("log", department)))
        assert "Hand over for them" not in page(client_of(agent).get(url("log", department)))


class TestTheMorningQueue:
    def test_the_last_of_the_night_leaves_and_the_morning_finds_it(
        self, department, agent, colleague, write, client_of
    ):
        night = begin_shift(agent, "N")
        write(agent, "早上打给她")
        form = {"attendance": night.pk, "hand_over": "on", "confirmed": "on"}
        client_of(agent).post(url("end_shift", department), form)
        html = page(client_of(colleague).get(url("log", department)))
        assert "Morning queue" in html
        assert "早上打给她" in html
        clock.move(timedelta(hours=15))
        begin_shift(colleague, "D", day=clock.now().astimezone(department.zone).date())
        client = client_of(colleague)
        assert client.get(url("log", department)).context["log"].to_accept == 1
        client.post(url("item_accept", department, HandoverItem.objects.get().pk))
        assert HandoverItem.objects.get().owner == colleague.membership


class TestButtons:
    def test_nobody_is_chosen_before_somebody_is(self, department, handed, supervisor, client_of):
        html = page(client_of(supervisor).get(url("item", department, handed.pk)))
        assert re.search(r'<select[^>]* name="to" required>\s*<option value="">Choose</option>', html)

    def test_of_the_forms_of_one_item_one_is_open(self, department, handed, agent, colleague, client_of):
        for person in (agent, colleague):
            html = page(client_of(person).get(url("item", department, handed.pk)))
            assert html.count('<details class="bz-ask"') == html.count(
                f'<details class="bz-ask" name="item-{handed.pk}"'
            )

    def test_from_an_item_and_a_customer_one_comes_back_on_the_phone_too(self, department, handed, agent, client_of):
        for address in (url("item", department, handed.pk), url("customer", department, "小鹿")):
            assert '<a class="bz-btn is-quiet" href=' in page(client_of(agent).get(address))


class TestPaper:
    def test_one_handover_and_all_that_is_open(self, department, handed, agent, colleague, write, client_of):
        write(colleague, "另一件")
        client = client_of(agent)
        one = page(client.get(url("handover_print", department, Handover.objects.get().pk)))
        assert "拦截包裹" in one
        assert "另一件" not in one
        everything = page(client.get(url("log_print", department)))
        assert "另一件" in everything
        assert "data-print" in everything

    def test_what_was_said_of_it_stands_there(self, department, handed, agent, colleague, client_of):
        HandoverItem.objects.filter(pk=handed.pk).update(carried=2)
        services.note_item(item=handed, actor_membership=agent.membership, text="16:10 打过，没人接")
        services.ask_back(item=handed, actor_membership=colleague.membership, text="哪个仓库？")
        services.answer_item(item=handed, actor_membership=agent.membership, text="一号仓")
        address = url("handover_print", department, Handover.objects.get().pk)
        html = page(client_of(agent).get(address))
        for text in ("carried over 2 shifts", "没人接", "哪个仓库？", "一号仓"):
            assert text in html
        services.accept_item(item=handed, actor_membership=colleague.membership, read_back="七点前打给一号仓")
        assert "Read back: 七点前打给一号仓" in page(client_of(agent).get(address))

    def test_a_refusal_and_whom_it_is_meant_for_stand_there(
        self, department, day_shift, night_shift, agent, colleague, write, client_of
    ):
        refused, meant = write(agent), write(agent, meant_for=colleague.membership)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.refuse_item(item=refused, actor_membership=colleague.membership, reason="仓库已下班")
        html = page(client_of(agent).get(url("handover_print", department, Handover.objects.get().pk)))
        assert "仓库已下班" in html
        assert f"meant for {meant.meant_for.name}" in html

    def test_what_became_of_it_stands_there(self, department, handed, agent, colleague, client_of):
        services.accept_item(item=handed, actor_membership=colleague.membership)
        assert colleague.name in page(
            client_of(agent).get(url("handover_print", department, Handover.objects.get().pk))
        )

    def test_another_departments_handover_is_not_found(self, other_department, handed, stranger, client_of):
        assert (
            client_of(stranger).get(url("handover_print", other_department, Handover.objects.get().pk)).status_code
            == 404
        )
