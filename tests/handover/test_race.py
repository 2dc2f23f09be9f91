"""People press buttons about one item at the same moment, in processes of the operating system."""

from uuid import UUID, uuid4

import pytest

from handover import services
from handover.models import HandoverItem, ItemAction, ItemEvent, Order
from office import clock
from people.models import Membership, User
from rulebooks.services import in_force
from shifts.models import Attendance
from tests.factories import add_person
from tests.handover.conftest import begin_shift
from tests.processes import race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("afternoon")]
ROUNDS = 12


def item_of(pk):
    return HandoverItem.objects.get(pk=pk)


def accept(pk, member):
    services.accept_item(item=item_of(pk), actor_membership=Membership.objects.get(pk=member))


def refuse(pk, member):
    services.refuse_item(item=item_of(pk), actor_membership=Membership.objects.get(pk=member), reason="看不懂")


def give(pk, member, actor):
    to = Membership.objects.get(pk=member)
    services.assign_item(item=item_of(pk), to=to, actor=User.objects.get(pk=actor), reason="他有空")


def leave(pk):
    author = item_of(pk).author
    services.end_shift(attendance=Attendance.objects.get(membership=author), actor=author.user)


def follow(pk, code):
    services.follow_up_item(order=Order.objects.get(pk=pk), follow_up_code=code, at=clock.now())


def write_once(token, member):
    author = Membership.objects.get(pk=member)
    services.write_item(author=author, kind="waiting", to_do="给小鹿发实拍图", token=UUID(token))


def fits_its_history(item) -> bool:
    last = item.events.last()
    return (item.owner_id is None) == item.in_queue and last.owner_id == item.owner_id


def test_of_two_who_accept_at_once_one_gets_the_item_and_the_other_is_told(
    department, agent, colleague, day_shift, write
):
    other = add_person(department, name="何佳怡", work_number="33")
    for person in (colleague, other):
        begin_shift(person, "N")
    items = [write(agent) for _round in range(ROUNDS)]
    services.submit_handover(attendance=day_shift, actor=agent)

    keys = [item.pk for item in items]
    members = [person.membership.pk for person in (colleague, other)]
    for item, answers in zip(items, race(*[(accept, keys, {"member": member}) for member in members]), strict=True):
        assert sorted(answers) == ["already_accepted", "done"]
        item.refresh_from_db()
        assert item.owner_id == members[answers.index("done")]
        assert ItemEvent.objects.filter(item=item, action=ItemAction.ACCEPTED).count() == 1


def test_what_is_sent_twice_at_once_is_written_once(agent):
    tokens = [str(uuid4()) for _round in range(ROUNDS)]
    jobs = [(write_once, tokens, {"member": agent.membership.pk})] * 2
    assert race(*jobs) == [["done", "done"]] * ROUNDS
    assert HandoverItem.objects.count() == ROUNDS


@pytest.mark.parametrize("queued", [False, True])
def test_accepting_refusing_and_giving_at_once_leaves_one_owner(
    department, agent, colleague, supervisor, day_shift, write, queued
):
    other = add_person(department, name="何佳怡", work_number="33")
    for person in (colleague, other):
        begin_shift(person, "N")
    items = [write(agent) for _round in range(ROUNDS)]
    services.submit_handover(attendance=day_shift, actor=agent)
    if queued:
        services.end_shift(attendance=day_shift, actor=agent)

    keys, taker = [item.pk for item in items], other.membership.pk
    told = race(
        (accept, keys, {"member": colleague.membership.pk}),
        (refuse, keys, {"member": taker}),
        (give, keys, {"member": taker, "actor": supervisor.pk}),
    )
    for item, (accepted, refused, given) in zip(items, told, strict=True):
        item.refresh_from_db()
        events = list(item.events.values_list("action", flat=True))
        assert fits_its_history(item)
        assert item.owner in (colleague.membership, other.membership)
        assert given == "done", "who may take over is never too late while it is open"
        assert (accepted == "done") == (ItemAction.ACCEPTED in events)
        assert (refused == "done") == (ItemAction.REFUSED in events)
        assert accepted in {"done", "already_accepted", "not_handed_over"}
        assert refused in {"done", "already_accepted"}
        # Accepted after it was given away again, nobody can have it.
        assert events.count(ItemAction.ACCEPTED) <= 1


def test_refusing_while_the_giver_leaves_loses_nothing(department, agent, colleague, supervisor, write):
    """Each round one giver leaves while the receiver refuses: it ends in the queue, or the giver is still there."""
    begin_shift(colleague, "N")
    items = []
    for number in range(ROUNDS):
        giver = add_person(department, work_number=f"4{number:02}")
        shift = begin_shift(giver, "D")
        items.append(write(giver))
        services.submit_handover(attendance=shift, actor=giver)

    keys = [item.pk for item in items]
    told = race((refuse, keys, {"member": colleague.membership.pk}), (leave, keys, {}))
    for item, (refused, left) in zip(items, told, strict=True):
        item.refresh_from_db()
        assert fits_its_history(item)
        on_duty = Attendance.objects.on_duty().filter(membership=item.author).exists()
        assert left in {"done", "happened_during_handover"}
        assert item.in_queue == (left == "done")
        assert item.in_queue == (not on_duty)
        assert refused == "done"


def test_a_follow_up_that_two_beats_make_at_once_is_one_item(department, agent, day_shift):
    code = in_force(department, department.today()).notebooks.follow_ups[0].code
    orders = [
        Order.objects.create(
            department=department,
            number=f"{number}",
            buyer="小鹿",
            placed_at=clock.now(),
            amount_fen=1,
            business_date=department.today(),
        )
        for number in range(ROUNDS)
    ]

    keys = [order.pk for order in orders]
    assert race(*[(follow, keys, {"code": code})] * 2) == [["done", "done"]] * ROUNDS
    assert HandoverItem.objects.count() == ROUNDS
