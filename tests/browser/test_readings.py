"""A file is chosen, its columns are settled, what is wrong is seen, and the good rows are read in."""

import pytest
from playwright.sync_api import expect

from handover.models import Reading, ReadingState, ServiceStatistic
from handover.tasks import read_in
from office import clock
from tests.handover.reading_files import statistic, text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages, pytest.mark.usefixtures("no_trouble")]
HEADS = ("日期", "工号", "人", "询单人数", "询单付款人数", "销售额")


@pytest.fixture(autouse=True)
def tuesday(wall):
    with clock.at(wall("2026-11-10 12:00")):
        yield


@pytest.fixture
def export():
    """As the chat tool exports it: in GBK, one heading that nobody knows, one unknown work number, one slip."""
    rows = [statistic(), statistic(number="77"), statistic(number="02", sales="12.345")]
    return {"name": "客服数据.csv", "mimeType": "text/csv", "buffer": text(HEADS, *rows, encoding="gb18030")}


def choose(page, department, export):
    page.goto(f"/d/{department.code}/readings/")
    page.locator("#id_source").fill("千牛")
    page.set_input_files("#id_file", export)
    page.locator("form[data-file-form] button.is-main").click()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_from_the_export_to_the_rows(department, leader, agent, colleague, sit_down, export, phone):
    page = sit_down(leader, phone=phone, language="en")
    choose(page, department, export)

    # One heading is unknown: it is chosen beside what stands in the file.
    expect(page.get_by_text("column is missing")).to_be_visible()
    page.locator("#id_served").select_option("人")
    page.get_by_role("button", name="Save and check again").click()

    # What would happen, before anything does.
    mistakes = page.locator("section[aria-labelledby=mistakes]")
    expect(mistakes).to_contain_text("Nobody in this department has this work number or name.")
    expect(mistakes).to_contain_text("An amount has at most two decimals.")
    assert not ServiceStatistic.objects.exists()
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0

    page.get_by_role("button", name="Read in only the 1 good row").click()
    expect(page.locator(".bz-job")).to_be_visible()
    reading = Reading.objects.get()
    read_in(reading.job_id)
    # The page finds out by itself.
    expect(page.get_by_role("heading", name="Rows that are left out")).to_be_visible()
    expect(page.locator(".bz-job")).to_have_count(0)
    reading.refresh_from_db()
    assert (reading.state, reading.added, reading.wrong) == (ReadingState.DONE, 1, 2)
    with page.expect_download() as waited:
        page.get_by_role("link", name="These rows as Excel").click()
    assert waited.value.suggested_filename.endswith(".xlsx")

    # The next file of this source needs nobody to choose anything.
    choose(page, department, export)
    expect(page.get_by_text("This very file was read in on")).to_be_visible()
    expect(page.get_by_text("column is missing")).to_have_count(0)


def test_a_file_that_is_too_large_does_not_leave_the_browser(department, leader, sit_down):
    page = sit_down(leader, language="en")
    page.goto(f"/d/{department.code}/readings/")
    page.locator("#id_source").fill("千牛")
    huge = {"name": "huge.csv", "mimeType": "text/csv", "buffer": b"x" * (5 * 1024 * 1024 + 1)}
    page.set_input_files("#id_file", huge)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("form[data-file-form] button.is-main").click()
    assert page.locator("#id_file").evaluate("field => field.validationMessage").startswith("This file is too large")
    assert sent == []
