"""The addresses of handover/urls/launches.py, as rows of the table of pages."""

from typing import Any

from handover.models import Launch
from handover.services.launches import create_launch, open_launch, put_question
from office import clock
from people.models import Right
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

# The subject must know the one that is open; the draft is seen by who leads.
LEADS: Who = Right.LEAD_TRAINING
DRAFTED = {"sees": LEADS, "may": LEADS}


def _made(world: World, *, opened: bool) -> Launch:
    found = Launch.objects.filter(department=world.department, opened_at__isnull=not opened).first()
    if found is not None:
        return found
    if world.attendance is None:
        raise AttributeError("Nothing new is sold here.")
    actor, words = world.people[world.who_holds(Right.LEAD_TRAINING)], world.words
    with clock.at(world.evening):
        launch = create_launch(
            department=world.department,
            actor=actor,
            product=words["issue"],
            brief=words["known"],
            known_by=world.department.today(),
        )
        options = [words["known"], words["result"]]
        put_question(launch=launch, actor=actor, text=words["to_do"], options=options, right=[0])
        return open_launch(launch=launch, learners=[world.card], actor=actor) if opened else launch


def draft(world: World) -> dict[str, Any]:
    return {"pk": _made(world, opened=False).pk}


def opened(world: World) -> dict[str, Any]:
    return {"pk": _made(world, opened=True).pk}


def typed(world: World) -> dict[str, Any]:
    return {"product": world.words["issue"], "brief": world.words["known"], "known_by": world.department.today()}


def question(world: World) -> dict[str, Any]:
    words = world.words
    return {"text": words["to_do"], "option_0": words["known"], "option_1": words["result"], "right_0": "on"}


def asked(world: World) -> dict[str, Any]:
    return {"question": _made(world, opened=False).questions.get().pk}


def answered(world: World) -> dict[str, Any]:
    return {"number": 1, f"q{_made(world, opened=True).questions.get().pk}": "0"}


def more(world: World) -> dict[str, Any]:
    leader = world.people["leader"].memberships.get(department=world.department)
    return {"learners": [leader.pk]}


PAGES: list[Page] = [
    Page("handover:launches"),
    Page("handover:launch_new", BOTH, may=LEADS, data=typed),
    Page("handover:launch", blanks=opened),
    Page("handover:launch", blanks=draft, as_="a draft", **DRAFTED),
    Page("handover:launch_edit", BOTH, blanks=draft, data=typed, **DRAFTED),
    Page("handover:launch_ask", POST, blanks=draft, data=question, **DRAFTED),
    Page("handover:launch_drop", POST, blanks=draft, data=asked, **DRAFTED),
    Page("handover:launch_open", POST, blanks=draft, data=lambda world: {"learners": [world.card.pk]}, **DRAFTED),
    Page("handover:launch_add", POST, may=LEADS, blanks=opened, data=more),
    Page("handover:launch_cancel", POST, may=LEADS, blanks=opened),
    Page("handover:launch_read", POST, may="subject", blanks=opened),
    Page("handover:quiz", BOTH, may="subject", blanks=opened, data=answered),
]
