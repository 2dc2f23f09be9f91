"""What somebody's shift shows that the rulebook may have a clause for, in words for whoever decides.

Pure but for the texts: everything is given. The words are in the language that is active.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _

from people.models import Membership
from rulebooks.schema import Attendance as Rules
from shifts.models import Attendance, Away, Permission, ReportSource
from shifts.punctuality import judge, limits_of, time_within, whole_minutes, without
from shifts.spans import Stretch

Event = Literal["late", "left_early", "absent", "off_post"]


@dataclass(frozen=True)
class Worked:
    """One planned shift with what came of it. Instants are aware; `came_at` None: nobody came and it is over.

    `attendance`, for `off_post`, has its reports and absences loaded.
    """

    assignment_id: int
    membership: Membership
    business_date: date
    code: str
    planned: tuple[Stretch, ...]
    leave: tuple[Stretch, ...]
    rules: Rules
    came_at: datetime | None
    left_at: datetime | None
    attendance: Attendance | None = None

    @property
    def begin(self) -> datetime:
        return self.planned[0].starts_at

    @property
    def end(self) -> datetime:
        return self.planned[-1].ends_at

    def wall(self, instant: datetime) -> str:
        return f"{self.membership.department.local(instant):%H:%M}"

    @property
    def words(self) -> dict[str, str]:
        return {"day": self.business_date.isoformat(), "start": self.wall(self.begin), "end": self.wall(self.end)}


@dataclass(frozen=True)
class Finding:
    """Something to propose: under which event, about whom, when it happened, and what it came from, once for ever.

    `source`: kind and key of the row that it is found by.
    """

    event: Event
    membership: Membership
    occurred_at: datetime
    shift_began: datetime
    facts: str
    source: tuple[str, int]
    label: str


def punctuality(shift: Worked) -> Iterator[Finding]:
    """Absent, or late and left early."""
    if not shift.planned:
        return
    found = judge(
        shift.planned, came_at=shift.came_at, left_at=shift.left_at, leave=shift.leave, limits=limits_of(shift.rules)
    )
    begin = found.since or shift.begin
    if found.absent:
        yield _of(shift, "absent", begin, _absence(shift, begin))
    if found.late and shift.came_at is not None:
        facts = _("%(day)s, planned %(start)s–%(end)s: came at %(came)s, %(minutes)s min late.")
        came = {"came": shift.wall(shift.came_at), "minutes": found.late}
        yield _of(shift, "late", begin, facts % (shift.words | came))
    if found.left_early and shift.left_at is not None:
        facts = _("%(day)s, planned %(start)s–%(end)s: left at %(left)s, %(minutes)s min early.")
        left = {"left": shift.wall(shift.left_at), "minutes": found.left_early}
        yield _of(shift, "left_early", max(shift.left_at, begin), facts % (shift.words | left))


def _absence(shift: Worked, begin: datetime) -> str:
    if shift.came_at is None:
        return _("%(day)s, planned %(start)s–%(end)s: did not come.") % shift.words
    came = {"came": shift.wall(shift.came_at)}
    missed = whole_minutes(time_within(without(shift.planned, shift.leave), begin, shift.came_at))
    limit = shift.rules.absent_after_minutes
    if limit is not None and missed > limit:
        facts = _(
            "%(day)s, planned %(start)s–%(end)s: came at %(came)s, %(minutes)s min late; more than %(limit)s count as "
            "absence."
        )
        return facts % (shift.words | came | {"minutes": missed, "limit": limit})
    left = {"left": shift.wall(shift.left_at) if shift.left_at else ""}
    facts = _("%(day)s, planned %(start)s–%(end)s: here from %(came)s to %(left)s only, at no time of the shift.")
    return facts % (shift.words | came | left)


def _of(shift: Worked, event: Event, occurred_at: datetime, facts: str, source: tuple[str, int] | None = None):
    return Finding(
        event=event,
        membership=shift.membership,
        occurred_at=occurred_at,
        shift_began=shift.begin,
        facts=facts,
        source=source or ("shifts.assignment", shift.assignment_id),
        label=f"{shift.business_date} {shift.code}",
    )


def off_post(shift: Worked, until: datetime) -> Iterator[Finding]:
    """Away for too long, away without the permission it needs, and silent without having said anything."""
    if shift.attendance is None:
        return
    owed = without(shift.planned, shift.leave)
    end = min(filter(None, [until, shift.attendance.clocked_out_at]))
    absences = list(shift.attendance.absences.all())
    for away in absences:
        yield from _away(shift, owed, away, min(away.back_at or end, end))
    yield from _silences(shift, owed, absences, end)


def _away(shift: Worked, owed: list[Stretch], away: Away, back: datetime) -> Iterator[Finding]:
    rule = shift.rules.away_reason(away.reason)
    minutes = whole_minutes(time_within(owed, away.left_at, back))
    words = {
        "day": shift.business_date.isoformat(),
        "reason": str(rule.name) if rule else away.reason,
        "left": shift.wall(away.left_at),
        "minutes": minutes,
    }
    unanswered = away.permission == Permission.ASKED and away.back_at is not None
    most = rule.minutes_at_most if rule else None
    if unanswered and minutes > (shift.rules.off_post_after_minutes or 0):
        facts = _("%(day)s: away from %(left)s for %(minutes)s min (%(reason)s) without the permission that it needs.")
        yield _of(shift, "off_post", away.left_at, facts % words, ("shifts.away", away.pk))
    elif away.permission != Permission.REFUSED and most is not None and minutes > most:
        facts = _("%(day)s: away from %(left)s for %(minutes)s min (%(reason)s); at most %(most)s are allowed.")
        over = away.left_at + timedelta(minutes=most)
        yield _of(shift, "off_post", over, facts % (words | {"most": most}), ("shifts.away", away.pk))


def _silences(shift: Worked, owed: list[Stretch], absences: list[Away], end: datetime) -> Iterator[Finding]:
    """Gaps between reports, once the chat tool has reported at all: without it nothing is known."""
    limit = shift.rules.off_post_after_minutes
    attendance = shift.attendance
    reports = list(attendance.reports.all()) if attendance else []
    first = next((place for place, report in enumerate(reports) if report.source == ReportSource.API), None)
    if limit is None or first is None:
        return
    said = [
        Stretch(away.left_at, away.back_at or end)
        for away in absences
        if away.permission != Permission.REFUSED and (away.back_at or end) > away.left_at
    ]
    present = without(owed, said)
    last = min(end, shift.end)
    for report, following in zip(reports[first:], [*(each.at for each in reports[first + 1 :]), last], strict=True):
        silent = [(max(one.starts_at, report.at), min(one.ends_at, following, last)) for one in present]
        longest = max(silent, key=lambda part: part[1] - part[0], default=None)
        if longest is None or whole_minutes(longest[1] - longest[0]) <= limit:
            continue
        facts = _(
            "%(day)s: nothing was heard from the chat tool from %(since)s on for %(minutes)s min, and they had not "
            "said that they were away; more than %(limit)s count as off post."
        )
        words = {
            "day": shift.business_date.isoformat(),
            "since": shift.wall(longest[0]),
            "minutes": whole_minutes(longest[1] - longest[0]),
            "limit": limit,
        }
        over = longest[0] + timedelta(minutes=limit)
        yield _of(shift, "off_post", over, facts % words, ("shifts.presencereport", report.pk))
