"""Other operating-system processes on the test database, and letting several go at the same moment."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import quote

from django.db import connection

from office import clock

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


@contextmanager
def _running(commands: Sequence[Sequence[str]], seconds: int) -> Iterator[list[subprocess.Popen]]:
    """The processes, gone at the end: whoever waits for one that is killed after `seconds` reads an empty line."""
    runners = [start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for command in commands]

    def kill():
        for runner in runners:
            runner.kill()

    watch = Timer(seconds, kill)
    watch.start()
    try:
        yield runners
    finally:
        watch.cancel()
        kill()
        for runner in runners:
            runner.wait()
            runner.stdin.close()
            runner.stdout.close()


def _let_go(runners: Sequence[subprocess.Popen]) -> None:
    assert [runner.stdout.readline() for runner in runners] == [READY] * len(runners)
    for runner in runners:
        runner.stdin.write(GO)
        runner.stdin.flush()


def at_once(*commands: Sequence[str], seconds: int = 60) -> list[str]:
    """What each process wrote, let go together: each says `ready` on a line, waits for a line, and then works."""
    with _running(commands, seconds) as runners:
        _let_go(runners)
        return [runner.communicate()[0].strip() for runner in runners]


Job = tuple[Callable[..., Any], Sequence[Any], dict[str, Any]]


def race(*jobs: Job, seconds: int = 90) -> list[list[Any]]:
    """Each job (a function of a module, what it is called with round by round, further arguments) as a process.

    For each round what came of each job: see `tests.racer`. All that is passed must be expressible in JSON.
    """
    now = clock.now().isoformat()
    commands = [
        (
            "-m",
            "tests.racer",
            json.dumps({"does": f"{does.__module__}:{does.__name__}", "now": now, "keys": list(keys), "with": more}),
        )
        for does, keys, more in jobs
    ]
    rounds = {len(keys) for _does, keys, _more in jobs}
    assert len(rounds) == 1, "all jobs have as many rounds"
    told = []
    with _running(commands, seconds) as runners:
        for _round in range(rounds.pop()):
            _let_go(runners)
            told.append([json.loads(runner.stdout.readline()) for runner in runners])
    return told


def group_is_gone(process: subprocess.Popen) -> bool:
    """Whether nothing is left of the process and its children."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    return False
