"""No sequence of edits, publications, swaps, leaves, cover and imports puts anybody on two shifts at once, or leaves a
published shift without exactly one person who answers for it."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from office import clock
from office.months import Month
from people.models import Department, Role
from rulebooks.services import import_rulebook, in_force
from shifts import services
from shifts.models import (
    Answer,
    Assignment,
    AssignmentSpan,
    Layer,
    Leave,
    LeaveState,
    Roster,
    Swap,
    SwapKind,
    SwapState,
)
from shifts.services import cover, leave, swap_decisions, swaps
from shifts.services import filling as fills
from shifts.spans import overlapping
from tests.conftest import LIBRARY
from tests.factories import add_person

MONTH = Month(2026, 11)
DAYS = st.integers(10, 14)
CODES = st.sampled_from(["D", "N", "R", "X", ""])
PEOPLE = st.integers(0, 3)


class Roster4(RuleBasedStateMachine):
    """Four people, five days, and everybody who may do something to their shifts."""

    def __init__(self):
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.department = Department.objects.create(code="any", name="Any", time_zone="Asia/Shanghai")
        self.stand = clock.at(datetime(2026, 11, 8, 12, tzinfo=self.department.zone))
        self.stand.__enter__()
        source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
        import_rulebook(department=self.department, source=source, from_day=date(2026, 1, 1), actor=None)
        self.crew = [add_person(self.department, work_number=f"{at}", roles=[Role.AGENT]) for at in range(1, 5)]
        self.supervisor = add_person(self.department, work_number="9", roles=[Role.SUPERVISOR], rostered=False)
        self.kind = in_force(self.department, MONTH.first).leave.kinds[-1].code
        self.edits([(person, day, "DNRX"[at]) for at, person in enumerate(range(4)) for day in range(10, 15)])
        self.publish()

    def teardown(self):
        self.stand.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    def attempt(self, service, **kwargs):
        """Refusing is always right; a refusal changes nothing."""
        try:
            with transaction.atomic():
                return service(**kwargs)
        except ValidationError:
            return None

    def member(self, at):
        return self.crew[at].membership

    def shift(self, at, day):
        rows = Assignment.objects.published().working()
        return rows.filter(membership=self.member(at), business_date=date(2026, 11, day)).first()

    def edits(self, cells, service=services.paint):
        draft = {(row.membership_id, row.business_date): row.version for row in Assignment.objects.draft()}
        keys = [(self.member(at).pk, date(2026, 11, day), code) for at, day, code in cells]
        wanted = [services.CellEdit(member, day, code, draft.get((member, day), 0)) for member, day, code in keys]
        self.attempt(service, department=self.department, month=MONTH, edits=wanted, actor=self.supervisor)

    @rule(at=PEOPLE, day=DAYS, code=CODES)
    def paint(self, at, day, code):
        self.edits([(at, day, code)])

    @rule(cells=st.dictionaries(st.tuples(PEOPLE, DAYS), CODES, min_size=2, max_size=8))
    def take_in_a_file(self, cells):
        self.edits([(at, day, code) for (at, day), code in cells.items()], service=fills.write)

    @rule()
    def publish(self):
        roster = Roster.objects.filter(department=self.department).first()
        self.attempt(
            services.publish,
            department=self.department,
            month=MONTH,
            seen_edits=roster.edits if roster else 0,
            actor=self.supervisor,
            reason="tried",
        )

    @rule(owner=PEOPLE, day=DAYS, partner=PEOPLE, other_day=DAYS, kind=st.sampled_from(SwapKind.values))
    def offer(self, owner, day, partner, other_day, kind):
        mine, theirs = self.shift(owner, day), self.shift(partner, other_day)
        if kind == SwapKind.OPEN_SHIFT:
            facts = {"department": self.department, "day": date(2026, 11, day), "code": "D", "actor": self.supervisor}
            self.attempt(swaps.open_shift, partner=self.member(partner), **facts)
        elif mine is not None:
            self.attempt(
                swaps.offer,
                kind=kind,
                assignment=mine,
                partner=self.member(partner),
                partner_assignment=theirs if kind == SwapKind.SWAP else None,
                actor=self.crew[owner],
            )

    @rule()
    def agree(self):
        for swap in Swap.objects.filter(state=SwapState.ASKED, partner__isnull=False):
            self.attempt(swaps.agree, swap=swap, actor=swap.partner.user)

    @rule()
    def approve(self):
        for swap in Swap.objects.filter(state=SwapState.AGREED):
            self.attempt(swap_decisions.approve, swap=swap, actor=self.supervisor)

    @rule()
    def apply(self):
        for swap in Swap.objects.filter(state=SwapState.APPROVED):
            self.attempt(swap_decisions.apply, swap=swap, actor=self.supervisor)

    @rule(at=PEOPLE, day=DAYS, length=st.integers(0, 2))
    def take_leave(self, at, day, length):
        first, last = date(2026, 11, day), date(2026, 11, day + length)
        facts = {"kind": self.kind, "first_day": first, "last_day": last, "reason": "ill"}
        asked = self.attempt(leave.ask, membership=self.member(at), actor=self.crew[at], **facts)
        if asked is not None:
            self.attempt(leave.approve, leave=asked, actor=self.supervisor)

    @rule()
    def cancel_leave(self):
        for slip in Leave.objects.filter(state=LeaveState.APPROVED):
            self.attempt(leave.cancel, leave=slip, actor=self.supervisor, reason="well again")

    @rule(at=PEOPLE, day=DAYS, code=st.sampled_from(["D", "N", "R"]))
    def stand_in(self, at, day, code):
        facts = {"department": self.department, "day": date(2026, 11, day), "code": code, "reason": "needed"}
        self.attempt(cover.put_on, member=self.member(at), actor=self.supervisor, **facts)

    @invariant()
    def nobody_is_in_two_places(self):
        for layer in Layer.values:
            by_person: dict[int, list] = {}
            for span in AssignmentSpan.objects.filter(layer=layer):
                by_person.setdefault(span.user_id, []).append((span.starts_at, span.ends_at, span.pk))
            assert not [pair for rows in by_person.values() for pair in overlapping(rows)]

    @invariant()
    def every_cell_has_its_hours_and_its_person(self):
        for row in Assignment.objects.prefetch_related("spans").select_related("membership"):
            assert bool(row.spans.all()) is not row.is_rest
            assert {span.user_id for span in row.spans.all()} <= {row.membership.user_id}

    @invariant()
    def exactly_one_person_answers_for_every_published_shift(self):
        planned = Assignment.objects.published().working().values_list("pk", "membership", "code", "starts_at")
        answering = Answer.objects.current().values_list("key", "membership", "code", "starts_at")
        assert sorted(planned) == sorted(answering)


@pytest.mark.django_db
@pytest.mark.slow
def test_any_sequence_keeps_everybody_in_one_place_and_every_shift_answered_for():
    run_state_machine_as_test(
        Roster4,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
