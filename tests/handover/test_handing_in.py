"""The weekly hand-in of the register: at the rulebook's moment, once, and made up for after a stop."""

from datetime import datetime, timedelta

import pytest

from handover import services
from handover.models import HandIn, Matter, MatterState
from handover.tasks import hand_in_registers
from office import clock
from office.models import Notice
from people.models import Right
from people.permissions import holders_of
from tests.factories import add_person

# Sunday, six in the evening: the three-shift desk's moment.
MOMENT = "2026-11-15 18:00"


def write(person, text="x", category="problem"):
    return services.write_issue(author=person.membership, category=category, text=text)


@pytest.fixture
def week(at, agent, colleague, leader):
    """Three entries of two people in the week before."""
    with at("2026-11-11 10:00"):
        return [write(agent), write(agent), write(colleague)]


def test_nothing_before_the_moment_and_everything_from_then_on(at, week, department, wall):
    with at("2026-11-15 17:59"):
        hand_in_registers()
        assert not HandIn.objects.exists()
    with at(MOMENT):
        hand_in_registers()
    made = HandIn.objects.get()
    assert (made.until, made.entries, made.people) == (wall(MOMENT), 3, 2)
    assert set(made.matters.values_list("state", flat=True)) == {MatterState.HANDED_IN}
    assert [step.state for step in week[0].matter.steps.all()] == [MatterState.HANDED_IN]


def test_those_who_handle_it_get_the_digest_and_the_authors_are_told(at, week, department, agent, leader, supervisor):
    with at(MOMENT):
        hand_in_registers()
    link = f"/d/desk/issues/digests/{HandIn.objects.get().pk}/"
    assert set(holders_of(department, Right.HANDLE_REGISTER)) == {leader, supervisor}
    assert {notice.recipient for notice in Notice.objects.filter(link=link)} == {leader, supervisor}
    assert Notice.objects.get(recipient=agent).params == {"count": 2}


def test_twice_is_once(at, week):
    for moment in (MOMENT, "2026-11-15 18:05", "2026-11-17 09:00"):
        with at(moment):
            hand_in_registers()
    assert HandIn.objects.count() == 1


def test_the_next_week_begins_where_the_last_one_ended(at, week, agent, wall):
    with at(MOMENT):
        hand_in_registers()
    with at("2026-11-15 18:01"):
        later = write(agent)
        hand_in_registers()
    with at("2026-11-22 18:00"):
        hand_in_registers()
    second = HandIn.objects.first()
    assert (second.since, second.until) == (wall(MOMENT), wall("2026-11-22 18:00"))
    assert [matter.issue for matter in second.matters.all()] == [later]


def test_weeks_of_a_stopped_server_come_as_one_hand_in(at, week, agent, wall):
    with at("2026-11-20 10:00"):
        write(agent)
    with at("2026-12-01 08:00"):
        hand_in_registers()
    made = HandIn.objects.get()
    assert (made.until, made.entries) == (wall("2026-11-29 18:00"), 4)


def test_a_week_without_entries_hands_in_nothing(at, agent, leader):
    with at(MOMENT):
        hand_in_registers()
    assert not HandIn.objects.exists()
    assert not Notice.objects.exists()


def test_what_is_dealt_with_already_is_in_the_digest_as_it_stands(at, week, leader):
    with at("2026-11-12 10:00"):
        services.answer_matter(matter=week[0].matter, actor=leader, text="x")
    with at(MOMENT):
        hand_in_registers()
    matter = Matter.objects.get(issue=week[0])
    assert (matter.state, matter.hand_in) == (MatterState.ANSWERED, HandIn.objects.get())


def test_the_changed_rulebook_has_another_moment_and_other_readers(changed_department):
    author, reader = add_person(changed_department), add_person(changed_department, roles=["finance"])
    zone = changed_department.zone
    with clock.at(datetime(2026, 11, 17, 10, tzinfo=zone)):
        write(author, category="fault")
    with clock.at(datetime(2026, 11, 18, 11, 29, tzinfo=zone)):
        assert services.hand_in_registers() == 0
        clock.move(timedelta(minutes=1))
        assert services.hand_in_registers() == 1
    assert Notice.objects.filter(recipient=reader).exists()


def test_a_department_that_fails_stops_no_other(at, week, other_department, stranger, monkeypatch, caplog):
    with at("2026-11-11 10:00"):
        write(stranger)
    real = services.handing_in.hand_in_register

    def fails_here(*, department):
        if department.code == "desk":
            raise RuntimeError("out of order")
        return real(department=department)

    monkeypatch.setattr(services.handing_in, "hand_in_register", fails_here)
    with at(MOMENT):
        assert services.hand_in_registers() == 1
    assert HandIn.objects.get().department == other_department
    assert "desk" in caplog.text
