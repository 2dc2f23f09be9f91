"""What the pages of leave show: a slip with all that its decision needs, and what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from office.models import AuditEntry
from office.months import Month
from people.access import may
from people.models import Department, Membership, Right, User
from people.permissions import holders_of
from rulebooks.schema import LeaveKind, Rulebook
from rulebooks.services import in_force_by_day
from shifts.coverage import Cover
from shifts.leave_rules import days_between
from shifts.models import Assignment, Layer, Leave, LeaveState, Roster
from shifts.pages.foot import headcount_of
from shifts.pages.month import calendar_of
from shifts.services.leave import LIVE, has_begun, is_over, kind_of, wish_of
from shifts.signs import letter_of, mark_of

# So many days of a slip are looked at one by one; a longer one says how many more there are.
DAYS_SHOWN = 62

HAPPENED = {
    "shifts.leave.asked": gettext_lazy("Asked for"),
    "shifts.leave.approved": gettext_lazy("Approved"),
    "shifts.leave.refused": gettext_lazy("Refused"),
    "shifts.leave.withdrawn": gettext_lazy("Withdrawn"),
    "shifts.leave.cancelled": gettext_lazy("Cancelled"),
    "shifts.leave.ended": gettext_lazy("Ended earlier"),
}


@dataclass
class LeaveDay:
    """One day of a slip: the member's cell, who else is off, and what the shift has with and without the member.

    `code` is "" for a day off or an empty cell; `is_planned`: whether the reader can see a plan of the day.
    """

    day: date
    is_planned: bool
    code: str = ""
    mark: str = ""
    letter: str = ""
    name: str = ""
    is_past: bool = False
    # Whether the leave has taken the shift off.
    is_freed: bool = False
    off: list[str] = field(default_factory=list)
    waiting: int = 0
    limit: int | None = None
    before: Cover | None = None
    after: Cover | None = None

    @property
    def is_full(self) -> bool:
        """Whether as many others are off as the rulebook allows."""
        return self.limit is not None and len(self.off) >= self.limit

    @property
    def is_gap(self) -> bool:
        """Whether the shift has fewer people than wanted without the member."""
        return self.after is not None and self.after.missing > 0


@dataclass(frozen=True)
class Step:
    """What happened to a slip."""

    at: datetime
    what: str
    who: str
    reason: str
    acted_for: str


@dataclass
class Case:
    """A slip as one reader sees it."""

    leave: Leave
    kind: LeaveKind
    when: str
    length: str
    days: list[LeaveDay]
    more_days: int
    trail: list[Step]
    is_own: bool
    is_approver: bool
    why_not: str
    deciders: list[User]
    may_decide: bool
    may_withdraw: bool
    may_cancel: bool

    @property
    def waits(self) -> bool:
        return self.leave.state == LeaveState.ASKED

    @property
    def has_begun(self) -> bool:
        """Whether cancelling it only ends it earlier."""
        return has_begun(self.leave)

    @property
    def full(self) -> list[LeaveDay]:
        return [] if self.leave.is_hours else [day for day in self.days if day.is_full]

    @property
    def gaps(self) -> list[LeaveDay]:
        """Shifts that an approved leave has left with fewer people than wanted, from today on."""
        return [day for day in self.days if day.is_freed and day.is_gap and not day.is_past]


def case_of(request, leave: Leave) -> Case:
    """The slip with its days, what happened to it, and what the reader may do; a fixed number of queries."""
    member = leave.membership
    wish = wish_of(leave)
    approver, own = may(request, Right.APPROVE_LEAVE), member.user_id == request.user.pk
    reason = why_not_decide(request, leave)
    waits = leave.state == LeaveState.ASKED
    shown = LeaveDays(member, drafts=approver).of(wish.first, wish.last, leave=leave)
    deciders = holders_of(member.department, Right.APPROVE_LEAVE).exclude(pk=member.user_id)
    return Case(
        leave=leave,
        kind=kind_of(leave),
        when=wish.words(member.department.zone),
        length=length_words(leave),
        days=shown,
        more_days=wish.length - len(shown),
        trail=_trail(leave),
        is_own=own,
        is_approver=approver,
        why_not=reason,
        deciders=list(deciders) if waits and reason else [],
        may_decide=waits and not reason,
        may_withdraw=waits and may_withdraw(request, leave),
        may_cancel=may_cancel(request, leave) and not why_not_cancel(request, leave),
    )


# ── Who may ──


def why_not_decide(request, leave: Leave) -> str:
    """Why the signed-in person may not decide this slip, in one sentence; "" when they may."""
    if not may(request, Right.APPROVE_LEAVE):
        return _("Somebody who approves leave decides it.")
    if leave.membership.user_id == request.user.pk:
        return _("This is your own leave: somebody else decides it.")
    return ""


def may_withdraw(request, leave: Leave) -> bool:
    """Whoever's leave it is, and who has asked for them."""
    return request.user.pk in (leave.membership.user_id, leave.asked_by_id)


