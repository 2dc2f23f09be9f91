"""How late the last shift of a day can run, as the rulebook says: so long does a last day last."""

import importlib
from datetime import date, timedelta

import pytest
from django.apps import apps

from office import clock
from people.services import set_late_minutes
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import make_department

pytestmark = pytest.mark.django_db
SOURCE = (LIBRARY / "three-shift-desk.yaml").read_bytes()
NOVEMBER = date(2026, 11, 1)


def published(department, source):
    import_rulebook(department=department, source=source, from_day=NOVEMBER, actor=None)
    department.refresh_from_db()
    return department.late_minutes


@pytest.fixture
def bare(db):
    return make_department("bare")


def test_is_the_latest_end_with_its_extension(bare, changed_department):
    assert published(bare, SOURCE) == 240  # 17:00–01:00, three hours more at most
    assert changed_department.late_minutes == 45  # 15:00–23:30, 75 minutes more at most


def test_is_nothing_where_every_shift_ends_before_midnight(bare):
    early = SOURCE.replace(b'"17:00-01:00"', b'"17:00-20:00"')
    assert published(bare, early) == 0


def test_never_becomes_less_because_a_shift_of_the_version_before_may_still_run(bare):
    published(bare, SOURCE)
    assert published(bare, SOURCE.replace(b'"17:00-01:00"', b'"17:00-20:00"')) == 240
    set_late_minutes(department=bare, minutes=300)
    assert bare.late_minutes == 300


def test_the_ending_day_is_the_one_whose_night_may_still_run(department, at):
    for text, day in (("2026-11-11 03:59", 10), ("2026-11-11 04:00", 11), ("2026-11-11 23:59", 11)):
        with at(text):
            assert department.ending_day() == date(2026, 11, day)


def test_counts_hours_that_pass_also_when_the_clocks_change(db):
    york = make_department("york", time_zone="America/New_York")
    set_late_minutes(department=york, minutes=240)
    midnight = clock.datetime(2026, 3, 8, 5, tzinfo=clock.UTC)  # clocks go forward at 02:00
    with clock.at(midnight + timedelta(minutes=239)):
        assert york.ending_day() == date(2026, 3, 7)
        assert f"{york.local(clock.now()):%H:%M}" == "04:59"
    with clock.at(midnight + timedelta(minutes=240)):
        assert york.ending_day() == date(2026, 3, 8)


def test_the_migration_reads_it_from_the_rulebooks_that_are_there(department, changed_department):
    for each in (department, changed_department):
        each.late_minutes = 0
        each.save(update_fields=["late_minutes"])
    importlib.import_module("people.migrations.0003_onboarding").write_late_minutes(apps, None)
    for each, minutes in ((department, 240), (changed_department, 45)):
        each.refresh_from_db()
        assert each.late_minutes == minutes
