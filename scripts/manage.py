"""`make manage ARGS="…"`: manage.py in the environment of `make run`, so on the same database and with the same key."""

import os
import shlex
import sys
from pathlib import Path

from run import ROOT, embedded_environment
from setup_venv import SetupError, ensure


def main() -> None:
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    if not (folder / "db.sqlite3").exists():
        raise SetupError(f"there is no database in {folder} yet; make run makes it")
    environment = embedded_environment(folder, "127.0.0.1", 8000)
    python = ensure("run")
    arguments = shlex.split(os.environ.get("ARGS", "")) or ["help"]
    os.execve(python, [str(python), str(ROOT / "manage.py"), *arguments], environment)  # noqa: S606


if __name__ == "__main__":
    try:
        main()
    except SetupError as trouble:
        sys.exit(f"banzu: {trouble}")
