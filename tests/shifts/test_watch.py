"""What the beat finds in the shifts: each proposed once, whatever is run again, also after days without a server."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Incident
from ledger.services import dismiss_incident
from office import clock
from people.models import Membership, Role
from people.services import add_member
from rulebooks.services import import_rulebook, in_force
from shifts import services as shifts
from shifts.models import Leave, LeaveState, Watch
from shifts.services import away as desk
from shifts.services import watch
from shifts.services.corrections import approve, ask
from shifts.services.watch import look_through, look_through_all
from tests.conftest import HERE, SINCE
from tests.factories import add_person, make_department
from tests.shifts.test_attendance_matching import plan

pytestmark = pytest.mark.django_db

CLAUSE = """  - code: on-{event}
    number: "{number}"
    text: {{zh-Hans: 出勤 {number}, en: Attendance {number}}}
    window: forever
    trigger: {event}
"""
EVENTS = ("late", "left_early", "absent", "off_post")
TUESDAY, WEDNESDAY = date(2026, 11, 10), date(2026, 11, 11)


@pytest.fixture
def harbour():
    """Under the other rulebook, with a clause for everything that is looked for."""
    made = make_department("harbour")
    clauses = (
        "".join(CLAUSE.format(event=event, number=f"9.{place}") for place, event in enumerate(EVENTS))
        .replace("on-left_early", "on-left-early")
        .replace("on-off_post", "on-off-post")
    )
    source = (HERE / "rulebooks" / "changed.yaml").read_text().replace("\nbonuses:\n", f"\n{clauses}bonuses:\n", 1)
    import_rulebook(department=made, source=source.encode(), from_day=SINCE, actor=None)
    made.refresh_from_db()
    return made


@pytest.fixture
def person(harbour):
    return add_person(harbour, name="林晓彤", work_number="07", roles=[Role.AGENT])


@pytest.fixture
def boss(harbour):
    return add_person(harbour, name="Boss", work_number="99", roles=list(Role), rostered=False)


@pytest.fixture
def then(harbour):
    """`with then("2026-11-10 09:00"):` on the harbour's wall clock."""
    return lambda text: clock.at(datetime.fromisoformat(text).replace(tzinfo=harbour.zone))


@pytest.fixture
def come(person, then):
    def do(moment):
        with then(moment):
            return shifts.clock_in(membership=person.membership)

    return do


@pytest.fixture
def look(harbour, then):
    def do(moment):
        with then(moment):
            return look_through(harbour)

    return do


def found():
    return [(incident.clause_code, incident.membership.work_number) for incident in Incident.objects.order_by("pk")]


def go(attendance, then, moment):
    with then(moment):
        shifts.clock_out(attendance=attendance, actor=attendance.membership.user)


def test_coming_late_is_proposed_once(harbour, person, come, look):
    plan(person, (TUESDAY, "E"))
    come("2026-11-10 06:38")
    assert [look("2026-11-10 06:39"), look("2026-11-10 06:40"), look("2026-11-10 09:00")] == [1, 0, 0]
    incident = Incident.objects.get()
    assert (incident.clause_code, incident.reported_by, incident.source_kind) == ("on-late", None, "shifts.assignment")
    assert "06:38" in incident.facts
    assert "8" in incident.facts
    # It belongs to the beginning of the shift.
    assert harbour.local(incident.occurred_at).strftime("%m-%d %H:%M") == "11-10 06:30"


def test_what_the_rulebook_lets_pass_is_not_proposed(person, come, look, then):
    plan(person, (TUESDAY, "E"))
    shift = come("2026-11-10 06:37")
    go(shift, then, "2026-11-10 14:57")
    assert look("2026-11-10 16:00") == 0


def test_leaving_early_is_proposed(person, come, look, then):
    plan(person, (TUESDAY, "E"))
    go(come("2026-11-10 06:30"), then, "2026-11-10 14:50")
    look("2026-11-10 16:00")
    assert found() == [("on-left-early", "07")]


def test_so_late_that_it_is_absence_is_no_lateness_besides(person, come, look, then):
    plan(person, (TUESDAY, "E"))
    shift = come("2026-11-10 07:15")
    look("2026-11-10 07:16")
    go(shift, then, "2026-11-10 14:00")
    look("2026-11-10 16:00")
    assert found() == [("on-absent", "07")]


def test_who_never_comes_is_absent_once_the_shift_is_over(person, look):
    plan(person, (TUESDAY, "E"))
    assert [look("2026-11-10 14:59"), look("2026-11-10 15:00"), look("2026-11-10 15:01")] == [0, 1, 0]
    assert found() == [("on-absent", "07")]


