"""Writing an item on the phone: what is typed is there again, and a lost connection loses nothing."""

import pytest
from playwright.sync_api import expect

from handover.models import HandoverItem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages]


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('bz-item:'))")


def begin(page, department):
    page.goto(f"/d/{department.code}/handover/new/")
    page.locator("#item-form [name=to_do]").fill("给小鹿打电话")
    page.locator("#item-form [name=kind][value=urgent]").check()
    page.locator("#item-form [name=known]").fill("打过一次，没人接")


def test_half_an_item_is_there_again_and_forgotten_once_it_is_written(department, agent, sit_down, no_trouble):
    page = sit_down(agent, phone=True)
    begin(page, department)
    page.locator(".bz-tabs a").first.tap()
    page.goto(f"/d/{department.code}/handover/new/")
    expect(page.locator("#item-form [name=to_do]")).to_have_value("给小鹿打电话")
    expect(page.locator("#item-form [name=known]")).to_have_value("打过一次，没人接")
    expect(page.locator("#item-form [data-says]")).to_be_visible()
    page.locator("#item-form [data-due]").first.tap()
    page.locator("#item-form .is-main").tap()
    page.wait_for_url("**/handover/")
    item = HandoverItem.objects.get()
    assert (item.to_do, item.known, item.due_at is None) == ("给小鹿打电话", "打过一次，没人接", False)
    assert kept(page) == []


def test_without_a_connection_it_is_kept_and_said(department, agent, sit_down, troubles):
    page = sit_down(agent, phone=True)
    begin(page, department)
    page.locator("#item-form [data-due]").first.tap()
    page.context.set_offline(True)
    page.locator("#item-form .is-main").tap()
    expect(page.locator("#item-form [data-says]")).to_be_visible()
    assert not HandoverItem.objects.exists()
    page.context.set_offline(False)
    page.locator("#item-form .is-main").tap()
    page.wait_for_url("**/handover/")
    assert HandoverItem.objects.count() == 1
    troubles.clear()


def test_what_the_server_refuses_stands_there_with_what_was_typed(department, agent, sit_down, troubles):
    page = sit_down(agent, phone=True)
    begin(page, department)
    # Urgent, and no time by which it is done.
    page.locator("#item-form .is-main").tap()
    expect(page.locator("#item-form .bz-wrong")).to_be_visible()
    expect(page.locator("#item-form [name=to_do]")).to_have_value("给小鹿打电话")
    assert len(kept(page)) == 1
    # The browser logs the 422 by itself.
    troubles.clear()


def test_a_kind_that_asks_for_it_shows_what_is_known_and_wants_a_time(department, agent, sit_down, no_trouble):
    page = sit_down(agent, phone=True)
    page.goto(f"/d/{department.code}/handover/new/")
    known, optional = page.locator("#item-form [name=known]"), page.locator(".bz-field:has([name=due_at]) .bz-optional")
    expect(known).to_be_hidden()
    expect(optional).to_be_visible()
    page.locator("#item-form [name=kind][value=urgent]").check()
    expect(known).to_be_visible()
    expect(optional).to_be_hidden()


def test_what_is_missing_opens_the_form_in_which_it_is_put_right(department, agent, sit_down, no_trouble):
    page = sit_down(agent, phone=True)
    begin(page, department)
    page.locator("#item-form [data-due]").first.tap()
    page.locator("#item-form .is-main").tap()
    page.wait_for_url("**/handover/")
    item = HandoverItem.objects.get()
    page.goto(f"/d/{department.code}/handover/items/{item.pk}/")
    page.locator("a[data-unfolds]").first.tap()
    expect(page.locator(f"#note-{item.pk}-fallback")).to_be_focused()
