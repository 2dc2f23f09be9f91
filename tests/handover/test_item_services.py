"""Writing, accepting and finishing an item: who may, and whose it is at every step."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import HandoverItem, ItemAction, ItemEvent
from office import clock
from office.models import AuditEntry
from tests.factories import add_person

pytestmark = pytest.mark.usefixtures("afternoon")


def code_of(call, **kwargs) -> str:
    """The code with which the service refuses."""
    before = list(HandoverItem.objects.order_by("pk").values())
    events = ItemEvent.objects.count()
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    assert list(HandoverItem.objects.order_by("pk").values()) == before, "a refusal writes nothing"
    assert ItemEvent.objects.count() == events
    return refusal.value.code


class TestWriting:
    def test_an_item_belongs_to_its_author_from_its_first_moment(self, agent, write):
        item = write(agent, customer="小鹿", known="问了两款")
        assert (item.owner, item.in_queue, item.handover) == (agent.membership, False, None)
        event = item.events.get()
        assert (event.action, event.owner, event.actor) == (ItemAction.WRITTEN, agent.membership, agent)
        assert AuditEntry.objects.get(action="handover.item.written").actor == agent

    def test_it_keeps_the_rulebook_it_was_written_under(self, agent, write, rulebook):
        assert write(agent).rulebook_version_id == rulebook.version_id

    def test_a_kind_that_the_rulebook_does_not_know_is_refused(self, agent):
        assert code_of(services.write_item, author=agent.membership, kind="call-back", to_do="回电") == "unknown_kind"

    def test_an_urgent_item_needs_a_due_time(self, agent):
        assert code_of(services.write_item, author=agent.membership, kind="urgent", to_do="拦截") == "due_missing"

    def test_a_due_time_in_the_past_is_refused_but_this_minute_is_not(self, agent, write):
        late = clock.now() - timedelta(minutes=1)
        assert (
            code_of(services.write_item, author=agent.membership, kind="urgent", to_do="拦截", due_at=late)
            == "due_past"
        )
        clock.move(timedelta(seconds=40))
        this_minute = clock.now().replace(second=0)
        assert write(agent, kind="urgent", due_at=this_minute).due_at == this_minute

    @pytest.mark.parametrize(
        ("field", "text"),
        [("to_do", ""), ("to_do", "   "), ("to_do", "长" * 501), ("customer", "x" * 81), ("known", "x" * 1001)],
    )
    def test_texts_that_are_empty_or_too_long_are_refused_by_field(self, agent, field, text):
        texts = {"to_do": "回电", field: text}
        with pytest.raises(ValidationError) as refusal:
            services.write_item(author=agent.membership, kind="waiting", **texts)
        assert set(refusal.value.error_dict) == {field}

    def test_who_has_left_the_department_writes_nothing(self, agent):
        member = agent.membership
        member.until_day = member.department.today() - timedelta(days=1)
        member.save(update_fields=["until_day"])
        assert code_of(services.write_item, author=member, kind="waiting", to_do="回电") == "not_a_member"


class TestAccepting:
    @pytest.fixture
    def handed(self, agent, day_shift, night_shift, write):
        """An item that the day shift has handed to the night shift."""
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        return item

    def test_acceptance_moves_the_item_from_the_giver_to_the_acceptor(self, handed, agent, colleague):
        item = services.accept_item(item=handed, actor_membership=colleague.membership)
        assert (item.owner, item.in_queue, item.handover) == (colleague.membership, False, None)
        assert item.accepted_at == clock.now()
        event = item.events.last()
        assert (event.action, event.owner, event.actor) == (ItemAction.ACCEPTED, colleague.membership, colleague)
        assert event.handover.giver == agent.membership
        facts = AuditEntry.objects.get(action="handover.item.accepted").facts
        assert (facts["before"]["owner"], facts["after"]["owner"]) == (agent.membership.pk, colleague.membership.pk)

    def test_the_second_acceptor_is_told_that_it_is_taken(self, department, handed, colleague, on_shift):
        third = add_person(department, name="何佳怡", work_number="33")
        on_shift(third, "N")
        services.accept_item(item=handed, actor_membership=colleague.membership)
        call = {"item": handed, "actor_membership": third.membership}
        assert code_of(services.accept_item, **call) == "already_accepted"
        assert HandoverItem.objects.get(pk=handed.pk).owner == colleague.membership

    def test_what_is_not_handed_over_cannot_be_taken(self, agent, colleague, day_shift, night_shift, write):
        call = {"item": write(agent), "actor_membership": colleague.membership}
        assert code_of(services.accept_item, **call) == "not_handed_over"

    def test_the_giver_cannot_accept_what_is_still_theirs(self, handed, agent):
        assert code_of(services.accept_item, item=handed, actor_membership=agent.membership) == "own_item"

    def test_who_is_not_on_duty_cannot_accept(self, handed, leader):
        assert code_of(services.accept_item, item=handed, actor_membership=leader.membership) == "not_on_duty"

    def test_another_shift_cannot_accept(self, handed, leader, on_shift):
        on_shift(leader, "R")
        assert code_of(services.accept_item, item=handed, actor_membership=leader.membership) == "other_shift"

    def test_people_of_another_department_cannot_accept(self, handed, stranger, on_shift):
        on_shift(stranger, "N")
        assert code_of(services.accept_item, item=handed, actor_membership=stranger.membership) == "other_department"

    def test_what_is_done_cannot_be_accepted(self, handed, agent, colleague):
        services.finish_item(item=handed, actor_membership=agent.membership)
        assert code_of(services.accept_item, item=handed, actor_membership=colleague.membership) == "already_done"

    @pytest.mark.parametrize("said", ["", "   ", "好的"])
    def test_an_urgent_item_is_read_back_in_more_than_a_word(
        self, agent, colleague, day_shift, night_shift, write, said
    ):
        item = write(agent, kind="urgent", due_at=clock.now() + timedelta(hours=2))
        services.submit_handover(attendance=day_shift, actor=agent)
        call = {"item": item, "actor_membership": colleague.membership}
        assert code_of(services.accept_item, **call, read_back=said) == "read_back_missing"
        services.accept_item(**call, read_back=" 9 点前打给 2 号仓 ")
        assert item.events.last().text == "9 点前打给 2 号仓"

    def test_a_read_back_that_is_too_long_is_refused(self, handed, colleague):
        call = {"item": handed, "actor_membership": colleague.membership, "read_back": "长" * 501}
        assert code_of(services.accept_item, **call) == "too_long"


class TestFinishing:
    def test_the_owner_finishes_with_what_came_of_it(self, agent, write):
        item = services.finish_item(item=write(agent), actor_membership=agent.membership, result="已改期")
        assert (item.state, item.done_at) == ("done", clock.now())
        event = item.events.last()
        assert (event.action, event.text, event.owner) == (ItemAction.DONE, "已改期", agent.membership)

    def test_nobody_else_does_but_who_may_take_over(self, agent, colleague, manager, supervisor, write):
        item = write(agent)
        for person in (colleague, manager):
            call = {"item": item, "actor_membership": person.membership}
            assert code_of(services.finish_item, **call) == "not_yours"
        item = services.finish_item(item=item, actor_membership=supervisor.membership)
        assert item.owner == agent.membership
        assert item.events.last().actor == supervisor

    def test_a_second_time_is_refused(self, agent, write):
        item = services.finish_item(item=write(agent), actor_membership=agent.membership)
        assert code_of(services.finish_item, item=item, actor_membership=agent.membership) == "already_done"

    def test_the_giver_may_still_finish_what_waits_to_be_accepted(self, agent, day_shift, write):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        assert not services.finish_item(item=item, actor_membership=agent.membership).is_waiting

    def test_people_of_another_department_finish_nothing(self, agent, stranger, write):
        call = {"item": write(agent), "actor_membership": stranger.membership}
        assert code_of(services.finish_item, **call) == "other_department"
