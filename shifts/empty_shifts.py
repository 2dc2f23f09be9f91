"""Swapped shifts that nobody worked: who is liable, and the incidents that are proposed for it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from ledger.models import Incident
from ledger.services import report_incident
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.models import Assignment, Leave, Swap, SwapState

# The clauses that say so are proposed for a passed-on shift that nobody came to.
TRIGGER = "empty_swapped_shift"


def liable_for_empty(assignment: Assignment) -> list[Membership]:
    """Against whom the rulebook of its day wants an incident when a published shift that was passed on stays empty.

    Nobody, when the shift did not come to its worker by a swap, and no approved one waits to be applied. As long as it
    is not applied, the owner answers for it: then "worker" means the owner too.
    """
    department = assignment.membership.department
    rulebook = in_force_by_day(department, [assignment.business_date]).get(assignment.business_date)
    return _liable(rulebook, assignment, _swaps_of([assignment]).get(assignment.pk, []))


def propose_for_empty_swaps(department: Department, since: datetime, until: datetime) -> int:
    """Propose incidents for the passed-on shifts that ended after `since`, up to `until`, and to which nobody came.

    Says how many are new: whatever is run again, each is proposed once. Whoever was let off by approved leave is not
    reported.
    """
    ended = Assignment.objects.published().working().filter(membership__department=department, attendance=None)
    rows = ended.filter(ends_at__gt=since, ends_at__lte=until).select_related("membership__user")
    shifts = {row.pk: row for row in rows}
    swaps = _swaps_of(list(shifts.values()))
    rulebooks = in_force_by_day(department, {row.business_date for row in shifts.values()})
    known = set(
        Incident.objects.filter(
            department=department, source_kind=Assignment._meta.label_lower, source_id__in=list(swaps)
        ).values_list("membership", "clause_code", "source_id")
    )
    off = _on_leave(list(shifts.values()))
    proposed = 0
    for key, own in swaps.items():
        shift = shifts[key]
        shift.membership.department = department
        if key in off:
            continue
        rulebook = rulebooks.get(shift.business_date)
        for member in _liable(rulebook, shift, own):
            for clause in rulebook.triggered_by(TRIGGER) if rulebook else ():
                if (member.pk, clause.code, key) not in known:
                    proposed += _propose(member, clause.code, shift)
    return proposed


def _propose(member: Membership, clause: str, shift: Assignment) -> int:
    label = f"{shift.business_date} {shift.code}"
    facts = _("The shift %(shift)s was passed on by a swap, and nobody came to it.") % {"shift": label}
    try:
        report_incident(
            actor=None,
            membership=member,
            clause_code=clause,
            occurred_at=shift.times[0],
            facts=facts,
            source=(Assignment._meta.label_lower, shift.pk, label),
        )
    except ValidationError:
        # Who is no member any more on that day cannot be reported; the others still are.
        return 0
    return 1


def _swaps_of(shifts: list[Assignment]) -> dict[int, list[Swap]]:
    """The applied swaps, and the approved ones, by the key of the shift that they passed on, the oldest first."""
    keys = [shift.pk for shift in shifts]
    rows = Swap.objects.filter(state__in=(SwapState.APPLIED, SwapState.APPROVED))
    about = rows.filter(Q(assignment__in=keys) | Q(partner_assignment__in=keys))
    found: dict[int, list[Swap]] = {}
    for swap in about.select_related("owner__user", "partner__user", "department").order_by("decided_at", "pk"):
        for key in (swap.assignment_id, swap.partner_assignment_id):
            if key in keys:
                found.setdefault(key, []).append(swap)
    return found


def _liable(rulebook: Rulebook | None, shift: Assignment, swaps: list[Swap]) -> list[Membership]:
    if rulebook is None or rulebook.swaps is None or not swaps:
        return []
    worker = shift.membership
    passed_on = [swap for swap in swaps if swap.state == SwapState.APPLIED]
    if passed_on and _taker(passed_on[-1], shift) == worker and _code(passed_on[-1], shift) == shift.code:
        first = _giver(passed_on[0], shift) or worker
        named = {"worker": [worker], "owner": [first], "both": [worker, first]}[rulebook.swaps.empty_shift_liable]
    elif waiting := [swap for swap in swaps if swap.state == SwapState.APPROVED]:
        other = _taker(waiting[-1], shift)
        named = [worker, other] if rulebook.swaps.empty_shift_liable == "both" and other else [worker]
    else:
        named = []
    return list({member.pk: member for member in named}.values())


def _giver(swap: Swap, shift: Assignment) -> Membership | None:
    """Whose shift it was before; nobody's, when it was an open one."""
    return swap.owner if swap.assignment_id == shift.pk else swap.partner


def _taker(swap: Swap, shift: Assignment) -> Membership | None:
    return swap.partner if swap.assignment_id == shift.pk else swap.owner


def _code(swap: Swap, shift: Assignment) -> str:
    """What the shift was when it was passed on: one that the planner has changed since is the planner's again."""
    return swap.code if swap.assignment_id == shift.pk else swap.partner_code


def _on_leave(shifts: list[Assignment]) -> set[int]:
    """Of these shifts those whose day is covered by approved leave of its worker."""
    if not shifts:
        return set()
    days = [shift.business_date for shift in shifts]
    slips = Leave.objects.approved().touching(min(days), max(days)).filter(starts_at=None)
    own: dict[int, list[Leave]] = {}
    for slip in slips.filter(membership__in={shift.membership_id for shift in shifts}):
        own.setdefault(slip.membership_id, []).append(slip)
    return {
        shift.pk
        for shift in shifts
        if any(slip.first_day <= shift.business_date <= slip.last_day for slip in own.get(shift.membership_id, ()))
    }
