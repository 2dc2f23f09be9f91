"""The history of an item: what each step of it added or changed, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from handover.models import ItemEvent
from handover.words import moment
from office import clock

NAMES = {
    "known": gettext_lazy("What is known"),
    "fallback": gettext_lazy("If it goes wrong"),
    "due_at": gettext_lazy("Done by"),
}


@dataclass(frozen=True)
class Change:
    """What stands in a part of the item since a step, and what stood there before; empty: nothing."""

    name: str
    after: str
    before: str = ""


def changes_of(event: ItemEvent) -> list[Change]:
    found = []
    for name, (before, after) in event.changes.items():
        if name == "due_at":
            before, after = (_wall(event, text) for text in (before, after))
        found.append(Change(str(NAMES[name]), after, before))
    return found


def _wall(event: ItemEvent, text: str) -> str:
    return moment(datetime.fromisoformat(text), clock.now(), event.item.department.zone) if text else ""
