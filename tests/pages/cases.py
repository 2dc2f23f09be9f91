"""The addresses of handover/urls/cases.py, as rows of the table of pages."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from handover.forms.cases import NOBODY
from handover.models import Case, CaseState, Finding
from handover.services import cases
from office import clock
from people.models import Right
from tests.pages.row import BOTH, POST, Page, Who
from tests.pages.world import World

READS: Who = (Right.HANDLE_CASES, Right.READ_REGISTER, Right.SCORE_MONTH)
SEEN: Who = (*READS, "subject")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)


def _facts(world: World) -> dict[str, Any]:
    return {"customer": world.words["customer"], "text": world.words["issue"], "subject": world.card}


def _about_subject(world: World):
    return Case.objects.filter(department=world.department, subject=world.card).order_by("pk")


def open_case(world: World) -> Case:
    """One about the subject that nobody has yet, of the kind that can be upheld; registered an hour ago."""
    found = _about_subject(world).filter(state=CaseState.OPEN, assignee=None).first()
    if found is not None:
        return found
    kind = next(one for one in world.rulebook.cases.kinds if one.can_be_upheld)
    return cases.register_case(
        department=world.department,
        actor=_handler(world),
        kind=kind.code,
        came_at=clock.now() - timedelta(hours=1),
        phone="13800002207",
        picture=SimpleUploadedFile("bed.png", PICTURE),
        **_facts(world),
    )


def closed_case(world: World) -> Case:
    found = _about_subject(world).filter(state=CaseState.CLOSED).first()
    if found is not None:
        return found
    kind, actor = next(one for one in world.rulebook.cases.kinds if one.can_be_upheld), _handler(world)
    came_at = clock.now() - timedelta(hours=2)
    made = cases.register_case(
        department=world.department, actor=actor, kind=kind.code, came_at=came_at, **_facts(world)
    )
    for step in kind.steps[:-1]:
        if step.if_missed is None:
            cases.do_step(step=made.steps.get(code=step.code), actor=actor, text=world.words["result"])
    return cases.close_case(case=made, actor=actor, finding=Finding.NOT_UPHELD, text=world.words["result"])


def _handler(world: World):
    return world.people[world.who_holds(Right.HANDLE_CASES, besides=(world.subject,))]


def waits(world: World) -> dict[str, Any]:
    return {"pk": open_case(world).pk}


def over(world: World) -> dict[str, Any]:
    return {"pk": closed_case(world).pk}


def first_step(world: World) -> dict[str, Any]:
    case = open_case(world)
    return {"pk": case.pk, "step": case.steps.first().pk}


def with_picture(world: World) -> dict[str, Any]:
    found = _about_subject(world).filter(picture__isnull=False).first()
    return {"pk": (found or open_case(world)).pk}


def new_case(world: World) -> dict[str, Any]:
    kind = world.rulebook.cases.kinds[0].code
    return {
        "kind": kind,
        "text": world.words["issue"],
        "customer": world.words["customer"],
        "came_at": f"{world.department.local(clock.now()):%Y-%m-%dT%H:%M}",
    }


def said(world: World) -> dict[str, Any]:
    return {"text": world.words["result"]}


def found_so(world: World) -> dict[str, Any]:
    return said(world) | {"finding": Finding.NOT_UPHELD}


def about(world: World) -> dict[str, Any]:
    return {"about": NOBODY}


def corrected(world: World) -> dict[str, Any]:
    return said(world) | {"finding": Finding.UPHELD, "about": NOBODY}


def given(world: World) -> dict[str, Any]:
    return {"to": world.people["colleague"].memberships.get(department=world.department).pk}


def this_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month}


PAGES: list[Page] = [
    Page("handover:cases"),
    Page("handover:cases", query={"state": "all", "whose": "me"}, as_="about me"),
    Page("handover:case_new", BOTH, data=new_case),
    Page("handover:case", sees=SEEN, blanks=waits),
    Page("handover:case", sees=SEEN, blanks=over, as_="closed"),
    Page("handover:case_clocks", sees=SEEN, blanks=waits, whole=False),
    Page("handover:case_picture", sees=SEEN, blanks=with_picture, answers=(200, 404), whole=False),
    Page("handover:case_assign", POST, sees=SEEN, may=Right.HANDLE_CASES, blanks=waits, data=given),
    Page("handover:case_step", POST, sees=SEEN, may=Right.HANDLE_CASES, blanks=first_step, data=said),
    Page("handover:case_note", POST, sees=SEEN, may=Right.HANDLE_CASES, blanks=waits, data=said),
    Page("handover:case_close", POST, sees=SEEN, may=Right.HANDLE_CASES, blanks=waits, data=found_so),
    Page("handover:case_about", POST, sees=SEEN, may=Right.HANDLE_CASES, blanks=waits, data=about),
    Page("handover:case_correct", POST, sees=SEEN, may=Right.HANDLE_CASES, blanks=over, data=corrected),
    Page("handover:case_month", may=READS, blanks=this_month),
    Page("handover:case_month", may=READS, blanks=this_month, query={"by": "person"}, as_="by person"),
]
