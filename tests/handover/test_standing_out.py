"""What those who may take over look at: what stands out, and in whose hands everything is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from handover import services
from handover.models import Handover, HandoverItem
from handover.pages.standing_out import stands_out
from office import clock
from tests.factories import add_person
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def log_of(client, department):
    return client.get(url("log", department)).context["log"]


def card(item) -> HandoverItem:
    return HandoverItem.objects.for_cards().get(pk=item.pk)


class TestStandsOut:
    @pytest.fixture
    def queued(self, agent, day_shift, write):
        item = write(agent)
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        return item

    def test_what_was_refused_and_still_lies_in_the_queue(self, colleague, night_shift, queued):
        assert not stands_out(card(queued))
        services.refuse_item(item=queued, actor_membership=colleague.membership, reason="不会处理")
        assert stands_out(card(queued))
        services.accept_item(item=queued, actor_membership=colleague.membership)
        assert not stands_out(card(queued))

    def test_what_lies_in_the_queue_for_longer_than_a_shift(self, queued):
        clock.move(timedelta(hours=9))
        assert not stands_out(card(queued))
        clock.move(timedelta(minutes=1))
        assert stands_out(card(queued))

    def test_what_came_back_to_its_giver_is_the_givers_to_see(self, agent, colleague, day_shift, night_shift, write):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.refuse_item(item=item, actor_membership=colleague.membership, reason="看不懂")
        assert not stands_out(card(item))

    def test_with_nothing_there_is_no_card(self, department, supervisor, day_shift, client_of):
        assert 'id="standing-out"' not in client_of(supervisor).get(url("log", department)).content.decode()


class TestInWhoseHands:
    def test_under_each_name_stands_what_they_hold_also_while_it_waits(
        self, department, agent, colleague, supervisor, day_shift, night_shift, write, client_of
    ):
        handed = write(agent, "给小鹿发实拍图")
        services.submit_handover(attendance=day_shift, actor=agent)
        kept = write(agent, "改地址")
        found = {row.attendance: row for row in log_of(client_of(supervisor), department).running}
        assert set(found[day_shift].items) == {handed, kept}
        assert (found[day_shift].to_hand_over, found[night_shift].items) == (1, [])
        html = client_of(supervisor).get(url("log", department)).content.decode()
        assert "改地址" in html.partition('id="running"')[2]

    def test_what_people_off_duty_hold_stands_below_by_person(
        self, department, agent, colleague, supervisor, night_shift, write, client_of
    ):
        write(colleague)
        mine = [write(agent), write(agent)]
        held = log_of(client_of(supervisor), department).off_duty
        assert [(one.name, one.items) for one in held] == [(agent.name, mine)]

    def test_who_may_not_take_over_sees_none_of_it(self, department, agent, colleague, day_shift, write, client_of):
        write(colleague)
        log = log_of(client_of(agent), department)
        assert (log.running, log.off_duty) == ([], [])

    def test_own_items_can_be_given_to_somebody_by_who_may_take_over(
        self, department, agent, supervisor, day_shift, write, client_of
    ):
        item = write(supervisor, "问运营活动价")
        html = client_of(supervisor).get(url("log", department)).content.decode()
        assert url("item_assign", department, item.pk) in html


class TestHandingOverForThem:
    def test_early_it_asks_why_and_keeps_what_was_typed(self, department, agent, supervisor, write, client_of):
        with clock.at(clock.now() - timedelta(hours=4)):
            shift = begin_shift(agent, "D")
            write(agent)
            client = client_of(supervisor)
            (row,) = log_of(client, department).running
            assert row.asks_why
            refused = client.post(url("submit", department), {"attendance": shift.pk, "remark": "长" * 501})
            assert refused.status_code == 422
            refused = client.post(url("submit", department), {"attendance": shift.pk})
            assert "Say why you do this for somebody else." in refused.content.decode()
            assert not Handover.objects.exists()
            done = client.post(url("submit", department), {"attendance": shift.pk, "reason": "去医院"}, follow=True)
            assert "Handed over for 林晓彤: 1 item waits for Night" in done.content.decode()
        assert Handover.objects.get().giver == agent.membership

    def test_at_the_end_one_press_is_enough(self, department, supervisor, day_shift, client_of):
        client = client_of(supervisor)
        assert not log_of(client, department).running[0].asks_why
        done = client.post(url("submit", department), {"attendance": day_shift.pk}, follow=True)
        assert "Handed over for 林晓彤; there was nothing to hand over." in done.content.decode()
        assert done.redirect_chain[0][0] == url("log", department)

    def test_ending_a_shift_for_somebody_says_what_became_of_the_items(
        self, department, agent, supervisor, day_shift, write, client_of
    ):
        write(agent)
        form = {"attendance": day_shift.pk, "hand_over": "on", "reason": "去医院"}
        done = client_of(supervisor).post(url("end_shift", department), form, follow=True)
        assert "The shift of 林晓彤 is ended. 1 item goes to: Night." in done.content.decode()


class TestOnesOwn:
    def test_early_a_tick_is_asked_for_and_the_remark_stays(self, department, agent, write, client_of):
        with clock.at(clock.now() - timedelta(hours=4)):
            begin_shift(agent, "D")
            write(agent)
            client = client_of(agent)
            assert "Hand over already now" in client.get(url("log", department)).content.decode()
            refused = client.post(url("submit", department), {"remark": "注意仓库"})
            assert refused.status_code == 422
            assert "Tick that you hand over already now." in refused.content.decode()
            assert "注意仓库" in refused.content.decode()
            client.post(url("submit", department), {"already_now": "on"})
        assert Handover.objects.get().remark == ""

    def test_it_says_to_which_shift_it_goes(self, department, colleague, night_shift, client_of):
        side = log_of(client_of(colleague), department).next_shifts[0]
        assert (side.code, side.day) == ("D", "11-11")

    def test_it_is_taken_back_by_a_button_until_something_is_accepted(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        client, item = client_of(agent), write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        assert url("take_back", department) in client.get(url("log", department)).content.decode()
        assert client.post(url("take_back", department))["location"] == url("log", department) + "#mine"
        log = log_of(client, department)
        assert (log.handover, log.own, log.to_hand_over) == (None, [item], 1)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=item, actor_membership=colleague.membership)
        assert url("take_back", department) not in client.get(url("log", department)).content.decode()
        refused = client.post(url("take_back", department), follow=True)
        assert "it stands" in refused.content.decode()

    def test_a_colleague_takes_back_nothing_of_it(self, department, colleague, agent, day_shift, client_of):
        services.submit_handover(attendance=day_shift, actor=agent)
        named = {"attendance": day_shift.pk}
        assert client_of(colleague).post(url("take_back", department), named).status_code == 403

    def test_what_comes_up_after_taking_it_back_is_the_givers(self, department, agent, day_shift):
        """Follow-ups go to whoever on duty has not handed over."""
        services.submit_handover(attendance=day_shift, actor=agent)
        assert services.items._least_busy(department) is None
        services.take_back(attendance=day_shift, actor=agent)
        assert services.items._least_busy(department) == agent.membership


class TestHowLongItTook:
    def test_the_queue_is_counted_apart_and_each_item_from_when_it_was_passed_on(
        self, department, agent, leader, colleague, day_shift, night_shift, write, client_of
    ):
        gone = begin_shift(leader, "R")
        queued = write(leader)
        services.end_shift(attendance=gone, actor=leader, hand_over=True)
        services.submit_handover(attendance=day_shift, actor=agent)
        clock.move(timedelta(minutes=20))
        late = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        clock.move(timedelta(minutes=5))
        for item in (queued, late):
            services.accept_item(item=item, actor_membership=colleague.membership)
        log = log_of(client_of(colleague), department)
        assert (log.mean_wait, log.mean_queue) == ("5 min", "25 min")

    def test_what_is_done_by_now_is_folded(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        done, kept = write(agent), write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        for item in (done, kept):
            services.accept_item(item=item, actor_membership=colleague.membership)
        services.finish_item(item=done, actor_membership=colleague.membership)
        log = log_of(client_of(colleague), department)
        assert [event.item for event in log.still_open] == [kept]
        assert [event.item for event in log.finished] == [done]


def test_the_queue_says_that_anybody_on_duty_can_accept(department, colleague, supervisor, write, client_of):
    """It may have been refused, or meant for somebody: nobody says that nobody was there."""
    person = add_person(department, work_number="44")
    shift = begin_shift(person, "D")
    write(person)
    services.end_shift(attendance=shift, actor=person, hand_over=True)
    html = client_of(colleague).get(url("log", department)).content.decode()
    assert "Without an owner: whoever is on duty can accept these." in html
    assert "Nobody was there" not in html
