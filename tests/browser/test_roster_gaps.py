"""Days with too few people are reached in the grid by the keys that reach the other findings."""

from datetime import date

import pytest
from playwright.sync_api import expect

from office import clock
from office.months import Month
from shifts import services

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages, pytest.mark.usefixtures("no_trouble")]
NOVEMBER = Month(2026, 11)


@pytest.fixture(autouse=True)
def before_the_month(department, wall):
    with clock.at(wall("2026-10-25 12:00")):
        yield


def cell(page, person, place):
    return page.locator(f'#roster tr[data-m="{person.membership.pk}"] td').nth(place - 1)


def test_a_gap_is_jumped_to_and_told_and_nobodys_cell_is_outlined(department, agent, colleague, supervisor, sit_down):
    cells = [(colleague, 5, "D"), (agent, 10, "N"), (agent, 11, "D")]
    edits = [services.CellEdit(one.membership.pk, date(2026, 11, day), code, 0) for one, day, code in cells]
    services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)
    page = sit_down(supervisor)
    page.goto(f"/d/{department.code}/roster/{NOVEMBER}/")
    expect(cell(page, agent, 11).locator("b")).to_have_count(1)
    cell(page, colleague, 2).click()
    # The day shift has nobody from the 1st to the 4th, from the 6th to the 10th, and from the 12th on.
    page.keyboard.press("]")
    expect(cell(page, colleague, 6)).to_be_focused()
    expect(page.locator("#roster-reason")).to_contain_text("11-06 – 11-10")
    expect(cell(page, colleague, 6).locator("b")).to_have_count(0)
    page.keyboard.press("[")
    expect(cell(page, colleague, 1)).to_be_focused()
