"""Every page without findings of axe (WCAG 2.2 A and AA), light and dark, wide and narrow, and usable by keyboard.

The pages are those of the one table of addresses, in the demo department, each seen by whoever may do most on it; what
agents use is looked at with an agent's eyes on the phone too. A page is loaded once and turned on its sides.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command

from desk.accounts import DEMO_CODE
from office import clock
from people.models import Department, Right
from tests.keeping import made_once
from tests.pages.row import ANYBODY, MEMBERS, SIGNED_IN, Page
from tests.pages.table import TABLE
from tests.pages.world import World, found

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_trouble"),
    pytest.mark.slow,
    pytest.mark.pages,
]

# 20:40 in Shanghai: a night shift runs.
EVENING = datetime(2026, 11, 3, 12, 40, tzinfo=UTC)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Without `preload` axe does not fetch all style sheets a second time; only its rule about sounds would need it.
RULES = {"runOnly": TAGS, "resultTypes": ["violations"], "preload": False}
PLAYS = "document.querySelector('audio, video') !== null"
# What a theme can change: nothing but colours. Another width shows other parts of a page, so there all rules are asked.
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
SIDES = tuple((theme, size) for size in (WIDE, NARROW) for theme in ("light", "dark"))
# Colours and widths come from the same sheets everywhere: pages take turns, each wide in one theme and narrow in the
# other. The page of all components, and what is asked for by name below, are looked at from all four sides.
TURNS = (SIDES[0::3], SIDES[1:3])
# So many tests share the pages, so that they can run beside each other.
PARTS = 6

AXE = Axe().axe_script
FINDINGS = """async ([within, rules]) => (await axe.run(within, rules)).violations.map(
    (one) => `${one.id} ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`)"""
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
HEADINGS = "[...document.querySelectorAll('h1')].filter((h) => h.checkVisibility()).length"
FOCUSED = "document.activeElement.matches('.bz-skip')"
# Everything that takes the focus, one of a kind; the element shows it, or its label or what surrounds it does.
UNSEEN_FOCUS = """() => {
    const kinds = new Map();
    // A cell of the roster is marked by its edges, with the focus and without.
    const stops = "a[href], button, input, select, textarea, summary, [tabindex='0']:not([aria-selected])";
    for (const one of document.querySelectorAll(stops))
        if (one.checkVisibility({ checkVisibilityCSS: true }) && !one.disabled && one.type !== "hidden")
            kinds.set(`${one.tagName}.${one.className}.${one.type ?? ""}`, one);
    const look = (one) => {
        const style = getComputedStyle(one);
        const ring = style.outlineStyle === "none" ? "" : `${style.outlineWidth} ${style.outlineColor}`;
        return `${ring} ${style.boxShadow} ${style.borderColor}`;
    };
    return [...kinds].filter(([, one]) => {
        const around = [one, one.parentElement, one.closest("label"), one.nextElementSibling].filter(Boolean);
        document.activeElement.blur();
        const before = around.map(look);
        one.focus({ preventScroll: true });
        return document.activeElement === one && around.every((each, at) => look(each) === before[at]);
    }).map(([kind]) => kind);
}"""


@pytest.fixture
def world(live_server, settings) -> Iterator[World]:
    """The demo, whose agent works this evening, with the pages that only a demo shows."""
    settings.DEMO = True
    with clock.at(EVENING):
        made_once("demo", lambda: call_command("load_demo", stdout=StringIO()))
        yield found(Department.objects.get(code=DEMO_CODE))


def viewers(page: Page, world: World) -> dict[str, tuple]:
    """Who looks at the page, and from which sides."""
    sides = SIDES if page.name == "desk:styleguide" else TURNS[TABLE.index(page) % 2]
    if page.sees == ANYBODY:
        return {"": sides}
    entitled = page.entitled(world)
    if page.name == "desk:today":
        return dict.fromkeys(entitled, sides)
    most = max(entitled, key=lambda name: sum(world.holds(name, right) for right in Right.values))
    if "agent" in entitled and most != "agent" and page.sees == MEMBERS and not page.as_ and sides is not SIDES:
        # Who decides sits at a desk; who works shifts has a phone.
        return {most: sides[:1], "agent": sides[1:]}
    return {most: sides}


def looks(part: int) -> list[Page]:
    return [page for page in TABLE if page.gets and page.whole][part::PARTS]


def findings(window, sides=SIDES, within="html") -> list[str]:
    """What axe finds on the page as it stands, or in one part of it, and whether the page scrolls sideways."""
    said, widths = [], set()
    if not window.evaluate("typeof axe === 'object'"):
        window.evaluate(AXE)
    for theme, size in sides:
        rules = COLOURS if size["width"] in widths else RULES
        widths.add(size["width"])
        window.set_viewport_size(size)
        window.emulate_media(color_scheme=theme)
        side = f"{theme} {size['width']}"
        said += [f"{side}: {finding}" for finding in window.evaluate(FINDINGS, [within, rules])]
        if window.evaluate(TOO_WIDE):
            said.append(f"{side}: scrolls sideways")
        if window.evaluate(PLAYS):
            said.append(f"{side}: has sound or film, which nobody here has looked at")
    return said


def by_keyboard(window) -> list[str]:
    """One heading, a way past the menu that comes first and works, and a focus that is seen."""
    said = []
    if window.evaluate(HEADINGS) != 1:
        said.append(f"{window.evaluate(HEADINGS)} headings of the first level")
    # A form with errors takes the focus when it loads; then the order of the page tells.
    if window.evaluate("document.activeElement === document.body"):
        window.keyboard.press("Tab")
    else:
        window.evaluate("document.querySelector('a[href], button, input, select, textarea, summary').focus()")
    if not window.evaluate(FOCUSED):
        said.append("the first stop is not the way past the menu")
    else:
        window.keyboard.press("Enter")
        if window.evaluate("document.activeElement.id") != "main":
            said.append("the way past the menu leads nowhere")
    return said + [f"no visible focus: {kind}" for kind in window.evaluate(UNSEEN_FOCUS)]


def expected(troubles: list[str], status: str) -> None:
    """The browser reports every such answer as an error of its own."""
    troubles[:] = [trouble for trouble in troubles if f"status of {status}" not in trouble]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_finding(part, world, sit_down, troubles):
    windows, said = {}, []
    for page in looks(part):
        assert not page.needs_things(world), f"the demo has nothing for {page}"
        for name, sides in viewers(page, world).items():
            if name not in windows:
                windows[name] = sit_down(world.people.get(name))
            window = windows[name]
            window.set_viewport_size(WIDE)
            address = page.address(world)
            answer = window.goto(address)
            assert answer.status in (200, *page.answers), f"{name} {address}: {answer.status}"
            faults = by_keyboard(window) + findings(window, sides)
            said += [f"{page} {name} {address}: {fault}" for fault in faults]
    expected(troubles, "410")
    assert said == [], "\n".join(said)


def test_nor_has_one_with_something_open(world, sit_down):
    """The menu of the person, every dialog, the list of keys."""
    said = []
    for name, addresses in {
        "agent": ["", "handover/"],
        "supervisor": ["", f"roster/{world.this_month.next}/"],
        "manager": [f"incidents/{world.incident.pk}/", f"scores/{world.last_month}/"],
    }.items():
        window = sit_down(world.people[name])
        for tail in addresses:
            window.set_viewport_size(WIDE)
            window.goto(f"/d/{DEMO_CODE}/{tail}")
            window.locator(".bz-me > summary").click()
            # What the open menu covers is none of its faults.
            said += [f"{tail}, menu open: {fault}" for fault in findings(window, within=".bz-me")]
            window.keyboard.press("Escape")
            assert not window.evaluate("document.querySelector('.bz-me').open")
            for dialog in window.evaluate("[...document.querySelectorAll('[data-opens]')].map((b) => b.dataset.opens)"):
                window.set_viewport_size(WIDE)
                if dialog == "keys":
                    window.keyboard.press("?")
                else:
                    window.locator(f"[data-opens={dialog}]").first.click()
                assert window.evaluate(f"document.getElementById('{dialog}').open"), f"{tail}: {dialog} stays closed"
                # What lies under it is out of reach, and has been looked at without it.
                said += [f"{tail}, {dialog} open: {fault}" for fault in findings(window, within=f"#{dialog}")]
                window.keyboard.press("Escape")
                assert not window.evaluate(f"document.getElementById('{dialog}').open"), f"{tail}: {dialog} stays open"
    assert said == [], "\n".join(said)


FORMS = [page for page in TABLE if page.gets and page.posts and page.whole and not page.as_ and page.sees != SIGNED_IN]


@pytest.mark.parametrize("part", range(3))
def test_nor_has_a_form_that_was_refused(part, world, sit_down, troubles):
    said, refused = [], 0
    for page in FORMS[part::3]:
        for name, _sides in [*viewers(page, world).items()][:1]:
            window = sit_down(world.people.get(name))
            window.goto(page.address(world))
            form = window.locator("main form[method=post]:not(dialog form)").last
            if not form.count():
                continue
            # Past the browser's own checks, as somebody without them would.
            with window.expect_navigation():
                form.evaluate("(form) => { form.reset(); form.noValidate = true; form.requestSubmit(); }")
            wrong = window.locator("[aria-invalid=true], .bz-note.is-bad, .bz-wrong")
            refused += wrong.count() > 0
            # The page has been looked at from all four sides; what came with the mistakes is seen from two.
            said += [f"{page} {name}, refused: {fault}" for fault in findings(window, SIDES[::3])]
            window.context.close()
    expected(troubles, "422")
    assert said == [], "\n".join(said)
    assert refused > 1