def may_cancel(request, leave: Leave) -> bool:
    return leave.membership.user_id == request.user.pk or may(request, Right.APPROVE_LEAVE)


def why_not_cancel(request, leave: Leave) -> str:
    """Why it cannot be cancelled (any more), in one sentence; "" when it can."""
    if leave.state != LeaveState.APPROVED:
        return _("Only an approved leave can be cancelled; this one: %(state)s.") % {"state": leave.get_state_display()}
    if is_over(leave):
        return _("This leave is over; it stays as it was.")
    if leave.membership.user_id == request.user.pk and has_begun(leave):
        return _("This leave has begun: only who approves leave can end it.")
    return ""


# ── Its days ──


class LeaveDays:
    """Days of a member as the reader may see them: `drafts` also before they are published."""

    def __init__(self, member: Membership, *, drafts: bool) -> None:
        self.member, self.department, self.drafts = member, member.department, drafts

    def of(self, first: date, last: date, *, leave: Leave | None = None) -> list[LeaveDay]:
        """The days from first to last, DAYS_SHOWN at most; what an approved `leave` took off is shown in its place."""
        days = days_between(first, last)[:DAYS_SHOWN]
        if not days:
            return []
        rulebooks = in_force_by_day(self.department, days)
        cells, have = self._plan(days)
        special, _unknown = calendar_of(self.department, days)
        off = self._others_off(days)
        rule = rulebooks[first].leave if first in rulebooks else None
        freed = dict(leave.replaced) if leave is not None and leave.state == LeaveState.APPROVED else {}
        today, found = self.department.today(), []
        for day in days:
            code = freed.get(day.isoformat(), cells.get(day) or "")
            # `cells` has no entry of a day whose plan is not for the reader.
            shown = LeaveDay(day, is_planned=day in cells, is_past=day < today, is_freed=day.isoformat() in freed)
            shown.limit = rule.people_a_day_at_most if rule else None
            for name, begins, ends, state in off:
                if begins <= day <= ends and state == LeaveState.APPROVED:
                    shown.off.append(name)
                elif begins <= day <= ends:
                    shown.waiting += 1
            self._fill(shown, code, rulebooks.get(day))
            own = special[day].headcounts if day in special else {}
            self._count(shown, rulebooks.get(day), have.get((day, code), 0), own)
            found.append(shown)
        return found

    def _fill(self, shown: LeaveDay, code: str, rulebook: Rulebook | None) -> None:
        if rulebook is None or not code:
            return
        rest = rulebook.rest if code == rulebook.rest.code else None
        part = rulebook.shift(code) or rulebook.leave_kind(code) or rest
        shown.code = code if rulebook.shift(code) else ""
        shown.mark, shown.letter = mark_of(rulebook, code), letter_of(rulebook, code)
        shown.name = str(part.name) if part else code

    def _count(self, shown: LeaveDay, rulebook: Rulebook | None, have: int, own) -> None:
        shift = rulebook.shift(shown.code) if rulebook and shown.code else None
        if shift is None:
            return
        wanted, minimum = headcount_of(shift, shown.day, own)
        # Whoever is off already is not counted among those on the shift.
        without = have if shown.is_freed else have - 1
        shown.before, shown.after = Cover(without + 1, wanted, minimum), Cover(without, wanted, minimum)

    def _plan(self, days: Sequence[date]) -> tuple[dict[date, str], dict[tuple[date, str], int]]:
        """The member's cells of the days that can be seen, and how many people are on each shift of each day."""
        months = {Month.of(day).first for day in (days[0], days[-1])}
        rows = Roster.objects.filter(department=self.department, first_day__range=(min(months), max(months)))
        published = {roster.month for roster in rows if roster.version}
        layers = {day: Layer.PUBLISHED if Month.of(day) in published else Layer.DRAFT for day in days}
        seen = {day: layer for day, layer in layers.items() if self.drafts or layer == Layer.PUBLISHED}
        planned = Assignment.objects.filter(
            membership__department=self.department, slot=1, layer__in=set(seen.values())
        ).between(days[0], days[-1])
        counts = (
            planned.order_by()
            .values_list("layer", "business_date", "code")
            .annotate(people=Count("pk"), own=Count("pk", filter=Q(membership=self.member)))
        )
        cells, have = dict.fromkeys(seen, ""), {}
        for layer, day, code, people, own in counts:
            if seen.get(day) == layer:
                have[day, code] = people
                cells[day] = code if own else cells[day]
        return cells, have

    def _others_off(self, days: Sequence[date]) -> list[tuple[str, date, date, str]]:
        slips = Leave.objects.filter(membership__department=self.department, state__in=LIVE, starts_at=None)
        slips = slips.exclude(membership=self.member).touching(days[0], days[-1]).select_related("membership__user")
        return [
            (slip.membership.name, slip.first_day, slip.last_day, slip.state)
            for slip in slips.order_by("membership__work_number")
        ]


