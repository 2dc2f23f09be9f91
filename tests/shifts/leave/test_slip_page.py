"""The page of a slip: who sees it, deciding, taking back, and what Today says."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Role
from rulebooks.services import import_rulebook
from shifts import services
from shifts.models import Assignment, Leave, LeaveState
from shifts.pages import leave as leave_case
from shifts.services import leave as slips
from tests.conftest import LIBRARY
from tests.factories import add_person
from tests.shifts.leave.reading import PNG, page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_the_slip_shows_cover_with_and_without_the_person(planned, supervisor, ask, client_of):
    shown = text_of(client_of(supervisor).get(page("leave", ask(10, 12).pk)))
    # Two wanted, one at least: on the 10th the colleague is on it too, on the 12th nobody.
    assert re.search(r"11-10 Tue D Day 2/2 1/2 .*11-12 Thu D Day 1/2 0/2 at least 1", shown)


@pytest.mark.parametrize(
    ("name", "status"), [("agent", 200), ("supervisor", 200), ("colleague", 404), ("manager", 404), ("stranger", 404)]
)
def test_a_slip_is_seen_by_its_member_and_who_approves(request, client_of, ask, name, status):
    user = request.getfixturevalue(name)
    leave = ask(kind="SL", file=SimpleUploadedFile("note.png", PNG))
    assert client_of(user).get(page("leave", leave.pk)).status_code == status
    answer = client_of(user).get(page("leave_attachment", leave.pk))
    assert answer.status_code == status
    if status == 200:
        assert b"".join(answer.streaming_content) == PNG
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
        answer.close()


def test_without_attachment_there_is_none(agent, ask, client_of):
    assert client_of(agent).get(page("leave_attachment", ask().pk)).status_code == 404


def test_an_unpublished_plan_is_for_who_approves_only(agent, supervisor, paint, ask, client_of):
    paint((agent, 10, "N"))
    address = page("leave", ask(10).pk)
    assert "N Night" in text_of(client_of(supervisor).get(address))
    shown = text_of(client_of(agent).get(address))
    assert "Night" not in shown
    assert "not published yet" in shown


def test_approving_shows_the_gap_and_refusing_twice_says_so(planned, agent, supervisor, ask, client_of):
    leave, client = ask(10, 12), client_of(supervisor)
    shown = client.post(page("leave_approve", leave.pk), {"note": "Enjoy it"}, follow=True)
    assert Leave.objects.get().state == LeaveState.APPROVED
    assert re.search(r"Gaps 2 .*11-12 Thu D Day 0/2", text_of(shown))
    assert page("cover", "2026-11-12", "D") in shown.content.decode()
    assert "Gaps" not in text_of(client_of(agent).get(page("leave", leave.pk)))
    again = client.post(page("leave_refuse", leave.pk), {"reason": "After all"})
    assert again.status_code == 422
    assert "This slip is no longer waiting: Approved." in text_of(again)


def test_what_is_still_worked_is_no_gap(planned, agent, supervisor, ask, client_of, at, wall):
    hours = {"starts_at": wall("2026-11-10 09:00"), "ends_at": wall("2026-11-10 11:00")}
    part = slips.approve(leave=ask(10, **hours), actor=supervisor)
    assert "Gaps" not in text_of(client_of(supervisor).get(page("leave", part.pk)))
    with at("2026-11-12 08:00"):
        services.clock_in(membership=agent.membership)
        rest = slips.approve(leave=ask(12, 13, kind="SL"), actor=supervisor)
        assert re.search(r"Gaps 1 .*11-13 Fri N", text_of(client_of(supervisor).get(page("leave", rest.pk))))


def test_a_refusal_without_reason_comes_back(supervisor, ask, client_of):
    leave = ask()
    assert client_of(supervisor).post(page("leave_refuse", leave.pk), {"reason": " "}).status_code == 422
    assert Leave.objects.get().state == LeaveState.ASKED
    client_of(supervisor).post(page("leave_refuse", leave.pk), {"reason": "The sale"})
    assert Leave.objects.get().decision_reason == "The sale"


@pytest.mark.parametrize("name", ["leave_approve", "leave_refuse"])
def test_only_who_approves_decides_and_never_their_own(agent, supervisor, ask, client_of, name):
    for who, actor, status in ((agent, agent, 403), (supervisor, supervisor, 403)):
        leave = ask(who=who)
        assert client_of(actor).post(page(name, leave.pk), {"reason": "x"}).status_code == status
        assert Leave.objects.get(pk=leave.pk).state == LeaveState.ASKED


def test_the_page_of_ones_own_slip_names_who_can_decide(supervisor, ask, client_of, department):
    shown = text_of(client_of(supervisor).get(page("leave", ask(who=supervisor).pk)))
    assert "This is your own leave: somebody else decides it. At present nobody else can" in shown
    add_person(department, name="李主管", roles=[Role.SUPERVISOR], rostered=False)
    assert "李主管 can decide it." in text_of(client_of(supervisor).get(page("leave", Leave.objects.get().pk)))


def test_a_full_day_is_named_before_and_refused_when_approved(department, agent, colleague, supervisor, ask, client_of):
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    limited = source.replace("\nleave:\n", "\nleave:\n  people_a_day_at_most: 1\n")
    import_rulebook(department=department, source=limited.encode(), from_day=date(2026, 11, 1), actor=None)
    slips.approve(leave=ask(11, who=colleague), actor=supervisor)
    leave, client = ask(10, 12), client_of(supervisor)
    assert "On 1 day as many are off as the rulebook allows" in text_of(client.get(page("leave", leave.pk)))
    refused = client.post(page("leave_approve", leave.pk))
    assert refused.status_code == 422
    assert "At most 1 may be off on one day, and so many are already: 11-11." in text_of(refused)


def test_withdrawing_is_for_who_asked(agent, colleague, supervisor, ask, client_of):
    leave = ask()
    assert client_of(colleague).post(page("leave_withdraw", leave.pk)).status_code == 404
    assert client_of(supervisor).post(page("leave_withdraw", leave.pk)).status_code == 403
    shown = client_of(agent).post(page("leave_withdraw", leave.pk), follow=True)
    assert "Withdrawn" in text_of(shown)
    assert Leave.objects.get().state == LeaveState.WITHDRAWN


def test_cancelling_says_what_came_back(planned, agent, supervisor, ask, client_of):
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    shown = client_of(agent).post(page("leave_cancel", leave.pk), {"reason": ""}, follow=True)
    assert "2 shifts are back on the roster." in text_of(shown)
    assert Assignment.objects.published().filter(membership=agent.membership, code="D").count() == 2


def test_an_approver_says_why_they_cancel_and_a_member_not_after_it_began(
    planned, agent, supervisor, ask, client_of, at
):
    leave = slips.approve(leave=ask(10, 12), actor=supervisor)
    assert client_of(supervisor).post(page("leave_cancel", leave.pk), {"reason": ""}).status_code == 422
    with at("2026-11-11 09:00"):
        shown = text_of(client_of(agent).get(page("leave", leave.pk)))
        assert "Cancel the leave" not in shown
        assert "End the leave" not in shown
        refused = client_of(agent).post(page("leave_cancel", leave.pk), {"reason": ""})
        assert refused.status_code == 422
        assert "This leave has begun: only who approves leave can end it." in text_of(refused)


def test_once_it_has_begun_the_button_ends_it_and_the_page_says_what_stays(
    planned, agent, supervisor, ask, client_of, at
):
    leave = slips.approve(leave=ask(10, 14), actor=supervisor)
    client = client_of(supervisor)
    assert "Cancel the leave…" in text_of(client.get(page("leave", leave.pk)))
    with at("2026-11-12 10:00"):
        before = text_of(client.get(page("leave", leave.pk)))
        assert "End the leave… What was taken stays leave." in before
        shown = text_of(client.post(page("leave_cancel", leave.pk), {"reason": "Well again"}, follow=True))
    assert "Ended earlier. What was taken stays leave." in shown
    assert "2026-11-10 – 2026-11-12" in shown
    assert "1 shift is back on the roster." in shown


@pytest.mark.parametrize("name", ["leave_approve", "leave_refuse", "leave_withdraw", "leave_cancel"])
def test_an_address_that_writes_is_not_read(agent, ask, client_of, name):
    assert client_of(agent).get(page(name, ask().pk)).status_code == 405


def test_a_slip_costs_the_same_alone_and_among_thirty(planned, department, supervisor, ask, client_of):
    leave, client, counts = ask(10, 12), client_of(supervisor), []
    for many in (0, 30):
        for number in range(many):
            person = add_person(department, work_number=f"X{number}")
            other = ask(10, 12, who=person)
            slips.approve(leave=other, actor=supervisor)
        client.get(page("leave", leave.pk))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page("leave", leave.pk)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# ── For Today ──


def test_today_says_what_waits_and_what_is_ones_own(department, agent, colleague, supervisor, ask, at):
    ask(10)
    with at("2026-11-06 09:00"):
        ask(11, who=colleague)
        ask(12, who=supervisor)
        slips.approve(leave=ask(20, 21), actor=supervisor)
        waiting = leave_case.leave_waiting(department, besides=supervisor)
        assert waiting.count == 2
        assert waiting.oldest + timedelta(days=1) == Leave.objects.get(first_day=date(2026, 11, 11)).asked_at
        own = leave_case.own_leave(agent.membership)
        assert [(leave.when, leave.kind_name, leave.length) for leave in own] == [
            ("2026-11-10", "Personal leave", "1 day"),
            ("2026-11-20 – 2026-11-21", "Personal leave", "2 days"),
        ]
    with at("2026-11-21 09:00"):
        assert [leave.when for leave in leave_case.own_leave(agent.membership)] == ["2026-11-20 – 2026-11-21"]
    Leave.objects.update(state=LeaveState.WITHDRAWN, decided_at="2026-11-06T00:00Z")
    assert leave_case.leave_waiting(department) == leave_case.Waiting(0, None)
