"""Who may do what, where: role grants joined with what the department's rulebook lets each role do."""

from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, QuerySet, Value

from office import clock

from .models import Department, Membership, Right, RoleGrant, RoleRight, User, on_day


class Today(Func):
    """The calendar day on the wall clock of the time zone in a column, as SQL: every department has its own today."""

    output_field = DateField()

    def __init__(self, zone: F | OuterRef):
        super().__init__(Value(clock.now(), output_field=DateTimeField()), zone)

    def as_sqlite(self, compiler, connection, **context):
        # The function that Django gives SQLite for dates of instants: instant, zone to show it in, zone it is kept in.
        template = "django_datetime_cast_date(%(expressions)s, 'UTC')"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(%(expressions)s)::date"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" AT TIME ZONE ", **context)


def departments_where(user: User, right: Right) -> QuerySet[Department]:
    """Departments in which one of the person's roles carries `right` today."""
    now = on_day(Today(F("department__time_zone")))
    grants = RoleGrant.objects.filter(now, user=user.pk, department=OuterRef("department"), role=OuterRef("role"))
    held = RoleRight.objects.filter(Exists(grants), now, department=OuterRef("pk"), right=right)
    return Department.objects.filter(Exists(held))


def departments_of(user: User) -> QuerySet[Department]:
    """Departments that the person belongs to or holds a role in today; all others do not exist for them."""
    now = on_day(Today(OuterRef("time_zone")))
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
    grants = RoleGrant.objects.filter(on_day(day), user=OuterRef("pk"), department=department.pk, role__in=rows)
    return User.objects.filter(Exists(grants), is_active=True)


def has_right(user: User, department: Department, right: Right) -> bool:
    return right in rights_in(user, department)
