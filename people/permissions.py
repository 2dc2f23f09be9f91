"""Who may do what, where: role grants joined with what the department's rulebook lets each role do.

Memberships and grants begin with their first day and end when the last shift that could begin on their last day is over
(`Department.late_minutes`), so that a night shift on it can be brought to its end. What a role may do changes at
midnight.
"""

from collections.abc import Iterable

from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from office import clock

from .models import Department, Membership, Right, Role, RoleGrant, RoleRight, User, on_day


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


class EndingDay(Func):
    """`Department.ending_day` as SQL: the calendar day so many minutes ago, minutes and time zone from columns."""

    output_field = DateField()

    def __init__(self, minutes: F | OuterRef, zone: F | OuterRef):
        super().__init__(Value(clock.now(), output_field=DateTimeField()), minutes, zone)

    def as_sqlite(self, compiler, connection, **context):
        (now, minutes, zone), params = self._parts(compiler, connection)
        return f"django_datetime_cast_date(datetime({now}, '-' || {minutes} || ' minutes'), {zone}, 'UTC')", params

    def as_postgresql(self, compiler, connection, **context):
        (now, minutes, zone), params = self._parts(compiler, connection)
        return f"(({now} - {minutes} * INTERVAL '1 minute') AT TIME ZONE {zone})::date", params

    def _parts(self, compiler, connection):
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        return [sql for sql, _params in compiled], [param for _sql, params in compiled for param in params]


def holding_now(reference: type[F] | type[OuterRef], path: str = "") -> Q:
    """Memberships or grants that hold now; `reference` and `path` lead to their department's columns."""
    zone, late = f"{path}time_zone", f"{path}late_minutes"
    begun = Q(from_day__lte=Today(reference(zone)))
    return begun & (Q(until_day=None) | Q(until_day__gte=EndingDay(reference(late), reference(zone))))


def departments_where(user: User, right: Right) -> QuerySet[Department]:
    """Departments in which one of the person's roles carries `right` today."""
    held_now = holding_now(F, "department__")
    grants = RoleGrant.objects.filter(held_now, user=user.pk, department=OuterRef("department"), role=OuterRef("role"))
    today = on_day(Today(F("department__time_zone")))
    held = RoleRight.objects.filter(Exists(grants), today, department=OuterRef("pk"), right=right)
    return Department.objects.filter(Exists(held))


def _belongs(user: User) -> Q:
    """Of a department: that the person is a member or holds a role there now."""
    now = holding_now(OuterRef)
    member = Membership.objects.filter(now, user=user.pk, department=OuterRef("pk"))
    granted = RoleGrant.objects.filter(now, user=user.pk, department=OuterRef("pk"))
    return Q(Exists(member) | Exists(granted))


def departments_of(user: User) -> QuerySet[Department]:
    """Departments that the person belongs to or holds a role in today; all others do not exist for them."""
    return Department.objects.filter(_belongs(user))


def places_of(user: User) -> QuerySet[Department]:
    """Departments of the person, those of today first; `is_former` on those in which they only were members once.

    `is_scored`: whether they have, or had, scorecards of their own there. `has_others`: whether there are others than
    this one. `may_found`: whether they may found another.
    """
    begun = Membership.objects.filter(user=user.pk, from_day__lte=Today(F("department__time_zone")))
    here = {"user": user.pk, "department": OuterRef("pk")}
    was_member = begun.filter(department=OuterRef("pk"))
    elsewhere = ~Q(department=OuterRef("pk"))
    granted = RoleGrant.objects.filter(holding_now(F, "department__"), user=user.pk)
    # Whoever is a member now has been one since it began: the place is theirs for that or for a role.
    is_place = Q(Exists(was_member)) | Q(Exists(RoleGrant.objects.filter(holding_now(OuterRef), **here)))
    # By name: the model has these too, for departments that come from elsewhere.
    facts = {
        "is_former": ~_belongs(user),
        "has_others": Q(Exists(begun.filter(elsewhere)) | Exists(granted.filter(elsewhere))),
        "is_scored": Exists(Membership.objects.scored().filter(user=user.pk, department=OuterRef("pk"))),
        "may_found": Value(True) if user.is_superuser else Exists(granted.filter(role=Role.OWNER)),
    }
    return Department.objects.filter(is_place).annotate(**facts).order_by(F("is_former"), "name")


