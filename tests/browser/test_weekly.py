"""The weekly summary on the phone: counted while one types, saved by itself, kept while the connection is lost."""

import pytest
from playwright.sync_api import expect

from handover.models import WeeklySummary
from handover.weekly import characters
from office import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages]
LONGER_THAN_THE_PAUSE_MS = 10_000
# Line ends, wide spaces, signs that cannot be seen, one sign of two code units.
MIXED = "今天 很忙\n　退款\u200b多 👍"


@pytest.fixture(autouse=True)
def thursday(wall):
    with clock.at(wall("2026-11-12 12:00")):
        yield


def test_what_is_written_outlives_a_lost_connection(department, agent, sit_down):
    page = sit_down(agent, phone=True, language="en")
    page.goto(f"/d/{department.code}/weekly/")
    area, saved = page.locator("#weekly textarea"), page.locator("#weekly-saved")
    area.fill(MIXED)
    assert page.locator("[data-count]").inner_text() == str(characters(MIXED))
    expect(saved).to_contain_text("Draft saved", timeout=LONGER_THAN_THE_PAUSE_MS)
    assert WeeklySummary.objects.get().text == MIXED

    page.context.set_offline(True)
    area.fill("断网时写的")
    expect(saved).to_contain_text("No connection", timeout=LONGER_THAN_THE_PAUSE_MS)
    assert WeeklySummary.objects.get().text == MIXED
    page.context.set_offline(False)
    expect(saved).to_contain_text("Draft saved", timeout=LONGER_THAN_THE_PAUSE_MS)
    assert WeeklySummary.objects.get().text == "断网时写的"

    # The page is gone before the connection is back: this browser still has the words.
    page.context.set_offline(True)
    area.fill("还没存上")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(f"/d/{department.code}/weekly/")
    expect(area).to_have_value("还没存上")
    expect(saved).to_contain_text("Draft saved", timeout=LONGER_THAN_THE_PAUSE_MS)

    area.fill("好" * 200)
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator("main")).to_contain_text("it does not change any more")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('bz-weekly'))") == []
