"""Adding members one by one or as a list, correcting them, and setting their last day."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from office import audit, clock
from people.models import Department, Membership, Right, Role, User
from people.pasting import Line
from people.permissions import departments_where

from .invitations import has_password, refuse_out_of_reach
from .roles import end_roles_of, grant_role, is_kept, move_end_of_roles, refuse_without_keepers

# A first day further away than this is a slip of the finger.
FURTHEST = timedelta(days=366)


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
    """Make `user` a member from a day on: one membership of a department at a time, a work number for one person.

    Refuses "already_member" and "number_taken", and what does not fit its field.
    """
    # Whoever adds the same person or number in the same moment waits here and finds them there.
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    if department.memberships.filter(user=user).touching(from_day, date.max).exists():
        raise ValidationError(_("%(name)s is a member already.") % {"name": user}, code="already_member")
    _refuse_taken_number(department, user, work_number)
    member = Membership(
        department=department, user=user, work_number=work_number, from_day=from_day, rostered=rostered, scored=scored
    )
    member.full_clean()
    member.save()
    audit.record(actor, "people.member.added", member, from_day=from_day)
    return member


def _refuse_taken_number(department: Department, user: User | None, work_number: str) -> None:
    """A number that somebody had once still names them in old rosters and papers."""
    others = department.memberships.filter(work_number=work_number)
    others = others.exclude(user=user) if user is not None else others
    other = others.select_related("user").first()
    if other is not None:
        raise ValidationError(
            _("The work number %(number)s is %(name)s's and stays so.") % {"number": work_number, "name": other.name},
            code="number_taken",
        )


def default_username(department: Department, work_number: str) -> str:
    """ "yunshan-07": what somebody signs in with who has no wish of their own."""
    return re.sub(r"[^\w.@+-]+", "-", f"{department.code}-{work_number}".lower())


def plain_username(username: str) -> str:
    """As user names are kept: small letters, and no sign that only looks like another."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def person_named(actor: User, username: str) -> User | None:
    """Who has this user name; None when it is free. It stays hidden whose it is from who does not manage them.

    Refuses "username_taken" and "out_of_reach".
    """
    user = User.objects.filter(username__iexact=username).first()
    if user is None or user == actor:
        return user
    if not _manages_elsewhere(actor, user):
        raise ValidationError(_("The user name %(username)s is taken.") % {"username": username}, code="username_taken")
    refuse_out_of_reach(actor, user)
    return user


def _manages_elsewhere(actor: User, user: User) -> bool:
    if actor.is_superuser:
        return True
    managed = departments_where(actor, Right.MANAGE_MEMBERS)
    return managed.filter(memberships__user=user).exists() or managed.filter(role_grants__user=user).exists()


@transaction.atomic
def add_person(
    *,
    actor: User,
    department: Department,
    name: str,
    work_number: str,
    from_day: date,
    roles: Iterable[str] = (Role.AGENT,),
    username: str = "",
    rostered: bool = True,
    scored: bool = True,
) -> Membership:
    """Make a new user, without a password yet, a member with `roles`. A user name in use means that very person.

    Refuses, besides what `add_member` does: "username_taken", "out_of_reach", "other_name" when the user name is
    somebody else's than the name says, "no_role", "far_day".
    """
    roles, username = list(dict.fromkeys(roles)), plain_username(username)
    if not roles:
        raise ValidationError(_("Choose at least one role."), code="no_role")
    if abs(from_day - department.today()) > FURTHEST:
        raise ValidationError(_("This day is more than a year away."), code="far_day")
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    user = person_named(actor, username) if username else None
    if user is not None and user.name != name:
        raise ValidationError(
            _("The user name %(username)s is %(name)s's. Write the name so, or choose another user name.")
            % {"username": username, "name": user.name},
            code="other_name",
        )
    if user is None:
        _refuse_taken_number(department, None, work_number)
        user = _new_user(actor, department, name, username or default_username(department, work_number))
    member = add_member(
        actor=actor,
        department=department,
        user=user,
        work_number=work_number,
        from_day=from_day,
        rostered=rostered,
        scored=scored,
    )
    _grant_missing(actor, member, roles)
    return member


def _new_user(actor: User, department: Department, name: str, username: str) -> User:
    taken = ValidationError(_("The user name %(username)s is taken.") % {"username": username}, code="username_taken")
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    user = User(username=username, name=name)
    user.set_unusable_password()
    user.full_clean()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        # Another department has just given it away: departments do not wait for each other.
        raise taken from None
    audit.record(actor, "people.user.created", user, department=department, username=username)
    return user


def _grant_missing(actor: User | None, member: Membership, roles: Iterable[str]) -> None:
    """Give the roles that the person does not hold from the membership's first day on."""
    held = member.department.role_grants.filter(user=member.user, until_day=None, from_day__lte=member.from_day)
    for role in sorted(set(roles) - set(held.values_list("role", flat=True))):
        grant_role(actor=actor, department=member.department, user=member.user, role=role, from_day=member.from_day)


