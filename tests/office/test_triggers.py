"""What the database itself refuses, on both engines."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from office import triggers
from office.triggers.installing import after_migrate, before_migrate
from people.services import add_member
from tests.factories import JOINED

pytestmark = pytest.mark.django_db

DECLARED = triggers.declared(connection.vendor)
ONLY_ADDED = sorted(
    {t.table for t in DECLARED if t.event == "UPDATE" and not t.when and not t.unless}
    & {t.table for t in DECLARED if t.event == "DELETE"}
)


def refused(sql, *params) -> str:
    """The database's words when it refuses the statement; empty when it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            assert cursor.rowcount, "the statement must have found a row"
    except Error as refusal:
        return str(refusal)
    return ""


def trigger_on(name) -> tuple[str, str]:
    """The table of an installed trigger and the event it fires on."""
    if connection.vendor == "sqlite":
        query = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name = %s"
    else:
        query = (
            "SELECT c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = %s AND t.tgenabled = 'O'"
        )
    with connection.cursor() as cursor:
        cursor.execute(query, [name])
        table, definition = cursor.fetchone()
    return table, definition.split(" BEFORE ")[1].split()[0]


def test_installed_after_migrating_from_zero_is_what_is_declared():
    assert triggers.installed(connection) == triggers.names(connection.vendor)


@pytest.mark.parametrize("trigger", DECLARED, ids=lambda trigger: trigger.name)
def test_each_stands_on_its_table(trigger):
    assert trigger_on(triggers.PREFIX + trigger.name) == (trigger.table, trigger.event)


def test_no_name_is_used_twice():
    names = [trigger.name for trigger in DECLARED]
    assert len(names) == len(set(names))


def test_every_table_that_a_trigger_is_declared_for_exists():
    # `install` passes a table that is not there (yet): a misspelt one would pass too.
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert {trigger.table for trigger in DECLARED} <= tables


def test_lifting_puts_all_of_them_back():
    with triggers.lifted(connection):
        assert triggers.installed(connection) == set()
    assert triggers.installed(connection) == triggers.names(connection.vendor)


def test_an_error_while_they_are_lifted_puts_them_back_too():
    with pytest.raises(RuntimeError), triggers.lifted(connection):
        raise RuntimeError
    assert triggers.installed(connection) == triggers.names(connection.vendor)


def migrations_before(graph) -> list[tuple[str, str]]:
    """The last migration but one of each room that has triggers, where going back there takes anything away."""
    targets, gone = [], set()
    for app in sorted({trigger.table.split("_")[0] for trigger in DECLARED}):
        [last] = graph.leaf_nodes(app)
        if last in gone:
            continue
        before = [parent for parent in graph.node_map[last].parents if parent[0] == app]
        if before:
            targets.append((app, before[0][1]))
            gone |= set(graph.backwards_plan(last))
    return targets


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_installed_after_migrating_from_the_migrations_before_is_what_is_declared():
    executor = MigrationExecutor(connection)
    try:
        before_migrate(using=connection.alias)
        executor.migrate(migrations_before(executor.loader.graph))
        after_migrate(using=connection.alias)
        with connection.cursor() as cursor:
            tables = {trigger.table for trigger in DECLARED} & set(connection.introspection.table_names(cursor))
            columns = {
                table: {column.name for column in connection.introspection.get_table_description(cursor, table)}
                for table in tables
            }
        there = [one for one in DECLARED if one.table in tables and one.columns <= columns[one.table]]
        # On PostgreSQL those against TRUNCATE stand beside them.
        assert {triggers.PREFIX + one.name for one in there} <= triggers.installed(connection)
    finally:
        call_command("migrate", verbosity=0, stdout=StringIO())
    assert triggers.installed(connection) == triggers.names(connection.vendor)


@pytest.mark.parametrize("table", ONLY_ADDED)
def test_a_row_of_a_table_that_only_grows_is_neither_changed_nor_deleted_by_raw_sql(written_day, table):
    assert "only ever added" in refused(f"UPDATE {table} SET id = id")
    assert "only ever added" in refused(f"DELETE FROM {table}")


NEVER_DELETED = ["handover_handoveritem", "ledger_incident", "ledger_ledgerhead", "ledger_journalentry"]


@pytest.mark.parametrize("table", NEVER_DELETED)
def test_a_row_that_may_change_in_some_ways_is_never_deleted(written_day, table):
    assert "nothing is deleted" in refused(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE ledger_journalentry SET number = number", "a sealed entry does not change"),
        ("UPDATE ledger_incident SET facts = 'x'", "not change"),
        ("UPDATE ledger_ledgerhead SET number = number + 2", "only moves on by one"),
        ("UPDATE handover_handoveritem SET to_do = 'x'", "what was written does not change"),
    ],
)
def test_what_is_settled_is_not_changed_by_raw_sql(written_day, change, words):
    assert words in refused(change)


def test_a_person_is_not_a_member_of_a_department_twice_at_once(department, agent):
    member = agent.membership
    columns = "user_id, department_id, work_number, from_day, until_day, rostered, scored"
    insert = f"INSERT INTO people_membership ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    row = [member.user_id, department.pk, "55", "2026-03-01", None, True, True]
    assert "people_membership_overlap" in refused(insert, *row)
    assert "people_membership_overlap" in refused(insert, *row[:3], "2025-03-01", "2026-01-01", True, True)
    assert refused(insert, *row[:3], "2025-03-01", "2025-12-31", True, True) == ""
    widen = "UPDATE people_membership SET until_day = NULL WHERE work_number = '55'"
    assert "people_membership_overlap" in refused(widen)


def test_one_person_may_be_a_member_of_two_departments(agent, other_department):
    add_member(actor=None, department=other_department, user=agent, work_number="31", from_day=JOINED)
    assert agent.memberships.count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
def test_truncate_is_refused():
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE office_auditentry")
