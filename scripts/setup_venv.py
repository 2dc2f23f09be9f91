"""Makes .venv hold exactly what a lock says: `python scripts/setup_venv.py [run|dev]`.

Standard library only: it runs before anything is installed. A stamp inside .venv, the hash of the lock, lets every
later start skip the installer.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "banzu-locks.json"
# The dev lock contains the run lock, at the same pins.
LOCKS = {"run": ("requirements.txt",), "dev": ("requirements.txt", "requirements-dev.txt")}


class SetupError(Exception):
    """Something on this machine is in the way; the message is one line for the person at the keyboard."""


def fingerprint(kind: str) -> str:
    """The hash of the lock files behind `kind`."""
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in LOCKS[kind])).hexdigest()


def stamps() -> dict[str, str]:
    """What was installed, as kind → fingerprint; empty when nothing was, or not to the end."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def is_fresh(kind: str) -> bool:
    """Whether .venv already holds what the lock of `kind` says."""
    return os.access(PYTHON, os.X_OK) and stamps().get(kind) == fingerprint(kind)


def is_usable() -> bool:
    """Whether .venv starts, is new enough and has pip (one made by uv has none)."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make() -> None:
    """A new, empty .venv in the place of whatever is there."""
    try:
        venv.create(VENV, clear=True, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError:
        short = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"Python {short} lacks the venv module; Debian and Ubuntu: apt install python{short}-venv"
        ) from None


def install(kind: str) -> None:
    """Everything in the lock of `kind`, each file checked against its hash."""
    lock = LOCKS[kind][-1]
    print(f"Installing {lock} into .venv (the first time takes about a minute) …", flush=True)
    # --no-deps: the lock is complete, so pip has nothing to resolve.
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--require-hashes", "--no-deps", "-r", ROOT / lock], check=False)
    if done.returncode:
        raise SetupError(f"the packages of {lock} could not be installed; what pip says stands above")
    fresh = {"run": fingerprint("run")}
    if kind == "dev":
        fresh["dev"] = fingerprint("dev")
    STAMP.write_text(json.dumps(fresh) + "\n")


def ensure(kind: str) -> Path:
    """The Python of a .venv that holds the lock of `kind`; raises SetupError where that cannot be had."""
    if is_fresh(kind):
        return PYTHON
    try:
        VENV.mkdir(exist_ok=True)
        # Two commands at once (make run in one window, make test in another) install one after the other.
        folder = os.open(VENV, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if not is_fresh(kind):
                STAMP.unlink(missing_ok=True)
                if not is_usable():
                    make()
                install(kind)
        finally:
            os.close(folder)
    except OSError as error:
        raise SetupError(f"cannot write {error.filename or VENV}: {error.strerror}") from None
    return PYTHON


if __name__ == "__main__":
    try:
        ensure(sys.argv[1] if len(sys.argv) > 1 else "run")
    except SetupError as error:
        sys.exit(f"banzu: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
