"""The fixed cast, the clock, and what both engines need around a flush."""

from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation

from office import clock, triggers
from people.models import Role
from rulebooks.services import _load, import_rulebook, in_force
from tests.factories import add_person, make_department
from tests.schema import django_db_keepdb, django_db_setup, migrated  # noqa: F401

HERE = Path(__file__).parent
LIBRARY = HERE.parent / "rulebooks" / "library"
SINCE = date(2026, 1, 1)

# A flush empties every table, which our triggers refuse: they are lifted around it and around nothing else.
_flush = TransactionTestCase._fixture_teardown


def _flush_without_triggers(self):
    with triggers.lifted(connection), pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", _deletions)
        _flush(self)


def _deletions(style, tables, **_kwargs) -> list[str]:
    """Most tables are empty, and to truncate one takes PostgreSQL two new files; keys are checked at the commit."""
    quoted = [connection.ops.quote_name(table) for table in tables]
    looks = " UNION ALL ".join(f"SELECT {at} WHERE EXISTS (SELECT 1 FROM {name})" for at, name in enumerate(quoted))
    with connection.cursor() as cursor:
        cursor.execute(looks)
        return [f"DELETE FROM {quoted[at]};" for (at,) in cursor.fetchall()]


TransactionTestCase._fixture_teardown = _flush_without_triggers


@pytest.fixture(autouse=True)
def fresh_rulebooks():
    """Keys of rolled-back versions come again with other content; a process in production never sees that."""
    _load.cache_clear()
    yield
    # Also behind the test: what a module sets up comes before this fixture of its first test.
    _load.cache_clear()


@pytest.fixture(autouse=True)
def english():
    """Tests read the source's own words; a request in another language must not leave its language to the next test."""
    with translation.override("en"):
        yield


@pytest.fixture
def department(db):
    """The department that most tests live in, under the three-shift desk from the first of the year."""
    made = make_department("desk")
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    import_rulebook(department=made, source=source, from_day=SINCE, actor=None)
    made.refresh_from_db()
    return made


@pytest.fixture
def other_department(db):
    made = make_department("next-door")
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    import_rulebook(department=made, source=source, from_day=SINCE, actor=None)
    made.refresh_from_db()
    return made


@pytest.fixture
def changed_department(db):
    """A department under a rulebook in which every number, code and window is another."""
    made = make_department("harbour")
    source = (HERE / "rulebooks" / "changed.yaml").read_bytes()
    import_rulebook(department=made, source=source, from_day=SINCE, actor=None)
    made.refresh_from_db()
    return made


@pytest.fixture
def rulebook(department):
    return in_force(department, date(2026, 11, 1))


@pytest.fixture
def changed_rulebook(changed_department):
    return in_force(changed_department, date(2026, 11, 1))


def _member(role, name, number, **kwargs):
    @pytest.fixture
    def person(department):
        return add_person(department, name=name, work_number=number, roles=[role], **kwargs)

    return person


agent = _member(Role.AGENT, "林晓彤", "07")
colleague = _member(Role.AGENT, "王浩然", "02")
leader = _member(Role.LEADER, "陈思雨", "01")
supervisor = _member(Role.SUPERVISOR, "张岚", "90", rostered=False, scored=False)
manager = _member(Role.MANAGER, "顾明远", "91", rostered=False, scored=False)
finance = _member(Role.FINANCE, "许静", "92", rostered=False, scored=False)
owner = _member(Role.OWNER, "沈云杉", "99", rostered=False, scored=False)


@pytest.fixture
def stranger(other_department):
    """Holds every role, but next door."""
    return add_person(other_department, name="外人", work_number="07", roles=list(Role))


@pytest.fixture
def client_of():
    """A signed-in client of a person, speaking English unless told otherwise."""

    def make(user, language="en"):
        client = Client(headers={"accept-language": language})
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def at(department):
    """`with at("2026-11-10 16:55"):` stands still at that time on the department's wall clock."""

    def stand(text):
        return clock.at(datetime.fromisoformat(text).replace(tzinfo=department.zone))

    return stand


@pytest.fixture
def wall(department):
    """`wall("2026-11-10 16:55")`: that time on the department's wall clock, as an instant."""
    return lambda text: datetime.fromisoformat(text).replace(tzinfo=department.zone)
