"""The month grid: pieces are escaped, findings say what a person should look at."""

from datetime import date, timedelta

import pytest

from office.months import Month
from people.models import Membership
from shifts import services
from shifts.models import ExtensionSegment, ReportSource, Roster
from shifts.month import grid_of
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
    assert grid(department).rows[0].html.endswith('<td class="k">1/4<td class="k">2<td class="k">17')


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
