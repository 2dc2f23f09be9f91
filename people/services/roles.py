"""Giving roles and ending them."""

from datetime import date, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from office import audit
from people.models import Department, Invitation, Membership, Right, Role, RoleGrant, RoleRight, User, on_day


@transaction.atomic
def grant_role(*, actor: User | None, department: Department, user: User, role: str, from_day: date) -> RoleGrant:
    """Give a role from a day on. One that is held then, or will be, is not given twice ("already_granted").

    A member's role ends with the membership at the latest; to who is no member any more it is refused ("not_a_member").
    Who never was one can hold a role without an end: a founder.
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    held = department.role_grants.filter(user=user, role=role).filter(Q(until_day=None) | Q(until_day__gte=from_day))
    if held.exists():
        facts = {"name": user, "role": Role(role).label}
        raise ValidationError(_("%(name)s holds the role already: %(role)s.") % facts, code="already_granted")
    last_day = _end_of_membership(department, user, from_day)
    grant = RoleGrant(
        department=department,
        user=user,
        role=role,
        from_day=from_day,
        until_day=last_day,
        with_membership=last_day is not None,
    )
    grant.full_clean()
    grant.save()
    audit.record(actor, "people.role.granted", grant, role=role, from_day=from_day)
    return grant


def _end_of_membership(department: Department, user: User, day: date) -> date | None:
    """The last day of a role that begins on `day`, as far as the person's membership sets it."""
    member = _membership_about(department, user, day)
    if member is None:
        return None
    if member.until_day is not None and (member.until_day < day or member.until_day < department.ending_day()):
        raise ValidationError(
            _("%(name)s is no member on %(day)s.") % {"name": user, "day": max(day, department.today())},
            code="not_a_member",
        )
    return member.until_day


def _membership_about(department: Department, user: User, day: date) -> Membership | None:
    """The membership that a role on `day` belongs to: the one on the day, else the last before, else the first."""
    members = department.memberships.filter(user=user)
    return (
        members.filter(from_day__lte=day).order_by("-from_day").first()
        or members.filter(from_day__gt=day).order_by("from_day").first()
    )


@transaction.atomic
def end_role(*, actor: User | None, grant: RoleGrant, last_day: date) -> RoleGrant | None:
    """Let a role end with `last_day`, or with the membership if that ends before.

    One that would not even have begun by then is taken back (None).

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
    member = _membership_about(department, grant.user, grant.from_day)
    latest = member.until_day if member is not None else None
    if latest is not None and last_day > latest:
        # What would hold longer holds for as long as the membership, also when that is made longer.
        ended = _end(actor, grant, max(latest, grant.from_day), own_end=last_day, with_membership=True)
    else:
        ended = _end(actor, grant, last_day)
    if had_keepers:
        refuse_without_keepers(department, last_day)
    return ended


def _end(
    actor: User | None,
    grant: RoleGrant,
    last_day: date,
    *,
    own_end: date | None = None,
    with_membership: bool = False,
) -> RoleGrant | None:
    """Write the end of one grant, whatever it means for the department. What has begun is ended, never taken back."""
    if grant.from_day <= grant.department.today():
        last_day = max(last_day, grant.from_day)
    if last_day < grant.from_day:
        audit.record(actor, "people.role.taken_back", grant, role=grant.role, from_day=grant.from_day)
        grant.delete()
        return None
    before, grant.until_day = grant.until_day, last_day
    grant.with_membership, grant.own_end = with_membership, own_end
    grant.save(update_fields=["until_day", "with_membership", "own_end"])
    audit.record(
        actor, "people.role.ended", grant, role=grant.role, before={"until": before}, after={"until": last_day}
    )
    return grant


def end_roles_of(
    *, actor: User | None, department: Department, user: User, last_day: date, before: date | None = None
) -> None:
    """End a person's roles in the department with `last_day`; the caller looks after its keepers.

    Those from the day `before` on belong to the next membership. Refuses what would leave a role of today behind
    ("role_begun").
    """
    still = Q(until_day=None) | Q(until_day__gt=last_day)
    mine = department.role_grants.select_for_update(of=("self",)).select_related("department", "user")
    mine = mine.filter(from_day__lt=before) if before is not None else mine
    for grant in mine.filter(still, user=user).order_by("pk"):
        if last_day < grant.from_day <= department.today() and grant.from_day >= department.ending_day():
            raise ValidationError(
                _("%(name)s holds a role that begins on %(day)s; the last day cannot be before.")
                % {"name": user, "day": grant.from_day},
                code="role_begun",
            )
        own_end = grant.own_end if grant.with_membership else grant.until_day
        _end(actor, grant, last_day, own_end=own_end, with_membership=True)


def move_end_of_roles(
    *, actor: User | None, department: Department, user: User, old_day: date, new_day: date | None
) -> None:
    """Roles that ended because the membership did follow its new last day (None: they go on as they would have)."""
    mine = department.role_grants.select_for_update(of=("self",)).select_related("department", "user")
    for grant in mine.filter(user=user, until_day=old_day, with_membership=True).order_by("pk"):
        own_end = grant.own_end
        if new_day is not None and (own_end is None or new_day < own_end):
            _end(actor, grant, new_day, own_end=own_end, with_membership=True)
            continue
        grant.until_day, grant.with_membership, grant.own_end = own_end, False, None
        grant.save(update_fields=["until_day", "with_membership", "own_end"])
        audit.record(
            actor,
            "people.role.resumed",
            grant,
            role=grant.role,
            before={"until": old_day},
            after={"until": own_end},
        )


def _who_can_come_in() -> QuerySet[User]:
    """Whose account is open to them: with a password, or with an invitation that still holds."""
    invited = Exists(Invitation.objects.open().filter(user=OuterRef("pk")))
    locked = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return User.objects.filter(~locked | Q(invited), is_active=True)


def keepers(department: Department, day: date) -> QuerySet[User]:
    """People who may manage the members on `day` and, as far as is known, ever after."""
    rights = RoleRight.objects.filter(on_day(day), department=department, right=Right.MANAGE_MEMBERS)
    grants = RoleGrant.objects.filter(
        department=department, until_day=None, from_day__lte=day, role__in=rights.values("role")
    )
    return _who_can_come_in().filter(pk__in=grants.values("user"))


def is_kept(department: Department) -> bool:
    """Whether anybody may manage the members now or later; where nobody can, nothing can be taken away."""
    not_over = Q(until_day=None) | Q(until_day__gte=department.today())
    rights = RoleRight.objects.filter(not_over, department=department, right=Right.MANAGE_MEMBERS)
    held = department.role_grants.filter(not_over, role__in=rights.values("role"))
    return _who_can_come_in().filter(pk__in=held.values("user")).exists()


def refuse_without_keepers(department: Department, last_day: date) -> None:
    """Somebody must be able to manage the members from the day after `last_day` on, under every rulebook to come.

    Ask under the department's lock.
    """
    first = max(last_day, department.today()) + timedelta(days=1)
    changes = department.role_rights.filter(from_day__gt=first).order_by().values_list("from_day", flat=True)
    if not all(keepers(department, day).exists() for day in {first, *changes}):
        raise ValidationError(
            _("Nobody else could then manage the members of %(department)s. Give somebody else such a role first.")
            % {"department": department},
            code="last_keeper",
        )
