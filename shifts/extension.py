"""How a shift runs on by itself while customers are still asking. Pure.

The planned end never changes. After it, every stretch in which the agent had open customers is a segment, until none is
left, clock-out, or the rulebook's cap; the duty person has no cap. A report that has grown older than `silent_after`
proves nothing any more: from there to the next report (or to the cap) a segment is unconfirmed, and the supervisor is
asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Report:
    """What was said at an instant: so many open customers, and who said it."""

    at: datetime
    open_customers: int
    source: str


@dataclass(frozen=True)
class Segment:
    """A stretch of extension, half-open. `confirmed` is false where no fresh report proves it."""

    starts_at: datetime
    ends_at: datetime
    open_customers: int
    source: str
    confirmed: bool


def segments(
    reports: Sequence[Report],
    *,
    planned_end: datetime,
    cap: timedelta | None,
    silent_after: timedelta,
    until: datetime,
) -> list[Segment]:
    """The segments from `planned_end` to `until` (now, or clock-out), none of them later than `cap` after the end.

    Without a cap (None) they go on to `until`: so it is for the duty person, who stays until the last customer.
    `reports` are in order of time. The last report before the planned end counts from then on. Neighbouring segments
    differ in count, source or confirmation. Instants are aware; durations elapsed.
    """
    end = until if cap is None else min(until, planned_end + cap)
    found: list[Segment] = []
    for report, following in zip(reports, [*reports[1:], None], strict=False):
        valid_to = min(following.at if following else end, end)
        fresh_to = min(report.at + silent_after, valid_to)
        if report.open_customers <= 0:
            continue
        for start, stop, confirmed in (
            (max(report.at, planned_end), fresh_to, True),
            (max(fresh_to, planned_end), valid_to, False),
        ):
            if start < stop:
                _append(found, Segment(start, stop, report.open_customers, report.source, confirmed))
    return found


def _append(found: list[Segment], segment: Segment) -> None:
    last = found[-1] if found else None
    same = last and (last.ends_at, last.open_customers, last.source, last.confirmed) == (
        segment.starts_at,
        segment.open_customers,
        segment.source,
        segment.confirmed,
    )
    if last and same:
        found[-1] = Segment(last.starts_at, segment.ends_at, last.open_customers, last.source, last.confirmed)
    else:
        found.append(segment)


def minutes(found: Sequence[Segment]) -> int:
    """Whole minutes of extension, confirmed or not."""
    return int(sum((s.ends_at - s.starts_at for s in found), timedelta()).total_seconds() // 60)
