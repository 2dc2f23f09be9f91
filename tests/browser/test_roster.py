"""The roster as a person edits it: keyboard, mouse, clipboard, and two supervisors at once."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from office import clock
from office.months import Month
from shifts import services
from shifts.models import Assignment, Layer
from tests.factories import add_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages, pytest.mark.usefixtures("no_trouble")]
NOVEMBER = Month(2026, 11)


@pytest.fixture(autouse=True)
def before_the_month(department, wall):
    with clock.at(wall("2026-10-25 12:00")):
        yield


@pytest.fixture
def crew(department, agent, colleague):
    """Six people, in the order of their lines: work numbers 02, 07, then T…"""
    more = [add_person(department, work_number=f"T{number}") for number in range(1, 5)]
    return [colleague, agent, *more]


@pytest.fixture
def paint(department, supervisor):
    """`paint((agent, 12, "N"), …, seen=0)` edits November's draft, as somebody beside the browser."""

    def do(*cells, seen=0):
        edits = [services.CellEdit(one.membership.pk, date(2026, 11, day), code, seen) for one, day, code in cells]
        return services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)

    return do


@pytest.fixture
def roster(department, sit_down):
    """`roster(user)` opens November's grid; a single key that is pressed there paints."""

    def open_page(user, query="", **kwargs):
        page = sit_down(user, **kwargs)
        page.goto(f"/d/{department.code}/roster/{NOVEMBER}/{query}")
        return page

    return open_page


def cell(page, person, place):
    return page.locator(f'#roster tr[data-m="{person.membership.pk}"] td').nth(place - 1)


def saved(page):
    return page.expect_response(lambda response: "/cells/" in response.url)


def press(page, *keys):
    """Press keys of which the last one saves."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with saved(page) as answer:
        page.keyboard.press(keys[-1])
    # The page has taken the answer over when nothing waits for one any more.
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    return answer.value


def paste(page, text):
    """What Ctrl+V brings from a spreadsheet."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def copied(page):
    return page.evaluate("navigator.clipboard.readText()")


def codes(person, days=range(1, 31)):
    rows = Assignment.objects.filter(layer=Layer.DRAFT, membership=person.membership)
    found = {row.business_date.day: row.code for row in rows}
    return "".join(found.get(day, ".") for day in days)


