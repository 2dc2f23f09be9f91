"""What is written off duty: nobody hands it over at the end of a shift, so it is offered at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from handover import services
from handover.models import HandoverItem, ItemAction
from office import clock
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")


def inbox(attendance):
    return set(HandoverItem.objects.inbox_of(attendance))


class TestWhatIsOffered:
    def test_what_a_supervisor_means_for_somebody_reaches_them_at_once(
        self, agent, supervisor, day_shift, night_shift, write
    ):
        item = write(supervisor, meant_for=agent.membership)
        assert (item.owner, item.is_waiting) == (supervisor.membership, True)
        assert (inbox(day_shift), inbox(night_shift)) == ({item}, set())
        services.accept_item(item=item, actor_membership=agent.membership)
        item.refresh_from_db()
        assert (item.owner, item.is_waiting) == (agent.membership, False)

    @translation.override("en")
    def test_without_a_name_whoever_is_on_duty_may_accept_it(self, supervisor, day_shift, night_shift, write):
        item = write(supervisor)
        assert inbox(day_shift) == inbox(night_shift) == {item}
        assert item.is_for(day_shift)
        assert str(item.receivers) == "whoever is on duty"

    def test_an_agent_off_duty_offers_only_what_they_mean_for_somebody(self, agent, colleague, night_shift, write):
        write(agent, "明天我自己来")
        meant = write(agent, meant_for=colleague.membership)
        assert inbox(night_shift) == {meant}

    def test_on_duty_it_goes_with_the_handover(self, agent, colleague, day_shift, night_shift, write):
        write(agent, meant_for=colleague.membership)
        assert not inbox(night_shift)

    def test_refused_it_is_the_authors_again(self, agent, colleague, day_shift, write):
        item = write(colleague, meant_for=agent.membership)
        services.refuse_item(item=item, actor_membership=agent.membership, reason="不归我管")
        item.refresh_from_db()
        assert (item.owner, item.is_waiting) == (colleague.membership, False)
        assert not inbox(day_shift)
        with pytest.raises(ValidationError) as refusal:
            services.accept_item(item=item, actor_membership=agent.membership)
        assert refusal.value.code == "not_handed_over"

    def test_refused_from_who_is_never_on_a_shift_anybody_on_duty_may_take_it(
        self, agent, colleague, supervisor, day_shift, night_shift, write
    ):
        item = write(supervisor, meant_for=agent.membership)
        services.refuse_item(item=item, actor_membership=agent.membership, reason="不归我管")
        item.refresh_from_db()
        assert (item.owner, item.meant_for) == (supervisor.membership, None)
        assert services.accept_item(item=item, actor_membership=colleague.membership).owner == colleague.membership

    def test_it_is_not_handed_over_a_second_time_and_left_to_the_queue_in_the_end(self, agent, colleague, write):
        item = write(agent, meant_for=colleague.membership)
        shift = begin_shift(agent, "D")
        handover = services.submit_handover(attendance=shift, actor=agent)
        assert not handover.items.exists()
        services.end_shift(attendance=shift, actor=agent)
        item.refresh_from_db()
        assert (item.in_queue, item.offered_at) == (True, None)
        assert item.events.last().action == ItemAction.QUEUED

    def test_it_stands_in_the_log_of_both_sides(self, department, agent, supervisor, day_shift, write, client_of):
        item = write(supervisor, meant_for=agent.membership)
        address = reverse("handover:log", args=[department.code])
        theirs = client_of(agent).get(address).context["log"]
        assert (theirs.handed, theirs.to_accept) == ([item], 1)
        assert client_of(supervisor).get(address).context["log"].own == [item]

    @translation.override("en")
    def test_it_waits_since_it_was_written(self, supervisor, day_shift, write):
        item = write(supervisor)
        clock.move(timedelta(minutes=10))
        assert HandoverItem.objects.for_cards().get(pk=item.pk).waited == "10 min"
