"""The addresses of shifts/urls/tokens.py and of the programs, as rows of the table of pages."""

from typing import Any

from office import clock
from people.models import ApiToken, Right
from people.services.tokens import make_token
from tests.pages.row import ANYBODY, POST, Page
from tests.pages.world import World

# Programs show a token; whoever is signed in, or nobody, has none.
NO_TOKEN: dict[str, Any] = {"sees": ANYBODY, "answers": (401,), "whole": False}


def prepare(world: World) -> None:
    """A token of the department. To be called by `build`."""
    with clock.at(world.evening):
        _token(world)


def _token(world: World) -> ApiToken:
    """A living one; in a department made elsewhere it is made when it is first looked at."""
    actor = world.people[world.who_holds(Right.MANAGE_MEMBERS)]
    found = world.department.api_tokens.filter(revoked_at=None).first()
    return found or make_token(actor=actor, department=world.department, name=world.words["department"]).token


def living(world: World) -> dict[str, Any]:
    return {"pk": _token(world).pk}


PAGES: list[Page] = [
    Page("shifts:tokens", may=Right.MANAGE_MEMBERS),
    Page("shifts:token_new", POST, may=Right.MANAGE_MEMBERS, data=lambda world: {"name": world.words["leader"]}),
    Page("shifts:token_revoke", POST, may=Right.MANAGE_MEMBERS, blanks=living),
    Page("api:presence", POST, **NO_TOKEN),
    Page("api:clock", POST, **NO_TOKEN),
    Page("api:on_duty", **NO_TOKEN),
    Page("api:description", sees=ANYBODY, whole=False),
]
