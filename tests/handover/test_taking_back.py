"""Handing over long before the end, and taking a handover back."""

from datetime import datetime

import pytest

from handover import services
from handover.models import Handover
from handover.pages.gate import gate_of
from handover.services.watching import look_through
from ledger.models import Incident
from office import clock
from office.models import AuditEntry, Notice
from tests.handover.conftest import begin_shift
from tests.handover.test_shift_change import refusal_of

pytestmark = pytest.mark.usefixtures("afternoon")


class TestHandingOverEarly:
    """Long before the end somebody says that they mean it, and takes it back while nobody has accepted anything."""

    @pytest.fixture
    def morning(self, department):
        with clock.at(datetime(2026, 11, 10, 8, 5, tzinfo=department.zone)) as moment:
            yield moment

    @pytest.fixture
    def fresh(self, morning, agent):
        return begin_shift(agent, "D")

    def test_who_is_asked_says_so(self, agent, fresh, write):
        write(agent)
        call = {"attendance": fresh, "actor": agent}
        assert refusal_of(services.submit_handover, **call, already_now=False) == "too_early"
        assert not Handover.objects.exists()
        services.submit_handover(**call, already_now=True)
        assert Handover.objects.exists()

    def test_in_the_last_hour_nobody_is_asked(self, agent, day_shift):
        services.submit_handover(attendance=day_shift, actor=agent, already_now=False)
        assert Handover.objects.exists()

    def test_for_somebody_else_it_takes_a_reason_that_they_are_told(self, agent, supervisor, fresh, write):
        item = write(agent)
        call = {"attendance": fresh, "actor": supervisor}
        assert refusal_of(services.submit_handover, **call) == "reason_missing"
        services.submit_handover(**call, reason="临时外出")
        assert item.events.last().text == "临时外出"
        assert AuditEntry.objects.get(action="handover.submitted").facts["reason"] == "临时外出"
        assert Notice.objects.get(recipient=agent).params == {
            "name": supervisor.name,
            "day": "2026-11-10",
            "reason": "临时外出",
        }

    def test_taken_back_the_items_are_the_givers_own_and_nothing_is_handed_over(self, agent, fresh, write):
        item = write(agent)
        handover = services.submit_handover(attendance=fresh, actor=agent, already_now=True)
        services.take_back(attendance=fresh, actor=agent)
        item.refresh_from_db()
        assert (item.owner, item.is_waiting) == (agent.membership, False)
        assert [event.action for event in item.events.all()] == ["written", "submitted", "reclaimed"]
        assert Handover.objects.of(fresh) is None
        assert gate_of(fresh).handover is None
        assert refusal_of(services.end_shift, attendance=fresh, actor=agent) == "handover_unconfirmed"
        assert AuditEntry.objects.get(action="handover.taken_back").target_id == handover.pk

    def test_submitted_again_it_is_the_same_one(self, agent, fresh, write):
        item = write(agent)
        call = {"attendance": fresh, "actor": agent}
        handover = services.submit_handover(**call)
        services.take_back(**call)
        assert services.submit_handover(**call) == handover == Handover.objects.of(fresh)
        item.refresh_from_db()
        assert item.handover == handover
        services.take_back(**call)
        assert handover.take_backs.count() == 2

    def test_an_empty_one_too(self, agent, fresh):
        call = {"attendance": fresh, "actor": agent}
        services.submit_handover(**call)
        services.take_back(**call)
        assert refusal_of(services.take_back, **call) == "not_submitted"
        services.submit_handover(**call)
        assert Handover.objects.of(fresh) is not None

    def test_once_something_is_accepted_it_stands(self, agent, colleague, day_shift, night_shift, write):
        taken, left = write(agent), write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=taken, actor_membership=colleague.membership)
        assert refusal_of(services.take_back, attendance=day_shift, actor=agent) == "already_accepted"
        left.refresh_from_db()
        assert left.is_waiting

    def test_only_while_the_shift_runs_and_only_by_who_may(self, agent, colleague, day_shift, write):
        write(agent)
        services.submit_handover(attendance=day_shift, actor=agent)
        assert refusal_of(services.take_back, attendance=day_shift, actor=colleague) == "not_yours"
        services.end_shift(attendance=day_shift, actor=agent)
        assert refusal_of(services.take_back, attendance=day_shift, actor=agent) == "not_on_duty"

    def test_who_took_it_back_and_left_has_not_handed_over(self, agent, department, write):
        shift = begin_shift(agent, "D")
        services.submit_handover(attendance=shift, actor=agent)
        services.take_back(attendance=shift, actor=agent)
        services.end_shift(attendance=shift, actor=agent, confirmed=True)
        look_through(department)
        assert Incident.objects.filter(source_id=shift.pk, membership=agent.membership).exists()
