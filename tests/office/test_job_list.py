"""One's own background work in one place, and being told when it has ended."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from office import clock, jobs
from office.models import Job, JobState, Notice
from tests.sheets import rows_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
OCTOBER = {"title": "Score %(month)s", "title_params": {"month": {"month": "2026-10"}}, "link": "/d/desk/scores/"}
RESULT = {"message": "Scorecards: %(count)s.", "params": {"count": 12}}


@pytest.fixture(autouse=True)
def noon():
    with clock.at(NOON):
        yield


def page(client, **query) -> str:
    response = client.get(reverse("office:jobs"), query)
    assert response.status_code == 200
    return response.content.decode()


class TestTheList:
    def test_nothing_yet_says_what_will_stand_here(self, agent, client_of):
        html = page(client_of(agent))
        assert "No background work yet" in html
        assert "hx-get" not in html

    def test_what_it_was_when_and_what_came_of_it(self, agent, job_of, client_of, department):
        times = {"started_at": NOON, "finished_at": NOON + timedelta(seconds=9)}
        job_of(agent, JobState.DONE, result=RESULT, **OCTOBER, **times)
        html = page(client_of(agent))
        assert "Score October 2026" in html
        assert department.name in html
        assert "Scorecards: 12." in html
        assert 'href="/d/desk/scores/"' in html
        # Shanghai's clock.
        assert "20:00:09" in html

    def test_in_the_readers_language(self, agent, job_of, client_of):
        job_of(agent, JobState.DONE, **OCTOBER)
        with translation.override("zh-hans"):
            assert "2026年10月" in Job.objects.get().name.replace(" ", "")

    def test_the_newest_first(self, agent, job_of, client_of):
        for number in range(3):
            job_of(agent, JobState.DONE, title="Import %(file)s", title_params={"file": f"list-{number}"})
        html = page(client_of(agent))
        assert html.index("list-2") < html.index("list-1") < html.index("list-0")

    def test_a_running_one_has_a_bar_and_a_button_and_the_list_asks_again(self, agent, job_of, client_of):
        job = job_of(agent, JobState.RUNNING, done=3, total=12, **OCTOBER)
        html = page(client_of(agent))
        assert "3 / 12" in html
        assert 'aria-valuenow="25"' in html
        assert reverse("office:job_cancel", args=[job.pk]) in html
        assert f'hx-get="{reverse("office:jobs")}' in html

    @pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
    def test_an_ended_one_has_neither(self, agent, job_of, client_of, state):
        job = job_of(agent, state, error="The disk is full.", **OCTOBER)
        html = page(client_of(agent))
        assert reverse("office:job_cancel", args=[job.pk]) not in html
        assert "hx-get" not in html
        assert ("The disk is full." in html) == (state == JobState.FAILED)

    def test_one_that_was_lost_says_that_it_was_sent_again(self, agent, job_of, client_of):
        client = client_of(agent)
        job = job_of(agent, sent_at=NOON + timedelta(minutes=3), **OCTOBER)
        assert "sent again" in page(client)
        assert "attempt" not in page(client)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=2, beat_at=NOON + timedelta(minutes=4))
        assert "sent again, attempt 2" in page(client)

    @pytest.mark.parametrize("other", ["colleague", "supervisor", "owner", "stranger"])
    def test_nobody_sees_another_ones(self, agent, job_of, client_of, other, request):
        job_of(agent, JobState.DONE, **OCTOBER)
        assert "Score October" not in page(client_of(request.getfixturevalue(other)))

    def test_an_anonymous_visitor_is_asked_to_sign_in(self, client, db):
        assert client.get(reverse("office:jobs"))["location"].startswith("/accounts/login/")

    def test_it_is_only_read(self, agent, client_of):
        assert client_of(agent).post(reverse("office:jobs")).status_code == 405


class TestChoosing:
    @pytest.mark.parametrize(
        ("state", "shown"),
        [
            ("", {"queued", "running", "done", "failed", "cancelled"}),
            ("unfinished", {"queued", "running"}),
            ("done", {"done"}),
            ("failed", {"failed"}),
            ("cancelled", {"cancelled"}),
            ("nonsense", {"queued", "running", "done", "failed", "cancelled"}),
        ],
    )
    def test_by_state(self, agent, job_of, client_of, state, shown):
        for each in JobState.values:
            job_of(agent, each, title="Import %(file)s", title_params={"file": f"file-{each}"})
        html = page(client_of(agent), state=state)
        assert {each for each in JobState.values if f"file-{each}" in html} == shown

    def test_a_state_in_which_there_is_none_offers_all(self, agent, job_of, client_of):
        job_of(agent, JobState.DONE)
        assert "No work in this state" in page(client_of(agent), state="failed")

    def test_page_by_page(self, agent, job_of, client_of):
        for number in range(21):
            job_of(agent, JobState.DONE, title="Import %(file)s", title_params={"file": f"list-{number}."})
        client = client_of(agent)
        assert "list-0." not in page(client)
        assert "list-0." in page(client, page=2)

    def test_as_a_file(self, agent, job_of, client_of):
        job_of(agent, JobState.DONE, result=RESULT, **OCTOBER)
        response = client_of(agent).get(reverse("office:jobs"), {"export": "xlsx"})
        _head, row = rows_of(response.content)
        assert "Score October 2026" in row
        assert "Scorecards: 12." in row

    def test_it_costs_the_same_for_one_and_for_twenty(self, agent, job_of, client_of, django_assert_num_queries):
        client = client_of(agent)
        job_of(agent, JobState.RUNNING)
        with CaptureQueriesContext(connection) as one:
            page(client)
        for state in JobState.values * 6:
            job_of(agent, state)
        with django_assert_num_queries(len(one)):
            page(client)


class TestTheLivePiece:
    def test_it_is_the_list_alone(self, agent, job_of, client_of):
        job_of(agent, JobState.RUNNING)
        assert "<html" not in client_of(agent).get(reverse("office:jobs"), headers=HTMX).content.decode()

    def test_it_speaks_only_when_something_has_changed(self, agent, job_of, client_of):
        job = job_of(agent, JobState.RUNNING)
        client, heard = client_of(agent), {**HTMX, "X-Unfinished": "1"}
        assert "hx-swap-oob" not in client.get(reverse("office:jobs"), headers=heard).content.decode()
        jobs.cancel(job=job, actor=None)
        assert "All work has ended." in client.get(reverse("office:jobs"), headers=heard).content.decode()


class TestWords:
    def test_without_a_title_it_is_called_by_its_task(self, agent, job_of):
        assert job_of(agent).name == "does not exist"

    def test_a_result_without_words_has_none(self, agent, job_of):
        assert [job_of(agent, JobState.DONE, result=result).outcome for result in ({}, {"cards": 3}, [], 7)] == [""] * 4

    def test_the_link_of_the_result_goes_before_the_one_of_the_start(self, agent, job_of):
        assert job_of(agent, link="/start/", result={"link": "/result/"}).outcome_link == "/result/"
        assert job_of(agent, link="/start/").outcome_link == "/start/"

    def test_which_attempt_it_is(self, agent, job_of):
        later = NOON + timedelta(minutes=12)
        assert not job_of(agent).is_sent_again
        assert job_of(agent, sent_at=later).is_sent_again
        assert job_of(agent, JobState.RUNNING, attempts=1, beat_at=NOON).attempt == 1
        assert job_of(agent, JobState.RUNNING, attempts=1, beat_at=NOON, sent_at=later).attempt == 2
        assert job_of(agent, JobState.QUEUED, attempts=2).attempt == 3


def ran(job, work, *, seconds=0) -> Job:
    with clock.at(NOON + timedelta(seconds=seconds)):
        jobs.runs(work)(job.pk)
    job.refresh_from_db()
    return job


def refuse(job):
    raise ValidationError("2026-12 has not begun.")


class TestBeingTold:
    @pytest.fixture
    def job(self, department, agent):
        return jobs.start(task="tests.none", owner=agent, department=department, params={"language": "en"}, **OCTOBER)

    def test_a_quick_one_is_seen_on_its_page_and_needs_no_notice(self, job):
        assert ran(job, lambda job: RESULT, seconds=10).state == JobState.DONE
        assert not Notice.objects.exists()

    def test_after_a_slow_one_its_owner_is_told_where_the_result_is(self, job, agent):
        ran(job, lambda job: RESULT, seconds=11)
        notice = Notice.objects.get()
        assert (notice.recipient, notice.link) == (agent, "/d/desk/scores/")
        assert notice.text == "Done: Score October 2026. Scorecards: 12."

    def test_the_notice_speaks_the_readers_language(self, job):
        ran(job, lambda job: RESULT, seconds=11)
        with translation.override("zh-hans"):
            assert "2026年10月" in Notice.objects.get().text.replace(" ", "")

    def test_a_slow_one_without_words_is_told_too(self, job):
        ran(job, lambda job: None, seconds=11)
        assert Notice.objects.get().text == "Done: Score October 2026."

    def test_a_failed_one_is_always_told_and_why(self, job):
        ran(job, refuse)
        assert Notice.objects.get().text == "Failed: Score October 2026. 2026-12 has not begun."

    def test_a_stopped_one_is_not(self, job):
        jobs.cancel(job=job, actor=None)
        ran(job, refuse, seconds=11)
        assert not Notice.objects.exists()

    def test_a_job_of_nobody_tells_nobody(self, department):
        job = jobs.start(task="tests.none", owner=None, department=department, params={})
        assert ran(job, refuse).state == JobState.FAILED
        assert not Notice.objects.exists()

    def test_of_two_attempts_only_the_one_that_ends_it_tells(self, job):
        """The first fell silent, was taken for dead, and comes back after its successor has ended."""

        def outlived(first):
            with clock.at(NOON + jobs.SILENT_AFTER + timedelta(seconds=1)):
                jobs.runs(lambda second: RESULT)(first.pk)
            raise ValidationError("too late")

        ran(job, outlived)
        assert job.state == JobState.DONE
        assert [notice.text for notice in Notice.objects.all()] == ["Done: Score October 2026. Scorecards: 12."]

    def test_one_that_is_given_up_is_told(self, job):
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING, attempts=jobs.MAX_ATTEMPTS, beat_at=NOON, sent_at=NOON
        )
        with clock.at(NOON + timedelta(hours=1)):
            jobs.queue_stale()
            jobs.queue_stale()
        assert "Failed: Score October 2026. Given up" in Notice.objects.get().text

    def test_when_it_was_first_taken_is_kept(self, job):
        with clock.at(NOON + timedelta(seconds=5)):
            jobs.claim(job.pk)
        with clock.at(NOON + timedelta(hours=1)):
            assert jobs.claim(job.pk).started_at == NOON + timedelta(seconds=5)
