"""The shift change on top of the handover log: who gave, who takes, and what has become of what was handed over."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from handover.models import Handover, HandoverItem, ItemAction, ItemEvent, ItemState, TakeBack, is_taken_back
from handover.next_on import given_on, next_day
from handover.words import moment
from office import clock
from people.models import Department
from rulebooks.schema import Rulebook, ShiftType
from rulebooks.services import version_by_id
from shifts.models import Attendance
from shifts.signs import LETTERS, REST_LETTER

# A shift change that is longer ago concerns nobody any more.
RECENT = timedelta(hours=48)
TAKEN_ON = (ItemAction.ACCEPTED, ItemAction.ASSIGNED)

# A shift by its code and its business date.
Place = tuple[str, date]


@dataclass
class Side:
    """One side of a shift change: a shift type (none when the rulebook has dropped it since) and who is on it.

    `day`: its date, where that is not the giver's.
    """

    code: str
    shift: ShiftType | None
    people: list[str]
    day: str = ""

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
class Counts:
    """What has become of the items of some handovers; each counts once, and what is accepted stays accepted.

    `finished`: by the giver, before anybody had accepted them; `back`: refused, and not handed over again since.
    """

    total: int = 0
    accepted: int = 0
    finished: int = 0
    waiting: int = 0

    @property
    def back(self) -> int:
        return max(self.total - self.settled - self.waiting, 0)

    @property
    def settled(self) -> int:
        """With these nobody has anything to do as receiver."""
        return self.accepted + self.finished

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.total + other.total,
            self.accepted + other.accepted,
            self.finished + other.finished,
            self.waiting + other.waiting,
        )


@dataclass(frozen=True)
class Given:
    """A handover, what has become of its items, and when it was submitted, after taking it back the last time."""

    handover: Handover
    counts: Counts
    at: datetime

    @property
    def place(self) -> Place:
        return _place(self.handover.attendance)


@dataclass
class Relay:
    """One shift change: who gave, who takes, and what has become of it.

    `handovers`: those of it, oldest first; none when nobody has handed over yet. `pending`: who is still on duty and
    has not handed over.
    """

    giver: Side
    day: str
    takers: list[Side]
    counts: Counts
    submitted: str = ""
    handovers: list[Handover] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    @property
    def remarks(self) -> list[Handover]:
        """Those that came with a remark for the next shift."""
        return [handover for handover in self.handovers if handover.remark]


def side_of(attendance: Attendance) -> Side:
    """The shift type of a shift, as the rulebook calls it under which it was begun."""
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    return Side(attendance.code, shift, [attendance.membership.name])


def recent_handovers(department: Department) -> tuple[list[Given], int]:
    """The handovers of the last days that stand, newest first, and the key of the newest of all (0: there is none).

    One query.
    """
    since = clock.now() - RECENT
    newest = department.handovers.order_by("-pk").values("pk")[:1]
    rows = department.handovers.filter(Q(submitted_at__gte=since) | Q(pk__in=newest))
    rows = rows.select_related("giver__user", "attendance")
    events = ItemEvent.objects.filter(handover=OuterRef("pk"))
    passed_on = events.filter(action=ItemAction.SUBMITTED)
    taken_on = ItemEvent.objects.filter(handover=OuterRef("handover"), item=OuterRef("item"), action__in=TAKEN_ON)
    again = TakeBack.objects.filter(handover=OuterRef("pk"), again_at__isnull=False).order_by("-again_at")
    counted = rows.annotate(
        is_back=is_taken_back(),
        at=Coalesce(Subquery(again.values("again_at")[:1]), F("submitted_at")),
        total=_number(passed_on, "item"),
        accepted=_number(events.filter(action__in=TAKEN_ON), "item"),
        finished=_number(passed_on.filter(~Exists(taken_on), item__state=ItemState.DONE), "item"),
        waiting=_number(HandoverItem.objects.open().filter(handover=OuterRef("pk")), "pk"),
    )
    found = list(counted.order_by("-at", "-pk"))
    last = max((row.pk for row in found), default=0)
    standing = [row for row in found if row.submitted_at >= since and not row.is_back]
    return [Given(row, Counts(row.total, row.accepted, row.finished, row.waiting), row.at) for row in standing], last


def _number(rows: QuerySet, of: str) -> Coalesce:
    counted = rows.order_by().values("handover").annotate(number=Count(of, distinct=True)).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def relay_of(
    recent: list[Given], attendance: Attendance | None, on_duty: list[Attendance], department: Department
) -> Relay | None:
    """The shift change that concerns the reader: the one that one's shift takes on; after handing over one's own, as
    soon as nothing waits in the other.

    Of the former it is that of one's own date, also when nobody has handed over yet: an earlier one is none of the
    reader's. Who is on no shift sees the newest in which something waits, else the newest.
    """
    places = _places(recent, attendance)
    group = [given for given in recent if given.place in places]
    # Two types may hand over to one.
    group = [given for given in group if given.place == _foremost(group).place]
    pending = [row for row in on_duty if _place(row) in places and not has_handed_over(row)]
    if group:
        return _relay(group, pending, on_duty, department)
    return _not_yet(pending, on_duty) if pending else None


def _place(attendance: Attendance) -> Place:
    return attendance.code, attendance.business_date


def _places(recent: list[Given], attendance: Attendance | None) -> set[Place]:
    """The shifts whose handing over the reader is concerned with."""
    if attendance is None:
        return {_foremost(recent).place} if recent else set()
    coming = given_on(version_by_id(attendance.rulebook_version_id), *_place(attendance))
    if any(given.place in coming and given.counts.waiting for given in recent):
        return coming
    has_given = any(given.handover.attendance_id == attendance.pk for given in recent)
    return {_place(attendance)} if has_given else coming


def _foremost(given: list[Given]) -> Given:
    """The newest with something waiting, else the newest: an empty one never stands in front of one that waits."""
    return next((one for one in given if one.counts.waiting), given[0])


def has_handed_over(row: Attendance) -> bool:
    """Whether a shift with its handover, and `is_back` of it, has handed over."""
    return getattr(row, "handover", None) is not None and not getattr(row, "is_back", False)


def _relay(group: list[Given], pending: list[Attendance], on_duty: list[Attendance], department: Department) -> Relay:
    newest = group[0].handover
    chosen = newest.attendance
    rulebook = version_by_id(chosen.rulebook_version_id)
    return Relay(
        giver=Side(chosen.code, rulebook.shift(chosen.code), [given.handover.giver.name for given in reversed(group)]),
        day=f"{chosen.business_date:%m-%d}",
        submitted=moment(group[0].at, clock.now(), department.zone),
        takers=_takers(rulebook, chosen, newest.to_codes, on_duty),
        counts=sum((given.counts for given in group), Counts()),
        handovers=[given.handover for given in reversed(group)],
        pending=[row.membership.name for row in pending],
    )


def _not_yet(pending: list[Attendance], on_duty: list[Attendance]) -> Relay:
    first = pending[0]
    rulebook = version_by_id(first.rulebook_version_id)
    shift = rulebook.shift(first.code)
    return Relay(
        giver=Side(first.code, shift, []),
        day=f"{first.business_date:%m-%d}",
        takers=_takers(rulebook, first, shift.hands_over_to if shift else (), on_duty),
        counts=Counts(),
        pending=[row.membership.name for row in pending],
    )


def _takers(rulebook: Rulebook, giving: Attendance, codes: Iterable[str], on_duty: list[Attendance]) -> list[Side]:
    """The shifts that come on next after `giving`, with who is on them already."""
    giver, sides = rulebook.shift(giving.code), []
    for code in codes:
        shift, day = rulebook.shift(code), giving.business_date
        if giver is not None and shift is not None:
            day = next_day(giver, day, shift)
        people = [row.membership.name for row in on_duty if _place(row) == (code, day)]
        sides.append(Side(code, shift, people, f"{day:%m-%d}" if day != giving.business_date else ""))
    return sides


def next_shifts(attendance: Attendance) -> list[Side]:
    """The shifts that come on next after this one, as its rulebook says."""
    rulebook = version_by_id(attendance.rulebook_version_id)
    shift = rulebook.shift(attendance.code)
    return _takers(rulebook, attendance, shift.hands_over_to if shift else (), [])