@transaction.atomic
def add_again(
    *,
    actor: User,
    member: Membership,
    work_number: str,
    from_day: date,
    roles: Iterable[str],
    rostered: bool = True,
    scored: bool = True,
) -> Membership:
    """Somebody who has left, or will have, comes back: another membership of the same person, history untouched."""
    if abs(from_day - member.department.today()) > FURTHEST:
        raise ValidationError(_("This day is more than a year away."), code="far_day")
    added = add_member(
        actor=actor,
        department=member.department,
        user=member.user,
        work_number=work_number,
        from_day=from_day,
        rostered=rostered,
        scored=scored,
    )
    _grant_missing(actor, added, roles)
    return added


# -- Lists ----------------------------------------------------------------------------------------------------------


def check_lines(*, actor: User, department: Department, lines: Sequence[Line]) -> list[Line]:
    """The lines of a pasted list, each with what speaks against it; in a fixed number of queries."""
    numbers = dict(department.memberships.values_list("work_number", "user__name"))
    wanted = {_username_of(line, department) for line in lines if line.number}
    # As one word they are compared, whatever letters somebody's name was once written with.
    same = User.objects.annotate(plain=Lower("username")).filter(plain__in=wanted)
    known = {user.username.lower(): user for user in same}
    here = department.memberships.touching(department.today(), date.max)
    present = {username.lower() for username in here.values_list("user__username", flat=True)}
    checked, seen_numbers, seen_names = [], dict[str, int](), dict[str, int]()
    for line in lines:
        username = _username_of(line, department)
        mistake = line.mistake or _against(actor, line, username, numbers, known, present)
        if not mistake and line.number in seen_numbers:
            mistake = _("The work number stands in line %(line)s already.") % {"line": seen_numbers[line.number]}
        if not mistake and username in seen_names:
            mistake = _("The user name stands in line %(line)s already.") % {"line": seen_names[username]}
        if line.number:
            seen_numbers.setdefault(line.number, line.place)
            seen_names.setdefault(username, line.place)
        checked.append(line.found(mistake=mistake, username=username, is_known=username in known and not mistake))
    return checked


def _username_of(line: Line, department: Department) -> str:
    return plain_username(line.username) or default_username(department, line.number)


def _against(actor: User, line: Line, username: str, numbers, known, present) -> str:
    """What the department and its people have against a line; "" when nothing."""
    user = known.get(username)
    owner = numbers.get(line.number)
    if owner is not None and (user is None or not line.username or owner != user.name):
        facts = {"number": line.number, "name": owner}
        return _("The work number %(number)s is %(name)s's and stays so.") % facts
    if user is not None and not line.username:
        return _("The user name %(username)s is taken; write another as the fourth.") % {"username": username}
    try:
        if user is not None:
            person_named(actor, username)
        else:
            User(username=username, name=line.name).clean_fields(exclude={"password"})
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    if user is not None and user.name != line.name:
        facts = {"username": username, "name": user.name}
        return _("The user name %(username)s is %(name)s's. Write the name so, or choose another user name.") % facts
    if username in present:
        return _("%(name)s is a member already.") % {"name": line.name}
    return ""


class WrongLines(ValidationError):
    """A list with mistakes: `lines` are all of its lines, checked."""

    def __init__(self, lines: Sequence[Line]):
        super().__init__(_("Some lines cannot be added. Nothing was stored."), code="wrong_lines")
        self.lines = lines


@transaction.atomic
def add_people(
    *, actor: User, department: Department, lines: Sequence[Line], from_day: date, rostered: bool, scored: bool
) -> list[Membership]:
    """Add everybody of a list, or, with one mistake in it, nobody (WrongLines)."""
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    checked = check_lines(actor=actor, department=department, lines=lines)
    if not checked:
        raise ValidationError(_("The list is empty."), code="empty")
    if any(line.mistake for line in checked):
        raise WrongLines(checked)
    added = []
    for line in checked:
        added.append(
            add_person(
                actor=actor,
                department=department,
                name=line.name,
                work_number=line.number,
                username=line.username,
                roles=line.roles,
                from_day=from_day,
                rostered=rostered,
                scored=scored,
            )
        )
    return added


# -- Changes --------------------------------------------------------------------------------------------------------


