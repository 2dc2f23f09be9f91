"""Who may work the shifts that need a skill, from when until when."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from office import audit
from people.models import Membership, User
from rulebooks.services import in_force
from shifts.models import Qualification


@transaction.atomic
def give(
    *, membership: Membership, code: str, from_day: date, until_day: date | None = None, actor: User
) -> Qualification:
    """Say that a member has a skill from a day on, perhaps until another; one that begins that day is changed.

    Refuses a skill that the rulebook of today does not have ("unknown_skill"), an end before the beginning
    ("days_in_order"), days outside of the membership ("not_member"), and days on which the member has it by another
    entry ("twice").
    """
    # Two supervisors may give the same skill at once; the lock lets one through after the other.
    membership = Membership.objects.select_for_update(no_key=True).select_related("department").get(pk=membership.pk)
    rulebook = in_force(membership.department, membership.department.today())
    if code not in {skill.code for skill in rulebook.skills}:
        raise ValidationError(_("The rulebook has no such skill."), code="unknown_skill")
    if until_day is not None and until_day < from_day:
        raise ValidationError(_("The last day lies before the first."), code="days_in_order")
    if not membership.holds_on(from_day):
        raise ValidationError(
            _("%(name)s is no member on %(day)s.") % {"name": membership.name, "day": from_day}, code="not_member"
        )
    held = Qualification.objects.filter(membership=membership, code=code)
    others = held.exclude(from_day=from_day).filter(Q(until_day=None) | Q(until_day__gte=from_day))
    other = (others if until_day is None else others.filter(from_day__lte=until_day)).first()
    if other is not None:
        raise ValidationError(
            _("%(name)s has this skill already from %(day)s on.") % {"name": membership.name, "day": other.from_day},
            code="twice",
        )
    row = held.filter(from_day=from_day).first()
    before = row.until_day if row else None
    if row is None:
        row = Qualification.objects.create(membership=membership, code=code, from_day=from_day, until_day=until_day)
    elif row.until_day != until_day:
        row.until_day = until_day
        row.save(update_fields=["until_day"])
    else:
        return row
    audit.record(
        actor,
        "shifts.qualification.given",
        row,
        department=membership.department,
        before={"until_day": before},
        after={"from_day": from_day, "until_day": until_day},
    )
    return row


@transaction.atomic
def take_back(*, qualification: Qualification, actor: User) -> None:
    """Take away an entry that was a mistake; whoever has a skill no longer is given a last day instead."""
    row = Qualification.objects.select_for_update().select_related("membership__department").get(pk=qualification.pk)
    audit.record(
        actor,
        "shifts.qualification.taken_back",
        row,
        department=row.membership.department,
        before={"from_day": row.from_day, "until_day": row.until_day},
    )
    row.delete()
