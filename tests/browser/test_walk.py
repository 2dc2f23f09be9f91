"""The six steps of a department's month, each by the person whose work it is, in the browser."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kpi.models import Scorecard
from kpi.tasks import score_month
from ledger.models import AccountKind, JournalEntry, Posting, Sanction
from office import clock
from office.models import Job, JobState
from shifts.models import Assignment, Attendance, ExtensionSegment, Layer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_trouble")]


def cell(page, person, day):
    return page.locator(f'#roster tr[data-m="{person.membership.pk}"] td').nth(day - 1)


def paint(page, person, day, key):
    cell(page, person, day).click()
    with page.expect_response(lambda response: "/cells/" in response.url):
        page.keyboard.press(key)


def test_a_month_from_roster_to_scorecard(
    department, agent, colleague, supervisor, manager, finance, sit_down, wall, live_server
):
    base = f"/d/{department.code}"

    # 1. The supervisor plans with mouse and keyboard, and publishes.
    with clock.at(wall("2026-10-30 15:00")):
        page = sit_down(supervisor)
        page.goto(f"{base}/roster/2026-11/")
        paint(page, agent, 10, "n")
        expect(cell(page, agent, 10)).to_have_text("晚")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        with page.expect_response(lambda response: "/cells/" in response.url):
            page.keyboard.press("x")
        paint(page, colleague, 11, "d")
        assert [row.code for row in Assignment.objects.filter(layer=Layer.DRAFT)] == ["N", "X", "D", "X"]
        expect(page.locator("#roster-foot tr").first.locator("td").nth(10)).to_have_text("1/2")
        expect(page.locator(f'#roster tr[data-m="{agent.membership.pk}"] td.k').first).to_have_text("2/4")
        # Nearly the whole month is empty, so publishing asks why that may be.
        page.locator("#roster-bar a[href$='/publish/']").click()
        page.locator("[name=reason]").fill("新部门，先排四天")
        page.locator("main form button.is-main").click()
        expect(page.locator("#roster-bar")).to_contain_text("1")
        assert Assignment.objects.filter(layer=Layer.PUBLISHED).count() == 4

    # The agent sees what was published and says so; the supervisor sees who has.
    with clock.at(wall("2026-11-01 09:00")):
        phone = sit_down(agent, phone=True)
        phone.goto("/")
        phone.get_by_role("button", name="我已知悉").click()
        expect(phone.get_by_role("button", name="我已知悉")).to_have_count(0)
        page.goto(f"{base}/roster/2026-11/versions/1/")
        expect(page.locator(".bz-personchanges li").filter(has_text=agent.name)).to_contain_text("11-01 09:00")

    # 2. The agent's night, on the phone: clock in, count, notebooks, extension, handover.
    with clock.at(wall("2026-11-10 16:50")):
        phone = sit_down(agent, phone=True)
        phone.goto("/")
        phone.locator("form[action$='/clock-in/'] button").click()
        expect(phone.locator("#now")).to_be_visible()
        for _tap in range(2):
            with phone.expect_response(lambda response: "open-customers" in response.url):
                phone.locator("#now button[value='1']").click()
        expect(phone.locator("#now output")).to_have_text("2")

        phone.goto(f"{base}/issues/")
        phone.locator("main textarea[name=text]").fill("1.8 米床的尺寸图写成 1.5 米")
        phone.locator("main input[name=category]").first.check(force=True)
        phone.locator("main form[method=post] button:not([name])").last.click()
        expect(phone.locator("main")).to_contain_text("1.8 米床的尺寸图写成 1.5 米")

        phone.goto(f"{base}/handover/new/")
        phone.locator("main textarea[name=to_do]").fill("通知 2 号仓拦截 8841，改发浅灰色")
        phone.locator("main input[name=kind]").first.check(force=True)
        phone.locator("main input[name=customer]").fill("木木 m***子")
        phone.locator("main input[name=due_at]").fill("2026-11-11T09:00")
        phone.locator("main form[method=post] button:not([name])").last.click()
        expect(phone.locator("main")).to_contain_text("通知 2 号仓拦截 8841")

    with clock.at(wall("2026-11-11 00:50")):
        phone.goto(f"{base}/statistics/")
        for name, value in {"served": "46", "closed": "27", "enquiries": "40", "sales_fen": "8123.50"}.items():
            phone.locator(f"input[name={name}]").fill(value)
        phone.locator("main form[method=post] button:not([name])").last.click()
        expect(phone.locator("main")).to_contain_text("58.7")
        phone.goto(f"{base}/")
        with phone.expect_response(lambda response: "open-customers" in response.url):
            phone.locator("#now button[value='-1']").click()

    with clock.at(wall("2026-11-11 01:04")):
        phone.goto(f"{base}/")
        with phone.expect_response(lambda response: "open-customers" in response.url):
            phone.locator("#now button[value='-1']").click()
        expect(phone.locator("#now output")).to_have_text("0")
        segment = ExtensionSegment.objects.get()
        assert (segment.starts_at, segment.ends_at) == (wall("2026-11-11 01:00"), wall("2026-11-11 01:04"))
        phone.goto(f"{base}/end-shift/")
        phone.locator("#hand-over button.is-main").click()
        phone.wait_for_url(f"**{base}/")
        night = Attendance.objects.get()
        assert night.clocked_out_at == wall("2026-11-11 01:04")
        assert night.planned_end == wall("2026-11-11 01:00")

    # 3. The next agent accepts the item, reading it back.
    with clock.at(wall("2026-11-11 07:55")):
        page = sit_down(colleague, phone=True)
        page.goto("/")
        page.locator("form[action$='/clock-in/'] button").click()
        item = agent.membership.written_items.get()
        assert (item.owner, item.in_queue) == (None, True)
        expect(page.locator("#inbox")).to_contain_text("通知 2 号仓拦截 8841")
        if not page.locator("#inbox textarea[name=read_back]").is_visible():
            page.locator("#inbox summary").first.click()
        page.locator("#inbox textarea[name=read_back]").fill("9 点前打给 2 号仓，拦下 8841")
        with page.expect_response(lambda response: "/accept/" in response.url):
            page.locator("#inbox form[action$='/accept/'] button").first.click()
        item.refresh_from_db()
        assert (item.owner, item.in_queue) == (colleague.membership, False)

    # 4. The supervisor reports twice, the manager confirms twice: 10, then 30.
    with clock.at(wall("2026-11-12 14:00")):
        page = sit_down(supervisor)
        for hour in ("10:00", "11:30"):
            page.goto(f"{base}/incidents/new/")
            page.locator("[name=membership]").select_option(str(agent.membership.pk))
            page.locator("[name=clause_code]").select_option("off-task")
            page.locator("[name=day]").fill("2026-11-12")
            page.locator("[name=time]").fill(hour)
            page.locator("[name=facts]").fill("上班时间看视频")
            page.locator("main form[method=post] button").last.click()
            expect(page.locator("main")).to_contain_text("上班时间看视频")
        page = sit_down(manager)
        for incident in agent.membership.incidents.order_by("occurred_at"):
            page.goto(f"{base}/incidents/{incident.pk}/")
            page.locator("form[action$='/confirm/'] button").last.click()
            page.wait_for_load_state("networkidle")
        assert list(Sanction.objects.order_by("pk").values_list("step", "amount_fen")) == [(1, 1000), (2, 3000)]
        assert list(JournalEntry.objects.order_by("number").values_list("number", flat=True)) == [1, 2]

    # 5. Finance takes the money; the fund that everybody reads grows by it.
    with clock.at(wall("2026-11-13 10:00")):
        page = sit_down(finance)
        page.goto(f"{base}/dues/")
        page.locator("a[href$='/pay/']").first.click()
        page.locator("main form[method=post] button").last.click()
        page.wait_for_load_state("networkidle")
        cash = Posting.objects.filter(account__kind=AccountKind.FUND_CASH)
        assert [posting.amount_fen for posting in cash] in ([1000], [3000])
        reader = sit_down(colleague)
        reader.goto(f"{base}/fund/")
        expect(reader.locator(".bz-fundtop .big")).to_contain_text("10.00" if cash[0].amount_fen == 1000 else "30.00")

    # 6. After a judgement the manager scores the month; every line shows what it was worked out from.
    with clock.at(wall("2026-12-01 09:00")):
        page = sit_down(supervisor)
        page.goto(f"{base}/scores/2026-11/{agent.membership.pk}/judge/")
        page.locator("main input[name=choice]").first.check(force=True)
        page.locator("main textarea[name=reason]").fill("主动补位，交接清楚")
        page.locator("main form[method=post] button").last.click()
        page.wait_for_load_state("networkidle")
        page = sit_down(manager)
        page.goto(f"{base}/scores/2026-11/")
        page.locator("form[action$='/run/'] button").first.click()
        page.wait_for_load_state("domcontentloaded")
        job = Job.objects.get()
        # The worker's part; the real one is started in tests/kpi/test_worker.py.
        score_month(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.DONE, job.error
        page.goto(f"{base}/scores/2026-11/")
        card = Scorecard.objects.get(membership=agent.membership)
        expect(page.locator("main")).to_contain_text(str(card.total))
        page.locator(f"a[href*='/scores/2026-11/{agent.membership.pk}/']").first.click()
        expect(page.locator("main")).to_contain_text("58.7")
        expect(page.locator("main")).to_contain_text(re.compile(r"27\D+46"))


def test_the_clock_moves_over_midnight_with_customers_open(department, agent, supervisor, sit_down, wall, live_server):
    from datetime import date

    from office.months import Month
    from shifts import services

    base = f"/d/{department.code}"
    with clock.at(wall("2026-10-30 15:00")):
        edit = services.CellEdit(agent.membership.pk, date(2026, 11, 10), "N", 0)
        services.paint(department=department, month=Month(2026, 11), edits=[edit], actor=supervisor)
        services.publish(
            department=department, month=Month(2026, 11), seen_edits=1, actor=supervisor, reason="so it is"
        )

    with clock.at(wall("2026-11-10 16:58")):
        phone = sit_down(agent, phone=True)
        phone.goto("/")
        phone.locator("form[action$='/clock-in/'] button").click()
        board = sit_down(supervisor)

        clock.move(timedelta(hours=6, minutes=50))  # 23:48
        phone.goto(f"{base}/")
        for count in (1, 2):
            with phone.expect_response(lambda response: "open-customers" in response.url):
                phone.locator("#now button[value='1']").click()
            expect(phone.locator("#now output")).to_have_text(str(count))

        clock.move(timedelta(minutes=70))  # 00:58, the next day
        with phone.expect_response(lambda response: "open-customers" in response.url):
            phone.locator("#now button[value='0'], #now button[value='1']").last.click()

        clock.move(timedelta(minutes=9))  # 01:07: the planned end is past
        services.extend_running_shifts()
        phone.goto(f"{base}/")
        expect(phone.locator("#now .big")).to_contain_text("7")
        expect(phone.locator("#now")).to_contain_text("04:00")
        board.goto(f"{base}/")
        expect(board.locator(".bz-facts")).to_contain_text(agent.name)

        taps = int(phone.locator("#now output").inner_text())
        for _tap in range(taps):
            with phone.expect_response(lambda response: "open-customers" in response.url):
                phone.locator("#now button[value='-1']").click()
        expect(phone.locator("#now output")).to_have_text("0")

        clock.move(timedelta(minutes=20))  # 01:27: nobody is open any more, nothing runs on
        services.extend_running_shifts()

    night = Attendance.objects.get()
    assert night.business_date == date(2026, 11, 10)
    assert night.planned_end == night.assignment.ends_at == wall("2026-11-11 01:00")
    assert max(segment.ends_at for segment in night.segments.all()) == wall("2026-11-11 01:07")
    assert all(segment.confirmed for segment in night.segments.all())
