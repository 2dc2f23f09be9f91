"""A swap from request to applied, each by the person whose turn it is: two tired agents on the phone, a supervisor."""

from datetime import date

import pytest
from playwright.sync_api import expect

from office import clock
from office.months import Month
from shifts import services
from shifts.models import Swap, SwapState
from tests.shifts.swapping import code, everybody_answers_once, shift

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_trouble")]
NOVEMBER = Month(2026, 11)


@pytest.fixture
def planned(department, agent, colleague, leader, supervisor, wall):
    """Agent: day shift on the 10th, free on the 12th. Colleague the other way round. The leader has no shift near."""
    cells = [(agent, 10, "D"), (agent, 12, "X"), (colleague, 10, "X"), (colleague, 12, "D"), (leader, 10, "X")]
    with clock.at(wall("2026-10-30 15:00")):
        edits = [services.CellEdit(who.membership.pk, date(2026, 11, day), what, 0) for who, day, what in cells]
        services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)
        services.publish(department=department, month=NOVEMBER, seen_edits=1, actor=supervisor, reason="人手不足")


def test_a_swap_from_request_to_applied(
    planned, department, agent, colleague, leader, supervisor, sit_down, wall, live_server
):
    base = f"/d/{department.code}"
    returned = shift(colleague, 12)
    with clock.at(wall("2026-11-02 12:00")):
        # The agent: the shift, the one wanted for it, send. The leader cannot, and it says why.
        phone = sit_down(agent, phone=True)
        phone.goto(f"{base}/swaps/new/")
        phone.locator(f"a[href*='shift={shift(agent, 10).pk}']").click()
        phone.locator("main details summary").last.click()
        expect(phone.locator("main details").last).to_contain_text(leader.name)
        phone.locator(f"input[name=chosen][value='{returned.pk}']").check()
        phone.locator("textarea[name=reason]").fill("家里有事")
        phone.locator("main form[method=post] button").last.click()
        swap = Swap.objects.get()
        phone.wait_for_url(f"**{base}/swaps/{swap.pk}/")
        expect(phone.locator("main")).to_contain_text("家里有事")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

        # The colleague finds it in the inbox and says yes with one press.
        other = sit_down(colleague, phone=True)
        other.goto("/notices/")
        other.locator(f"a[href$='/swaps/{swap.pk}/']").first.click()
        other.locator("form[action$='/agree/'] button").click()
        other.wait_for_load_state("networkidle")
        swap.refresh_from_db()
        assert (swap.state, swap.agreed_by) == (SwapState.AGREED, colleague)

        # The supervisor approves; the roster follows.
        desk = sit_down(supervisor)
        desk.goto(f"{base}/swaps/")
        desk.locator(f"main a[href$='/swaps/{swap.pk}/']").click()
        desk.locator("form[action$='/approve/'] button").click()
        desk.wait_for_load_state("networkidle")
        swap.refresh_from_db()
        assert swap.state == SwapState.APPLIED
        assert [code(agent, 10), code(agent, 12), code(colleague, 10), code(colleague, 12)] == ["X", "D", "D", "X"]

        # Who answered when: both stand there.
        phone.reload()
        phone.locator("a[href*='/answers/']").first.click()
        expect(phone.locator("main tbody tr")).to_have_count(2)
        expect(phone.locator("main tbody")).to_contain_text(colleague.name)
    everybody_answers_once(department)


def test_a_gap_is_covered_with_the_keyboard_alone(planned, department, leader, supervisor, sit_down, wall, live_server):
    with clock.at(wall("2026-11-02 12:00")):
        page = sit_down(supervisor)
        page.goto(f"/d/{department.code}/cover/2026-11-12/D/")
        page.locator(f"input[name=chosen][value='{leader.membership.pk}']").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("替一天")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
        assert code(leader, 12) == "D"
        expect(page.locator("main")).to_contain_text("2/2")
