"""What the beat finds in the handovers: proposed once, however late it comes, by the rulebook of that day."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.celery import app
from handover import services
from handover.forgotten import end_forgotten_shifts
from handover.services import watching
from handover.services.watching import OVERDUE, look_through, look_through_all
from handover.tasks import look_through_handovers
from ledger.models import Incident
from ledger.services import incidents
from office import clock
from office.models import AuditEntry, Notice
from people.services import set_last_day
from rulebooks.services import import_rulebook, in_force
from shifts.models import ReportSource
from tests.conftest import HERE, LIBRARY
from tests.factories import add_person
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.django_db

FILES = {"department": LIBRARY / "three-shift-desk.yaml", "changed_department": HERE / "rulebooks" / "changed.yaml"}
DAY = date(2026, 11, 10)
CLAUSE = """
  - code: on-time-CODE
    number: "3.14"
    text: {zh-Hans: 交接事项须按时完成, en: What was handed over is done in time}
    window: calendar_month
    trigger: EVENT"""


class Desk:
    """A department under one of the two rulebooks in which late items have a clause as well as missed ones."""

    def __init__(self, department, source: bytes):
        for event in ("item_late", "item_missed"):
            if f"trigger: {event}\n".encode() not in source:
                clause = CLAUSE.replace("EVENT", event).replace("CODE", event[5:])
                source = source.replace(b"\nbonuses:", clause.encode() + b"\nbonuses:", 1)
        import_rulebook(department=department, source=source, from_day=date(2026, 11, 1), actor=None)
        self.department = department
        self.rulebook = in_force(department, DAY)
        self.rules = self.rulebook.notebooks.handover_log
        self.kind = self.rules.kinds[-1].code
        self.shift = next(shift for shift in self.rulebook.shifts if shift.hands_over_to)

    def clause(self, event) -> str:
        return self.rulebook.triggered_by(event)[0].code

    def after(self, event) -> timedelta:
        return {
            "item_late": timedelta(minutes=self.rules.late_after_minutes),
            "item_missed": timedelta(hours=self.rules.missed_after_hours),
        }[event]

    def write(self, person, hours=1):
        due = clock.now() + timedelta(hours=hours)
        return services.write_item(author=person.membership, kind=self.kind, to_do="打给店长", due_at=due)


@pytest.fixture
def morning():
    with clock.at(datetime(2026, 11, 10, 2, tzinfo=clock.now().tzinfo)) as moment:
        yield moment


@pytest.fixture(params=list(FILES))
def desk(request, morning):
    return Desk(request.getfixturevalue(request.param), FILES[request.param].read_bytes())


@pytest.fixture
def agent(desk):
    return add_person(desk.department, name="林晓彤", work_number="07")


@pytest.fixture
def supervisor(desk):
    return add_person(desk.department, name="张岚", work_number="90", roles=["supervisor"], rostered=False)


def proposed(event, desk):
    return Incident.objects.filter(department=desk.department, clause_code=desk.clause(event))


class TestAShiftWithoutAHandover:
    @pytest.fixture
    def shift(self, desk, agent):
        return begin_shift(agent, desk.shift.code, day=DAY)

    @pytest.fixture
    def left_without(self, desk, shift):
        """Forgotten, and ended by the system: also under the rulebook that lets nobody leave like this."""
        clock.move(timedelta(days=1))
        assert end_forgotten_shifts() == 1
        shift.refresh_from_db()
        return shift

    def test_it_proposes_its_incident_once(self, desk, agent, left_without):
        assert [look_through(desk.department), look_through(desk.department)] == [1, 0]
        incident = proposed("handover_missing", desk).get()
        assert (incident.membership, incident.reported_by) == (agent.membership, None)
        assert incident.occurred_at == left_without.planned_end
        assert (incident.source_kind, incident.source_id) == ("shifts.attendance", left_without.pk)
        assert incident.source_label in incident.facts

    def test_a_server_that_stood_still_is_made_up_for(self, desk, left_without):
        clock.move(timedelta(days=20))
        assert look_through_all() == 1

    def test_what_is_long_past_is_left_alone(self, desk, left_without):
        clock.move(watching.REACH)
        assert look_through(desk.department) == 0

    def test_with_a_handover_there_is_nothing_to_propose(self, desk, agent, shift):
        services.end_shift(attendance=shift, actor=agent, hand_over=True)
        assert look_through(desk.department) == 0

    def test_while_it_runs_there_is_nothing_to_propose(self, desk, shift):
        assert look_through(desk.department) == 0

    def test_a_shift_that_only_a_correction_knows_had_no_handover_to_write(self, desk, left_without):
        left_without.source = ReportSource.CORRECTION
        left_without.save(update_fields=["source"])
        assert look_through(desk.department) == 0

    def test_one_that_fails_keeps_none_of_the_others_from_being_proposed(self, desk, left_without, monkeypatch, caplog):
        other = add_person(desk.department, work_number="33")
        begin_shift(other, desk.shift.code, day=DAY)
        clock.move(timedelta(days=1))
        end_forgotten_shifts()
        real = incidents.report_incident

        def fails(**kwargs):
            if kwargs["membership"] != other.membership:
                raise RuntimeError("no")
            return real(**kwargs)

        monkeypatch.setattr(incidents, "report_incident", fails)
        assert look_through(desk.department) == 1
        assert "Not proposed" in caplog.text

    def test_on_the_night_of_the_last_day_it_belongs_to_that_day(self, desk, agent, supervisor, shift):
        owner = add_person(desk.department, work_number="99", roles=["owner"], rostered=False)
        set_last_day(actor=owner, member=agent.membership, last_day=DAY)
        clock.move(timedelta(days=1))
        end_forgotten_shifts()
        look_through(desk.department)
        assert proposed("handover_missing", desk).get().business_date == DAY


def test_where_the_desk_only_warns_leaving_without_is_proposed_with_its_time(department, agent_of_desk, at):
    with at("2026-11-10 16:30"):
        shift = begin_shift(agent_of_desk, "D")
        services.end_shift(attendance=shift, actor=agent_of_desk, confirmed=True)
        assert look_through(department) == 1
        incident = Incident.objects.get()
        assert incident.occurred_at == clock.now()
        assert "16:30" in incident.facts


def test_a_shift_that_hands_over_to_nobody_needs_no_handover(department, agent_of_desk, at):
    source = re.sub(rb"hands_over_to: \[\w+\]", b"hands_over_to: []", FILES["department"].read_bytes())
    import_rulebook(department=department, source=source, from_day=date(2026, 11, 1), actor=None)
    with at("2026-11-10 16:30"):
        services.end_shift(attendance=begin_shift(agent_of_desk, "D"), actor=agent_of_desk, confirmed=True)
        assert look_through(department) == 0


@pytest.fixture
def agent_of_desk(department):
    return add_person(department, name="林晓彤", work_number="08")


def test_where_the_rulebook_does_not_mind_leaving_without_is_nothing(department, agent_of_desk, at):
    source = FILES["department"].read_bytes().replace(b"at_clock_out: warn", b"at_clock_out: off")
    import_rulebook(department=department, source=source, from_day=date(2026, 11, 1), actor=None)
    with at("2026-11-10 16:30"):
        services.end_shift(attendance=begin_shift(agent_of_desk, "D"), actor=agent_of_desk)
        assert look_through(department) == 0


@pytest.mark.parametrize("event", ["item_late", "item_missed"])
class TestAnItemPastItsDueTime:
    def test_it_proposes_its_incident_once_when_the_rulebooks_time_is_over(self, desk, agent, event):
        item = desk.write(agent)
        instant = item.due_at + desk.after(event)
        clock.move(instant - clock.now() - timedelta(seconds=1))
        look_through(desk.department)
        assert not proposed(event, desk).exists()
        clock.move(timedelta(seconds=1))
        assert [look_through(desk.department), look_through(desk.department)] == [1, 0]
        incident = proposed(event, desk).get()
        assert (incident.membership, incident.occurred_at) == (agent.membership, instant)
        assert (incident.source_kind, incident.source_id) == ("handover.handoveritem", item.pk)
        assert "打给店长" in incident.facts

    def test_what_was_done_before_is_not_late(self, desk, agent, event):
        item = desk.write(agent)
        clock.move(item.due_at + desk.after(event) - clock.now())
        services.finish_item(item=item, actor_membership=agent.membership)
        clock.move(timedelta(days=3))
        look_through(desk.department)
        assert not proposed(event, desk).exists()

    def test_what_was_done_after_is_found_by_a_beat_that_comes_later_still(self, desk, agent, event):
        item = desk.write(agent)
        clock.move(item.due_at + desk.after(event) - clock.now() + timedelta(minutes=1))
        services.finish_item(item=item, actor_membership=agent.membership)
        clock.move(timedelta(days=3))
        look_through(desk.department)
        assert proposed(event, desk).count() == 1

    def test_it_counts_against_whoever_had_it_then(self, desk, agent, supervisor, event):
        other = add_person(desk.department, work_number="33")
        item = desk.write(agent)
        clock.move(item.due_at + desk.after(event) - clock.now() + timedelta(minutes=1))
        begin_shift(other, desk.shift.code, day=desk.department.today(), at=clock.now())
        services.assign_item(item=item, to=other.membership, actor=supervisor, reason="换人")
        look_through(desk.department)
        assert proposed(event, desk).get().membership == agent.membership


class TestAnItemInTheQueue:
    @pytest.fixture
    def item(self, desk, agent, supervisor):
        """Handed over and left in the queue, due in two hours."""
        shift = begin_shift(agent, desk.shift.code, day=DAY, at=clock.now())
        item = desk.write(agent, hours=2)
        services.end_shift(attendance=shift, actor=supervisor, hand_over=True, reason="突发急病")
        return item

    def told(self, supervisor) -> int:
        return Notice.objects.filter(recipient=supervisor, message=OVERDUE).count()

    def test_nobody_answers_for_it_and_those_who_may_take_over_are_told_once(self, desk, item, supervisor):
        for _look in range(3):
            clock.move(timedelta(hours=30))
            assert look_through(desk.department) == 0
            assert self.told(supervisor) == 1
        assert Notice.objects.get(recipient=supervisor, message=OVERDUE).link.endswith(f"/handover/items/{item.pk}/")
        assert AuditEntry.objects.filter(action=watching.LEFT_LYING, target_id=item.pk).count() == 1

    def test_what_somebody_has_taken_on_meanwhile_is_told_to_nobody(self, desk, item, agent, supervisor):
        clock.move(timedelta(hours=30))
        begin_shift(agent, desk.shift.code, day=desk.department.today(), at=clock.now())
        read_back = {"read_back": "打给店长问库存"}
        services.accept_item(item=item, actor_membership=agent.membership, **read_back)
        assert look_through(desk.department) == 0
        assert self.told(supervisor) == 0

    def test_one_that_fails_keeps_no_other_from_being_told(self, desk, item, supervisor, monkeypatch, caplog):
        monkeypatch.setattr(watching, "lock_item", lambda item: 1 / 0)
        clock.move(timedelta(hours=30))
        assert look_through(desk.department) == 0
        assert "were not told" in caplog.text


def test_the_rulebook_of_the_day_counts_and_not_todays(department, agent_of_desk, at):
    with at("2026-11-10 10:00"):
        due = clock.now() + timedelta(hours=1)
        services.write_item(author=agent_of_desk.membership, kind="waiting", to_do="x", due_at=due)
    without = re.sub(rb"    trigger: item_\w+\n", b"", FILES["department"].read_bytes())
    import_rulebook(department=department, source=without, from_day=date(2026, 11, 12), actor=None)
    with at("2026-11-13 10:00"):
        late = services.write_item(
            author=agent_of_desk.membership, kind="waiting", to_do="y", due_at=clock.now() + timedelta(hours=1)
        )
    with at("2026-11-16 10:00"):
        assert look_through(department) >= 1
    assert not Incident.objects.filter(source_id=late.pk).exists()


def test_a_department_that_fails_does_not_stop_the_others(department, other_department, monkeypatch, caplog):
    looked = []

    def fails(one):
        looked.append(one)
        raise RuntimeError("no")

    monkeypatch.setattr(watching, "look_through", fails)
    assert look_through_all() == 0
    assert len(looked) == 2
    assert "could not be looked through" in caplog.text


def test_many_items_cost_as_many_queries_as_one(desk, agent):
    def cost(items):
        for _item in range(items):
            desk.write(agent)
        clock.move(timedelta(days=3))
        look_through(desk.department)
        with CaptureQueriesContext(connection) as found:
            assert look_through(desk.department) == 0
        return len(found)

    assert cost(1) == cost(30)


def test_the_beat_looks_every_minute_or_two():
    entry = app.conf.beat_schedule["look-through-handovers"]
    assert entry["task"] == look_through_handovers.name
    assert entry["schedule"] <= 120
