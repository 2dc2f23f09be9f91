"""Single keys: found by ?, useful, never in the way of somebody who types, switched off by who does not want them."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages, pytest.mark.usefixtures("no_trouble")]


def test_the_sheet_opens_lists_and_closes(department, agent, sit_down):
    page = sit_down(agent)
    page.goto(f"/d/{department.code}/issues/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("G")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_keys_go_to_the_search_and_through_the_menu(department, agent, sit_down):
    page = sit_down(agent)
    page.goto(f"/d/{department.code}/issues/")
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()
    # A slash that is typed is a slash.
    page.keyboard.type("1/2 g5")
    expect(page.locator("main input[type=search]")).to_have_value("1/2 g5")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("5")
    page.wait_for_url(f"**/d/{department.code}/statistics/")
    before = page.url
    page.keyboard.press("[")
    page.wait_for_url("**month=**")
    page.keyboard.press("]")
    page.wait_for_load_state("networkidle")
    assert page.url != before or "month=" in page.url


def test_who_does_not_want_them_switches_them_off_for_good(department, agent, sit_down):
    page = sit_down(agent)
    page.goto(f"/d/{department.code}/issues/")
    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).not_to_be_focused()
    # The sheet with the switch is still found.
    page.keyboard.press("?")
    expect(page.locator("[data-keys-switch]")).not_to_be_checked()
    page.locator("[data-keys-switch]").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()


def test_the_first_tab_skips_the_menu(department, agent, sit_down):
    page = sit_down(agent)
    page.goto(f"/d/{department.code}/issues/")
    page.keyboard.press("Tab")
    expect(page.locator(".bz-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
