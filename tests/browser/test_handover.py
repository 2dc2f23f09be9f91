"""A shift change before everybody's eyes: each side sees what the other does, and nothing typed is lost."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from handover import services
from handover.models import Handover, HandoverItem
from office import clock
from shifts.models import Attendance
from tests.handover.conftest import begin_shift

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_trouble")]
TUESDAY = date(2026, 11, 10)


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def writes(phone, base, *, to_do, kind, due="", **more):
    phone.goto(f"{base}/handover/new/")
    phone.locator("textarea[name=to_do]").fill(to_do)
    phone.locator(f"input[name=kind][value={kind}]").check()
    if due:
        phone.locator("input[name=due_at]").fill(due)
    if more:
        phone.locator("details.bz-more summary").click()
    for name, text in more.items():
        phone.locator(f"main [name={name}]").fill(text)
    assert fits(phone)
    phone.locator("main form .bz-actions .is-main").click()
    phone.wait_for_url(f"**{base}/handover/")


def turn(phone, part):
    """Choose a tab of the phone's log."""
    phone.locator(f"#log a[data-tab][href='#{part}']").click()


def card(page, item):
    return page.locator(f"#item-{item.pk}")


def test_a_whole_shift_change(department, agent, colleague, supervisor, sit_down, wall, live_server):
    base = f"/d/{department.code}"
    with clock.at(wall("2026-11-10 16:40")):
        begin_shift(agent, "D", TUESDAY)
        night = begin_shift(colleague, "N", TUESDAY)
        desk, board = sit_down(colleague), sit_down(supervisor)
        desk.goto(f"{base}/handover/")
        board.goto(f"{base}/handover/")

        # Written on the phone: the fewest fields, and one with everything behind "More".
        phone = sit_down(agent, phone=True)
        writes(phone, base, to_do="改地址到杭州", kind="waiting")
        writes(
            phone,
            base,
            to_do="拦截 8841 号包裹",
            kind="urgent",
            due="2026-11-10T19:00",
            known="发错成浅灰色",
            fallback="找仓库主管",
        )
        address, parcel = HandoverItem.objects.order_by("pk")
        # What is missing stands beside it; a kind that asks for nothing misses nothing.
        for item in (address, parcel):
            expect(card(phone, item).locator(".bz-missing li")).to_have_count(0)

        # Handed over on the phone, seen at the desk without a reload.
        expect(phone.locator("#mine")).to_be_hidden()
        turn(phone, "mine")
        expect(phone.locator("#in")).to_be_hidden()
        phone.locator("#hand-over button").click()
        expect(card(desk, parcel)).to_contain_text("找仓库主管")
        expect(card(board, parcel)).to_be_visible()
        assert Handover.objects.count() == 1

        # Half a sentence of the read-back; meanwhile something new comes in. The sentence and the cursor stay.
        said = card(desk, parcel).locator("textarea[name=read_back]")
        said.press_sequentially("七点前打给")
        services.write_item(author=agent.membership, kind="waiting", to_do="回访小鹿")
        services.submit_handover(attendance=Handover.objects.get().attendance, actor=agent)
        expect(desk.locator("#in")).to_contain_text("回访小鹿")
        expect(said).to_have_value("七点前打给")
        expect(said).to_be_focused()
        said.press_sequentially("二号仓")
        card(desk, parcel).locator("button[id^=accept]").click()
        expect(desk.locator("#mine")).to_contain_text("拦截 8841 号包裹")
        expect(desk.locator("#accepted")).to_contain_text("七点前打给二号仓")
        expect(card(phone, parcel)).to_have_count(0)
        expect(phone.locator("#accepted")).to_contain_text("七点前打给二号仓")

        # Asked back, answered, and refused all the same: the giver has it again, with the reason.
        back = card(desk, address).locator("details:has(textarea[name=text])")
        back.locator("summary").click()
        back.locator("textarea").fill("哪个区？")
        back.locator("button[id^=ask]").click()
        turn(phone, "mine")
        expect(card(phone, address)).to_contain_text("哪个区？")
        card(phone, address).locator("textarea[id^=answer]").fill("西湖区")
        card(phone, address).locator("button[id^=answer]").click()
        expect(card(desk, address)).to_contain_text("西湖区")
        back = card(desk, address).locator("details:has(textarea[name=text])")
        back.locator("summary").click()
        back.locator("textarea").fill("仓库已下班")
        back.locator("button[id^=refuse]").click()
        expect(card(desk, address)).to_have_count(0)
        expect(phone.locator("#mine")).to_contain_text("仓库已下班")
        expect(card(phone, address)).to_be_visible()
        assert fits(phone)

        # Nobody does it: it becomes overdue, stands out, and the supervisor gives it to who is there.
        HandoverItem.objects.filter(pk=address.pk).update(due_at=wall("2026-11-10 16:30"))
        board.reload()
        stands = board.locator(f"#standing-out #item-{address.pk}")
        stands.locator("details:has(select) summary").click()
        stands.locator("select").select_option(str(colleague.membership.pk))
        stands.locator("textarea[name=reason]").fill("顾客在等")
        stands.locator("button[id^=assign]").click()
        expect(desk.locator(f"#mine #item-{address.pk}")).to_be_visible()
        expect(card(phone, address)).to_have_count(0)

        # What is still open goes along with the end of the shift.
        phone.goto(f"{base}/end-shift/")
        phone.locator("#hand-over .is-main").click()
        assert Attendance.objects.filter(membership=agent.membership, clocked_out_at=None).exists(), "time is left"
        phone.locator("#hand-over [name=confirmed]").first.check()
        phone.locator("#hand-over .is-main").first.click()
        phone.wait_for_url(f"**{base}/")
        address.refresh_from_db()
        parcel.refresh_from_db()
        assert (address.owner, parcel.owner) == (colleague.membership, colleague.membership)
        left = HandoverItem.objects.get(to_do="回访小鹿")
        assert left.in_queue
        assert night.is_on_duty
        expect(desk.locator("#queue + article")).to_contain_text("回访小鹿")