def test_three_days_without_a_server_are_caught_up_with(person, come, look, then):
    plan(person, *[(date(2026, 11, day), "E") for day in (10, 11, 12, 13)])
    look("2026-11-10 05:00")
    go(come("2026-11-10 06:50"), then, "2026-11-10 15:00")
    go(come("2026-11-12 06:30"), then, "2026-11-12 13:00")
    assert look("2026-11-13 20:00") == 4
    assert sorted(found()) == [
        ("on-absent", "07"),
        ("on-absent", "07"),
        ("on-late", "07"),
        ("on-left-early", "07"),
    ]
    assert look("2026-11-13 20:01") == 0
    Watch.objects.update(seen_until=datetime.fromisoformat("2026-11-01T00:00+00:00"))
    assert look("2026-11-13 20:02") == 0


def test_the_first_look_goes_back_a_day(person, look):
    plan(person, (date(2026, 11, 8), "E"), (TUESDAY, "E"))
    look("2026-11-10 20:00")
    assert [incident.business_date for incident in Incident.objects.all()] == [TUESDAY]


def test_a_dismissed_one_is_not_proposed_again(person, boss, look, then):
    plan(person, (TUESDAY, "E"))
    look("2026-11-10 15:30")
    with then("2026-11-10 15:40"):
        dismiss_incident(incident=Incident.objects.get(), actor=boss, reason="was in hospital")
    assert look("2026-11-10 15:50") == 0


def a_leave(member, first, last=None, starts_at=None, ends_at=None, state=LeaveState.APPROVED):
    version = in_force(member.department, first).version_id
    decided = {} if state == LeaveState.ASKED else {"decided_at": clock.now(), "decided_by": member.user}
    return Leave.objects.create(
        membership=member,
        kind="IL",
        rulebook_version_id=version,
        first_day=first,
        last_day=last or first,
        starts_at=starts_at,
        ends_at=ends_at,
        reason="ill",
        state=state,
        asked_by=member.user,
        **decided,
    )


def test_approved_leave_excuses_and_leave_that_waits_does_not(person, look):
    plan(person, (TUESDAY, "E"), (WEDNESDAY, "E"))
    a_leave(person.membership, TUESDAY)
    a_leave(person.membership, WEDNESDAY, state=LeaveState.ASKED)
    look("2026-11-11 20:00")
    assert [incident.business_date for incident in Incident.objects.all()] == [WEDNESDAY]


def test_hours_of_leave_are_not_owed(person, come, look, then, wall):
    plan(person, (TUESDAY, "E"))
    a_leave(person.membership, TUESDAY, None, wall("2026-11-10 06:30"), wall("2026-11-10 09:00"))
    go(come("2026-11-10 09:05"), then, "2026-11-10 15:00")
    assert look("2026-11-10 16:00") == 0


def test_a_correction_that_was_approved_before_anybody_looked_counts(person, boss, come, look, then, wall):
    plan(person, (TUESDAY, "E"))
    shift = come("2026-11-10 06:50")
    go(shift, then, "2026-11-10 15:00")
    with then("2026-11-10 15:30"):
        asked = ask(
            assignment=shift.assignment,
            came_at=wall("2026-11-10 06:30"),
            left_at=wall("2026-11-10 15:00"),
            reason="the terminal was down",
            actor=person,
        )
        approve(correction=asked, actor=boss)
    assert look("2026-11-10 16:00") == 0


def test_the_night_of_a_last_day_is_still_that_members(person, come, look, then):
    plan(person, (TUESDAY, "L"))
    Membership.objects.filter(pk=person.membership.pk).update(until_day=TUESDAY)
    assert look("2026-11-11 02:00") == 1
    assert Incident.objects.get().business_date == TUESDAY


def test_a_clause_of_the_day_is_needed(department, agent, paint, publish, at):
    """The three-shift desk has a clause for coming late and none for not coming at all."""
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"), (agent, 11, "N"))
        publish()
    with at("2026-11-11 17:01"):
        shifts.clock_in(membership=agent.membership)
        look_through(department)
    assert [incident.clause_code for incident in Incident.objects.all()] == ["late"]


# -- Off post ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def reports(come, person, then):
    """Clocked in for the broken shift, 06:30–10:30 and 11:15–15:00; `reports("07:00", …)` of the chat tool."""
    plan(person, (TUESDAY, "E"))
    attendance = come("2026-11-10 06:30")

    def do(*moments, source="api"):
        for moment in moments:
            with then(f"2026-11-10 {moment}"):
                shifts.report_open_customers(attendance=attendance, open_customers=1, source=source)
        return attendance

    return do


def test_a_silence_longer_than_allowed_is_off_post(reports, look):
    reports("07:00", "07:09", "07:19")
    assert look("2026-11-10 07:20") == 1
    assert look("2026-11-10 07:28") == 0
    incident = Incident.objects.get()
    assert (incident.clause_code, incident.source_kind) == ("on-off-post", "shifts.presencereport")
    assert "07:09" in incident.facts


