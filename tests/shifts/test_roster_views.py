"""The roster page of a month and of a week, and what an edit answers."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office import clock
from office.months import Month
from rulebooks.services import _load
from shifts import services
from shifts.forms.roster import MOST_EDITS
from shifts.models import Assignment, CalendarDay, CalendarYear, DayKind, Layer, Roster
from tests.factories import add_person

pytestmark = pytest.mark.django_db
MONTH = Month(2026, 11)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


def url(name, department, query="", month=MONTH):
    return reverse(f"shifts:{name}", kwargs={"code": department.code, "month": month}) + query


def page(client, department, query="", month=MONTH):
    return client.get(url("roster", department, query, month)).content.decode()


def body(html):
    return html[html.index("<tbody>") : html.index("</tbody>")]


def send(client, department, *edits, query=""):
    return client.post(url("roster_cells", department, query), {"edits": json.dumps([list(edit) for edit in edits])})


# -- The month -------------------------------------------------------------------------------------------------------


def test_holidays_make_up_days_and_promotions_stand_in_the_heads(department, agent, supervisor, client_of):
    add = CalendarDay.objects.create
    add(
        department=department, day=date(2026, 11, 11), kind=DayKind.WORKDAY, name={"en": "Double 11"}, is_promotion=True
    )
    add(department=department, day=date(2026, 11, 12), kind=DayKind.HOLIDAY, name={"en": "Founders' day"})
    add(department=department, day=date(2026, 11, 14), kind=DayKind.MAKE_UP)
    html = page(client_of(supervisor), department)
    assert 'data-d="11" class="ev" title="Double 11, Promotion day">11<small>We</small><u>' in html
    assert 'data-d="12" class="w ev" title="Founders&#x27; day, Public holiday">' in html
    # Everybody works on that Saturday.
    assert 'data-d="14" class="ev" title="Make-up work day">' in html


def test_a_year_that_the_calendar_does_not_know_is_said_with_a_way_there(department, agent, supervisor, client_of):
    html = page(client_of(supervisor), department)
    assert "public holidays of 2026 are not known" in html
    assert reverse("shifts:calendar", kwargs={"code": department.code, "year": 2026}) in html
    assert "Open the calendar" not in page(client_of(agent), department)
    CalendarYear.objects.create(department=department, year=2026)
    assert "are not known" not in page(client_of(supervisor), department)


def test_the_headcounts_of_a_day_in_the_calendar_hold_before_the_rulebooks(department, agent, supervisor, client_of):
    CalendarDay.objects.create(
        department=department, day=date(2026, 11, 11), kind=DayKind.WORKDAY, headcounts={"D": [5, 4], "N": [0, 0]}
    )
    html = page(client_of(supervisor), department)
    day, night, _regular = html[html.index('id="roster-foot"') : html.index("</tfoot>")].split("</th>")[1:]
    assert day.split("<td")[11] == ' class="gap">0/5'
    assert night.split("<td")[11] == ">"


def test_leave_has_its_mark_and_colour(department, agent, supervisor, client_of):
    for day in (3, 4):
        Assignment.objects.create(
            layer=Layer.DRAFT,
            membership=agent.membership,
            business_date=date(2026, 11, day),
            code="PL",
            is_rest=True,
            version=1,
        )
    assert body(page(client_of(supervisor), department)).count('<td class="l">L') == 2


def test_a_locked_month_is_shown_without_anything_to_edit(department, agent, supervisor, paint, client_of):
    paint((agent, 12, "N"))
    Roster.objects.update(locked_at=clock.now(), locked_by=supervisor)
    html = page(client_of(supervisor), department)
    assert "locked on 2026-10-25" in html
    assert f"By {supervisor.name}." in html
    assert "data-cells=" not in html
    assert "data-brush" not in html
    assert all(f"/{way}/" not in html for way in ("fill", "import"))
    refused = send(client_of(supervisor), department, (agent.membership.pk, 12, "D", 1))
    assert refused.status_code == 422
    assert "locked" in refused.json()["error"]


def test_days_before_joining_cannot_be_painted(department, supervisor, client_of):
    newcomer = add_person(department, from_day=date(2026, 11, 29))
    html = body(page(client_of(supervisor), department))
    assert html.count("<td class") - html.count('class="k') >= 28
    assert '<td class="a"' in html
    assert '<td class="w y a"><td><td class="k">' not in html
    refused = send(client_of(supervisor), department, (newcomer.membership.pk, 3, "D", 0))
    assert refused.status_code == 422


def test_what_the_scripts_need_stands_on_the_page_as_data(department, agent, supervisor, client_of):
    html = page(client_of(supervisor, "zh-hans"), department)
    start = html.index('<script id="roster-editor" type="application/json">')
    data = json.loads(html[html.index(">", start) + 1 : html.index("</script>", start)])
    assert data["most"] == MOST_EDITS
    [book] = data["books"]
    assert book["looks"]["N"] == ["晚", "n", "晚班", "17:00–01:00"]
    assert book["texts"]["night"] == "N"


def test_what_is_still_to_plan_is_for_whoever_plans(
    department, agent, colleague, supervisor, paint, publish, client_of
):
    paint((agent, 12, "N"))
    publish()
    assert "Still to plan" in page(client_of(supervisor), department)
    assert "Still to plan" not in page(client_of(colleague), department)


# -- The week --------------------------------------------------------------------------------------------------------


def test_a_week_shows_seven_days_with_their_hours_and_the_sums_of_the_month(
    department, agent, supervisor, paint, client_of
):
    paint((agent, 3, "D"), (agent, 17, "N"), (agent, 18, "X"))
    html = page(client_of(supervisor), department, "?week=2026-11-18")
    assert html.count("data-d=") == 7
    line = body(html)
    assert '<td class="n">N<small>17:00–01:00</small><td class="x">–<small>Rest day</small>' in line
    assert line.count("<td") == 7 + 4
    assert '<td class="k">1/4<td class="k">1<td class="k">0<td class="k">17' in line
    assert 'data-v="0,1,1,0,0,0,0"' in line


def test_days_of_the_other_month_are_read_only_and_lead_there(department, agent, supervisor, client_of):
    december = Month(2026, 12)
    edit = services.CellEdit(agent.membership.pk, date(2026, 12, 2), "N", 0)
    services.paint(department=department, month=december, edits=[edit], actor=supervisor)
    html = page(client_of(supervisor), department, "?week=2026-11-30")
    assert '<td class="n a">N' in html
    assert url("roster", department, "?week=2026-11-30", december) in html
    # The month's own numbers are no other for it.
    assert '<td class="k">0/4<td class="k">0<td class="k">0<td class="k">0' in html
    assert "1 day planned" not in html


def test_weeks_lead_on_across_months(department, agent, client_of):
    html = page(client_of(agent), department, "?week=2026-11-30")
    assert url("roster", department, "?week=2026-11-23") in html
    assert url("roster", department, "?week=2026-12-07", Month(2026, 12)) in html
    first = page(client_of(agent), department, "?week=2026-12-03", Month(2026, 12))
    assert url("roster", department, "?week=2026-11-23") in first


def test_a_week_of_another_month_leads_to_that_months_page(department, agent, client_of):
    answer = client_of(agent).get(url("roster", department, "?week=2027-03-03"))
    assert answer["location"] == url("roster", department, "?week=2027-03-01", Month(2027, 3))


@pytest.mark.parametrize(
    "week", ["x", "2026-13-01", "2026-11-31", "1999-12-31", "2101-01-01", "9999-12-31", "0001-01-01"]
)
def test_a_week_that_does_not_exist_is_no_page(department, supervisor, client_of, week):
    assert client_of(supervisor).get(url("roster", department, f"?week={week}")).status_code == 404


@pytest.mark.parametrize("month", [Month(2000, 1), Month(2100, 12)])
def test_the_first_and_the_last_week_have_a_page(department, supervisor, client_of, month):
    for day in (month.first, month.last):
        assert client_of(supervisor).get(url("roster", department, f"?week={day}", month)).status_code == 200


def test_an_edit_in_the_week_answers_with_a_line_of_the_week(department, agent, supervisor, client_of):
    client = client_of(supervisor)
    answer = send(client, department, (agent.membership.pk, 30, "N", 0), query="?week=2026-11-30").json()
    line = answer["rows"][str(agent.membership.pk)]
    assert line.count("<td") == 7 + 4
    assert '<td class="n">N<small>' in line
    refused = send(client, department, (agent.membership.pk, 30, "N", 0), query="?week=2027-01-04")
    assert refused.status_code == 422
    assert "no such week" in refused.json()["error"]


# -- Edits -----------------------------------------------------------------------------------------------------------


def test_a_collision_does_not_keep_the_rest_from_being_saved(department, agent, supervisor, paint, client_of):
    paint((agent, 12, "N"))
    key = agent.membership.pk
    answer = send(client_of(supervisor), department, (key, 12, "D", 0), (key, 13, "D", 0)).json()
    assert [conflict["d"] for conflict in answer["conflicts"]] == [12]
    assert '<td class="n">N<td class="d">D' in answer["rows"][str(key)]


def test_more_cells_than_can_be_at_once_are_refused_in_words(department, agent, supervisor, client_of):
    edits = [(number, 12, "N", 0) for number in range(10_000)]
    refused = send(client_of(supervisor), department, *edits)
    assert refused.status_code == 422
    assert str(MOST_EDITS) in refused.json()["error"].replace(",", "")


@pytest.mark.parametrize("before", ["", "D"], ids=["empty", "planned"])
def test_two_hundred_cells_are_saved_in_at_most_ten_queries(department, supervisor, before):
    crew = [add_person(department) for _ in range(20)]

    def paint(code, seen):
        edits = [services.CellEdit(one.membership.pk, day, code, seen) for one in crew for day in first_ten()]
        services.paint(department=department, month=MONTH, edits=edits, actor=supervisor)

    # The month has been opened before, and its rulebook is at hand.
    services.paint(
        department=department,
        month=MONTH,
        edits=[services.CellEdit(crew[0].membership.pk, MONTH.last, "X", 0)],
        actor=supervisor,
    )
    if before:
        paint(before, 0)
    with CaptureQueriesContext(connection) as queries:
        paint("N", 2 if before else 0)
    said = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert Assignment.objects.filter(code="N").count() == 200
    assert len(said) <= 10, "\n".join(sql[:120] for sql in said)


def test_an_edit_is_answered_with_the_lines_that_it_touched(department, agent, colleague, supervisor, client_of):
    answer = send(client_of(supervisor), department, (agent.membership.pk, 12, "N", 0)).json()
    assert list(answer["rows"]) == [str(agent.membership.pk)]
    assert {"edits", "rows", "foot", "bar", "open", "conflicts"} == answer.keys()
    assert "1/2" in answer["foot"]


def first_ten():
    return [MONTH.first + timedelta(days=place) for place in range(10)]


# -- How much it costs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?week=2026-11-30"])
def test_the_page_costs_the_same_few_queries_for_one_and_for_many(department, supervisor, client_of, query):
    client = client_of(supervisor)
    CalendarYear.objects.create(department=department, year=2026)
    CalendarDay.objects.create(department=department, day=date(2026, 11, 12), kind=DayKind.HOLIDAY)

    def cost(people):
        crew = [add_person(department) for _ in range(people)]
        edits = [
            services.CellEdit(one.membership.pk, day, "DNR"[number % 3], 0)
            for number, one in enumerate(crew)
            for day in MONTH.days()
        ]
        services.paint(department=department, month=MONTH, edits=edits, actor=supervisor)
        client.get(url("roster", department, query))
        _load.cache_clear()
        with CaptureQueriesContext(connection) as queries:
            html = page(client, department, query)
        return len(queries), len(body(html).encode())

    one, _bytes = cost(1)
    many, size = cost(199)
    assert one == many <= 10
    if not query:
        assert size / (200 * 30) < 150
