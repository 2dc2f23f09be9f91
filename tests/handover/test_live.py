"""The handover log that keeps itself up to date: what it asks, what it is answered, and what that costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover import services
from handover.models import HandoverItem, ItemAction
from handover.pages.relay import Counts
from handover.services import items
from office import clock
from tests.factories import add_person
from tests.handover.conftest import TUESDAY, begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def queries_of(client, address, **headers) -> int:
    """How many queries the second request costs: the first one reads the rulebook."""
    client.get(address, headers=headers)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers=headers).status_code in (200, 304)
    return len(queries)


class TestThePulse:
    @pytest.fixture
    def version(self, department, agent, colleague, day_shift, night_shift, write, client_of):
        services.submit_handover(attendance=day_shift, actor=write(agent).author.user)
        return client_of(colleague).get(url("log", department)).context["log"].version

    def ask(self, client, department, version):
        return client.get(url("pulse", department), headers={"If-None-Match": f'"{version}"'})

    def test_nothing_new_is_a_304_of_three_queries(self, department, colleague, version, client_of):
        client = client_of(colleague)
        with CaptureQueriesContext(connection) as queries:
            answer = self.ask(client, department, version)
        assert (answer.status_code, answer.content) == (304, b"")
        assert len(queries) <= 3

    def test_the_version_in_the_address_does_without_a_header(self, department, colleague, version, client_of):
        assert client_of(colleague).get(url("pulse", department), {"v": version}).status_code == 204

    def test_the_page_and_the_pulse_agree_on_the_version(self, department, supervisor, agent, version, client_of):
        for person in (supervisor, agent):
            client = client_of(person)
            seen = client.get(url("log", department)).context["log"].version
            answer = self.ask(client, department, "0.0")
            assert answer["ETag"] == f'"{seen}"'
            assert f'data-version="{seen}"' in answer.content.decode()

    def test_in_an_empty_department_too(self, changed_department, client_of):
        client = client_of(add_person(changed_department))
        seen = client.get(url("log", changed_department)).context["log"].version
        assert self.ask(client, changed_department, seen).status_code == 304

    @pytest.mark.parametrize("happens", ["written", "accepted", "asked", "refused", "handed over", "came", "left"])
    def test_whatever_happens_the_other_side_gets_the_list_anew(
        self, happens, department, agent, colleague, leader, night_shift, version, write, client_of
    ):
        item, taker = HandoverItem.objects.get(), colleague.membership
        if happens == "written":
            write(agent, "改地址")
        elif happens == "accepted":
            services.accept_item(item=item, actor_membership=taker)
        elif happens == "asked":
            services.ask_back(item=item, actor_membership=taker, text="哪个仓库？")
        elif happens == "refused":
            services.refuse_item(item=item, actor_membership=taker, reason="我不负责仓库")
        elif happens == "handed over":
            services.submit_handover(attendance=night_shift, actor=colleague)
        elif happens == "came":
            begin_shift(leader, "R")
        else:
            services.end_shift(attendance=night_shift, actor=colleague, hand_over=True)
        answer = self.ask(client_of(agent), department, version)
        assert answer.status_code == 200
        assert 'id="log"' in answer.content.decode()
        assert "<html" not in answer.content.decode()

    def test_times_are_said_anew_now_and_then(self, department, agent, version, client_of):
        clock.move(timedelta(minutes=6))
        assert self.ask(client_of(agent), department, version).status_code == 200

    @pytest.mark.parametrize("seen", ["", "x", "1", "9.", ".", "9" * 50 + ".1", "-1.2", '"', "*x", "\u200b"])
    def test_an_unreadable_version_counts_as_old(self, department, colleague, version, client_of, seen):
        assert client_of(colleague).get(url("pulse", department), {"v": seen}).status_code == 200
        if seen.isascii():
            assert self.ask(client_of(colleague), department, seen).status_code == 200

    def test_a_stranger_finds_no_pulse(self, department, version, stranger, client_of, client):
        assert self.ask(client_of(stranger), department, version).status_code == 404
        assert client.get(url("pulse", department))["location"].startswith("/accounts/login/")
        assert client_of(stranger).post(url("pulse", department)).status_code == 405


class TestQueries:
    def fill(self, department, author, owner, count):
        """Open items at the author's, at the owner's and in the queue, some of them old and asked about."""
        rows = []
        rulebook_version = HandoverItem.objects.values_list("rulebook_version", flat=True).first()
        for number in range(count):
            at = ({"owner": owner.membership}, {"owner": author.membership}, {"in_queue": True})[number % 3]
            rows.append(
                HandoverItem(
                    department=department,
                    author=author.membership,
                    kind="waiting",
                    rulebook_version_id=rulebook_version,
                    to_do=f"回访 {number}",
                    customer=f"顾客{number}",
                    carried=number % 5,
                    meant_for=author.membership if number % 7 == 0 else None,
                    due_at=clock.now() + timedelta(minutes=number - 60),
                    **at,
                )
            )
        items.remember(HandoverItem.objects.bulk_create(rows), ItemAction.WRITTEN, author)

    @pytest.mark.parametrize("person", ["agent", "colleague", "supervisor"])
    def test_the_page_costs_the_same_with_1_30_and_500_open_items(
        self, person, department, agent, colleague, supervisor, day_shift, night_shift, write, request, client_of
    ):
        write(agent)
        client = client_of(request.getfixturevalue(person))
        services.submit_handover(attendance=day_shift, actor=agent)
        counts, pulses = [], []
        for more in (0, 29, 470):
            self.fill(department, agent, colleague, more)
            counts.append(queries_of(client, url("log", department)))
            pulses.append(queries_of(client, url("pulse", department)))
        assert HandoverItem.objects.open().count() == 500
        assert len(set(counts)) == len(set(pulses)) == 1
        assert counts[0] <= 10
        assert pulses[0] <= 10

    def test_paper_costs_the_same_with_1_and_30_items(self, department, agent, colleague, day_shift, write, client_of):
        write(agent)
        handover = services.submit_handover(attendance=day_shift, actor=agent)
        client = client_of(colleague)
        addresses = [url("log_print", department), url("handover_print", department, handover.pk)]
        few = [queries_of(client, address) for address in addresses]
        for number in range(30):
            write(agent, f"回访 {number}")
        services.submit_handover(attendance=day_shift, actor=agent)
        assert [queries_of(client, address) for address in addresses] == few
        assert max(few) <= 10

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
        few = queries_of(client, url(name, department))
        fill(30)
        assert queries_of(client, url(name, department)) == few
        assert few <= (10 if name == "log" else 12)

    def test_an_items_page_costs_the_same_with_a_long_history(
        self, department, agent, colleague, leader, write, client_of
    ):
        item = write(agent)
        client, address = client_of(agent), url("item", department, item.pk)
        few = queries_of(client, address)
        for number in range(12):
            giver, taker = (agent, colleague) if number % 2 == 0 else (colleague, agent)
            gives, takes = begin_shift(giver, "R"), begin_shift(taker, "R")
            services.submit_handover(attendance=gives, actor=giver)
            services.end_shift(attendance=gives, actor=giver)
            services.accept_item(item=item, actor_membership=taker.membership)
            takes.clocked_out_at = clock.now()
            takes.save(update_fields=["clocked_out_at"])
        assert item.events.count() == 37
        assert queries_of(client, address) == few


class TestTheShiftChange:
    def relay(self, client_of, person, department):
        return client_of(person).get(url("log", department)).context["log"].relay

    def test_before_handing_over_one_sees_what_comes_in_and_after_it_what_goes_out(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        coming = self.relay(client_of, colleague, department)
        assert (coming.giver.code, [side.code for side in coming.takers]) == ("D", ["N"])
        assert (coming.counts.total, coming.counts.waiting) == (1, 1)
        services.submit_handover(attendance=night_shift, actor=colleague)
        assert self.relay(client_of, colleague, department).giver.code == "D", "what comes in still waits"
        services.accept_item(item=item, actor_membership=colleague.membership)
        going = self.relay(client_of, colleague, department)
        assert (going.giver.code, going.giver.people, going.counts.total) == ("N", ["王浩然"], 0)
        assert (going.takers[0].day, going.takers[0].people) == ("11-11", []), "the day shift of tomorrow takes on"

    def test_until_the_own_change_has_begun_it_says_who_has_not_handed_over(
        self, department, agent, leader, colleague, on_shift, day_shift, night_shift, client_of
    ):
        """Yesterday's change between the same types is none of the reader's."""
        with clock.at(clock.now() - timedelta(days=1)):
            before = on_shift(leader, "D", day=TUESDAY - timedelta(days=1))
            services.end_shift(attendance=before, actor=leader, hand_over=True)
        relay = self.relay(client_of, colleague, department)
        assert (relay.giver.code, relay.day, relay.handovers, relay.pending) == ("D", "11-10", [], ["林晓彤"])
        html = client_of(colleague).get(url("log", department)).content.decode()
        assert "白班还没有交接" in html or "Day has not handed over yet." in html
        services.submit_handover(attendance=day_shift, actor=agent)
        relay = self.relay(client_of, colleague, department)
        assert (relay.giver.people, relay.pending) == (["林晓彤"], [])

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
        assert relay.giver.people == ["林晓彤", "陈思雨"]
        assert relay.counts == Counts(total=3, accepted=1, finished=1, waiting=1)

    def test_what_came_back_is_not_accepted_and_what_is_accepted_stays_so(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        taken, refused, waits = write(agent), write(agent), write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=taken, actor_membership=colleague.membership)
        services.refuse_item(item=refused, actor_membership=colleague.membership, reason="看不懂")

        def counts():
            return self.relay(client_of, agent, department).counts

        assert (counts().accepted, counts().back, counts().waiting) == (1, 1, 1)
        services.submit_handover(attendance=night_shift, actor=colleague)
        assert (counts().accepted, counts().back, counts().waiting) == (1, 1, 1), "passed on again it stays accepted"
        services.submit_handover(attendance=day_shift, actor=agent)
        assert (counts().accepted, counts().back, counts().waiting) == (1, 0, 2)
        services.finish_item(item=waits, actor_membership=agent.membership)
        assert counts() == Counts(total=3, accepted=1, finished=1, waiting=1)

    def test_what_was_taken_back_is_no_change(
        self, department, agent, colleague, day_shift, night_shift, write, client_of
    ):
        write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.take_back(attendance=day_shift, actor=agent)
        relay = self.relay(client_of, colleague, department)
        assert (relay.handovers, relay.pending) == ([], ["林晓彤"])

    def test_an_empty_one_never_stands_in_front_of_one_that_waits(
        self, department, agent, colleague, supervisor, day_shift, night_shift, write, client_of
    ):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        clock.move(timedelta(minutes=5))
        services.submit_handover(attendance=night_shift, actor=colleague)
        for person in (supervisor, colleague):
            relay = self.relay(client_of, person, department)
            assert (relay.giver.code, relay.counts.waiting) == ("D", 1)
        services.accept_item(item=item, actor_membership=colleague.membership)
        for person in (supervisor, colleague):
            assert self.relay(client_of, person, department).giver.code == "N", "nothing waits: the newest"

    def test_handed_over_again_it_says_when_that_was(self, department, agent, colleague, day_shift, write, client_of):
        write(agent)
        for _time in range(3):
            services.submit_handover(attendance=day_shift, actor=agent)
            services.take_back(attendance=day_shift, actor=agent)
            clock.move(timedelta(minutes=4))
        services.submit_handover(attendance=day_shift, actor=agent)
        for person in (agent, colleague):
            assert self.relay(client_of, person, department).submitted.endswith("16:42")

    def test_an_old_one_concerns_nobody(self, department, agent, day_shift, client_of):
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        clock.move(timedelta(hours=49))
        assert self.relay(client_of, agent, department) is None
