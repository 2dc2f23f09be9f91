"""Whose the orders of a reading are, many at once: by the tag, else by who was there when nobody had been asked."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import Attribution, ClaimState, Order, OrderClaim, OrderShare
from handover.orders import WHOLE, Agent, Fault, Presence, Tags, share_equally
from office import clock, notices
from people.models import Department
from rulebooks.schema import Orders, Rulebook
from rulebooks.services import in_force_by_day
from shifts.models import Assignment, AssignmentSpan, Attendance, Layer

# Whose these are, people have said: no tag overrules it.
SAID = (Attribution.CLAIMED, Attribution.DECIDED)
# So many orders are looked at together.
AT_ONCE = 5_000

OVERTAKEN = gettext_noop("Your claim of order %(number)s is over: its tag says whose it is now.")


class Facts(NamedTuple):
    """What whose an order is hangs on, and what is written of it: columns, because instances cost too much here."""

    pk: int
    business_date: date
    placed_at: datetime
    remark: str
    flag: str
    without_asking: bool
    attribution: str
    fault: str


@dataclass(frozen=True)
class Verdict:
    """Whose an order is, by what, or what is wrong with its tag. `parts`: of members, by key."""

    attribution: str
    fault: str
    parts: dict[int, int]


@transaction.atomic
def attribute(*, department: Department, order_keys: Sequence[int]) -> None:
    """Say whose these orders of the department are, each by the rulebook of its business date.

    As often as wanted: what has not changed is not written. What was claimed or decided stays as people said. Claims
    that still wait for an order whose tag now holds are over, and their claimants are told.
    """
    keys = sorted(set(order_keys))
    for start in range(0, len(keys), AT_ONCE):
        # Whoever claims or decides one of these meanwhile waits, and then finds what the tag says.
        rows = Order.objects.select_for_update().filter(department=department, pk__in=keys[start : start + AT_ONCE])
        rows = rows.exclude(attribution__in=SAID).order_by("pk")
        orders = [Facts._make(row) for row in rows.values_list(*Facts._fields)]
        if orders:
            _write(orders, _verdicts(department, orders))


def _verdicts(department: Department, orders: list[Facts]) -> dict[int, Verdict]:
    rulebooks = in_force_by_day(department, {order.business_date for order in orders})
    agents = agents_of(department)
    tags = {book.version_id: Tags(book.orders, agents) for book in rulebooks.values() if book.orders is not None}
    found: dict[int, Verdict] = {}
    unasked: dict[int, tuple[Facts, Orders]] = {}
    for order in orders:
        rulebook = rulebooks.get(order.business_date)
        if rulebook is None or rulebook.orders is None:
            found[order.pk] = Verdict(Attribution.NONE, Fault.NO_RULES, {})
            continue
        owner = tags[rulebook.version_id].owner(order.remark, order.flag, order.business_date)
        if not isinstance(owner, Fault):
            found[order.pk] = Verdict(Attribution.TAGGED, "", {owner: WHOLE})
            continue
        found[order.pk] = Verdict(Attribution.NONE, owner, {})
        if order.without_asking:
            unasked[order.pk] = order, rulebook.orders
    return found | _by_presence(department, unasked, rulebooks, agents)


def agents_of(department: Department) -> list[Agent]:
    """Everybody who is or was a member, by work number."""
    people = department.memberships.order_by("work_number", "pk")
    rows = people.values_list("pk", "work_number", "user__name", "from_day", "until_day")
    return [Agent(*row) for row in rows]


# -- Placed without asking --------------------------------------------------------------------------------------------
def _by_presence(
    department: Department,
    unasked: dict[int, tuple[Facts, Orders]],
    rulebooks: dict[date, Rulebook],
    agents: list[Agent],
) -> dict[int, Verdict]:
    """The orders that are shared by those who were there; the others stay as their tag leaves them."""
    nights = [order for order, rules in unasked.values() if rules.auto_placed == "night_shift_of_day"]
    duties = [order for order, rules in unasked.values() if rules.auto_placed == "agent_on_duty"]
    there = {**_on_the_night_shift(department, nights, rulebooks), **_on_duty(department, duties)}
    found = {}
    for key, crew in there.items():
        parts = share_equally([agent.key for agent in agents if agent.key in crew])
        if parts:
            found[key] = Verdict(Attribution.AUTO, "", parts)
    return found


def _on_the_night_shift(
    department: Department, orders: list[Facts], rulebooks: dict[date, Rulebook]
) -> dict[int, frozenset[int]]:
    """For each order: who had a published night shift on its business date."""
    if not orders:
        return {}
    days = {order.business_date for order in orders}
    nights = {(day, shift.code) for day in days for shift in rulebooks[day].shifts if shift.night}
    planned = Assignment.objects.published().working().filter(membership__department=department)
    crews: dict[date, set[int]] = defaultdict(set)
    # All days between in one query: days apart are rare, and a list of them could be long.
    rows = planned.between(min(days), max(days)).order_by().values_list("business_date", "code", "membership")
    for day, code, member in rows:
        if (day, code) in nights:
            crews[day].add(member)
    return {order.pk: frozenset(crews[order.business_date]) for order in orders}


def _on_duty(department: Department, orders: list[Facts]) -> dict[int, frozenset[int]]:
    """For each order: who was on duty when it was placed, as clocked or corrected; where nobody was, as planned."""
    if not orders:
        return {}
    first, last = (pick(order.placed_at for order in orders) for pick in (min, max))
    worked, planned = Presence(_worked(department, first, last)), Presence(_planned(department, first, last))
    return {order.pk: worked.at(order.placed_at) or planned.at(order.placed_at) for order in orders}


Stretches = Iterator[tuple[int, datetime, datetime]]


def _worked(department: Department, first: datetime, last: datetime) -> Stretches:
    rows = Attendance.objects.filter(membership__department=department).with_worked_times().order_by()
    rows = rows.filter(Q(worked_until=None) | Q(worked_until__gte=first), worked_from__lte=last)
    for member, start, end in rows.values_list("membership", "worked_from", "worked_until"):
        # Still there: until after the last of these orders. What lies outside of them need not be looked up.
        yield member, max(start, first), min(end, _after(last)) if end else _after(last)


def _planned(department: Department, first: datetime, last: datetime) -> Stretches:
    spans = AssignmentSpan.objects.filter(layer=Layer.PUBLISHED, assignment__membership__department=department)
    spans = spans.filter(starts_at__lte=last, ends_at__gt=first).order_by()
    yield from spans.values_list("assignment__membership", "starts_at", "ends_at")


def _after(last: datetime) -> datetime:
    return last.replace(microsecond=0) + timedelta(seconds=1)


# -- Writing ----------------------------------------------------------------------------------------------------------
def _write(orders: list[Facts], verdicts: dict[int, Verdict]) -> None:
    """Write what differs, in a few statements."""
    held: dict[int, dict[int, int]] = defaultdict(dict)
    rows = OrderShare.objects.filter(order__in=list(verdicts)).order_by()
    for key, member, parts in rows.values_list("order", "membership", "parts"):
        held[key][member] = parts
    changed: dict[tuple[str, str], list[int]] = defaultdict(list)
    shared = []
    for order in orders:
        verdict = verdicts[order.pk]
        if (order.attribution, order.fault) != (verdict.attribution, verdict.fault):
            changed[verdict.attribution, verdict.fault].append(order.pk)
        if held[order.pk] != verdict.parts:
            shared.append(order.pk)
    for (attribution, fault), keys in changed.items():
        Order.objects.filter(pk__in=keys).update(attribution=attribution, fault=fault)
    OrderShare.objects.filter(order__in=[key for key in shared if held[key]]).delete()
    OrderShare.objects.bulk_create(
        OrderShare(order_id=key, membership_id=member, parts=parts)
        for key in shared
        for member, parts in verdicts[key].parts.items()
    )
    _end_claims([order.pk for order in orders if verdicts[order.pk].attribution != Attribution.NONE])


def _end_claims(keys: list[int]) -> None:
    """Claims that wait for what is no longer untagged are over."""
    waiting = OrderClaim.objects.waiting().filter(order__in=keys).order_by("pk")
    claims = list(waiting.select_related("order__department", "membership__user"))
    if not claims:
        return
    # What is written down is written once, in the language that the house works in.
    with translation.override(settings.LANGUAGE_CODE):
        decision = _("The tag says whose it is now.")
    OrderClaim.objects.filter(pk__in=[claim.pk for claim in claims]).update(
        state=ClaimState.REFUSED, decided_at=clock.now(), decision=decision
    )
    for claim in claims:
        link = reverse("handover:order", args=[claim.order.department.code, claim.order_id])
        notices.tell(claim.membership.user, OVERTAKEN, link=link, number=claim.order.number)
