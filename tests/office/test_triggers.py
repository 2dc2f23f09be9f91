"""What the database itself refuses, on both engines."""

import pytest
from django.db import IntegrityError, connection, transaction

from office import audit, triggers

pytestmark = pytest.mark.django_db


def test_installed_is_what_is_declared():
    assert triggers.installed(connection) == triggers.names(connection.vendor)


def test_lifting_puts_all_of_them_back():
    with triggers.lifted(connection):
        assert triggers.installed(connection) == set()
    assert triggers.installed(connection) == triggers.names(connection.vendor)


@pytest.mark.parametrize("change", ["UPDATE office_auditentry SET action = 'x'", "DELETE FROM office_auditentry"])
def test_an_audit_entry_cannot_be_changed_by_raw_sql(agent, change):
    audit.record(agent, "tests.did", agent.membership)
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
def test_truncate_is_refused():
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE office_auditentry")
