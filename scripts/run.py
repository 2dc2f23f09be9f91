"""`make run`: from a bare checkout to a living demo department, on the embedded engines.

Standard library only up to the virtual environment. What can be refused is refused first, each in one line; then
.venv, the database and the demo data (`prepare.py`), then web and worker (`serve.py`), which take this process over,
so that signals need no forwarding.
"""

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from setup_venv import ROOT, SetupError, ensure

FOLDERS = ("broker", "beat", "cache", "log", "static")


def read_port(text: str) -> int:
    """The port in `text`, 1 to 65535."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SetupError(f"PORT must be a number from 1 to 65535, not '{text}'")
    return int(text)


def require_free_port(host: str, port: int) -> None:
    """Raises SetupError unless a server can listen on `host` and `port`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            # As gunicorn does: connections of the last run that still linger do not count as taken.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen()
    except PermissionError:
        raise SetupError(f"this user may not listen on port {port}; choose another: PORT=9000 make run") from None
    except socket.gaierror:
        raise SetupError(f"HOST={host} is no address of this machine") from None
    except OSError as error:
        if error.errno == 98 or "in use" in str(error):
            raise SetupError(f"port {port} is taken; choose another: PORT=9000 make run") from None
        raise SetupError(f"cannot listen on {host}, port {port}: {error.strerror}") from None


def require_writable(folder: Path) -> None:
    """Makes `folder` with what lies under it, and raises SetupError unless all of it can be written."""
    for each in (folder, *(folder / name for name in FOLDERS)):
        try:
            each.mkdir(parents=True, exist_ok=True)
            trial = each / f".trial-{os.getpid()}"
            trial.touch()
            trial.unlink()
        except FileExistsError:
            raise SetupError(f"{each} is in the way: it is a file, and a folder is needed") from None
        except OSError as error:
            raise SetupError(f"cannot write into {each}: {error.strerror}") from None
    for name in ("db.sqlite3", "secret_key", "running"):
        if (folder / name).exists() and not os.access(folder / name, os.R_OK | os.W_OK):
            raise SetupError(f"cannot write {folder / name}: it belongs to another user")


def take(folder: Path, url: str) -> int:
    """Claims `folder` for this run and its processes; two beats on one database would do everything twice.

    Returns the descriptor that holds the claim. The kernel drops it with the last process, so no stale file can
    block a later start."""
    descriptor = os.open(folder / "running", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        where = os.read(descriptor, 500).decode(errors="replace").strip()
        raise SetupError(f"Banzu already runs on {folder} ({where}); stop that one first") from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()}, {url}\n".encode())
    os.set_inheritable(descriptor, True)
    return descriptor


def secret_key_file(folder: Path) -> Path:
    """The file with this installation's own secret key, made once: sessions outlive a restart."""
    path = folder / "secret_key"
    if not path.exists() or not path.read_text().strip():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path


def embedded_environment(folder: Path, host: str, port: int) -> dict[str, str]:
    """The environment of every process of this run.

    The engines are named outright, so that neither a `.env` file nor a variable left over in the shell makes
    `make run` load its demo department into a production database."""
    chosen = {
        "VAR_DIR": str(folder),
        "HOST": host,
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{quote(str(folder / 'db.sqlite3'))}",
        "REDIS_URL": "",
        "SECRET_KEY_FILE": str(secret_key_file(folder)),
        "DEBUG": "off",
        "DEMO": "on",
        "PLAIN_STATIC": "off",
        "SECURE_COOKIES": "off",  # plain http on this machine: a browser would not send secure cookies back
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    dropped = {"SECRET_KEY", *(f"{name}_FILE" for name in chosen)}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {"LOG_LEVEL": "WARNING", **kept, **chosen}


def address(host: str, port: int) -> str:
    """The URL to open in a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def prepare(python: Path, environment: dict[str, str]) -> None:
    """Database, static files, demo data and the list of accounts, in one Django process."""
    process = subprocess.Popen([python, ROOT / "scripts" / "prepare.py"], cwd=ROOT, env=environment)
    try:
        code = process.wait()
    except SystemExit:
        process.terminate()
        process.wait()
        raise
    if code:
        # Negative: ended by that signal, Ctrl-C as a rule.
        sys.exit(code if code > 0 else 128 - code)


def main() -> None:
    host = os.environ.get("HOST") or "127.0.0.1"
    port = read_port(os.environ.get("PORT") or "8000")
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    require_writable(folder)
    url = address(host, port)
    take(folder, url)
    require_free_port(host, port)
    python = ensure("run")
    environment = {**embedded_environment(folder, host, port), "BANZU_URL": url}
    # A Python that is interrupted while it starts prints a traceback. From here on Ctrl-C waits until the program that
    # follows says that it is ready for it; the mask goes with the process.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    prepare(python, environment)
    os.chdir(ROOT)
    os.execve(python, [str(python), str(ROOT / "scripts" / "serve.py")], environment)  # noqa: S606


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        main()
    except SetupError as error:
        sys.exit(f"banzu: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
