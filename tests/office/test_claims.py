"""Two workers and one job: operating-system processes on PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from office.models import Job, JobState

ROOT = Path(__file__).resolve().parents[2]
JOBS = 60

# Both wait for the line on standard input, so that neither is still importing when the other begins.
WORKER = """
import sys
import django
django.setup()
from django.db import connection
from office import jobs
connection.ensure_connection()
print("ready", flush=True)
first, count = map(int, sys.stdin.readline().split())
print(*(pk for pk in range(first, first + count) if jobs.claim(pk)))
"""


def worker() -> subprocess.Popen:
    settings = connection.settings_dict
    server = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
    address = f"postgres://{server}/{settings['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_processes_that_claim_a_job_at_the_same_moment_one_gets_it():
    """Fails (most runs) when `select_for_update` is taken out of `jobs.claim`."""
    rows = Job.objects.bulk_create(Job(task="tests.does_not_exist") for _number in range(JOBS))
    both = [worker(), worker()]
    try:
        for process in both:
            assert process.stdout.readline() == "ready\n"
        for process in both:
            process.stdin.write(f"{rows[0].pk} {JOBS}\n")
            process.stdin.flush()
        taken = [pk for process in both for pk in map(int, process.communicate(timeout=60)[0].split())]
    finally:
        for process in both:
            process.kill()
    assert sorted(taken) == [row.pk for row in rows]
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.RUNNING, 1)}
