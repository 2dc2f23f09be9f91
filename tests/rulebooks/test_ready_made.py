"""The ready-made rulebooks, from which a department may begin."""

from datetime import date

import pytest

from rulebooks.ready_made import LIBRARY, ready_made
from rulebooks.services import import_rulebook
from tests.factories import make_department


def test_every_file_of_the_library_is_offered_by_its_code():
    codes = [each.code for each in ready_made()]
    assert codes == sorted(path.stem for path in LIBRARY.glob("*.yaml"))
    assert ready_made() is ready_made(), "read once"


@pytest.mark.django_db
def test_each_can_be_published_as_it_is():
    for each in ready_made():
        department = make_department(f"new-{each.code}", time_zone=each.time_zone)
        version = import_rulebook(department=department, source=each.source, from_day=date(2026, 1, 1), actor=None)
        assert version.source.encode() == each.source
        assert str(each.title)
