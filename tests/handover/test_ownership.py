"""Random days at the desk: whatever people do in whatever order, every open item has one owner, and nothing is lost.

The services are run against a reference that is written as plainly as possible: who owns what, what waits for whom, and
whether a step may be done at all.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from handover import services
from handover.models import HandoverItem, ItemEvent
from office import clock
from people.models import Role
from tests.factories import add_person
from tests.handover.conftest import begin_shift

QUEUE = "queue"
PEOPLE = range(4)
SUPERVISOR = 3
ACTORS = st.sampled_from(["self", "self", "self", "supervisor", "another"])


@dataclass
class Ref:
    """What the reference knows of one item."""

    owner: int | str
    urgent: bool
    # The shift types that it was handed to, while it waits; None while it does not.
    to: tuple[str, ...] | None = None
    accepted: bool = False
    done: bool = False
    carried: int = 0
    history: list = field(default_factory=list)


@dataclass
class Shift:
    attendance: object
    submitted: bool = False


class Desk(RuleBasedStateMachine):
    """Three agents and a supervisor; shifts of every type of the rulebook."""

    def __init__(self, department, rulebook):
        super().__init__()
        self.department, self.rulebook = department, rulebook
        self.codes = [shift.code for shift in rulebook.shifts]
        self.urgent = next(kind.code for kind in rulebook.notebooks.handover_log.kinds if kind.read_back)
        self.plain = next(kind.code for kind in rulebook.notebooks.handover_log.kinds if not kind.read_back)
        self.at_clock_out = rulebook.notebooks.handover_log.at_clock_out
        self.items: dict[int, Ref] = {}
        self.shifts: dict[int, Shift] = {}
        self.clock = clock.at(datetime(2026, 11, 10, 8, tzinfo=UTC))
        self.rollback = transaction.atomic()
        self.clock.__enter__()
        self.rollback.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)
        self.clock.__exit__(None, None, None)

    @initialize(codes=st.lists(st.integers(0, 5), min_size=SUPERVISOR, max_size=SUPERVISOR))
    def the_day_begins(self, codes):
        self.people = [add_person(self.department) for _number in range(SUPERVISOR)]
        self.people.append(add_person(self.department, roles=[Role.SUPERVISOR]))
        for who, code in enumerate(codes):
            self.comes(who, code)
            self.writes(who, urgent=False)

    def does(self, allowed: bool, call, **kwargs) -> None:
        """Call a service, which must refuse exactly when the reference says so."""
        if allowed:
            call(**kwargs)
        else:
            with pytest.raises(ValidationError):
                call(**kwargs)

    def pick(self, number: int) -> tuple[HandoverItem, Ref]:
        pk = sorted(self.items)[number % len(self.items)]
        return HandoverItem.objects.get(pk=pk), self.items[pk]

    def actor(self, by, who) -> int:
        """Mostly people act for themselves; sometimes the supervisor does, sometimes somebody who may not."""
        return {"self": who, "supervisor": SUPERVISOR, "another": (who + 1) % len(PEOPLE)}[by]

    @rule(who=st.sampled_from(PEOPLE), code=st.integers(0, 5))
    def comes(self, who, code):
        if who not in self.shifts:
            code = self.codes[code % len(self.codes)]
            day = self.department.today()
            self.shifts[who] = Shift(begin_shift(self.people[who], code, day=day, at=clock.now()))

    @rule(who=st.sampled_from(PEOPLE), urgent=st.booleans())
    def writes(self, who, urgent):
        clock.move(timedelta(minutes=7))
        item = services.write_item(
            author=self.people[who].membership,
            kind=self.urgent if urgent else self.plain,
            to_do="x",
            due_at=clock.now() + timedelta(hours=1),
        )
        self.items[item.pk] = Ref(owner=who, urgent=urgent, history=[("written", who)])

    @precondition(lambda self: self.shifts)
    @rule(number=st.integers(0, 9), by=ACTORS)
    def hands_over(self, number, by):
        who = sorted(self.shifts)[number % len(self.shifts)]
        shift, by = self.shifts[who], self.actor(by, who)
        allowed = not shift.submitted and by in (who, SUPERVISOR)
        self.does(allowed, services.submit_handover, attendance=shift.attendance, actor=self.people[by])
        if allowed:
            self.reference_submits(who)

    def reference_submits(self, who):
        self.shifts[who].submitted = True
        for ref in self.own(who):
            if ref.to is None:
                self.reference_passes_on(ref, who)
                ref.history.append(("submitted", who))

    def own(self, who):
        return [ref for ref in self.items.values() if ref.owner == who and not ref.done]

    def reference_passes_on(self, ref, who):
        ref.to = tuple(self.rulebook.shift(self.shifts[who].attendance.code).hands_over_to)
        ref.carried += ref.accepted

    @precondition(lambda self: self.items)
    @rule(number=st.integers(0, 99), who=st.sampled_from(PEOPLE), said=st.sampled_from(["说得够长", ""]))
    def accepts(self, number, who, said):
        item, ref = self.pick(number)
        allowed = self.reference_may_accept(ref, who) and bool(said or not ref.urgent)
        self.does(
            allowed, services.accept_item, item=item, actor_membership=self.people[who].membership, read_back=said
        )
        if allowed:
            ref.owner, ref.to, ref.accepted = who, None, True
            ref.history.append(("accepted", who))

    def reference_may_accept(self, ref, who) -> bool:
        if ref.done or who not in self.shifts:
            return False
        if ref.owner == QUEUE:
            return True
        return ref.to is not None and ref.owner != who and self.shifts[who].attendance.code in ref.to

    @precondition(lambda self: self.items)
    @rule(number=st.integers(0, 99), who=st.sampled_from(PEOPLE))
    def finishes(self, number, who):
        item, ref = self.pick(number)
        allowed = not ref.done and (ref.owner == who or who == SUPERVISOR)
        self.does(allowed, services.finish_item, item=item, actor_membership=self.people[who].membership)
        if allowed:
            ref.done = True
            ref.history.append(("done", ref.owner))

    @precondition(lambda self: self.shifts)
    @rule(number=st.integers(0, 9), by=ACTORS, confirmed=st.booleans(), hand_over=st.booleans())
    def leaves(self, number, by, confirmed, hand_over):
        clock.move(timedelta(minutes=45))
        who = sorted(self.shifts)[number % len(self.shifts)]
        shift, by = self.shifts[who], self.actor(by, who)
        without = not shift.submitted and not hand_over
        allowed = by in (who, SUPERVISOR)
        if without:
            allowed = allowed and (self.at_clock_out == "off" or (self.at_clock_out == "warn" and confirmed))
        flags = {"confirmed": confirmed, "hand_over": hand_over}
        self.does(allowed, services.end_shift, attendance=shift.attendance, actor=self.people[by], **flags)
        if not allowed:
            return
        if hand_over and not shift.submitted:
            self.reference_submits(who)
        for ref in self.own(who):
            if ref.to is None and shift.submitted:
                self.reference_passes_on(ref, who)
            elif ref.to is None:
                ref.carried += ref.accepted
            ref.owner = QUEUE
            ref.history.append(("queued", QUEUE))
        del self.shifts[who]

    def named(self, membership_pk):
        return (
            next(who for who in PEOPLE if self.people[who].membership.pk == membership_pk) if membership_pk else QUEUE
        )

    @invariant()
    def every_item_has_the_one_owner_it_should_have(self):
        rows = {item.pk: item for item in HandoverItem.objects.filter(department=self.department)}
        assert set(rows) == set(self.items), "nothing is lost and nothing comes from nowhere"
        for pk, item in rows.items():
            ref = self.items[pk]
            assert (item.owner_id is None) == item.in_queue
            assert self.named(item.owner_id) == ref.owner
            assert item.is_open == (not ref.done)
            assert item.carried == ref.carried
            if item.is_open:
                assert item.is_waiting == (ref.to is not None or ref.owner == QUEUE)

    @invariant()
    def each_event_says_whose_the_item_was_then(self):
        told: dict[int, list] = {pk: [] for pk in self.items}
        for event in ItemEvent.objects.filter(item__department=self.department).order_by("pk"):
            told[event.item_id].append((event.action, self.named(event.owner_id)))
        assert told == {pk: ref.history for pk, ref in self.items.items()}

    @invariant()
    def each_inbox_holds_what_may_be_accepted(self):
        for who, shift in self.shifts.items():
            inbox = set(HandoverItem.objects.inbox_of(shift.attendance).values_list("pk", flat=True))
            assert inbox == {pk for pk, ref in self.items.items() if self.reference_may_accept(ref, who)}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("fixture", ["rulebook", "changed_rulebook"])
def test_every_open_item_has_exactly_one_owner_at_every_moment(fixture, request):
    rulebook = request.getfixturevalue(fixture)
    department = request.getfixturevalue("department" if fixture == "rulebook" else "changed_department")
    run_state_machine_as_test(
        lambda: Desk(department, rulebook),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            # No shrinking: each example is a database transaction, and thirty steps can be read.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