@transaction.atomic
def correct_member(
    *, actor: User, member: Membership, name: str, work_number: str, rostered: bool, scored: bool
) -> Membership:
    """Correct what was written wrongly; the same again changes nothing.

    The name is the person's everywhere: it is refused to who could not reset their access either ("out_of_reach").
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=member.department_id)
    member = Membership.objects.select_for_update(no_key=True).select_related("user", "department").get(pk=member.pk)
    user = member.user
    after = {"name": name, "work_number": work_number, "rostered": rostered, "scored": scored}
    before = {"name": user.name, **{field: getattr(member, field) for field in after if field != "name"}}
    if before == after:
        return member
    if name != user.name:
        if user != actor:
            refuse_out_of_reach(actor, user, account=has_password(user))
        user.name = name
        user.clean_fields(exclude={"password"})
        user.save(update_fields=["name"])
    if work_number != member.work_number:
        _refuse_taken_number(department, user, work_number)
    member.work_number, member.rostered, member.scored = work_number, rostered, scored
    member.full_clean()
    member.save(update_fields=["work_number", "rostered", "scored"])
    changed = [field for field in after if before[field] != after[field]]
    audit.record(
        actor,
        "people.member.corrected",
        member,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
    )
    return member


@transaction.atomic
def set_last_day(*, actor: User, member: Membership, last_day: date | None) -> Membership:
    """Set, move or take back (None) somebody's last day, and with it that of the roles they hold here.

    Refuses "before_beginning", a last day that is past already ("over"), one that runs into a later membership
    ("already_member"), and to let the last one go who may manage members ("last_keeper").
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=member.department_id)
    member = Membership.objects.select_for_update(no_key=True).select_related("user").get(pk=member.pk)
    member.department = department
    _refuse_impossible_end(member, last_day)
    before, had_keepers = member.until_day, is_kept(department)
    if before == last_day:
        return member
    member.until_day = last_day
    member.save(update_fields=["until_day"])
    audit.record(actor, "people.member.last_day", member, before={"until": before}, after={"until": last_day})
    if before is not None:
        move_end_of_roles(actor=actor, department=department, user=member.user, old_day=before, new_day=last_day)
    if last_day is not None:
        following = _next_after(member)
        end_roles_of(
            actor=actor,
            department=department,
            user=member.user,
            last_day=last_day,
            before=following.from_day if following is not None else None,
        )
        if had_keepers:
            refuse_without_keepers(department, last_day)
    return member


def _next_after(member: Membership) -> Membership | None:
    """The person's next membership in the same department."""
    later = member.department.memberships.filter(user=member.user, from_day__gt=member.from_day)
    return later.order_by("from_day").first()


@transaction.atomic
def remove_member(*, actor: User, member: Membership) -> None:
    """Take somebody out who was added by mistake and has not begun, with the roles that would begin with it.

    An account that was made for it and opens nothing else goes too. Refuses "has_begun", "in_use" when anything hangs
    on the membership, planned shifts for one, and "last_keeper".
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=member.department_id)
    member = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)
    member.department = department
    user, name, day = member.user, member.name, member.from_day
    if day <= department.today():
        raise ValidationError(_("%(name)s has begun; set a last day instead.") % {"name": name}, code="has_begun")
    had_keepers, following = is_kept(department), _next_after(member)
    audit.record(actor, "people.member.removed", member, before={"work_number": member.work_number, "from_day": day})
    try:
        with transaction.atomic():
            member.delete()
    except ProtectedError:
        raise ValidationError(
            _("Something is planned or written for %(name)s already. Set a last day instead.") % {"name": name},
            code="in_use",
        ) from None
    grants = department.role_grants.filter(user=user, from_day__gte=day)
    if following is not None:
        grants = grants.filter(from_day__lt=following.from_day)
    for grant in grants.order_by("pk"):
        audit.record(actor, "people.role.taken_back", grant, role=grant.role, from_day=grant.from_day)
        grant.delete()
    if had_keepers:
        refuse_without_keepers(department, day)
    _remove_unused(actor, department, user)


def _remove_unused(actor: User, department: Department, user: User) -> None:
    """Take an account away that nobody has ever opened and that belongs nowhere: its user name is free again."""
    if user.is_superuser or user.is_staff or has_password(user) or user.last_login is not None:
        return
    if user.memberships.exists() or user.role_grants.exists():
        return
    audit.record(actor, "people.user.removed", user, department=department, username=user.username)
    try:
        with transaction.atomic():
            user.invitations.all().delete()
            user.delete()
    except ProtectedError:
        user.invitations.open().update(expires_at=clock.now())


def _refuse_impossible_end(member: Membership, last_day: date | None) -> None:
    department = member.department
    if member.until_day is not None and member.until_day < department.today():
        raise ValidationError(
            _("%(name)s left on %(day)s; that is past.") % {"name": member.name, "day": member.until_day}, code="over"
        )
    if last_day is not None and last_day < member.from_day:
        raise ValidationError(
            _("%(name)s begins on %(day)s; the last day cannot be before.")
            % {"name": member.name, "day": member.from_day},
            code="before_beginning",
        )
    if (first := _next_after(member)) and (last_day is None or last_day >= first.from_day):
        raise ValidationError(
            _("%(name)s is a member again from %(day)s.") % {"name": member.name, "day": first.from_day},
            code="already_member",
        )
