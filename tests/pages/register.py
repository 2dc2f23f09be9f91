"""The addresses of handover/urls/register.py, as rows of the table of pages."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from handover import services
from handover.models import HandIn, Issue, Matter, MatterState
from office import clock
from people.models import Right
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

SEEN: Who = (Right.READ_REGISTER, Right.HANDLE_REGISTER, "subject")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)


def own_entry(world: World) -> Issue:
    """An entry of the subject's, with a picture, that waits; made when it is first asked for."""
    entries = Issue.objects.filter(author=world.card, matter__assignee=None).exclude(picture=None)
    return entries.filter(matter__in=Matter.objects.unsettled()).first() or _written(world)


def given_entry(world: World) -> Issue:
    """An entry of the subject's that a colleague works on."""
    to = world.people["colleague"].memberships.get(department=world.department)
    found = Issue.objects.filter(author=world.card, matter__assignee=to).first()
    if found is None:
        found = _written(world)
        actor = world.people[world.who_holds(Right.HANDLE_REGISTER)]
        services.assign_matter(matter=found.matter, to=to, actor=actor)
    return found


def _written(world: World) -> Issue:
    return services.write_issue(
        author=world.card,
        category=world.rulebook.notebooks.issue_register.categories[0].code,
        text=world.words["issue"],
        about=world.words["to_do"],
        customer=world.words["customer"],
        picture=SimpleUploadedFile("1.png", PICTURE),
    )


def digest(world: World) -> HandIn:
    """What was handed in at the last moment of the week."""
    found = HandIn.objects.filter(department=world.department).first()
    if found is None:
        moment = world.rulebook.notebooks.issue_register.hand_in.last_before(clock.now(), world.department.zone)
        with clock.at(moment - timedelta(days=1)):
            _written(world)
        found = services.hand_in_register(department=world.department)
    return found


def settled_entry(world: World) -> Issue:
    """An entry of the subject's that has been answered."""
    entries = Issue.objects.filter(author=world.card)
    found = entries.filter(matter__state=MatterState.ANSWERED).first()
    if found is None:
        found = _written(world)
        actor = world.people[world.who_holds(Right.HANDLE_REGISTER)]
        services.answer_matter(matter=found.matter, actor=actor, text=world.words["result"])
    return found


def settled(world: World) -> dict[str, Any]:
    return {"pk": settled_entry(world).pk}


def own(world: World) -> dict[str, Any]:
    return {"pk": own_entry(world).pk}


def given(world: World) -> dict[str, Any]:
    return {"pk": given_entry(world).pk}


def handed_in(world: World) -> dict[str, Any]:
    return {"pk": digest(world).pk}


def new_issue(world: World) -> dict[str, Any]:
    category = world.rulebook.notebooks.issue_register.categories[0].code
    return {"text": world.words["issue"], "category": category}


def decided(world: World) -> dict[str, Any]:
    return {"act": "answer", "text": world.words["result"]}


def result(world: World) -> dict[str, Any]:
    return {"text": world.words["result"]}


PAGES: list[Page] = [
    Page("handover:issues", BOTH, data=new_issue),
    Page("handover:issue_capture", whole=False),
    Page("handover:issue", sees=SEEN, blanks=own),
    Page("handover:issue", sees=(*SEEN, "colleague"), blanks=given, as_="given to somebody"),
    Page("handover:issue_picture", sees=SEEN, blanks=own, whole=False),
    Page("handover:issue_deal", BOTH, sees=SEEN, may=Right.HANDLE_REGISTER, blanks=own, data=decided, whole=False),
    Page("handover:issue_done", POST, sees=(*SEEN, "colleague"), may="colleague", blanks=given, data=result),
    Page("handover:issue", sees=SEEN, blanks=settled, as_="settled"),
    Page("handover:issue_again", POST, sees=SEEN, may=Right.HANDLE_REGISTER, blanks=settled, data=result),
    Page("handover:issue_digests", may=Right.HANDLE_REGISTER),
    Page("handover:issue_digest", may=Right.HANDLE_REGISTER, blanks=handed_in),
]
