"""Founding a department: the unit, its rulebook and its owner in one step."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from people.models import Department, Right, Role, User
from people.permissions import has_right
from people.services import create_department, grant_role
from rulebooks.reading import read
from rulebooks.services import import_rulebook


@transaction.atomic
def found_department(*, actor: User, name: str, code: str, source: bytes, from_day: date) -> Department:
    """A department under the rulebook of `source` from a day on, which must not lie ahead; `actor` becomes its owner.

    The time zone is the rulebook's. Raises RulebookMistakes when the file is no rulebook, ValidationError by field for
    a name or code that cannot be, "future" for a first day to come, and "nobody_manages" when the rulebook does not let
    an owner manage the members: nobody could ever be added. Nothing is stored in any of these cases.
    """
    rulebook, _content = read(source)
    department = create_department(actor=actor, code=code, name=name, time_zone=rulebook.time_zone)
    if from_day > department.today():
        raise ValidationError(
            _("The first day is today at the latest: until then nobody could add its people."), code="future"
        )
    import_rulebook(department=department, source=source, from_day=from_day, actor=actor)
    grant_role(actor=actor, department=department, user=actor, role=Role.OWNER, from_day=from_day)
    department.refresh_from_db()
    if not has_right(actor, department, Right.MANAGE_MEMBERS):
        raise ValidationError(
            _("This rulebook does not let an owner manage the members (rights.manage_members): nobody could be added."),
            code="nobody_manages",
        )
    return department
