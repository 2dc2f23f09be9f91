"""What the pages of the weekly summary show: one's own weeks, and who handed in what."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handover.models import WeeklySummary
from handover.weekly import Week, characters
from handover.words import Due, due_words
from handover.writers import Writers, weeks_of, writers
from office import clock
from people.models import Department, Membership


class State(TextChoices):
    ON_TIME = "on_time", _("On time")
    LATE = "late", pgettext_lazy("summary", "Late")
    MISSING = "missing", pgettext_lazy("summary", "Missing")
    WAITING = "waiting", _("Not yet")
    LEAVE = "leave", _("On leave")
    FREE = "free", _("Not asked")


TONES = {State.ON_TIME: "good", State.LATE: "warn", State.MISSING: "bad"}
ICONS = {
    State.ON_TIME: "circle-check",
    State.LATE: "clock-exclamation",
    State.MISSING: "alert-octagon",
    State.WAITING: "clock",
    State.LEAVE: "calendar-off",
    State.FREE: "minus",
}


@dataclass(frozen=True)
class Line:
    """One member's summary of one week; `on_time` of `asked`: how many of the weeks that are over were on time."""

    member: Membership
    week: Week
    state: State
    summary: WeeklySummary | None
    on_time: int = 0
    asked: int = 0

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def handed_in_at(self) -> datetime | None:
        return self.summary.handed_in_at if self.summary else None

    @property
    def may_hand_in(self) -> bool:
        return self.state in (State.WAITING, State.MISSING)

    @property
    def record(self) -> str:
        return f"{self.on_time}/{self.asked}" if self.asked else "—"

    @property
    def share(self) -> float | None:
        return self.on_time / self.asked if self.asked else None


def state_of(who: Writers, member: Membership, week: Week, summary: WeeklySummary | None, now: datetime) -> State:
    if summary is not None and summary.handed_in_at is not None:
        return State.ON_TIME if summary.is_on_time else State.LATE
    if not who.asked(member, week):
        return State.FREE
    if who.on_leave(member, week):
        return State.LEAVE
    return State.WAITING if week.due_at > now else State.MISSING


@dataclass(frozen=True)
class Own:
    """One member's weeks, the newest first, and the one that is being written."""

    lines: list[Line]
    chosen: Line | None

    @property
    def due(self) -> Due | None:
        if self.chosen is None:
            return None
        return due_words(self.chosen.week.due_at, clock.now(), self.chosen.member.department.zone)

    @property
    def text(self) -> str:
        return self.chosen.summary.text if self.chosen and self.chosen.summary else ""

    @property
    def written(self) -> int:
        return characters(self.text)

    @property
    def missing(self) -> list[Line]:
        """Weeks that are over and not handed in, but for the one that is being written."""
        return [line for line in self.lines if line.state == State.MISSING and line is not self.chosen]

    @property
    def earlier(self) -> list[Line]:
        return [line for line in self.lines if line is not self.chosen and line.state != State.FREE]


def own_weeks(member: Membership, day: date | None) -> Own:
    """The weeks that are looked back on and the one that runs; `day`: of the one to write, else the one that runs."""
    now, department = clock.now(), member.department
    found = weeks_of(department, now)
    who = writers(department, found, only=member)
    rows = {row.due_at: row for row in WeeklySummary.objects.filter(membership=member, due_at__in=_dues(found))}
    lines = [
        Line(member, week, state_of(who, member, week, rows.get(week.due_at), now), rows.get(week.due_at))
        for week in reversed(found)
        if member.scored and member.holds_on(week.day)
    ]
    newest = lines[0] if lines and lines[0].week.due_at > now else None
    chosen = next((line for line in lines if line.week.day == day), None) if day else newest
    return Own(lines, chosen)


@dataclass(frozen=True)
class Board:
    """Everybody's summary of one week. `weeks`: those to choose from, in order."""

    weeks: list[Week]
    week: Week | None
    lines: list[Line]

    def count(self, *states: State) -> int:
        return sum(line.state in states for line in self.lines)

    @property
    def handed_in(self) -> int:
        return self.count(State.ON_TIME, State.LATE)

    @property
    def late(self) -> int:
        return self.count(State.LATE)

    @property
    def missing(self) -> int:
        return self.count(State.MISSING, State.WAITING)

    @property
    def asked(self) -> int:
        return self.count(State.ON_TIME, State.LATE, State.MISSING, State.WAITING)

    @property
    def is_over(self) -> bool:
        return self.week is not None and self.week.due_at <= clock.now()

    def _beside(self, step: int) -> Week | None:
        place = self.weeks.index(self.week) + step if self.week in self.weeks else -1
        return self.weeks[place] if 0 <= place < len(self.weeks) else None

    @property
    def before(self) -> Week | None:
        return self._beside(-1)

    @property
    def after(self) -> Week | None:
        return self._beside(1)


def board(department: Department, day: date | None) -> Board | None:
    """Who has handed in the summary due on `day`; without one of the week that ended last, else of the one that runs.

    None when none was due on that day.
    """
    now = clock.now()
    found = weeks_of(department, now)
    over = [week for week in found if week.due_at <= now]
    week = next((one for one in found if one.day == day), None) if day else next(reversed(over or found), None)
    if week is None:
        return None if day else Board(found, None, [])
    who = writers(department, found)
    held = WeeklySummary.objects.filter(membership__department=department, due_at__in=_dues(found)).defer("text")
    rows = {(row.membership_id, row.due_at): row for row in held}

    def line(member: Membership) -> Line:
        owed = [one for one in over if who.owes(member, one)]
        kept = [one for one in owed if (member.pk, one.due_at) in rows and rows[member.pk, one.due_at].is_on_time]
        summary = rows.get((member.pk, week.due_at))
        return Line(member, week, state_of(who, member, week, summary, now), summary, len(kept), len(owed))

    lines = [line(member) for member in who.members]
    return Board(found, week, [one for one in lines if one.state != State.FREE])


def _dues(found: list[Week]) -> list[datetime]:
    return [week.due_at for week in found]
