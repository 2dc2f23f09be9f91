"""Clocking in and out across midnight, counting customers, and the extension that is recorded."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from office import clock
from office.models import Notice
from shifts import services
from shifts.models import ExtensionSegment, PresenceReport

pytestmark = pytest.mark.django_db


def count(attendance, customers):
    return services.report_open_customers(attendance=attendance, open_customers=customers)


def test_a_clock_in_is_matched_to_the_shift_that_is_about_to_begin(night_shift, wall):
    assert night_shift.business_date == date(2026, 11, 10)
    assert (night_shift.planned_start, night_shift.planned_end) == (wall("2026-11-10 17:00"), wall("2026-11-11 01:00"))
    assert night_shift.clocked_in_at == wall("2026-11-10 16:55")


def test_a_clock_in_after_midnight_still_belongs_to_the_night_that_began_the_day_before(agent, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"), (agent, 11, "N"))
        publish()
    with at("2026-11-11 00:20"):
        assert services.clock_in(membership=agent.membership).business_date == date(2026, 11, 10)


def test_a_night_shifts_clock_out_lands_on_its_own_shift(night_shift, agent, at):
    with at("2026-11-11 01:03"):
        ended = services.clock_out(attendance=night_shift, actor=agent)
    assert ended.pk == night_shift.pk
    assert ended.business_date == date(2026, 11, 10)
    assert ended.clocked_out_at > ended.planned_end


@pytest.mark.parametrize("moment", ["2026-11-10 14:59", "2026-11-11 01:00", "2026-11-09 17:00"])
def test_outside_its_time_there_is_nothing_to_clock_into(agent, paint, publish, at, moment):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
        publish()
    with at(moment), pytest.raises(ValidationError) as caught:
        services.clock_in(membership=agent.membership)
    assert caught.value.code == "no_shift"


def test_a_draft_is_no_shift_to_come_to(agent, paint, at):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
    with at("2026-11-10 17:00"), pytest.raises(ValidationError):
        services.clock_in(membership=agent.membership)


def test_clocking_in_twice_is_refused(night_shift, agent, at):
    with at("2026-11-10 17:05"), pytest.raises(ValidationError) as caught:
        services.clock_in(membership=agent.membership)
    assert caught.value.code == "already_in"


def test_the_database_lets_nobody_be_on_two_shifts(night_shift):
    night_shift.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        night_shift.save()


def test_clocking_out_twice_is_refused(night_shift, agent, at):
    with at("2026-11-11 01:00"):
        services.clock_out(attendance=night_shift, actor=agent)
        with pytest.raises(ValidationError) as caught:
            services.clock_out(attendance=night_shift, actor=agent)
    assert caught.value.code == "already_out"


def test_a_colleague_cannot_end_somebody_elses_shift_and_a_supervisor_can(night_shift, colleague, supervisor, at):
    with at("2026-11-11 01:00"):
        with pytest.raises(ValidationError) as caught:
            services.clock_out(attendance=night_shift, actor=colleague)
        assert caught.value.code == "not_yours"
        assert services.clock_out(attendance=night_shift, actor=supervisor).clocked_out_by == supervisor


def test_customers_are_counted_up_and_down_and_every_count_is_a_fact(night_shift, at):
    with at("2026-11-10 18:00"):
        for change in (1, 1, 1, -1, 0):
            services.change_open_customers(attendance=night_shift, change=change)
    night_shift.refresh_from_db()
    assert night_shift.open_customers == 2
    assert [r.open_customers for r in PresenceReport.objects.all()] == [1, 2, 3, 2, 2]


@pytest.mark.parametrize("customers", [-1, 1000])
def test_an_impossible_count_is_refused(night_shift, at, customers):
    with at("2026-11-10 18:00"), pytest.raises(ValidationError) as caught:
        count(night_shift, customers)
    assert caught.value.code == "bad_count"


def test_a_shift_that_is_over_counts_nobody(night_shift, agent, at):
    with at("2026-11-11 01:00"):
        services.clock_out(attendance=night_shift, actor=agent)
        with pytest.raises(ValidationError) as caught:
            count(night_shift, 1)
    assert caught.value.code == "not_on_duty"


def test_a_night_shift_runs_on_by_itself_past_midnight_and_its_planned_end_never_changes(night_shift, agent, at, wall):
    with at("2026-11-11 00:55"):
        count(night_shift, 2)
    with at("2026-11-11 01:09"):
        assert services.extend_running_shifts() == 1
    with at("2026-11-11 01:10"):
        count(night_shift, 1)
    with at("2026-11-11 01:22"):
        count(night_shift, 0)
    with at("2026-11-11 01:25"):
        ended = services.clock_out(attendance=night_shift, actor=agent)
    assert [(s.starts_at, s.ends_at, s.open_customers, s.source) for s in ExtensionSegment.objects.all()] == [
        (wall("2026-11-11 01:00"), wall("2026-11-11 01:10"), 2, "desk"),
        (wall("2026-11-11 01:10"), wall("2026-11-11 01:22"), 1, "desk"),
    ]
    assert ended.planned_end == wall("2026-11-11 01:00")
    assert ended.assignment.ends_at == wall("2026-11-11 01:00")


def test_the_extension_ends_at_the_rulebooks_cap(night_shift, at, wall):
    with at("2026-11-11 00:59"):
        count(night_shift, 1)
        for _step in range(25):
            clock.move(timedelta(minutes=10))
            count(night_shift, 1)
    assert ExtensionSegment.objects.get().ends_at == wall("2026-11-11 04:00")


def test_recording_twice_changes_nothing(night_shift, at):
    with at("2026-11-11 00:59"):
        count(night_shift, 1)
    with at("2026-11-11 01:08"):
        services.extend_running_shifts()
        before = list(ExtensionSegment.objects.values())
        services.extend_running_shifts()
    assert list(ExtensionSegment.objects.values()) == before


def test_downtime_is_caught_up(night_shift, at, wall):
    with at("2026-11-11 00:59"):
        count(night_shift, 1)
    with at("2026-11-11 09:00"):
        services.extend_running_shifts()
    segments = ExtensionSegment.objects.all()
    assert [(s.ends_at, s.confirmed) for s in segments] == [
        (wall("2026-11-11 01:14"), True),
        (wall("2026-11-11 04:00"), False),
    ]


def test_a_silent_client_asks_the_supervisor_once(night_shift, supervisor, at):
    with at("2026-11-11 00:59"):
        count(night_shift, 1)
    for moment in ("2026-11-11 01:20", "2026-11-11 01:30"):
        with at(moment):
            services.extend_running_shifts()
    assert Notice.objects.filter(recipient=supervisor).count() == 1


def test_a_day_shift_does_not_run_on(agent, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"))
        publish()
    with at("2026-11-10 08:00"):
        shift = services.clock_in(membership=agent.membership)
    with at("2026-11-10 17:20"):
        count(shift, 3)
        services.extend_running_shifts()
    assert not ExtensionSegment.objects.exists()


def test_the_other_rulebooks_cap_and_silence_hold_in_its_department(changed_department, wall):
    from office.months import Month
    from shifts.models import Roster
    from tests.factories import add_person

    person = add_person(changed_department)
    november = Month(2026, 11)
    with clock.at(wall("2026-10-25 12:00")):
        edit = services.CellEdit(person.membership.pk, date(2026, 11, 10), "L", 0)
        services.paint(department=changed_department, month=november, edits=[edit], actor=person)
        seen = Roster.objects.get().edits
        services.publish(
            department=changed_department, month=november, seen_edits=seen, actor=person, reason="so it is"
        )
    with clock.at(wall("2026-11-10 14:14")), pytest.raises(ValidationError):
        services.clock_in(membership=person.membership)
    with clock.at(wall("2026-11-10 14:16")):
        shift = services.clock_in(membership=person.membership)
    with clock.at(wall("2026-11-10 23:25")):
        count(shift, 1)
    with clock.at(wall("2026-11-11 02:00")):
        services.extend_running_shifts()
    assert [(s.ends_at, s.confirmed) for s in ExtensionSegment.objects.all()] == [
        (wall("2026-11-10 23:50"), True),
        (wall("2026-11-11 00:45"), False),
    ]


@pytest.mark.parametrize(
    "change", ["UPDATE shifts_presencereport SET open_customers = 9", "DELETE FROM shifts_presencereport"]
)
def test_a_presence_report_cannot_be_changed(night_shift, at, change):
    with at("2026-11-10 18:00"):
        count(night_shift, 1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_an_extension_that_ended_in_time_is_not_called_capped(night_shift, supervisor, at):
    with at("2026-11-11 00:59"):
        count(night_shift, 1)
    with at("2026-11-11 01:05"):
        count(night_shift, 0)
    with at("2026-11-11 05:00"):
        services.extend_running_shifts()
    assert not Notice.objects.filter(recipient=supervisor).exists()


def test_a_machine_whose_clock_is_behind_does_not_tear_the_record(night_shift, agent, at, wall):
    with at("2026-11-11 01:06"):
        count(night_shift, 1)
    with at("2026-11-11 01:04"):
        count(night_shift, 2)
        ended = services.clock_out(attendance=night_shift, actor=agent)
    assert ended.clocked_out_at == wall("2026-11-11 01:06")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shifts_attendance SET planned_end = clocked_in_at",
        "UPDATE shifts_attendance SET clocked_in_at = planned_start",
        "DELETE FROM shifts_attendance",
    ],
)
def test_what_was_planned_and_when_somebody_came_cannot_be_changed(night_shift, change):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_clock_out_is_never_taken_back(night_shift, agent, at):
    with at("2026-11-11 01:00"):
        services.clock_out(attendance=night_shift, actor=agent)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE shifts_attendance SET clocked_out_at = NULL")