def test_a_card_in_which_somebody_types_says_that_it_has_changed(
    department, agent, colleague, leader, sit_down, wall, live_server
):
    with clock.at(wall("2026-11-10 16:40")):
        shift = begin_shift(agent, "D", TUESDAY)
        begin_shift(colleague, "N", TUESDAY)
        begin_shift(leader, "N", TUESDAY)
        due = clock.now() + timedelta(hours=1)
        item = services.write_item(author=agent.membership, kind="urgent", to_do="拦截包裹", due_at=due)
        services.submit_handover(attendance=shift, actor=agent)
        desk = sit_down(colleague)
        desk.goto(f"/d/{department.code}/handover/")
        typed = card(desk, item).locator("textarea[name=read_back]")
        typed.fill("我来打电话")
        services.accept_item(item=item, actor_membership=leader.membership, read_back="我已经在打电话")
        note = card(desk, item).locator("[data-changed]")
        expect(note).to_be_visible()
        expect(typed).to_have_value("我来打电话")
        note.locator("button").click()
        expect(card(desk, item)).to_have_count(0)
        expect(desk.locator("#accepted")).to_contain_text(leader.name)


def test_half_a_note_is_not_lost_by_handing_over(department, agent, sit_down, wall, live_server):
    with clock.at(wall("2026-11-10 16:40")):
        begin_shift(agent, "D", TUESDAY)
        due = clock.now() + timedelta(hours=1)
        for number in range(4):
            services.write_item(author=agent.membership, kind="urgent", to_do=f"拦截包裹 {number}", due_at=due)
        phone = sit_down(agent, phone=True)
        phone.goto(f"/d/{department.code}/handover/#mine")
        giving = phone.locator("#hand-over")
        expect(giving).to_have_css("position", "sticky")
        assert fits(phone)
        # What is missing is put right in a field that nothing lies over.
        phone.locator("#mine .bz-missing a").last.tap()
        item = HandoverItem.objects.order_by("pk").last()
        field = phone.locator(f"#note-{item.pk}-fallback")
        expect(field).to_be_focused()
        expect(giving).to_have_css("position", "static")
        field.fill("找仓库主管")
        card(phone, item).locator("details[open] > summary").click()

        said = card(phone, item).locator("[data-unsaved]")
        giving.locator(".bz-btn").tap()
        expect(said).to_be_in_viewport()
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
        expect(field).to_have_value("找仓库主管")
        assert not Handover.objects.exists()
        card(phone, item).locator("button[id^=note]").tap()
        expect(card(phone, item)).to_contain_text("找仓库主管")
        expect(said).to_be_hidden()
        giving.locator(".bz-btn").tap()
        expect(phone.locator("#take-back")).to_be_visible()
        assert phone.url.endswith("#mine")
        assert Handover.objects.exists()


