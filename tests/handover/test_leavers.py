"""What people who have left still had open goes to the department's queue, once, however late the beat comes."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import ItemAction
from handover.tasks import release_items_of_leavers
from office.models import Notice
from people.services import set_last_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 10)


@pytest.fixture
def item(agent, owner, at):
    """An open item of the agent, whose last day is the 10th."""
    with at("2026-11-10 12:00"):
        made = services.write_item(author=agent.membership, kind="waiting", to_do="打电话")
        set_last_day(actor=owner, member=agent.membership, last_day=LAST)
    agent.membership.refresh_from_db()
    return made


def looked_at(at, when):
    with at(when):
        release_items_of_leavers()


@pytest.mark.parametrize("when", ["2026-11-10 23:59", "2026-11-11 03:59"])
def test_nothing_happens_while_the_last_shift_may_run(item, at, when):
    looked_at(at, when)
    item.refresh_from_db()
    assert not item.in_queue


@pytest.mark.parametrize("when", ["2026-11-11 04:00", "2026-11-11 09:00", "2027-03-01 09:00"])
def test_then_it_goes_to_the_queue(item, at, when, supervisor):
    looked_at(at, when)
    item.refresh_from_db()
    assert (item.owner, item.in_queue) == (None, True)
    event = item.events.last()
    assert (event.action, event.actor, event.owner) == (ItemAction.QUEUED, None, None)
    assert Notice.objects.filter(recipient=supervisor).count() == 1


def test_a_second_look_changes_nothing(item, at, supervisor):
    looked_at(at, "2026-11-11 09:00")
    looked_at(at, "2026-11-11 09:10")
    assert item.events.filter(action=ItemAction.QUEUED).count() == 1
    assert Notice.objects.filter(recipient=supervisor).count() == 1


def test_what_is_done_and_what_is_others_stays(item, agent, colleague, at):
    with at("2026-11-10 13:00"):
        services.finish_item(item=item, actor_membership=agent.membership)
        other = services.write_item(author=colleague.membership, kind="waiting", to_do="x")
    looked_at(at, "2026-11-12 09:00")
    item.refresh_from_db()
    other.refresh_from_db()
    assert not item.in_queue and not other.in_queue


def test_one_leaver_whose_items_cannot_be_moved_does_not_keep_the_others(
    item, colleague, owner, at, monkeypatch, caplog
):
    with at("2026-11-10 13:00"):
        other = services.write_item(author=colleague.membership, kind="waiting", to_do="x")
        set_last_day(actor=owner, member=colleague.membership, last_day=LAST)
    real = services.release_items

    def fails(*, member):
        if member == item.owner:
            raise RuntimeError("no")
        return real(member=member)

    monkeypatch.setattr(services, "release_items", fails)
    looked_at(at, "2026-11-11 09:00")
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.in_queue, other.in_queue) == (False, True)
    assert "could not be put into the queue" in caplog.text
    monkeypatch.undo()
    looked_at(at, "2026-11-11 09:10")
    item.refresh_from_db()
    assert item.in_queue, "the next look tries it again"


def test_a_question_stays_open_for_who_may_take_over(item, at, colleague, supervisor, on_shift):
    looked_at(at, "2026-11-11 09:00")
    with at("2026-11-11 10:00"):
        on_shift(colleague, "D", date(2026, 11, 11))
        services.ask_back(item=item, actor_membership=colleague.membership, text="哪个客户？")
        answered = services.answer_item(item=item, actor_membership=supervisor.membership, text="小鹿")
    assert (answered.asked_at, answered.in_queue) == (None, True)


def test_from_the_queue_anybody_on_duty_takes_it(item, at, colleague, on_shift):
    looked_at(at, "2026-11-11 09:00")
    with at("2026-11-11 10:00"):
        on_shift(colleague, "D", date(2026, 11, 11))
        services.accept_item(item=item, actor_membership=colleague.membership, read_back="给客户打电话")
    item.refresh_from_db()
    assert item.owner == colleague.membership


def test_who_has_left_writes_no_more(item, agent, at):
    with at("2026-11-11 03:59"):
        assert services.write_item(author=agent.membership, kind="waiting", to_do="x")
    with at("2026-11-11 04:01"), pytest.raises(ValidationError) as refusal:
        services.write_item(author=agent.membership, kind="waiting", to_do="x")
    assert refusal.value.code == "not_a_member"
