"""`make check`: everything that can be judged without running the suite; `make check ARGS="mypy lock"` runs some.

All of them run, two at a time, also after one has failed: a person mends what they find in one go."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable

# The slowest first: it has one of the two places for most of the time.
CHECKS: dict[str, list[str | Path]] = {
    "mypy": [BIN / "mypy"],
    "templates": [BIN / "djlint", "--lint", "--quiet", "templates"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "catalog": [PYTHON, "scripts/messages.py", "check"],
    "imports": [BIN / "lint-imports"],
    "docs": [PYTHON, "manage.py", "describe_rulebook", "--check"],
    "lock": [PYTHON, "scripts/lock.py", "--check"],
    "house": [PYTHON, "scripts/check_house.py"],
    "ruff": [BIN / "ruff", "check", "--quiet", "--output-format", "concise"],
    "format": [BIN / "ruff", "format", "--check", "--quiet", "--output-format", "concise", "."],
}


def run(name: str, environment: dict[str, str]) -> tuple[bool, str]:
    """Whether the check passed, and what to print about it."""
    start = time.monotonic()
    done = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = f"{time.monotonic() - start:5.1f} s"
    if done.returncode == 0:
        return True, f"ok      {seconds}  {name}"
    words = "\n".join(f"    {line}" for line in done.stdout.strip().splitlines() if line.strip())
    return False, f"FAILED  {seconds}  {name}\n{words}"


def main(names: list[str]) -> None:
    if unknown := [name for name in names if name not in CHECKS]:
        sys.exit(f"check: no check is called {unknown[0]}; there are: {', '.join(CHECKS)}")
    failed = []
    with tempfile.TemporaryDirectory(prefix="banzu-check-") as var, ThreadPoolExecutor(2) as two:
        # The checks load the settings, but must touch neither a database of this machine nor its .env.
        environment = {
            **os.environ,
            "SECRET_KEY": "for the checks",
            "VAR_DIR": var,
            "DATABASE_URL": f"sqlite:///{var}/db.sqlite3",
            "REDIS_URL": "",
            "PLAIN_STATIC": "on",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONIOENCODING": "utf-8",
        }
        chosen = names or list(CHECKS)
        for name, (passed, words) in zip(chosen, two.map(lambda name: run(name, environment), chosen), strict=True):
            print(words, flush=True)
            if not passed:
                failed.append(name)
    if failed:
        sys.exit(f"check: failed: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