def may_found(user: User) -> bool:
    """Whoever owns a department may found another; a superuser the first."""
    held = RoleGrant.objects.filter(holding_now(F, "department__"), user=user.pk, role=Role.OWNER)
    return user.is_superuser or held.exists()


def _roles_now(department: Department, **of) -> QuerySet[RoleGrant]:
    """Grants in the department that hold now."""
    ended = Q(until_day__lt=department.ending_day())
    return RoleGrant.objects.filter(~ended, department=department.pk, from_day__lte=department.today(), **of)


def rights_in(user: User, department: Department) -> frozenset[str]:
    """All rights of the person in the department today, in one query."""
    roles = _roles_now(department, user=user.pk).values("role")
    rows = RoleRight.objects.filter(on_day(department.today()), department=department.pk, role__in=roles)
    return frozenset(rows.values_list("right", flat=True))


def holders_of(department: Department, right: Right) -> QuerySet[User]:
    """People who hold `right` in the department today, for telling them."""
    rows = RoleRight.objects.filter(on_day(department.today()), department=department.pk, right=right).values("role")
    grants = _roles_now(department, user=OuterRef("pk"), role__in=rows)
    return User.objects.filter(Exists(grants), is_active=True)


def holders_of_any(department: Department, rights: Iterable[Right]) -> list[User]:
    """People who hold one of these rights in the department today, by name; one query."""
    rows = RoleRight.objects.filter(on_day(department.today()), department=department.pk, right__in=list(rights))
    grants = _roles_now(department, user=OuterRef("pk"), role__in=rows.values("role"))
    return list(User.objects.filter(Exists(grants), is_active=True).order_by("name"))


def has_right(user: User, department: Department, right: Right) -> bool:
    return right in rights_in(user, department)


def beyond(actor: User, person: User, *, account: bool = False) -> list[Department]:
    """Departments in which the person holds, or will hold, a right that is out of the actor's reach.

    In reach is what the actor may do there too, and everything where the actor manages the members: there they could
    give themselves the same roles. What the actor will be allowed to does not count, what the person will be does.

    `account`: whoever opens the person's account acts and reads as the person. Then every department to which the
    person belongs, or will, is out of reach unless the actor manages the members there, rights or no rights.
    """
    if actor.is_superuser:
        return []
    mine = _rights(actor, now=True)
    managed = {place for place, right in mine if right == Right.MANAGE_MEMBERS}
    theirs = _rights(person, now=False) - mine
    places = _places_not_over(person) if account else {place for place, _right in theirs}
    return list(Department.objects.filter(pk__in=places - managed))


def _places_not_over(user: User) -> set[int]:
    """Departments to which the person belongs, or will: as a member or with a role."""
    not_over = Q(until_day=None) | Q(
        until_day__gte=EndingDay(F("department__late_minutes"), F("department__time_zone"))
    )
    members = Membership.objects.filter(not_over, user=user.pk).order_by().values_list("department", flat=True)
    return set(members.union(RoleGrant.objects.filter(not_over, user=user.pk).values_list("department", flat=True)))


def _rights(user: User, *, now: bool) -> set[tuple[int, str]]:
    """(department, right) of everything that the person may do now, or else may or will be allowed to."""
    ended = EndingDay(F("department__late_minutes"), F("department__time_zone"))
    today = Today(F("department__time_zone"))
    held = holding_now(F, "department__") if now else Q(until_day=None) | Q(until_day__gte=ended)
    holds = on_day(today) if now else Q(until_day=None) | Q(until_day__gte=today)
    grants = RoleGrant.objects.filter(held, user=user.pk, department=OuterRef("department"), role=OuterRef("role"))
    return set(RoleRight.objects.filter(holds, Exists(grants)).values_list("department", "right"))
