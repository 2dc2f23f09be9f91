"""Today: the desk for an agent, the board for whoever watches, the office for the others."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.board import board_of
from handover.services import accept_item, end_shift, submit_handover, write_item
from office.months import Month
from people.models import User
from shifts import services
from shifts.models import Roster
from tests.factories import add_person

pytestmark = pytest.mark.django_db
MONTH = Month(2026, 11)


def today(department):
    return reverse("desk:today", kwargs={"code": department.code})


def plan(department, supervisor, at, *cells):
    """Publish November with (person, day, code) cells, at the end of October."""
    with at("2026-10-25 12:00"):
        edits = [services.CellEdit(who.membership.pk, date(2026, 11, day), code, 0) for who, day, code in cells]
        services.paint(department=department, month=MONTH, edits=edits, actor=supervisor)
        seen = Roster.objects.get(department=department).edits
        services.publish(department=department, month=MONTH, seen_edits=seen, actor=supervisor, reason="so it is")


def test_the_first_page_after_sign_in_is_todays_of_ones_department(department, agent, client_of):
    assert client_of(agent).get("/")["location"] == today(department)


def test_somebody_of_no_department_is_told_so(db, client_of):
    user = User.objects.create(username="new", name="新人")
    response = client_of(user).get("/")
    assert response.status_code == 200
    assert "no department" in response.content.decode()


def test_a_stranger_finds_nothing(department, stranger, client_of):
    assert client_of(stranger).get(today(department)).status_code == 404


def test_an_agent_off_duty_sees_the_next_shift_and_no_button(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "N"))
    with at("2026-11-09 12:00"):
        html = client_of(agent).get(today(department)).content.decode()
    assert "17:00–01:00" in html
    assert "clock-in" not in html


def test_shortly_before_the_shift_the_button_is_there(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "N"))
    with at("2026-11-10 16:00"):
        html = client_of(agent).get(today(department)).content.decode()
    assert reverse("shifts:clock_in", kwargs={"code": department.code}) in html


def test_on_duty_the_page_shows_the_shift_the_count_and_what_is_missing(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "N"))
    with at("2026-11-10 16:55"):
        services.clock_in(membership=agent.membership)
        html = client_of(agent).get(today(department)).content.decode()
    assert 'id="now"' in html
    assert "bz-gate" in html


def test_past_its_end_with_customers_open_the_page_says_how_long_it_runs(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "N"))
    with at("2026-11-10 16:55"):
        shift = services.clock_in(membership=agent.membership)
    with at("2026-11-11 00:59"):
        services.report_open_customers(attendance=shift, open_customers=2)
    with at("2026-11-11 01:12"):
        services.extend_running_shifts()
        html = client_of(agent).get(today(department)).content.decode()
    assert "Running on <b>12</b>" in html
    assert "04:00" in html


def test_an_agent_without_any_shift_is_told_why(department, agent, at, client_of):
    with at("2026-11-10 16:00"):
        assert "No shift of yours" in client_of(agent).get(today(department)).content.decode()


def test_the_supervisor_sees_who_is_late_missing_and_running_on(department, agent, colleague, leader, supervisor, at):
    plan(department, supervisor, at, (agent, 10, "N"), (colleague, 11, "D"), (leader, 11, "D"))
    with at("2026-11-10 16:55"):
        shift = services.clock_in(membership=agent.membership)
    with at("2026-11-11 00:59"):
        services.report_open_customers(attendance=shift, open_customers=1)
    with at("2026-11-11 01:10"):
        services.extend_running_shifts()
        assert [line.name for line in board_of(department).extending] == [agent.name]
    with at("2026-11-11 08:20"):
        board = board_of(department)
    assert {line.name for line in board.late} == {colleague.name, leader.name}
    assert board.gaps == ["Night 0/2", "Regular 0/2"]
    with at("2026-11-11 19:00"):
        assert {line.state for line in board_of(department).lines if line.name == leader.name} == {"empty"}


def test_the_board_page_and_the_leaders_two_views(department, leader, supervisor, manager, at, client_of):
    plan(department, supervisor, at, (leader, 10, "D"))
    with at("2026-11-10 09:00"):
        assert "bz-facts" in client_of(supervisor).get(today(department)).content.decode()
        assert "bz-facts" in client_of(manager).get(today(department)).content.decode()
        desk = client_of(leader).get(today(department)).content.decode()
        board = client_of(leader).get(today(department), {"view": "board"}).content.decode()
    assert "bz-strip" in desk
    assert "?view=board" in desk
    assert "bz-names" in board


def test_an_agent_does_not_get_the_board_by_asking(department, agent, at, client_of):
    with at("2026-11-10 09:00"):
        assert "bz-names" not in client_of(agent).get(today(department), {"view": "board"}).content.decode()


@pytest.mark.parametrize("role", ["finance", "owner"])
def test_finance_and_owner_have_a_first_page(department, role, request, client_of):
    response = client_of(request.getfixturevalue(role)).get(today(department))
    assert response.status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("role", ["agent", "leader", "supervisor", "manager", "finance", "owner"])
def test_every_page_of_the_menu_opens_for_every_role(department, role, language, request, client_of, at):
    client = client_of(request.getfixturevalue(role), language)
    with at("2026-11-10 09:00"):
        entries = client.get(today(department)).context["nav"]
        for entry in entries:
            response = client.get(entry.url, follow=True)
            assert response.status_code == 200, entry.url


def _queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_board_costs_the_same_for_one_and_for_thirty_people(department, supervisor, at, client_of):
    crew = [add_person(department) for _ in range(30)]
    client = client_of(supervisor)
    plan(department, supervisor, at, (crew[0], 10, "D"))
    with at("2026-11-10 07:55"):
        services.clock_in(membership=crew[0].membership)
        client.get(today(department))
        one = _queries(client, today(department))
    with at("2026-11-09 12:00"):
        edits = [services.CellEdit(who.membership.pk, date(2026, 11, 10), "D", 0) for who in crew[1:]]
        services.paint(department=department, month=MONTH, edits=edits, actor=supervisor)
        services.publish(department=department, month=MONTH, seen_edits=2, actor=supervisor, reason="so it is")
    with at("2026-11-10 07:56"):
        for who in crew[1:]:
            services.clock_in(membership=who.membership)
        assert _queries(client, today(department)) == one


def test_the_band_says_hour_by_hour_who_is_here_of_those_wanted(department, agent, colleague, leader, supervisor, at):
    plan(department, supervisor, at, (agent, 10, "D"), (colleague, 10, "D"), (leader, 10, "N"))
    with at("2026-11-10 07:55"):
        services.clock_in(membership=agent.membership)
    with at("2026-11-10 08:20"):
        band = {band.when: (band.have, band.wanted, band.missing) for band in board_of(department).band}
    # The colleague is late; regular shifts (two wanted) have nobody; yesterday's night, which nobody planned, is over.
    assert band == {
        "00:00–01:00": (0, 2, 0),
        "08:00–09:00": (1, 2, 1),
        "09:00–18:00": (1, 4, 3),
        "18:00–01:00": (1, 2, 1),
    }


def test_the_facts_say_how_late_somebody_is(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "D"))
    with at("2026-11-10 08:22"):
        html = client_of(supervisor).get(today(department)).content.decode()
    assert f"{agent.name} 22 min" in html


def test_the_board_asks_for_itself_again(department, supervisor, at, client_of):
    with at("2026-11-10 08:22"):
        html = client_of(supervisor).get(today(department)).content.decode()
    assert f'hx-get="{today(department)}?view=board"' in html
    assert "08:22, live" in html


def test_handovers_count_what_was_passed_on_today_and_what_is_accepted(department, agent, colleague, supervisor, at):
    plan(department, supervisor, at, (agent, 10, "D"), (colleague, 10, "N"))
    with at("2026-11-10 08:00"):
        shift = services.clock_in(membership=agent.membership)
    with at("2026-11-10 16:50"):
        items = [
            write_item(author=agent.membership, kind="information", to_do=text)
            for text in ("Call back", "Send the photo", "Ask the warehouse")
        ]
        submit_handover(attendance=shift, actor=agent)
    with at("2026-11-10 17:00"):
        services.clock_in(membership=colleague.membership)
        accept_item(item=items[0], actor_membership=colleague.membership)
    with at("2026-11-10 17:08"):
        waiting = board_of(department).waiting
        assert (waiting.count, waiting.accepted, waiting.handed_over, waiting.oldest) == (2, 1, 3, "18 min")
    with at("2026-11-11 00:10"):
        assert board_of(department).waiting.handed_over == 2


def test_off_duty_the_desk_says_how_long_until_the_next_shift(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "N"))
    with at("2026-11-10 09:30"):
        html = client_of(agent).get(today(department)).content.decode()
    assert "in 7 h 30 min" in html
    assert "you can clock in here" in html


def test_who_forgot_to_clock_out_stands_out_on_the_board(department, agent, supervisor, at):
    plan(department, supervisor, at, (agent, 10, "N"))
    with at("2026-11-10 16:55"):
        services.clock_in(membership=agent.membership)
    with at("2026-11-11 01:10"):
        assert {line.state for line in board_of(department).lines} == {"on"}
    with at("2026-11-11 07:55"):
        assert {line.state for line in board_of(department).lines} == {"over"}


def test_who_has_ended_the_shift_is_told_so_and_not_asked_to_begin_it(department, agent, supervisor, at, client_of):
    plan(department, supervisor, at, (agent, 10, "D"), (agent, 11, "N"))
    with at("2026-11-10 07:30"):
        attendance = services.clock_in(membership=agent.membership)
    with at("2026-11-10 07:40"):
        end_shift(attendance=attendance, actor=agent, confirmed=True)
    with at("2026-11-10 07:45"):
        shown = client_of(agent).get(today(department)).content.decode()
        assert "You ended your shift at 07:40." in shown
        assert "Night 17:00–01:00" in shown
        assert "Day 08:00–17:00" not in shown
    with at("2026-11-11 09:00"):
        assert "You ended your shift" not in client_of(agent).get(today(department)).content.decode()
