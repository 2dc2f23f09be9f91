"""The button with a real Celery worker behind it, on whichever engines the suite runs."""

import signal
import subprocess
import time
from datetime import date

import pytest
from django.urls import reverse

from kpi.models import ScoreRun
from office import clock, jobs
from office.models import Job, JobState
from people.models import Role
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department
from tests.kpi.facts import served
from tests.processes import group_is_gone, start

PATIENCE_SECONDS = 60
SEND_AGAIN_SECONDS = 10
# Long ago, so that the worker's own clock, which no test sets, is past it.
SINCE, MONTH = date(2020, 1, 1), "2024-03"


@pytest.fixture
def desk(transactional_db):
    department = make_department("desk")
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    import_rulebook(department=department, source=source, from_day=SINCE, actor=None)
    return department


@pytest.fixture
def worker(desk, tmp_path):
    """A running worker; afterwards it has ended by itself when asked to, and nothing is left of it."""
    log = (tmp_path / "worker.log").open("w+")
    options = ["--pool", "solo", "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    process = start("-m", "celery", "-A", "config", "worker", *options, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE_SECONDS) == 0, (tmp_path / "worker.log").read_text()
        assert group_is_gone(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        log.close()


def finished(job: Job, process: subprocess.Popen) -> Job:
    """The job when it has ended. A message that the worker of another test has taken is sent again, as beat would."""
    began = sent = time.monotonic()
    while not job.is_finished and time.monotonic() < began + PATIENCE_SECONDS and process.poll() is None:
        time.sleep(0.2)
        job.refresh_from_db()
        if job.state == JobState.QUEUED and time.monotonic() > sent + SEND_AGAIN_SECONDS:
            with clock.at(job.sent_at + 2 * jobs.LOST_AFTER):
                jobs.queue_stale()
            sent = time.monotonic()
    return job


@pytest.mark.slow
def test_pressing_the_button_has_a_worker_score_the_month(worker, desk, client_of):
    manager = add_person(desk, roles=[Role.MANAGER], scored=False, from_day=SINCE)
    agent = add_person(desk, roles=[Role.AGENT], from_day=SINCE).membership
    served(agent, date(2024, 3, 1), 55, 100)
    client = client_of(manager)
    client.post(reverse("kpi:run", args=["desk", MONTH]))

    job = finished(Job.objects.get(), worker)
    assert (job.state, job.error, job.attempts) == (JobState.DONE, "", 1)
    run = ScoreRun.objects.get()
    assert (run.run_by, str(run.of_month)) == (manager, MONTH)
    assert run.scorecards.get().lines.get(indicator="conversion").score == 50
    assert str(agent.work_number) in client.get(reverse("kpi:month", args=["desk", MONTH])).content.decode()

    # Again, and nothing changes.
    client.post(reverse("kpi:run", args=["desk", MONTH]))
    assert finished(Job.objects.first(), worker).state == JobState.DONE
    assert ScoreRun.objects.values().get()["as_of"] == run.as_of
