"""The month's scores against one hand-written GROUP BY that yields the same sums."""

from typing import Any

from django.db import connection

from kpi import services
from kpi.models import ScoreLine, ScoreRun
from office import clock
from people.models import Role

from .measure import Side, Yardstick
from .world import MONTH, OVER, Desk, desk, month_of_facts

# Everything that a month's lines are counted from, a row a member: closed, served, handed over, shifts, incidents,
# answer. Each part says which rows count, as kpi/metrics.py does. All three shifts of the rulebook hand over.
SUMS = """
SELECT membership_id, SUM(closed), SUM(served), SUM(submitted), SUM(shifts), SUM(incidents), MAX(choice)
FROM (
    SELECT s.membership_id, s.closed, s.served, 0 AS submitted, 0 AS shifts, 0 AS incidents, '' AS choice
    FROM handover_servicestatistic s
    LEFT JOIN handover_servicestatistic later ON later.supersedes_id = s.id AND later.recorded_at <= %(as_of)s
    WHERE s.business_date BETWEEN %(first)s AND %(last)s AND s.recorded_at <= %(as_of)s AND later.id IS NULL
  UNION ALL
    SELECT a.membership_id, 0, 0,
        CASE WHEN h.submitted_at <= a.clocked_out_at AND t.id IS NULL THEN 1 ELSE 0 END, 1, 0, ''
    FROM shifts_attendance a
    LEFT JOIN handover_handover h ON h.attendance_id = a.id
    LEFT JOIN handover_takeback t ON t.handover_id = h.id AND t.again_at IS NULL
    WHERE a.business_date BETWEEN %(first)s AND %(last)s AND a.clocked_out_at <= %(as_of)s
  UNION ALL
    SELECT i.membership_id, 0, 0, 0, 0, 1, ''
    FROM ledger_incident i
    WHERE i.business_date BETWEEN %(first)s AND %(last)s AND i.state = 'confirmed' AND i.decided_at <= %(as_of)s
  UNION ALL
    SELECT j.membership_id, 0, 0, 0, 0, 0, j.choice
    FROM kpi_judgement j
    LEFT JOIN kpi_judgement later ON later.supersedes_id = j.id AND later.recorded_at <= %(as_of)s
    WHERE j.month = %(first)s AND j.indicator = 'judgement' AND j.recorded_at <= %(as_of)s AND later.id IS NULL
) counted
JOIN people_membership m ON m.id = membership_id
WHERE m.department_id = %(department)s AND m.scored
GROUP BY membership_id
"""


class Month:
    """A department whose month is over, to be scored."""

    def __init__(self, code: str, agents: int):
        self.desk: Desk = desk(code, agents)
        month_of_facts(self.desk)
        as_of = connection.ops.adapt_datetimefield_value(OVER)
        self.params: dict[str, Any] = {
            "department": self.desk.department.pk,
            "first": MONTH.first,
            "last": MONTH.last,
            "as_of": as_of,
        }

    def score(self, _given: object = None) -> int:
        with clock.at(OVER):
            services.score_month(department=self.desk.department, month=MONTH, actor=self.desk.office[Role.MANAGER])
        return 0

    def forget(self) -> None:
        ScoreRun.objects.filter(department=self.desk.department).delete()

    def sums(self) -> dict[int, tuple]:
        with connection.cursor() as cursor:
            cursor.execute(SUMS, self.params)
            return {member: tuple(sums) for member, *sums in cursor.fetchall()}

    def bare(self, _given: object) -> int:
        self.sums()
        return 0

    def proof(self) -> None:
        """The scorecards hold what the hand-written statement counts."""
        self.score()
        lines = ScoreLine.objects.filter(scorecard__run__department=self.desk.department).order_by()
        rows = lines.values_list("scorecard__membership", "indicator", "numerator", "denominator", "inputs")
        held: dict[int, dict] = {}
        for member, indicator, numerator, denominator, inputs in rows:
            held.setdefault(member, {})[indicator] = (numerator, denominator, inputs.get("choice", ""))
        found = {
            member: (
                *of["conversion"][:2],
                *of["handover"][:2],
                of["discipline"][0],
                of["judgement"][2],
            )
            for member, of in held.items()
        }
        assert found == self.sums(), "The scorecards and the hand-written sums differ."


def first_time(agents: int) -> Yardstick:
    """`score_month` of a month that has no scorecards yet; they are taken away after every sample."""
    month = Month(f"scoring-{agents}", agents)
    return Yardstick(
        name=f"scoring-{agents}",
        ours=Side(month.score, ready=month.forget),
        bare=Side(month.bare),
        proof=month.proof,
    )


def again(agents: int) -> Yardstick:
    """`score_month` of a month in which nothing has changed since: nothing is written."""
    month = Month(f"scoring-again-{agents}", agents)
    month.score()
    return Yardstick(
        name=f"scoring-again-{agents}",
        ours=Side(month.score),
        bare=Side(month.bare),
        proof=month.proof,
    )
