"""Writing many cells of the draft at once, from a pattern or a file: first tried, then one paint."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from office.months import Month
from people.models import Department, User
from shifts.services.roster import CellEdit, Painted, paint


class _Tried(Exception):
    """Ends the transaction of a trial."""


def refusals_of(*, department: Department, month: Month, edits: Sequence[CellEdit], actor: User) -> list[str]:
    """Why painting these edits would be refused as a whole, in words; [] when it would not. Nothing is written."""
    if not edits:
        return []
    try:
        with transaction.atomic():
            paint(department=department, month=month, edits=edits, actor=actor)
            # Painting is the one place that knows every reason: it is done, and undone.
            raise _Tried
    except _Tried:
        return []
    except ValidationError as refusal:
        return list(refusal.messages)


def write(*, department: Department, month: Month, edits: Sequence[CellEdit], actor: User) -> Painted:
    """Paint what somebody has seen before; cells that changed since come back as conflicts. Refuses as `paint` does."""
    return paint(department=department, month=month, edits=edits, actor=actor)
