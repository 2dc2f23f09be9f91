"""A leave slip from the agent's phone to the supervisor's decision, with pages that have no findings on the way."""

import base64
from datetime import date

import pytest
from playwright.sync_api import expect

from office import clock
from office.months import Month
from shifts import services
from shifts.models import Assignment, Leave, LeaveState
from tests.browser.test_accessibility import by_keyboard, expected, findings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_trouble"), pytest.mark.slow]

NOVEMBER = Month(2026, 11)
# One white point.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="
)


@pytest.fixture
def planned(department, agent, colleague, supervisor, wall):
    """The agent D on the 10th and N on the 12th, the colleague D on the 10th; the agent rests on the 11th."""
    cells = ((agent, 10, "D"), (agent, 11, "X"), (agent, 12, "N"), (colleague, 10, "D"))
    with clock.at(wall("2026-10-25 12:00")):
        edits = [services.CellEdit(who.membership.pk, date(2026, 11, day), code, 0) for who, day, code in cells]
        done = services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)
        services.publish(department=department, month=NOVEMBER, seen_edits=done.edits, actor=supervisor, reason="开始")


def looked_at(page, what: str) -> list[str]:
    return [f"{what}: {fault}" for fault in [*by_keyboard(page), *findings(page)]]


def test_an_agent_asks_on_the_phone_and_the_supervisor_approves(
    planned, department, agent, supervisor, sit_down, wall, troubles, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    base, said = f"/d/{department.code}/leave/", []
    with clock.at(wall("2026-11-05 09:00")):
        phone = sit_down(agent, phone=True)
        phone.goto(base)
        phone.locator("main .bz-empty a.bz-btn").click()
        phone.locator("main input[name=kind][value=SL]").check()
        phone.locator("main input[name=first_day]").fill("2026-11-10")
        phone.locator("main input[name=last_day]").fill("2026-11-12")
        # What is off and planned on these days comes without the page being loaded.
        phone.locator("main input[name=last_day]").blur()
        expect(phone.locator("#leave-days tbody tr")).to_have_count(3)

        # Too large: the rest of the form stays.
        phone.locator("main textarea[name=reason]").fill("发烧")
        too_large = {"name": "a.png", "mimeType": "image/png", "buffer": PNG + bytes(6 * 1024 * 1024)}
        phone.locator("main input[name=attachment]").set_input_files(too_large)
        phone.locator("main form .bz-btn.is-main").click()
        expect(phone.locator("#id_attachment_error")).to_be_visible()
        expect(phone.locator("main textarea[name=reason]")).to_have_value("发烧")
        expect(phone.locator("main input[name=kind][value=SL]")).to_be_checked()
        said += looked_at(phone, "refused")
        expected(troubles, "422")
        phone.locator("main input[name=attachment]").set_input_files(
            {"name": "病假条.png", "mimeType": "image/png", "buffer": PNG}
        )
        phone.locator("main form .bz-btn.is-main").click()
        expect(phone.locator("main")).to_contain_text("病假条.png")
        said += looked_at(phone, "the member's own")
        # What was handed in can be looked at, in a sandbox as it is.
        own = phone.url
        phone.goto(phone.locator("a[href$='/attachment/']").get_attribute("href"))
        assert phone.evaluate("document.images[0].naturalWidth") == 1
        phone.goto(own)

        desk = sit_down(supervisor)
        desk.goto(base)
        said += looked_at(desk, "the list")
        desk.set_viewport_size({"width": 1440, "height": 900})
        desk.locator("main tbody a").first.click()
        expect(desk.locator("form[action$='/approve/'] button")).to_be_visible()
        said += looked_at(desk, "to be decided")
        desk.set_viewport_size({"width": 1440, "height": 900})
        desk.locator("form[action$='/approve/'] button").click()
        expect(desk.locator("#gaps-title")).to_be_visible()
        said += looked_at(desk, "approved")
        assert Leave.objects.get().state == LeaveState.APPROVED
        codes = dict(
            Assignment.objects.published().filter(membership=agent.membership).values_list("business_date", "code")
        )
        assert codes == {date(2026, 11, 10): "SL", date(2026, 11, 11): "X", date(2026, 11, 12): "SL"}

        phone.goto(f"{base}{Leave.objects.get().pk}/")
        phone.locator("main details.bz-ask summary").click()
        phone.locator("form[action$='/cancel/'] button").click()
        expect(phone.locator(".bz-toast").first).to_be_visible()
    assert Leave.objects.get().state == LeaveState.CANCELLED
    assert said == [], "\n".join(said)
