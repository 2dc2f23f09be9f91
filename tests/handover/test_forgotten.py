"""Shifts that nobody ended: the system ends them, and asks for a correction."""

from datetime import date, timedelta

import pytest

from handover.forgotten import ASKED, TOLD, end_forgotten_shifts
from handover.models import HandoverItem
from handover.services import end_shift, write_item
from office import clock
from office.models import Notice
from shifts import services as shifts
from shifts.models import Attendance
from shifts.services.watch import forgotten_from, forgotten_shifts
from tests.factories import add_person
from tests.shifts.test_attendance_matching import plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(agent, at):
    """The agent's night of the 10th, 17:00 to 01:00, begun in time; forgotten four hours after its end."""
    plan(agent, (date(2026, 11, 10), "N"))
    with at("2026-11-10 16:55"):
        return shifts.clock_in(membership=agent.membership)


def test_a_shift_is_ended_once_when_the_rulebooks_time_is_over(night, agent, supervisor, at, wall):
    with at("2026-11-11 04:59"):
        assert end_forgotten_shifts() == 0
    with at("2026-11-11 05:00"):
        assert [end_forgotten_shifts(), end_forgotten_shifts()] == [1, 0]
    night.refresh_from_db()
    assert (night.clocked_out_at, night.clocked_out_by, night.forgotten) == (wall("2026-11-11 05:00"), None, True)
    asked = Notice.objects.get(recipient=agent, message=ASKED)
    assert asked.link == f"/d/desk/corrections/new/?shift={night.assignment_id}"
    assert Notice.objects.filter(recipient=supervisor, message=TOLD).count() == 1
    assert not Notice.objects.filter(recipient=agent, message=TOLD).exists()


def test_its_open_items_go_into_the_queue(night, agent, at):
    with at("2026-11-10 20:00"):
        write_item(author=agent.membership, kind="information", to_do="Look at the shelf")
    with at("2026-11-11 06:00"):
        end_forgotten_shifts()
    assert HandoverItem.objects.get().in_queue


def test_open_customers_are_waited_for_until_the_cap(night, at, wall):
    with at("2026-11-11 00:50"):
        shifts.report_open_customers(attendance=night, open_customers=2)
    night.refresh_from_db()
    assert forgotten_from(night) == wall("2026-11-11 08:00")
    with at("2026-11-11 07:59"):
        assert forgotten_shifts() == []
    with at("2026-11-11 08:00"):
        assert end_forgotten_shifts() == 1


def test_whoever_counts_customers_has_forgotten_nothing(night, at, wall):
    with at("2026-11-11 04:30"):
        shifts.report_open_customers(attendance=night, open_customers=0)
    night.refresh_from_db()
    assert forgotten_from(night) == wall("2026-11-11 08:30")


def test_days_without_a_server_are_caught_up_with(night, at):
    with at("2026-11-14 12:00"):
        assert end_forgotten_shifts() == 1
    with at("2026-11-14 12:01"):
        assert not Attendance.objects.on_duty().exists()


def test_one_that_cannot_be_ended_does_not_keep_the_others_from_it(night, colleague, at, monkeypatch, caplog):
    plan(colleague, (date(2026, 11, 10), "N"))
    with at("2026-11-10 16:56"):
        other = shifts.clock_in(membership=colleague.membership)

    def failing(*, attendance, actor):
        if attendance.pk == night.pk:
            raise RuntimeError("no such shift")
        return end_shift(attendance=attendance, actor=actor)

    monkeypatch.setattr("handover.forgotten.end_shift", failing)
    with at("2026-11-11 05:00"):
        assert end_forgotten_shifts() == 1
    assert list(Attendance.objects.on_duty()) == [night]
    other.refresh_from_db()
    assert other.forgotten
    assert f"The forgotten shift {night.pk} could not be ended." in caplog.text


def test_a_rulebook_that_blocks_leaving_does_not_keep_a_forgotten_shift_open(changed_department):
    person = add_person(changed_department)
    plan(person, (date(2026, 11, 10), "E"))
    shift = shifts.shift_to_clock_into(person.membership)
    assert shift is None
    with clock.at(person.membership.department.local(clock.now()).replace(2026, 11, 10, 6, 30, 0, 0)):
        attendance = shifts.clock_in(membership=person.membership)
        clock.move(timedelta(days=1))
        assert end_forgotten_shifts() == 1
    attendance.refresh_from_db()
    assert attendance.forgotten
