"""The month grid: pieces are escaped, findings say what a person should look at."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from office.months import Month
from people.models import Membership
from rulebooks.schema import ShiftType
from rulebooks.services import import_rulebook, in_force
from shifts import services
from shifts.checks import Report
from shifts.models import Assignment, CalendarDay, DayKind, ExtensionSegment, Layer, ReportSource, Roster
from shifts.pages.grid import Agent, Planned, build, columns_of, hours_of, unworked_minutes
from shifts.pages.month import grid_of
from tests.conftest import LIBRARY
from tests.factories import add_person

pytestmark = pytest.mark.django_db
MONTH = Month(2026, 11)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


def grid(department):
    return grid_of(department, MONTH, roster=Roster.objects.first(), editing=True)


def test_neighbouring_days_under_the_minimum_are_one_finding(department, agent, paint):
    paint(*[(agent, day, "N") for day in range(1, 31) if day not in (5, 6, 9)])
    texts = [finding.text for finding in grid(department).findings if finding.kind == "bad"]
    assert any("11-05 – 11-06" in text for text in texts)
    assert any(text.startswith("11-09 ") for text in texts)


def test_a_filled_month_with_other_rest_days_than_the_rulebook_gives_is_a_warning(department, agent, paint):
    paint(*[(agent, day, "X" if day in (3, 10) else "D") for day in range(1, 31)])
    [warning] = [finding for finding in grid(department).findings if finding.kind == "warn"]
    assert "2" in warning.text
    assert "4" in warning.text


def test_an_unfilled_month_is_not_blamed_for_rest_days_yet_to_come(department, agent, paint):
    paint((agent, 3, "D"))
    [warning] = [finding for finding in grid(department).findings if finding.kind == "warn"]
    assert warning.text == "29 days have neither shift nor rest"


def test_hours_count_the_planned_time_of_each_shift(department, agent, paint):
    paint((agent, 3, "D"), (agent, 4, "N"), (agent, 5, "X"))
    assert grid(department).rows[0].html.endswith('<td class="k">1/4<td class="k">1<td class="k">0<td class="k">17')


def test_pattern_a_gaps_under_wanted_are_shown_and_are_no_violation(department, paint):
    """Six agents with four rest days give 156 of the 180 shifts wanted: the gaps are shown, the minimum holds."""
    crew = [add_person(department) for _ in range(6)]
    cells = []
    for number, person in enumerate(crew):
        rests = {2 + number, 9 + number, 16 + number, 23 + number}
        cells += [(person, day, "X" if day in rests else "DDNNRR"[number]) for day in range(1, 31)]
    paint(*cells)
    found = grid(department).findings
    assert [finding.kind for finding in found] == ["info"]
    assert sum(row.missing for row in grid(department).foot) == 24


def test_a_past_day_of_a_published_month_is_locked_in_the_grid(department, agent, paint, publish, at):
    paint((agent, 3, "D"))
    publish()
    with at("2026-11-04 09:00"):
        columns = grid(department).columns
    assert columns[2].is_past
    assert not columns[3].is_past
    assert columns[3].classes.startswith("t")


def test_the_marks_follow_the_readers_language(department, agent, supervisor, paint, client_of):
    paint((agent, 3, "N"))
    address = f"/d/{department.code}/roster/{MONTH}/"
    assert ">晚<td" in client_of(supervisor, "zh-hans").get(address).content.decode()
    assert ">N<td" in client_of(supervisor, "en").get(address).content.decode()


def test_a_plan_under_another_rulebook_shows_that_rulebooks_marks_and_counts(changed_department):
    person = add_person(changed_department)
    edits = [services.CellEdit(person.membership.pk, date(2026, 11, 3), "L", 0)]
    services.paint(department=changed_department, month=MONTH, edits=edits, actor=person)
    laid = grid(changed_department)
    assert [(row.code, row.minimum) for row in laid.foot] == [("E", 2), ("L", 1)]
    assert '<td class="n">' in laid.rows[0].html
    assert "0/7" in laid.rows[0].html


def test_a_night_that_ran_on_is_marked(department, agent, night_shift, at):
    ExtensionSegment.objects.create(
        attendance=night_shift,
        starts_at=night_shift.planned_end,
        ends_at=night_shift.planned_end + timedelta(minutes=20),
        open_customers=1,
        source=ReportSource.DESK,
        confirmed=True,
    )
    with at("2026-11-11 09:00"):
        assert '<td class="n p e">N' in grid(department).rows[0].html


def test_a_cell_taken_out_of_the_draft_is_marked_as_not_yet_published(department, agent, paint, publish):
    paint((agent, 3, "D"), (agent, 4, "D"))
    publish()
    paint((agent, 4, ""), seen=1)
    laid = grid(department)
    assert '<td class="d">D<td class="u"><td' in laid.rows[0].html
    assert laid.changed == [(agent.membership.pk, date(2026, 11, 4))]
    assert laid.changed_people == 1


def test_a_plan_made_anew_marks_every_cell(department, agent, paint, publish):
    paint(*[(agent, day, "D") for day in range(1, 31)])
    publish()
    paint(*[(agent, day, "N") for day in range(1, 31)], seen=1)
    laid = grid(department)
    assert len(laid.changed) == 30
    assert laid.rows[0].html.count(' u">N') == 30


def test_days_before_joining_and_after_leaving_are_not_missing(department, paint):
    newcomer = add_person(department, from_day=date(2026, 11, 29))
    paint((newcomer, 30, "D"))
    assert [row.empty for row in grid(department).rows] == [1]
    Membership.objects.filter(pk=newcomer.membership.pk).update(until_day=date(2026, 11, 29))
    assert [row.empty for row in grid(department).rows] == [0]


def test_who_is_rostered_no_more_has_no_line_and_still_counts_as_planned(department, agent, colleague, paint):
    paint((agent, 3, "D"), (colleague, 3, "D"))
    Membership.objects.filter(pk=colleague.membership.pk).update(rostered=False)
    laid = grid(department)
    assert [row.member.pk for row in laid.rows] == [agent.membership.pk]
    assert laid.foot[0].cells[2].cover.have == 2


# -- Sums beside the grid --------------------------------------------------------------------------------------------


def sums(department):
    """Of the first line: rest days, nights, weekend days, hours."""
    html = grid(department).rows[0].html
    return [part.split(">")[1] for part in html.split('<td class="k')[1:]]


def test_each_line_has_its_own_hours(department, agent, colleague, paint):
    paint((agent, 3, "D"), (agent, 4, "N"), (colleague, 4, "N"))
    hours = {row.member.pk: row.html.split(">")[-1] for row in grid(department).rows}
    assert hours == {agent.membership.pk: "17", colleague.membership.pk: "8"}


def test_nights_are_what_the_rulebook_counts_as_night(department, agent, paint):
    paint((agent, 3, "N"), (agent, 4, "N"), (agent, 5, "D"))
    assert sums(department)[1] == "2"


def test_weekend_days_follow_the_calendar(department, agent, paint):
    paint((agent, 7, "D"), (agent, 8, "D"), (agent, 9, "D"), (agent, 14, "X"))
    assert sums(department)[2] == "2"
    add = CalendarDay.objects.create
    # Saturday the 7th is worked by everybody for it; a holiday is no weekend.
    add(department=department, day=date(2026, 11, 7), kind=DayKind.MAKE_UP)
    add(department=department, day=date(2026, 11, 8), kind=DayKind.HOLIDAY)
    add(department=department, day=date(2026, 11, 9), kind=DayKind.WEEKEND)
    assert sums(department)[2] == "1"


def test_leave_is_neither_a_rest_day_nor_an_empty_one(department, agent):
    rows = [
        Assignment(
            layer=Layer.DRAFT,
            membership=agent.membership,
            business_date=day,
            code="SL" if day.day < 20 else "X",
            is_rest=True,
            version=1,
        )
        for day in MONTH.days()
    ]
    Assignment.objects.bulk_create(rows)
    laid = grid(department)
    assert (laid.rows[0].empty, laid.rows[0].rest_used) == (0, 11)
    assert sums(department) == ["11/4", "0", "0", "0"]


def test_hours_are_net_of_breaks_and_of_the_time_between_the_parts():
    def shift(*spans):
        about = {
            "code": "S",
            "name": {"zh-Hans": "两头班", "en": "Split"},
            "mark": {"zh-Hans": "两", "en": "S"},
            "palette": "day",
            "spans": spans,
            "breaks_minutes": 20,
            "headcount": {"wanted": 1},
        }
        return ShiftType.model_validate(about)

    shanghai, berlin = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
    assert unworked_minutes(shift("09:00-17:00"), date(2026, 11, 3), shanghai) == 20
    assert unworked_minutes(shift("09:00-12:00", "13:30-18:00"), date(2026, 11, 3), shanghai) == 90 + 20
    # In that night in Berlin the clock goes from 2 to 3, in the other from 3 back to 2.
    assert unworked_minutes(shift("22:00-01:30", "03:30-06:00"), date(2026, 3, 28), berlin) == 60 + 20
    assert unworked_minutes(shift("22:00-01:30", "03:30-06:00"), date(2026, 10, 24), berlin) == 180 + 20


@pytest.mark.parametrize(("minutes", "words"), [(0, "0"), (59, "1"), (450, "7.5"), (453, "7.6"), (60 * 216, "216")])
def test_hours_have_at_most_one_decimal(minutes, words):
    assert hours_of(minutes) == words


def test_without_rest_days_a_month_only_the_used_ones_are_shown(department):
    """A rulebook that gives rest days by the week does not say how many there are in a month."""
    book = in_force(department, MONTH.last)
    weekly = book.model_copy(update={"rest": book.rest.model_copy(update={"days_per_month": None, "days_per_week": 1})})
    days = list(MONTH.days())
    laid = build(
        agents=[Agent(1, "07", "林", MONTH.first, None)],
        columns=columns_of(days, today=MONTH.first, locked=False),
        shown={1: [Planned("X", "1")] * 2 + [Planned("D", "1")] * 28},
        published={},
        extended={},
        minutes={1: 28 * 540},
        rulebooks=dict.fromkeys(days, weekly),
        zone=department.zone,
        mark_changes=True,
    )
    assert laid.rows[0].html.endswith('<td class="k">2<td class="k">0<td class="k">8<td class="k">252')
    assert not laid.rows[0].rest_is_off


def test_whoever_is_here_for_part_of_the_month_has_their_share_of_rest_days(department, paint):
    newcomer = add_person(department, from_day=date(2026, 11, 16))
    paint(*[(newcomer, day, "X" if day in (17, 24) else "D") for day in range(16, 31)])
    [row] = grid(department).rows
    assert (row.rest_used, row.rest_allowed, row.rest_is_off) == (2, 2, False)


@pytest.mark.parametrize("rests", [(3, 10), (3, 10, 17, 24, 28, 30)], ids=["fewer", "more"])
def test_other_rest_days_than_the_rulebook_gives_are_named_once_by_the_grid_or_by_the_checks(
    department, agent, paint, rests
):
    paint(*[(agent, day, "X" if day in rests else "D") for day in range(1, 31)])
    by_grid = [finding.text for finding in grid(department).unjudged if "rest days" in finding.text]
    by_checks = [item.text for item in Report(department, MONTH, Layer.DRAFT).items if "rest days" in item.text]
    assert [f"{len(rests)} rest days" in text for text in [*by_grid, *by_checks]] == [True]


def test_the_rulebook_of_the_last_day_gives_the_rest_days_of_the_month_to_grid_and_checks(department, agent, paint):
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    assert "days_per_month: 4" in source
    source = source.replace("days_per_month: 4", "days_per_month: 6")
    import_rulebook(department=department, source=source.encode(), from_day=date(2026, 11, 16), actor=None)
    paint(*[(agent, day, "X" if day in (3, 10, 17, 24, 28) else "D") for day in range(1, 31)])
    laid = grid(department)
    assert laid.rows[0].rest_allowed == 6
    assert not [finding for finding in laid.unjudged if "rest days" in finding.text]
    said = [item.text for item in Report(department, MONTH, Layer.DRAFT).items if "rest days" in item.text]
    assert said == ["5 rest days this month, 6 wanted."]


def test_what_the_checks_judge_is_not_said_twice(department, agent, paint):
    paint(*[(agent, day, "X" if day in (3, 10) else "D") for day in range(1, 31)])
    laid = grid(department)
    assert {finding.rule for finding in laid.findings} == {"coverage", "rest_days", ""}
    assert {finding.rule for finding in laid.unjudged} == {""}
