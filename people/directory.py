"""The members of a department as those see them who manage them: who is here, with which roles, who has access."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from office import clock
from office.lists import joined
from office.tables import Choice, Column, Kind, Table, filled

from .forms import MemberFilter
from .models import Department, Invitation, Membership, Right, Role, RoleGrant, User
from .permissions import departments_where

PRESENT, FUTURE, PAST, ALL = "present", "future", "past", "all"
PER_PAGE = 50
NO_PASSWORD = Q(user__password="") | Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)


@dataclass(frozen=True)
class Access:
    """Whether somebody can sign in. `tone`: good, info or warn."""

    tone: str
    icon: str
    words: str


def named(words: str, member: str = "membership") -> Q:
    """Rows whose `member` has these words in the name, or this work number."""
    return Q(**{f"{member}__user__name__icontains": words}) | Q(**{f"{member}__work_number": words})


def with_access(members: QuerySet[Membership], department: Department) -> QuerySet[Membership]:
    """Each with user, roles (`user.held`) and the end of an open invitation (`invited_until`)."""
    invitations = Invitation.objects.open().filter(user=OuterRef("user")).order_by("-expires_at")
    held = RoleGrant.objects.filter(department=department).order_by("from_day", "pk")
    return (
        members.select_related("user")
        .annotate(invited_until=Subquery(invitations.values("expires_at")[:1]))
        .prefetch_related(Prefetch("user__role_grants", queryset=held, to_attr="held"))
    )


def access_of(member: Membership) -> Access:
    """In words; the member comes from `with_access`."""
    user, department = member.user, member.department
    if user.password and user.has_usable_password():
        if user.last_login is None:
            return Access("info", "circle-check", _("Has a password, never signed in"))
        when = f"{department.local(user.last_login):%Y-%m-%d %H:%M}"
        return Access("good", "circle-check", _("Signed in %(when)s") % {"when": when})
    invited_until = getattr(member, "invited_until", None)
    if invited_until is not None:
        until = f"{department.local(invited_until):%Y-%m-%d}"
        return Access("info", "send", _("Invited, until %(day)s") % {"day": until})
    return Access("warn", "alert-triangle", _("No password yet"))


def held_by(member: Membership) -> list[RoleGrant]:
    """All roles that the person has ever had in the department, oldest first; the member comes from `with_access`."""
    return getattr(member.user, "held", [])


def roles_of(member: Membership) -> list[RoleGrant]:
    """The roles that the person has, will have or, when the membership is over, had at its end."""
    today = member.department.today()
    day = min(member.until_day, today) if member.until_day else today
    found: dict[str, RoleGrant] = {}
    for grant in held_by(member):
        ends_later = grant.until_day is None or grant.until_day >= day
        if ends_later and (member.until_day is None or grant.from_day <= member.until_day):
            found.setdefault(grant.role, grant)
    order = list(Role.values)
    return sorted(found.values(), key=lambda grant: order.index(grant.role))


def role_names(member: Membership) -> str:
    return joined(grant.get_role_display() for grant in roles_of(member))


COLUMNS = (
    Column("number", gettext_lazy("Work number"), lambda row: row.work_number, sort="work_number"),
    Column("name", gettext_lazy("Name"), lambda row: row.name, sort="user__name"),
    Column("username", gettext_lazy("User name"), lambda row: row.user.username, sort="user__username"),
    Column("roles", gettext_lazy("Roles"), role_names),
    Column("since", pgettext_lazy("first day", "Since"), lambda row: row.from_day, sort="from_day", kind=Kind.DAY),
    Column("until", pgettext_lazy("last day", "Until"), lambda row: row.until_day, sort="until_day", kind=Kind.DAY),
    Column("access", gettext_lazy("Access"), lambda row: access_of(row).words, sort=("user__last_login",)),
)


@dataclass(frozen=True)
class Row:
    """A member in the list."""

    member: Membership
    roles: str
    access: Access
    is_past: bool
    is_future: bool


def _by_time(today: date) -> dict[str, Q]:
    over, ahead = Q(until_day__lt=today), Q(from_day__gt=today)
    return {PRESENT: ~over & ~ahead | Q(until_day=None) & ~ahead, FUTURE: ahead, PAST: over, ALL: Q()}


def table_of(request, department: Department) -> Table:
    """The list as the request wants to see it."""
    form = MemberFilter(request.GET)
    times = _by_time(department.today())
    found = _found(department, filled(form))
    counts = found.aggregate(**{name: Count("pk", filter=times[name]) for name in (PRESENT, FUTURE, PAST)})
    time = Choice(
        request,
        "time",
        _("Time"),
        [
            (PRESENT, _("Here now"), counts[PRESENT]),
            (FUTURE, _("To come"), counts[FUTURE]),
            (PAST, _("Left"), counts[PAST]),
            (ALL, _("All")),
        ],
        default=PRESENT,
    )
    return Table(
        request,
        COLUMNS,
        with_access(found.filter(times[time.value]), department).select_related("department"),
        name="members",
        title=_("Members"),
        order="number",
        per_page=PER_PAGE,
        zone=department.zone,
        form=form,
        choices=[time],
    )


def _found(department: Department, wanted: dict) -> QuerySet[Membership]:
    found = department.memberships.order_by()
    if role := wanted.get("role"):
        grants = RoleGrant.objects.filter(department=department, user=OuterRef("user"), role=role)
        found = found.filter(Exists(grants.filter(Q(until_day=None) | Q(until_day__gte=department.today()))))
    if words := wanted.get("q"):
        found = found.filter(
            Q(user__name__icontains=words) | Q(work_number__iexact=words) | Q(user__username__icontains=words)
        )
    return found


def rows_of(table: Table, today: date) -> list[Row]:
    return [
        Row(
            member=member,
            roles=role_names(member),
            access=access_of(member),
            is_past=member.until_day is not None and member.until_day < today,
            is_future=member.from_day > today,
        )
        for member in table.page
    ]


def without_membership(department: Department) -> list[RoleGrant]:
    """Roles of people who are no members: the founder of a department, for one."""
    here = department.memberships.filter(user=OuterRef("user")).touching(department.today(), date.max)
    grants = department.role_grants.filter(Q(until_day=None) | Q(until_day__gte=department.today()))
    return list(grants.exclude(Exists(here)).select_related("user").order_by("user__name", "pk"))


def without_password(department: Department) -> QuerySet[Membership]:
    """Members, present and to come, with neither a password nor an invitation that still holds; each person once."""
    invited = Invitation.objects.filter(user=OuterRef("user"), used_at=None, expires_at__gt=clock.now())
    waiting = department.memberships.touching(department.today(), date.max).filter(NO_PASSWORD, user__is_active=True)
    later = waiting.filter(user=OuterRef("user"), from_day__gt=OuterRef("from_day"))
    return waiting.exclude(Exists(invited)).exclude(Exists(later))


def history_of(reader: User, person: User) -> QuerySet[Membership]:
    """The person's memberships where the reader manages the members, newest first."""
    managed = departments_where(reader, Right.MANAGE_MEMBERS)
    return person.memberships.filter(department__in=managed).select_related("department", "user").order_by("-from_day")
