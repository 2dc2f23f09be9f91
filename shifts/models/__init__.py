"""Rosters, attendance, leave, swaps, duties and the calendar they are planned in."""

from .absence import LIVE_SWAPS, Leave, LeaveState, Swap, SwapKind, SwapState
from .attendance import (
    Attendance,
    Away,
    Correction,
    Decision,
    ExtensionSegment,
    Permission,
    PresenceReport,
    ReportSource,
    Watch,
)
from .calendar import CalendarDay, CalendarYear, DayKind
from .duties import CalendarFeed, DutyTurn, Qualification
from .roster import (
    Answer,
    AnswerCause,
    Assignment,
    AssignmentSpan,
    Layer,
    Override,
    Roster,
    RosterChange,
    RosterVersion,
    VersionCause,
)

__all__ = [
    "LIVE_SWAPS",
    "Answer",
    "AnswerCause",
    "Assignment",
    "AssignmentSpan",
    "Attendance",
    "Away",
    "CalendarDay",
    "CalendarFeed",
    "CalendarYear",
    "Correction",
    "DayKind",
    "Decision",
    "DutyTurn",
    "ExtensionSegment",
    "Layer",
    "Leave",
    "LeaveState",
    "Override",
    "Permission",
    "PresenceReport",
    "Qualification",
    "ReportSource",
    "Roster",
    "RosterChange",
    "RosterVersion",
    "Swap",
    "SwapKind",
    "SwapState",
    "VersionCause",
    "Watch",
]
