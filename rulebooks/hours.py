"""The hours of a shift: stretches of wall-clock time, written "17:00-01:00"."""

import re
from datetime import time

from django.utils.translation import gettext_noop as _

from .parts import Part, mistake

DAY = 24 * 60


def minute_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class Span(Part):
    """One stretch of a shift, wall-clock times; an end at or before its start is on the next day."""

    start: time
    end: time

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


def read_span(value: object) -> object:
    hour, minute = "([01][0-9]|2[0-3])", "([0-5][0-9])"
    found = re.fullmatch(f"{hour}:{minute}-(?:(24):(00)|{hour}:{minute})", value) if isinstance(value, str) else None
    if found is None:
        message = _('Write from when to when as "08:00-17:00"; here stands {value}.')
        raise mistake("span", message, value=str(value)[:60])
    hours, minutes = found[3] or found[5], found[4] or found[6]
    return {"start": time(int(found[1]), int(found[2])), "end": time(int(hours) % 24, int(minutes))}


def end_minute(spans: tuple[Span, ...]) -> int:
    """When the last span ends, in minutes from the midnight at which the shift's day begins."""
    end = minute_of(spans[0].start)
    for span in spans:
        # The next time that this wall-clock time comes round: an overlap shows as a whole day too much.
        start = end + (minute_of(span.start) - end) % DAY
        end = start + ((minute_of(span.end) - start) % DAY or DAY)
    return end


def spans_in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Spans follow one another and, with the breaks between them, last at most 24 hours."""
    if end_minute(spans) - minute_of(spans[0].start) > DAY:
        message = _("The hours of a shift must follow one another and end within 24 hours of its beginning.")
        raise mistake("spans", message)
    return spans