def _trail(leave: Leave) -> list[Step]:
    entries = AuditEntry.objects.filter(target_kind=leave._meta.label_lower, target_id=leave.pk)
    return [
        Step(
            at=entry.at,
            what=str(HAPPENED[entry.action]),
            who=str(entry.actor or ""),
            reason=entry.facts.get("reason", ""),
            acted_for=entry.facts.get("acted_for", ""),
        )
        for entry in entries.filter(action__in=HAPPENED).select_related("actor").order_by("pk")
    ]


# ── In words ──


def length_words(leave: Leave) -> str:
    """ "3 days", or the elapsed hours and minutes: "1 h 30 min"."""
    if leave.starts_at and leave.ends_at:
        hours, minutes = divmod(int((leave.ends_at - leave.starts_at).total_seconds()) // 60, 60)
        if not minutes:
            return _("%(hours)s h") % {"hours": hours}
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    days = wish_of(leave).length
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def kind_words(kind: LeaveKind) -> list[str]:
    """What the rulebook asks for a kind, in a few words each."""
    found = []
    if kind.taken_in == "hours":
        found.append(_("hours of one day"))
    elif kind.taken_in == "both":
        found.append(_("days or hours"))
    if kind.notice_days:
        text = ngettext("%(days)s day before", "%(days)s days before", kind.notice_days)
        found.append(text % {"days": kind.notice_days})
    if kind.days_at_most:
        text = ngettext("%(days)s day at most", "%(days)s days at most", kind.days_at_most)
        found.append(text % {"days": kind.days_at_most})
    if kind.attachment == "required":
        found.append(_("with an attachment"))
    return found


# ── For Today ──


@dataclass(frozen=True)
class Waiting:
    """Slips that wait for a decision: how many, and since when the oldest does (None without any)."""

    count: int
    oldest: datetime | None


def leave_waiting(department: Department, *, besides: User | None = None) -> Waiting:
    """What waits in a department for whoever approves leave, without `besides`' own; one query."""
    slips = Leave.objects.waiting().filter(membership__department=department)
    slips = slips.exclude(membership__user=besides) if besides is not None else slips
    found = slips.order_by().aggregate(count=Count("pk"), oldest=Min("asked_at"))
    return Waiting(found["count"], found["oldest"])


def own_leave(member: Membership) -> list[Leave]:
    """The member's slips that wait or are approved and not over, the next one first; `kind_name`, `when`, `length`
    are ready to print. One query."""
    rows = Leave.objects.filter(membership=member, state__in=LIVE, last_day__gte=member.department.today())
    return [printable(leave) for leave in rows.select_related("membership__department").order_by("first_day", "pk")]


def printable(leave: Leave) -> Leave:
    """The slip with `kind_name`, `when` and `length` in the active language, for lists."""
    leave.kind_name = str(kind_of(leave).name)  # type: ignore[attr-defined]
    leave.when = wish_of(leave).words(leave.membership.department.zone)  # type: ignore[attr-defined]
    leave.length = length_words(leave)  # type: ignore[attr-defined]
    return leave
