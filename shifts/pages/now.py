"""The running shift as its agent sees it: how long, how many customers, how far it has run on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from office import clock
from rulebooks.schema import ShiftType
from rulebooks.services import version_by_id
from shifts.extension import Segment, minutes
from shifts.models import Attendance
from shifts.services.running_on import is_duty_person, rule_of
from shifts.signs import LETTERS, TINTS


@dataclass
class Now:
    """One running shift. Percentages are of the bar from its planned start to the later of its planned end and now."""

    attendance: Attendance
    shift: ShiftType | None
    letter: str
    starts: str
    ends: str
    present: str
    extended_minutes: int
    left_minutes: int
    planned_percent: float
    done_percent: float
    extends: bool
    # The latest end on the wall clock; the duty person has none.
    cap_at: str
    is_duty_person: bool
    # Nobody new is taken on any more; those in hand are finished.
    takes_nobody_new: bool
    is_past_end: bool
    is_capped: bool
    is_silent: bool

    @property
    def tint(self) -> str:
        return TINTS.get(self.letter, "")

    @property
    def extension_percent(self) -> float:
        return round(self.done_percent - self.planned_percent, 2) if self.extended_minutes else 0


def now_of(attendance: Attendance) -> Now:
    """What the desk page shows of a running shift; times on the department's wall clock."""
    department = attendance.membership.department
    instant = clock.now()
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    rule = rule_of(attendance)
    segments = [
        Segment(row.starts_at, row.ends_at, row.open_customers, row.source, row.confirmed)
        for row in attendance.segments.all()
    ]
    whole = max(instant, attendance.planned_end) - attendance.planned_start
    on_duty_to_the_last = rule is not None and is_duty_person(attendance)
    cap = attendance.planned_end + timedelta(minutes=rule.cap_minutes) if rule else attendance.planned_end
    latest = max(instant, cap) if on_duty_to_the_last else cap
    silent = timedelta(minutes=rule.silent_after_minutes) if rule else None

    def wall(moment: datetime) -> str:
        return f"{department.local(moment):%H:%M}"

    return Now(
        attendance=attendance,
        shift=shift,
        letter=LETTERS[shift.palette] if shift else "",
        starts=wall(attendance.planned_start),
        ends=wall(attendance.planned_end),
        present=wall(instant),
        extended_minutes=minutes(segments),
        left_minutes=max(0, int((attendance.planned_end - instant).total_seconds() // 60)),
        planned_percent=_percent(attendance.planned_end - attendance.planned_start, whole),
        done_percent=_percent(min(instant, max(latest, attendance.planned_end)) - attendance.planned_start, whole),
        extends=rule is not None,
        cap_at="" if on_duty_to_the_last else wall(cap),
        is_duty_person=on_duty_to_the_last,
        takes_nobody_new=bool(rule and rule.new_arrivals == "suspended" and instant >= attendance.planned_end),
        is_past_end=instant > attendance.planned_end,
        is_capped=rule is not None and not on_duty_to_the_last and instant >= cap,
        # Asked only where the answer matters: towards the planned end and after it.
        is_silent=bool(
            silent
            and attendance.open_customers
            and attendance.reported_at
            and instant - attendance.reported_at > silent
            and instant > attendance.planned_end - silent
        ),
    )


def _percent(part: timedelta, whole: timedelta) -> float:
    return round(max(0.0, min(100.0, 100 * part / whole)), 2) if whole else 0
