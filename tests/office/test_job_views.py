"""How far one's own work is, and stopping it."""

import pytest

from office import jobs
from office.models import Job, JobState

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def cancel_url(job) -> str:
    return f"{job.get_absolute_url()}cancel/"


def test_a_running_job_shows_how_far_it_is_and_asks_again(agent, job_of, client_of):
    job = job_of(agent, JobState.RUNNING, done=3, total=12)
    response = client_of(agent).get(job.get_absolute_url(), headers=HTMX)
    html = response.content.decode()
    assert "3 / 12" in html
    assert f'hx-get="{job.get_absolute_url()}"' in html
    assert cancel_url(job) in html
    assert "<html" not in html
    assert "HX-Refresh" not in response.headers


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_a_finished_one_asks_no_more_and_has_the_page_load_anew(agent, job_of, client_of, state):
    job = job_of(agent, state, error="")
    response = client_of(agent).get(job.get_absolute_url(), headers=HTMX)
    assert "hx-get" not in response.content.decode()
    assert cancel_url(job) not in response.content.decode()
    assert response.headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client_of(agent).get(job.get_absolute_url()).headers


def test_a_failed_one_says_why(agent, job_of, client_of):
    job = job_of(agent, JobState.FAILED, error="2026-12 <has> not begun.")
    assert "2026-12 &lt;has&gt; not begun." in client_of(agent).get(job.get_absolute_url()).content.decode()


@pytest.mark.parametrize("reader", ["colleague", "supervisor", "owner", "stranger"])
def test_for_everybody_else_it_does_not_exist(agent, job_of, client_of, reader, request):
    job = job_of(agent, JobState.RUNNING)
    client = client_of(request.getfixturevalue(reader))
    assert client.get(job.get_absolute_url()).status_code == 404
    assert client.post(cancel_url(job)).status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_job_of_nobody_is_nobodys(job_of, client_of, owner):
    assert client_of(owner).get(job_of(None).get_absolute_url()).status_code == 404


def test_an_anonymous_visitor_is_asked_to_sign_in(agent, job_of, client):
    assert client.get(job_of(agent).get_absolute_url())["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("number", ["0", "9223372036854775807", "9223372036854775808", "9" * 40])
def test_a_job_that_does_not_exist(agent, client_of, number):
    client = client_of(agent)
    assert client.get(f"/jobs/{number}/").status_code == 404
    assert client.post(f"/jobs/{number}/cancel/").status_code == 404


def test_its_owner_stops_it(agent, job_of, client_of):
    job = job_of(agent, JobState.RUNNING)
    assert client_of(agent).get(cancel_url(job)).status_code == 405
    assert client_of(agent).post(cancel_url(job)).status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://testserver/d/desk/scores/2026-10/", "http://testserver/d/desk/scores/2026-10/"),
        ("https://elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_and_comes_back_to_the_page_with_the_button(agent, job_of, client_of, came_from, goes_to):
    job = job_of(agent)
    response = client_of(agent).post(cancel_url(job), headers={"referer": came_from})
    assert response["location"] == goes_to


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_stopping_one_that_has_just_ended_changes_nothing(agent, job_of, client_of, state):
    job = job_of(agent, state)
    assert client_of(agent).post(cancel_url(job)).status_code == 302
    job.refresh_from_db()
    assert job.state == state


def test_one_that_ends_between_the_look_and_the_lock_is_no_error(agent, job_of, client_of, monkeypatch):
    job = job_of(agent, JobState.RUNNING)
    cancel = jobs.cancel

    def too_late(*, job, actor):
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
        return cancel(job=job, actor=actor)

    monkeypatch.setattr(jobs, "cancel", too_late)
    assert client_of(agent).post(cancel_url(job)).status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.DONE
