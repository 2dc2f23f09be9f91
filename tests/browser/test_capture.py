"""Quick capture into the issue register, from any page: the key, the tap, and a connection that breaks."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from handover import services
from handover.models import HandIn, Issue, MatterState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)
quiet = pytest.mark.usefixtures("no_trouble")


def kept(page):
    names = page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('bz-capture:'))")
    assert len(names) <= 1
    return json.loads(page.evaluate("(name) => localStorage.getItem(name)", names[0])) if names else None


def open_by_tap(page):
    page.locator("[data-capture-open]").tap()
    expect(page.locator("#capture")).to_be_visible()
    expect(page.locator("#capture [name=category]").first).to_be_attached()


@quiet
def test_one_tap_on_the_phone_writes_an_entry_with_customer_and_picture(department, agent, sit_down):
    page = sit_down(agent, phone=True)
    page.goto(f"/d/{department.code}/handover/")
    open_by_tap(page)
    page.locator("#capture [name=text]").fill("详情页尺寸写错")
    page.locator("#capture label:has([value=product-data])").tap()
    page.locator("#capture summary").tap()
    page.locator("#capture [name=customer]").fill("小鹿 t***8")
    page.locator("#capture [name=picture]").set_input_files(
        {"name": "shot.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    page.locator("#capture .is-main").tap()
    expect(page.locator("#capture")).to_be_hidden()
    expect(page.locator("#bz-toasts .is-success")).to_be_visible()
    issue = Issue.objects.get()
    assert (issue.text, issue.category, issue.customer) == ("详情页尺寸写错", "product-data", "小鹿 t***8")
    assert issue.picture.name == "shot.png"
    assert kept(page) is None
    # Where it was written, one stays.
    assert page.url.endswith("/handover/")


@quiet
def test_the_button_covers_neither_the_bar_nor_is_it_off_the_screen(department, agent, sit_down):
    page = sit_down(agent, phone=True)
    page.goto(f"/d/{department.code}/issues/")
    button = page.locator("[data-capture-open]").bounding_box()
    bar = page.locator(".bz-tabs").bounding_box()
    assert button["y"] + button["height"] <= bar["y"]
    assert button["x"] >= 0
    assert button["x"] + button["width"] <= 360
    assert min(button["width"], button["height"]) >= 44


@quiet
def test_the_key_opens_it_and_typing_an_i_does_not(department, agent, sit_down):
    page = sit_down(agent)
    page.goto(f"/d/{department.code}/issues/")
    page.keyboard.press("/")
    page.keyboard.type("i")
    expect(page.locator("#capture")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("i")
    expect(page.locator("#capture [name=text]")).to_be_focused()
    page.keyboard.type("i like it")
    expect(page.locator("#capture [name=text]")).to_have_value("i like it")
    page.keyboard.press("Escape")
    expect(page.locator("#capture")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys kbd", has_text="I").first).to_be_visible()


@quiet
def test_a_draft_is_there_again_on_another_page_and_nothing_is_sent(department, agent, sit_down):
    page = sit_down(agent, phone=True)
    page.goto(f"/d/{department.code}/issues/")
    open_by_tap(page)
    page.locator("#capture [name=text]").fill("写了一半")
    page.goto(f"/d/{department.code}/handover/")
    expect(page.locator("[data-capture-open]")).to_have_class("bz-btn is-icon bz-capture-open bz-noprint is-kept")
    open_by_tap(page)
    expect(page.locator("#capture [name=text]")).to_have_value("写了一半")
    assert not Issue.objects.exists()


@quiet
def test_what_is_missing_is_said_before_anything_is_sent(department, agent, sit_down):
    page = sit_down(agent)
    page.goto(f"/d/{department.code}/issues/")
    page.keyboard.press("i")
    page.locator("#capture .is-main").click()
    expect(page.locator("[data-capture-says]")).to_be_visible()
    page.locator("#capture [name=text]").fill("x")
    page.locator("#capture .is-main").click()
    expect(page.locator("[data-capture-says]")).to_be_visible()
    assert not Issue.objects.exists()


def test_without_a_connection_it_is_kept_and_sent_when_that_is_back(department, agent, sit_down):
    page = sit_down(agent, phone=True, language="en-GB")
    page.goto(f"/d/{department.code}/handover/")
    open_by_tap(page)
    page.locator("#capture [name=text]").fill("地铁里写的")
    page.locator("#capture label:has([value=problem])").tap()
    page.context.set_offline(True)
    page.locator("#capture .is-main").tap()
    expect(page.locator("[data-capture-says]")).to_contain_text("Kept on this device")
    assert kept(page)["waits"]
    assert not Issue.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#capture")).to_be_hidden()
    assert Issue.objects.get().text == "地铁里写的"
    assert kept(page) is None


def test_what_waits_is_sent_from_the_next_page_too(department, agent, sit_down):
    page = sit_down(agent, phone=True)
    page.goto(f"/d/{department.code}/handover/")
    open_by_tap(page)
    page.locator("#capture [name=text]").fill("电梯里写的")
    page.locator("#capture label:has([value=problem])").tap()
    page.route("**/issues/", lambda route: route.abort())
    page.locator("#capture .is-main").tap()
    expect(page.locator("[data-capture-says]")).to_be_visible()
    assert kept(page)["waits"]
    page.unroute("**/issues/")
    page.goto(f"/d/{department.code}/statistics/")
    expect(page.locator("[data-capture-open]")).to_have_class("bz-btn is-icon bz-capture-open bz-noprint")
    assert Issue.objects.get().text == "电梯里写的"


def test_an_answer_that_is_lost_does_not_write_it_twice(department, agent, sit_down):
    page = sit_down(agent, phone=True)
    page.goto(f"/d/{department.code}/handover/")
    open_by_tap(page)
    page.locator("#capture [name=text]").fill("只写一次")
    page.locator("#capture label:has([value=idea])").tap()

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    page.route("**/issues/", lose_the_answer)
    page.locator("#capture .is-main").tap()
    expect(page.locator("[data-capture-says]")).to_be_visible()
    assert Issue.objects.count() == 1
    page.unroute("**/issues/")
    page.locator("#capture .is-main").tap()
    expect(page.locator("#capture")).to_be_hidden()
    assert Issue.objects.count() == 1


def test_a_session_that_has_ended_keeps_the_text(department, agent, sit_down):
    page = sit_down(agent, phone=True, language="en-GB")
    page.goto(f"/d/{department.code}/handover/")
    open_by_tap(page)
    page.locator("#capture [name=text]").fill("x")
    page.locator("#capture label:has([value=idea])").tap()
    page.context.clear_cookies(name="sessionid")
    page.locator("#capture .is-main").tap()
    expect(page.locator("[data-capture-says]")).to_be_visible()
    assert kept(page)["text"] == "x"
    assert not Issue.objects.exists()


def test_the_leader_deals_with_the_weekly_digest(at, department, agent, colleague, leader, sit_down, troubles):
    with at("2026-11-11 10:00"):
        first, second, third = (
            services.write_issue(
                author=person.membership,
                category="idea",
                text=text,
                picture=SimpleUploadedFile("x.png", PICTURE),
            )
            for person, text in [(agent, "加一个尺寸表"), (colleague, "要有尺寸表"), (colleague, "改欢迎语")]
        )
    with at("2026-11-15 18:00"):
        services.hand_in_registers()
    page = sit_down(leader)
    page.goto(f"/d/{department.code}/issues/digests/{HandIn.objects.get().pk}/")

    def deal(issue, act, fill):
        entry = page.locator(f"#entry-{issue.pk}")
        entry.locator("summary").click()
        fill(entry)
        entry.locator(f"button[value={act}]").click()
        expect(entry.locator("details")).to_have_count(0)

    deal(second, "merge", lambda entry: entry.locator("select[name=into]").select_option(str(first.matter.pk)))
    deal(first, "adopt", lambda entry: entry.locator("textarea").fill("好主意，下周上线"))
    third_entry = page.locator(f"#entry-{third.pk}")
    third_entry.locator("summary").click()
    third_entry.locator("button[value=reject]").click()
    # Without a reason it is refused where it stands.
    expect(third_entry.locator("[aria-invalid=true]")).to_be_visible()
    third_entry.locator("textarea").fill("先不改")
    third_entry.locator("button[value=reject]").click()
    expect(third_entry.locator("details")).to_have_count(0)
    for issue, state in ((first, MatterState.ADOPTED), (second, MatterState.MERGED), (third, MatterState.REJECTED)):
        issue.matter.refresh_from_db()
        assert issue.matter.state == state
    # The author of the second reads what became of the first.
    page = sit_down(colleague, phone=True)
    page.goto(f"/d/{department.code}/issues/{second.pk}/")
    expect(page.locator("main")).to_contain_text("好主意，下周上线")
    assert "加一个尺寸表" not in page.locator("main").inner_text()
    # The one refusal, and nothing else.
    assert len(troubles) == 1
    assert "422" in troubles[0]
