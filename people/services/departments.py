"""Departments, and what their rulebook says of them."""

import logging
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from office import audit
from people.models import Department, RoleRight, User, on_day

log = logging.getLogger(__name__)


def in_each_department(work: Callable[[Department], int | None], failure: str) -> int:
    """Do the work of the beat in every department; the sum of what came of it.

    What fails in one does not stop the others: `failure` is logged, with the department's code filled in.
    """
    found = 0
    for department in Department.objects.all():
        try:
            found += work(department) or 0
        except Exception:
            log.exception(failure, department.code)
    return found


@transaction.atomic
def create_department(*, actor: User | None, code: str, name: str, time_zone: str) -> Department:
    """A department without members and without a rulebook yet."""
    department = Department(code=code, name=name, time_zone=time_zone)
    department.full_clean()
    try:
        with transaction.atomic():
            department.save()
    except IntegrityError:
        # Somebody has just founded another under this code.
        raise ValidationError({"code": ValidationError(_("Another department has this code."), code="taken")}) from None
    audit.record(actor, "people.department.created", department, department=department)
    return department


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


def set_late_minutes(*, department: Department, minutes: int) -> None:
    """Let last days last `minutes` past midnight at least: so long a shift of the rulebook can run.

    Never less than before: a shift under the version before may still be running.
    """
    if minutes > department.late_minutes:
        department.late_minutes = minutes
        department.save(update_fields=["late_minutes"])
