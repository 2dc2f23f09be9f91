"""Who may do what, everywhere: every row of the table of pages for each of the cast, under two rulebooks.

The three-shift desk and a rulebook that gives the same rights to other roles: nothing may hang on the name of a role.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client, override_settings
from django.utils import translation

from office import clock
from people.models import Role, User
from tests.conftest import HERE, LIBRARY
from tests.factories import add_person
from tests.pages.asking import never_kept, signed_in, window
from tests.pages.row import ADDRESSES, Page
from tests.pages.table import TABLE
from tests.pages.world import CAST, World, build

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.pages, pytest.mark.usefixtures("houses")]
SOURCES = {"three-shift-desk": LIBRARY / "three-shift-desk.yaml", "changed": HERE / "rulebooks" / "changed.yaml"}
# What a request may change without doing anything: who is signed in, and the tables of Django itself.
NOT_OURS = {"sessions", "contenttypes", "auth"}
MODELS = [model for model in apps.get_models() if model._meta.app_label not in NOT_OURS]
THEIRS = tuple(f'"{model._meta.db_table}"' for model in apps.get_models() if model._meta.app_label in NOT_OURS)
METHODS = {name: {verb for page in TABLE if page.name == name for verb in page.does.split()} for name in ADDRESSES}

every_page = pytest.mark.parametrize("page", TABLE, ids=str)


@dataclass
class Houses:
    """Two departments side by side, alike in everything; `stranger` holds every role in the second one."""

    here: World
    next_door: World
    stranger: User
    clients: dict[str, Client]
    # Whether it is the first of the two rulebooks: what hangs on no right is asked under one of them.
    is_first: bool
    # Every row of every table of ours, before anybody asks for anything.
    before: dict[str, list] = field(default_factory=dict)

    def client(self, name: str) -> Client:
        """A window of its own for each request: one may sign out."""
        return window(self.clients[name])


@pytest.fixture(scope="module", params=list(SOURCES))
def houses(request, django_db_setup, django_db_blocker) -> Iterator[Houses]:
    """Made once for the whole file: each test stands in a savepoint of its own within."""
    with django_db_blocker.unblock(), translation.override("en"), ExitStack() as ends:
        # Nine people in a row from one address are no attack here.
        ends.enter_context(override_settings(ACCOUNT_RATE_LIMITS=False, DEMO=True))
        ends.enter_context(never_kept())
        source = SOURCES[request.param].read_bytes()
        here, next_door = build("desk", source), build("next-door", source)
        stranger = add_person(next_door.department, name="Stranger", work_number="66", roles=list(Role))
        people = {**here.people, "stranger": stranger}
        clients = {name: signed_in(user) for name, user in people.items()}
        made = Houses(here, next_door, stranger, clients, is_first=request.param == next(iter(SOURCES)))
        made.clients["anonymous"] = Client(headers={"accept-language": "en"})
        with clock.at(here.evening):
            for page in TABLE:
                # What a row needs is made when it is first asked for: now, so that nobody's request seems to make it.
                if not page.needs_things(here):
                    page.sent(here)
        made.before = everything()
        ends.enter_context(clock.at(here.evening))
        yield made


def everything() -> dict[str, list]:
    """Every row of every table of ours, audit entries and notices among them."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in MODELS}


@dataclass
class Writes:
    """Whether a request wrote to our tables: reading all of them before and after tells the rest only then."""

    seen: bool = False

    def __call__(self, execute, sql, params, many, context):
        verb, _space, rest = sql.lstrip().partition(" ")
        if verb.upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"):
            self.seen |= not rest.removeprefix("INTO ").removeprefix("FROM ").startswith(THEIRS)
        return execute(sql, params, many, context)


def changed(houses: Houses, *, besides: str = "") -> list[str]:
    """The tables of ours that are not as they were before anybody asked."""
    return [label for label, rows in everything().items() if label != besides and rows != houses.before[label]]


def ask(client: Client, method: str, page: Page, world: World, *, code: str = ""):
    data = page.sent(world) if method == "post" else None
    return getattr(client, method)(page.address(world, code=code), data)


def test_every_address_has_a_row():
    rows = {page.name for page in TABLE}
    missing = sorted(set(ADDRESSES) - rows)
    assert not missing, "".join(
        f'\nadd Page("{name}", …) to tests/pages/table.py: who sees it, who may, what fills {sorted(ADDRESSES[name])}'
        for name in missing
    )
    assert not rows - set(ADDRESSES), f"no longer an address: {sorted(rows - set(ADDRESSES))}"


def test_no_row_stands_twice():
    rows = [str(page) for page in TABLE]
    assert len(rows) == len(set(rows))


@every_page
def test_whoever_may_is_answered_and_all_others_are_refused(page, houses):
    """And who is refused changes nothing, nor does who reads."""
    expected = {name: page.status(houses.here, name) for name in [*CAST, "stranger", "anonymous"]}
    if not houses.is_first:
        expected = thinned(expected)
    assert outcome(page, houses, expected) == expected


def thinned(expected: dict[str, int]) -> dict[str, int]:
    """All who are refused, and of those who are answered the first and the last: they hold it by different roles."""
    answered = [name for name, refused in expected.items() if not refused]
    return {name: refused for name, refused in expected.items() if refused or name in [*answered[:1], *answered[-1:]]}


def outcome(page: Page, houses: Houses, expected: dict[str, int]) -> dict[str, int]:
    """For each of the cast 0 where every method is answered, else how they are refused."""
    found = {}
    for name, refused in expected.items():
        refusals = set()
        for method in page.does.lower().split():
            writes = Writes()
            with never_kept():
                with connection.execute_wrapper(writes):
                    answer = ask(houses.client(name), method, page, houses.here)
                if writes.seen and (refused or method == "get"):
                    assert not changed(houses, besides="" if refused else page.marks), f"{name} has changed something"
            refusals.add(refusal(answer, page, method))
        found[name] = refusals.pop() if len(refusals) == 1 else sorted(refusals, key=str)
    return found


def refusal(answer, page: Page, method: str) -> int | str:
    """0 when the request was dealt with, also when what it sent was not good enough."""
    status = answer.status_code
    if status in (403, 404):
        return status
    if status == 302 and answer.headers["Location"].startswith("/accounts/login/?next="):
        return 302
    dealt_with = page.answers if method == "get" else (200, 204, 302, 422, *page.answers)
    return 0 if status in dealt_with else f"{method} {status}"


@every_page
def test_what_belongs_to_one_department_is_not_found_under_another(page, houses):
    """The stranger may do everything next door; with the keys of this department that is nothing."""
    if not (houses.is_first and page.in_department and {"pk"} & ADDRESSES[page.name]):
        return
    writes = Writes()
    with never_kept():
        for method in page.does.lower().split():
            with connection.execute_wrapper(writes):
                answer = ask(houses.client("stranger"), method, page, houses.here, code="next-door")
            assert answer.status_code == 404
        assert not writes.seen or not changed(houses)


@every_page
def test_another_method_is_not_answered(page, houses):
    if page.loose or not houses.is_first:
        return
    wrong = {"GET", "POST", "DELETE"} - METHODS[page.name]
    for name in page.entitled(houses.here)[:1]:
        for method in wrong:
            assert ask(houses.client(name), method.lower(), page, houses.here).status_code == 405
