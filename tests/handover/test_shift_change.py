"""Handing over and ending a shift: what becomes of each item, as the rulebook says."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import Handover, HandoverItem, ItemAction
from office import clock
from office.models import AuditEntry, Notice
from rulebooks.services import _load
from shifts.models import Attendance
from tests.factories import add_person
from tests.handover.conftest import TUESDAY, begin_shift, owners

pytestmark = pytest.mark.usefixtures("afternoon")


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def is_on_duty(attendance) -> bool:
    return Attendance.objects.get(pk=attendance.pk).is_on_duty


class TestSubmitting:
    def test_all_open_items_are_handed_to_the_shifts_the_rulebook_names(self, agent, day_shift, write):
        first, second = write(agent), write(agent)
        done = services.finish_item(item=write(agent), actor_membership=agent.membership)
        handover = services.submit_handover(attendance=day_shift, actor=agent, remark=" 夜里注意仓库 ")
        assert (handover.to_codes, handover.remark, handover.giver) == (["N"], "夜里注意仓库", agent.membership)
        assert set(handover.items.all()) == {first, second}
        assert done.handover is None
        for item in (first, second):
            item.refresh_from_db()
            assert (item.owner, item.is_waiting) == (agent.membership, True)
            assert item.events.last().action == ItemAction.SUBMITTED
            assert item.events.last().owner == agent.membership

    def test_nothing_to_hand_over_is_a_handover_too(self, agent, day_shift):
        handover = services.submit_handover(attendance=day_shift, actor=agent)
        assert not handover.items.exists()
        assert AuditEntry.objects.get(action="handover.submitted").target_id == handover.pk

    def test_once_a_shift(self, agent, day_shift):
        services.submit_handover(attendance=day_shift, actor=agent)
        assert refusal_of(services.submit_handover, attendance=day_shift, actor=agent) == "already_submitted"
        assert Handover.objects.count() == 1

    def test_again_in_the_same_shift_it_takes_along_what_is_new(self, agent, colleague, day_shift, night_shift, write):
        first = write(agent)
        handover = services.submit_handover(attendance=day_shift, actor=agent, remark="都在群里")
        late = write(agent)
        call = {"attendance": day_shift, "actor": agent}
        assert refusal_of(services.submit_handover, **call, seen_items=2) == "changed_meanwhile"
        assert services.submit_handover(**call, remark=" 刚接到的 ", seen_items=1) == handover
        for item in (first, late):
            item.refresh_from_db()
            assert (item.owner, item.handover) == (agent.membership, handover)
            assert [event.action for event in item.events.all()] == ["written", "submitted"]
        assert (first.events.last().text, late.events.last().text) == ("", "刚接到的")
        assert AuditEntry.objects.get(action="handover.submitted_again").facts["items"] == [late.pk]
        assert services.accept_item(item=late, actor_membership=colleague.membership).owner == colleague.membership
        assert refusal_of(services.submit_handover, **call) == "already_submitted"

    def test_it_waits_from_when_it_was_handed_over_itself(self, agent, day_shift, write):
        services.submit_handover(attendance=day_shift, actor=agent)
        clock.move(timedelta(minutes=20))
        late = write(agent)
        clock.move(timedelta(minutes=5))
        services.submit_handover(attendance=day_shift, actor=agent)
        clock.move(timedelta(minutes=7))
        assert HandoverItem.objects.for_cards().get(pk=late.pk).waited == "7 min"
        services.end_shift(attendance=day_shift, actor=agent)
        assert HandoverItem.objects.for_cards().get(pk=late.pk).waited == "7 min"

    def test_another_agents_items_are_not_touched(self, agent, colleague, day_shift, write):
        theirs = write(colleague)
        services.submit_handover(attendance=day_shift, actor=agent)
        theirs.refresh_from_db()
        assert not theirs.is_waiting

    def test_somebody_elses_shift_only_with_the_right_to_take_over(
        self, agent, colleague, supervisor, day_shift, write
    ):
        item = write(agent)
        assert refusal_of(services.submit_handover, attendance=day_shift, actor=colleague) == "not_yours"
        services.submit_handover(attendance=day_shift, actor=supervisor)
        item.refresh_from_db()
        assert item.owner == agent.membership
        assert item.events.last().actor == supervisor

    def test_what_was_accepted_before_counts_one_shift_more(self, agent, colleague, day_shift, night_shift, write):
        own, passed = write(colleague), write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=passed, actor_membership=colleague.membership)
        services.submit_handover(attendance=night_shift, actor=colleague)
        own.refresh_from_db()
        passed.refresh_from_db()
        assert (own.carried, passed.carried) == (0, 1)

    def test_a_remark_that_is_too_long_is_refused_by_field(self, agent, day_shift):
        with pytest.raises(ValidationError) as refusal:
            services.submit_handover(attendance=day_shift, actor=agent, remark="x" * 501)
        assert set(refusal.value.error_dict) == {"remark"}
        assert not Handover.objects.exists()

    def test_an_ended_shift_hands_nothing_over(self, agent, day_shift):
        services.end_shift(attendance=day_shift, actor=agent, confirmed=True)
        assert refusal_of(services.submit_handover, attendance=day_shift, actor=agent) == "not_on_duty"


class TestEndingAShift:
    def test_what_nobody_has_accepted_goes_to_the_queue_under_its_handover(
        self, agent, colleague, supervisor, leader, day_shift, night_shift, write
    ):
        left, taken = write(agent), write(agent)
        handover = services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=taken, actor_membership=colleague.membership)
        ended = services.end_shift(attendance=day_shift, actor=agent)
        assert ended.clocked_out_at == clock.now()
        left.refresh_from_db()
        taken.refresh_from_db()
        assert (left.owner, left.in_queue, left.handover) == (None, True, handover)
        assert taken.owner == colleague.membership
        event = left.events.last()
        assert (event.action, event.owner, event.handover) == (ItemAction.QUEUED, None, handover)
        told = set(Notice.objects.values_list("recipient", flat=True))
        assert told == {supervisor.pk, leader.pk}, "those who may take over answer for the queue"

    def test_without_a_handover_the_desk_warns_and_asks(self, agent, day_shift, write):
        item = write(agent)
        assert refusal_of(services.end_shift, attendance=day_shift, actor=agent) == "handover_unconfirmed"
        assert is_on_duty(day_shift)
        services.end_shift(attendance=day_shift, actor=agent, confirmed=True, remark="孩子发烧，先走")
        item.refresh_from_db()
        assert (item.owner, item.in_queue, item.handover) == (None, True, None)
        assert item.events.last().text == "孩子发烧，先走"
        assert not is_on_duty(day_shift)

    def test_handing_over_and_leaving_is_one_step(self, agent, day_shift, write):
        item = write(agent)
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True, remark="都在群里")
        handover = Handover.objects.get(attendance=day_shift)
        item.refresh_from_db()
        assert (item.in_queue, item.handover, handover.remark) == (True, handover, "都在群里")
        assert [event.action for event in item.events.all()] == ["written", "submitted", "queued"]
        assert item.events.last().text == ""

    def test_with_nothing_new_to_hand_over_the_remark_is_kept_with_what_is_left(self, agent, day_shift, write):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True, remark="钥匙在前台")
        assert item.events.last().text == "钥匙在前台"

    def test_a_refused_end_leaves_no_handover_behind(self, agent, colleague, day_shift):
        call = {"attendance": day_shift, "actor": colleague, "hand_over": True}
        assert refusal_of(services.end_shift, **call) == "not_yours"
        assert not Handover.objects.exists()

    def test_a_rulebook_that_does_not_mind_leaves_items_with_their_owner(self, agent, write, log_rule):
        log_rule(at_clock_out="off")
        day_shift, item = begin_shift(agent, "D"), write(agent)
        services.end_shift(attendance=day_shift, actor=agent)
        item.refresh_from_db()
        assert (item.owner, item.in_queue) == (agent.membership, False)

    def test_a_rulebook_that_blocks_cannot_be_confirmed_away(self, agent, write, log_rule):
        log_rule(at_clock_out="block")
        day_shift, item = begin_shift(agent, "D"), write(agent)
        call = {"attendance": day_shift, "actor": agent, "confirmed": True}
        assert refusal_of(services.end_shift, **call) == "handover_missing"
        assert is_on_duty(day_shift)
        assert owners(item) == 1
        services.submit_handover(attendance=day_shift, actor=agent)
        services.end_shift(attendance=day_shift, actor=agent)
        assert not is_on_duty(day_shift)

    def test_a_supervisor_ends_the_shift_of_who_is_gone(self, agent, supervisor, day_shift, write):
        item = write(agent)
        call = {"attendance": day_shift, "actor": supervisor, "hand_over": True}
        assert refusal_of(services.end_shift, **call) == "reason_missing"
        assert is_on_duty(day_shift)
        ended = services.end_shift(**call, reason="突发急病")
        assert ended.clocked_out_by == supervisor
        assert owners(item) == 1
        assert item.events.last().text == "突发急病"
        assert AuditEntry.objects.get(action="handover.ended_for").facts["reason"] == "突发急病"
        (told,) = Notice.objects.filter(recipient=agent)
        assert told.params["reason"] == "突发急病"

    def test_who_is_asked_confirms_to_leave_with_time_left(self, agent, day_shift):
        call = {"attendance": day_shift, "actor": agent, "hand_over": True}
        assert refusal_of(services.end_shift, **call, all_the_same=False) == "leaving_unconfirmed"
        clock.move(timedelta(minutes=30))
        services.end_shift(**call, all_the_same=False)
        assert not is_on_duty(day_shift)

    def test_and_with_customers_open_which_become_an_item(self, agent, day_shift):
        clock.move(timedelta(minutes=40))
        Attendance.objects.filter(pk=day_shift.pk).update(open_customers=3)
        call = {"attendance": day_shift, "actor": agent, "hand_over": True, "customers": True}
        assert refusal_of(services.end_shift, **call, all_the_same=False) == "leaving_unconfirmed"
        assert not HandoverItem.objects.exists()
        services.end_shift(**call, all_the_same=True)
        item = HandoverItem.objects.get()
        assert (item.in_queue, item.handover.giver, item.author) == (True, agent.membership, agent.membership)
        assert "3" in item.to_do

    def test_the_customers_are_left_to_the_department_also_where_items_stay(self, agent, write, log_rule):
        log_rule(at_clock_out="off")
        shift, own = begin_shift(agent, "D"), write(agent)
        Attendance.objects.filter(pk=shift.pk).update(open_customers=2)
        services.end_shift(attendance=shift, actor=agent, customers=True)
        own.refresh_from_db()
        assert (own.owner, own.in_queue) == (agent.membership, False)
        assert HandoverItem.objects.exclude(pk=own.pk).get().in_queue

    def test_a_program_is_not_asked_what_no_rulebook_forbids(self, agent, day_shift):
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        assert not is_on_duty(day_shift)

    def test_twice_is_refused(self, agent, day_shift):
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        assert refusal_of(services.end_shift, attendance=day_shift, actor=agent) == "already_out"

    def test_with_nothing_open_nobody_is_told(self, agent, supervisor, day_shift):
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        assert not Notice.objects.exists()


class TestTheQueue:
    @pytest.fixture
    def queued(self, agent, day_shift, write):
        item = write(agent)
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        return item

    def test_anybody_on_duty_takes_from_the_queue(self, queued, leader, on_shift):
        on_shift(leader, "R")
        item = services.accept_item(item=queued, actor_membership=leader.membership)
        assert (item.owner, item.in_queue, item.handover) == (leader.membership, False, None)

    def test_the_giver_takes_it_back_in_the_next_shift(self, queued, agent):
        clock.move(timedelta(days=1))
        begin_shift(agent, "D", day=agent.membership.department.today())
        item = services.accept_item(item=queued, actor_membership=agent.membership)
        assert item.owner == agent.membership

    def test_who_may_take_over_finishes_from_the_queue(self, queued, supervisor):
        item = services.finish_item(item=queued, actor_membership=supervisor.membership)
        assert not item.is_open

    def test_the_last_shift_of_the_night_leaves_and_the_morning_takes_on(self, agent, colleague, write):
        night = begin_shift(colleague, "N")
        clock.move(timedelta(hours=8, minutes=35))
        item = write(colleague)
        services.end_shift(attendance=night, actor=colleague, hand_over=True)
        clock.move(timedelta(hours=6, minutes=50))
        morning = begin_shift(agent, "D", day=agent.membership.department.today())
        assert list(HandoverItem.objects.inbox_of(morning)) == [item]
        assert services.accept_item(item=item, actor_membership=agent.membership).owner == agent.membership


class TestTheInbox:
    def test_it_holds_what_was_handed_to_my_shift_and_the_queue(
        self, department, agent, colleague, leader, day_shift, night_shift, write, on_shift
    ):
        regular = on_shift(leader, "R")
        third = add_person(department, name="孙志远", work_number="34")
        gone = on_shift(third, "D")
        queued = write(third)
        services.end_shift(attendance=gone, actor=third, hand_over=True)
        to_night = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        to_day = write(colleague)
        services.submit_handover(attendance=night_shift, actor=colleague)
        write(leader)

        def inbox(attendance):
            return set(HandoverItem.objects.inbox_of(attendance))

        assert inbox(night_shift) == {to_night, queued}
        assert inbox(day_shift) == {queued}, "the night hands over to the day shift of tomorrow"
        tomorrow = on_shift(add_person(department, work_number="35"), "D", day=TUESDAY + timedelta(days=1))
        assert inbox(tomorrow) == {to_day, queued}
        assert inbox(regular) == {queued}
        for attendance in (night_shift, day_shift, regular, tomorrow):
            everything = HandoverItem.objects.select_related("handover")
            assert {item for item in everything if item.is_for(attendance)} == inbox(attendance)

    def test_it_is_empty_once_the_shift_has_ended(self, agent, colleague, day_shift, night_shift, write):
        write(agent)
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True)
        ended = services.end_shift(attendance=night_shift, actor=colleague, hand_over=True)
        assert not HandoverItem.objects.inbox_of(ended).exists()


class TestTheChangedRulebook:
    """Other kinds, other shifts, and a clock-out that is blocked."""

    @pytest.fixture
    def early(self, changed_department):
        return add_person(changed_department, name="李俊杰", work_number="A1")

    @pytest.fixture
    def late(self, changed_department):
        return add_person(changed_department, name="吴桐", work_number="A2")

    def test_its_kinds_its_shifts_and_its_block_are_what_counts(self, early, late, write):
        _load.cache_clear()
        first, second = begin_shift(early, "E"), begin_shift(late, "L")
        call = {"author": early.membership, "to_do": "x"}
        assert refusal_of(services.write_item, kind="urgent", **call) == "unknown_kind"
        assert refusal_of(services.write_item, kind="note", **call) == "due_missing"
        call_back = write(early, kind="call-back")
        note = write(early, kind="note", due_at=clock.now() + timedelta(hours=1))
        assert refusal_of(services.end_shift, attendance=first, actor=early, confirmed=True) == "handover_missing"
        handover = services.submit_handover(attendance=first, actor=early)
        assert handover.to_codes == ["L"]
        take = {"actor_membership": late.membership}
        assert refusal_of(services.accept_item, item=call_back, **take) == "read_back_missing"
        services.accept_item(item=call_back, read_back="五点前回电", **take)
        assert services.accept_item(item=note, **take).owner == late.membership
        services.end_shift(attendance=first, actor=early)
        assert set(HandoverItem.objects.inbox_of(second)) == set()
