"""The test database of SQLite, migrated once for as long as nothing that makes it has changed.

Kept in pytest's cache folder (`make clean` removes it) and copied by whoever needs it. PostgreSQL's is made each time.
Its fixtures take the place of those of pytest-django in `tests.conftest`.
"""

import fcntl
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest
from django.db import connection

from tests.env import VAR_DIR
from tests.keeping import copy

ROOT = Path(__file__).resolve().parents[1]
# Tables, triggers, and the names of permissions come from these, and from the packages.
MAKE_IT = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/triggers.py", "*/triggers/*.py", "*/apps.py")
ALSO = ("config/settings.py", "requirements-dev.txt", "tests/schema.py")


def _fingerprint() -> str:
    parts = hashlib.sha256()
    for path in sorted({*(path for pattern in MAKE_IT for path in ROOT.glob(pattern)), *(ROOT / one for one in ALSO)}):
        parts.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return parts.hexdigest()[:20]


def _path(config: pytest.Config) -> Path:
    cache = getattr(config, "cache", None)
    folder = cache.mkdir("schema") if cache else VAR_DIR.parent
    return folder / f"{_fingerprint()}.sqlite3"


@dataclass
class Kept:
    """The migrated database: `is_laid` into place as a copy, or to be kept by who holds the lock and makes it."""

    path: Path
    lock: TextIO
    is_laid: bool

    def release(self) -> None:
        self.lock.close()


@pytest.fixture(scope="session")
def migrated(request, django_db_modify_db_settings):
    """None on PostgreSQL."""
    if connection.vendor != "sqlite":
        yield None
        return
    path = _path(request.config)
    lock = path.with_suffix(".lock").open("w")
    # Another process may be making it just now: two would take twice as long as one and a copy.
    fcntl.flock(lock, fcntl.LOCK_EX)
    kept = Kept(path, lock, path.exists())
    if kept.is_laid:
        copy(str(path), connection.settings_dict["TEST"]["NAME"])
        kept.release()
    yield kept
    kept.release()


@pytest.fixture(scope="session")
def django_db_keepdb(migrated):
    return migrated is not None and migrated.is_laid


@pytest.fixture(scope="session")
def django_db_setup(migrated, django_db_setup):
    if migrated is None or migrated.is_laid:
        return
    for older in migrated.path.parent.glob("*.sqlite3"):
        older.unlink()
    half = migrated.path.with_suffix(".half")
    copy(connection.settings_dict["NAME"], str(half))
    half.rename(migrated.path)
    migrated.release()
