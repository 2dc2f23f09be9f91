"""Who answers for a shift: exactly one, whatever is done to the roster, and nobody is on two shifts at once."""

from collections import defaultdict
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from office.months import Month
from people.services import add_member
from shifts import services
from shifts.models import Answer, AssignmentSpan, Layer, Roster, VersionCause
from shifts.services import cover, swaps
from shifts.services.leavers import release_shifts
from shifts.spans import overlapping
from tests.shifts.swapping import agree, approve, everybody_answers_once, gift_of, november, shift, swap_of

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
DAYS = (10, 11, 12)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def planned(department, agent, colleague, leader, paint, publish):
    """Three people and three days, published."""
    paint((agent, 10, "D"), (agent, 12, "X"), (colleague, 12, "D"), (leader, 11, "N"))
    publish()
    return [agent, colleague, leader]


def nobody_is_in_two_places():
    by_person = defaultdict(list)
    for span in AssignmentSpan.objects.filter(layer=Layer.PUBLISHED):
        by_person[span.user_id].append((span.starts_at, span.ends_at, span.pk))
    assert not any(overlapping(spans) for spans in by_person.values())


# -- One change of each kind ------------------------------------------------------------------------------------------
def test_a_publication_a_change_and_a_cleared_cell(planned, department, agent, colleague, paint, publish):
    everybody_answers_once(department)
    paint((agent, 10, "R"), seen=shift(agent, 10, Layer.DRAFT).version)
    paint((colleague, 12, ""), seen=shift(colleague, 12, Layer.DRAFT).version)
    publish()
    everybody_answers_once(department)
    assert Answer.objects.filter(membership=colleague.membership, until_at=None).count() == 0


def test_a_change_of_the_shift_itself_begins_a_new_line(planned, agent, paint, publish):
    key = shift(agent, 10).pk
    paint((agent, 10, "R"), seen=shift(agent, 10, Layer.DRAFT).version)
    publish()
    assert list(Answer.objects.filter(key=key).values_list("code", flat=True)) == ["D", "R"]


def test_whoever_leaves_answers_no_more(planned, department, agent, supervisor):
    release_shifts(member=agent.membership, last_day=november(9), actor=supervisor)
    assert not Answer.objects.current().filter(membership=agent.membership).exists()
    everybody_answers_once(department)


def test_a_leave_slip_takes_the_shift_and_who_answers_for_it(planned, department, agent, supervisor, rulebook):
    services.change_published(
        department=department,
        actor=supervisor,
        cause=VersionCause.LEAVE,
        cells={(agent.membership.pk, november(10)): rulebook.leave.kinds[0].code},
    )
    assert not Answer.objects.current().filter(membership=agent.membership).exists()
    everybody_answers_once(department)


def test_a_person_of_two_departments_answers_in_both(planned, department, other_department, agent, supervisor):
    there = add_member(actor=None, department=other_department, user=agent, work_number="88", from_day=date(2026, 1, 1))
    edit = services.CellEdit(there.pk, november(14), "D", 0)
    services.paint(department=other_department, month=NOVEMBER, edits=[edit], actor=supervisor)
    services.publish(department=other_department, month=NOVEMBER, seen_edits=1, actor=supervisor, reason="few people")
    everybody_answers_once(department)
    everybody_answers_once(other_department)


# -- Any sequence -----------------------------------------------------------------------------------------------------
people = st.integers(0, 2)
days = st.sampled_from(DAYS)
STEPS = st.one_of(
    st.tuples(st.just("edit"), people, days, st.sampled_from(["D", "N", "R", "X", ""])),
    st.tuples(st.just("publish")),
    st.tuples(st.just("give"), people, days, people),
    st.tuples(st.just("swap"), people, days, people, days),
    st.tuples(st.just("open"), days, st.sampled_from(["D", "N"]), people),
    st.tuples(st.just("cover"), people, days, st.sampled_from(["D", "R"]), people),
    st.tuples(st.just("leave"), people, days),
)


class Desk:
    """Does the steps; what is refused leaves everything as it was."""

    def __init__(self, department, cast, supervisor, rulebook):
        self.department, self.cast, self.supervisor, self.rulebook = department, cast, supervisor, rulebook

    def do(self, name, *args):
        try:
            with transaction.atomic():
                getattr(self, name)(*args)
        except ValidationError:
            return False
        return True

    def edit(self, who, day, code):
        member = self.cast[who].membership
        drafted = shift(self.cast[who], day, Layer.DRAFT)
        edit = services.CellEdit(member.pk, november(day), code, drafted.version if drafted else 0)
        services.paint(department=self.department, month=NOVEMBER, edits=[edit], actor=self.supervisor)

    def publish(self):
        seen = Roster.objects.get(department=self.department).edits
        services.publish(
            department=self.department, month=NOVEMBER, seen_edits=seen, actor=self.supervisor, reason="few people"
        )

    def _shift(self, who, day):
        row = shift(self.cast[who], day)
        if row is None:
            raise ValidationError("none", code="no_shift")
        return row

    def give(self, owner, day, taker):
        self._shift(owner, day)
        approve(agree(gift_of(self.cast[owner], day, self.cast[taker]), self.cast[taker]), self.supervisor)

    def swap(self, owner, day, partner, other):
        self._shift(owner, day)
        self._shift(partner, other)
        asked = swap_of(self.cast[owner], day, self.cast[partner], other)
        approve(agree(asked, self.cast[partner]), self.supervisor)

    def open(self, day, code, taker):
        offered = swaps.open_shift(department=self.department, day=november(day), code=code, actor=self.supervisor)
        approve(agree(offered, self.cast[taker]), self.supervisor)

    def cover(self, taker, day, code, absent):
        instead = self.cast[absent].membership if absent != taker and shift(self.cast[absent], day) else None
        cover.put_on(
            department=self.department,
            day=november(day),
            code=code,
            member=self.cast[taker].membership,
            actor=self.supervisor,
            instead_of=instead,
            reason="Needed",
        )

    def leave(self, who, day):
        services.change_published(
            department=self.department,
            actor=self.supervisor,
            cause=VersionCause.LEAVE,
            cells={(self.cast[who].membership.pk, november(day)): self.rulebook.leave.kinds[0].code},
        )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=9))
def test_no_sequence_of_changes_leaves_a_shift_without_exactly_one_who_answers(
    planned, department, supervisor, rulebook, steps
):
    desk = Desk(department, planned, supervisor, rulebook)
    with transaction.atomic():
        for name, *args in steps:
            desk.do(name, *args)
            everybody_answers_once(department)
            nobody_is_in_two_places()
        transaction.set_rollback(True)


def test_the_steps_of_the_sequences_do_something(planned, department, supervisor, rulebook):
    desk = Desk(department, planned, supervisor, rulebook)
    done = [
        desk.do("give", 0, 10, 2),
        desk.do("swap", 1, 12, 0, 12),
        desk.do("edit", 1, 10, "R"),
        desk.do("publish"),
        desk.do("cover", 0, 11, "N", 2),
        desk.do("leave", 1, 12),
    ]
    assert done == [True, False, True, True, True, True]
    everybody_answers_once(department)
