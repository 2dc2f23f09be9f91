"""Putting the declared triggers on a database, and taking them off."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from . import handover, house, ledger, shifts
from .rules import FUNCTION, PREFIX, Trigger

DECLARED = [*house.DECLARED, *shifts.DECLARED, *handover.DECLARED, *ledger.DECLARED]
SQLITE_ONLY = shifts.SQLITE_ONLY


def declared(vendor: str) -> list[Trigger]:
    return DECLARED + (SQLITE_ONLY if vendor == "sqlite" else [])


def names(vendor: str) -> set[str]:
    """The full names that should be installed, with PostgreSQL's one more per table against TRUNCATE."""
    found = {PREFIX + trigger.name for trigger in declared(vendor)}
    if vendor == "postgresql":
        found |= {f"{PREFIX}{table}_truncate" for table in {trigger.table for trigger in DECLARED}}
    return found


def installed(connection) -> set[str]:
    """The names of our triggers in the database now."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


def install(connection) -> None:
    """Put on every declared trigger that finds its table and columns, in place of those there, with no moment between.

    A database that is on its way from or to an older schema may lack some; the last migration brings the rest.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        remove(connection)
        columns = _columns(connection, cursor)
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
            )
        for trigger in declared(connection.vendor):
            if trigger.table not in columns or not trigger.columns <= columns[trigger.table]:
                continue
            for statement in [trigger.sqlite()] if connection.vendor == "sqlite" else trigger.postgres():
                cursor.execute(statement)
        if connection.vendor == "postgresql":
            for table in {trigger.table for trigger in DECLARED} & set(columns):
                cursor.execute(
                    f"CREATE TRIGGER {PREFIX}{table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                    f"EXECUTE FUNCTION {FUNCTION}('{table}: rows are only ever added')"
                )


def _columns(connection, cursor) -> dict[str, set[str]]:
    """The columns of each table, in one query."""
    cursor.execute(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        if connection.vendor == "sqlite"
        else "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    found: dict[str, set[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, set()).add(column)
    return found


def remove(connection) -> None:
    """Take off all of ours."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in installed(connection):
                cursor.execute(f"DROP TRIGGER {name}")
            return
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        )
        for name, table in cursor.fetchall():
            if name.startswith(PREFIX):
                cursor.execute(f"DROP TRIGGER {name} ON {table}")


@contextmanager
def lifted(connection) -> Iterator[None]:
    """No triggers inside the block; for emptying a test database and for nothing else."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def before_migrate(*, using, **kwargs) -> None:
    if connections[using].vendor == "sqlite":
        remove(connections[using])


def after_migrate(*, using, **kwargs) -> None:
    install(connections[using])
