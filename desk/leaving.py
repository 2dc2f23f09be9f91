"""Leaving a department, and moving to another: what a last day means for roster, notebooks and dues."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from handover.models import HandoverItem
from handover.services import release_items
from ledger.models import Incident, IncidentState, Sanction
from people.models import Department, Membership, Right, User
from people.permissions import has_right
from people.services import add_member, correct_member, grant_role, set_last_day
from shifts.models import Assignment, Layer
from shifts.services import last_worked_day, planned_after, refuse_while_planned, release_shifts


@dataclass(frozen=True)
class LeftBehind:
    """What somebody leaves behind after a last day. Money in fen."""

    # Published shifts after the day, and how many more cells only the draft has.
    shifts: list[Assignment]
    drafted: int
    items: list[HandoverItem]
    unpaid_fen: int
    fines: int
    worked_until: date | None

    @property
    def is_nothing(self) -> bool:
        return not (self.shifts or self.drafted or self.items or self.fines)


def left_behind(member: Membership, last_day: date) -> LeftBehind:
    """What the page shows before somebody's last day is set."""
    planned = list(planned_after(member, last_day))
    fines = Sanction.objects.fines().filter(membership=member).outstanding()
    sums = fines.order_by().aggregate(fen=Sum("due_fen", default=0))
    shifts = [row for row in planned if row.layer == Layer.PUBLISHED and not row.is_rest]
    published = {(row.business_date, row.code) for row in shifts}
    return LeftBehind(
        shifts=shifts,
        drafted=sum(
            row.layer == Layer.DRAFT and not row.is_rest and (row.business_date, row.code) not in published
            for row in planned
        ),
        items=list(HandoverItem.objects.open().filter(owner=member)),
        unpaid_fen=sums["fen"],
        fines=fines.count(),
        worked_until=last_worked_day(member),
    )


@transaction.atomic
def correct(*, actor: User, member: Membership, rostered: bool, **facts) -> Membership:
    """Correct a member; refuses to take somebody off the roster who is planned still ("still_planned")."""
    corrected = correct_member(actor=actor, member=member, rostered=rostered, **facts)
    if member.rostered and not rostered:
        refuse_while_planned(member=member)
    return corrected


@transaction.atomic
def leave(*, actor: User, member: Membership, last_day: date | None) -> list[date]:
    """Set, move or take back (None) a last day; says the days whose published shifts have lost the member.

    Membership and roles end with it, planned shifts after it are taken away, and open items go to the queue when it is
    over (at once when it is over already, else by the beat). Taking it back does not bring shifts back.

    Refuses, besides what `people.services.set_last_day` does, a day before the last worked shift ("has_worked") or
    before the last incident that was not dismissed ("has_incident").
    """
    if last_day is not None and (worked := last_worked_day(member)) and last_day < worked:
        raise ValidationError(
            _("%(name)s worked on %(day)s; the last day cannot be before.") % {"name": member.name, "day": worked},
            code="has_worked",
        )
    if last_day is not None and (happened := _last_incident(member)) and last_day < happened:
        raise ValidationError(
            _("%(name)s has an incident of %(day)s; the last day cannot be before.")
            % {"name": member.name, "day": happened},
            code="has_incident",
        )
    member = set_last_day(actor=actor, member=member, last_day=last_day)
    if last_day is None:
        return []
    lost = release_shifts(member=member, last_day=last_day, actor=actor)
    release_items(member=member)
    return lost


def _last_incident(member: Membership) -> date | None:
    """The date of the last incident of the member that stands or may stand."""
    days = Incident.objects.filter(membership=member).exclude(state=IncidentState.DISMISSED).order_by("-business_date")
    return days.values_list("business_date", flat=True).first()


@transaction.atomic
def move(
    *, actor: User, member: Membership, target: Department, last_day: date, work_number: str, roles: Iterable[str]
) -> Membership:
    """Leave one department with `last_day` and belong to another from the next day on; says the new membership.

    What happened before stays with the old membership. Refuses, besides what leaving and adding do, the same department
    ("same_department") and one whose members the actor does not manage ("not_yours").
    """
    if target.pk == member.department_id:
        raise ValidationError(_("Choose another department."), code="same_department")
    if not has_right(actor, target, Right.MANAGE_MEMBERS):
        raise ValidationError(_("You do not manage the members of %(name)s.") % {"name": target}, code="not_yours")
    # Two who move people in opposite directions wait for each other, never in a circle.
    both = Department.objects.select_for_update(no_key=True).filter(pk__in=[target.pk, member.department_id])
    list(both.order_by("pk"))
    leave(actor=actor, member=member, last_day=last_day)
    first_day = last_day + timedelta(days=1)
    added = add_member(
        actor=actor,
        department=target,
        user=member.user,
        work_number=work_number,
        from_day=first_day,
        rostered=member.rostered,
        scored=member.scored,
    )
    held = target.role_grants.filter(user=member.user, until_day=None, from_day__lte=first_day)
    for role in sorted(set(roles) - set(held.values_list("role", flat=True))):
        grant_role(actor=actor, department=target, user=member.user, role=role, from_day=first_day)
    return added
