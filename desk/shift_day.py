"""An agent's day: the running or next shift, the handover inbox, what stands before leaving, the week."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.lines import Line
from desk.notebook_part import own_lines
from handover.models import HandoverItem
from handover.pages.gate import Gate, gate_of
from handover.words import in_words, moment
from office import clock, weekdays
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.lists.swaps import OwnSwaps, swaps_for
from shifts.models import Assignment, Leave
from shifts.pages.away import AwayPanel, away_panel_of
from shifts.pages.duties import Mine, duties_today
from shifts.pages.leave import own_leave
from shifts.pages.now import Now, now_of
from shifts.pages.publishing import PersonChange, waiting_for
from shifts.services import on_duty, shift_to_clock_into
from shifts.signs import letter_of, mark_of

JUST_LEFT = timedelta(hours=12)


@dataclass
class WeekDay:
    day: date
    weekday: str
    letter: str
    mark: str
    is_today: bool


@dataclass
class ShiftDay:
    member: Membership
    now: Now | None
    startable: Assignment | None
    next_shift: Assignment | None
    next_hours: str
    next_name: str
    next_letter: str
    # How long until it begins, and the time from which one may clock in.
    next_in: str
    clock_in_from: str
    # When today's shift was ended; empty before.
    left_at: str
    inbox: list[HandoverItem]
    own_items: list[HandoverItem]
    gate: Gate | None
    week: list[WeekDay]
    # What was published and not yet acknowledged, the buttons for leaving the desk, and what colleagues ask for.
    changes: list[PersonChange]
    away: AwayPanel | None
    duties: Mine
    swaps: OwnSwaps
    leaves: list[Leave]
    # What the notebooks and the week have waiting.
    lines: list[Line]


def _early(rulebook: Rulebook | None) -> timedelta:
    """How long before a shift one may clock in."""
    return timedelta(minutes=rulebook.attendance.clock_in_from_minutes_before if rulebook else 0)


def _left_at(over: list[Assignment], department: Department, now: datetime) -> str:
    """When the last shift was ended, if that was within half a day: afterwards nobody asks."""
    last = max((row.attendance.clocked_out_at or now for row in over), default=None)
    if last is None or now - last > JUST_LEFT:
        return ""
    return f"{department.local(last):%H:%M}"


def shift_day_of(member: Membership) -> ShiftDay:
    """Everything the desk page shows the member now."""
    department, now = member.department, clock.now()
    today = department.today()
    attendance = on_duty(member)
    if attendance is not None:
        attendance.membership = member
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    rulebooks = in_force_by_day(department, [*days, today + timedelta(days=7)])
    planned = list(
        Assignment.objects.published()
        .filter(membership=member)
        .between(min(monday, today - timedelta(days=1)), today + timedelta(days=14))
        .select_related("attendance")
    )
    over = [row for row in planned if hasattr(row, "attendance") and row.attendance.clocked_out_at]
    startable = None if attendance else shift_to_clock_into(member)
    coming = startable or next(
        (row for row in planned if row not in over and not row.is_rest and row.starts_at > now), None
    )
    rulebook = rulebooks.get(coming.business_date) or rulebooks.get(today) if coming else None
    shift = rulebook.shift(coming.code) if rulebook and coming else None
    codes = {row.business_date: row.code for row in planned}
    return ShiftDay(
        member=member,
        now=now_of(attendance) if attendance else None,
        startable=startable,
        next_shift=coming,
        next_hours=shift.hours if shift else "",
        next_name=str(shift.name) if shift else "",
        next_letter=letter_of(rulebook, coming.code) if coming else "",
        next_in=in_words(max(coming.times[0] - now, timedelta())) if coming else "",
        clock_in_from=moment(coming.times[0] - _early(rulebook), now, department.zone) if coming else "",
        left_at=_left_at(over, department, now) if attendance is None else "",
        inbox=list(HandoverItem.objects.inbox_of(attendance)) if attendance else [],
        own_items=list(HandoverItem.objects.open().owned_by(member).filter(handover=None)),
        gate=gate_of(attendance) if attendance else None,
        week=[
            WeekDay(
                day,
                weekdays.short(day),
                letter_of(rulebooks.get(day), codes.get(day, "")),
                mark_of(rulebooks.get(day), codes.get(day, "")),
                day == today,
            )
            for day in days
        ],
        changes=waiting_for(member),
        away=away_panel_of(attendance) if attendance else None,
        duties=duties_today(member),
        swaps=swaps_for(member),
        leaves=own_leave(member),
        lines=own_lines(department, member),
    )
