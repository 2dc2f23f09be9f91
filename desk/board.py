"""The supervisor's board: who is on, late, missing or running on today, and what the next days look like.

A fixed number of queries for any number of people; all times on the department's wall clock, places on the time line in
percent of its width.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.cover_band import Want, levels_of
from desk.facts import Fact
from handover.models import HandoverItem, ItemAction
from handover.words import in_words
from office import clock, weekdays
from office.lists import joined
from office.months import Month
from people.models import Department
from rulebooks.schema import Rulebook, ShiftType
from rulebooks.services import in_force_by_day
from shifts.coverage import Cover
from shifts.extension import Segment, minutes
from shifts.models import Assignment, Attendance
from shifts.signs import LETTERS, TINTS
from shifts.spans import stretches_of

# The time line shows the whole day and the first hours of the next, in which the night's shifts end.
HOURS_SHOWN = 28
DAYS_AHEAD = 7
LINE_HEIGHT = 30
# Pixels: below the hours and the band of coverage.
TOP = 89
# How many handovers the card holds; the rest stands on the page of handovers.
SHOWN_ITEMS = 8


@dataclass
class Bar:
    """One stretch on the time line, in percent of its width."""

    x: float
    width: float

    @property
    def is_wide(self) -> bool:
        """Whether its hours can be written into it."""
        return self.width > 14


@dataclass
class Line:
    """One person's shift on the board."""

    name: str
    mark: str
    letter: str
    hours: str
    state: str
    text: str
    customers: int | None
    planned: list[Bar]
    extended: list[Bar]
    late_words: str = ""
    y: int = 0
    starts_group: bool = False

    @property
    def tint(self) -> str:
        return TINTS.get(self.letter, "")

    @property
    def is_missing(self) -> bool:
        return self.state in ("absent", "empty")

    @property
    def text_y(self) -> int:
        return self.y + 14

    @property
    def edge_y(self) -> int:
        return self.y + 18


@dataclass
class Band(Bar):
    """A stretch of the day with the same number of people here and wanted."""

    have: int
    wanted: int
    when: str
    is_past: bool

    @property
    def missing(self) -> int:
        """People who can still be found: nobody comes to an hour that is over."""
        return 0 if self.is_past else max(self.wanted - self.have, 0)

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def has_room(self) -> bool:
        """Whether "2/2" can be written into it."""
        return self.width > 3.3


@dataclass
class Waiting:
    """Handovers that nobody has accepted: the oldest ones, all of them in number, and how far today's have come."""

    items: list[HandoverItem]
    count: int
    carried: int
    accepted: int

    @property
    def handed_over(self) -> int:
        return self.count + self.accepted

    @property
    def oldest(self) -> str:
        """How long the one that has waited longest has been waiting."""
        return self.items[0].waited if self.items else ""


@dataclass
class AheadCell:
    cover: Cover
    day: date


@dataclass
class AheadRow:
    """One shift type's coverage of the next days."""

    name: str
    mark: str
    letter: str
    cells: list[AheadCell]


@dataclass
class Board:
    lines: list[Line]
    band: list[Band]
    gaps: list[str]
    waiting: Waiting
    ahead_days: list[tuple[int, str]]
    ahead: list[AheadRow]
    now: str
    now_percent: float
    hours: list[tuple[float, str]]
    midnight_percent: float
    today: date

    def of(self, state: str) -> list[Line]:
        return [line for line in self.lines if line.state == state]

    @property
    def month(self) -> Month:
        return Month.of(self.today)

    @property
    def late(self) -> list[Line]:
        return self.of("absent")

    @property
    def extending(self) -> list[Line]:
        return self.of("extending")

    @property
    def empty(self) -> list[Line]:
        """Shifts of today that have ended and to which nobody came."""
        return self.of("empty")

    @property
    def on_duty(self) -> list[Line]:
        return self.of("on") + self.of("extending") + self.of("over")

    @property
    def facts(self) -> list[Fact]:
        """The line on top of the board."""
        over = self.of("over")
        return [
            Fact(_("On duty"), len(self.on_duty), _names(self.on_duty)),
            Fact(
                _("Not here yet"),
                len(self.late),
                joined(f"{line.name} {line.late_words}" for line in self.late[:SHOWN_NAMES]) + _more(self.late),
                "clock-exclamation",
                "bad" if self.late else "",
            ),
            Fact(
                _("Fewer than wanted"),
                len(self.gaps),
                joined(self.gaps),
                "user-minus",
                "warn" if self.gaps else "",
            ),
            Fact(
                _("Running on"),
                len(self.extending) + len(over),
                _names(self.extending + over),
                "hourglass",
                "warn" if self.extending or over else "",
            ),
            self.waiting_fact,
        ]

    @property
    def waiting_fact(self) -> Fact:
        says = [_("the oldest %(length)s") % {"length": self.waiting.oldest}] if self.waiting.count else []
        if self.waiting.carried:
            says.append(_("%(count)s passed on again and again") % {"count": self.waiting.carried})
        return Fact(_("Handovers to accept"), self.waiting.count, joined(says), "transfer")

    @property
    def today_fact(self) -> Fact:
        """Today in one figure, for whoever does not look at the time line."""
        missing = [
            *([_("%(count)s not here") % {"count": len(self.late)}] if self.late else []),
            *([_("%(count)s nobody came") % {"count": len(self.empty)}] if self.empty else []),
        ]
        people = ngettext("person", "people", len(self.on_duty))
        return Fact(_("On duty"), len(self.on_duty), joined([people, *missing]), "users", "bad" if missing else "")

    @property
    def gaps_ahead(self) -> int:
        """Shifts of the next days with fewer people than wanted."""
        return sum(cell.cover.missing > 0 for row in self.ahead for cell in row.cells)

    @property
    def past_midnight_percent(self) -> float:
        return round(100 - self.midnight_percent, 2)

    @property
    def line_height(self) -> int:
        """Of what stands below the hours."""
        return self.height - 22

    @property
    def height(self) -> int:
        return (self.lines[-1].y + LINE_HEIGHT if self.lines else TOP) + 4


