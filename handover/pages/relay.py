"""The shift change on top of the handover log: who gave, who takes, and how much of it has been taken on."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Q

from handover.models import Handover, ItemState
from handover.words import moment
from office import clock
from people.models import Department
from rulebooks.schema import ShiftType
from rulebooks.services import version_by_id
from shifts.models import Attendance
from shifts.signs import LETTERS, REST_LETTER

# A shift change that is longer ago concerns nobody any more.
RECENT = timedelta(hours=48)


@dataclass
class Side:
    """One side of a shift change: a shift type (none when the rulebook has dropped it since) and who is on it."""

    code: str
    shift: ShiftType | None
    people: list[str]

    @property
    def name(self) -> str:
        return str(self.shift.name) if self.shift else self.code

    @property
    def mark(self) -> str:
        return str(self.shift.mark) if self.shift else self.code

    @property
    def hours(self) -> str:
        return self.shift.hours if self.shift else ""

    @property
    def letter(self) -> str:
        return LETTERS[self.shift.palette] if self.shift else REST_LETTER


@dataclass
class Relay:
    """One shift change: who gave, who takes, and how much of it has been taken."""

    giver: Side
    day: str
    submitted: str
    takers: list[Side]
    total: int
    settled: int
    # The handovers of it, oldest first.
    handovers: list[Handover] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.total - self.settled

    @property
    def remarks(self) -> list[Handover]:
        """Those that came with a remark for the next shift."""
        return [handover for handover in self.handovers if handover.remark]


@dataclass(frozen=True)
class Given:
    """A handover, how many items it passed on, and how many of them are still open with nobody having accepted them."""

    handover: Handover
    total: int
    left: int


def side_of(attendance: Attendance) -> Side:
    """The shift type of a shift, as the rulebook calls it under which it was begun."""
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    return Side(attendance.code, shift, [attendance.membership.name])


def recent_handovers(department: Department) -> tuple[list[Given], int]:
    """The handovers of the last days, newest first, and the key of the newest of all (0: there is none); one query."""
    waiting = Q(items__state=ItemState.OPEN)
    since = clock.now() - RECENT
    newest = department.handovers.order_by("-pk").values("pk")[:1]
    rows = department.handovers.filter(Q(submitted_at__gte=since) | Q(pk__in=newest))
    rows = rows.select_related("giver__user", "attendance").annotate(
        total=Count("events__item", distinct=True), left=Count("items", filter=waiting, distinct=True)
    )
    found = [Given(row, row.total, row.left) for row in rows.order_by("-submitted_at", "-pk")]
    last = max((given.handover.pk for given in found), default=0)
    return [given for given in found if given.handover.submitted_at >= since], last


def relay_of(
    recent: list[Given], attendance: Attendance | None, on_duty: list[Attendance], department: Department
) -> Relay | None:
    """The shift change that concerns the reader: one's own after handing over, else the newest to one's shift."""
    chosen = _concerning([given.handover for given in recent], attendance)
    if chosen is None:
        return None
    like = (chosen.attendance.code, chosen.attendance.business_date)
    group = [
        given for given in recent if (given.handover.attendance.code, given.handover.attendance.business_date) == like
    ]
    rulebook = version_by_id(chosen.attendance.rulebook_version_id)

    def side(code: str, people) -> Side:
        return Side(code, rulebook.shift(code), list(people))

    total = sum(given.total for given in group)
    return Relay(
        giver=side(chosen.attendance.code, (given.handover.giver.name for given in reversed(group))),
        day=f"{chosen.attendance.business_date:%m-%d}",
        submitted=moment(chosen.submitted_at, clock.now(), department.zone),
        takers=[side(code, (row.membership.name for row in on_duty if row.code == code)) for code in chosen.to_codes],
        total=total,
        settled=total - sum(given.left for given in group),
        handovers=[given.handover for given in reversed(group)],
    )


def _concerning(handovers: list[Handover], attendance: Attendance | None) -> Handover | None:
    if attendance is not None:
        for row in handovers:
            if row.attendance_id == attendance.pk:
                return row
        for row in handovers:
            if attendance.code in row.to_codes:
                return row
    return handovers[0] if handovers else None
