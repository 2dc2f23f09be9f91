"""Loading timesheets: a fixed number of queries for any number of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from office import clock
from office.months import Month
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day, version_by_id
from shifts.models import Assignment, Attendance, DayKind, ExtensionSegment, Leave
from shifts.pages.grid import Agent, SpecialDay
from shifts.pages.month import agents_of, calendar_of
from shifts.punctuality import Limits, limits_of
from shifts.signs import letter_of, mark_of
from shifts.spans import Stretch, stretches_of
from shifts.timesheet import Came, Facts, Line, Sums, line_of, net, sums_of

MINUTES_AN_HOUR = 60
SATURDAY = 5


@dataclass
class Timesheet:
    """One member's month, a line for each of its days that the membership holds."""

    member: Agent
    lines: list[Line] = field(default_factory=list)

    @cached_property
    def sums(self) -> Sums:
        return sums_of(self.lines)


@dataclass
class MonthSheets:
    """The timesheets of a month. `kinds`: {code of a kind of leave: its name}; `rulebook`: the last of the month."""

    sheets: list[Timesheet]
    kinds: Mapping[str, str]
    rulebooks: Mapping[date, Rulebook]
    as_of: datetime

    @cached_property
    def sums(self) -> Sums:
        return sums_of(line for sheet in self.sheets for line in sheet.lines)

    def mark(self, day: date, code: str) -> tuple[str, str]:
        """Palette letter and mark of a cell."""
        book = self.rulebooks.get(day)
        return letter_of(book, code), mark_of(book, code)


def agent_of(member: Membership) -> Agent:
    return Agent(member.pk, member.work_number, member.name, member.from_day, member.until_day)


def timesheets_of(department: Department, month: Month, agents: Sequence[Agent] | None = None) -> MonthSheets:
    """The timesheets of everybody on the roster of a month, or of `agents`, as of now."""
    return _Loading(department, month, agents_of(department, month) if agents is None else agents).sheets()


