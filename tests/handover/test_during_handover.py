"""What comes up between handing over and leaving: whose it is, and what the rulebook asks for."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import HandoverItem
from handover.pages.gate import gate_of
from shifts.models import Attendance
from tests.handover.conftest import TUESDAY, begin_shift, owners

pytestmark = pytest.mark.usefixtures("afternoon")


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def is_on_duty(attendance) -> bool:
    return Attendance.objects.get(pk=attendance.pk).is_on_duty


class TestDuringTheHandover:
    """What comes up between handing over and leaving."""

    @pytest.fixture
    def handover(self, agent, day_shift):
        return services.submit_handover(attendance=day_shift, actor=agent)

    def test_it_is_the_givers_until_it_is_done(self, agent, day_shift, handover, write):
        item = write(agent)
        call = {"attendance": day_shift, "actor": agent, "confirmed": True}
        assert refusal_of(services.end_shift, **call) == "happened_during_handover"
        assert is_on_duty(day_shift)
        services.finish_item(item=item, actor_membership=agent.membership)
        services.end_shift(attendance=day_shift, actor=agent)
        assert not is_on_duty(day_shift)

    def test_or_until_it_is_handed_over_too(self, agent, day_shift, handover, write):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.end_shift(attendance=day_shift, actor=agent)
        item.refresh_from_db()
        assert (item.in_queue, item.handover) == (True, handover)

    def test_handing_over_and_leaving_in_one_step_takes_it_along(self, agent, day_shift, handover, write):
        item = write(agent)
        services.end_shift(attendance=day_shift, actor=agent, hand_over=True, remark="仓库刚来电")
        item.refresh_from_db()
        assert (item.in_queue, item.handover) == (True, handover)
        assert [(event.action, event.text) for event in item.events.all()] == [
            ("written", ""),
            ("submitted", "仓库刚来电"),
            ("queued", ""),
        ]

    def test_the_customers_in_chat_go_to_the_queue_with_what_is_said_of_them(self, agent, day_shift, handover):
        Attendance.objects.filter(pk=day_shift.pk).update(open_customers=2)
        services.end_shift(attendance=day_shift, actor=agent, customers=True, chats="小鹿：等发票")
        item = HandoverItem.objects.get()
        assert (item.owner, item.in_queue, item.known) == (None, True, "小鹿：等发票")

    def test_or_until_somebody_else_is_given_it(
        self, agent, colleague, supervisor, day_shift, night_shift, handover, write
    ):
        item = write(agent)
        services.assign_item(item=item, to=colleague.membership, actor=supervisor, reason="换班")
        services.end_shift(attendance=day_shift, actor=agent)
        item.refresh_from_db()
        assert item.owner == colleague.membership

    def test_what_was_refused_is_the_givers_again(self, agent, colleague, day_shift, night_shift, write):
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.refuse_item(item=item, actor_membership=colleague.membership, reason="看不懂")
        call = {"attendance": day_shift, "actor": agent}
        assert refusal_of(services.end_shift, **call) == "happened_during_handover"

    def test_what_was_accepted_meanwhile_is_too(self, agent, colleague, day_shift, night_shift, write):
        services.submit_handover(attendance=night_shift, actor=colleague)
        item = write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=item, actor_membership=colleague.membership)
        call = {"attendance": night_shift, "actor": colleague}
        assert refusal_of(services.end_shift, **call) == "happened_during_handover"

    def test_who_may_take_over_ends_the_shift_all_the_same(self, agent, supervisor, day_shift, handover, write):
        item = write(agent)
        services.end_shift(attendance=day_shift, actor=supervisor, reason="孩子发烧")
        item.refresh_from_db()
        assert (item.in_queue, item.handover) == (True, handover)

    def test_and_so_does_the_system(self, agent, day_shift, handover, write):
        item = write(agent)
        services.end_shift(attendance=day_shift, actor=None)
        assert owners(item) == 1 and item.in_queue

    def test_where_the_rulebook_says_so_it_follows_into_the_queue(self, agent, colleague, write, log_rule):
        log_rule(during_handover="queue")
        day_shift, night_shift = begin_shift(agent, "D"), begin_shift(colleague, "N", day=TUESDAY - timedelta(days=1))
        passed = write(colleague)
        services.submit_handover(attendance=night_shift, actor=colleague)
        handover = services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=passed, actor_membership=agent.membership)
        late = write(agent)
        services.end_shift(attendance=day_shift, actor=agent)
        for item, carried in ((late, 0), (passed, 1)):
            item.refresh_from_db()
            assert (item.in_queue, item.handover, item.carried) == (True, handover, carried)

    def test_the_gate_names_it(self, agent, day_shift, handover, write):
        def check():
            return next((check for check in gate_of(day_shift).checks if check.key == "since"), None)

        assert check() is None
        write(agent)
        assert (check().ok, check().text) == (False, "1 item has come up since the handover")
        services.submit_handover(attendance=day_shift, actor=agent)
        assert check() is None

    def test_the_gate_lets_it_go_along_where_the_rulebook_does(self, agent, write, log_rule):
        log_rule(during_handover="queue")
        day_shift = begin_shift(agent, "D")
        services.submit_handover(attendance=day_shift, actor=agent)
        write(agent)
        check = next(check for check in gate_of(day_shift).checks if check.key == "since")
        assert (check.ok, check.carried) == (True, True)
