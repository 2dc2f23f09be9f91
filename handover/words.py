"""Times as people say them: how long, by when, how long ago. Pure; the language is the active one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from office.lists import joined
from rulebooks.schema import ShiftType

# What falls due within this is marked, because a shift is not much longer.
SOON = timedelta(hours=1)


def in_words(length: timedelta) -> str:
    """A length of time in its two largest units, whole minutes, rounded down: "57 min", "1 h 27 min", "2 d 3 h"."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, rest = minutes // (24 * 60), minutes // 60 % 24, minutes % 60
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    return _("%(minutes)s min") % {"minutes": rest}


def names_of(shifts: Iterable[ShiftType]) -> str:
    """The names of shift types in one line."""
    return joined(shift.name for shift in shifts)


def moment(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    """An instant on the wall clock of `zone`: the time, before it the date when that is not today's, and the year."""
    wall, today = instant.astimezone(zone), now.astimezone(zone).date()
    if wall.date() == today:
        return f"{wall:%H:%M}"
    return f"{wall:%m-%d %H:%M}" if wall.year == today.year else f"{wall:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Due:
    """When something is due: the moment, what is left of the time, and whether it is over or nearly so."""

    at: str
    left: str
    is_over: bool
    is_soon: bool


def due_words(due_at: datetime, now: datetime, zone: ZoneInfo) -> Due:
    """What to say of a due time; overdue from the minute after it."""
    left = due_at - whole_minute(now)
    if left < timedelta():
        text = _("%(length)s overdue") % {"length": in_words(-left)}
    else:
        text = _("%(length)s left") % {"length": in_words(left)}
    return Due(
        at=moment(due_at, now, zone),
        left=text,
        is_over=left < timedelta(),
        is_soon=timedelta() <= left <= SOON,
    )


def whole_minute(instant: datetime) -> datetime:
    """The minute in which `instant` lies: people give times in minutes, and this one is not over."""
    return instant.astimezone(UTC).replace(second=0, microsecond=0)