class _Loading:
    """One month's way from the database."""

    def __init__(self, department: Department, month: Month, agents: Sequence[Agent]):
        self.department, self.month, self.agents = department, month, agents
        self.days = list(month.days())
        self.rulebooks = in_force_by_day(department, self.days)
        self.calendar, _unknown = calendar_of(department, self.days)
        self.keys = [agent.pk for agent in agents]
        self.came = self._came()
        self.day_leave, self.hour_leave = self._leave()
        self._hours: dict[tuple[date, str], tuple[Stretch, ...]] = {}

    def sheets(self) -> MonthSheets:
        now = clock.now()
        cells = self._cells()
        found = []
        for agent in self.agents:
            days = [day for day in self.days if agent.holds_on(day)]
            facts = [self._facts(agent.pk, day, cells.get((agent.pk, day))) for day in days]
            found.append(Timesheet(agent, [line_of(each, now) for each in facts]))
        kinds = {
            kind.code: str(kind.name)
            for rulebook in self.rulebooks.values()
            for kind in (rulebook.leave.kinds if rulebook.leave else ())
        }
        return MonthSheets(found, kinds, self.rulebooks, now)

    def _cells(self) -> dict[tuple[int, date], tuple]:
        rows = Assignment.objects.published().between(self.month.first, self.month.last).filter(slot=1)
        rows = rows.filter(membership__in=self.keys).order_by()
        fields = ("membership_id", "business_date", "pk", "code", "starts_at", "ends_at")
        return {(member, day): rest for member, day, *rest in rows.values_list(*fields)}

    def _came(self) -> dict[int, tuple[Came, int]]:
        """Of each assignment: the worked times, and the version of the rulebook under which they began."""
        rows = Attendance.objects.filter(
            membership__in=self.keys, business_date__range=(self.month.first, self.month.last)
        )
        segments: dict[int, list[Stretch]] = {}
        ran_on = ExtensionSegment.objects.filter(
            attendance__membership__in=self.keys,
            attendance__business_date__range=(self.month.first, self.month.last),
        )
        for key, start, end in ran_on.order_by("starts_at").values_list("attendance_id", "starts_at", "ends_at"):
            segments.setdefault(key, []).append(Stretch(start, end))
        return {
            row.assignment_id: (
                Came(
                    row.came_at,
                    row.left_at,
                    is_corrected=row.correction is not None,
                    is_forgotten=row.forgotten and row.correction is None,
                    segments=tuple(segments.get(row.pk, ())),
                ),
                row.rulebook_version_id,
            )
            for row in rows.select_related("correction")
        }

    def _leave(self):
        """By member and day: the code that a whole day of leave took off, and the hours of leave with their kinds."""
        days: dict[tuple[int, date], str] = {}
        hours: dict[tuple[int, date], list[tuple[str, Stretch]]] = {}
        slips = Leave.objects.approved().touching(self.month.first, self.month.last).filter(membership__in=self.keys)
        for slip in slips.order_by("pk"):
            if slip.starts_at is not None and slip.ends_at is not None:
                own = hours.setdefault((slip.membership_id, slip.first_day), [])
                own.append((slip.kind, Stretch(slip.starts_at, slip.ends_at)))
                continue
            for text, code in slip.replaced:
                days[slip.membership_id, date.fromisoformat(text)] = code
        return days, hours

    def _facts(self, member: int, day: date, cell: Sequence | None) -> Facts:
        rulebook = self.rulebooks.get(day)
        if cell is None:
            return Facts(day, is_day_off=self._is_day_off(day), overtime_after=_overtime_after(rulebook))
        key, code, starts_at, ends_at = cell
        came, version = self.came.get(key, (None, None))
        book = version_by_id(version) if version else rulebook
        shift = rulebook.shift(code) if rulebook else None
        planned = self._planned(day, code, starts_at, ends_at)
        is_leave = bool(rulebook and rulebook.leave_kind(code))
        return Facts(
            day,
            code,
            planned=planned,
            breaks=shift.breaks_minutes if shift else 0,
            came=came,
            is_night=bool(shift and shift.night),
            is_day_off=self._is_day_off(day),
            is_rest=bool(rulebook and code == rulebook.rest.code),
            leave_kind=code if is_leave else "",
            replaced=self._replaced(member, day) if is_leave else 0,
            leave=tuple(self.hour_leave.get((member, day), ())),
            limits=limits_of(book.attendance) if book else Limits(),
            overtime_after=_overtime_after(rulebook),
        )

    def _planned(self, day: date, code: str, starts_at: datetime | None, ends_at: datetime | None):
        if starts_at is None or ends_at is None:
            return ()
        return self._stretches(day, code) or (Stretch(starts_at, ends_at),)

    def _stretches(self, day: date, code: str) -> tuple[Stretch, ...]:
        """The hours of a code on a day, worked out once for everybody; () for what is no shift."""
        if (day, code) not in self._hours:
            rulebook = self.rulebooks.get(day)
            shift = rulebook.shift(code) if rulebook else None
            spans = [(span.start, span.end) for span in shift.spans] if shift else []
            self._hours[day, code] = tuple(stretches_of(day, spans, self.department.zone))
        return self._hours[day, code]

    def _replaced(self, member: int, day: date) -> int:
        """Net minutes of the shift that leave took off."""
        code = self.day_leave.get((member, day), "")
        rulebook = self.rulebooks.get(day)
        shift = rulebook.shift(code) if rulebook else None
        return net(self._stretches(day, code), shift.breaks_minutes) if shift else 0

    def _is_day_off(self, day: date) -> bool:
        special: SpecialDay | None = self.calendar.get(day)
        if special is None:
            return day.weekday() >= SATURDAY
        return special.kind in (DayKind.WEEKEND, DayKind.HOLIDAY)


def _overtime_after(rulebook: Rulebook | None) -> int | None:
    overtime = rulebook.working_time.overtime if rulebook else None
    return overtime.after_hours_a_day * MINUTES_AN_HOUR if overtime else None
