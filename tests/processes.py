"""Other operating-system processes on the test database, and letting several go at the same moment."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
READY, GO = "ready\n", "go\n"


def database_url() -> str:
    """The test database as DATABASE_URL names it: the settings know only the one it was made beside."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    user = quote(known["USER"]) + (f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else "")
    return f"postgres://{user}@{known['HOST']}:{known['PORT'] or 5432}/{known['NAME']}"


def start(*args: str, **kwargs) -> subprocess.Popen:
    """A Python process with the suite's environment (VAR_DIR, REDIS_URL) on the test database, in its own group."""
    return subprocess.Popen(
        [sys.executable, *args],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
        },
        start_new_session=True,
        text=True,
        **kwargs,
    )


def at_once(*commands: Sequence[str], seconds: int = 60) -> list[str]:
    """What each process wrote, let go together: each says `ready` on a line, waits for a line, and then works."""
    runners = [start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for command in commands]
    try:
        assert [runner.stdout.readline() for runner in runners] == [READY] * len(runners)
        for runner in runners:
            runner.stdin.write(GO)
            runner.stdin.flush()
        return [runner.communicate(timeout=seconds)[0].strip() for runner in runners]
    finally:
        for runner in runners:
            runner.kill()
            runner.wait()


def group_is_gone(process: subprocess.Popen) -> bool:
    """Whether nothing is left of the process and its children."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    return False
