"""What the page of the handover log shows, gathered in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from handover.models import Handover, HandoverItem, ItemAction, ItemEvent, is_taken_back
from handover.models.log import asks_for_more
from handover.pages.relay import Relay, Side, has_handed_over, next_shifts, recent_handovers, relay_of
from handover.pages.standing_out import Held, Running, held_off_duty, running_shifts, stands_out
from handover.services.leaving import is_early
from handover.words import in_words, moment
from office import clock
from people.access import membership_of
from people.models import Department, Membership, User
from shifts import services as attendance_services
from shifts.models import Attendance

MOST_ACCEPTED = 100
# A list of who is on duty on each of so many cards, and no more.
MOST_WITH_TAKERS = 60
PASSED_ON = (ItemAction.WRITTEN, ItemAction.SUBMITTED, ItemAction.QUEUED)
# How long a page may stand before its times are said anew.
FRESH = timedelta(minutes=5)


@dataclass
class Log:
    """The page. `member`: the reader; `attendance`: the reader's running shift; `handover`: what it has submitted.

    Each open item that the reader may see stands in one list: `standing_out` (only for who may take over), `own`,
    `queue` (the department's), `handed` (what else the reader can accept now) or `elsewhere` (what others can).
    """

    member: Membership | None = None
    attendance: Attendance | None = None
    handover: Handover | None = None
    on_duty: list[Attendance] = field(default_factory=list)
    standing_out: list[HandoverItem] = field(default_factory=list)
    handed: list[HandoverItem] = field(default_factory=list)
    queue: list[HandoverItem] = field(default_factory=list)
    elsewhere: list[HandoverItem] = field(default_factory=list)
    own: list[HandoverItem] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)
    off_duty: list[Held] = field(default_factory=list)
    accepted: list[ItemEvent] = field(default_factory=list)
    mean_wait: str = ""
    # The same of what was taken out of the queue, where it may have lain over night.
    mean_queue: str = ""
    may_take_back: bool = False
    next_shifts: list[Side] = field(default_factory=list)
    relay: Relay | None = None
    version: str = ""

    @property
    def items(self) -> list[HandoverItem]:
        return [*self.standing_out, *self.waiting, *self.own]

    @property
    def waiting(self) -> list[HandoverItem]:
        """What waits to be accepted: by the reader, by anybody, by another shift."""
        return [*self.handed, *self.queue, *self.elsewhere]

    @property
    def takers(self) -> list[Attendance]:
        """Whose people each card offers an item to; on a very long page only what stands out and an item's own page."""
        return self.on_duty if len(self.items) <= MOST_WITH_TAKERS else []

    @property
    def asked(self) -> int:
        """How many of the reader's own items wait for the reader's answer."""
        return sum(item.open_question is not None and item.may_answer for item in self.own)

    @property
    def refused(self) -> int:
        """How many of the reader's own items have come back with a reason, and are with the reader."""
        return sum(item.refusal is not None and not item.is_waiting for item in self.own)

    @property
    def to_accept(self) -> int:
        return sum(item.may_accept for item in (*self.standing_out, *self.waiting))

    @property
    def still_open(self) -> list[ItemEvent]:
        """What was accepted today and is not done."""
        return [event for event in self.accepted if event.item.is_open]

    @property
    def finished(self) -> list[ItemEvent]:
        """What was accepted today and is done by now."""
        return [event for event in self.accepted if not event.item.is_open]

    @property
    def is_early(self) -> bool:
        """Whether the reader's shift goes on for so long that nobody hands over yet."""
        return self.attendance is not None and is_early(self.attendance)

    @property
    def ends(self) -> str:
        """When the reader's shift ends, on the department's wall clock."""
        if self.attendance is None:
            return ""
        return moment(self.attendance.planned_end, clock.now(), self.attendance.membership.department.zone)

    @property
    def to_hand_over(self) -> int:
        """How many items the reader's button would hand over; what stands out for a supervisor counts too."""
        mine = self.member.pk if self.member else 0
        return sum(item.owner_id == mine and not item.is_waiting for item in self.items)


def read_log(department: Department, user: User, *, may_take_over: bool) -> Log:
    """The log as the person sees it now; one may hold a role here without being a member."""
    on_duty = _on_duty(department)
    attendance = next((row for row in on_duty if row.membership.user_id == user.pk), None)
    # Who is on duty comes with the membership; only others have to be looked up.
    member = attendance.membership if attendance else membership_of(user, department)
    recent, newest_handover = recent_handovers(department)
    log = Log(member=member, attendance=attendance, on_duty=on_duty)
    if attendance is not None:
        log.next_shifts = next_shifts(attendance)
        log.handover = attendance.handover if has_handed_over(attendance) else None
        own = (given for given in recent if given.handover.attendance_id == attendance.pk)
        log.may_take_back = any(given.counts.accepted == 0 for given in own)
    log.relay = relay_of(recent, attendance, on_duty, department)
    items = _open_items(department, member, everything=may_take_over)
    for item in items:
        allow(item, member, attendance, may_take_over=may_take_over)
        _place(item, log, stands=may_take_over and stands_out(item))
    if may_take_over:
        log.running, log.off_duty = running_shifts(on_duty, items), held_off_duty(on_duty, items)
    log.accepted, newest_event = _accepted(department, attendance)
    log.mean_wait = _mean_wait(event for event in log.accepted if event.given != ItemAction.QUEUED)
    log.mean_queue = _mean_wait(event for event in log.accepted if event.given == ItemAction.QUEUED)
    newest_shift = max((row.pk for row in on_duty), default=0)
    log.version = _version(newest_event, newest_handover, newest_shift, len(on_duty))
    return log


def allow(item: HandoverItem, member: Membership | None, attendance: Attendance | None, *, may_take_over: bool) -> None:
    """Set on an item what the reader of its card may do with it."""
    is_mine = member is not None and item.owner_id == member.pk
    item.may_accept = attendance is not None and item.is_for(attendance)
    item.may_finish = item.is_open and (is_mine or (member is not None and may_take_over))
    item.may_assign = may_take_over and item.is_open
    giver = item.giver
    item.may_note = item.may_finish
    item.may_move_due = item.may_note and (may_take_over or not item.is_overdue)
    gave_it = member is not None and giver is not None and giver.pk == member.pk
    item.may_answer = item.asked_at is not None and member is not None and (gave_it or may_take_over)


@dataclass(frozen=True)
class Missing:
    """What is missing in an item, in words, and the field of a note in which it is put right; empty: elsewhere."""

    words: str
    field: str = ""

    def __str__(self) -> str:
        return self.words


def missing_of(item: HandoverItem) -> list[Missing]:
    """What whoever takes an item on will miss; the fewest there can be.

    Of what its kind does not ask for nothing is missed, nor in what came up by itself, which nobody has written.
    """
    missing, rule = [], item.rule
    if item.is_overdue:
        missing.append(Missing(_("overdue: do it, or say why not"), "text"))
    if item.open_question:
        missing.append(Missing(_("a question waits for an answer")))
    if item.author is None:
        return missing
    if rule.needs_due_time and item.due_at is None:
        missing.append(Missing(_("no time by which it is done"), "due_at"))
    if asks_for_more(rule) and not item.known and not item.answered:
        missing.append(Missing(_("nothing is known so far"), "known"))
    if rule.read_back and not item.fallback:
        missing.append(Missing(_("not said what to do if it goes wrong"), "fallback"))
    return missing


def shift_of(member: Membership) -> Attendance | None:
    """The shift that the member is on now, with the member itself."""
    shift = attendance_services.on_duty(member)
    if shift is not None:
        shift.membership = member
    return shift


def with_version(departments: QuerySet[Department]) -> QuerySet[Department]:
    """The departments with what `version_of` makes the version of their log from, in the same query."""
    events = ItemEvent.objects.filter(item__department=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    handovers = Handover.objects.filter(department=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    running = Attendance.objects.on_duty().filter(membership__department=OuterRef("pk")).order_by()
    last = running.order_by("-pk").values("pk")[:1]
    count = running.values("membership__department").annotate(count=Count("pk")).values("count")
    return departments.annotate(
        newest_event=Coalesce(Subquery(events), 0),
        newest_handover=Coalesce(Subquery(handovers), 0),
        newest_shift=Coalesce(Subquery(last), 0),
        on_duty_count=Coalesce(Subquery(count), 0),
    )


def version_of(department) -> str:
    """Changes whenever something in the log of a department from `with_version` does, and now and then by itself."""
    return _version(
        department.newest_event, department.newest_handover, department.newest_shift, department.on_duty_count
    )


def _version(event: int, handover: int, shift: int, on_duty: int) -> str:
    minutes = int(clock.now().timestamp() // FRESH.total_seconds())
    return f"{event}.{handover}.{shift}.{on_duty}.{minutes}"


def _on_duty(department: Department) -> list[Attendance]:
    rows = Attendance.objects.on_duty().filter(membership__department=department)
    found = list(
        rows.select_related("membership__user", "handover")
        .annotate(is_back=is_taken_back("handover"))
        .order_by("planned_start", "membership__work_number")
    )
    for row in found:
        row.membership.department = department
    return found


def _open_items(department: Department, member: Membership | None, *, everything: bool) -> list[HandoverItem]:
    """By due time: what waits, what is the reader's, and what the reader gave and is asked about; or all of them."""
    items = HandoverItem.objects.open().filter(department=department)
    if not everything:
        mine = Q(owner=member) if member else Q(pk=None)
        passed_on = Q(handover__isnull=False) | Q(offered_at__isnull=False)
        items = items.filter(mine | passed_on | Q(in_queue=True))
    return list(items.for_cards().order_by(F("due_at").asc(nulls_last=True), "id"))


def _place(item: HandoverItem, log: Log, *, stands: bool) -> None:
    """Put an item into the one list in which it stands."""
    if stands:
        log.standing_out.append(item)
    elif log.member and item.owner_id == log.member.pk:
        log.own.append(item)
    elif item.in_queue:
        log.queue.append(item)
    elif item.is_waiting:
        (log.handed if item.may_accept else log.elsewhere).append(item)


def _accepted(department: Department, attendance: Attendance | None) -> tuple[list[ItemEvent], int]:
    """What was accepted today, and during the reader's whole shift when that began yesterday; and the newest event."""
    midnight = datetime.combine(department.today(), time(), tzinfo=department.zone)
    since = min(midnight, attendance.clocked_in_at) if attendance else midnight
    here = ItemEvent.objects.filter(item__department=department)
    taken = Q(action=ItemAction.ACCEPTED, at__gte=since)
    events = here.filter(taken | Q(pk__in=here.order_by("-pk").values("pk")[:1]))
    related = (
        "item__department",
        "item__author__user",
        "item__owner__user",
        "item__meant_for__user",
        "item__handover",
        "owner__user",
        "handover",
    )
    # What it waited since: being handed over, itself or last, being put in the queue, or being written and offered.
    passed_on = ItemEvent.objects.filter(item=OuterRef("item"), pk__lt=OuterRef("pk"), action__in=PASSED_ON)
    newest = passed_on.order_by("-pk")
    passed = events.annotate(by=Subquery(newest.values("action")[:1]), since=Subquery(newest.values("at")[:1]))
    found = list(passed.select_related(*related).order_by("-pk")[: MOST_ACCEPTED + 1])
    for event in found:
        event.given, event.given_at = event.by, event.since
    accepted: list[ItemEvent] = [event for event in found if event.action == ItemAction.ACCEPTED and event.at >= since]
    return accepted[:MOST_ACCEPTED], found[0].pk if found else 0


def _mean_wait(events: Iterable[ItemEvent]) -> str:
    """The mean time from being passed on to being accepted, in words; empty when nothing was accepted."""
    waits = [event.at - event.given_at for event in events if event.given_at]
    return in_words(sum(waits, timedelta()) / len(waits)) if waits else ""
