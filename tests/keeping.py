"""What takes long to make, made once a session and laid into the empty test database by whoever needs it."""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from django.db import connection


def made_once(name: str, make: Callable[[], object]) -> None:
    """Fill the flushed test database by `make`, or with what `make` has left in it earlier in this session.

    The name stands for all that is made. Only for tests with `transaction=True`, and on SQLite; elsewhere it is made
    each time.
    """
    if connection.vendor != "sqlite":
        make()
        return
    connection.ensure_connection()
    assert not connection.in_atomic_block, "a transaction would be torn"
    kept = Path(os.environ["BANZU_TEST_SESSION"]) / f"{name}.sqlite3"
    with open(kept.with_suffix(".lock"), "w") as lock:
        # Another process may be making it just now.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            copy(str(kept), connection.connection)
            return
        make()
        half = kept.with_suffix(".half")
        copy(connection.connection, str(half))
        half.rename(kept)


def copy(source: sqlite3.Connection | str, target: sqlite3.Connection | str) -> None:
    opened = [sqlite3.connect(end) for end in (source, target) if isinstance(end, str)]
    ends = iter(opened)
    source, target = (next(ends) if isinstance(end, str) else end for end in (source, target))
    source.backup(target)
    for end in opened:
        end.close()
