"""Asking back, answering, refusing and giving: none moves an item but the last, and everybody concerned is told."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import HandoverItem, ItemAction
from handover.services.asking import ANSWERED, ASKED, GIVEN, REFUSED, REFUSED_IN_QUEUE, TAKEN
from office import clock
from office.models import AuditEntry, Notice
from people.services import set_last_day
from tests.factories import add_person
from tests.handover.conftest import TUESDAY
from tests.handover.test_item_services import code_of

pytestmark = pytest.mark.usefixtures("afternoon")


@pytest.fixture
def handed(agent, day_shift, night_shift, write):
    """An item that the day shift has handed to the night shift."""
    item = write(agent)
    services.submit_handover(attendance=day_shift, actor=agent)
    return item


@pytest.fixture
def queued(handed, agent, day_shift):
    """The giver has left; the night shift is on."""
    services.end_shift(attendance=day_shift, actor=agent)
    return handed


def ask(item, person, text="哪个仓库？"):
    return services.ask_back(item=item, actor_membership=person.membership, text=text)


def answer(item, person, text="二号仓"):
    return services.answer_item(item=item, actor_membership=person.membership, text=text)


def refuse(item, person, reason="夜里联系不上仓库"):
    return services.refuse_item(item=item, actor_membership=person.membership, reason=reason)


def told(person) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("message", flat=True))


class TestAskingBack:
    def test_the_item_stays_whose_it_is_and_the_giver_is_told(self, handed, agent, colleague):
        item = ask(handed, colleague, " 哪个仓库？ ")
        assert (item.owner, item.asked_at, item.is_waiting) == (agent.membership, clock.now(), True)
        event = item.events.last()
        assert (event.action, event.text, event.owner) == (ItemAction.ASKED, "哪个仓库？", agent.membership)
        assert (event.actor, event.handover) == (colleague, item.handover)
        assert told(agent) == [ASKED]
        assert Notice.objects.get(recipient=agent).link == f"/d/desk/handover/items/{item.pk}/"
        assert AuditEntry.objects.filter(action="handover.item.asked", target_id=item.pk).exists()

    def test_the_answer_comes_back_to_whoever_asked(self, handed, agent, colleague):
        ask(handed, colleague)
        item = answer(handed, agent)
        assert (item.owner, item.asked_at) == (agent.membership, None)
        event = item.events.last()
        assert (event.action, event.text, event.owner) == (ItemAction.ANSWERED, "二号仓", agent.membership)
        assert told(colleague) == [ANSWERED]

    def test_the_giver_answers_from_home_too(self, queued, agent, colleague, supervisor):
        ask(queued, colleague)
        assert told(agent) == [ASKED]
        item = answer(queued, agent)
        assert (item.owner, item.in_queue, item.asked_at) == (None, True, None)

    def test_a_question_asked_before_clock_out_is_still_answered(self, handed, agent, colleague, day_shift):
        ask(handed, colleague)
        services.end_shift(attendance=day_shift, actor=agent)
        assert answer(handed, agent).asked_at is None

    def test_where_the_giver_has_left_the_department_the_supervisor_is_asked(
        self, queued, agent, colleague, supervisor, owner
    ):
        set_last_day(actor=owner, member=agent.membership, last_day=agent.membership.department.today())
        agent.membership.refresh_from_db()
        clock.move(timedelta(hours=12))
        ask(queued, colleague)
        assert ASKED in told(supervisor)
        assert ASKED not in told(agent)
        assert code_of(services.answer_item, item=queued, actor_membership=agent.membership, text="x") == "not_a_member"
        assert answer(queued, supervisor).asked_at is None

    def test_only_who_could_accept_it_asks(self, handed, agent, leader, supervisor, stranger, on_shift):
        def asked_by(person):
            return code_of(services.ask_back, item=handed, actor_membership=person.membership, text="?")

        assert asked_by(agent) == "own_item"
        assert asked_by(supervisor) == "not_on_duty"
        on_shift(leader, "R")
        assert asked_by(leader) == "other_shift"
        on_shift(stranger, "N")
        assert asked_by(stranger) == "other_department"

    @pytest.mark.parametrize(
        ("text", "code"), [("", "text_missing"), (" \n ", "text_missing"), ("x" * 501, "too_long")]
    )
    def test_a_question_says_something_that_fits(self, handed, colleague, text, code):
        call = {"item": handed, "actor_membership": colleague.membership, "text": text}
        assert code_of(services.ask_back, **call) == code

    def test_asking_twice_waits_for_the_answer(self, handed, agent, colleague):
        ask(handed, colleague)
        call = {"item": handed, "actor_membership": colleague.membership, "text": "在吗？"}
        assert code_of(services.ask_back, **call) == "already_asked"
        answer(handed, agent)
        assert ask(handed, colleague).asked_at is not None

    def test_only_the_giver_or_who_may_take_over_answers(self, handed, agent, colleague, leader, manager, supervisor):
        ask(handed, colleague)
        for person in (colleague, manager):
            call = {"item": handed, "actor_membership": person.membership, "text": "x"}
            assert code_of(services.answer_item, **call) == "not_yours"
        assert answer(handed, supervisor).events.last().actor == supervisor

    def test_nothing_is_answered_that_was_not_asked(self, handed, agent, colleague):
        call = {"item": handed, "actor_membership": agent.membership, "text": "x"}
        assert code_of(services.answer_item, **call) == "not_asked"
        ask(handed, colleague)
        answer(handed, agent)
        assert code_of(services.answer_item, **call) == "not_asked"

    def test_accepting_finishing_and_refusing_settle_the_question(
        self, agent, colleague, day_shift, night_shift, write
    ):
        items = [write(agent) for _item in range(3)]
        services.submit_handover(attendance=day_shift, actor=agent)
        for item in items:
            ask(item, colleague)
        services.accept_item(item=items[0], actor_membership=colleague.membership)
        services.finish_item(item=items[1], actor_membership=agent.membership)
        refuse(items[2], colleague)
        assert not HandoverItem.objects.exclude(asked_at=None).exists()


class TestRefusing:
    def test_it_goes_back_to_a_giver_who_is_there(self, handed, agent, colleague):
        passed_on = HandoverItem.objects.get(pk=handed.pk).handover
        item = refuse(handed, colleague)
        assert (item.owner, item.handover, item.is_waiting) == (agent.membership, None, False)
        event = item.events.last()
        assert (event.action, event.text, event.owner) == (ItemAction.REFUSED, "夜里联系不上仓库", agent.membership)
        assert event.handover == passed_on
        assert told(agent) == [REFUSED]

    def test_the_giver_passes_it_on_again_under_the_same_handover(self, handed, agent, colleague, day_shift):
        first = HandoverItem.objects.get(pk=handed.pk).handover
        refuse(handed, colleague)
        assert services.submit_handover(attendance=day_shift, actor=agent) == first
        item = services.accept_item(item=handed, actor_membership=colleague.membership)
        assert item.owner == colleague.membership

    def test_in_the_queue_it_stays_for_the_others(self, queued, agent, colleague, supervisor, leader):
        before = {person: told(person) for person in (agent, supervisor, leader)}
        item = refuse(queued, colleague)
        assert (item.owner, item.in_queue, item.is_waiting) == (None, True, True)
        assert item.handover is not None, "it still says from whom it came"
        for person in (supervisor, leader):
            assert told(person) == [*before[person], REFUSED_IN_QUEUE]
        assert told(agent) == before[agent]

    def test_the_same_person_refuses_it_once_each_time_that_it_lies_there(self, queued, colleague):
        refuse(queued, colleague)
        call = {"item": queued, "actor_membership": colleague.membership, "reason": "还是不行"}
        assert code_of(services.refuse_item, **call) == "already_refused"
        assert services.accept_item(item=queued, actor_membership=colleague.membership).owner == colleague.membership

    @pytest.mark.parametrize(("text", "code"), [("", "text_missing"), ("  ", "text_missing"), ("x" * 501, "too_long")])
    def test_it_takes_a_reason(self, handed, colleague, text, code):
        call = {"item": handed, "actor_membership": colleague.membership, "reason": text}
        assert code_of(services.refuse_item, **call) == code

    def test_who_cannot_accept_cannot_refuse(self, handed, agent, supervisor):
        for person, code in ((agent, "own_item"), (supervisor, "not_on_duty")):
            call = {"item": handed, "actor_membership": person.membership, "reason": "x"}
            assert code_of(services.refuse_item, **call) == code

    def test_what_is_taken_or_done_is_not_refused(self, department, handed, agent, colleague, on_shift):
        third = add_person(department, work_number="33")
        on_shift(third, "N")
        services.accept_item(item=handed, actor_membership=colleague.membership)
        call = {"item": handed, "actor_membership": third.membership, "reason": "x"}
        assert code_of(services.refuse_item, **call) == "already_accepted"
        services.finish_item(item=handed, actor_membership=colleague.membership)
        assert code_of(services.refuse_item, **call) == "already_done"

    def test_being_refused_is_not_being_carried_twice(
        self, agent, colleague, leader, department, day_shift, night_shift, on_shift, write
    ):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=item, actor_membership=colleague.membership)
        services.submit_handover(attendance=night_shift, actor=colleague)
        on_shift(leader, "D", day=TUESDAY + timedelta(days=1))
        refuse(item, leader)
        services.submit_handover(attendance=night_shift, actor=colleague)
        item.refresh_from_db()
        assert item.carried == 1


class TestMeantForSomebody:
    @pytest.fixture
    def third(self, department, on_shift):
        person = add_person(department, name="何佳怡", work_number="33")
        on_shift(person, "N")
        return person

    @pytest.fixture
    def named(self, agent, leader, day_shift, night_shift, on_shift, write):
        """An item that the day shift has handed over, for the leader, who is on another shift than it goes to."""
        on_shift(leader, "R")
        item = write(agent, meant_for=leader.membership)
        services.submit_handover(attendance=day_shift, actor=agent)
        return item

    def test_only_that_member_accepts_asks_or_refuses_on_whatever_shift(self, named, colleague, leader):
        for call, words in (("accept_item", {}), ("ask_back", {"text": "?"}), ("refuse_item", {"reason": "x"})):
            asked = {"item": named, "actor_membership": colleague.membership, **words}
            assert code_of(getattr(services, call), **asked) == "meant_for_another"
        item = services.accept_item(item=named, actor_membership=leader.membership)
        assert (item.owner, item.meant_for) == (leader.membership, None)

    def test_once_its_giver_has_left_anybody_takes_it(self, named, agent, colleague, day_shift):
        services.end_shift(attendance=day_shift, actor=agent)
        item = services.accept_item(item=named, actor_membership=colleague.membership)
        assert item.owner == colleague.membership

    def test_when_that_member_refuses_it_is_meant_for_nobody(self, named, agent, colleague, leader, day_shift):
        item = refuse(named, leader)
        assert (item.owner, item.meant_for) == (agent.membership, None)
        services.submit_handover(attendance=day_shift, actor=agent)
        assert services.accept_item(item=named, actor_membership=colleague.membership).owner == colleague.membership

    def test_the_inbox_says_the_same_as_the_item(self, named, agent, colleague, leader, third, night_shift):
        for person in (agent, colleague, leader, third):
            shift = person.membership.attendances.get()
            inbox = set(HandoverItem.objects.inbox_of(shift))
            assert inbox == ({named} if person == leader else set())
            assert {item for item in HandoverItem.objects.all() if item.is_for(shift)} == inbox

    def test_it_is_for_a_member_of_today_and_not_for_oneself(self, agent, colleague, stranger):
        def meant_for(person):
            call = {"author": agent.membership, "kind": "waiting", "to_do": "x", "meant_for": person.membership}
            return code_of(services.write_item, **call)

        assert meant_for(agent) == "meant_for_oneself"
        assert meant_for(stranger) == "meant_for_no_member"
        member = colleague.membership
        member.until_day = member.department.today() - timedelta(days=1)
        member.save(update_fields=["until_day"])
        assert meant_for(colleague) == "meant_for_no_member"

    def test_what_to_do_if_it_goes_wrong_is_kept(self, agent, write):
        assert write(agent, fallback=" 打给店长 ").fallback == "打给店长"
        with pytest.raises(ValidationError) as refusal:
            write(agent, fallback="x" * 501)
        assert set(refusal.value.error_dict) == {"fallback"}


class TestGivingToSomebody:
    def give(self, item, to, actor, reason="他在通话"):
        return services.assign_item(item=item, to=to.membership, actor=actor, reason=reason)

    def test_it_is_theirs_as_if_they_had_accepted(self, handed, agent, colleague, supervisor):
        passed_on = HandoverItem.objects.get(pk=handed.pk).handover
        item = self.give(handed, colleague, supervisor)
        assert (item.owner, item.in_queue, item.handover) == (colleague.membership, False, None)
        assert (item.accepted_at, item.is_waiting) == (clock.now(), False)
        event = item.events.last()
        assert (event.action, event.text, event.owner) == (ItemAction.ASSIGNED, "他在通话", colleague.membership)
        assert (event.actor, event.handover) == (supervisor, passed_on)
        assert (told(colleague), told(agent), told(supervisor)) == ([GIVEN], [TAKEN], [])
        facts = AuditEntry.objects.get(action="handover.item.assigned").facts
        assert (facts["before"]["owner"], facts["after"]["owner"]) == (agent.membership.pk, colleague.membership.pk)

    def test_out_of_the_queue_and_from_who_has_not_handed_over_too(self, queued, agent, colleague, supervisor, write):
        assert self.give(queued, colleague, supervisor).owner == colleague.membership
        assert self.give(write(agent), colleague, supervisor).owner == colleague.membership

    def test_who_may_take_over_and_is_on_duty_takes_it_on_themselves(self, queued, leader, on_shift):
        on_shift(leader, "R")
        item = self.give(queued, leader, leader)
        assert item.owner == leader.membership
        assert GIVEN not in told(leader)

    def test_nobody_else_gives(self, handed, agent, colleague, manager):
        for person in (agent, colleague, manager):
            call = {"item": handed, "to": colleague.membership, "actor": person, "reason": "x"}
            assert code_of(services.assign_item, **call) == "not_allowed"

    def test_it_goes_to_somebody_on_duty_in_the_department(self, handed, agent, supervisor, leader, stranger, on_shift):
        def given_to(person, reason="x"):
            call = {"item": handed, "to": person.membership, "actor": supervisor, "reason": reason}
            return code_of(services.assign_item, **call)

        assert given_to(leader) == "not_on_duty"
        assert given_to(supervisor) == "not_on_duty"
        on_shift(stranger, "N")
        assert given_to(stranger) == "other_department"
        assert given_to(agent) == "already_theirs"
        on_shift(leader, "R")
        assert given_to(leader, " ") == "text_missing"

    def test_what_is_done_is_given_to_nobody(self, handed, agent, colleague, supervisor):
        services.finish_item(item=handed, actor_membership=agent.membership)
        call = {"item": handed, "to": colleague.membership, "actor": supervisor, "reason": "x"}
        assert code_of(services.assign_item, **call) == "already_done"

    def test_passing_it_on_counts_as_carrying(self, handed, agent, colleague, supervisor, night_shift):
        self.give(handed, colleague, supervisor)
        services.submit_handover(attendance=night_shift, actor=colleague)
        handed.refresh_from_db()
        assert handed.carried == 1
