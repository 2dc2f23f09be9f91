"""Writing people: departments, members, role grants and rights."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from office import audit

from .models import Department, Membership, RoleGrant, RoleRight, User, on_day


@transaction.atomic
def create_department(*, actor: User | None, code: str, name: str, time_zone: str) -> Department:
    """A department without members and without a rulebook yet."""
    department = Department(code=code, name=name, time_zone=time_zone)
    department.full_clean()
    department.save()
    audit.record(actor, "people.department.created", department, department=department)
    return department


@transaction.atomic
def add_member(
    *,
    actor: User | None,
    department: Department,
    user: User,
    work_number: str,
    from_day: date,
    rostered: bool = True,
    scored: bool = True,
) -> Membership:
    """Make `user` a member from a day on; one membership of a department at a time, a work number once."""
    # Whoever adds the same person in the same moment waits here and finds them a member.
    department = Department.objects.select_for_update().get(pk=department.pk)
    if department.memberships.filter(user=user).touching(from_day, date.max).exists():
        raise ValidationError(_("%(name)s is a member already.") % {"name": user}, code="already_member")
    member = Membership(
        department=department, user=user, work_number=work_number, from_day=from_day, rostered=rostered, scored=scored
    )
    member.full_clean()
    member.save()
    audit.record(actor, "people.member.added", member, from_day=from_day)
    return member


@transaction.atomic
def grant_role(*, actor: User | None, department: Department, user: User, role: str, from_day: date) -> RoleGrant:
    """Give a role from a day on, without an end."""
    grant = RoleGrant(department=department, user=user, role=role, from_day=from_day)
    grant.full_clean()
    grant.save()
    audit.record(actor, "people.role.granted", grant, role=role, from_day=from_day)
    return grant


@transaction.atomic
def set_rights(*, department: Department, rights: Mapping[str, list[str]], from_day: date) -> None:
    """Let roles do exactly what `rights` (right → roles) says from `from_day` on; earlier days keep what held then."""
    department.role_rights.filter(from_day__gte=from_day).delete()
    department.role_rights.filter(on_day(from_day)).update(until_day=from_day - timedelta(days=1))
    RoleRight.objects.bulk_create(
        RoleRight(department=department, role=role, right=right, from_day=from_day)
        for right, roles in rights.items()
        for role in sorted(set(roles))
    )
