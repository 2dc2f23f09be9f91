"""What an incident leads to under the rulebook in force on its business date; preview and decision share it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rulebooks.schema import Clause, Rulebook, Step
from rulebooks.services import in_force

from .escalation import Days, Rung, counted_days, place, rate
from .models import Incident, SanctionKind


@dataclass(frozen=True)
class Judgement:
    """Rulebook and clause judged by, the incidents counted before this one, its place, the step (None: no ladder)."""

    rulebook: Rulebook
    clause: Clause
    days: Days
    counted: tuple[Incident, ...]
    count: int
    rung: Rung[Step] | None

    @property
    def window(self) -> dict:
        """As data, to be kept with the sanction."""
        return {
            "kind": self.clause.window.kind,
            "days": self.clause.window.days,
            "first": self.days.first and self.days.first.isoformat(),
            "last": self.days.last and self.days.last.isoformat(),
            "incidents": [incident.pk for incident in self.counted],
        }


def kind_of(step: Step) -> str:
    """Which kind of sanction a step of a ladder is."""
    if step.fine_yuan is not None:
        return SanctionKind.FINE
    if step.warning is not None:
        return SanctionKind.WARNING
    return SanctionKind.POINTS if step.points is not None else SanctionKind.PROPOSAL


def judge(incident: Incident) -> Judgement:
    """Judge an incident as if it were confirmed now. To be acted on, call it with the ledger head locked.

    Raises NoRulebook, or ValidationError "unknown_clause" when the version in force on that day, published after the
    report, no longer has the clause.
    """
    rulebook = in_force(incident.department, incident.business_date)
    clause = rulebook.clause(incident.clause_code)
    if clause is None:
        raise ValidationError(
            _("The rulebook in force on %(day)s has no such clause.") % {"day": incident.business_date},
            code="unknown_clause",
        )
    days = counted_days(clause.window, incident.business_date)
    counted = (
        Incident.objects.confirmed()
        .filter(membership=incident.membership_id, clause_code=incident.clause_code)
        .exclude(pk=incident.pk)
        .between(days.first, days.last)
        .order_by("occurred_at", "id")
    )
    found = tuple(counted)
    count = place(clause.window, incident.business_date, (other.business_date for other in found))
    return Judgement(rulebook, clause, days, found, count, rate(clause.ladder, count))
