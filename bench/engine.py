"""A database of its own for a run, made before Django reads its settings and gone after it.

SQLite in a folder of its own; with DATABASE_URL=postgres://… a new database on that server, made and dropped by the
user of the address.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit


@contextmanager
def engine() -> Iterator[None]:
    """Django is set up inside, on an empty and migrated database, with the addresses of `bench.urls`."""
    folder = tempfile.mkdtemp(prefix="banzu-bench-")
    server = os.environ.get("DATABASE_URL", "").strip()
    name = f"banzu_bench_{os.getpid()}"
    own = server.startswith("postgres")
    if own:
        _execute(server, f'CREATE DATABASE "{name}"')
    try:
        _set_up(folder, urlunsplit(urlsplit(server)._replace(path=f"/{name}")) if own else "")
        yield
    finally:
        _close()
        if own:
            _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(folder: str, database: str) -> None:
    # A .env file must not decide what is measured, nor the environment of the shell.
    for variable in ("SECRET_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE", "ALLOWED_HOSTS"):
        os.environ.pop(variable, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        VAR_DIR=folder,
        DATABASE_URL=database or f"sqlite:///{folder}/db.sqlite3",
        REDIS_URL="",
        SECRET_KEY="for the yardsticks",
        DEBUG="off",
        DEMO="off",
        PLAIN_STATIC="on",
        SECURE_COOKIES="off",
        LANGUAGE_CODE="zh-hans",
        LOG_LEVEL="WARNING",
        EMAIL_URL="memorymail://",
    )
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ROOT_URLCONF = "bench.urls"
    call_command("migrate", verbosity=0)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def _execute(server: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql)
