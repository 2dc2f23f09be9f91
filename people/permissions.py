"""Who may do what, where: role grants joined with what the department's rulebook lets each role do."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from office import clock

from .models import Department, Membership, Right, RoleGrant, RoleRight, User, on_day

# No wall clock on earth is further from UTC than this.
EAST, WEST = timedelta(hours=14), timedelta(hours=12)


def _today_somewhere() -> Q:
    """Dated rows that hold on today's date in at least one time zone: which department's it is, SQL cannot say."""
    now = clock.now()
    return Q(from_day__lte=(now + EAST).date()) & (Q(until_day=None) | Q(until_day__gte=(now - WEST).date()))


def departments_where(user: User, right: Right) -> QuerySet[Department]:
    """Departments in which one of the person's roles carries `right` today."""
    now = _today_somewhere()
    grants = RoleGrant.objects.filter(now, user=user.pk, department=OuterRef("department"), role=OuterRef("role"))
    held = RoleRight.objects.filter(Exists(grants), now, department=OuterRef("pk"), right=right)
    return Department.objects.filter(Exists(held))


def departments_of(user: User) -> QuerySet[Department]:
    """Departments that the person belongs to or holds a role in today; all others do not exist for them."""
    now = _today_somewhere()
    member = Membership.objects.filter(now, user=user.pk, department=OuterRef("pk"))
    granted = RoleGrant.objects.filter(now, user=user.pk, department=OuterRef("pk"))
    return Department.objects.filter(Exists(member) | Exists(granted))


def rights_in(user: User, department: Department) -> frozenset[str]:
    """All rights of the person in the department today, in one query."""
    day = department.today()
    roles = RoleGrant.objects.filter(on_day(day), user=user.pk, department=department.pk).values("role")
    rows = RoleRight.objects.filter(on_day(day), department=department.pk, role__in=roles)
    return frozenset(rows.values_list("right", flat=True))


def holders_of(department: Department, right: Right) -> QuerySet[User]:
    """People who hold `right` in the department today, for telling them."""
    day = department.today()
    rows = RoleRight.objects.filter(on_day(day), department=department.pk, right=right).values("role")
    return User.objects.filter(
        Q(role_grants__from_day__lte=day),
        Q(role_grants__until_day=None) | Q(role_grants__until_day__gte=day),
        role_grants__department=department.pk,
        role_grants__role__in=rows,
    ).distinct()


def has_right(user: User, department: Department, right: Right) -> bool:
    return right in rights_in(user, department)
