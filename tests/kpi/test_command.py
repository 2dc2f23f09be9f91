"""manage.py score_month: the same job as the button, run here and now."""

import pytest
from django.core.management import CommandError, call_command

from kpi import services
from kpi.models import ScoreRun
from office import clock
from office.models import Job, JobState
from tests.factories import add_person, make_department
from tests.kpi.facts import OCTOBER, instant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_of_november(department, agent):
    with clock.at(instant(agent.membership, "2026-11-02 09:00")):
        yield


def score(*args, department="desk"):
    call_command("score_month", *args, "--department", department)


def test_the_command_scores_the_month_without_a_worker(capsys):
    score("2026-10")
    job, run = Job.objects.get(), ScoreRun.objects.get()
    assert (job.task, job.owner, job.state) == (services.TASK, None, JobState.DONE)
    assert (run.of_month, run.scorecards.count()) == (OCTOBER, 1)
    assert capsys.readouterr().out == f"desk 2026-10: 1 scorecard, counted up to {run.as_of.isoformat()}.\n"


def test_the_command_again_makes_another_job_and_changes_nothing():
    score("2026-10")
    before = ScoreRun.objects.values().get()
    score("2026-10")
    assert (Job.objects.count(), ScoreRun.objects.values().get()) == (2, before)


def test_the_command_takes_up_a_job_that_waits_for_a_worker(department, agent):
    waiting = services.start_scoring(department=department, month=OCTOBER, actor=agent)
    score("2026-10")
    waiting.refresh_from_db()
    assert (Job.objects.count(), waiting.state, ScoreRun.objects.get().run_by) == (1, JobState.DONE, agent)


def test_queue_leaves_the_work_to_a_worker(capsys):
    score("2026-10", "--queue")
    assert Job.objects.get().state == JobState.QUEUED
    assert not ScoreRun.objects.exists()
    assert "waits for a worker" in capsys.readouterr().out


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "1999-12", "october", "2026-1"])
def test_a_month_that_does_not_exist_is_refused_in_one_line(month):
    with pytest.raises(CommandError) as refusal:
        score(month)
    assert month in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Job.objects.exists()


def test_an_unknown_department_is_refused():
    with pytest.raises(CommandError, match="No department has the code nowhere"):
        score("2026-10", department="nowhere")


def test_a_month_to_come_is_refused(settings):
    with pytest.raises(CommandError, match="2026-12"):
        score("2026-12")
    assert not Job.objects.exists()


def test_a_month_without_a_rulebook_is_refused():
    add_person(make_department("bare"))
    with pytest.raises(CommandError, match="2026-10-01"):
        score("2026-10", department="bare")
    assert not Job.objects.exists()


def test_what_a_failed_job_says_is_what_the_command_says(monkeypatch):
    def fail(**kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(services, "score_month", fail)
    with pytest.raises(CommandError, match="desk 2026-10: "):
        score("2026-10")
    assert Job.objects.get().state == JobState.FAILED


def test_the_command_does_not_wait_for_ever_for_a_worker(department, monkeypatch):
    job = services.start_scoring(department=department, month=OCTOBER, actor=None)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, beat_at=clock.now())
    monkeypatch.setattr("kpi.management.commands.score_month.LONGEST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr("kpi.management.commands.score_month.LOOK_EVERY_SECONDS", 0.01)
    with pytest.raises(CommandError, match="still under way"):
        score("2026-10")