def test_the_last_shift_of_the_night_leaves_its_items_to_the_morning(
    department, agent, colleague, sit_down, wall, live_server
):
    base = f"/d/{department.code}"
    with clock.at(wall("2026-11-10 23:40")):
        begin_shift(agent, "N", TUESDAY)
        clock.move(timedelta(hours=1, minutes=21))  # 01:01, nobody else is there
        phone = sit_down(agent, phone=True)
        writes(phone, base, to_do="早上九点打给小鹿", kind="potential-customer", customer="小鹿", known="想要胡桃木")
        phone.goto(f"{base}/end-shift/")
        phone.locator("#hand-over .is-main").click()
        phone.wait_for_url(f"**{base}/")
        item = HandoverItem.objects.get()
        assert item.in_queue

        clock.move(timedelta(hours=7))  # 08:01
        begin_shift(colleague, "D", TUESDAY + timedelta(days=1))
        morning = sit_down(colleague, phone=True)
        morning.goto(f"{base}/handover/")
        expect(morning.locator("#queue")).to_be_visible()
        card(morning, item).locator("button[id^=accept]").click()
        turn(morning, "mine")
        expect(morning.locator(f"#mine #item-{item.pk}")).to_be_visible()
        item.refresh_from_db()
        assert item.owner == colleague.membership


def test_a_page_in_the_background_asks_nothing(department, agent, sit_down, wall, live_server):
    with clock.at(wall("2026-11-10 16:40")):
        page = sit_down(agent)
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/pulse/" in request.url else None)
        page.goto(f"/d/{department.code}/handover/")
        with page.expect_response(lambda response: "/pulse/" in response.url) as answer:
            pass
        assert answer.value.status == 304
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        page.wait_for_load_state("networkidle")
        before = len(asked)
        page.wait_for_timeout(4_500)
        assert len(asked) == before
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(300)
        assert len(asked) > before


def test_long_before_the_end_handing_over_takes_a_tick_and_can_be_taken_back(
    department, agent, sit_down, wall, live_server
):
    with clock.at(wall("2026-11-10 08:10")):
        begin_shift(agent, "D", TUESDAY)
        services.write_item(author=agent.membership, kind="waiting", to_do="回访小鹿")
        phone = sit_down(agent, phone=True)
        phone.goto(f"/d/{department.code}/handover/#mine")
        phone.locator("#hand-over button").click()
        tick = phone.locator("#hand-over [name=already_now]")
        assert tick.evaluate("field => field.validity.valueMissing")
        assert not Handover.objects.exists()
        tick.check()
        # The page brings itself up to date and leaves the tick alone.
        services.write_item(author=agent.membership, kind="waiting", to_do="改地址")
        expect(phone.locator("#mine")).to_contain_text("改地址")
        expect(tick).to_be_checked()
        phone.reload()
        phone.locator("#hand-over [name=already_now]").check()
        phone.locator("#hand-over button").click()
        turn(phone, "mine")
        phone.locator("#take-back button").click()
        turn(phone, "mine")
        expect(phone.locator("#hand-over")).to_be_visible()
        assert not any(item.is_waiting for item in HandoverItem.objects.all())
        assert fits(phone)
