"""Every address of the house: it can be named, it says no to strangers, and it carries the same protection."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from office.months import Month
from people.models import Right, Role
from people.services import set_rights
from tests.factories import JOINED, add_person, make_department

pytestmark = pytest.mark.django_db
SAMPLES = {
    "code": "desk",
    "month": Month(2026, 10),
    "uidb36": "1",
    "key": "12",
    "day": "2026-10-01",
    "shift": "D",
    "handle": "x",
}


@dataclass(frozen=True)
class Address:
    """A named pattern: the whole route, and what its blanks are called."""

    name: str
    route: str
    blanks: frozenset[str]

    def __str__(self) -> str:
        return reverse(self.name, kwargs={blank: SAMPLES.get(blank, 7) for blank in self.blanks})


def addresses(patterns, spaces=(), route="", blanks=frozenset()) -> Iterator[Address]:
    for entry in patterns:
        here, regex = route + str(entry.pattern), getattr(entry.pattern, "regex", None)
        open_here = blanks | set(entry.pattern.converters) | set(regex.groupindex if regex else ())
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, (*spaces, *filter(None, [entry.namespace])), here, open_here)
        elif isinstance(entry, URLPattern) and entry.name:
            yield Address(":".join((*spaces, entry.name)), here, open_here)


ALL = list(addresses(get_resolver().url_patterns))
IN_A_DEPARTMENT = [address for address in ALL if address.route.startswith("d/")]
everywhere = pytest.mark.parametrize("address", IN_A_DEPARTMENT, ids=lambda address: address.name)


def test_no_name_is_given_twice():
    counted = Counter(address.name for address in ALL)
    assert [name for name, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("address", ALL, ids=lambda address: address.name)
def test_every_address_leads_back_to_its_own_name(address):
    assert resolve(str(address)).view_name == address.name


def test_what_belongs_to_a_department_stands_under_it():
    assert len(IN_A_DEPARTMENT) > 20
    assert all(str(address).startswith("/d/desk/") for address in IN_A_DEPARTMENT)


@everywhere
def test_an_anonymous_visitor_is_sent_to_sign_in_everywhere(address, client):
    for answer in (client.get(str(address)), client.post(str(address))):
        assert answer.status_code == 302
        assert answer["location"].startswith("/accounts/login/")


@everywhere
def test_for_a_stranger_nothing_of_it_exists(address, department, stranger, client_of):
    client = client_of(stranger)
    answers = {client.get(str(address)).status_code, client.post(str(address)).status_code}
    # 405: an address that is only read, or only written to, whoever asks.
    assert answers <= {404, 405}
    assert 404 in answers


@pytest.mark.parametrize("address", [a for a in IN_A_DEPARTMENT if "month" in a.blanks], ids=lambda a: a.name)
@pytest.mark.parametrize("month", ["2026-13", "2026-00", "1999-12", "2101-01", "9999-99", "２０２６-10"])
def test_a_month_that_does_not_exist_is_no_address(address, month, department, supervisor, client_of):
    page = str(address).replace("2026-10", month)
    assert client_of(supervisor).get(page).status_code == 404
    assert client_of(supervisor).post(page).status_code == 404


@everywhere
def test_no_page_breaks_for_whoever_holds_every_role(address, department, at, client_of):
    everything = add_person(department, roles=list(Role))
    with at("2026-11-10 12:00"):
        client = client_of(everything)
        for answer in (client.get(str(address)), client.post(str(address))):
            assert answer.status_code < 500


POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/accounts/login/", 200),
        ("/", 302),
        ("/d/desk/rulebook/", 302),
        ("/notices/", 302),
    ],
)
def test_every_answer_to_a_visitor_carries_the_protection(page, status, client):
    assert_protected(client.get(page), status)


@pytest.mark.parametrize(
    ("page", "status"), [("/d/desk/rulebook/", 200), ("/notices/", 200), ("/d/nowhere/", 404), ("/no/such/page", 404)]
)
def test_so_does_every_answer_to_a_member(page, status, agent, client_of):
    assert_protected(client_of(agent).get(page), status)


def assert_protected(response, status):
    assert response.status_code == status
    policy = {rule.strip() for rule in response.headers["Content-Security-Policy"].split(";") if rule.strip()}
    assert policy == POLICY
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_session_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(agent, client_of, settings):
    cookie = client_of(agent).cookies[settings.SESSION_COOKIE_NAME]
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert cookie.value


def test_an_unknown_host_is_refused(client, db):
    assert client.get("/accounts/login/", headers={"host": "elsewhere.example"}).status_code == 400


@everywhere
def test_no_page_breaks_in_a_department_without_a_rulebook(address, client_of):
    bare = make_department("desk")
    set_rights(department=bare, rights={right: [Role.OWNER] for right in Right.values}, from_day=JOINED)
    for role in (Role.AGENT, Role.OWNER):
        client = client_of(add_person(bare, roles=[role]))
        for answer in (client.get(str(address)), client.post(str(address))):
            assert answer.status_code < 500
