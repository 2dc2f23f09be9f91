"""What goes wrong in the demo's shifts: planned before the month is worked, so that the rulebook's triggers find it.

Only what the rulebook has a clause for goes wrong, and only with few people: the others keep the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from desk.demo.scene import Scene
from office.months import Month
from rulebooks.schema import AwayReason, Rulebook
from shifts.models import Assignment, DutyTurn

ONE_DAY = timedelta(days=1)
# So many days earlier in the second month, so that windows of thirty days reach back.
EARLIER = 3


class Event(StrEnum):
    """What a clause may name as its trigger."""

    LATE = "late"
    OFF_POST = "off_post"
    DUTY_MISSED = "duty_missed"
    NO_HANDOVER = "handover_missing"
    ITEM_LATE = "item_late"
    ITEM_MISSED = "item_missed"
    SUMMARY = "summary_missed"


@dataclass(frozen=True)
class Mishap:
    """To whom, by place in the crew, and from which day of the month on: on the first of their shifts that fits."""

    event: Event
    place: int
    day: int


PLAN = (
    Mishap(Event.LATE, 3, 5),
    Mishap(Event.OFF_POST, 3, 8),
    Mishap(Event.NO_HANDOVER, 1, 9),
    Mishap(Event.ITEM_MISSED, 2, 10),
    Mishap(Event.LATE, 5, 11),
    Mishap(Event.DUTY_MISSED, 5, 12),
    Mishap(Event.ITEM_LATE, 5, 15),
    Mishap(Event.LATE, 1, 18),
)


def mishaps_of(scene: Scene, month: Month, shifts: Sequence[Assignment]) -> dict[int, Event]:
    """What goes wrong on which of the month's published shifts, by key."""
    rulebook = scene.rulebook_of(month)
    found: dict[int, Event] = {}
    earlier = EARLIER if month == scene.this_month else 0
    for mishap in PLAN:
        if not rulebook.triggered_by(mishap.event):
            continue
        member = scene.crew[mishap.place % len(scene.crew)]
        own = [shift for shift in shifts if shift.membership_id == member.pk]
        worked = {shift.business_date for shift in own}
        for shift in own:
            late_enough = shift.business_date.day >= mishap.day - earlier
            if late_enough and shift.pk not in found and _fits(mishap.event, shift, worked, rulebook):
                found[shift.pk] = mishap.event
                break
    return found


def _fits(event: Event, shift: Assignment, worked: set, rulebook: Rulebook) -> bool:
    log, kind = rulebook.notebooks.handover_log, rulebook.shift(shift.code)
    match event:
        case Event.OFF_POST:
            return away_reason(rulebook) is not None
        case Event.NO_HANDOVER:
            return log.at_clock_out == "warn" and kind is not None and bool(kind.hands_over_to)
        case Event.ITEM_LATE:
            return log.late_after_minutes is not None
        case Event.ITEM_MISSED:
            # Who is off on the next day does not come upon it before it is missed.
            return log.missed_after_hours is not None and shift.business_date + ONE_DAY not in worked
        case Event.DUTY_MISSED:
            return any(is_confirmed(rulebook, turn) for turn in turns_of(shift))
    return True


def turns_of(shift: Assignment) -> list[DutyTurn]:
    """The duties whose turn it is for who works this shift."""
    return list(
        DutyTurn.objects.filter(membership=shift.membership_id, business_date=shift.business_date, done_at=None)
    )


def is_confirmed(rulebook: Rulebook, turn: DutyTurn) -> bool:
    """Whether its holder has to say that it is done."""
    return any(duty.confirmed for duty in rulebook.duties if duty.code == turn.duty)


def away_reason(rulebook: Rulebook) -> AwayReason | None:
    """A reason to leave the desk for which nobody is asked, and that lasts so long at most."""
    reasons = rulebook.attendance.away
    return next((one for one in reasons if not one.permission and one.minutes_at_most), None)
