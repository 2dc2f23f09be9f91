"""Random days at the desk: whatever people do in whatever order, every open item has one owner, and nothing is lost.

The services are run against a reference that is written as plainly as possible: who owns what, what waits for whom, and
whether a step may be done at all.
"""

from contextlib import suppress
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
from handover.forgotten import end_forgotten_shifts
from handover.models import HandoverItem, ItemEvent, Order
from handover.services.watching import look_through
from handover.tasks import release_items_of_leavers
from office import clock
from people.models import Role
from people.services import set_last_day
from shifts.services import away
from shifts.services.successor import wait_of
from tests.factories import add_person
from tests.handover.conftest import begin_shift
from tests.handover.reference import QUEUE, Ref, Shift

PEOPLE = range(4)
SUPERVISOR = 3
ACTORS = st.sampled_from(["self", "self", "self", "supervisor", "another"])
WHO = st.sampled_from(PEOPLE)
NUMBER = st.integers(0, 99)


class Desk(RuleBasedStateMachine):
    """Three agents and a supervisor; shifts of every type of the rulebook. One of the agents may leave for good."""

    def __init__(self, department, rulebook):
        super().__init__()
        self.department, self.rulebook = department, rulebook
        self.codes = [shift.code for shift in rulebook.shifts]
        self.urgent = next(kind.code for kind in rulebook.notebooks.handover_log.kinds if kind.read_back)
        self.plain = next(kind.code for kind in rulebook.notebooks.handover_log.kinds if not kind.read_back)
        self.at_clock_out = rulebook.notebooks.handover_log.at_clock_out
        self.stays_with_giver = rulebook.notebooks.handover_log.during_handover == "giver"
        self.items: dict[int, Ref] = {}
        self.shifts: dict[int, Shift] = {}
        self.leaver: int | None = None
        self.gone: set[int] = set()
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
        self.people = [add_person(self.department, work_number=f"0{number}") for number in range(SUPERVISOR)]
        self.people.append(add_person(self.department, work_number="90", roles=[Role.SUPERVISOR], rostered=False))
        self.keeper = add_person(self.department, work_number="99", roles=[Role.OWNER])
        for who, code in enumerate(codes):
            self.comes(who, code, 0)
            self.writes(who, urgent=False, meant=None)

    def does(self, allowed: bool, call, **kwargs) -> None:
        """Call a service, which must refuse exactly when the reference says so."""
        if allowed:
            call(**kwargs)
        else:
            with pytest.raises(ValidationError):
                call(**kwargs)

    def pick(self, number: int) -> tuple[HandoverItem, Ref]:
        """An item, mostly one that is open."""
        opened = sorted(pk for pk, ref in self.items.items() if not ref.done) if number % 5 else []
        keys = opened or sorted(self.items)
        pk = keys[number % len(keys)]
        return HandoverItem.objects.get(pk=pk), self.items[pk]

    def member(self, who):
        return self.people[who].membership

    def actor(self, by, who) -> int:
        """Mostly people act for themselves; sometimes the supervisor does, sometimes somebody who may not."""
        return {"self": who, "supervisor": SUPERVISOR, "another": (who + 1) % len(PEOPLE)}[by]

    # -- Coming, being away, leaving -----------------------------------------------------------------------------------

    @rule(who=WHO, code=st.integers(0, 5), planned=WHO)
    def comes(self, who, code, planned):
        """On a shift that may have been planned for somebody else, and swapped."""
        if who not in self.shifts and who not in self.gone:
            code = self.codes[code % len(self.codes)]
            day = self.department.today()
            other = self.people[planned] if planned not in self.gone else None
            shift = begin_shift(self.people[who], code, day=day, at=clock.now(), swapped_with=other)
            self.shifts[who] = Shift(shift)

    @precondition(lambda self: self.shifts)
    @rule(number=NUMBER)
    def is_away_or_back(self, number):
        """It changes nothing about whose anything is."""
        who = sorted(self.shifts)[number % len(self.shifts)]
        call = {"attendance": self.shifts[who].attendance, "actor": self.people[who]}
        reasons = away.reasons_of(call["attendance"])
        with suppress(ValidationError):
            if reasons and number % 2:
                away.leave_desk(**call, reason=reasons[0].code)
            else:
                away.come_back(**call)

    @precondition(lambda self: self.leaver is None)
    @rule(who=st.sampled_from(range(SUPERVISOR)))
    def gets_a_last_day(self, who):
        set_last_day(actor=self.keeper, member=self.member(who), last_day=self.department.today())
        self.member(who).refresh_from_db()
        self.leaver = who

    @rule()
    def a_day_and_a_half_passes(self):
        """Whoever is still on duty has forgotten to clock out; whose last day it was has left."""
        clock.move(timedelta(hours=36))
        end_forgotten_shifts()
        for who in sorted(self.shifts):
            self.reference_ends(who)
        if self.leaver is not None:
            self.gone.add(self.leaver)
        release_items_of_leavers()
        for who in self.gone:
            for ref in self.own(who):
                ref.carried += ref.to is None and ref.accepted
                self.reference_queues(ref)
        look_through(self.department)

    # -- Writing and handing over --------------------------------------------------------------------------------------

    @rule(who=WHO, urgent=st.booleans(), meant=st.none() | WHO)
    def writes(self, who, urgent, meant):
        clock.move(timedelta(minutes=7))
        call = {
            "author": self.member(who),
            "kind": self.urgent if urgent else self.plain,
            "to_do": "x",
            "due_at": clock.now() + timedelta(hours=1),
            "meant_for": None if meant is None else self.member(meant),
        }
        if who in self.gone or meant == who or meant in self.gone:
            self.does(False, services.write_item, **call)
        else:
            item = services.write_item(**call)
            ref = Ref(owner=who, urgent=urgent, author=who, meant=meant, history=[("written", who)])
            ref.offered = who not in self.shifts and (meant is not None or who == SUPERVISOR)
            self.items[item.pk] = ref

    @rule()
    def an_order_is_followed_up(self):
        """By whoever on duty has not handed over and has the fewest open items."""
        rule = self.rulebook.notebooks.follow_ups[0]
        order = Order.objects.create(
            department=self.department,
            number=f"{len(self.items)}",
            buyer="x",
            placed_at=clock.now(),
            amount_fen=1,
            business_date=self.department.today(),
        )
        item = services.follow_up_item(order=order, follow_up_code=rule.code, at=clock.now())
        free = [(len(self.own(who)), who) for who, shift in self.shifts.items() if not shift.submitted]
        owner = min(free)[1] if free else QUEUE
        urgent = rule.kind == self.urgent
        self.items[item.pk] = Ref(owner=owner, urgent=urgent, author=None, history=[("written", owner)])

    def own(self, who):
        return [ref for ref in self.items.values() if ref.owner == who and not ref.done]

    def new(self, who):
        return [ref for ref in self.own(who) if ref.to is None and not ref.offered]

    @precondition(lambda self: self.shifts)
    @rule(number=NUMBER, by=ACTORS)
    def hands_over(self, number, by):
        who = sorted(self.shifts)[number % len(self.shifts)]
        shift, by = self.shifts[who], self.actor(by, who)
        allowed = by in (who, SUPERVISOR) and bool(not shift.submitted or self.new(who))
        call = {"attendance": shift.attendance, "actor": self.people[by], "reason": "sick"}
        self.does(allowed, services.submit_handover, **call)
        if allowed:
            self.reference_submits(who)

    @precondition(lambda self: self.shifts)
    @rule(number=NUMBER, by=ACTORS)
    def takes_back(self, number, by):
        """What was handed over is the giver's own again, as long as nobody has accepted anything of it."""
        who = sorted(self.shifts)[number % len(self.shifts)]
        shift, by = self.shifts[who], self.actor(by, who)
        allowed = by in (who, SUPERVISOR) and shift.submitted and not shift.is_taken
        self.does(allowed, services.take_back, attendance=shift.attendance, actor=self.people[by])
        if allowed:
            shift.submitted = False
            for ref in self.own(who):
                if ref.under is shift:
                    ref.to = ref.by = ref.under = ref.submitted_in = None
                    ref.carried -= ref.accepted
                    ref.history.append(("reclaimed", who))

    def reference_submits(self, who):
        self.shifts[who].submitted = True
        for ref in self.new(who):
            self.reference_passes_on(ref, who)
            ref.submitted_in = self.shifts[who]
            ref.history.append(("submitted", who))

    def reference_passes_on(self, ref, who):
        shift = self.shifts[who]
        ref.to, ref.by = tuple(self.rulebook.shift(shift.attendance.code).hands_over_to), who
        ref.under = shift
        ref.carried += ref.accepted and ref.submitted_in is not shift

    @precondition(lambda self: self.shifts)
    @rule(number=NUMBER, by=ACTORS, confirmed=st.booleans(), hand_over=st.booleans())
    def leaves(self, number, by, confirmed, hand_over):
        clock.move(timedelta(minutes=45))
        who = sorted(self.shifts)[number % len(self.shifts)]
        shift, by = self.shifts[who], self.actor(by, who)
        submits = hand_over and bool(not shift.submitted or self.new(who))
        # Whether somebody has to wait for their successor is not what this is about.
        wait = wait_of(shift.attendance)
        allowed = by in (who, SUPERVISOR) and not (by == who and wait and wait.holds)
        if not (shift.submitted or submits):
            allowed = allowed and (self.at_clock_out == "off" or (self.at_clock_out == "warn" and confirmed))
        elif by == who and self.stays_with_giver and not submits:
            allowed = allowed and not self.new(who)
        flags = {"confirmed": confirmed, "hand_over": hand_over, "reason": "sick"}
        self.does(allowed, services.end_shift, attendance=shift.attendance, actor=self.people[by], **flags)
        if allowed:
            if submits:
                self.reference_submits(who)
            self.reference_ends(who)

    def reference_ends(self, who):
        shift = self.shifts[who]
        for ref in self.own(who):
            if ref.to is None and shift.submitted:
                self.reference_passes_on(ref, who)
            elif ref.to is None:
                ref.carried += ref.accepted and ref.submitted_in is not shift
            self.reference_queues(ref)
        del self.shifts[who]

    def reference_queues(self, ref):
        ref.owner, ref.refused, ref.offered = QUEUE, set(), False
        ref.history.append(("queued", QUEUE))

    # -- Taking on, or not ---------------------------------------------------------------------------------------------

    def reference_may_accept(self, ref, who) -> bool:
        if ref.done or who not in self.shifts:
            return False
        if ref.owner == QUEUE:
            return True
        if (ref.to is None and not ref.offered) or ref.owner == who:
            return False
        if ref.meant is not None or ref.offered:
            return ref.meant in (None, who)
        mine = self.shifts[who].attendance
        return mine.code in ref.to and mine.planned_start > ref.under.attendance.planned_start

    @precondition(lambda self: self.items)
    @rule(number=NUMBER, who=WHO, said=st.sampled_from(["说得够长", "说得够长", ""]))
    def accepts(self, number, who, said):
        item, ref = self.pick(number)
        allowed = self.reference_may_accept(ref, who) and bool(said or not ref.urgent)
        self.does(allowed, services.accept_item, item=item, actor_membership=self.member(who), read_back=said)
        if allowed:
            ref.becomes(who, "accepted")

    @precondition(lambda self: self.items)
    @rule(number=NUMBER, who=WHO)
    def asks_back(self, number, who):
        item, ref = self.pick(number)
        allowed = self.reference_may_accept(ref, who) and not ref.asked
        self.does(allowed, services.ask_back, item=item, actor_membership=self.member(who), text="?")
        if allowed:
            ref.asked = True
            ref.history.append(("asked", ref.owner))

    @precondition(lambda self: any(ref.asked for ref in self.items.values()))
    @rule(number=NUMBER, who=WHO)
    def answers(self, number, who):
        asked = sorted(pk for pk, ref in self.items.items() if ref.asked)
        item = HandoverItem.objects.get(pk=asked[number % len(asked)])
        ref = self.items[item.pk]
        allowed = who not in self.gone and who in (ref.giver, SUPERVISOR)
        self.does(allowed, services.answer_item, item=item, actor_membership=self.member(who), text="!")
        if allowed:
            ref.asked = False
            ref.history.append(("answered", ref.owner))

    @precondition(lambda self: self.items)
    @rule(number=NUMBER, who=WHO)
    def refuses(self, number, who):
        item, ref = self.pick(number)
        allowed = self.reference_may_accept(ref, who) and not (ref.owner == QUEUE and who in ref.refused)
        self.does(allowed, services.refuse_item, item=item, actor_membership=self.member(who), reason="no")
        if allowed:
            ref.asked = False
            ref.history.append(("refused", ref.owner))
            if ref.owner == QUEUE:
                ref.refused.add(who)
            else:
                ref.to = ref.by = ref.meant = ref.under = None
                # Who is never on a shift could not pass it on again.
                ref.offered = ref.offered and ref.owner == SUPERVISOR

    @precondition(lambda self: self.items)
    @rule(number=NUMBER, to=WHO, by=st.sampled_from([SUPERVISOR, SUPERVISOR, 0]))
    def is_given(self, number, to, by):
        item, ref = self.pick(number)
        allowed = by == SUPERVISOR and not ref.done and ref.owner != to and to in self.shifts
        self.does(allowed, services.assign_item, item=item, to=self.member(to), actor=self.people[by], reason="because")
        if allowed:
            ref.becomes(to, "assigned")

    @precondition(lambda self: self.items)
    @rule(number=NUMBER, who=WHO, what=st.sampled_from(["text", "known", "fallback", "due_at"]))
    def adds_to_it(self, number, who, what):
        """Whose it is stays the same; what was written stays too, and a time that is over its owner cannot move."""
        item, ref = self.pick(number)
        later = clock.now().replace(second=0, microsecond=0) + timedelta(hours=number + 2)
        allowed = not ref.done and who not in self.gone and (ref.owner == who or who == SUPERVISOR)
        if what in ("known", "fallback"):
            allowed = allowed and not getattr(item, what)
        if what == "due_at":
            allowed = allowed and (who == SUPERVISOR or not item.is_overdue)
        said = {what: later if what == "due_at" else "没人接"}
        before = {name: getattr(item, name) for name in ("known", "fallback", "due_at")}
        self.does(allowed, services.note_item, item=item, actor_membership=self.member(who), **said)
        item.refresh_from_db()
        filled = before | said if allowed else before
        assert {name: getattr(item, name) for name in before} == {name: filled[name] for name in before}
        if allowed:
            ref.history.append(("noted", ref.owner))

    @precondition(lambda self: self.items)
    @rule(number=NUMBER, who=WHO)
    def finishes(self, number, who):
        item, ref = self.pick(number)
        allowed = not ref.done and who not in self.gone and (ref.owner == who or who == SUPERVISOR)
        self.does(allowed, services.finish_item, item=item, actor_membership=self.member(who))
        if allowed:
            ref.done, ref.asked = True, False
            ref.history.append(("done", ref.owner))

    # -- What holds at every step --------------------------------------------------------------------------------------

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
            assert (item.asked_at is not None) == ref.asked
            assert self.named(item.events.last().owner_id) == ref.owner
            if item.is_open:
                assert item.is_waiting == (ref.to is not None or ref.owner == QUEUE or ref.offered)

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
