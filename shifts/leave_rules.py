"""What the rulebook says about a leave slip: when it may be asked for, and who else is off. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rulebooks.schema import LeaveKind
from shifts.spans import Stretch, instant_of

# A first day further ahead than this is a slip of the finger; a slip of more days is none that any rulebook knows.
FURTHEST = timedelta(days=366)
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Wish:
    """The time of a slip: whole business dates from first to last, or (both instants given) hours of one of them."""

    first: date
    last: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def is_hours(self) -> bool:
        return self.starts_at is not None

    @property
    def length(self) -> int:
        """In days, both ends counted."""
        return (self.last - self.first).days + 1

    def clashes(self, other: "Wish") -> bool:
        """Whether both take the same time: hours of one day only where they overlap, whole days with anything of it."""
        if self.first > other.last or other.first > self.last:
            return False
        if self.starts_at and self.ends_at and other.starts_at and other.ends_at:
            return self.starts_at < other.ends_at and other.starts_at < self.ends_at
        return True

    def words(self, zone: ZoneInfo) -> str:
        """ "2026-11-12", "2026-11-12 – 2026-11-14" or "2026-11-12 17:00–18:30", the same in every language."""
        if self.starts_at and self.ends_at:
            start, end = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
            return f"{self.first} {start:%H:%M}–{end:%H:%M}"
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"


def days_between(first: date, last: date) -> list[date]:
    """All days from first to last, both included; none when they are the wrong way round."""
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def refuse_impossible(wish: Wish, today: date) -> None:
    """Refuse what no rulebook needs to be asked about: "days_in_order", "too_far", "too_long", "no_hours"."""
    if wish.last < wish.first:
        raise ValidationError(_("The last day is before the first."), code="days_in_order")
    if wish.first > today + FURTHEST:
        raise ValidationError(_("This is more than a year ahead."), code="too_far")
    if wish.length > LONGEST_DAYS:
        raise ValidationError(_("A slip has at most %(most)s days.") % {"most": LONGEST_DAYS}, code="too_long")
    if (wish.starts_at is None) != (wish.ends_at is None):
        raise ValidationError(_("Hours have a beginning and an end."), code="no_hours")
    if wish.starts_at and wish.ends_at:
        if wish.first != wish.last:
            raise ValidationError(_("Hours are taken of one day."), code="days_in_order")
        if wish.ends_at <= wish.starts_at:
            raise ValidationError(_("These hours have no length."), code="no_hours")


def refusals(wish: Wish, kind: LeaveKind, *, today: date, has_file: bool) -> list[ValidationError]:
    """Everything that the rulebook has against this slip: "taken_in", "notice", "days_at_most", "attachment"."""
    found = []
    if wish.is_hours and kind.taken_in == "days":
        text = _("%(kind)s is taken in whole days.") % {"kind": kind.name}
        found.append(ValidationError(text, code="taken_in"))
    if not wish.is_hours and kind.taken_in == "hours":
        text = _("%(kind)s is taken in hours of one day.") % {"kind": kind.name}
        found.append(ValidationError(text, code="taken_in"))
    if kind.notice_days and (wish.first - today).days < kind.notice_days:
        text = ngettext(
            "%(kind)s must be asked for %(days)s day before: the first day possible is %(day)s.",
            "%(kind)s must be asked for %(days)s days before: the first day possible is %(day)s.",
            kind.notice_days,
        )
        earliest = today + timedelta(days=kind.notice_days)
        facts = {"kind": kind.name, "days": kind.notice_days, "day": earliest}
        found.append(ValidationError(text % facts, code="notice"))
    if kind.days_at_most and wish.length > kind.days_at_most:
        text = _("One slip of %(kind)s has at most %(most)s days; these are %(days)s.")
        facts = {"kind": kind.name, "most": kind.days_at_most, "days": wish.length}
        found.append(ValidationError(text % facts, code="days_at_most"))
    if kind.attachment == "required" and not has_file:
        text = _("%(kind)s needs an attachment, such as a doctor's note.") % {"kind": kind.name}
        found.append(ValidationError(text, code="attachment"))
    if kind.attachment == "none" and has_file:
        text = _("%(kind)s takes no attachment.") % {"kind": kind.name}
        found.append(ValidationError(text, code="attachment"))
    return found


def people_off(slips: Iterable[tuple[int, date, date]], first: date, last: date) -> dict[date, set[int]]:
    """Who is off on each day from first to last, by (person, first day, last day) of whole days' slips."""
    off: dict[date, set[int]] = {day: set() for day in days_between(first, last)}
    for person, begins, ends in slips:
        for day in days_between(max(begins, first), min(ends, last)):
            off[day].add(person)
    return off


def full_days(
    slips: Iterable[tuple[int, date, date]], wish: Wish, *, person: int, people_a_day_at_most: int | None
) -> list[date]:
    """Days of the wish on which so many others are off that this person cannot be; hours of a day take no place."""
    if people_a_day_at_most is None or wish.is_hours:
        return []
    off = people_off(slips, wish.first, wish.last)
    return [day for day, people in off.items() if len(people - {person}) >= people_a_day_at_most]


def hours_on(day: date, start: time, end: time, zone: ZoneInfo, shift: Sequence[Stretch]) -> Stretch | None:
    """The instants of wall-clock hours of a business date; None when the change of clocks leaves nothing of them.

    An end at or before its start is on the next day. The hours of a night shift after midnight belong to the date on
    which it began: where the shift of the date (`shift`) has more of them on the next day, they are meant there.
    """
    today, next_day = (_hours(day + timedelta(days=later), start, end, zone) for later in (0, 1))
    found = next_day if overlap(next_day, shift) > overlap(today, shift) else today
    return found if found.ends_at > found.starts_at else None


def _hours(day: date, start: time, end: time, zone: ZoneInfo) -> Stretch:
    end_day = day + timedelta(days=1) if end <= start else day
    return Stretch(instant_of(day, start, zone), instant_of(end_day, end, zone))


def overlap(hours: Stretch, shift: Iterable[Stretch]) -> timedelta:
    """How much of the hours lies within a shift."""
    common = (min(hours.ends_at, part.ends_at) - max(hours.starts_at, part.starts_at) for part in shift)
    return sum((each for each in common if each > timedelta()), timedelta())


def inside_day(wish: Wish, zone: ZoneInfo, late_minutes: int) -> bool:
    """Whether hours lie within their business date: its own calendar day, and as long as a night of it can last."""
    if wish.starts_at is None or wish.ends_at is None:
        return True
    next_day = wish.first + timedelta(days=1)
    midnight = instant_of(next_day, time(), zone)
    # On the night of a change of clocks so many minutes end at another time of the wall clock: whichever is later.
    by_the_wall = (datetime.combine(next_day, time()) + timedelta(minutes=late_minutes)).replace(tzinfo=zone)
    ends = max(midnight + timedelta(minutes=late_minutes), by_the_wall.astimezone(UTC))
    return instant_of(wish.first, time(), zone) <= wish.starts_at.astimezone(UTC) and wish.ends_at <= ends
