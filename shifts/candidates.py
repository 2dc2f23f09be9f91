"""Who could take a shift, and with whom one could swap: the legal ones first, and of all others why not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from people.models import Department, Membership
from shifts.models import Assignment, Swap, SwapKind
from shifts.swap_rules import Refusal
from shifts.whatif import Trouble, WhatIf

# Around a shift the partners' shifts of so many days are looked through at first.
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Candidate:
    """Somebody who might take a shift. `code`: what they have on that day now; `reasons`: why not, in words."""

    membership: Membership
    legal: bool
    reasons: list[str]
    warnings: list[str]
    code: str = ""


@dataclass(frozen=True)
class Exchange:
    """A colleague's shift that could come back for one's own."""

    assignment: Assignment
    warnings: list[str]


@dataclass
class Partner:
    """A colleague with the shifts that could be exchanged; without any, why not."""

    membership: Membership
    exchanges: list[Exchange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def legal(self) -> bool:
        return bool(self.exchanges)


def candidates(department: Department, day: date, code: str, *, without: Membership | None = None) -> list[Candidate]:
    """Everybody rostered in the month of `day`, as somebody to put on a shift of that day. A fixed number of queries.

    `without`: whom they would replace.
    """
    return stand_ins_in(WhatIf(department, [day]), day, code, without=without)


def stand_ins_in(scene: WhatIf, day: date, code: str, *, without: Membership | None = None) -> list[Candidate]:
    """The same in a plan that is loaded already."""
    others = [member for member in scene.members.values() if without is None or member.pk != without.pk]
    return _in_order(_candidate(scene, member, day, scene.put_on(member.pk, day, code)) for member in others)


def takers(assignment: Assignment) -> list[Candidate]:
    """Everybody else, as somebody to whom a published shift could be given away. A fixed number of queries."""
    return takers_in(WhatIf(assignment.membership.department, [assignment.business_date]), given(assignment))


def takers_in(scene: WhatIf, swap: Swap) -> list[Candidate]:
    """The same for an offer, in a plan that is loaded already."""
    found = []
    for member in scene.members.values():
        if member.pk == swap.owner_id:
            continue
        wish = Swap(
            department=swap.department,
            kind=swap.kind,
            owner=swap.owner,
            partner=member,
            business_date=swap.business_date,
            code=swap.code,
        )
        found.append(_candidate(scene, member, swap.business_date, scene.trouble(wish)))
    return _in_order(found)


def given(assignment: Assignment, kind: str = SwapKind.GIVE_AWAY) -> Swap:
    """A shift that is passed on, as an offer that nobody has made."""
    return Swap(
        department=assignment.membership.department,
        kind=kind,
        owner=assignment.membership,
        assignment=assignment,
        business_date=assignment.business_date,
        code=assignment.code,
    )


def partners(assignment: Assignment, first: date | None = None, last: date | None = None) -> list[Partner]:
    """Everybody else with their shifts from `first` to `last` (a week around the shift) that could come back for it.

    What has begun is nobody's to swap any more and is not looked at. Legal partners first. The number of queries
    depends on the months alone, not on people and shifts.
    """
    department, day = assignment.membership.department, assignment.business_date
    first = max(first or day - A_WEEK, department.today())
    last = max(last or day + A_WEEK, first)
    scene = WhatIf(department, [day, first, last])
    shifts: dict[int, list[Assignment]] = {}
    for (member, on), row in sorted(scene.cells.items(), key=lambda item: item[0][1]):
        if row.starts_at is not None and row.starts_at > scene.now and first <= on <= last:
            shifts.setdefault(member, []).append(row)
    others = [member for member in scene.members.values() if member.pk != assignment.membership_id]
    found = [_partner(scene, assignment, member, shifts.get(member.pk, [])) for member in others]
    return sorted(found, key=lambda one: (not one.legal, one.membership.work_number))


def _partner(scene: WhatIf, assignment: Assignment, member: Membership, shifts: list[Assignment]) -> Partner:
    partner = Partner(member)
    reasons: dict[str, None] = {}
    for row in shifts:
        row.membership = member
        wish = given(assignment, SwapKind.SWAP)
        wish.partner, wish.partner_date, wish.partner_code = member, row.business_date, row.code
        trouble = scene.trouble(wish)
        if trouble.refusals:
            reasons |= dict.fromkeys(_texts(trouble.refusals))
        else:
            partner.exchanges.append(Exchange(row, _texts(trouble.warnings)))
    partner.reasons = [] if partner.exchanges else list(reasons)
    return partner


def _candidate(scene: WhatIf, member: Membership, day: date, trouble: Trouble) -> Candidate:
    reasons = _texts(trouble.refusals)
    return Candidate(member, not reasons, reasons, _texts(trouble.warnings), scene.code((member.pk, day)))


def _texts(found: Iterable[Refusal]) -> list[str]:
    return list(dict.fromkeys(one.text for one in found))


def _in_order(found: Iterable[Candidate]) -> list[Candidate]:
    """Who can, without and with warnings; of these who has nothing planned before who has a rest day."""
    return sorted(
        found,
        key=lambda one: (not one.legal, bool(one.warnings), bool(one.code), one.membership.work_number),
    )
