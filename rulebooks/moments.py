"""Moments that come round: a time of the day, written "17:00", and a day of the week with it."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _
from pydantic import BeforeValidator, Field

from .parts import Part, mistake, values

# In the order of date.weekday().
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
DAYS = values(
    monday=_("Monday"),
    tuesday=_("Tuesday"),
    wednesday=_("Wednesday"),
    thursday=_("Thursday"),
    friday=_("Friday"),
    saturday=_("Saturday"),
    sunday=_("Sunday"),
)
WEEK = timedelta(days=7)


def read_time(value: object) -> object:
    if isinstance(value, time):
        return value
    found = re.fullmatch("([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if found is None:
        raise mistake("time", _('Write a time as "17:00"; here stands {value}.'), value=str(value)[:60])
    return time(int(found[1]), int(found[2]))


ClockTime = Annotated[time, BeforeValidator(read_time)]


class WeekMoment(Part):
    """A moment of every week, on the department's wall clock."""

    weekday: Weekday = Field(title=_("Day"), description=_("The day of the week."), json_schema_extra=DAYS)
    time: ClockTime = Field(
        title=_("Time"), description=_('The time of that day, in quotes: "17:00".'), examples=["17:00"]
    )

    def last_before(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The newest of these moments that is not after `instant` (aware)."""
        wall = instant.astimezone(zone)
        day = wall.date() - timedelta(days=(wall.weekday() - WEEKDAYS.index(self.weekday)) % 7)
        found = datetime.combine(day, self.time, tzinfo=zone)
        return found if found <= instant else datetime.combine(day - WEEK, self.time, tzinfo=zone)

    def next_after(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The first of these moments that is after `instant` (aware)."""
        last = self.last_before(instant, zone)
        return datetime.combine((last.astimezone(zone) + WEEK).date(), self.time, tzinfo=zone)
