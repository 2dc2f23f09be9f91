"""The two commands and their checks: what stands in the way is said in one line, and Ctrl-C leaves nothing behind."""

import os
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

import run
import setup_venv
from tests.env import ON_SERVICES

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534


@pytest.fixture
def checkout():
    """A bare checkout, nothing installed, that another user may read too."""
    folder = Path(tempfile.mkdtemp(prefix="banzu-checkout-"))
    folder.chmod(0o755)
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def refusal(command, **options) -> str:
    """The one line that a refused command prints to its error output; asserts that there is one and no traceback."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert done.returncode != 0
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("banzu: ")
    return lines[0]


def start(checkout, **environment) -> str:
    """What `make run` in a bare checkout refuses with, by a user who owns none of it where this is root."""
    options = {"user": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    base = Path(sys.executable).resolve()
    if os.getuid() == 0 and not _others_may_run(base):
        base = Path("/usr/bin/python3")
    return refusal(
        [base, checkout / "scripts" / "run.py"],
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment},
        **options,
    )


def _others_may_run(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))


def fake_python(folder: Path, name: str, answer: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)


class TestFindingPython:
    @pytest.fixture
    def path(self, checkout):
        """A PATH with nothing on it but what the finder itself needs."""
        folder = checkout / "bin"
        folder.mkdir()
        for name in ("sh", "dirname"):
            (folder / name).symlink_to(shutil.which(name))
        return folder

    def find(self, checkout, path, **environment):
        command = ["/bin/sh", checkout / "scripts" / "find_python.sh"]
        environment = {"PATH": str(path), **environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def refused(self, checkout, path, **environment):
        command = ["/bin/sh", checkout / "scripts" / "find_python.sh"]
        return refusal(command, env={"PATH": str(path), **environment})

    def test_the_first_that_is_new_enough_is_taken(self, checkout, path):
        fake_python(path, "python3", 'echo "old 3.9.2"')
        fake_python(path, "python3.12", 'echo "good 3.12.1"')
        assert self.find(checkout, path).stdout == "python3.12\n"

    def test_a_shim_that_does_not_start_is_passed_over(self, checkout, path):
        fake_python(path, "python3", "exit 127")
        fake_python(path, "python3.11", 'echo "good 3.11.2"')
        assert self.find(checkout, path).stdout == "python3.11\n"

    def test_the_real_one_answers(self, checkout, path):
        assert self.find(checkout, path, PYTHON=sys.executable).stdout.strip() == sys.executable

    def test_one_that_is_too_old_is_named_with_its_version(self, checkout, path):
        fake_python(path, "python3", 'echo "old 3.9.2"')
        assert "3.11 or newer is needed, and python3 is 3.9.2" in self.refused(checkout, path)

    def test_none_at_all(self, checkout, path):
        assert "there is no Python on the PATH" in self.refused(checkout, path)

    def test_one_named_that_is_not_there(self, checkout, path):
        assert "PYTHON=python9 does not start" in self.refused(checkout, path, PYTHON="python9")

    def test_a_missing_venv_module_is_named_with_its_package(self, checkout, path):
        # As on Debian without python3-venv: the module venv is there, ensurepip is not.
        (checkout / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
        line = self.refused(checkout, path, PYTHON=sys.executable, PYTHONPATH=str(checkout))
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        assert f"lacks the venv module; Debian and Ubuntu: apt install python{version}-venv" in line

    def test_a_venv_that_exists_needs_no_venv_module(self, checkout, path):
        fake_python(checkout / ".venv", "x", "")
        fake_python(checkout / ".venv" / "bin", "python", 'echo "bare 3.11.2"')
        assert self.find(checkout, path).stdout == ".venv/bin/python\n"

    def test_make_hands_the_refusal_on(self, checkout, path):
        fake_python(path, "python3", 'echo "old 3.9.2"')
        (path / "make").symlink_to(shutil.which("make"))
        assert "3.9.2" in refusal(["make", "-C", checkout, "run"], env={"PATH": str(path), "MAKEFLAGS": "s"})


class TestRefusalsOfRun:
    @pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "８０００"])
    def test_a_port_that_is_none(self, checkout, port):
        assert f"PORT must be a number from 1 to 65535, not '{port}'" in start(checkout, PORT=port)

    def test_a_taken_port(self, checkout, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            checkout.chmod(0o777)
            line = start(checkout, PORT=port)
        assert line == f"banzu: port {port} is taken; choose another: PORT=9000 make run"

    def test_an_address_of_another_machine(self, checkout):
        checkout.chmod(0o777)
        assert "cannot listen on 192.0.2.1" in start(checkout, HOST="192.0.2.1")

    def test_a_checkout_that_cannot_be_written(self, checkout):
        checkout.chmod(0o555)
        assert f"cannot write into {checkout}/var: Permission denied" in start(checkout)

    def test_a_database_of_another_user(self, checkout):
        (checkout / "var").mkdir()
        (checkout / "var" / "db.sqlite3").touch()
        (checkout / "var" / "db.sqlite3").chmod(0o444)
        (checkout / "var").chmod(0o777)
        assert "db.sqlite3: it belongs to another user" in start(checkout)

    def test_a_file_in_the_place_of_var(self, checkout):
        (checkout / "var").touch()
        assert "it is a file, and a folder is needed" in start(checkout)

    def test_a_venv_that_cannot_be_written(self, checkout):
        (checkout / "var").mkdir()
        (checkout / "var").chmod(0o777)
        (checkout / ".venv").mkdir()
        for folder in (checkout / ".venv", checkout):
            folder.chmod(0o555)
        assert re.search(r"cannot write \S*/\.venv\S*: Permission denied", start(checkout, PORT=str(free_port())))

    def test_a_second_run_on_the_same_folder(self, tmp_path):
        claim = run.take(tmp_path, "http://127.0.0.1:8000/")
        with pytest.raises(setup_venv.SetupError, match=f"process {os.getpid()}, http://127.0.0.1:8000/"):
            run.take(tmp_path, "http://127.0.0.1:9000/")
        os.close(claim)
        os.close(run.take(tmp_path, "http://127.0.0.1:9000/"))


class TestEnvironmentOfRun:
    def test_production_engines_left_in_the_shell_are_not_used(self, tmp_path, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://production/banzu")
        monkeypatch.setenv("DATABASE_URL_FILE", "/run/secrets/database")
        monkeypatch.setenv("REDIS_URL", "redis://production/0")
        monkeypatch.setenv("SECRET_KEY", "production")
        (tmp_path / "a folder").mkdir()
        environment = run.embedded_environment(tmp_path / "a folder", "127.0.0.1", 8000)
        assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path}/a%20folder/db.sqlite3"
        assert environment["REDIS_URL"] == ""
        assert not {"SECRET_KEY", "DATABASE_URL_FILE"} & environment.keys()

    def test_the_secret_key_is_made_once_and_is_private(self, tmp_path):
        first = run.secret_key_file(tmp_path).read_text()
        assert len(first) >= 50
        assert run.secret_key_file(tmp_path).read_text() == first
        assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")]
    )
    def test_the_address_is_one_that_a_browser_can_open(self, host, shown):
        assert run.address(host, 9000) == f"http://{shown}:9000/"

    def test_every_variable_that_the_settings_read_is_explained(self):
        read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "config" / "settings.py").read_text()))
        example = (ROOT / ".env.example").read_text()
        explained = set(re.findall(r"^# .+\n#?([A-Z_]+)=", example, re.MULTILINE))
        assert read <= explained
        assert explained - read == {"HOST"}


class TestVirtualEnvironment:
    @pytest.fixture
    def venv(self, tmp_path, monkeypatch):
        for name in ("requirements.txt", "requirements-dev.txt"):
            (tmp_path / name).write_text(name)
        monkeypatch.setattr(setup_venv, "ROOT", tmp_path)
        monkeypatch.setattr(setup_venv, "VENV", tmp_path / ".venv")
        monkeypatch.setattr(setup_venv, "PYTHON", tmp_path / ".venv" / "bin" / "python")
        monkeypatch.setattr(setup_venv, "STAMP", tmp_path / ".venv" / "stamp.json")
        fake_python(tmp_path / ".venv", "x", "")
        # Stands for the environment's Python: every install succeeds and is noted.
        fake_python(tmp_path / ".venv" / "bin", "python", f'echo "$*" >> {tmp_path}/calls')
        return tmp_path

    def installs(self, folder) -> int:
        calls = folder / "calls"
        return calls.read_text().count("pip install") if calls.exists() else 0

    def test_a_second_start_installs_nothing(self, venv):
        setup_venv.ensure("run")
        setup_venv.ensure("run")
        assert self.installs(venv) == 1

    def test_the_dev_lock_carries_the_run_lock(self, venv):
        setup_venv.ensure("dev")
        setup_venv.ensure("run")
        assert self.installs(venv) == 1

    def test_a_changed_lock_is_installed(self, venv):
        setup_venv.ensure("dev")
        (venv / "requirements.txt").write_text("changed")
        setup_venv.ensure("dev")
        assert self.installs(venv) == 2

    def test_an_install_that_failed_is_tried_again(self, venv):
        fake_python(venv / ".venv" / "bin", "python", 'case "$*" in *install*) exit 1;; esac')
        with pytest.raises(setup_venv.SetupError, match=r"packages of requirements\.txt could not be installed"):
            setup_venv.ensure("run")
        assert not setup_venv.is_fresh("run")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Terminal:
    """`make run` in a terminal of its own, as a person starts it."""

    def __init__(self, **environment):
        self.output = ""
        self.screen, inside = pty.openpty()
        os.set_blocking(self.screen, False)
        # setsid makes the new terminal the controlling one, which turns a typed Ctrl-C into a signal.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "make", "run"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=inside,
            stdout=inside,
            stderr=inside,
        )
        os.close(inside)

    def type(self, keys: bytes) -> None:
        os.write(self.screen, keys)

    def wait_until(self, is_so, seconds: float) -> None:
        """Reads on until `is_so()`; fails with all that was printed when that takes longer than `seconds`."""
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end and self.process.poll() is None, self.output
            try:
                self.output += os.read(self.screen, 65536).decode(errors="replace")
            except OSError:  # nothing to read now, or the other end is gone
                time.sleep(0.05)


def processes_with(variable: str) -> list[int]:
    """Every process of this machine with `NAME=value` in its environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if variable.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(ON_SERVICES, reason="make run has its own engines: tested with make test")
@pytest.mark.skipif(not setup_venv.is_fresh("run"), reason="would install packages: run the suite by make test")
def test_make_run_serves_the_demo_keeps_its_data_and_leaves_nothing_behind(tmp_path):
    port = free_port()
    environment = {"VAR_DIR": str(tmp_path / "var"), "PORT": str(port)}
    for number in (1, 2):
        began = time.monotonic()
        terminal = Terminal(**environment)
        try:
            terminal.wait_until(lambda terminal=terminal: "Ready: " in terminal.output, 240)
            seconds = time.monotonic() - began
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=20) as page:
                assert page.status == 200
        finally:
            terminal.type(b"\x03")
        terminal.wait_until(lambda terminal=terminal: terminal.process.poll() is not None, 15)
        # make dies of the same Ctrl-C, or has ended by itself when its child was quicker.
        assert terminal.process.returncode in (0, -signal.SIGINT)
        assert "Traceback" not in terminal.output
        assert processes_with(f"VAR_DIR={tmp_path / 'var'}") == []
        if number == 2:
            assert seconds < 10
    assert (tmp_path / "var" / "db.sqlite3").stat().st_size > 100_000
