"""The environment of the test suite, loaded by pytest (`-p tests.env`) before Django reads its settings.

Each session, and within it each process of xdist, gets its own VAR_DIR, so that suites can run beside each other and
beside `make run`. DATABASE_URL and REDIS_URL are taken from outside (`make test-services`), else the embedded engines
are named outright: a `.env` file must not decide what the tests write to.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest


def _own_var_dir() -> Path:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        session = tempfile.mkdtemp(prefix="banzu-tests-")
        os.environ["BANZU_TEST_SESSION"] = session
        atexit.register(_remove, session, os.getpid())
        worker = "alone"
    folder = Path(os.environ["BANZU_TEST_SESSION"]) / worker
    folder.mkdir(exist_ok=True)
    return folder


def _remove(session: str, maker: int) -> None:
    # Only the process that made the folder removes it: a fork of it must not.
    if os.getpid() == maker:
        shutil.rmtree(session, ignore_errors=True)


VAR_DIR = _own_var_dir()
for name in ("SECRET_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
    os.environ.pop(name, None)
os.environ.update(
    VAR_DIR=str(VAR_DIR),
    SECRET_KEY="for the tests",
    DEBUG="off",
    DEMO="off",
    PLAIN_STATIC="on",
    SECURE_COOKIES="off",
    SECURE_HSTS_SECONDS="0",
    BEHIND_PROXY="off",
    LANGUAGE_CODE="zh-hans",
    LOG_LEVEL="WARNING",
    EMAIL_URL="memorymail://",
)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
os.environ.setdefault("REDIS_URL", "")
if os.environ["REDIS_URL"] and "PYTEST_XDIST_WORKER" in os.environ:
    # A worker that one process starts must not take another's messages: each has its own of Redis's 16 databases.
    address, _slash, number = os.environ["REDIS_URL"].rpartition("/")
    shift = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    os.environ["REDIS_URL"] = f"{address}/{(int(number) + shift) % 16}"
ON_SERVICES = os.environ["DATABASE_URL"].startswith("postgres") and bool(os.environ["REDIS_URL"])


# Fixtures of pytest-django through which a test reaches a database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def is_the_same_everywhere(item: pytest.Item) -> bool:
    """Whether a test is the same on both engines: marked so, or without any use of database and broker."""
    if item.get_closest_marker("pages"):
        return True
    if item.get_closest_marker("services") or item.get_closest_marker("django_db"):
        return False
    return not DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())) and "tests/config/" not in item.nodeid


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ON_SERVICES:
        # What make test has run and no engine can change is left out.
        left_out = [item for item in items if is_the_same_everywhere(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
        return
    reason = pytest.mark.skip(reason="needs PostgreSQL and Redis: make services test-services")
    for item in items:
        if item.get_closest_marker("services"):
            item.add_marker(reason)