# The beat records every half minute: an extension that was not recorded for so long has ended. As long is granted for
# writing the handover after the end.
STILL = timedelta(minutes=15)
# How many names stand beside a figure; the time line below has them all.
SHOWN_NAMES = 4


def _names(lines: list[Line]) -> str:
    return joined(line.name for line in lines[:SHOWN_NAMES]) + _more(lines)


def _more(lines: list[Line]) -> str:
    return " …" if len(lines) > SHOWN_NAMES else ""


def board_of(department: Department) -> Board:
    """Everything the board shows for the department now."""
    now = clock.now()
    today = department.today()
    midnight = datetime.combine(today, time(), tzinfo=department.zone).astimezone(UTC)
    window = (midnight, midnight + timedelta(hours=HOURS_SHOWN))
    rulebooks = in_force_by_day(department, [today + timedelta(days=n) for n in range(-1, DAYS_AHEAD + 1)])
    planned = list(
        Assignment.objects.published()
        .working()
        .filter(membership__department=department)
        .between(today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))
        .select_related("membership__user", "attendance")
    )
    segments = _segments(planned, since=window[0])
    lines = _lines(planned, rulebooks, segments, department, window, now, today)
    have = Counter((row.business_date, row.code) for row in planned)
    return Board(
        lines=lines,
        band=_band(planned, rulebooks, department, window, now, today),
        gaps=_gaps(have, rulebooks.get(today), today),
        waiting=_waiting(department, midnight),
        ahead_days=[(day.day, weekdays.short(day)) for day in _days_ahead(today)],
        ahead=_ahead(have, rulebooks, today),
        now=f"{department.local(now):%H:%M}",
        now_percent=_percent(now, window),
        hours=[(round(100 * hour / HOURS_SHOWN, 2), f"{hour % 24:02}") for hour in range(0, HOURS_SHOWN + 1, 4)],
        midnight_percent=round(100 * 24 / HOURS_SHOWN, 2),
        today=today,
    )


def _waiting(department: Department, midnight: datetime) -> Waiting:
    """Two queries: the oldest that wait, and how many were accepted since midnight, as the log counts them."""
    here = HandoverItem.objects.filter(department=department)
    rows = list(here.waiting().for_cards())
    rows.sort(key=lambda item: item.waiting_since)
    accepted = here.filter(events__action=ItemAction.ACCEPTED, events__at__gte=midnight).values("pk").distinct().count()
    return Waiting(rows[:SHOWN_ITEMS], len(rows), sum(row.carried > 1 for row in rows), accepted)


def _band(planned: list[Assignment], rulebooks: dict[date, Rulebook], department, window, now, today) -> list[Band]:
    """Who is here, or still expected, against who is wanted; the past counts those who came."""
    came = Counter(
        (row.business_date, row.code) for row in planned if hasattr(row, "attendance") or row.starts_at > now
    )
    wants = []
    for day in (today - timedelta(days=1), today):
        rulebook = rulebooks.get(day)
        for shift in rulebook.shifts if rulebook else ():
            stretches = stretches_of(day, [(span.start, span.end) for span in shift.spans], department.zone)
            wants.append(Want(stretches, came[day, shift.code], shift.headcount.wanted))
    found = []
    for level in levels_of(wants, *window):
        x, end = _percent(level.starts_at, window), _percent(level.ends_at, window)
        when = f"{department.local(level.starts_at):%H:%M}–{department.local(level.ends_at):%H:%M}"
        found.append(Band(x, round(end - x, 2), level.have, level.wanted, when, level.ends_at <= now))
    return found


def _days_ahead(today: date) -> list[date]:
    return [today + timedelta(days=n) for n in range(1, DAYS_AHEAD + 1)]


