"""What those who may take over look at: items that stand out, and in whose hands every open item is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handover.models import HandoverItem
from handover.pages.relay import Side, has_handed_over, side_of
from handover.services.leaving import needs_reason_to_submit
from office import clock
from rulebooks.hours import end_minute, minute_of
from rulebooks.services import version_by_id
from shifts.models import Attendance


@dataclass
class Held:
    """Somebody who is not on duty, and the open items in their hands."""

    name: str
    items: list[HandoverItem] = field(default_factory=list)


@dataclass(frozen=True)
class Running:
    """A running shift and what is in the hands of whoever is on it: handed over and waiting, or not handed over.

    `asks_why`: who hands over for them now says why.
    """

    attendance: Attendance
    side: Side
    items: list[HandoverItem]
    has_handed_over: bool
    asks_why: bool

    @property
    def to_hand_over(self) -> int:
        """How many items nobody has handed over yet."""
        return sum(not item.is_waiting for item in self.items)


def stands_out(item: HandoverItem) -> bool:
    """Whether an item was passed on so often that its rulebook wants it seen, is overdue, or lies in the queue refused
    or for longer than a shift lasts."""
    if item.is_carried_far or item.is_overdue:
        return True
    if not item.in_queue:
        return False
    return item.refusal is not None or clock.now() - _queued_at(item) > _longest_shift(item)


def _queued_at(item: HandoverItem) -> datetime:
    return item.__dict__.get("queued_at") or item.waiting_since


def _longest_shift(item: HandoverItem) -> timedelta:
    """How long the longest shift lasts by the rulebook that the item was written under, breaks included."""
    shifts = version_by_id(item.rulebook_version_id).shifts
    return timedelta(minutes=max(end_minute(shift.spans) - minute_of(shift.spans[0].start) for shift in shifts))


def running_shifts(on_duty: list[Attendance], items: list[HandoverItem]) -> list[Running]:
    """The running shifts with what is in the hands of their people; `items`: all open ones of the department."""
    kept: dict[int | None, list[HandoverItem]] = {}
    for item in items:
        kept.setdefault(item.owner_id, []).append(item)
    return [
        Running(row, side_of(row), kept.get(row.membership_id, []), has_handed_over(row), needs_reason_to_submit(row))
        for row in on_duty
    ]


def held_off_duty(on_duty: list[Attendance], items: list[HandoverItem]) -> list[Held]:
    """What is in the hands of people who are not on duty, by person; whoever has most first."""
    here = {row.membership_id for row in on_duty}
    found: dict[int, Held] = {}
    for item in items:
        if item.owner is not None and item.owner_id not in here:
            found.setdefault(item.owner.pk, Held(item.owner.name)).items.append(item)
    return sorted(found.values(), key=lambda held: (-len(held.items), held.name))
