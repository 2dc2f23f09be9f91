"""The roster page, its edits, and the agent's clock, for each of the cast."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office.months import Month
from rulebooks.services import _load
from shifts import services
from shifts.models import Assignment, Attendance, Layer, Roster
from tests.factories import add_person

pytestmark = pytest.mark.django_db
MONTH = Month(2026, 11)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


def url(name, department, **kwargs):
    return reverse(f"shifts:{name}", kwargs={"code": department.code, "month": MONTH, **kwargs})


def send(client, department, *edits):
    return client.post(url("roster_cells", department), {"edits": json.dumps([list(edit) for edit in edits])})


def drafted(person, day=12):
    row = Assignment.objects.filter(
        layer=Layer.DRAFT, membership=person.membership, business_date=date(2026, 11, day)
    ).first()
    return row.code if row else ""


def test_the_supervisor_sees_the_draft_with_rest_days_and_coverage(department, agent, supervisor, paint, client_of):
    paint((agent, 12, "N"), (agent, 13, "X"))
    html = client_of(supervisor).get(url("roster", department)).content.decode()
    assert '<td class="n">N' in html
    assert "1/4" in html
    assert "1/2" in html
    assert "0/2" in html


def test_after_a_publication_every_changed_cell_is_marked(department, agent, supervisor, paint, publish, client_of):
    paint((agent, 12, "N"), (agent, 14, "D"))
    publish()
    paint((agent, 13, "R"))
    html = client_of(supervisor).get(url("roster", department)).content.decode()
    assert '<td class="r u">R' in html
    assert '<td class="n">N' in html


def test_an_agent_sees_what_is_published_and_cannot_edit(department, agent, colleague, paint, publish, client_of):
    paint((agent, 12, "N"))
    publish()
    paint((agent, 14, "D"))
    html = client_of(colleague).get(url("roster", department)).content.decode()
    assert '<td class="n">N' in html
    assert '<td class="d' not in html
    assert "data-cells" not in html


def test_a_stranger_finds_no_roster(department, stranger, client_of):
    client = client_of(stranger)
    assert client.get(url("roster", department)).status_code == 404
    for name in ("roster_cells", "roster_publish", "roster_discard"):
        assert client.post(url(name, department)).status_code == 404


def test_an_anonymous_visitor_is_asked_to_sign_in(department, client):
    assert client.get(url("roster", department))["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ["roster_cells", "roster_publish", "roster_discard"])
def test_a_colleague_without_the_right_edits_nothing(department, agent, client_of, name):
    response = client_of(agent).post(url(name, department), {"edits": "[]", "seen": 0})
    assert response.status_code == 403


@pytest.mark.parametrize("name", ["roster_cells", "roster_discard"])
def test_reading_an_address_that_writes_is_refused(department, supervisor, client_of, name):
    assert client_of(supervisor).get(url(name, department)).status_code == 405


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "1999-12", "2101-01", "26-1", "2026-1"])
def test_a_month_that_does_not_exist_is_no_address(department, supervisor, client_of, month):
    assert client_of(supervisor).get(f"/d/{department.code}/roster/{month}/").status_code == 404


def test_an_edit_is_saved_and_comes_back_as_a_row(department, agent, supervisor, client_of):
    answer = send(client_of(supervisor), department, (agent.membership.pk, 12, "N", 0)).json()
    assert drafted(agent) == "N"
    assert '<td class="n">N' in answer["rows"][str(agent.membership.pk)]
    assert answer["conflicts"] == []


def test_a_collision_comes_back_with_both_values(department, agent, supervisor, paint, client_of):
    paint((agent, 12, "N"))
    answer = send(client_of(supervisor), department, (agent.membership.pk, 12, "D", 0)).json()
    assert answer["conflicts"] == [{"m": agent.membership.pk, "d": 12, "name": agent.name, "theirs": "N", "yours": "D"}]
    assert drafted(agent) == "N"


@pytest.mark.parametrize(
    "edits",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "[1]",
        "[[1, 2]]",
        '[["1", 12, "N", 0]]',
        "[[1, 12, 7, 0]]",
        '[[true, 12, "N", 0]]',
        '[[1, 0, "N", 0]]',
        '[[1, 31, "N", 0]]',
        '[[1, 12, "N", -1]]',
        '[[9223372036854775808, 12, "N", 0]]',
        "[" * 5000,
        json.dumps([[1, 12, "N" * 99, 0]]),
        json.dumps([[1, 12, "N", 0]] * 2),
        json.dumps([[n, 12, "N", 0] for n in range(10_001)]),
    ],
    ids=lambda text: text[:24],
)
def test_edits_that_cannot_be_read_are_refused_in_words(department, supervisor, client_of, edits):
    response = client_of(supervisor).post(url("roster_cells", department), {"edits": edits})
    assert response.status_code == 422
    assert response.json()["error"]
    assert not Assignment.objects.exists()


def test_another_departments_member_cannot_be_planned_here(department, stranger, supervisor, client_of):
    response = send(client_of(supervisor), department, (stranger.membership.pk, 12, "N", 0))
    assert response.status_code == 422
    assert not Assignment.objects.exists()


def test_publishing_from_the_page(department, agent, supervisor, paint, client_of):
    paint((agent, 12, "N"))
    client = client_of(supervisor)
    client.post(url("roster_publish", department), {"seen": 1, "reason": "so it is"})
    assert Roster.objects.get().version == 1


@pytest.mark.parametrize("seen", ["", "x", "-1", "7", "99999999999"])
def test_publishing_what_one_has_not_seen_is_refused_on_the_page(department, agent, supervisor, paint, client_of, seen):
    paint((agent, 12, "N"))
    response = client_of(supervisor).post(url("roster_publish", department), {"seen": seen, "reason": "so it is"})
    assert response.status_code == 422
    assert "Look again" in response.content.decode()
    assert Roster.objects.get().version == 0


def test_names_are_escaped(department, supervisor, client_of):
    add_person(department, name="<script>x</script>")
    html = client_of(supervisor).get(url("roster", department)).content.decode()
    assert "<script>x" not in html


@pytest.mark.parametrize("people", [1, 30, 200])
def test_the_roster_page_costs_at_most_ten_queries(department, supervisor, client_of, people):
    crew = [add_person(department) for _ in range(people)]
    edits = [
        services.CellEdit(person.membership.pk, day, "DNR"[number % 3], 0)
        for number, person in enumerate(crew)
        for day in MONTH.days()
        if day.day % 7
    ]
    services.paint(department=department, month=MONTH, edits=edits, actor=supervisor)
    services.publish(department=department, month=MONTH, seen_edits=1, actor=supervisor, reason="so it is")
    client = client_of(supervisor)
    _load.cache_clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url("roster", department))
    assert response.status_code == 200
    assert len(queries) <= 10, [query["sql"][:90] for query in queries]
    if people == 200:
        body = response.content.decode()
        cells = body[body.index("<tbody>") : body.index("</tbody>")]
        assert len(cells.encode()) / (people * 30) < 150


# -- The clock ------------------------------------------------------------------------------------------------------


def desk(name, department):
    return reverse(f"shifts:{name}", kwargs={"code": department.code})


def test_an_agent_clocks_in_from_the_desk_page(department, agent, paint, publish, client_of, at):
    paint((agent, 10, "N"))
    publish()
    with at("2026-11-10 16:55"):
        client_of(agent).post(desk("clock_in", department))
    assert Attendance.objects.get().membership == agent.membership


def test_without_a_shift_the_page_says_so(department, agent, client_of):
    response = client_of(agent).post(desk("clock_in", department), follow=True)
    assert "no shift of yours" in response.content.decode()
    assert not Attendance.objects.exists()


def test_nobody_clocks_in_next_door(department, stranger, client_of):
    assert client_of(stranger).post(desk("clock_in", department)).status_code == 404


def test_counting_customers_with_and_without_script(department, night_shift, agent, client_of, at):
    client = client_of(agent)
    with at("2026-11-10 18:00"):
        client.post(desk("open_customers", department), {"change": "1"})
        part = client.post(desk("open_customers", department), {"change": "1"}, headers={"HX-Request": "true"})
    assert 'id="now"' in part.content.decode()
    assert "<html" not in part.content.decode()
    night_shift.refresh_from_db()
    assert night_shift.open_customers == 2


@pytest.mark.parametrize("change", ["", "x", "2", "-2", "1e9"])
def test_a_change_that_is_no_tap_is_refused(department, night_shift, agent, client_of, at, change):
    with at("2026-11-10 18:00"):
        response = client_of(agent).post(
            desk("open_customers", department), {"change": change}, headers={"HX-Request": "true"}
        )
    assert response.status_code == 422
    night_shift.refresh_from_db()
    assert night_shift.open_customers == 0


def test_fewer_than_none_is_refused(department, night_shift, agent, client_of, at):
    with at("2026-11-10 18:00"):
        response = client_of(agent).post(
            desk("open_customers", department), {"change": "-1"}, headers={"HX-Request": "true"}
        )
    assert response.status_code == 422


def test_who_is_not_on_duty_counts_nobody(department, agent, client_of):
    response = client_of(agent).post(desk("open_customers", department), {"change": "1"}, follow=True)
    assert "not clocked in" in response.content.decode()