def test_a_row_is_painted_with_the_keyboard_alone(crew, agent, supervisor, roster):
    page = roster(supervisor)
    # The grid is one stop on the way through the page.
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('#roster tbody td'))"):
            break
    press(page, "ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "n")
    assert codes(agent, range(1, 6)) == ".NNN."
    press(page, "Control+a", "d")
    assert codes(agent) == "D" * 30
    press(page, "Home", "End", "Delete")
    assert codes(agent) == "D" * 29 + "."
    press(page, "Control+ArrowLeft", "x")
    assert codes(agent)[0] == "X"
    expect(cell(page, agent, 1)).to_be_focused()
    expect(page.locator("#roster-says")).not_to_be_empty()


def test_one_paint_is_one_request_and_its_sums_follow(crew, supervisor, roster):
    page = roster(supervisor)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/cells/" in request.url else None)
    cell(page, crew[0], 2).click()
    cell(page, crew[5], 4).click(modifiers=["Shift"])
    press(page, "n")
    assert len(asked) == 1
    assert [codes(person, range(1, 6)) for person in crew] == [".NNN."] * 6
    expect(page.locator("#roster-foot tr").nth(1).locator("td").nth(2)).to_have_text("6/2")
    sums = page.locator(f'#roster tr[data-m="{crew[0].membership.pk}"] td.k')
    expect(sums).to_have_text(["0/4", "3", "0", "24"])


def test_six_agents_by_a_month_are_pasted_from_tab_separated_text(crew, supervisor, roster):
    page = roster(supervisor, language="zh-CN")
    cell(page, crew[0], 1).click()
    # Marks, codes and names mean the same; what lies right of the 30th is cut off, and said.
    line = ["白", "D", "白班", "晚", "n", "常", "休", "", "R", *["白"] * 22]
    assert len(line) == 31
    with saved(page):
        paste(page, "\r\n".join(["\t".join(line)] * 6) + "\r\n")
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    wanted = "DDDNNRX.R" + "D" * 21
    assert [codes(person) for person in crew] == [wanted] * 6
    expect(page.locator("#roster-note")).to_be_visible()
    expect(page.locator("#roster .s")).to_have_count(180)
    page.keyboard.press("Control+z")
    expect(cell(page, crew[5], 30)).to_have_text("")
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    assert [codes(person) for person in crew] == ["." * 30] * 6
    press(page, "Control+y")
    assert [codes(person) for person in crew] == [wanted] * 6


def test_unknown_texts_are_refused_as_a_whole_and_named(crew, supervisor, roster):
    page = roster(supervisor, language="en")
    cell(page, crew[1], 3).click()
    paste(page, "D\tQ\tD\nD\tnight duty\tN")
    expect(page.locator("#roster-note")).to_contain_text(f"{crew[1].name}, day 4: “Q”")
    expect(page.locator("#roster-note")).to_contain_text(f"{crew[2].name}, day 4: “night duty”")
    assert not Assignment.objects.exists()


def test_too_much_is_refused_and_nothing_is_changed(crew, supervisor, roster):
    page = roster(supervisor, language="en")
    cell(page, crew[0], 1).click()
    paste(page, "\n".join(["\t".join(["D"] * 100)] * 100))
    expect(page.locator("#roster-note")).to_contain_text("10000 cells")
    paste(page, "")
    expect(page.locator("#roster-note")).to_contain_text("no text")
    assert not Assignment.objects.exists()


def test_copy_and_cut_give_tab_separated_text_and_paste_repeats_it(crew, supervisor, roster, paint):
    paint((crew[0], 1, "D"), (crew[0], 2, "N"), (crew[1], 1, "X"))
    page = roster(supervisor, language="zh-CN")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell(page, crew[0], 1).click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+c")
    assert copied(page) == "白\t晚\n休\t"
    # Four by four hold it four times.
    cell(page, crew[2], 5).click()
    cell(page, crew[5], 8).click(modifiers=["Shift"])
    press(page, "Control+v")
    assert [codes(person, range(5, 9)) for person in crew[2:]] == ["DNDN", "X.X.", "DNDN", "X.X."]
    cell(page, crew[0], 1).click()
    page.keyboard.press("Shift+ArrowRight")
    press(page, "Control+x")
    assert copied(page) == "白\t晚"
    assert codes(crew[0]) == "." * 30


def test_dragging_the_corner_repeats_each_rows_own_cycle(crew, supervisor, roster, paint):
    paint((crew[0], 1, "D"), (crew[0], 2, "N"), (crew[0], 3, "X"), (crew[1], 1, "R"), (crew[1], 3, "X"))
    page = roster(supervisor)
    cell(page, crew[0], 1).click()
    cell(page, crew[1], 3).click(modifiers=["Shift"])
    page.locator(".bz-handle").hover()
    page.mouse.down()
    cell(page, crew[1], 8).hover()
    expect(page.locator("#roster td.f")).to_have_count(10)
    with saved(page):
        page.mouse.up()
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    assert codes(crew[0], range(1, 10)) == "DNXDNXDN."
    assert codes(crew[1], range(1, 10)) == "R.XR.XR.."
    # Downwards each column goes on by itself; Ctrl+D repeats to the end of the month.
    cell(page, crew[0], 1).click()
    cell(page, crew[1], 1).click(modifiers=["Shift"])
    page.locator(".bz-handle").hover()
    page.mouse.down()
    cell(page, crew[4], 1).hover()
    with saved(page):
        page.mouse.up()
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    assert "".join(codes(person, [1]) for person in crew) == "DRDRD."
    cell(page, crew[0], 1).click()
    cell(page, crew[0], 3).click(modifiers=["Shift"])
    press(page, "Control+d")
    assert codes(crew[0]) == "DNX" * 10


def test_two_supervisors_collide_and_choose(department, crew, agent, supervisor, manager, roster, paint):
    mine = roster(supervisor, language="en")
    cell(mine, agent, 10).click()
    # Meanwhile somebody else plans two of the days.
    paint((agent, 10, "N"), (agent, 11, "N"))
    mine.keyboard.press("Shift+ArrowRight")
    press(mine, "Shift+ArrowRight", "d")
    # Theirs stands, yours is small beside it; the third day is saved.
    assert codes(agent, range(10, 13)) == "NND"
    expect(cell(mine, agent, 10)).to_have_class(re.compile(r"\bo\b"))
    expect(cell(mine, agent, 10).locator("s")).to_have_text("D")
    expect(mine.locator("#roster-note")).to_contain_text("somebody else has just set Night, you wanted Day")
    cell(mine, agent, 10).click()
    expect(mine.locator("#roster-reason")).to_contain_text("Enter")
    press(mine, "Enter")
    assert codes(agent, range(10, 13)) == "DND"
    # What is settled is told no more.
    expect(mine.locator("#roster-note")).to_contain_text(f"{agent.name}, day 11:")
    expect(mine.locator("#roster-note")).not_to_contain_text("day 10:")
    cell(mine, agent, 11).click()
    mine.keyboard.press("Escape")
    expect(mine.locator("#roster td.o")).to_have_count(0)
    expect(mine.locator("#roster-note")).to_have_count(0)
    assert codes(agent, range(10, 13)) == "DND"


def test_collisions_can_be_settled_with_the_pointer(crew, agent, supervisor, roster, paint):
    page = roster(supervisor, language="en")
    cell(page, agent, 10).click()
    paint((agent, 10, "N"), (agent, 11, "N"))
    press(page, "Shift+ArrowRight", "r")
    cell(page, agent, 10).click()
    page.locator("#roster-reason button").nth(1).click()
    expect(page.locator("#roster td.o")).to_have_count(1)
    with saved(page):
        page.locator("#roster-note button").first.click()
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    assert codes(agent, range(10, 12)) == "NR"


def test_undo_leaves_alone_what_somebody_else_has_changed_since(crew, agent, supervisor, roster, paint):
    page = roster(supervisor, language="en")
    cell(page, agent, 10).click()
    press(page, "Shift+ArrowRight", "d")
    paint((agent, 10, "N"), seen=1)
    # The line comes anew with the next edit in it.
    cell(page, agent, 20).click()
    press(page, "x")
    press(page, "Control+z")
    press(page, "Control+z")
    assert codes(agent, [10, 11, 20]) == "N.."
    expect(page.locator("#roster-note")).to_contain_text("changed since")


def test_a_refused_edit_is_taken_back_and_said(department, other_department, crew, agent, supervisor, roster):
    page = roster(supervisor, language="en")
    cell(page, agent, 10).click()
    page.route("**/cells/", lambda route: route.fulfill(status=422, json={"error": "Not like this."}))
    page.keyboard.press("n")
    expect(page.locator("#roster-note")).to_contain_text("Not like this.", timeout=10_000)
    expect(cell(page, agent, 10)).to_have_text("")
    expect(page.locator("[data-undo]")).to_be_disabled()


@pytest.fixture
def troubles():
    """Chromium reports every refused request as an error; these tests make some on purpose."""

    class Others(list):
        def append(self, text):
            if "422" not in text:
                super().append(text)

    return Others()


def test_a_finger_selects_and_the_bar_paints(crew, agent, supervisor, roster):
    page = roster(supervisor, phone=True)
    cell(page, agent, 2).tap()
    page.locator("[data-extend]").tap()
    cell(page, agent, 4).tap()
    with saved(page):
        page.locator("[data-brush=N]").tap()
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
    assert codes(agent, range(1, 6)) == ".NNN."
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_week_is_wide_and_edited_like_the_month(crew, agent, supervisor, roster):
    page = roster(supervisor, "?week=2026-11-30", language="en")
    expect(page.locator("#roster thead th[data-d]")).to_have_count(7)
    cell(page, agent, 1).click()
    press(page, "Shift+ArrowRight", "n")
    assert codes(agent)[-1] == "N"
    expect(cell(page, agent, 1)).to_have_text("N17:00–01:00")
    # December is the next page's matter.
    expect(cell(page, agent, 2)).to_have_text("")
    page.locator("a[rel=prev]").click()
    page.wait_for_url("**/2026-11/?week=2026-11-23")


def test_a_locked_month_is_read_only_and_says_so(department, crew, agent, supervisor, roster, paint):
    paint((agent, 10, "N"))
    services.publish(department=department, month=NOVEMBER, seen_edits=1, actor=supervisor, reason="so it is")
    row = services.roster_of(department, NOVEMBER)
    row.locked_at, row.locked_by = clock.now(), supervisor
    row.save()
    page = roster(supervisor, language="en")
    expect(page.locator("#roster-bar")).to_contain_text("locked")
    expect(page.locator("[data-brush]")).to_have_count(0)
    expect(cell(page, agent, 10)).to_have_text("N")
    cell(page, agent, 10).click()
    page.keyboard.press("d")
    expect(cell(page, agent, 10)).to_have_text("N")


def test_the_findings_are_outlined_and_jumped_through(department, crew, supervisor, roster):
    answer = {
        "cells": [
            [crew[1].membership.pk, 5, "block", "Too little rest."],
            [crew[3].membership.pk, 2, "warn", "Seven days in a row."],
        ],
        "html": '<section id="roster-checks"><button type="button" class="bz-finding" '
        f'data-m="{crew[3].membership.pk}" data-d="2">Seven days in a row.</button></section>',
        "blocking": 1,
        "warnings": 1,
    }
    page = roster(supervisor)
    page.route("**/checks/", lambda route: route.fulfill(json=answer))
    page.reload()
    expect(cell(page, crew[1], 5)).to_have_class(re.compile(r"\bv\b"))
    expect(cell(page, crew[3], 2)).to_have_class(re.compile(r"\bq\b"))
    cell(page, crew[0], 1).click()
    page.keyboard.press("]")
    expect(cell(page, crew[1], 5)).to_be_focused()
    expect(page.locator("#roster-reason")).to_have_text("Too little rest.")
    page.keyboard.press("]")
    expect(cell(page, crew[3], 2)).to_be_focused()
    page.keyboard.press("[")
    expect(cell(page, crew[1], 5)).to_be_focused()
    page.locator(".bz-finding").click()
    expect(cell(page, crew[3], 2)).to_be_focused()
    # They are fetched anew after each save.
    answer["cells"].pop()
    press(page, "d")
    expect(cell(page, crew[3], 2)).not_to_have_class(re.compile(r"\bq\b"))


def test_the_rulebooks_own_findings_are_reached_from_their_list(crew, agent, supervisor, roster, paint):
    paint((agent, 10, "N"), (agent, 11, "D"))
    page = roster(supervisor, language="en")
    expect(cell(page, agent, 11)).to_have_class(re.compile(r"\bq\b"))
    cell(page, crew[5], 1).click()
    page.keyboard.press("]")
    expect(page.locator("#roster-reason")).not_to_be_empty()
    item = page.locator(f'#roster-panel .bz-finding[data-m="{agent.membership.pk}"]').first
    item.click()
    expect(page.locator(f'#roster tr[data-m="{agent.membership.pk}"] td:focus')).to_have_count(1)
    # Mended, it is gone without loading the page anew.
    cell(page, agent, 11).click()
    press(page, "x")
    expect(cell(page, agent, 11)).not_to_have_class(re.compile(r"\bq\b"))


@pytest.mark.slow
def test_two_hundred_agents_are_painted_without_lag(department, supervisor, roster):
    people = [add_person(department) for _ in range(200)]
    edits = [
        services.CellEdit(person.membership.pk, day, "DNRX"[(number + day.day) % 4], 0)
        for number, person in enumerate(people)
        for day in NOVEMBER.days()
    ]
    services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)
    page = roster(supervisor)
    page.locator("#roster tbody tr").nth(100).locator("td").nth(10).click()
    # The script of one key press, until the handler has returned; the layout that follows is the browser's.
    spent = page.evaluate(
        """() => {
            const times = [];
            for (const key of ["ArrowRight", "ArrowDown", "n", "ArrowLeft", "d"]) {
                const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
                const start = performance.now();
                document.activeElement.dispatchEvent(event);
                times.push(performance.now() - start);
            }
            return times;
        }"""
    )
    print("a key press, ms of script:", [round(ms, 1) for ms in spent])
    assert max(spent) < 50
    expect(page.locator("#roster [aria-busy]")).to_have_count(0)
