"""What each reading said of an order: the fields that differ from what was said before, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.customers import masked, without_phones
from handover.models import Order, OrderFact
from handover.orders import flag_words
from handover.words import moment
from office import clock
from office.money import yuan
from people.models import Department

FIELDS = {
    "buyer": _("Buyer"),
    "placed_at": _("Placed"),
    "paid_at": _("Paid at"),
    "dispatched_at": _("Dispatched"),
    "received_at": _("Received"),
    "amount_fen": _("Amount, yuan"),
    "paid_fen": _("Paid, yuan"),
    "refunded_fen": _("Refunded, yuan"),
    "remark": _("Remark"),
    "flag": _("Flag"),
    "without_asking": _("Placed without asking"),
}
NOTHING = "—"


@dataclass(frozen=True)
class Change:
    """A field that a reading brought: its name, and in words what it was before and what it became."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """What one reading said; the first one everything that was known then."""

    at: str
    instant: datetime
    source: str
    changes: tuple[Change, ...]
    is_first: bool


def story_of(order: Order, department: Department, *, sees: bool) -> list[Told]:
    """Every reading that named the order, newest first, in one query. `sees`: the buyer's handle is shown whole."""
    told: list[Told] = []
    known: dict[str, Any] = {}
    for fact in OrderFact.objects.filter(order=order).select_related("reading").order_by("pk"):
        said = {name: value for name, value in fact.facts.items() if name in FIELDS}
        changed = [name for name in FIELDS if name in said and said[name] != known.get(name)]
        told.append(
            Told(
                at=moment(fact.recorded_at, clock.now(), department.zone),
                instant=fact.recorded_at,
                source=fact.reading.name,
                changes=tuple(
                    Change(
                        str(FIELDS[name]),
                        _in_words(name, known.get(name), department, sees),
                        _in_words(name, said[name], department, sees),
                    )
                    for name in changed
                ),
                is_first=not told,
            )
        )
        known |= said
    return told[::-1]


def _in_words(name: str, value: Any, department: Department, sees: bool) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name == "flag" and value is not None:
        return flag_words(value)
    if value in (None, ""):
        return NOTHING
    if name.endswith("_at"):
        return f"{department.local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    if name.endswith("_fen"):
        return yuan(value)
    if sees:
        return str(value)
    return masked(value) if name == "buyer" else without_phones(str(value))
