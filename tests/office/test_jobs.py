"""Background work as rows: started once, run by one worker, never lost."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from kombu.exceptions import OperationalError

from office import clock, jobs, tasks
from office.models import AuditEntry, Job, JobState
from tests.office.conftest import TASK

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def sent(monkeypatch):
    """The (task, job) pairs that were handed to the broker."""
    found = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda task, args: found.append((task, *args)))
    return found


@pytest.fixture(params=[OperationalError, NotADirectoryError, PermissionError])
def broker_down(monkeypatch, request):
    """Redis that does not answer, and a folder that cannot be written; tests/config looks at the real ones."""

    def refuse(task, args):
        raise request.param("nobody answers")

    monkeypatch.setattr(jobs.current_app, "send_task", refuse)


class TestStarting:
    def test_a_job_is_a_row_and_is_sent_when_the_transaction_ends(
        self, start, sent, agent, department, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            job = start(month="2026-10")
            assert sent == []
        assert sent == [(TASK, job.pk)]
        job.refresh_from_db()
        assert (job.state, job.owner, job.department) == (JobState.QUEUED, agent, department)
        assert (job.params, job.created_at, job.attempts) == ({"month": "2026-10"}, NOON, 0)

    def test_while_one_with_the_key_is_unfinished_it_is_that_one(self, start, sent, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            first, second = start(key="7:2026-10"), start(key="7:2026-10")
        assert first == second
        assert sent == [(TASK, first.pk)]

    def test_a_running_one_counts_as_unfinished(self, start):
        first = start(key="k")
        jobs.claim(first.pk)
        assert start(key="k") == first

    @pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
    def test_a_finished_one_makes_room(self, start, agent, job_of, state):
        old = job_of(agent, state, key="k")
        assert start(key="k") != old

    def test_without_a_key_and_with_another_there_are_two(self, start):
        assert len({start().pk, start().pk, start(key="a").pk, start(key="b").pk}) == 4

    def test_the_database_refuses_a_second_unfinished_one_with_the_key(self, start, agent, job_of):
        start(key="k")
        with pytest.raises(IntegrityError), transaction.atomic():
            job_of(agent, key="k")

    def test_pressed_by_two_in_the_same_moment_both_get_the_first_ones(self, start, agent, job_of, monkeypatch):
        theirs = job_of(agent, key="k")
        monkeypatch.setattr(type(Job.objects.all()), "unfinished", lambda rows: rows.none())
        assert start(key="k") == theirs

    def test_with_its_transaction_it_is_gone(self, start, sent, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            start()
            transaction.set_rollback(True)
        assert sent == []
        assert not Job.objects.exists()


class TestBrokerDown:
    @pytest.mark.usefixtures("broker_down")
    def test_starting_succeeds_and_the_job_stays_queued(self, start, django_capture_on_commit_callbacks, caplog):
        with django_capture_on_commit_callbacks(execute=True):
            job = start()
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
        assert "nobody answers" in caplog.text

    @pytest.mark.usefixtures("broker_down")
    def test_the_page_with_the_button_goes_on(self, department, manager, client_of, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            response = client_of(manager).post(f"/d/{department.code}/scores/2026-10/run/")
        assert response.status_code == 302
        assert Job.objects.get().state == JobState.QUEUED

    @pytest.mark.usefixtures("broker_down")
    def test_the_next_look_gives_up_for_now_and_keeps_them_all(self, agent, job_of, caplog):
        long_ago = NOON - timedelta(hours=1)
        rows = [job_of(agent, sent_at=long_ago) for _number in range(3)]
        assert jobs.queue_stale() == 0
        assert caplog.text.count("the broker does not answer") == 1
        assert set(Job.objects.values_list("state", "sent_at")) == {(JobState.QUEUED, long_ago)}
        assert Job.objects.count() == len(rows)


class TestClaiming:
    def test_a_queued_job_is_taken_once(self, start):
        job = start()
        taken = jobs.claim(job.pk)
        assert (taken.state, taken.attempts, taken.beat_at) == (JobState.RUNNING, 1, NOON)
        assert jobs.claim(job.pk) is None

    @pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
    def test_a_finished_one_is_not(self, agent, job_of, state):
        assert jobs.claim(job_of(agent, state).pk) is None

    def test_one_that_does_not_exist_is_not(self, db):
        assert jobs.claim(0) is None

    def test_a_silent_one_is_taken_over(self, start):
        job = jobs.claim(start().pk)
        with clock.at(NOON + jobs.SILENT_AFTER):
            assert jobs.claim(job.pk) is None
        with clock.at(NOON + jobs.SILENT_AFTER + timedelta(seconds=1)):
            assert jobs.claim(job.pk).attempts == 2

    def test_one_that_reports_is_not_silent(self, start):
        job = jobs.claim(start().pk)
        with clock.at(NOON + timedelta(minutes=9)):
            jobs.progress(job, 1, 2)
        with clock.at(NOON + timedelta(minutes=18)):
            assert jobs.claim(job.pk) is None


def run(job, work) -> Job:
    jobs.runs(work)(job.pk)
    job.refresh_from_db()
    return job


def refuse(job):
    raise ValidationError([gettext("Yes"), "2026-10 has not begun."])


def break_down(job):
    raise ZeroDivisionError("the secret number was 7")


class TestRunning:
    def test_the_result_is_kept(self, start):
        job = run(start(), lambda job: {"cards": 3})
        assert (job.state, job.result, job.error, job.finished_at) == (JobState.DONE, {"cards": 3}, "", NOON)
        assert job.is_finished

    def test_work_without_a_result_is_done_too(self, start):
        assert run(start(), lambda job: None).state == JobState.DONE

    def test_progress_is_kept_on_the_way(self, start):
        def work(job):
            jobs.progress(job, 3, 12)
            job.refresh_from_db()
            assert (job.done, job.total, job.percent) == (3, 12, 25)

        assert run(start(), work).state == JobState.DONE

    def test_a_refusal_is_told_in_its_words(self, start):
        job = run(start(language="en"), refuse)
        assert (job.state, job.error) == (JobState.FAILED, "Yes 2026-10 has not begun.")

    def test_in_the_language_of_who_asked_else_the_sites(self, start):
        with translation.override("en"):
            assert run(start(language="zh-hans"), refuse).error.startswith("是")
            assert run(start(), refuse).error.startswith("是")

    def test_what_breaks_down_is_logged_and_not_shown(self, start, caplog):
        with caplog.at_level(logging.ERROR):
            job = run(start(), break_down)
        assert job.state == JobState.FAILED
        assert job.error
        assert "secret" not in job.error
        assert "the secret number was 7" in caplog.text

    def test_a_result_that_cannot_be_kept_is_a_break_down_and_not_a_job_for_ever(self, start, caplog):
        job = run(start(), lambda job: {"what": object()})
        assert job.state == JobState.FAILED
        assert "not JSON serializable" in caplog.text

    def test_a_message_that_comes_twice_does_the_work_once(self, start):
        calls, job = [], start()
        run(job, calls.append)
        run(job, calls.append)
        assert calls == [job]

    def test_a_finished_job_speaks_no_more(self, start):
        job = run(start(), lambda job: {})
        with pytest.raises(jobs.Cancelled):
            jobs.progress(job, 1, 1)

    def test_more_done_than_there_is_cannot_be(self, start):
        job = jobs.claim(start().pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            jobs.progress(job, 3, 2)


class TestCancelling:
    def test_it_is_written_down_who_stopped_what(self, start, agent):
        job = start()
        jobs.cancel(job=job, actor=agent)
        entry = AuditEntry.objects.get(action="jobs.job.cancelled")
        assert (entry.actor, entry.target_kind, entry.target_id) == (agent, "office.job", job.pk)
        assert entry.department == job.department
        assert entry.facts == {"before": {"state": "queued"}}

    def test_what_is_not_stopped_is_not_written_down(self, agent, job_of):
        with pytest.raises(ValidationError):
            jobs.cancel(job=job_of(agent, JobState.DONE), actor=agent)
        assert not AuditEntry.objects.filter(action="jobs.job.cancelled").exists()

    def test_its_next_report_ends_the_work_and_it_stays_cancelled(self, start, caplog):
        def work(job):
            jobs.cancel(job=job, actor=None)
            jobs.progress(job, 1, 2)
            raise AssertionError("the work went on")

        job = run(start(), work)
        assert (job.state, job.error, job.finished_at) == (JobState.CANCELLED, "", NOON)
        assert caplog.text == ""

    def test_work_that_ends_without_another_report_does_not_undo_it(self, start):
        assert run(start(), lambda job: jobs.cancel(job=job, actor=None) and {}).state == JobState.CANCELLED

    def test_work_that_breaks_down_does_not_undo_it(self, start):
        def work(job):
            jobs.cancel(job=job, actor=None)
            break_down(job)

        assert run(start(), work).state == JobState.CANCELLED

    def test_a_waiting_one_is_never_begun(self, start):
        job = start()
        jobs.cancel(job=job, actor=None)
        assert run(job, break_down).state == JobState.CANCELLED

    @pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
    def test_what_has_ended_is_not_cancelled(self, agent, job_of, state):
        with pytest.raises(ValidationError) as refusal:
            jobs.cancel(job=job_of(agent, state), actor=agent)
        assert refusal.value.code == "already_ended"


class TestSendingAgain:
    def test_a_queued_job_whose_message_was_lost(self, start, sent):
        job = start()
        assert jobs.queue_stale() == 0
        with clock.at(NOON + jobs.LOST_AFTER + timedelta(seconds=1)) as _later:
            assert jobs.queue_stale() == 1
            assert jobs.queue_stale() == 0
        assert sent == [(TASK, job.pk)]

    def test_a_running_one_that_has_fallen_silent_is_run_again(self, start, sent):
        job = jobs.claim(start().pk)
        with clock.at(NOON + jobs.SILENT_AFTER):
            tasks.queue_stale_jobs()
            assert sent == []
        with clock.at(NOON + jobs.SILENT_AFTER + timedelta(seconds=1)):
            tasks.queue_stale_jobs()
            assert sent == [(TASK, job.pk)]
            assert run(job, lambda job: {}).state == JobState.DONE

    @pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
    def test_a_finished_one_is_left_alone(self, agent, job_of, sent, state):
        job_of(agent, state, sent_at=NOON - timedelta(days=9), beat_at=NOON - timedelta(days=9))
        assert jobs.queue_stale() == 0
        assert sent == []

    def test_after_too_many_silent_runs_it_is_given_up(self, start, sent):
        job, moment = start(language="en"), NOON
        for _attempt in range(jobs.MAX_ATTEMPTS):
            with clock.at(moment):
                assert jobs.claim(job.pk)
            moment += jobs.SILENT_AFTER + timedelta(minutes=1)
            with clock.at(moment):
                jobs.queue_stale()
        assert len(sent) == jobs.MAX_ATTEMPTS - 1
        job.refresh_from_db()
        assert (job.state, job.finished_at) == (JobState.FAILED, moment)
        assert str(jobs.MAX_ATTEMPTS) in job.error

    def test_waiting_long_alone_is_no_reason_to_give_up(self, start, sent):
        job = start()
        for hours in range(1, 10):
            with clock.at(NOON + timedelta(hours=hours)):
                assert jobs.queue_stale() == 1
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
