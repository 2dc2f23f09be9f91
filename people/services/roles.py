"""Giving roles and ending them."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from office import audit
from people.models import Department, Right, Role, RoleGrant, RoleRight, User, on_day


@transaction.atomic
def grant_role(*, actor: User | None, department: Department, user: User, role: str, from_day: date) -> RoleGrant:
    """Give a role from a day on, without an end. One that is held then, or will be, is not given twice."""
    held = department.role_grants.filter(user=user, role=role).filter(Q(until_day=None) | Q(until_day__gte=from_day))
    if held.exists():
        facts = {"name": user, "role": Role(role).label}
        raise ValidationError(_("%(name)s holds the role already: %(role)s.") % facts, code="already_granted")
    grant = RoleGrant(department=department, user=user, role=role, from_day=from_day)
    grant.full_clean()
    grant.save()
    audit.record(actor, "people.role.granted", grant, role=role, from_day=from_day)
    return grant


@transaction.atomic
def end_role(*, actor: User | None, grant: RoleGrant, last_day: date) -> RoleGrant | None:
    """Let a role end with `last_day`; one that would not even have begun by then is taken back (None).

    Refuses a role that is over ("over"), a day before the beginning of one that has begun ("before_beginning") and to
    take the last one away that lets somebody manage members ("last_keeper").
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=grant.department_id)
    grant = RoleGrant.objects.select_for_update().select_related("user").get(pk=grant.pk)
    if grant.until_day is not None and grant.until_day < department.today():
        raise ValidationError(_("This role has ended already."), code="over")
    if last_day < grant.from_day <= department.today():
        raise ValidationError(
            _("The role began on %(day)s; it cannot end before.") % {"day": grant.from_day}, code="before_beginning"
        )
    had_keepers = is_kept(department)
    ended = _end(actor, grant, last_day)
    if had_keepers:
        refuse_without_keepers(department, last_day)
    return ended


def _end(actor: User | None, grant: RoleGrant, last_day: date) -> RoleGrant | None:
    """Write the end of one grant, whatever it means for the department."""
    if last_day < grant.from_day:
        audit.record(actor, "people.role.taken_back", grant, role=grant.role, from_day=grant.from_day)
        grant.delete()
        return None
    before, grant.until_day = grant.until_day, last_day
    grant.save(update_fields=["until_day"])
    audit.record(
        actor, "people.role.ended", grant, role=grant.role, before={"until": before}, after={"until": last_day}
    )
    return grant


def end_roles_of(*, actor: User | None, department: Department, user: User, last_day: date) -> None:
    """End all of a person's roles in the department with `last_day`; the caller looks after its keepers."""
    still = Q(until_day=None) | Q(until_day__gt=last_day)
    for grant in department.role_grants.select_for_update().filter(still, user=user).order_by("pk"):
        _end(actor, grant, last_day)


def move_end_of_roles(
    *, actor: User | None, department: Department, user: User, old_day: date, new_day: date | None
) -> None:
    """Roles that ended together with a membership follow its new last day (None: they go on)."""
    for grant in department.role_grants.select_for_update().filter(user=user, until_day=old_day).order_by("pk"):
        if new_day is not None:
            _end(actor, grant, new_day)
            continue
        grant.until_day = None
        grant.save(update_fields=["until_day"])
        audit.record(actor, "people.role.resumed", grant, role=grant.role, before={"until": old_day})


def keepers(department: Department, day: date) -> QuerySet[User]:
    """People who may manage the members on `day` and, as far as is known, ever after."""
    rights = RoleRight.objects.filter(on_day(day), department=department, right=Right.MANAGE_MEMBERS)
    grants = RoleGrant.objects.filter(
        department=department, until_day=None, from_day__lte=day, role__in=rights.values("role")
    )
    return User.objects.filter(is_active=True, pk__in=grants.values("user"))


def is_kept(department: Department) -> bool:
    """Whether anybody may manage the members now or later; where nobody can, nothing can be taken away."""
    not_over = Q(until_day=None) | Q(until_day__gte=department.today())
    rights = RoleRight.objects.filter(not_over, department=department, right=Right.MANAGE_MEMBERS)
    return department.role_grants.filter(not_over, role__in=rights.values("role")).exists()


def refuse_without_keepers(department: Department, last_day: date) -> None:
    """Somebody must be able to manage the members on the day after `last_day`; ask under the department's lock."""
    if not keepers(department, max(last_day, department.today()) + timedelta(days=1)).exists():
        raise ValidationError(
            _("Nobody else could then manage the members of %(department)s. Give somebody else such a role first.")
            % {"department": department},
            code="last_keeper",
        )
