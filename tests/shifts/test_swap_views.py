"""The pages of swaps, cover and answers, for each of the cast."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Role
from rulebooks.services import import_rulebook
from shifts.lists.swaps import swaps_for, swaps_waiting
from shifts.models import Swap, SwapKind, SwapState, VersionCause
from shifts.services import change_published, swaps
from tests.conftest import LIBRARY
from tests.factories import add_person
from tests.sheets import rows_of
from tests.shifts.swapping import agree, gift_of, november, shift, swap_of, through

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def week(agent, colleague, paint, publish):
    paint((agent, 10, "D"), (agent, 12, "X"), (agent, 20, "N"))
    paint((colleague, 10, "X"), (colleague, 12, "D"), (colleague, 20, "X"))
    publish()


@pytest.fixture
def asked(week, agent, colleague):
    return swap_of(agent, 10, colleague, 12, reason="A wedding")


def url(name, department, *args, **query):
    return reverse(f"shifts:{name}", args=[department.code, *args], query=query or None)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def step(client, swap, name, **data):
    return client.post(url("swap_step", swap.department, swap.pk, name), data)


# -- Asking -----------------------------------------------------------------------------------------------------------
def test_an_agent_chooses_a_shift_and_sees_who_could_swap_and_why_others_not(
    week, department, agent, colleague, leader, client_of
):
    client = client_of(agent)
    page = words(client.get(url("swap_new", department)))
    assert f"?shift={shift(agent, 10).pk}" in page
    page = words(client.get(url("swap_new", department, shift=shift(agent, 10).pk)))
    assert f'value="{shift(colleague, 12).pk}"' in page
    assert leader.name in page
    assert "No shift in these days" in page


def test_an_agent_asks_and_lands_on_the_swap(week, department, agent, colleague, client_of):
    address = url("swap_new", department, shift=shift(agent, 10).pk)
    sent = {"kind": "swap", "chosen": shift(colleague, 12).pk, "reason": "A wedding"}
    answer = client_of(agent).post(address, sent, follow=True)
    swap = Swap.objects.get()
    assert (swap.kind, swap.partner, swap.reason) == (SwapKind.SWAP, colleague.membership, "A wedding")
    assert answer.redirect_chain == [(url("swap", department, swap.pk), 302)]
    assert "A wedding" in words(answer)


def test_a_shift_is_given_to_one_or_to_everybody(week, department, agent, colleague, client_of):
    address = url("swap_new", department, shift=shift(agent, 10).pk, kind="give_away")
    assert colleague.name in words(client_of(agent).get(address))
    client_of(agent).post(address, {"kind": "give_away", "chosen": "all"})
    assert Swap.objects.get().partner is None
    swaps.withdraw(swap=Swap.objects.get(), actor=agent)
    client_of(agent).post(address, {"kind": "give_away", "chosen": colleague.membership.pk})
    assert Swap.objects.first().partner == colleague.membership


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"kind": "swap"},
        {"kind": "swap", "chosen": "x"},
        {"kind": "swap", "chosen": "99999999999999999999"},
        {"kind": "swap", "chosen": "0"},
        {"kind": "swap", "chosen": "²"},
        {"kind": "swap", "chosen": "all"},
        {"kind": "steal", "chosen": "1"},
        {"kind": "open_shift", "chosen": "1"},
        {"kind": "give_away", "chosen": "0"},
        {"kind": "give_away", "chosen": "all", "reason": "x" * 501},
    ],
)
def test_what_is_no_offer_comes_back_with_what_was_typed_and_nothing_is_asked(week, department, agent, client_of, sent):
    address = url("swap_new", department, shift=shift(agent, 10).pk)
    answer = client_of(agent).post(address, sent | {"reason": sent.get("reason", "A wedding")})
    assert answer.status_code == 422
    assert sent.get("reason", "A wedding") in words(answer)
    assert not Swap.objects.exists()


def test_a_refusal_of_a_rule_is_said_on_the_page(week, department, agent, leader, client_of, paint, publish):
    paint((leader, 10, "N"))
    publish()
    address = url("swap_new", department, shift=shift(agent, 10).pk, kind="give_away")
    answer = client_of(agent).post(address, {"kind": "give_away", "chosen": leader.membership.pk, "reason": "Please"})
    assert answer.status_code == 422
    assert "already has a shift" in words(answer)
    assert "Please" in words(answer)


def test_somebody_elses_shift_is_forbidden_but_to_who_approves_who_says_why(
    week, department, agent, colleague, supervisor, client_of
):
    address = url("swap_new", department, shift=shift(agent, 10).pk)
    assert client_of(colleague).get(address).status_code == 403
    sent = {"kind": "swap", "chosen": shift(colleague, 12).pk}
    assert client_of(supervisor).post(address, sent).status_code == 422
    assert client_of(supervisor).post(address, sent | {"acted_for": "Is ill"}).status_code == 302
    assert Swap.objects.get().acted_for == "Is ill"


@pytest.mark.parametrize("key", ["", "0", "x", "99999999999999999999"])
def test_a_shift_that_does_not_exist_is_not_found(week, department, agent, client_of, key):
    assert client_of(agent).get(url("swap_new", department) + f"?shift={key}").status_code == 404


def test_a_stranger_finds_nothing(asked, department, stranger, client_of):
    client = client_of(stranger)
    addresses = [
        url("swaps", department),
        url("swap_new", department),
        url("swap", department, asked.pk),
        url("cover", department, "2026-11-10", "D"),
        url("answers", department, asked.assignment_id),
    ]
    assert {client.get(address).status_code for address in addresses} == {404}
    assert step(client, asked, "approve").status_code == 404


def test_an_approver_who_works_no_shifts_begins_with_the_first_who_does(
    week, department, agent, leader, supervisor, client_of
):
    page = client_of(supervisor).get(url("swap_new", department))
    assert page.context["member"] == page.context["others"][0] == leader.membership
    page = client_of(supervisor).get(url("swap_new", department, of=agent.membership.pk))
    assert page.context["member"] == agent.membership


def test_the_shifts_to_choose_from_stand_under_their_weeks(week, department, agent, client_of, at):
    with at("2026-11-05 12:00"):
        page = client_of(agent).get(url("swap_new", department))
    days = {name: [shown.day.day for shown, _offer in shifts] for name, shifts in page.context["weeks"]}
    assert days == {"Next week": [10], "2026-11-16 – 2026-11-22": [20]}
    assert "Next week</h3>" in page.content.decode()


def test_who_may_ask_finds_the_button_above_the_list(week, department, agent, supervisor, manager, client_of):
    asks = {agent: True, supervisor: True, manager: False}
    shown = {user: "Ask for a swap" in words(client_of(user).get(url("swaps", department))) for user in asks}
    assert shown == asks


def test_a_shift_that_has_begun_is_not_offered_for_choosing_and_its_page_says_so(
    week, department, agent, client_of, at
):
    with at("2026-11-10 09:00"):
        page = words(client_of(agent).get(url("swap_new", department)))
        assert f"?shift={shift(agent, 10).pk}" not in page
        assert f"?shift={shift(agent, 20).pk}" in page
        address = url("swap_new", department, shift=shift(agent, 10).pk)
        page = words(client_of(agent).get(address))
        assert "The shift has begun already." in page
        assert "Why not the other" not in page
        assert client_of(agent).post(address, {"kind": "swap", "chosen": shift(agent, 20).pk}).status_code == 422


# -- One swap ---------------------------------------------------------------------------------------------------------
def test_from_asked_to_applied_by_the_buttons(asked, agent, colleague, supervisor, client_of):
    page = words(client_of(colleague).get(url("swap", asked.department, asked.pk)))
    assert "Yes, I take it" in page
    assert step(client_of(colleague), asked, "agree").status_code == 302
    page = words(client_of(supervisor).get(url("swap", asked.department, asked.pk)))
    assert "Approve and apply" in page
    assert step(client_of(supervisor), asked, "approve", reason="Fine").status_code == 302
    asked.refresh_from_db()
    assert asked.state == SwapState.APPLIED
    page = words(client_of(agent).get(url("swap", asked.department, asked.pk)))
    assert f"{colleague.name} answers for it now" in page
    assert "version 2" in page


def test_each_sees_the_buttons_that_are_theirs(asked, agent, colleague, leader, supervisor, client_of):
    def steps(person):
        page = words(client_of(person).get(url("swap", asked.department, asked.pk)))
        return {
            name for name in ("agree", "decline", "approve", "refuse", "withdraw", "agree_for") if f"/{name}/" in page
        }

    assert steps(agent) == {"withdraw"}
    assert steps(colleague) == {"agree", "decline"}
    assert steps(supervisor) == {"refuse", "agree_for"}
    assert client_of(leader).get(url("swap", asked.department, asked.pk)).status_code == 404


def test_whose_turn_it_is_stands_above_the_buttons(asked, agent, colleague, supervisor, client_of):
    def turn(person):
        page = words(client_of(person).get(url("swap", asked.department, asked.pk)))
        return "Your turn" in page, "Waiting for others" in page, f"{colleague.name} has not answered yet" in page

    assert turn(colleague) == (True, False, False)
    assert turn(agent) == turn(supervisor) == (False, True, True)
    agree(asked, colleague)
    assert turn(supervisor) == (True, False, False)
    assert turn(agent) == (False, True, False)


def test_a_colleague_without_the_right_cannot_press_what_they_do_not_see(asked, agent, colleague, client_of):
    for name in ("approve", "refuse", "apply", "agree_for", "decline_for"):
        assert step(client_of(colleague), asked, name, reason="x", acted_for="x").status_code == 403
    assert step(client_of(agent), asked, "agree").status_code == 403
    assert step(client_of(colleague), asked, "steal").status_code == 404


def test_a_step_that_no_longer_fits_is_said(asked, agent, colleague, client_of):
    swaps.withdraw(swap=asked, actor=agent)
    answer = step(client_of(colleague), asked, "agree")
    assert answer.status_code == 422
    assert "Nothing more can be done here" in words(answer)


def test_refusing_without_a_reason_and_a_reason_too_long_come_back(asked, colleague, supervisor, client_of):
    assert step(client_of(supervisor), asked, "refuse").status_code == 422
    answer = step(client_of(supervisor), asked, "refuse", reason="x" * 501)
    assert answer.status_code == 422
    assert "x" * 501 in words(answer)
    assert step(client_of(supervisor), asked, "refuse", reason="No").status_code == 302


def test_an_approval_that_could_not_be_applied_says_so_and_what_was_in_the_way(
    asked, agent, colleague, supervisor, client_of
):
    agree(asked, colleague)
    asked.department.rosters.update(locked_at="2026-10-25T00:00:00Z", locked_by=supervisor)
    answer = client_of(supervisor).post(
        url("swap_step", asked.department, asked.pk, "approve"), {"reason": "x"}, follow=True
    )
    page = words(answer)
    assert "Approved, but not applied" in page
    assert "is locked" in page
    assert "Apply it now" in page
    assert f"{agent.name} answers for it now" in page


# -- The list ---------------------------------------------------------------------------------------------------------
def test_agents_see_their_own_and_what_is_offered_approvers_see_all(
    asked, department, agent, leader, supervisor, client_of
):
    offered = gift_of(agent, 20)

    def shown(person, **query):
        page = words(client_of(person).get(url("swaps", department, **query)))
        return {swap.pk for swap in (asked, offered) if f"/swaps/{swap.pk}/" in page}

    assert shown(agent) == shown(supervisor) == {asked.pk, offered.pk}
    assert shown(leader) == {offered.pk}
    assert shown(supervisor, whose="mine") == {offered.pk}
    assert shown(agent, state="applied") == set()
    assert shown(supervisor, q="晓彤") == {asked.pk, offered.pk}
    assert shown(supervisor, q="no such name") == set()


def test_the_list_goes_to_excel(asked, department, agent, client_of):
    answer = client_of(agent).get(url("swaps", department, export="xlsx"))
    assert any("A wedding" in row for row in rows_of(answer.content))


def test_as_many_queries_for_one_swap_as_for_thirty(asked, department, agent, supervisor, client_of):
    client = client_of(supervisor)

    def asked_for():
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url("swaps", department, rows="all")).status_code == 200
        return len(counted)

    asked_for()
    before = asked_for()
    for number in range(30):
        row = Swap.objects.get(pk=asked.pk)
        row.pk, row.assignment, row.business_date = None, None, november(number % 28 + 1)
        row.save(force_insert=True)
    assert asked_for() == before


@pytest.mark.parametrize("page", ["swap", "swap_new", "give_away", "cover"])
def test_as_many_queries_for_one_colleague_as_for_thirty(
    asked, department, agent, supervisor, client_of, paint, publish, page
):
    address = {
        "swap": url("swap", department, asked.pk),
        "swap_new": url("swap_new", department, shift=shift(agent, 20).pk),
        "give_away": url("swap_new", department, shift=shift(agent, 20).pk, kind="give_away"),
        "cover": url("cover", department, "2026-11-20", "N"),
    }[page]
    client = client_of(supervisor)

    def asked_for():
        with CaptureQueriesContext(connection) as counted:
            assert client.get(address).status_code == 200
        return len(counted)

    asked_for()
    before = asked_for()
    people = [add_person(department, work_number=f"3{n:02}", roles=[Role.AGENT]) for n in range(30)]
    paint(*[(person, day, "N") for person in people for day in (18, 20, 22)])
    publish()
    assert asked_for() == before


def test_a_rulebook_without_swaps_says_so(department, agent, client_of):
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    begin, end = source.index("\nswaps:"), source.index("\nrotations:")
    without = (source[:begin] + source[end:]).encode()
    import_rulebook(department=department, source=without, from_day=november(1).replace(month=10), actor=None)
    page = words(client_of(agent).get(url("swaps", department)))
    assert "The rulebook knows no swaps" in page
    assert "Ask for a swap" not in page


# -- Answers ----------------------------------------------------------------------------------------------------------
def test_everybody_reads_who_answered_when_also_of_a_shift_that_is_gone(
    asked, department, agent, colleague, leader, supervisor, client_of, at
):
    key = asked.assignment_id
    with at("2026-11-01 09:30"):
        through(asked, colleague, supervisor)
    page = words(client_of(leader).get(url("answers", department, key)))
    assert agent.name in page
    assert colleague.name in page
    assert page.count("2026-11-01 09:30:00") == 2
    with at("2026-11-02 09:30"):
        change_published(
            department=department,
            actor=supervisor,
            cause=VersionCause.COVER,
            cells={(colleague.membership.pk, november(10)): ""},
        )
    page = words(client_of(leader).get(url("answers", department, key)))
    assert colleague.name in page
    assert client_of(leader).get(url("answers", department, 10**9)).status_code == 404


# -- For Today --------------------------------------------------------------------------------------------------------
def test_what_waits_for_whom(asked, department, agent, colleague, leader, supervisor):
    offered = gift_of(agent, 20)
    mine = swaps_for(colleague.membership)
    assert (mine.asked, mine.offered, mine.running) == ([asked], [offered], [])
    assert swaps_for(agent.membership).running == [asked, offered]
    assert swaps_waiting(department, supervisor) == []
    agree(asked, colleague)
    assert swaps_waiting(department, supervisor) == [asked]
    assert swaps_waiting(department, colleague) == []
    assert swaps_for(colleague.membership).running == [asked]
