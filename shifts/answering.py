"""Who answered for a published shift at any instant, as `services.answers` keeps it."""

from collections.abc import Iterable
from datetime import datetime

from shifts.models import Answer, Assignment


def answers_of(shift: Assignment | int) -> list[Answer]:
    """Everybody who ever answered for a shift (or the key of one that is gone), in order, with their names."""
    key = shift if isinstance(shift, int) else shift.pk
    rows = Answer.objects.filter(key=key).select_related("membership__user", "membership__department")
    return list(rows.order_by("from_at", "pk"))


def answering_at(shift: Assignment | int, instant: datetime) -> Answer | None:
    """Who answered for it at an instant (aware); nobody before it was published and after it was taken off."""
    # Of rows that begin and end at one instant the last one holds.
    return next((row for row in reversed(answers_of(shift)) if _holds(row, instant)), None)


def answering_now(keys: Iterable[int]) -> dict[int, Answer]:
    """Who answers for some shifts now, by their keys."""
    rows = Answer.objects.current().filter(key__in=list(keys)).select_related("membership__user")
    return {row.key: row for row in rows}


def _holds(row: Answer, instant: datetime) -> bool:
    return row.from_at <= instant and (row.until_at is None or instant < row.until_at)
