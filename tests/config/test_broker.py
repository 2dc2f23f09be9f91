"""A dead broker delays a job; it neither breaks nor holds up the page that queues it."""

import os
import socket
import subprocess
import sys
import time

import pytest

from tests.conftest import HERE

SEND = """
import os, pathlib, shutil
import django
django.setup()
if folder := os.environ.get("BREAK"):
    shutil.rmtree(folder)
    pathlib.Path(folder).touch()
from celery import current_app
from kombu.exceptions import OperationalError
try:
    current_app.send_task("tests.does_not_exist", args=[1])
except (OperationalError, OSError) as error:
    print("refused", type(error).__name__)
else:
    print("sent")
"""


@pytest.fixture
def send(tmp_path):
    """`send(**environment)`: what became of a message, and how many seconds it took."""

    def do(**environment) -> tuple[str, float]:
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", SEND],
            cwd=HERE.parent,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[0], time.monotonic() - begun

    return do


@pytest.fixture
def port():
    """A port on which somebody listens and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield listening.getsockname()[1]


def test_the_embedded_one_takes_a_message(send, tmp_path):
    assert send(REDIS_URL="")[0] == "sent"
    assert len(list((tmp_path / "broker" / "in").iterdir())) == 1


def test_redis_that_is_not_there(send):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        outcome, seconds = send(REDIS_URL=f"redis://127.0.0.1:{unused.getsockname()[1]}/0")
    assert outcome == "refused"
    assert seconds < 20


@pytest.mark.slow
def test_redis_that_does_not_answer(send, port):
    outcome, seconds = send(REDIS_URL=f"redis://127.0.0.1:{port}/0")
    assert outcome == "refused"
    assert seconds < 25


def test_a_host_that_nobody_knows(send):
    assert send(REDIS_URL="redis://no-such-host.invalid:6379/0")[0] == "refused"


def test_a_folder_that_cannot_be_written(send, tmp_path):
    # Permissions would not stop the superuser, whom containers run as; a file in the folder's place does.
    assert send(REDIS_URL="", BREAK=str(tmp_path / "broker" / "in"))[0] == "refused"
