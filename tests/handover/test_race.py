"""Two people press "accept" at the same moment, in two processes of the operating system."""

import multiprocessing

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from handover import services
from handover.models import HandoverItem, ItemAction, ItemEvent
from people.models import Membership
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
