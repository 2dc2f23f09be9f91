"""Facts of a month as rows, for the scores to count."""

from datetime import date, datetime, time, timedelta

from handover.models import Handover, ServiceStatistic
from kpi.models import ScoreLine, ScoreRun
from ledger.models import Incident, IncidentState
from office.months import Month
from rulebooks.services import in_force
from shifts.models import Assignment, Attendance, Layer

OCTOBER = Month(2026, 10)
EARLY = time(8, 0)


def instant(member, text: str) -> datetime:
    """ "2026-10-03 17:00" on the wall clock of the member's department."""
    return datetime.fromisoformat(text).replace(tzinfo=member.department.zone)


def served(member, day: date, closed: int, of: int, *, at: str = "", supersedes=None) -> ServiceStatistic:
    """A line of the statistics; recorded in the evening of its day unless said otherwise."""
    return ServiceStatistic.objects.create(
        membership=member,
        business_date=day,
        served=of,
        closed=closed,
        enquiries=0,
        sales_fen=0,
        recorded_at=instant(member, at or f"{day} 20:00"),
        recorded_by=member.user,
        supersedes=supersedes,
    )


def worked(member, day: date, code: str, *, handed_over: bool | str = True, out: bool = True) -> Attendance:
    """A shift from 08:00 to 17:00; the handover a minute before the clock-out, never, or at the time given."""
    rulebook = in_force(member.department, day)
    start, end = instant(member, f"{day} 08:00"), instant(member, f"{day} 17:00")
    assignment = Assignment.objects.create(
        layer=Layer.PUBLISHED, membership=member, business_date=day, code=code, starts_at=start, ends_at=end
    )
    attendance = Attendance.objects.create(
        assignment=assignment,
        membership=member,
        code=code,
        business_date=day,
        planned_start=start,
        planned_end=end,
        rulebook_version_id=rulebook.version_id,
        clocked_in_at=start,
        clocked_out_at=end if out else None,
    )
    if handed_over:
        at = end - timedelta(minutes=1) if handed_over is True else instant(member, f"{day} {handed_over}")
        Handover.objects.create(department=member.department, attendance=attendance, giver=member, submitted_at=at)
    return attendance


def incident(member, day: date, *, decided: str = "", state=IncidentState.CONFIRMED) -> Incident:
    """An incident under the first clause of the rulebook, decided the next morning unless said otherwise."""
    rulebook = in_force(member.department, day)
    clause = rulebook.clauses[0]
    is_open = state == IncidentState.REPORTED
    return Incident.objects.create(
        department=member.department,
        membership=member,
        rulebook_version_id=rulebook.version_id,
        clause_code=clause.code,
        clause_number=clause.number,
        clause_text=clause.text.both,
        occurred_at=instant(member, f"{day} 10:00"),
        business_date=day,
        facts="seen",
        reported_at=instant(member, f"{day} 11:00"),
        state=state,
        decided_at=None if is_open else instant(member, decided or f"{day + timedelta(days=1)} 09:00"),
    )


def line(run: ScoreRun, member, indicator: str) -> ScoreLine:
    return ScoreLine.objects.get(scorecard__run=run, scorecard__membership=member, indicator=indicator)


def stored(run: ScoreRun) -> dict[str, list[dict]]:
    """Every row of a run with all its columns, keys included."""
    return {
        "run": list(ScoreRun.objects.filter(pk=run.pk).values()),
        "cards": list(run.scorecards.order_by("pk").values()),
        "lines": list(ScoreLine.objects.filter(scorecard__run=run).order_by("pk").values()),
    }
