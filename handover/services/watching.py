"""Looking through a department's handovers for what the rulebook has a clause for; each proposes its incident once.

Run by the beat. Whatever lies within `REACH` is judged as of the instant at which it came about, from facts that do not
change: however late the beat comes, and however often, it finds the same. A person decides about every proposal.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import HandoverItem, ItemEvent, ItemState, is_taken_back
from handover.words import in_words
from ledger.models import Incident
from ledger.services import propose_incident
from office import audit, clock, notices
from office.models import AuditEntry
from people.models import Department, Membership, Right
from people.permissions import holders_of
from people.services import in_each_department
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day, version_by_id
from shifts.models import Attendance, ReportSource

from .items import link_to, lock_item

log = logging.getLogger(__name__)

# A server that stood still is made up for so far back.
REACH = timedelta(days=31)
# An item is missed so long after its due time at most, as the rulebook's schema says.
LONGEST = timedelta(hours=720)
# The events that clauses of the rulebook may be proposed for.
MISSING, LATE, MISSED = "handover_missing", "item_late", "item_missed"
# The mark in the audit that those who may take over were told of an item that nobody had.
LEFT_LYING = "handover.item.left_lying"

OVERDUE = gettext_noop("Nobody has taken this on, and it was due at %(due)s: %(what)s")

Rulebooks = dict[date, Rulebook]


@dataclass(frozen=True)
class Found:
    """Something to propose: under which event, about whom, when it came about (aware), and from which row."""

    event: str
    membership: Membership
    occurred_at: datetime
    facts: str
    row: Attendance | HandoverItem
    label: str


@dataclass(frozen=True)
class Overdue:
    """An item that was still open so long after its due time that `event` came about, at `instant` (aware).

    `clauses`: codes of the clauses that the rulebook of that day has for it.
    """

    item: HandoverItem
    event: str
    instant: datetime
    clauses: tuple[str, ...]


def look_through_all() -> int:
    """Look through every department; how many incidents were proposed. What fails in one does not stop the others."""
    return in_each_department(look_through, "The handovers of %s could not be looked through.")


def look_through(department: Department) -> int:
    """Propose incidents for shifts that ended without a handover, and for items late or missed; how many are new.

    An item counts against whoever owned it then. For one that lay in the queue nobody answers: those who may take over
    are told, once, if it still lies there.
    """
    now = clock.now()
    books = _rulebooks(department, now)
    with translation.override(settings.LANGUAGE_CODE):
        new = sum(_propose(found, department, books) for found in _without_handover(department, now, books))
        overdue = _unknown(department, list(_overdue(department, now, books)))
        owners = _owners(overdue)
        new += sum(_propose(_of(one, owners[one]), department, books) for one in overdue if one in owners)
    _tell_of_lying([one.item for one in overdue if one not in owners])
    return new


def _rulebooks(department: Department, now: datetime) -> Rulebooks:
    """The rulebook in force on each day that is looked at."""
    last, days = department.local(now).date(), (REACH + LONGEST).days + 1
    return in_force_by_day(department, [last - timedelta(days=back) for back in range(days + 1)])


def _clauses(department: Department, instant: datetime, event: str, books: Rulebooks) -> tuple[str, ...]:
    """Codes of the clauses that the rulebook of that day has for such an event."""
    book = books.get(department.local(instant).date())
    return tuple(clause.code for clause in book.triggered_by(event)) if book else ()


def _proposed(department: Department, model: type[Model], codes: Iterable[str]) -> QuerySet[Incident]:
    """What rows of this kind have proposed under these clauses."""
    return Incident.objects.filter(
        department=department, source_kind=model._meta.label_lower, clause_code__in=set(codes)
    )


# -- Shifts without a handover -----------------------------------------------------------------------------------------


def _without_handover(department: Department, now: datetime, books: Rulebooks) -> Iterator[Found]:
    """Shifts that ended without one although their rulebook asks for it, and that are not proposed yet."""
    codes = {clause.code for book in books.values() for clause in book.triggered_by(MISSING)}
    if not codes:
        return
    known = _proposed(department, Attendance, codes).filter(source_id=OuterRef("pk"))
    missing = Q(handover=None) | Q(is_taken_back("handover"))
    rows = Attendance.objects.filter(missing, membership__department=department)
    rows = rows.filter(~Exists(known), clocked_out_at__gt=now - REACH, clocked_out_at__lte=now)
    # One that only a correction knows had no clock-out before which to hand over.
    rows = rows.exclude(source=ReportSource.CORRECTION).order_by("pk")
    for row in rows.select_related("membership__user", "membership__department"):
        rulebook = version_by_id(row.rulebook_version_id)
        shift = rulebook.shift(row.code)
        asked = rulebook.notebooks.handover_log.at_clock_out != "off"
        if asked and shift is not None and shift.hands_over_to:
            yield _missing(row, f"{row.business_date} {shift.name}")


def _missing(row: Attendance, label: str) -> Found:
    assert row.clocked_out_at is not None  # it was asked for
    if row.forgotten:
        left, text = min(row.clocked_out_at, row.planned_end), _("%(shift)s: no clock-out and no handover.")
    else:
        left, text = row.clocked_out_at, _("%(shift)s: left at %(left)s without a handover.")
    words = {"shift": label, "left": f"{row.membership.department.local(left):%H:%M}"}
    return Found(MISSING, row.membership, left, text % words, row, label)


# -- Items late or missed ----------------------------------------------------------------------------------------------


def _overdue(department: Department, now: datetime, books: Rulebooks) -> Iterator[Overdue]:
    """What was still open when the time of the rulebook of its due day was over, also when it is done by now."""
    rows = HandoverItem.objects.filter(department=department, due_at__gt=now - REACH - LONGEST, due_at__lte=now)
    rows = rows.filter(Q(state=ItemState.OPEN) | Q(done_at__gt=F("due_at"))).select_related("department")
    for item in rows.order_by("pk"):
        book = books.get(department.local(_due(item)).date())
        if book is None:
            continue
        for event, after in _limits(book):
            # It can be due in the minute in which it is written; nobody is late before there is anything to do.
            instant = max(_due(item), item.written_at) + after
            was_open = item.done_at is None or item.done_at > instant
            if now - REACH < instant <= now and was_open:
                yield Overdue(item, event, instant, _clauses(department, instant, event, books))


def _limits(book: Rulebook) -> Iterator[tuple[str, timedelta]]:
    rules = book.notebooks.handover_log
    if rules.late_after_minutes is not None:
        yield LATE, timedelta(minutes=rules.late_after_minutes)
    if rules.missed_after_hours is not None:
        yield MISSED, timedelta(hours=rules.missed_after_hours)


def _unknown(department: Department, overdue: list[Overdue]) -> list[Overdue]:
    """Those that have not proposed all that they can, or lie in the queue with nobody having been told."""
    codes, keys = {code for one in overdue for code in one.clauses}, {one.item.pk for one in overdue}
    proposed = _proposed(department, HandoverItem, codes).filter(source_id__in=keys)
    known = set(proposed.values_list("clause_code", "source_id"))
    told = set(_told(keys))

    def is_news(one: Overdue) -> bool:
        lies = one.item.is_open and one.item.in_queue and one.item.pk not in told
        return lies or any((code, one.item.pk) not in known for code in one.clauses)

    return [one for one in overdue if is_news(one)]


def _told(keys: Iterable[int]) -> QuerySet:
    """Keys of the items of which those who may take over were told."""
    kind = HandoverItem._meta.label_lower
    rows = AuditEntry.objects.filter(action=LEFT_LYING, target_kind=kind, target_id__in=set(keys))
    return rows.values_list("target_id", flat=True)


def _owners(overdue: list[Overdue]) -> dict[Overdue, Membership]:
    """Who owned each item at its instant; without those that lay in the queue then. Two queries."""
    events = ItemEvent.objects.filter(item__in={one.item.pk for one in overdue}).order_by("pk")
    history: dict[int, list[tuple[datetime, int | None]]] = {}
    for item, at, holder in events.values_list("item", "at", "owner"):
        history.setdefault(item, []).append((at, holder))
    found = {}
    for one in overdue:
        steps = history[one.item.pk]
        # The first step may be remembered a moment after the item was written.
        owner = next((holder for at, holder in reversed(steps) if at <= one.instant), steps[0][1])
        if owner is not None:
            found[one] = owner
    people = Membership.objects.select_related("user", "department").in_bulk(set(found.values()))
    return {one: people[owner] for one, owner in found.items()}


def _of(one: Overdue, owner: Membership) -> Found:
    facts = _("Due at %(due)s and still open %(length)s later: %(what)s")
    words = {
        "due": _wall(one.item),
        "length": in_words(one.instant - _due(one.item)),
        "what": str(one.item),
    }
    return Found(one.event, owner, one.instant, facts % words, one.item, str(one.item))


def _due(item: HandoverItem) -> datetime:
    return cast(datetime, item.due_at)


def _wall(item: HandoverItem) -> str:
    return f"{item.department.local(_due(item)):%Y-%m-%d %H:%M}"


def _tell_of_lying(items: Iterable[HandoverItem]) -> None:
    """Tell those who may take over of what nobody has taken on; what cannot be told keeps no other from being told."""
    for item in {item.pk: item for item in items}.values():
        try:
            _tell_once(item)
        except Exception:
            log.exception("Those who may take over were not told of item %s.", item.pk)


@transaction.atomic
def _tell_once(item: HandoverItem) -> None:
    item = lock_item(item)
    if not (item.is_open and item.in_queue) or _told([item.pk]).exists():
        return
    audit.record(None, LEFT_LYING, item, due_at=item.due_at)
    people = holders_of(item.department, Right.TAKE_OVER)
    notices.tell(people, OVERDUE, link=link_to(item), due=_wall(item), what=str(item))


# -- Proposing ---------------------------------------------------------------------------------------------------------


def _propose(found: Found, department: Department, books: Rulebooks) -> int:
    """Report it under each clause for it; how many. What cannot be reported keeps none of the others from being."""
    occurred_at = _in_membership(found)
    codes = _clauses(department, occurred_at, found.event, books)
    return sum(_report(found, code, occurred_at) for code in codes)


def _report(found: Found, clause_code: str, occurred_at: datetime) -> int:
    try:
        return propose_incident(
            membership=found.membership,
            clause_code=clause_code,
            occurred_at=occurred_at,
            facts=found.facts,
            source=(found.row._meta.label_lower, found.row.pk, found.label),
        )
    except Exception:
        log.exception("Not proposed: %s of %s", found.event, found.membership)
        return 0


def _in_membership(found: Found) -> datetime:
    """When it came about; in the night of somebody's last day its last second, so that it belongs to that day."""
    last, department = found.membership.until_day, found.membership.department
    if last is None or department.local(found.occurred_at).date() <= last:
        return found.occurred_at
    return datetime.combine(last, time(23, 59, 59), tzinfo=department.zone)
