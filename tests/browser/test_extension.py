"""A night that runs on over midnight with a moved clock: who works it and who watches see it, hands off."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from office import clock
from office.models import Notice
from office.months import Month
from shifts import services
from shifts.models import Attendance
from shifts.services import duties, running_on
from tests.shifts.duty_rules import with_duties

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_trouble")]


def later(page, minutes):
    """Let the page's own clock run, once it is at rest: it asks the server anew by itself."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    with page.expect_response(lambda response: "view=" in response.url):
        page.clock.fast_forward(minutes * 60_000)


def sits(window):
    window.clock.install()
    return window


@pytest.fixture
def night(department, agent, supervisor, wall):
    """The agent's published night of the 10th, 17:00 to 01:00."""
    november = Month(2026, 11)
    with clock.at(wall("2026-10-30 15:00")):
        edit = services.CellEdit(agent.membership.pk, date(2026, 11, 10), "N", 0)
        services.paint(department=department, month=november, edits=[edit], actor=supervisor)
        services.publish(
            department=department, month=november, seen_edits=1, actor=supervisor, reason="a month of one night"
        )
    return f"/d/{department.code}/"


def taps(phone, value):
    with phone.expect_response(lambda response: "open-customers" in response.url):
        phone.locator(f"#now button[value='{value}']").click()


def test_both_sides_see_the_night_run_on_over_midnight_and_end(night, agent, supervisor, sit_down, wall, live_server):
    with clock.at(wall("2026-11-10 16:58")):
        phone, board = sits(sit_down(agent, phone=True)), sits(sit_down(supervisor))
        phone.goto("/")
        phone.locator("form[action$='/clock-in/'] button").click()
        expect(phone.locator("#now output")).to_have_text("0")

        clock.move(timedelta(hours=7, minutes=57))  # 00:55 of the 11th
        taps(phone, 1)
        taps(phone, 1)
        board.goto(f"{night}?view=board")
        expect(board.locator("#shifts")).to_contain_text(agent.name)
        before = board.locator("#facts").inner_text()

        # 01:06: nobody touches anything. The beat records, the phone and the board ask by themselves.
        clock.move(timedelta(minutes=11))
        services.extend_running_shifts()
        later(phone, 1)
        expect(phone.locator("#now-state .big b")).to_have_text("6")
        expect(phone.locator("#now-state")).to_contain_text("04:00")
        expect(phone.locator("#now output")).to_have_text("2")
        later(board, 2)
        expect(board.locator("#shifts .bz-live")).to_contain_text("6")
        assert board.locator("#facts").inner_text() != before
        expect(board.locator("#facts")).to_contain_text(agent.name)

        # 01:12: silent for longer than the rulebook lets a count hold. The phone asks, the supervisor is told.
        clock.move(timedelta(minutes=6))
        services.extend_running_shifts()
        later(phone, 1)
        expect(phone.locator("#now-asks button")).to_be_visible()
        assert Notice.objects.filter(recipient=supervisor, message=running_on.SILENT).count() == 1
        taps(phone, 0)
        expect(phone.locator("#now-asks")).to_be_hidden()

        taps(phone, -1)
        taps(phone, -1)
        clock.move(timedelta(minutes=3))
        services.extend_running_shifts()
        later(phone, 1)
        expect(phone.locator("#now-state .big b")).to_have_text("12")

    shift = Attendance.objects.get()
    assert shift.business_date == date(2026, 11, 10)
    assert shift.planned_end == shift.assignment.ends_at == wall("2026-11-11 01:00")
    assert max(segment.ends_at for segment in shift.segments.all()) == wall("2026-11-11 01:12")
    assert [segment.confirmed for segment in shift.segments.all()] == [True, False]


def test_the_duty_person_goes_on_past_the_cap_before_everybodys_eyes(
    department, night, agent, supervisor, sit_down, wall, live_server
):
    with_duties(department)
    with clock.at(wall("2026-11-09 12:00")):
        assert duties.make_due_turns() == 1
    with clock.at(wall("2026-11-10 16:58")):
        phone = sits(sit_down(agent, phone=True))
        phone.goto("/")
        phone.locator("form[action$='/clock-in/'] button").click()
        expect(phone.locator("#now output")).to_have_text("0")
        clock.move(timedelta(hours=11))  # 03:58
        taps(phone, 1)
        clock.move(timedelta(minutes=12))  # 04:10: anybody else's extension would have ended ten minutes ago
        services.extend_running_shifts()
        later(phone, 1)
        expect(phone.locator("#now-state .big b")).to_have_text("12")
        board = sits(sit_down(supervisor))
        board.goto(f"{night}?view=board")
        expect(board.locator("#facts")).to_contain_text(agent.name)
    shift = Attendance.objects.get()
    assert shift.segments.get().ends_at == wall("2026-11-11 04:10")
    assert Notice.objects.filter(recipient=supervisor, message=running_on.PAST_CAP).count() == 1
