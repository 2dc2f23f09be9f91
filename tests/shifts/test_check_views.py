"""The checks of a month: for the grid, as a part of a page, as a page of their own."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office.months import Month
from rulebooks.services import _load, import_rulebook
from shifts import services
from shifts.checks import Report
from shifts.models import Layer
from shifts.plans import breaches_of
from shifts.services import overrides
from shifts.views.checks import MOST_IN_PANEL
from tests.conftest import LIBRARY
from tests.factories import add_person

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
JSON = {"headers": {"accept": "application/json"}}


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def short_rest(agent, paint):
    """The night of the 3rd and the day shift of the 4th, seven hours later."""
    paint((agent, 3, "N"), (agent, 4, "D"))


@pytest.fixture
def covered(department):
    """No shift of this rulebook needs anybody at least, so that no gap disturbs."""
    source = (LIBRARY / "three-shift-desk.yaml").read_text().replace("minimum: 1}", "minimum: 0}")
    import_rulebook(department=department, source=source.encode(), from_day=date(2026, 10, 1), actor=None)


def url(department, month=NOVEMBER, **query):
    return reverse("shifts:roster_checks", kwargs={"code": department.code, "month": month}, query=query or None)


def stand(department, actor):
    warnings = [each.violation for each in breaches_of(department, NOVEMBER)]
    roster = services.roster_of(department, NOVEMBER)
    overrides.let_stand(roster=roster, violations=warnings, reason="<b>Fair</b> days", actor=actor)


@pytest.mark.usefixtures("covered", "short_rest")
class TestForTheGrid:
    def test_cells_to_outline_and_the_panel(self, department, agent, supervisor, client_of):
        answer = client_of(supervisor).get(url(department), **JSON)
        assert answer["content-type"] == "application/json"
        told = answer.json()
        assert told["cells"] == [
            [agent.membership.pk, 4, "warn", "7 h of rest before this shift, at least 11 h wanted."]
        ]
        assert (told["blocking"], told["warnings"]) == (0, 1)
        assert 'id="roster-checks"' in told["html"]
        assert f'class="bz-finding" data-m="{agent.membership.pk}" data-d="4"' in told["html"]
        assert "<html" not in told["html"]

    def test_in_the_readers_language(self, department, supervisor, client_of):
        html = client_of(supervisor, "zh-hans").get(url(department), **JSON).json()["html"]
        assert 'id="roster-checks"' in html

    def test_what_was_let_stand_is_outlined_no_more_and_says_who_and_why(self, department, supervisor, client_of):
        stand(department, supervisor)
        told = client_of(supervisor).get(url(department), **JSON).json()
        assert (told["cells"], told["warnings"]) == ([], 0)
        assert "Let stand by 张岚, 2026-10-25: &lt;b&gt;Fair&lt;/b&gt; days" in told["html"]

    def test_a_month_in_which_nothing_is_wrong(self, department, supervisor, client_of):
        told = client_of(supervisor).get(url(department, Month(2027, 2)), **JSON).json()
        assert (told["cells"], told["blocking"], told["warnings"]) == ([], 0, 0)
        assert "Nothing open" in told["html"]

    def test_what_is_drafted_is_not_yet_published(self, department, supervisor, client_of):
        told = client_of(supervisor).get(url(department, layer=Layer.PUBLISHED), **JSON).json()
        assert told["warnings"] == 0


def test_a_gap_leads_to_its_day_in_the_first_line(department, agent, colleague, supervisor, paint, client_of):
    paint((agent, 3, "D"), (colleague, 3, "X"))
    told = client_of(supervisor).get(url(department), **JSON).json()
    # The colleague's work number is the smaller one.
    assert f'data-m="{colleague.membership.pk}" data-d="1"' in told["html"]
    assert "Day: 0 on it, at least 1 needed." in told["html"]
    assert told["cells"] == []


@pytest.mark.usefixtures("covered")
class TestTheNextMonthsFirstDay:
    @pytest.fixture(autouse=True)
    def night_before_it(self, department, agent, supervisor, paint):
        paint((agent, 30, "N"))
        first = services.CellEdit(agent.membership.pk, date(2026, 12, 1), "D", 0)
        services.paint(department=department, month=NOVEMBER.next, edits=[first], actor=supervisor)

    def test_is_named_in_full_and_the_last_shift_before_it_is_outlined(self, department, agent, supervisor, client_of):
        told = client_of(supervisor).get(url(department), **JSON).json()
        words = "2026-12-01, next month: 7 h of rest before this shift, at least 11 h wanted."
        assert told["cells"] == [[agent.membership.pk, 30, "warn", words]]
        assert "2026-12-01, next month" in told["html"]
        assert f'data-m="{agent.membership.pk}" data-d="30"' in told["html"]
        assert "2026-12-01, next month" in client_of(supervisor).get(url(department)).content.decode()

    def test_is_a_day_like_others_on_its_own_months_page(self, department, agent, supervisor, client_of):
        told = client_of(supervisor).get(url(department, NOVEMBER.next), **JSON).json()
        words = "7 h of rest before this shift, at least 11 h wanted."
        assert told["cells"] == [[agent.membership.pk, 1, "warn", words]]


def test_what_is_about_the_whole_month_says_which(department, agent, paint):
    paint(*[(agent, day, "X" if day in (3, 10) else "D") for day in range(1, 31)])
    items = Report(department, NOVEMBER, Layer.DRAFT).items
    assert [item.days for item in items if "rest days this month" in item.text] == ["November 2026"]
    assert all(item.days for item in items)


def test_gaps_that_began_before_today_lead_to_the_first_day_that_can_still_be_covered(
    department, agent, supervisor, paint, publish, client_of, at
):
    paint((agent, 3, "D"), (agent, 20, "D"))
    publish()
    with at("2026-11-10 12:00"):
        html = client_of(supervisor).get(url(department), **JSON).json()["html"]
    assert reverse("shifts:cover", args=[department.code, "2026-11-10", "D"]) in html
    assert reverse("shifts:cover", args=[department.code, "2026-11-21", "D"]) in html
    assert reverse("shifts:cover", args=[department.code, "2026-11-04", "D"]) not in html


def test_gaps_have_a_place_to_jump_to_and_outline_nobody(department, agent, supervisor, paint, client_of):
    paint((agent, 3, "D"), (agent, 5, "N"))
    told = client_of(supervisor).get(url(department), **JSON).json()
    assert [agent.membership.pk, 4, "11-04 – 11-30 Day: 0 on it, at least 1 needed."] in told["gaps"]
    stand(department, supervisor)
    assert client_of(supervisor).get(url(department), **JSON).json()["gaps"] == []


def test_what_is_open_stands_before_what_somebody_let_stand(department, agent, supervisor, paint, client_of):
    paint((agent, 3, "D"))
    stand(department, supervisor)
    paint((agent, 20, "N"), (agent, 21, "D"))
    html = client_of(supervisor).get(url(department), **JSON).json()["html"]
    assert 0 < html.index("7 h of rest before this shift") < html.index("Let stand by")


def test_a_gap_of_what_is_published_leads_to_its_stand_ins(department, agent, supervisor, paint, publish, client_of):
    paint((agent, 3, "D"), (agent, 5, "N"))
    to_cover = reverse("shifts:cover", args=[department.code, "2026-11-03", "N"])
    assert "/cover/" not in client_of(supervisor).get(url(department), **JSON).json()["html"]
    publish()
    paint((agent, 3, "N"), seen=1)
    html = client_of(supervisor).get(url(department), **JSON).json()["html"]
    # The gap that only the draft has is filled by painting; the others stand in what is published.
    assert to_cover not in html
    assert reverse("shifts:cover", args=[department.code, "2026-11-03", "D"]) not in html
    assert reverse("shifts:cover", args=[department.code, "2026-11-01", "N"]) in html


def test_gaps_on_days_that_follow_one_another_are_one_line(department, agent, supervisor, paint):
    paint((agent, 3, "D"))
    report = Report(department, NOVEMBER, Layer.DRAFT)
    lines = [(item.days, item.text) for item in report.items if item.text.startswith("Day:")]
    assert lines == [
        ("11-01 – 11-02", "Day: 0 on it, at least 1 needed."),
        ("11-04 – 11-30", "Day: 0 on it, at least 1 needed."),
    ]
    # As many warnings as lines: two of the day shift, one of the night.
    assert report.warnings == len(report.items) == 3


@pytest.mark.usefixtures("covered")
class TestPages:
    def test_htmx_has_the_panel_alone(self, department, supervisor, short_rest, client_of):
        html = client_of(supervisor).get(url(department), headers={"hx-request": "true"}).content.decode()
        assert html.lstrip().startswith("<section")

    def test_without_a_script_it_is_a_page_whose_lines_lead_to_the_roster(
        self, department, agent, supervisor, short_rest, client_of
    ):
        answer = client_of(supervisor).get(url(department))
        html = answer.content.decode()
        assert "<html" in html
        assert f'/roster/2026-11/#m{agent.membership.pk}d4"' in html
        assert "bz-finding" not in html
        assert {"Accept", "HX-Request"} <= {part.strip() for part in answer["vary"].split(",")}

    def test_the_list_can_be_narrowed_and_taken_along(self, department, supervisor, short_rest, client_of):
        client = client_of(supervisor)
        assert "7 h of rest" in client.get(url(department, state="open")).content.decode()
        assert "Nothing fits this choice" in client.get(url(department, state="blocking")).content.decode()
        answer = client.get(url(department, export="xlsx"))
        assert answer["content-disposition"].endswith('.xlsx"')

    def test_hours_worked_are_judged_when_they_are_over(
        self, department, agent, supervisor, short_rest, publish_all, at, client_of
    ):
        publish_all()
        with at("2026-11-03 17:00"):
            attendance = services.clock_in(membership=agent.membership)
        with at("2026-11-04 01:40"):
            services.clock_out(attendance=attendance, actor=agent)
        with at("2026-11-04 08:00"):
            services.clock_in(membership=agent.membership)
        with at("2026-11-05 09:00"):
            html = client_of(supervisor).get(url(department, layer="worked")).content.decode()
        assert "6 h 20 min of rest" in html

    def test_a_long_list_is_cut_in_the_panel_and_whole_in_the_list(self, department, supervisor, paint, client_of):
        people = [add_person(department, work_number=f"4{number:02}") for number in range(26)]
        days = [day for day in range(2, 29) if day % 3]
        paint(*[(person, day, "ND"[day % 3 - 1]) for person in people for day in days])
        client = client_of(supervisor)
        report = Report(department, NOVEMBER, Layer.DRAFT)
        assert len(report.items) > MOST_IN_PANEL
        html = client.get(url(department), **JSON).json()["html"]
        assert html.count("bz-finding") == MOST_IN_PANEL
        assert f"{len(report.items) - MOST_IN_PANEL} more stand in the list." in html


@pytest.fixture
def publish_all(department, supervisor):
    def do():
        stand(department, supervisor)
        seen = services.roster_of(department, NOVEMBER).edits
        services.publish(department=department, month=NOVEMBER, seen_edits=seen, actor=supervisor, reason="so it is")

    return do


class TestWhoMay:
    def test_a_stranger_finds_nothing(self, department, stranger, client_of):
        assert client_of(stranger).get(url(department), **JSON).status_code == 404

    @pytest.mark.parametrize("who", ["agent", "leader", "finance"])
    def test_a_colleague_who_does_not_edit_the_roster_is_refused(self, department, who, request, client_of):
        assert client_of(request.getfixturevalue(who)).get(url(department), **JSON).status_code == 403

    def test_an_unknown_layer_is_no_address(self, department, supervisor, client_of):
        assert client_of(supervisor).get(url(department, layer="wishes")).status_code == 404

    def test_nothing_is_posted_here(self, department, supervisor, client_of):
        assert client_of(supervisor).post(url(department)).status_code == 405


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_as_many_queries_for_one_person_as_for_thirty(department, agent, supervisor, paint, client_of, accept):
    client = client_of(supervisor)

    def count():
        _load.cache_clear()
        client.get(url(department), headers={"accept": accept})
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(department), headers={"accept": accept}).status_code == 200
        return len(captured)

    paint((agent, 3, "N"), (agent, 4, "D"))
    stand(department, supervisor)
    one = count()
    people = [add_person(department, work_number=f"5{number:02}") for number in range(29)]
    paint(*[cell for person in people for cell in ((person, 3, "N"), (person, 4, "D"))])
    stand(department, supervisor)
    assert count() == one
