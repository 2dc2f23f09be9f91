"""What an incident's page shows: how it was judged, or how it would be if it were confirmed now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import F

from people.models import Right, User
from people.permissions import holders_of
from rulebooks.schema import Clause, Step
from rulebooks.services import version_by_id

from .judging import judge, kind_of
from .models import Incident, IncidentQuerySet, IncidentState, Payment, Sanction, SanctionKind
from .permissions import why_not_decide


@dataclass(frozen=True)
class LadderStep:
    """One step as it is drawn. `is_last` repeats for every later incident."""

    number: int
    kind: str
    step: Step
    is_current: bool
    is_last: bool

    @property
    def words(self) -> str:
        return str(self.step.warning or self.step.propose or "")


@dataclass(frozen=True)
class Reckoning:
    """Place in the window and step: decided (`sanction` given) or foreseen. `current` 0: the clause has no ladder."""

    clause: Clause
    version: int
    window_kind: str
    window_days: int | None
    counted: tuple[Incident, ...]
    count: int
    current: int
    sanction: Sanction | None = None

    @property
    def steps(self) -> list[LadderStep]:
        ladder = self.clause.ladder
        return [
            LadderStep(number, kind_of(step), step, number == self.current, number == len(ladder))
            for number, step in enumerate(ladder, start=1)
        ]


@dataclass(frozen=True)
class Case:
    """One incident as one reader may see it."""

    incident: Incident
    is_mine: bool
    reckoning: Reckoning | None
    payments: Sequence[Payment]
    overdue_days: int
    may_decide: bool
    why_not: str
    deciders: tuple[User, ...]
    # Why it cannot be confirmed as things stand; dismissing is still possible.
    trouble: str

    @property
    def waits(self) -> bool:
        return self.incident.state == IncidentState.REPORTED


def shown_incidents(request, department) -> IncidentQuerySet:
    """The department's incidents that the reader may see, each with `version`, the number of its rulebook."""
    found = Incident.objects.visible_to(request.user).filter(department=department)
    if request.department.is_former:
        # Whoever has left reads what is about themselves, no longer what they reported about others.
        found = found.filter(membership__user=request.user)
    return found.annotate(version=F("rulebook_version__number"))


def case_of(request, incident: Incident, today: date) -> Case:
    """Put the page together; `incident` comes from `shown_incidents` with its people loaded."""
    waits = incident.state == IncidentState.REPORTED
    why_not = why_not_decide(request, incident) if waits else ""
    reckoning, trouble = None, ""
    if not waits:
        reckoning = _decided(request, incident)
    elif not why_not:
        reckoning, trouble = _foreseen(incident)
    sanction = reckoning.sanction if reckoning else None
    fine = sanction if sanction and sanction.kind == SanctionKind.FINE else None
    return Case(
        incident=incident,
        is_mine=incident.membership.user_id == request.user.pk,
        reckoning=reckoning,
        payments=list(fine.payments.select_related("entry")) if fine else [],
        overdue_days=fine.overdue_days(today) if fine and fine.due_fen else 0,
        may_decide=waits and not why_not,
        why_not=why_not,
        deciders=_deciders(incident) if why_not else (),
        trouble=trouble,
    )


def _foreseen(incident: Incident) -> tuple[Reckoning | None, str]:
    try:
        judgement = judge(incident)
    except ValidationError as refusal:
        return None, " ".join(refusal.messages)
    window = judgement.clause.window
    return (
        Reckoning(
            clause=judgement.clause,
            version=judgement.rulebook.number,
            window_kind=window.kind,
            window_days=window.days,
            counted=judgement.counted,
            count=judgement.count,
            current=judgement.rung.number if judgement.rung else 0,
        ),
        "",
    )


def _decided(request, incident: Incident) -> Reckoning | None:
    """From what the sanction keeps, never judged anew; None where there is none or the reader may not see it."""
    sanctions = Sanction.objects.visible_to(request.user).filter(incident=incident).with_due().select_related("entry")
    sanction = sanctions.first()
    if sanction is None:
        return None
    rulebook = version_by_id(sanction.rulebook_version_id)
    clause = rulebook.clause(sanction.clause_code)
    assert clause is not None  # it was judged by this clause of this version, which never changes
    before = shown_incidents(request, incident.department_id).filter(pk__in=sanction.window["incidents"])
    return Reckoning(
        clause=clause,
        version=rulebook.number,
        window_kind=sanction.window["kind"],
        window_days=sanction.window["days"],
        counted=tuple(before.order_by("occurred_at", "id")),
        count=sanction.count,
        current=sanction.step,
        sanction=sanction,
    )


def _deciders(incident: Incident) -> tuple[User, ...]:
    """Who may decide it: holders of the right who neither reported it nor are concerned."""
    concerned = [incident.membership.user_id, *([incident.reported_by_id] if incident.reported_by_id else [])]
    return tuple(holders_of(incident.department, Right.DECIDE_INCIDENT).exclude(pk__in=concerned))
