"""Waiting for the successor: as the rulebook says, never for ever, and never against who may take over."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from handover.pages.gate import gate_of
from handover.services import end_shift
from office import clock
from office.models import AuditEntry, Notice
from rulebooks.services import import_rulebook
from shifts import services
from shifts.models import Attendance
from shifts.services.successor import LONGEST_BESIDE, wait_of
from tests.conftest import LIBRARY

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(agent, colleague, leader, paint, publish, at):
    """The agent's day and the colleague's night of the 10th; the leader has the night of the 11th."""
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"), (colleague, 10, "N"), (leader, 11, "N"))
        publish()


@pytest.fixture
def day_shift(planned, agent, at):
    with at("2026-11-10 07:55"):
        return services.clock_in(membership=agent.membership)


def leave(attendance, actor):
    return end_shift(attendance=attendance, actor=actor, confirmed=True, reason="替班")


def refusal(attendance, actor) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        leave(attendance, actor)
    assert Attendance.objects.get(pk=attendance.pk).is_on_duty
    return refused.value


def warned(person):
    return Notice.objects.filter(recipient=person, message__startswith="Nobody has come to take over")


@pytest.mark.parametrize("moment", ["2026-11-10 15:00", "2026-11-10 17:00", "2026-11-10 17:29"])
def test_nobody_leaves_before_the_successor_is_on_duty(day_shift, agent, at, moment):
    with at(moment):
        refused = refusal(day_shift, agent)
    assert refused.code == "wait_for_successor"
    assert "王浩然" in refused.messages[0]
    assert "17:30" in refused.messages[0]


def test_as_soon_as_the_successor_is_on_duty_one_may_leave(day_shift, agent, colleague, at):
    with at("2026-11-10 16:58"):
        services.clock_in(membership=colleague.membership)
        assert leave(day_shift, agent).clocked_out_at == clock.now()


def test_a_successor_who_has_left_again_has_not_taken_over(day_shift, agent, colleague, at):
    with at("2026-11-10 16:30"):
        night = services.clock_in(membership=colleague.membership)
        services.clock_out(attendance=night, actor=colleague)
    with at("2026-11-10 17:05"):
        assert refusal(day_shift, agent).code == "wait_for_successor"


def test_never_for_ever(day_shift, agent, supervisor, at):
    with at("2026-11-10 17:30"):
        assert leave(day_shift, agent).clocked_out_by == agent
    assert warned(supervisor).count() == 1, (
        "those who may take over are told, also when the agent is faster than the beat"
    )


def test_those_who_may_take_over_are_told_once_when_nobody_has_come(day_shift, supervisor, leader, manager, at):
    for moment in ("2026-11-10 17:29", "2026-11-10 17:31", "2026-11-10 18:00"):
        with at(moment):
            services.extend_running_shifts()
    assert [warned(person).count() for person in (supervisor, leader, manager)] == [1, 1, 0]
    notice = warned(supervisor).get()
    assert "林晓彤" in notice.text
    assert "王浩然" in notice.text
    assert notice.link.endswith(f"/end-shift/?attendance={day_shift.pk}")
    assert AuditEntry.objects.filter(action="shifts.successor.missed").count() == 1


def test_who_came_in_time_is_nobodys_worry(day_shift, colleague, supervisor, at):
    with at("2026-11-10 17:20"):
        services.clock_in(membership=colleague.membership)
    with at("2026-11-10 18:00"):
        services.extend_running_shifts()
    assert not warned(supervisor).exists()


def test_who_may_take_over_ends_it_at_any_time(day_shift, supervisor, at):
    with at("2026-11-10 17:01"):
        assert leave(day_shift, supervisor).clocked_out_by == supervisor


def test_who_leaves_before_any_successor_may_come_leaves_early_and_is_not_held(day_shift, agent, at):
    with at("2026-11-10 14:59"):
        assert not leave(day_shift, agent).is_on_duty


def test_the_last_shift_of_the_night_waits_for_nobody(planned, colleague, agent, paint, publish, at):
    with at("2026-11-01 12:00"):
        paint((agent, 11, "D"))
        publish()
    with at("2026-11-10 17:00"):
        night = services.clock_in(membership=colleague.membership)
    assert wait_of(night) is None
    with at("2026-11-11 01:01"):
        assert not leave(night, colleague).is_on_duty


def test_where_no_successor_is_planned_nobody_waits(leader, paint, publish, planned, at):
    with at("2026-11-01 12:00"):
        paint((leader, 12, "D"))
        publish()
    with at("2026-11-12 08:00"):
        day = services.clock_in(membership=leader.membership)
    with at("2026-11-12 17:00"):
        assert not leave(day, leader).is_on_duty


def test_a_draft_is_no_successor(agent, colleague, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"))
        publish()
        paint((colleague, 10, "N"))
    with at("2026-11-10 08:00"):
        day = services.clock_in(membership=agent.membership)
    assert wait_of(day) is None


def test_where_the_rulebook_does_not_ask_for_it_nobody_waits(department, planned, agent, at):
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    line = next(row for row in source.splitlines(keepends=True) if b"wait_for_successor_minutes" in row)
    changed = source.replace(line, b"")
    import_rulebook(department=department, source=changed, from_day=date(2026, 11, 1), actor=None)
    with at("2026-11-10 08:00"):
        day = services.clock_in(membership=agent.membership)
    with at("2026-11-10 17:00"):
        assert not leave(day, agent).is_on_duty


def test_one_of_several_successors_is_enough(day_shift, agent, leader, colleague, paint, publish, at):
    with at("2026-11-09 12:00"):
        paint((leader, 10, "N"))
        publish()
    with at("2026-11-10 16:50"):
        assert wait_of(day_shift).names == ("陈思雨", "王浩然")
        services.clock_in(membership=leader.membership)
        assert wait_of(day_shift).relieved


def test_a_successor_beside_the_shift_counts_from_six_hours_before_its_end(day_shift):
    wait = wait_of(day_shift)
    assert wait.since == day_shift.planned_end - timedelta(hours=2), "when the night may clock in"
    assert wait.until == day_shift.planned_end + timedelta(minutes=30)
    assert timedelta(hours=6) == LONGEST_BESIDE


class TestTheGate:
    def line(self, attendance):
        return next((check for check in gate_of(attendance).checks if check.key == "successor"), None)

    def test_it_says_for_whom_and_until_when(self, day_shift, at):
        with at("2026-11-10 16:50"):
            line = self.line(day_shift)
        assert (line.ok, line.text) == (False, "Waits for 王浩然, until 17:30")

    def test_it_is_in_order_when_somebody_is_there(self, day_shift, colleague, at):
        with at("2026-11-10 16:50"):
            services.clock_in(membership=colleague.membership)
            assert self.line(day_shift).ok

    def test_it_lets_go_when_nobody_has_come(self, day_shift, at):
        with at("2026-11-10 17:30"):
            line = self.line(day_shift)
        assert (line.ok, line.text) == (True, "Nobody had come by 17:30")

    def test_where_nobody_waits_there_is_no_line(self, night_shift):
        assert self.line(night_shift) is None

    def test_the_page_refuses_and_keeps_what_was_typed(self, day_shift, department, agent, client_of, at):
        with at("2026-11-10 17:00"):
            answer = client_of(agent).post(
                f"/d/{department.code}/end-shift/", {"confirmed": "on", "remark": "钥匙在前台"}
            )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Wait for 王浩然, until 17:30 at most" in page
        assert "钥匙在前台" in page
