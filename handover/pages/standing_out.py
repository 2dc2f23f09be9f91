"""What those who may take over look at first: items passed on too often or overdue, and the running shifts."""

from dataclasses import dataclass

from handover.models import HandoverItem
from handover.pages.relay import Side, side_of
from shifts.models import Attendance


@dataclass(frozen=True)
class Running:
    """A running shift, and how many items of whoever is on it have not been handed over."""

    attendance: Attendance
    side: Side
    to_hand_over: int
    has_handed_over: bool


def stands_out(item: HandoverItem) -> bool:
    """Whether an item was passed on so often that its rulebook wants it seen, or is overdue."""
    return item.is_carried_far or item.is_overdue


def running_shifts(on_duty: list[Attendance], items: list[HandoverItem]) -> list[Running]:
    """The running shifts with what their people still have to hand over; `items`: all open ones of the department."""
    kept: dict[int | None, int] = {}
    for item in items:
        if not item.is_waiting:
            kept[item.owner_id] = kept.get(item.owner_id, 0) + 1
    return [
        Running(row, side_of(row), kept.get(row.membership_id, 0), getattr(row, "handover", None) is not None)
        for row in on_duty
    ]
