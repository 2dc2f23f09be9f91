"""The addresses of the handover log, as rows of the table of pages."""

from typing import Any

from handover.models import Handover
from people.models import Right
from tests.pages.row import BOTH, POST, Page
from tests.pages.world import World


def new_item(world: World) -> dict[str, Any]:
    kind = world.rulebook.notebooks.handover_log.kinds[-1].code
    return {"to_do": world.words["to_do"], "kind": kind, "due_at": "2030-01-01T09:00"}


def the_shift(world: World) -> dict[str, Any]:
    return {"attendance": world.attendance.pk}  # type: ignore[union-attr]


def own(world: World) -> dict[str, Any]:
    return {"pk": world.own_item.pk}  # type: ignore[union-attr]


def waiting(world: World) -> dict[str, Any]:
    return {"pk": world.waiting_item.pk}  # type: ignore[union-attr]


def newest(world: World) -> dict[str, Any]:
    found = Handover.objects.filter(department=world.department).order_by("pk").last()
    return {"pk": found.pk}  # type: ignore[union-attr]


def given(world: World) -> dict[str, Any]:
    return {"to": world.card.pk, "reason": world.words["reason"]}


PAGES: list[Page] = [
    Page("handover:log"),
    Page("handover:pulse", whole=False),
    Page("handover:item_new", BOTH, data=new_item),
    Page("handover:item", blanks=own),
    Page("handover:item", blanks=waiting, as_="that waits"),
    Page("handover:item_accept", POST, blanks=waiting, data={"read_back": "—"}),
    Page("handover:item_ask", POST, blanks=waiting, data=lambda world: {"text": world.words["issue"]}),
    Page("handover:item_refuse", POST, blanks=waiting, data=lambda world: {"text": world.words["reason"]}),
    # Whoever gave it answers: the colleague handed it over and went home.
    Page("handover:item_answer", POST, may=(Right.TAKE_OVER, "colleague"), blanks=waiting, data={"text": "—"}),
    Page("handover:item_assign", POST, may=Right.TAKE_OVER, blanks=waiting, data=given),
    Page("handover:item_note", POST, may=(Right.TAKE_OVER, "subject"), blanks=own, data={"text": "—"}),
    Page("handover:item_done", POST, may=(Right.TAKE_OVER, "subject"), blanks=own),
    Page("handover:log_print"),
    Page("handover:handover_print", blanks=newest),
    Page("handover:customers"),
    Page("handover:customers", query=lambda world: {"q": world.words["customer"]}, as_="searched"),
    Page("handover:customer", blanks=lambda world: {"handle": world.words["customer"]}),
    Page("handover:submit", POST),
    Page("handover:submit", POST, may=(Right.TAKE_OVER, "subject"), data=the_shift, as_="of a shift"),
    # Nothing of theirs is handed over, which is said in words.
    Page("handover:take_back", POST),
    Page("handover:take_back", POST, may=(Right.TAKE_OVER, "subject"), data=the_shift, as_="of a shift"),
    Page("handover:gate", answers=(200, 204), whole=False),
    Page("handover:end_shift", BOTH, data={"hand_over": "on", "confirmed": "on"}),
    Page("handover:end_shift", BOTH, may=(Right.TAKE_OVER, "subject"), query=the_shift, as_="of a shift"),
]
