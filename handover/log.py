"""What the page of the handover log shows, gathered in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db.models import Count, OuterRef, Q, Subquery

from handover.models import Handover, HandoverItem, ItemAction, ItemEvent, ItemState
from handover.words import in_words, moment
from office import clock
from people.access import membership_of
from people.models import Department, Membership, User
from rulebooks.schema import ShiftType
from rulebooks.services import version_by_id
from shifts import services as attendance_services
from shifts.grid import LETTERS, REST_LETTER
from shifts.models import Attendance

# A shift change that is longer ago concerns nobody any more.
RECENT = timedelta(hours=48)
MOST_ACCEPTED = 100


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
    # The handovers that came with a remark for the next shift.
    remarks: list[Handover] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.total - self.settled


@dataclass(frozen=True)
class Given:
    """A handover, how many items it passed on, and how many of them are still open with nobody having accepted them."""

    handover: Handover
    total: int
    left: int


@dataclass
class Log:
    """The page. `member`: the reader; `attendance`: the reader's running shift; `handover`: what it has submitted."""

    member: Membership | None = None
    attendance: Attendance | None = None
    handover: Handover | None = None
    waiting: list[HandoverItem] = field(default_factory=list)
    own: list[HandoverItem] = field(default_factory=list)
    accepted: list[ItemEvent] = field(default_factory=list)
    mean_wait: str = ""
    relay: Relay | None = None
    version: str = ""

    @property
    def to_accept(self) -> int:
        return sum(item.may_accept for item in self.waiting)

    @property
    def to_hand_over(self) -> int:
        return sum(not item.is_waiting for item in self.own)


def read_log(department: Department, user: User, *, may_take_over: bool) -> Log:
    """The log as the person sees it now; one may hold a role here without being a member."""
    on_duty = _on_duty(department)
    attendance = _own(on_duty, user)
    # Who is on duty comes with the membership; only others have to be looked up.
    member = attendance.membership if attendance else membership_of(user, department)
    log = Log(member=member, attendance=attendance, version=version_of(department))
    log.handover = getattr(attendance, "handover", None)
    log.relay = _relay(_recent(department), attendance, on_duty, department)

    mine = Q(owner=member) if member else Q(pk=None)
    seen = HandoverItem.objects.open().filter(mine | Q(handover__isnull=False) | Q(in_queue=True))
    for item in seen.filter(department=department).for_cards():
        if member and item.owner_id == member.pk:
            item.may_finish = True
            log.own.append(item)
        else:
            item.may_accept = attendance is not None and item.is_for(attendance)
            item.may_finish = member is not None and may_take_over
            log.waiting.append(item)
    # What one can accept comes first; within that by due time, as read.
    log.waiting.sort(key=lambda item: not item.may_accept)
    log.accepted = _accepted(department, attendance)
    log.mean_wait = _mean_wait(log.accepted)
    return log


def shift_of(member: Membership) -> Attendance | None:
    """The shift that the member is on now, with the member itself."""
    shift = attendance_services.on_duty(member)
    if shift is not None:
        shift.membership = member
    return shift


def side_of(attendance: Attendance) -> Side:
    """The shift type of a shift, as the rulebook calls it under which it was begun."""
    shift = version_by_id(attendance.rulebook_version_id).shift(attendance.code)
    return Side(attendance.code, shift, [attendance.membership.name])


def version_of(department: Department) -> str:
    """Changes whenever something in the department's log does."""
    events = ItemEvent.objects.filter(item__department=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    handovers = Handover.objects.filter(department=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    newest = Department.objects.filter(pk=department.pk).values_list(Subquery(events), Subquery(handovers))
    event, handover = newest.get()
    return f"{event or 0}.{handover or 0}"


def changed_by_others(department: Department, user, seen: str) -> bool:
    """Whether somebody else has changed the log since the version `seen`."""
    event, _dot, handover = seen.partition(".")
    if not (event.isdecimal() and handover.isdecimal() and len(seen) < 40):
        return True
    events = ItemEvent.objects.filter(item__department=department, pk__gt=int(event))
    handovers = department.handovers.filter(pk__gt=int(handover))
    return events.exclude(actor=user).exists() or handovers.exclude(giver__user=user).exists()


def _on_duty(department: Department) -> list[Attendance]:
    rows = Attendance.objects.on_duty().filter(membership__department=department)
    found = list(
        rows.select_related("membership__user", "handover").order_by("planned_start", "membership__work_number")
    )
    for row in found:
        row.membership.department = department
    return found


def _own(on_duty: list[Attendance], user: User) -> Attendance | None:
    return next((row for row in on_duty if row.membership.user_id == user.pk), None)


def _recent(department: Department) -> list[Given]:
    """The handovers of the last days, newest first."""
    waiting = Q(items__state=ItemState.OPEN)
    since = department.handovers.filter(submitted_at__gte=clock.now() - RECENT)
    rows = since.select_related("giver__user", "attendance").annotate(
        total=Count("events__item", distinct=True), left=Count("items", filter=waiting, distinct=True)
    )
    return [Given(row, row.total, row.left) for row in rows.order_by("-submitted_at", "-pk")]


def read_relay(department: Department, user: User) -> Relay | None:
    """The shift change alone, for the piece of the page that keeps itself up to date."""
    on_duty = _on_duty(department)
    return _relay(_recent(department), _own(on_duty, user), on_duty, department)


def _relay(
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
        remarks=[given.handover for given in reversed(group) if given.handover.remark],
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


def _accepted(department: Department, attendance: Attendance | None) -> list[ItemEvent]:
    """What was accepted today, and during the reader's whole shift when that began yesterday."""
    midnight = datetime.combine(department.today(), time(), tzinfo=department.zone)
    since = min(midnight, attendance.clocked_in_at) if attendance else midnight
    events = ItemEvent.objects.filter(action=ItemAction.ACCEPTED, item__department=department, at__gte=since)
    related = (
        "item__department",
        "item__author__user",
        "item__owner__user",
        "item__handover",
        "owner__user",
        "handover",
    )
    return list(events.select_related(*related).order_by("-at", "-pk")[:MOST_ACCEPTED])


def _mean_wait(events: list[ItemEvent]) -> str:
    """The mean time from handing over to accepting, in words; empty when nothing was accepted."""
    waits = [event.at - event.handover.submitted_at for event in events if event.handover]
    return in_words(sum(waits, timedelta()) / len(waits)) if waits else ""
