"""The page of one swap: the two shifts, who answers for them, what has happened, and what this person may do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from office import clock, weekdays
from office.models import AuditEntry
from people.access import may
from people.models import Membership, Right
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.answering import answering_now
from shifts.models import LIVE_SWAPS, Answer, Assignment, Swap, SwapState
from shifts.pages.publishing import Mark, mark
from shifts.services.cover import PUTTING_ON
from shifts.services.swaps import COVERING, has_changed, may_withdraw
from shifts.whatif import WhatIf, days_of

A_WEEK = timedelta(days=7)
# What has happened, in the words of the page.
HAPPENED = {
    "shifts.swap.asked": _("Asked for"),
    "shifts.swap.agreed": _("Agreed"),
    "shifts.swap.declined": _("Declined"),
    "shifts.swap.withdrawn": _("Withdrawn"),
    "shifts.swap.approved": _("Approved"),
    "shifts.swap.not_applied": _("Could not be applied"),
    "shifts.swap.applied": _("Applied"),
    "shifts.swap.refused": _("Refused"),
    "shifts.swap.overtaken": _("Overtaken: a shift has changed, or its time has come"),
}


@dataclass(frozen=True)
class ShiftShown:
    """A shift as it stands on a page. `key`: of its assignment, None for one that nobody has yet."""

    day: date
    weekday: str
    mark: Mark
    hours: str
    member: Membership | None = None
    key: int | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class Event:
    """One line of the story: when, who ("" for the system), what, and what they wrote or what was in the way."""

    at: datetime
    who: str
    what: str
    notes: list[str]


@dataclass
class SwapPage:
    """`steps`: what this person may do. `obstacles`, `warnings`: as the plan is now, for whoever can act on them."""

    swap: Swap
    given: ShiftShown
    returned: ShiftShown | None
    story: list[Event]
    steps: set[str]
    obstacles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    has_changed: bool = False

    @property
    def is_unapplied(self) -> bool:
        return self.swap.state == SwapState.APPROVED

    @property
    def is_own_turn(self) -> bool:
        """Whether it waits for this person; who may only step in or take it back waits for others."""
        return bool({"agree", "approve", "apply"} & self.steps)


def can_approve(request) -> bool:
    return may(request, Right.APPROVE_SWAP)


def can_cover(request) -> bool:
    """Whether the person sees to it that shifts are worked."""
    return any(may(request, right) for right in COVERING)


def can_put_on(request) -> bool:
    return any(may(request, right) for right in PUTTING_ON)


def shift_shown(
    rulebook: Rulebook | None,
    day: date,
    code: str,
    *,
    member: Membership | None = None,
    key: int | None = None,
    answer: Answer | None = None,
) -> ShiftShown:
    shift = rulebook.shift(code) if rulebook else None
    return ShiftShown(day, weekdays.name(day), mark(rulebook, code), shift.hours if shift else "", member, key, answer)


def steps_of(request, swap: Swap, member: Membership | None) -> set[str]:
    """What the person may do with a swap: agree, decline, agree_for, decline_for, withdraw, approve, apply, refuse."""
    user, state = request.user, swap.state
    is_owner = swap.owner is not None and swap.owner.user_id == user.pk
    is_partner = swap.partner is not None and swap.partner.user_id == user.pk
    approver = can_approve(request)
    found: set[str] = set()
    if state == SwapState.ASKED and is_partner:
        found |= {"agree", "decline"}
    elif state == SwapState.ASKED and swap.partner is None and member is not None and member.rostered and not is_owner:
        found.add("agree")
    elif state == SwapState.ASKED and approver and swap.partner is not None and not is_owner:
        found |= {"agree_for", "decline_for"}
    if state == SwapState.AGREED and is_partner:
        found.add("decline")
    if may_withdraw(swap, user):
        found.add("withdraw")
    if approver and not (is_owner or is_partner) and state in LIVE_SWAPS:
        found.add("refuse")
        found |= {"approve"} if state == SwapState.AGREED else set()
        found |= {"apply"} if state == SwapState.APPROVED else set()
    return found


def page_of(request, swap: Swap, member: Membership | None) -> SwapPage:
    """Everything that the page of a swap shows. A fixed number of queries."""
    department = swap.department
    rulebooks = in_force_by_day(department, set(days_of(swap)))
    keys = [key for key in (swap.assignment_id, swap.partner_assignment_id) if key]
    answers = answering_now(keys) if keys else {}
    given = shift_shown(
        rulebooks.get(swap.business_date),
        swap.business_date,
        swap.code,
        member=swap.owner,
        key=swap.assignment_id,
        answer=answers.get(swap.assignment_id or 0),
    )
    returned = None
    if swap.partner_date:
        returned = shift_shown(
            rulebooks.get(swap.partner_date),
            swap.partner_date,
            swap.partner_code,
            member=swap.partner,
            key=swap.partner_assignment_id,
            answer=answers.get(swap.partner_assignment_id or 0),
        )
    page = SwapPage(swap, given, returned, story_of(swap), steps_of(request, swap, member))
    if swap.state in LIVE_SWAPS and page.steps - {"withdraw"}:
        page.has_changed = has_changed(swap)
        trouble = WhatIf(department, days_of(swap)).trouble(_as_taken_by(swap, member, page))
        page.obstacles = [refusal.text for refusal in trouble.refusals]
        page.warnings = [warning.text for warning in trouble.warnings]
    return page


def _as_taken_by(swap: Swap, member: Membership | None, page: SwapPage) -> Swap:
    """An offer to everybody is judged for the reader, who would be its partner."""
    if swap.partner is not None or "agree" not in page.steps:
        return swap
    return Swap(
        pk=swap.pk,
        department=swap.department,
        kind=swap.kind,
        owner=swap.owner,
        partner=member,
        business_date=swap.business_date,
        code=swap.code,
    )


def story_of(swap: Swap) -> list[Event]:
    """What has happened to a swap, from the audit trail, in order."""
    rows = AuditEntry.objects.filter(target_kind=Swap._meta.label_lower, target_id=swap.pk, action__in=HAPPENED)
    return [
        Event(row.at, str(row.actor) if row.actor else "", str(HAPPENED[row.action]), _notes(row.facts))
        for row in rows.select_related("actor").order_by("pk")
    ]


def _notes(facts: dict) -> list[str]:
    notes = [facts.get("reason"), facts.get("acted_for"), *facts.get("warnings", ()), *facts.get("reasons", ())]
    return [note for note in notes if note]


def own_shifts(member: Membership, first: date, last: date) -> list[tuple[ShiftShown, Swap | None]]:
    """A member's published shifts between two days that have not begun, each with the offer of it that still runs."""
    ahead = Assignment.objects.published().working().filter(membership=member, starts_at__gt=clock.now())
    shifts = list(ahead.between(first, last).order_by("starts_at"))
    rulebooks = in_force_by_day(member.department, {row.business_date for row in shifts})
    offers = {one.assignment_id: one for one in Swap.objects.live().filter(assignment__in=shifts)}
    return [
        (
            shift_shown(rulebooks.get(row.business_date), row.business_date, row.code, member=member, key=row.pk),
            offers.get(row.pk),
        )
        for row in shifts
    ]


def by_weeks(shifts: Sequence[tuple[ShiftShown, Swap | None]], today: date) -> list[tuple[str, list]]:
    """Shifts in the order of their days under the weeks, from Monday to Sunday, in which they lie."""
    monday = _monday(today)
    names = {monday: gettext("This week"), monday + A_WEEK: gettext("Next week")}
    return [
        (names.get(first) or f"{first} – {first + A_WEEK - timedelta(days=1)}", list(own))
        for first, own in groupby(shifts, key=lambda row: _monday(row[0].day))
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
