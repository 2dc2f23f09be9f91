"""The addresses of handover/urls/training.py, as rows of the table of pages."""

from typing import Any

from handover.models import Mentorship
from handover.services.training import pair
from office import clock
from people.models import Right
from tests.pages.row import POST, Page, Who
from tests.pages.world import World

# The colleague learns from the subject.
SEEN: Who = (Right.LEAD_TRAINING, "subject", "colleague")
LEADS = {"sees": SEEN, "may": Right.LEAD_TRAINING}


def mentorship(world: World) -> Mentorship:
    found = Mentorship.objects.filter(newcomer__department=world.department).first()
    if found is not None:
        return found
    if world.attendance is None:
        raise AttributeError("Nobody learns here.")
    colleague = world.people["colleague"].memberships.get(department=world.department)
    actor = world.people[world.who_holds(Right.LEAD_TRAINING, besides=("agent", "colleague"))]
    with clock.at(world.evening):
        return pair(newcomer=colleague, mentor=world.card, from_day=world.department.today(), actor=actor)


def a_pair(world: World) -> dict[str, Any]:
    return {"pk": mentorship(world).pk}


def paired(world: World) -> dict[str, Any]:
    leader = world.people["leader"].memberships.get(department=world.department)
    return {"newcomer": leader.pk, "mentor": world.card.pk, "from_day": world.department.today()}


def over(world: World) -> dict[str, Any]:
    return {"day": world.department.today(), "remark": world.words["reason"]}


def point(world: World) -> dict[str, Any]:
    training = world.rulebook.training
    return {"point": training.checklist[0].code} if training else {}


PAGES: list[Page] = [
    Page("handover:training"),
    Page("handover:training", POST, may=Right.LEAD_TRAINING, data=paired, as_="pairing"),
    Page("handover:mentorship", sees=SEEN, blanks=a_pair),
    Page(
        "handover:mentorship_point",
        POST,
        sees=SEEN,
        may=(Right.LEAD_TRAINING, "subject"),
        unless=("colleague",),
        blanks=a_pair,
        data=point,
    ),
    Page("handover:mentorship_pass", POST, blanks=a_pair, data=over, **LEADS),
    Page("handover:mentorship_end", POST, blanks=a_pair, data=over, **LEADS),
]
