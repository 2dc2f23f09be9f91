"""Everything that writes rosters and attendance."""

from .attendance import (
    change_open_customers,
    clock_in,
    clock_out,
    on_duty,
    report_open_customers,
    shift_to_clock_into,
)
from .cells import Move, roster_of
from .leavers import last_worked_day, planned_after, refuse_while_planned, release_shifts
from .live import change_published
from .roster import CellEdit, Conflict, Painted, discard_draft, paint, publish
from .running_on import extend_running_shifts

__all__ = [
    "CellEdit",
    "Conflict",
    "Move",
    "Painted",
    "change_open_customers",
    "change_published",
    "clock_in",
    "clock_out",
    "discard_draft",
    "extend_running_shifts",
    "last_worked_day",
    "on_duty",
    "paint",
    "planned_after",
    "publish",
    "refuse_while_planned",
    "release_shifts",
    "report_open_customers",
    "roster_of",
    "shift_to_clock_into",
]