def test_a_silence_that_still_lasts_is_proposed_once(reports, look):
    reports("07:00")
    assert [look("2026-11-10 07:09"), look("2026-11-10 07:10"), look("2026-11-10 07:40")] == [0, 1, 0]


def test_the_break_of_a_broken_shift_is_no_silence(reports, look):
    reports("10:28", "11:20")
    assert look("2026-11-10 11:25") == 0


def test_without_a_chat_tool_nothing_is_known(reports, look):
    reports("07:00", source="desk")
    assert look("2026-11-10 09:00") == 0


def test_the_end_of_the_shift_ends_the_looking(reports, look):
    attendance = reports("14:55")
    assert look("2026-11-10 18:00") == 0
    assert attendance.is_on_duty


def test_having_said_that_one_is_away_is_no_silence(reports, person, boss, look, then):
    attendance = reports("07:00")
    with then("2026-11-10 07:02"):
        away = desk.leave_desk(attendance=attendance, reason="smoke", actor=person)
        desk.decide(away=away, allow=True, actor=boss)
    with then("2026-11-10 07:08"):
        desk.come_back(attendance=attendance, actor=person)
    reports("07:12")
    assert look("2026-11-10 07:15") == 0


def test_away_for_longer_than_the_reason_allows_is_off_post(reports, person, boss, look, then):
    attendance = reports("07:00")
    with then("2026-11-10 07:02"):
        away = desk.leave_desk(attendance=attendance, reason="smoke", actor=person)
        desk.decide(away=away, allow=True, actor=boss)
    assert [look("2026-11-10 07:08"), look("2026-11-10 07:09"), look("2026-11-10 07:30")] == [0, 1, 0]
    incident = Incident.objects.get()
    assert (incident.source_kind, incident.source_id) == ("shifts.away", away.pk)


def test_away_without_the_permission_it_needs_is_off_post(reports, person, look, then):
    attendance = reports()
    with then("2026-11-10 07:00"):
        desk.leave_desk(attendance=attendance, reason="smoke", actor=person)
    assert look("2026-11-10 07:05") == 0
    with then("2026-11-10 07:15"):
        desk.come_back(attendance=attendance, actor=person)
    assert look("2026-11-10 07:16") == 1
    assert Incident.objects.get().clause_code == "on-off-post"


def test_whoever_was_refused_or_stayed_was_not_away(reports, person, boss, look, then):
    attendance = reports()
    with then("2026-11-10 07:00"):
        away = desk.leave_desk(attendance=attendance, reason="smoke", actor=person)
    with then("2026-11-10 07:20"):
        desk.decide(away=away, allow=False, actor=boss)
    with then("2026-11-10 08:00"):
        desk.leave_desk(attendance=attendance, reason="smoke", actor=person)
    with then("2026-11-10 08:20"):
        desk.come_back(attendance=attendance, actor=person, stayed=True)
    assert look("2026-11-10 09:00") == 0


def test_a_refused_absence_explains_no_silence(reports, person, boss, look, then):
    attendance = reports("07:00")
    with then("2026-11-10 07:01"):
        away = desk.leave_desk(attendance=attendance, reason="smoke", actor=person)
        desk.decide(away=away, allow=False, actor=boss)
    assert look("2026-11-10 07:20") == 1


# -- All of them ------------------------------------------------------------------------------------------------------
def test_what_fails_in_one_department_keeps_no_other_from_being_looked_through(
    person, look, then, monkeypatch, other_department
):
    plan(person, (TUESDAY, "E"))

    whole = watch.look_through

    def fails_next_door(department):
        if department == other_department:
            raise RuntimeError("broken")
        return whole(department)

    monkeypatch.setattr(watch, "look_through", fails_next_door)
    with then("2026-11-10 15:30"):
        assert look_through_all() == 1


def test_one_person_of_two_departments_is_looked_at_in_each(harbour, person, then, department):
    other = add_member(
        actor=None, department=department, user=person, work_number="77", from_day=SINCE, rostered=True, scored=True
    )
    plan(person, (TUESDAY, "E"))
    person.membership = other
    plan(person, (TUESDAY, "N"))
    with then("2026-11-10 17:05"):
        shifts.clock_in(membership=other)
        assert look_through_all() == 2
    assert sorted(found()) == [("late", "77"), ("on-absent", "07")]


def test_the_database_is_asked_as_often_for_one_shift_as_for_many(harbour, then):
    counts = []
    for number in range(8):
        person = add_person(harbour)
        plan(person, (date(2026, 11, 10 + number), "E"))
        with then(f"2026-11-{10 + number} 06:30"):
            shifts.clock_in(membership=person.membership)
    for since in (10, 17):
        with then("2026-11-17 06:31"):
            Watch.objects.update_or_create(
                department=harbour, defaults={"seen_until": clock.now() - timedelta(days=since - 9)}
            )
            with CaptureQueriesContext(connection) as queries:
                look_through(harbour)
            counts.append(len(queries))
    assert counts[0] == counts[1]
