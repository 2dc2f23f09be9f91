"""The list of slips and the form that makes them: who sees what, what comes back refused, and what they cost."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from office.models import Upload
from people.models import Membership
from rulebooks.services import import_rulebook
from shifts.forms.leave import LeaveForm
from shifts.models import Leave, LeaveState
from shifts.pages import leave as leave_case
from shifts.services import leave as slips
from tests.conftest import LIBRARY
from tests.factories import add_person
from tests.shifts.leave.reading import PNG, SLIP, page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_an_agent_sees_their_own_slips_and_who_approves_sees_all(agent, colleague, supervisor, manager, ask, client_of):
    ask(10, reason="Mine")
    ask(11, who=colleague, reason="The other's")
    seen = {
        user: {reason for reason in ("Mine", "The other's") if reason in response}
        for user in (agent, colleague, supervisor, manager)
        for response in [text_of(client_of(user).get(page("leaves"))).replace("&#x27;", "'")]
    }
    both = {"Mine", "The other's"}
    assert seen == {agent: {"Mine"}, colleague: {"The other's"}, supervisor: both, manager: set()}


def test_the_list_is_narrowed_by_state_month_and_words(agent, colleague, supervisor, ask, client_of):
    slips.approve(leave=ask(10, reason="First"), actor=supervisor)
    ask(11, who=colleague, reason="Second")
    slips.ask(
        membership=agent.membership,
        kind="PL",
        first_day=date(2026, 12, 1),
        last_day=date(2026, 12, 1),
        reason="Third",
        actor=agent,
    )
    client = client_of(supervisor)

    def shown(**query):
        response = text_of(client.get(page("leaves", **query)))
        return [reason for reason in ("First", "Second", "Third") if reason in response]

    assert shown() == ["First", "Second", "Third"]
    assert shown(state="approved") == ["First"]
    assert shown(month="2026-12") == ["Third"]
    assert shown(q="02") == ["Second"]
    assert shown(month="2026-12", q="irst") == []
    assert shown(month="1999-99", state="x", sort="nothing") == ["First", "Second", "Third"]


def test_the_list_comes_as_an_excel_file(supervisor, ask, client_of):
    ask()
    response = client_of(supervisor).get(page("leaves", export="xlsx"))
    assert response.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert "desk-leave-2026-11-05" in response.headers["Content-Disposition"]


@pytest.mark.parametrize("name", ["leaves", "leave_new", "leave_days"])
def test_for_a_stranger_there_is_no_leave(department, stranger, client_of, name):
    assert client_of(stranger).get(page(name)).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_thirty(department, supervisor, client_of):
    client, counts = client_of(supervisor), []
    for many in (1, 29):
        for _each in range(many):
            person = add_person(department)
            slips.ask(
                membership=person.membership,
                kind="PL",
                first_day=date(2026, 11, 10),
                last_day=date(2026, 11, 12),
                reason="A rest",
                actor=person,
            )
        client.get(page("leaves", rows="all"))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page("leaves", rows="all"))
        assert response.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_has_left_reads_their_slips_and_asks_for_nothing(agent, ask, client_of, at):
    leave = ask()
    for rows in (agent.memberships, agent.role_grants):
        rows.update(until_day=date(2026, 11, 12))
    with at("2026-11-20 09:00"):
        client = client_of(agent)
        assert "A wedding" in text_of(client.get(page("leaves")))
        assert "Ask for leave" not in text_of(client.get(page("leaves")))
        assert client.get(page("leave", leave.pk)).status_code == 200
        assert client.get(page("leave_new")).status_code == 404
        assert client.post(page("leave_withdraw", leave.pk)).status_code == 404


def test_who_holds_a_role_without_being_a_member_asks_for_nothing(department, agent, supervisor, client_of):
    Membership.objects.filter(user__in=[agent, supervisor]).update(until_day=date(2026, 10, 1))
    assert "Ask for leave" not in text_of(client_of(agent).get(page("leaves")))
    assert client_of(agent).get(page("leave_new")).status_code == 403
    # Who approves may still write down a slip for somebody else.
    assert client_of(supervisor).get(page("leave_new")).status_code == 200
    nobody = client_of(supervisor).post(page("leave_new"), SLIP)
    assert nobody.status_code == 422


# ── Handing in ──


def test_an_agent_hands_in_a_slip(agent, client_of):
    response = client_of(agent).post(page("leave_new"), SLIP, follow=True)
    leave = Leave.objects.get()
    assert response.redirect_chain[-1][0] == page("leave", leave.pk)
    assert "Personal leave · 2026-11-10 – 2026-11-12" in text_of(response)
    assert (leave.membership, leave.state, leave.reason) == (agent.membership, LeaveState.ASKED, SLIP["reason"])


def test_one_day_needs_no_last_day(agent, client_of):
    client_of(agent).post(page("leave_new"), SLIP | {"last_day": ""})
    leave = Leave.objects.get()
    assert leave.first_day == leave.last_day == date(2026, 11, 10)


def test_the_form_says_what_the_rulebook_asks(agent, client_of):
    shown = text_of(client_of(agent).get(page("leave_new", day="2026-11-10")))
    assert "Personal leave · days or hours · 1 day before" in shown
    assert 'value="2026-11-10"' in client_of(agent).get(page("leave_new", day="2026-11-10")).content.decode()
    assert client_of(agent).get(page("leave_new", day="2026-99-99")).status_code == 200


def test_what_may_be_attached_is_said_in_the_readers_language():
    help_text = LeaveForm.base_fields["attachment"].help_text
    with translation.override("zh-hans"):
        assert str(help_text).startswith("图片")
    with translation.override("en"):
        assert str(help_text).startswith("A picture")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"first_day": "2026-11-05", "last_day": ""}, "the first day possible is 2026-11-06"),
        ({"last_day": "2026-11-09"}, "The last day is before the first."),
        ({"first_day": "soon"}, "Enter a valid date."),
        ({"first_day": ""}, "This field is required."),
        ({"kind": "QQ"}, "QQ is not one of the available choices."),
        ({"kind": ""}, "This field is required."),
        ({"first_day": "2025-11-10", "last_day": "2025-11-10"}, "has no rulebook in force on 2025-11-10."),
        ({"reason": " "}, "This field is required."),
        ({"reason": "x" * 501}, "at most 500 characters"),
        ({"from_time": "09:00"}, "Hours have a beginning and an end."),
        ({"from_time": "09:00", "to_time": "10:00"}, "Hours are taken of one day."),
        ({"from_time": "25:00", "to_time": "10:00"}, "Enter a valid time."),
    ],
)
def test_what_cannot_be_comes_back_with_words_and_what_was_typed(agent, client_of, typed, says):
    response = client_of(agent).post(page("leave_new"), SLIP | typed)
    assert response.status_code == 422
    assert says in text_of(response)
    assert (SLIP | typed)["reason"].replace("'", "&#x27;") in response.content.decode()
    assert not Leave.objects.exists()


def test_hours_are_typed_on_the_wall_clock_and_a_night_reaches_over_midnight(agent, paint, publish, client_of, wall):
    paint((agent, 10, "N"))
    publish()
    hours = SLIP | {"last_day": "", "from_time": "00:15", "to_time": "01:00"}
    response = client_of(agent).post(page("leave_new"), hours, follow=True)
    leave = Leave.objects.get()
    assert (leave.first_day, leave.starts_at) == (date(2026, 11, 10), wall("2026-11-11 00:15"))
    assert "2026-11-10 00:15–01:00" in text_of(response)
    assert "45 min" in text_of(response)


def test_a_picture_goes_along(agent, client_of):
    file = SimpleUploadedFile("../病假条.png", PNG, content_type="text/html")
    client_of(agent).post(page("leave_new"), SLIP | {"kind": "SL", "attachment": file})
    upload = Leave.objects.get().attachment
    assert (upload.name, upload.content_type, upload.by) == ("病假条.png", "image/png", agent)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PNG + b"x" * 20 * 1024 * 1024, "The file has 21 MB; at most 5 MB can be kept."),
        (b"<html>", "Choose a picture (JPEG, PNG or WebP) or a PDF."),
        (b"", "The file is empty."),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_and_the_rest_of_the_form_stays(agent, client_of, media, content, says):
    file = SimpleUploadedFile("note.png", content, content_type="image/png")
    response = client_of(agent).post(page("leave_new"), SLIP | {"attachment": file})
    assert response.status_code == 422
    assert says in text_of(response)
    assert "My sister&#x27;s wedding" in response.content.decode()
    assert not Upload.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_good_file_on_a_refused_form_has_to_be_chosen_again_and_the_page_says_so(agent, client_of):
    file = SimpleUploadedFile("note.png", PNG)
    response = client_of(agent).post(page("leave_new"), SLIP | {"first_day": "2026-11-05", "attachment": file})
    assert response.status_code == 422
    assert "Choose the file again: a browser does not keep it." in text_of(response)


def test_a_request_that_breaks_off_is_refused_in_words(agent, client_of):
    """What arrives of a form when the connection ends in the middle of its file."""
    body = (
        b'--line\r\nContent-Disposition: form-data; name="reason"\r\n\r\nA wedding\r\n'
        b'--line\r\nContent-Disposition: form-data; name="attachment"; filename="a.png"\r\n\r\n' + PNG
    )
    response = client_of(agent).generic(
        "POST", page("leave_new"), body, content_type="multipart/form-data; boundary=line"
    )
    assert response.status_code == 422
    assert "A wedding" in response.content.decode()


def test_somebody_who_approves_asks_for_somebody_absent(agent, supervisor, client_of):
    client = client_of(supervisor)
    absent = SLIP | {"membership": agent.membership.pk}
    response = client.post(page("leave_new"), absent)
    assert response.status_code == 422
    assert "Say why they cannot ask themselves." in text_of(response)
    shown = client.post(page("leave_new"), absent | {"acted_for": "In hospital"}, follow=True)
    assert "For 林晓彤: In hospital" in text_of(shown)
    assert Leave.objects.get().membership == agent.membership


def test_an_agent_asks_for_nobody_else(agent, colleague, client_of):
    assert "For somebody who cannot ask" not in text_of(client_of(agent).get(page("leave_new")))
    client_of(agent).post(page("leave_new"), SLIP | {"membership": colleague.membership.pk, "acted_for": "Ha"})
    assert Leave.objects.get().membership == agent.membership


def test_nobody_is_asked_for_who_is_not_of_the_department(supervisor, stranger, client_of):
    typed = SLIP | {"membership": stranger.membership.pk, "acted_for": "Ha"}
    assert client_of(supervisor).post(page("leave_new"), typed).status_code == 422
    assert not Leave.objects.exists()


def test_without_rules_for_leave_the_pages_say_so(department, agent, client_of):
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    leave = source[source.index("\nleave:") : source.index("\nswaps:")]
    import_rulebook(
        department=department, source=source.replace(leave, "\n").encode(), from_day=date(2026, 11, 1), actor=None
    )
    client = client_of(agent)
    for name in ("leaves", "leave_new"):
        assert "The rulebook in force has no section on leave" in text_of(client.get(page(name)))
    assert "Ask for leave" not in text_of(client.get(page("leaves")))
    response = client.post(page("leave_new"), SLIP)
    assert response.status_code == 422
    assert "The rulebook in force on that day has no leave slips." in text_of(response)


def test_while_days_are_chosen_the_page_says_who_is_off(planned, agent, colleague, supervisor, ask, client_of):
    slips.approve(leave=ask(11, 12, who=colleague), actor=supervisor)
    response = client_of(agent).get(page("leave_days", first_day="2026-11-10", last_day="2026-11-12"))
    shown = text_of(response)
    assert re.search(r"11-10 Tue D Day 0 .*11-11 Wed – Rest day 1 .*11-12 Thu D Day 1", shown)
    assert "王浩然" not in shown
    assert client_of(agent).get(page("leave_days", first_day="2026-11-10", last_day="2026-11-09")).status_code == 422
    assert client_of(agent).get(page("leave_days")).status_code == 422


def test_the_days_of_others_are_for_who_approves(agent, colleague, supervisor, stranger, client_of):
    query = {"first_day": "2026-11-10", "membership": agent.membership.pk}
    assert client_of(colleague).get(page("leave_days", **query)).status_code == 404
    assert client_of(supervisor).get(page("leave_days", **query)).status_code == 200
    elsewhere = query | {"membership": stranger.membership.pk}
    assert client_of(supervisor).get(page("leave_days", **elsewhere)).status_code == 404


def test_a_year_of_days_is_cut_and_costs_no_more(agent, client_of):
    client, counts = client_of(agent), []
    for last in ("2026-11-10", "2027-11-09"):
        client.get(page("leave_days", first_day="2026-11-10", last_day=last))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page("leave_days", first_day="2026-11-10", last_day=last))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert response.content.decode().count('scope="row"') == leave_case.DAYS_SHOWN


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_days_of_other_ages_are_refused_beside_the_field(agent, client_of, day):
    client = client_of(agent)
    assert client.get(page("leave_new"), {"day": day}).status_code == 200
    assert client.get(page("leave_days"), {"first_day": day}).status_code == 422
    for last_day in ("", day):
        response = client.post(page("leave_new"), {"kind": "PL", "first_day": day, "last_day": last_day, "reason": "x"})
        assert response.status_code == 422
        assert "There is no year" in text_of(response)
    hours = {"from_time": "23:00", "to_time": "01:00"}
    response = client.post(page("leave_new"), {"kind": "PL", "first_day": day, "reason": "x"} | hours)
    assert response.status_code == 422
    response = client.post(page("leave_new"), {"kind": "PL", "first_day": "2026-11-20", "last_day": day, "reason": "x"})
    assert response.status_code == 422
