"""Invitations: how somebody comes to their first password, and to a new one."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from office import audit, clock
from office.lists import joined
from people.models import Department, Invitation, Membership, Right, RoleGrant, User
from people.permissions import beyond, has_right

VALID_FOR = timedelta(days=14)
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Invited:
    """An invitation that has just been made: the only moment at which its token is known."""

    member: Membership
    invitation: Invitation
    token: str


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def has_password(user: User) -> bool:
    return bool(user.password) and user.has_usable_password()


def refuse_out_of_reach(actor: User, user: User, *, account: bool = False) -> None:
    """Nobody lets another choose a password who may do more than they themselves, here or elsewhere.

    `account`: nor takes a password from who belongs anywhere else, or changes their name, without managing them there.
    """
    if user.is_superuser and not actor.is_superuser:
        raise ValidationError(
            _("%(name)s looks after the whole installation; only somebody who does so too can do this.")
            % {"name": user},
            code="out_of_reach",
        )
    if places := beyond(actor, user, account=account):
        raise ValidationError(
            _("%(name)s belongs to %(departments)s too; only somebody who manages the members there can do this.")
            % {"name": user, "departments": joined(places)},
            code="out_of_reach",
        )


def out_of_reach(actor: User, department: Department, members: Sequence[Membership]) -> list[Membership]:
    """Those of the department's `members` whom the actor may not invite; asks only about who is elsewhere too."""
    users = User.objects.filter(pk__in=[member.user_id for member in members])
    elsewhere = ~Q(department=department)
    asked = users.filter(
        Q(is_superuser=True)
        | Exists(Membership.objects.filter(elsewhere, user=OuterRef("pk")))
        | Exists(RoleGrant.objects.filter(elsewhere, user=OuterRef("pk")))
    )
    refused = set()
    for user in asked:
        try:
            refuse_out_of_reach(actor, user, account=has_password(user))
        except ValidationError:
            refused.add(user.pk)
    return [member for member in members if member.user_id in refused]


@transaction.atomic
def invite(
    *, actor: User, department: Department, members: Sequence[Membership], confirmed: bool = False
) -> list[Invited]:
    """A new invitation for each of `members`; each one's older invitations end.

    For somebody who has a password it is a reset of their access, which must be `confirmed` ("has_password" else).
    Refuses besides: oneself ("oneself"), who has left ("not_a_member"), who is out of reach ("out_of_reach").
    """
    # In one order for everybody who invites the same people.
    users = {user.pk: user for user in _locked([member.user_id for member in members])}
    made = []
    for member in members:
        user = users[member.user_id]
        if has_password(user):
            if not confirmed:
                raise ValidationError(
                    _("%(name)s has a password already. An invitation resets their access.") % {"name": user},
                    code="has_password",
                )
            _reset(actor, department, user)
        made.append(_invite(actor, department, member, user))
    return made


def _locked(keys: Sequence[int]) -> list[User]:
    return list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def _invite(actor: User, department: Department, member: Membership, user: User) -> Invited:
    if user == actor:
        raise ValidationError(_("Change your own password yourself."), code="oneself")
    if member.department_id != department.pk or member.has_left:
        raise ValidationError(_("%(name)s is no member any more.") % {"name": user}, code="not_a_member")
    refuse_out_of_reach(actor, user)
    now, token = clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
    user.invitations.open().update(expires_at=now)
    invitation = Invitation.objects.create(
        user=user,
        department=department,
        digest=digest_of(token),
        made_at=now,
        made_by=actor,
        expires_at=now + VALID_FOR,
    )
    audit.record(actor, "people.invitation.made", invitation, expires_at=invitation.expires_at)
    return Invited(member, invitation, token)


def _reset(actor: User, department: Department, user: User) -> None:
    """No password any more; with the old one every session ends."""
    if user == actor:
        raise ValidationError(_("Change your own password yourself."), code="oneself")
    refuse_out_of_reach(actor, user, account=has_password(user))
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record(actor, "people.access.reset", user, department=department)


@transaction.atomic
def reset_access(*, actor: User, department: Department, member: Membership) -> Invited:
    """End somebody's password and sessions now, and invite them to choose a new one. Refuses as `invite` does."""
    (user,) = _locked([member.user_id])
    _reset(actor, department, user)
    return _invite(actor, department, member, user)


def open_invitation(token: str) -> Invitation | None:
    """The invitation that the token opens, as long as it holds."""
    found = Invitation.objects.open().select_related("user", "department", "made_by")
    invitation = found.filter(digest=digest_of(token), user__is_active=True).first()
    return invitation if invitation is not None and _could_be_made(invitation) else None


def _could_be_made(invitation: Invitation) -> bool:
    """Whether who made it could make it now: a card lies in a drawer while people come, go and are promoted."""
    actor, user, department = invitation.made_by, invitation.user, invitation.department
    if not actor.is_active:
        return False
    if not (actor.is_superuser or has_right(actor, department, Right.MANAGE_MEMBERS)):
        return False
    not_over = Q(until_day=None) | Q(until_day__gte=department.ending_day())
    if not any(rows.filter(not_over, user=user).exists() for rows in (department.memberships, department.role_grants)):
        return False
    try:
        refuse_out_of_reach(actor, user, account=has_password(user))
    except ValidationError:
        return False
    return True


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User:
    """Set the invited person's password, once: a second time, or too late, it is refused ("used_or_expired").

    The caller has checked `password` against the rules for passwords.
    """
    held = Invitation.objects.filter(digest=digest_of(token))
    # Two who hold the same sheet of paper may press at once: the second waits here and finds it used. First the person,
    # then the invitation, as whoever makes a new one does.
    user = User.objects.select_for_update(no_key=True).filter(pk__in=held.values("user")).first()
    invitation = held.select_for_update(of=("self",)).select_related("made_by", "department").first()
    if invitation is not None and user is not None:
        invitation.user = user
    if user is None or invitation is None or not invitation.is_open or not user.is_active:
        raise ValidationError(_("This invitation has been used or has expired."), code="used_or_expired")
    if not _could_be_made(invitation):
        raise ValidationError(_("This invitation has been used or has expired."), code="used_or_expired")
    user.set_password(password)
    user.save(update_fields=["password"])
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    audit.record(user, "people.invitation.used", invitation)
    return user
