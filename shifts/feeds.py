"""A member's published shifts and leave as a calendar that programs subscribe to (iCalendar, RFC 5545).

Always a full snapshot. An event is a part of a shift; its UID is made of the assignment's key, the membership and the
part, so a shift that moves keeps it, and one that changes hands is another event to each of the two. What was taken
off stays as cancelled for a while, so that programs take it off too. SEQUENCE grows with every change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from people.models import Membership
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day, version_by_id
from shifts.models import Answer, AssignmentSpan, Leave, LeaveState
from shifts.spans import Stretch, stretches_of

DAYS_BACK = timedelta(days=60)
CANCELLED_FOR = timedelta(days=30)
PRODUCT = "-//Banzu//Roster//EN"
DOMAIN = "banzu"


@dataclass(frozen=True)
class Holding:
    """For how long a member answered for a shift as it was then. `until` None: still."""

    parts: tuple[Stretch, ...]
    title: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Entry:
    """One event. `begins` and `ends` are instants, or days for a whole day (the end not included)."""

    uid: str
    title: str
    begins: datetime | date
    ends: datetime | date
    sequence: int
    changed_at: datetime
    is_cancelled: bool = False
    is_busy: bool = True


def entries_of_shift(key: int, member: int, holdings: Sequence[Holding], now: datetime) -> list[Entry]:
    """The events of one shift to one member, from all the times that they answered for it, in order. Pure.

    While part i stands as in the nth holding (from 0) its sequence is 2n; taken off after it, 2n + 1. So it grows
    whatever happens: changed, taken off, given back.
    """
    found = []
    for place in range(max((len(holding.parts) for holding in holdings), default=0)):
        number = max(at for at, holding in enumerate(holdings) if len(holding.parts) > place)
        holding = holdings[number]
        uid = f"{key}-{member}-{place}@{DOMAIN}" if place else f"{key}-{member}@{DOMAIN}"
        part = holding.parts[place]
        ended = holding.until
        if ended is None:
            found.append(Entry(uid, holding.title, part.starts_at, part.ends_at, 2 * number, holding.since))
        elif ended >= now - CANCELLED_FOR:
            entry = Entry(uid, holding.title, part.starts_at, part.ends_at, 2 * number + 1, ended, is_cancelled=True)
            found.append(entry)
    return found


def entry_of_leave(leave: Leave, title: str, now: datetime) -> Entry | None:
    """Leave leaves its time free for others to see: the shift is what one is busy with. Pure."""
    is_cancelled = leave.state == LeaveState.CANCELLED
    changed_at = leave.decided_at or leave.asked_at
    if is_cancelled and changed_at < now - CANCELLED_FOR:
        return None
    begins: datetime | date = leave.starts_at or leave.first_day
    ends: datetime | date = leave.ends_at or leave.last_day + timedelta(days=1)
    uid = f"leave-{leave.pk}@{DOMAIN}"
    return Entry(uid, title, begins, ends, int(is_cancelled), changed_at, is_cancelled=is_cancelled, is_busy=False)


def text_of(entries: Iterable[Entry], *, name: str, place: str) -> bytes:
    """The calendar as programs read it. The same entries are the same bytes. Pure."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", vText(name))
    made.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for entry in sorted(entries, key=lambda entry: entry.uid):
        event = Event()
        event.add("uid", entry.uid)
        # When it last changed, not when it was asked for: else no two answers would be alike.
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("sequence", entry.sequence)
        event.add("summary", entry.title)
        event.add("location", place)
        event.add("dtstart", entry.begins)
        event.add("dtend", entry.ends)
        event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
        event.add("transp", "OPAQUE" if entry.is_busy and not entry.is_cancelled else "TRANSPARENT")
        made.add_component(event)
    return made.to_ical()


# -- Loading ----------------------------------------------------------------------------------------------------------
def calendar_of(member: Membership, now: datetime) -> bytes:
    """The member's calendar in the active language, from some weeks ago on; a fixed number of queries."""
    department = member.department
    name = _("%(department)s: shifts of %(name)s") % {"department": department.name, "name": member.name}
    entries = [*_shifts(member, now), *_leaves(member, now)]
    return text_of(entries, name=name, place=department.name)


def _shifts(member: Membership, now: datetime) -> list[Entry]:
    since = member.department.local(now).date() - DAYS_BACK
    rows = Answer.objects.filter(membership=member, business_date__gte=since)
    if member.until_day is not None:
        rows = rows.filter(business_date__lte=member.until_day)
    answers = list(rows.order_by("key", "from_at", "pk"))
    rulebooks = in_force_by_day(member.department, {answer.business_date for answer in answers})
    stored: dict[int, list[Stretch]] = {}
    current = [answer.key for answer in answers if answer.until_at is None]
    spans = AssignmentSpan.objects.filter(assignment__in=current).order_by("starts_at")
    for key, start, end in spans.values_list("assignment_id", "starts_at", "ends_at"):
        stored.setdefault(key, []).append(Stretch(start, end))
    holdings: dict[int, list[Holding]] = {}
    for answer in answers:
        book = rulebooks.get(answer.business_date)
        parts = stored.get(answer.key, []) if answer.until_at is None else []
        holding = Holding(
            tuple(parts or _parts_then(answer, book, member)),
            _title(book, answer.code),
            answer.from_at,
            answer.until_at,
        )
        holdings.setdefault(answer.key, []).append(holding)
    return [entry for key, own in holdings.items() for entry in entries_of_shift(key, member.pk, own, now)]


def _parts_then(answer: Answer, rulebook: Rulebook | None, member: Membership) -> list[Stretch]:
    """The parts of a shift that is no longer so, by its code; the whole time where nobody knows it any more."""
    shift = rulebook.shift(answer.code) if rulebook else None
    if shift is not None:
        spans = [(span.start, span.end) for span in shift.spans]
        parts = stretches_of(answer.business_date, spans, member.department.zone)
        if parts and (parts[0].starts_at, parts[-1].ends_at) == (answer.starts_at, answer.ends_at):
            return parts
    return [Stretch(answer.starts_at, answer.ends_at)]


def _title(rulebook: Rulebook | None, code: str) -> str:
    shift = rulebook.shift(code) if rulebook else None
    return str(shift.name) if shift else code


def _leaves(member: Membership, now: datetime) -> list[Entry]:
    since = member.department.local(now).date() - DAYS_BACK
    shown = Leave.objects.filter(membership=member, state__in=[LeaveState.APPROVED, LeaveState.CANCELLED])
    found = [entry_of_leave(leave, _leave_title(leave), now) for leave in shown.filter(last_day__gte=since)]
    return [entry for entry in found if entry is not None]


def _leave_title(leave: Leave) -> str:
    kind = version_by_id(leave.rulebook_version_id).leave_kind(leave.kind)
    return str(kind.name) if kind else leave.kind
