"""A department in Berlin works a night through both changes of the clocks: it lasts as long as it lasts."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from icalendar import Calendar

from office import clock
from office.months import Month
from rulebooks.services import import_rulebook
from shifts import services
from shifts.models import Attendance
from shifts.pages.timesheets import timesheets_of
from shifts.services import feeds
from tests.conftest import LIBRARY, SINCE
from tests.factories import add_person, make_department

pytestmark = pytest.mark.django_db
# On the evening before: the clocks go forward, and back.
CHANGES = [
    (date(2026, 3, 28), 7, datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC)),
    (date(2026, 10, 24), 9, datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC)),
]


@pytest.fixture
def berlin(db):
    made = make_department("berlin", time_zone="Europe/Berlin")
    source = (LIBRARY / "three-shift-desk.yaml").read_text(encoding="utf-8")
    source = source.replace("Asia/Shanghai", "Europe/Berlin").replace("17:00-01:00", "22:00-06:00")
    import_rulebook(department=made, source=source.encode(), from_day=SINCE, actor=None)
    made.refresh_from_db()
    return made


@pytest.fixture
def nights(berlin):
    """A person with both nights, published; worked from the beginning to the end."""
    person = add_person(berlin, name="Jo", work_number="1", roles=["agent", "supervisor"])
    for day, _hours, begin, end in CHANGES:
        month = Month.of(day)
        with clock.at(datetime(2026, month.number, 1, 10, tzinfo=UTC)):
            edit = services.CellEdit(person.membership.pk, day, "N", 0)
            services.paint(department=berlin, month=month, edits=[edit], actor=person)
            services.publish(department=berlin, month=month, seen_edits=1, actor=person, reason="Alone")
        shift = person.membership.assignments.published().get(business_date=day)
        Attendance.objects.create(
            assignment=shift,
            membership=person.membership,
            code="N",
            business_date=day,
            planned_start=shift.starts_at,
            planned_end=shift.ends_at,
            rulebook_version_id=berlin.rulebook_versions.get().pk,
            clocked_in_at=begin,
            clocked_out_at=end,
        )
    return person


@pytest.mark.parametrize(("day", "hours", "begin", "end"), CHANGES, ids=["forward", "back"])
def test_the_timesheet_counts_the_hours_that_passed(berlin, nights, day, hours, begin, end):
    with clock.at(datetime(2026, 12, 1, 12, tzinfo=UTC)):
        (sheet,) = timesheets_of(berlin, Month.of(day)).sheets
    line = sheet.lines[day.day - 1]
    assert (line.planned, line.worked) == (hours * 60, hours * 60)
    assert not (line.late or line.left_early or line.is_absent)


@pytest.mark.parametrize(("day", "hours", "begin", "end"), CHANGES, ids=["forward", "back"])
def test_the_calendar_holds_the_instants(berlin, nights, settings, day, hours, begin, end):
    settings.ROOT_URLCONF = "tests.shifts.feed_urls"
    with clock.at(begin):
        token = feeds.make_feed(membership=nights.membership, actor=nights).token
        events = Calendar.from_ical(Client().get(f"/feed/{token}.ics").content).walk("VEVENT")
    assert (begin, end) in [(event["dtstart"].dt, event["dtend"].dt) for event in events]
