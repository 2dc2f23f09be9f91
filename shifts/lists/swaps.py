"""The list of swaps: what its columns hold; and the few that wait for somebody, for Today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from office.tables import Column, Kind
from people.models import Department, Membership, User
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.models import LIVE_SWAPS, Swap, SwapState
from shifts.pages.publishing import Mark, mark

SWAP_COLUMNS = (
    Column("day", _("Day"), lambda row: row.business_date, sort="business_date", kind=Kind.DAY),
    Column("shift", _("Shift"), lambda row: row.code),
    Column("kind", _("Kind"), lambda row: row.get_kind_display(), sort="kind"),
    Column("owner", _("Whose"), lambda row: name_of(row.owner), sort="owner__work_number"),
    Column("partner", _("Who takes it"), lambda row: name_of(row.partner), sort="partner__work_number"),
    Column("return", _("In return"), lambda row: row.partner_date, sort="partner_date", kind=Kind.DAY),
    Column("return_shift", _("Shift in return"), lambda row: row.partner_code, on_page=False),
    Column("state", _("State"), lambda row: state_name(row), sort="state"),
    Column("reason", _("Message"), lambda row: row.reason, on_page=False),
    Column("asked", _("Asked on"), lambda row: row.asked_at, sort="asked_at", kind=Kind.INSTANT),
    Column("acted", _("Acted for somebody, because"), lambda row: row.acted_for, on_page=False),
    Column("decided", _("Decided"), lambda row: row.decided_at, kind=Kind.INSTANT, on_page=False),
    Column("decision", _("Reason of the decision"), lambda row: row.decision_reason, on_page=False),
    Column("applied", _("Applied"), lambda row: row.applied_at, kind=Kind.INSTANT, on_page=False),
)


@dataclass(frozen=True)
class Line:
    """One row of the list on the page."""

    swap: Swap
    given: Mark
    returned: Mark | None


def name_of(member: Membership | None) -> str:
    return f"{member.work_number} {member.name}" if member else ""


def state_name(swap: Swap) -> str:
    """An asked swap waits for a colleague, not for an approver as an asked slip does."""
    return pgettext("swap", "Asked") if swap.state == SwapState.ASKED else swap.get_state_display()


def lines_of(department: Department, swaps: Iterable[Swap]) -> list[Line]:
    """The rows with the marks of their shifts, in one query more."""
    rows = list(swaps)
    days: set[date] = {day for row in rows for day in (row.business_date, row.partner_date) if day}
    rulebooks: Mapping[date, Rulebook] = in_force_by_day(department, days)
    return [
        Line(
            row,
            mark(rulebooks.get(row.business_date), row.code),
            mark(rulebooks.get(row.partner_date), row.partner_code) if row.partner_date else None,
        )
        for row in rows
    ]


def shown_swaps(user: User, department: Department) -> QuerySet[Swap]:
    """What the person may see of a department's swaps."""
    return Swap.objects.visible_to(user).filter(department=department)


def own(user: User) -> Q:
    """Those that one is part of, has asked for, or may join."""
    mine = Q(owner__user=user) | Q(partner__user=user) | Q(asked_by=user)
    return mine | Q(partner=None, state=SwapState.ASKED)


def swaps_waiting(department: Department, user: User) -> list[Swap]:
    """For somebody who approves swaps: those to be decided, or approved and not applied, but for their own."""
    rows = Swap.objects.filter(department=department, state__in=(SwapState.AGREED, SwapState.APPROVED))
    rows = rows.filter(business_date__gte=department.today())
    others = rows.exclude(owner__user=user).exclude(partner__user=user)
    return list(others.select_related("owner__user", "partner__user").order_by("business_date", "pk"))


@dataclass(frozen=True)
class OwnSwaps:
    """What an agent should know of: what they are asked, what is offered to everybody, and their own that still run."""

    asked: list[Swap]
    offered: list[Swap]
    running: list[Swap]


def swaps_for(member: Membership) -> OwnSwaps:
    """The swaps of a member that still run, in one query."""
    department = member.department
    rows = Swap.objects.filter(department=department, state__in=LIVE_SWAPS, business_date__gte=department.today())
    concerned = Q(owner=member) | Q(partner=member) | Q(partner=None, state=SwapState.ASKED)
    found = list(rows.filter(concerned).select_related("owner__user", "partner__user").order_by("business_date", "pk"))
    asked = [one for one in found if one.partner_id == member.pk and one.state == SwapState.ASKED]
    offered = [one for one in found if one.partner_id is None and one.owner_id != member.pk]
    return OwnSwaps(asked, offered, [one for one in found if one not in asked and one not in offered])


STATE_CHOICES = (
    ("", _("Waiting"), LIVE_SWAPS),
    ("applied", _("Applied"), (SwapState.APPLIED,)),
    (
        "over",
        _("Not applied"),
        (SwapState.DECLINED, SwapState.REFUSED, SwapState.WITHDRAWN, SwapState.STALE),
    ),
    ("all", _("All"), tuple(SwapState.values)),
)
