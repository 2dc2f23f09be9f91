"""People press buttons about one item at the same moment, in processes of the operating system."""

import multiprocessing

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from handover import services
from handover.models import HandoverItem, ItemAction, ItemEvent, Order
from office import clock
from people.models import Membership, User
from rulebooks.services import in_force
from shifts.models import Attendance
from tests.factories import add_person
from tests.handover.conftest import begin_shift

ROUNDS = 12
WAIT = 30


def press(member_pk, item_pks, barrier, results):
    """Accept each item as soon as the other process is ready for it too; reports what came of it."""
    member = Membership.objects.get(pk=member_pk)
    for pk in item_pks:
        item = HandoverItem.objects.get(pk=pk)
        barrier.wait(WAIT)
        try:
            services.accept_item(item=item, actor_membership=member)
            results.put((pk, "accepted", member_pk))
        except ValidationError as refusal:
            results.put((pk, refusal.code, member_pk))
    connections.close_all()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("afternoon")
def test_of_two_who_accept_at_once_one_gets_the_item_and_the_other_is_told(
    department, agent, colleague, day_shift, write
):
    other = add_person(department, name="何佳怡", work_number="33")
    for person in (colleague, other):
        begin_shift(person, "N")
    items = [write(agent) for _round in range(ROUNDS)]
    services.submit_handover(attendance=day_shift, actor=agent)

    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(2), context.Queue()
    # A forked process must not inherit an open connection: both ends would talk on one socket.
    connections.close_all()
    args = [item.pk for item in items], barrier, results
    people = [context.Process(target=press, args=(person.membership.pk, *args)) for person in (colleague, other)]
    for person in people:
        person.start()
    told = [results.get(timeout=WAIT) for _answer in range(2 * ROUNDS)]
    for person in people:
        person.join(WAIT)
        assert person.exitcode == 0

    for item in items:
        answers = {answer: who for pk, answer, who in told if pk == item.pk}
        assert set(answers) == {"accepted", "already_accepted"}
        item.refresh_from_db()
        assert item.owner_id == answers["accepted"]
        assert ItemEvent.objects.filter(item=item, action=ItemAction.ACCEPTED).count() == 1


def race(item_pks, steps) -> dict[int, dict[str, str]]:
    """Each of `steps` (name: function of an item's key) in a process of its own, all at once for each item.

    What came of each, by item and name: "done", or the code with which it was refused.
    """
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(len(steps)), context.Queue()

    def run(name, step):
        for pk in item_pks:
            barrier.wait(WAIT)
            try:
                step(pk)
                results.put((pk, name, "done"))
            except ValidationError as refusal:
                results.put((pk, name, refusal.code))
        connections.close_all()

    connections.close_all()
    running = [context.Process(target=run, args=one) for one in steps.items()]
    for process in running:
        process.start()
    told = [results.get(timeout=WAIT) for _answer in range(len(steps) * len(item_pks))]
    for process in running:
        process.join(WAIT)
        assert process.exitcode == 0, "nobody waits for somebody who waits for them"
    found: dict[int, dict[str, str]] = {}
    for pk, name, answer in told:
        found.setdefault(pk, {})[name] = answer
    return found


def item_of(pk):
    return HandoverItem.objects.get(pk=pk)


def member_of(person):
    return Membership.objects.get(pk=person.membership.pk)


def fits_its_history(item) -> bool:
    last = item.events.last()
    return (item.owner_id is None) == item.in_queue and last.owner_id == item.owner_id


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("afternoon")
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

    def accept(pk):
        services.accept_item(item=item_of(pk), actor_membership=member_of(colleague))

    def refuse(pk):
        services.refuse_item(item=item_of(pk), actor_membership=member_of(other), reason="看不懂")

    def give(pk):
        actor = User.objects.get(pk=supervisor.pk)
        services.assign_item(item=item_of(pk), to=member_of(other), actor=actor, reason="他有空")

    found = race([item.pk for item in items], {"accept": accept, "refuse": refuse, "give": give})
    for item in items:
        item.refresh_from_db()
        answers, events = found[item.pk], list(item.events.values_list("action", flat=True))
        assert fits_its_history(item)
        assert item.owner in (colleague.membership, other.membership)
        assert answers["give"] == "done", "who may take over is never too late while it is open"
        for name, action in (("accept", ItemAction.ACCEPTED), ("refuse", ItemAction.REFUSED)):
            assert (answers[name] == "done") == (action in events)
        assert answers["accept"] in {"done", "already_accepted", "not_handed_over"}
        assert answers["refuse"] in {"done", "already_accepted"}
        # Accepted after it was given away again, nobody can have it.
        assert events.count(ItemAction.ACCEPTED) <= 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("afternoon")
def test_refusing_while_the_giver_leaves_loses_nothing(department, agent, colleague, supervisor, write):
    """Each round one giver leaves while the receiver refuses: it ends in the queue, or the giver is still there."""
    begin_shift(colleague, "N")
    items = []
    for number in range(ROUNDS):
        giver = add_person(department, work_number=f"4{number:02}")
        shift = begin_shift(giver, "D")
        items.append(write(giver))
        services.submit_handover(attendance=shift, actor=giver)

    def refuse(pk):
        services.refuse_item(item=item_of(pk), actor_membership=member_of(colleague), reason="看不懂")

    def leave(pk):
        author = item_of(pk).author
        services.end_shift(attendance=Attendance.objects.get(membership=author), actor=author.user)

    found = race([item.pk for item in items], {"refuse": refuse, "leave": leave})
    for item in items:
        item.refresh_from_db()
        answers = found[item.pk]
        assert fits_its_history(item)
        on_duty = Attendance.objects.on_duty().filter(membership=item.author).exists()
        assert answers["leave"] in {"done", "happened_during_handover"}
        assert item.in_queue == (answers["leave"] == "done")
        assert item.in_queue == (not on_duty)
        assert answers["refuse"] == "done"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("afternoon")
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

    def follow(pk):
        services.follow_up_item(order=Order.objects.get(pk=pk), follow_up_code=code, at=clock.now())

    found = race([order.pk for order in orders], {"one": follow, "other": follow})
    assert {answer for answers in found.values() for answer in answers.values()} == {"done"}
    assert HandoverItem.objects.count() == ROUNDS