def _segments(planned: list[Assignment], *, since: datetime) -> dict[int, list[Segment]]:
    ids = [row.attendance.pk for row in planned if hasattr(row, "attendance")]
    found: dict[int, list[Segment]] = {}
    rows = Attendance.objects.filter(pk__in=ids).prefetch_related("segments")
    for attendance in rows:
        found[attendance.pk] = [
            Segment(row.starts_at, row.ends_at, row.open_customers, row.source, row.confirmed)
            for row in attendance.segments.all()
        ]
    return found


def _lines(planned, rulebooks, segments, department, window, now, today) -> list[Line]:
    lines: list[Line] = []
    order = {shift.code: place for place, shift in enumerate(rulebooks[today].shifts)} if today in rulebooks else {}
    shown = [row for row in planned if _is_shown(row, segments, window, now, today)]
    shown.sort(key=lambda row: (row.business_date, order.get(row.code, 99), row.starts_at, row.membership.work_number))
    y, before = TOP, None
    for row in shown:
        rulebook = rulebooks.get(row.business_date)
        shift = rulebook.shift(row.code) if rulebook else None
        line = _line(row, shift, segments, department, window, now)
        group = (row.business_date, row.code)
        line.starts_group = before is not None and group != before
        y += LINE_HEIGHT + (8 if line.starts_group else 0) if before is not None else 0
        line.y, before = y, group
        lines.append(line)
    return lines


def _is_shown(row, segments, window, now, today) -> bool:
    """Today's shifts, and yesterday's as long as they reached into today or still run."""
    if row.business_date == today:
        return True
    attendance = getattr(row, "attendance", None)
    runs = attendance is not None and attendance.is_on_duty
    return row.business_date < today and (row.ends_at > window[0] or runs)


def _line(row, shift: ShiftType | None, segments, department, window, now) -> Line:
    attendance = getattr(row, "attendance", None)
    extended = segments.get(attendance.pk, []) if attendance else []
    state, text = _state(row, attendance, extended, department, now)
    late = in_words(now - row.starts_at) if state == "absent" else ""
    return Line(
        name=row.membership.name,
        mark=str(shift.mark) if shift else row.code,
        letter=LETTERS[shift.palette] if shift else "",
        hours=shift.hours if shift else "",
        state=state,
        text=text,
        customers=attendance.open_customers if attendance and attendance.is_on_duty else None,
        planned=_bars([(row.starts_at, row.ends_at)], window),
        extended=_bars([(segment.starts_at, segment.ends_at) for segment in extended], window),
        late_words=late,
    )


def _state(row, attendance, extended, department, now) -> tuple[str, str]:
    if attendance is None:
        if now < row.starts_at:
            return "ahead", _("from %(time)s") % {"time": f"{department.local(row.starts_at):%H:%M}"}
        if now < row.ends_at:
            late = int((now - row.starts_at).total_seconds() // 60)
            return "absent", _("not here, %(minutes)s min") % {"minutes": late}
        return "empty", _("nobody came")
    if not attendance.is_on_duty:
        return "off", _("left at %(time)s") % {"time": f"{department.local(attendance.clocked_out_at):%H:%M}"}
    still_serving = attendance.open_customers > 0 and extended and extended[-1].ends_at >= now - STILL
    past = int((now - attendance.planned_end).total_seconds() // 60)
    if past > STILL.total_seconds() // 60 and not still_serving:
        return "over", _("%(minutes)s min past the end, not clocked out") % {"minutes": past}
    if extended:
        return "extending", _("running on %(minutes)s min") % {"minutes": minutes(extended)}
    return "on", _("on duty")


def _percent(instant: datetime, window: tuple[datetime, datetime]) -> float:
    return round(max(0.0, min(100.0, 100 * (instant - window[0]) / (window[1] - window[0]))), 2)


def _bars(stretches, window) -> list[Bar]:
    bars = []
    for starts_at, ends_at in stretches:
        x, end = _percent(starts_at, window), _percent(ends_at, window)
        if end > x:
            bars.append(Bar(x, round(end - x, 2)))
    return bars


def _gaps(have: Counter, rulebook: Rulebook | None, today: date) -> list[str]:
    """Today's shifts with fewer people than wanted, in words."""
    return [
        f"{shift.name} {have[today, shift.code]}/{shift.headcount.wanted}"
        for shift in (rulebook.shifts if rulebook else ())
        if have[today, shift.code] < shift.headcount.wanted
    ]


def _ahead(have: Counter, rulebooks: dict[date, Rulebook], today: date) -> list[AheadRow]:
    days = _days_ahead(today)
    rulebook = rulebooks.get(days[0])
    rows = []
    for shift in rulebook.shifts if rulebook else ():
        count = shift.headcount
        cells = [AheadCell(Cover(have[day, shift.code], count.wanted, count.minimum), day) for day in days]
        rows.append(AheadRow(str(shift.name), str(shift.mark), LETTERS[shift.palette], cells))
    return rows
