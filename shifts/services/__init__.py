"""Everything that writes rosters and attendance."""

from .attendance import (
    change_open_customers,
    clock_in,
    clock_out,
    extend_running_shifts,
    on_duty,
    report_open_customers,
    shift_to_clock_into,
)
from .leavers import last_worked_day, planned_after, refuse_while_planned, release_shifts
from .roster import CellEdit, Conflict, Painted, discard_draft, paint, publish, roster_of

__all__ = [
    "CellEdit",
    "Conflict",
    "Painted",
    "change_open_customers",
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
