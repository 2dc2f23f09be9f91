"""Which shift a clock-in is for: split and adjacent shifts, nights through both changes of the clock, the device."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from office import clock
from office.models import AuditEntry
from office.months import Month
from rulebooks.services import import_rulebook
from shifts import services
from shifts.models import Attendance, Roster
from tests.conftest import LIBRARY, SINCE
from tests.factories import add_person, make_department

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


def a_department(code, *changes, time_zone="Asia/Shanghai"):
    """Under the three-shift desk with some lines of it changed."""
    department = make_department(code, time_zone=time_zone)
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    for old, new in (("time_zone: Asia/Shanghai", f"time_zone: {time_zone}"), *changes):
        assert old in source
        source = source.replace(old, new, 1)
    import_rulebook(department=department, source=source.encode(), from_day=SINCE, actor=None)
    department.refresh_from_db()
    return department


def plan(person, *cells):
    """Publish (day, code) cells of one person, a fortnight before the first."""
    member = person.membership
    zone = member.department.zone
    first = min(day for day, _code in cells)
    with clock.at(datetime.combine(first - timedelta(days=14), datetime.min.time(), tzinfo=zone)):
        for month in sorted({Month.of(day) for day, _code in cells}):
            edits = [services.CellEdit(member.pk, day, code, 0) for day, code in cells if day in month]
            services.paint(department=member.department, month=month, edits=edits, actor=person)
            seen = Roster.objects.get(department=member.department, first_day=month.first).edits
            services.publish(
                department=member.department, month=month, seen_edits=seen, actor=person, reason="for the test"
            )


def come(person, moment):
    zone = person.membership.department.zone
    with clock.at(datetime.fromisoformat(moment).replace(tzinfo=zone)):
        return services.clock_in(membership=person.membership)


def leave(attendance, moment):
    zone = attendance.membership.department.zone
    with clock.at(datetime.fromisoformat(moment).replace(tzinfo=zone)):
        return services.clock_out(attendance=attendance, actor=attendance.membership.user)


@pytest.mark.parametrize("moment", ["2026-11-10 06:00", "2026-11-10 09:00", "2026-11-10 11:00", "2026-11-10 14:59"])
def test_a_broken_shift_is_one_also_in_its_gap(changed_department, moment):
    person = add_person(changed_department)
    plan(person, (date(2026, 11, 10), "E"))
    assert come(person, moment).code == "E"


NEXT = (date(2026, 11, 11), "D")
# A night until the next morning, when the day shift of the same person begins.
ADJACENT = ('spans: ["17:00-01:00"]', 'spans: ["22:00-08:00"]')


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-10 20:30", 10),
        ("2026-11-11 00:30", 10),
        ("2026-11-11 02:59", 10),
        # Nearer to the next beginning than to one that is nine hours past.
        ("2026-11-11 07:55", 11),
        ("2026-11-11 08:00", 11),
    ],
)
def test_between_adjacent_shifts_a_clock_in_is_for_the_one_whose_beginning_is_nearest(moment, day):
    person = add_person(a_department("adjacent", ADJACENT))
    plan(person, (date(2026, 11, 10), "N"), NEXT)
    assert come(person, moment).business_date == date(2026, 11, day)


def test_whoever_ends_one_shift_begins_the_next(department):
    person = add_person(a_department("adjacent", ADJACENT))
    plan(person, (date(2026, 11, 10), "N"), NEXT)
    night = come(person, "2026-11-10 21:58")
    with pytest.raises(ValidationError) as caught:
        come(person, "2026-11-11 07:59")
    assert caught.value.code == "already_in"
    leave(night, "2026-11-11 08:00")
    assert come(person, "2026-11-11 08:00").business_date == date(2026, 11, 11)


def test_a_shift_that_is_over_is_not_begun(department):
    person = add_person(a_department("adjacent", ADJACENT))
    plan(person, (date(2026, 11, 10), "N"), NEXT)
    assert come(person, "2026-11-11 08:30").business_date == date(2026, 11, 11)
    assert Attendance.objects.count() == 1


BERLIN_NIGHT = ('spans: ["17:00-01:00"]', 'spans: ["22:00-06:00"]')


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 11, 10), 8)], ids=str
)
def test_a_night_in_berlin_is_worked_through_the_change_of_the_clock(day, hours):
    person = add_person(a_department("berlin", BERLIN_NIGHT, time_zone="Europe/Berlin"))
    plan(person, (day, "N"))
    attendance = come(person, f"{day} 21:50")
    assert attendance.planned_end - attendance.planned_start == timedelta(hours=hours)
    morning = day + timedelta(days=1)
    ended = leave(attendance, f"{morning} 06:02")
    assert (ended.business_date, ended.clocked_out_at - ended.clocked_in_at) == (
        day,
        timedelta(hours=hours, minutes=12),
    )


def test_after_the_hour_that_comes_twice_it_is_still_the_same_night():
    person = add_person(a_department("berlin", BERLIN_NIGHT, time_zone="Europe/Berlin"))
    plan(person, (date(2026, 10, 24), "N"), (date(2026, 10, 25), "N"))
    second = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    with clock.at(second):
        assert services.clock_in(membership=person.membership).business_date == date(2026, 10, 24)


def test_the_desk_notes_the_device_and_the_trail_keeps_it(agent, paint, publish, at, client_of):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
        publish()
    with at("2026-11-10 16:55"):
        client_of(agent).post("/d/desk/clock-in/", headers={"user-agent": FIREFOX})
    attendance = Attendance.objects.get()
    assert (attendance.source, attendance.device) == ("desk", "Firefox · Windows")
    assert AuditEntry.objects.get(action="shifts.clock.in").facts["device"] == "Firefox · Windows"


def test_nobody_clocks_in_for_somebody_else(agent, supervisor, paint, publish, at, client_of):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
        publish()
    with at("2026-11-10 16:55"):
        client_of(supervisor).post("/d/desk/clock-in/", {"membership": agent.membership.pk, "member": agent.pk})
    assert not Attendance.objects.exists()
