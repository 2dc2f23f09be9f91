"""The page of cover: who can stand in, putting somebody on a shift, and offering it."""

import pytest
from django.urls import reverse

from shifts.models import Swap, SwapKind, SwapState
from tests.shifts.swapping import code

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


def url(name, department, *args, **query):
    return reverse(f"shifts:{name}", args=[department.code, *args], query=query or None)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def cover_post(client, department, person=None, query="", **data):
    address = url("cover", department, "2026-11-10", "D") + query
    return client.post(address, {"chosen": person.membership.pk if person else "", **data})


def test_the_gap_is_shown_with_who_can_and_who_not(week, department, agent, colleague, supervisor, client_of):
    page = words(client_of(supervisor).get(url("cover", department, "2026-11-10", "D")))
    assert "1/2" in page
    assert "gives up a rest day" in page
    assert f'value="{colleague.membership.pk}"' in page
    assert f'value="{agent.membership.pk}"' not in page


def test_putting_on_and_offering(week, department, agent, colleague, leader, supervisor, client_of):
    client = client_of(supervisor)
    assert cover_post(client, department, colleague, does="put_on").status_code == 302
    assert code(colleague, 10) == "D"
    assert cover_post(client, department, leader, does="offer", reason="Please").status_code == 302
    assert (Swap.objects.get().partner, Swap.objects.get().kind) == (leader.membership, SwapKind.OPEN_SHIFT)
    answer = cover_post(client, department, does="offer_all")
    assert answer.status_code == 422
    assert "offered already" in words(answer)


@pytest.fixture
def short_rest(week, leader, paint, publish):
    """The leader's night ends seven hours before the day shift of the 10th: the plan warns."""
    paint((leader, 9, "N"))
    publish()


def test_who_brings_a_warning_is_put_on_with_a_reason_only_and_the_field_says_so(
    short_rest, department, colleague, leader, supervisor, client_of
):
    client = client_of(supervisor)
    page = words(client.get(url("cover", department, "2026-11-10", "D")))
    assert f'value="{leader.membership.pk}" data-warned' in page
    assert f'value="{colleague.membership.pk}" data-warned' not in page
    assert "needed to put them on it now" in page
    answer = cover_post(client, department, leader, does="put_on")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"reason": ["Say why."]}
    assert code(leader, 10) == ""
    assert cover_post(client, department, leader, does="put_on", reason="Nobody else").status_code == 302
    assert code(leader, 10) == "D"


def test_to_ask_takes_no_reason_whoever_is_chosen(short_rest, department, leader, supervisor, client_of):
    assert cover_post(client_of(supervisor), department, leader, does="offer_all").status_code == 302


def test_who_cannot_put_anybody_on_is_not_asked_why(short_rest, department, leader, client_of):
    page = words(client_of(leader).get(url("cover", department, "2026-11-10", "D")))
    assert "data-warned" not in page
    assert "needed to put them on it now" not in page


def test_asking_others_in_somebodys_place_says_why_at_the_field(week, department, agent, leader, supervisor, client_of):
    query = f"?instead_of={agent.membership.pk}"
    for data in ({"does": "offer"}, {"does": "offer_all"}):
        answer = cover_post(client_of(supervisor), department, leader, query, **data)
        assert (answer.status_code, answer.context["form"].errors) == (422, {"reason": ["Say why."]})
    assert "needed to ask others in their place" in words(answer)


def test_in_the_place_of_somebody(week, department, agent, colleague, leader, supervisor, client_of):
    query = f"?instead_of={agent.membership.pk}"
    page = words(client_of(supervisor).get(url("cover", department, "2026-11-10", "D") + query))
    assert f"In the place of {agent.name}" in page
    answer = cover_post(client_of(supervisor), department, leader, query, does="offer")
    assert answer.status_code == 422
    cover_post(client_of(supervisor), department, leader, query, does="offer", reason="Is ill")
    assert (Swap.objects.get().owner, Swap.objects.get().acted_for) == (agent.membership, "Is ill")
    assert cover_post(client_of(supervisor), department, colleague, query, does="put_on").status_code == 302
    assert (code(agent, 10), code(colleague, 10)) == ("", "D")
    assert Swap.objects.get().state == SwapState.STALE


def test_who_only_watches_may_offer_but_not_put_on(week, department, agent, colleague, leader, client_of):
    assert client_of(agent).get(url("cover", department, "2026-11-10", "D")).status_code == 403
    page = words(client_of(leader).get(url("cover", department, "2026-11-10", "D")))
    assert "Put them on it now" not in page
    assert cover_post(client_of(leader), department, colleague, does="put_on").status_code == 422
    assert cover_post(client_of(leader), department, colleague, does="offer").status_code == 302


@pytest.mark.parametrize(
    "data",
    [{}, {"does": "put_on"}, {"does": "put_on", "chosen": "x"}, {"does": "fire", "chosen": "1"}, {"does": "offer"}],
)
def test_what_is_no_choice_comes_back(week, department, supervisor, client_of, data):
    answer = client_of(supervisor).post(url("cover", department, "2026-11-10", "D"), data | {"reason": "Urgent"})
    assert answer.status_code == 422
    assert "Urgent" in words(answer)


@pytest.mark.parametrize(
    "address",
    [
        "2026-11-31/D",
        "20261110/D",
        "2026-W46-2/D",
        "0001-01-01/D",
        "9999-12-31/D",
        "2026-11-10/Q",
        "2026-11-10/X",
        "x/D",
    ],
)
def test_a_day_or_a_shift_that_does_not_exist_is_no_address(week, department, supervisor, client_of, address):
    assert client_of(supervisor).get(f"/d/{department.code}/cover/{address}/").status_code == 404


def test_who_is_not_on_the_shift_cannot_be_replaced(week, department, colleague, supervisor, client_of):
    for key in (colleague.membership.pk, "x", "99999999999999999999"):
        address = url("cover", department, "2026-11-10", "D") + f"?instead_of={key}"
        assert client_of(supervisor).get(address).status_code == 404
