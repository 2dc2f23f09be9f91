"""Invitations: how somebody comes to their first password, and to a new one."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from office import audit, clock
from office.lists import joined
from people.models import Department, Invitation, Membership, User
from people.permissions import beyond

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


def refuse_out_of_reach(actor: User, user: User) -> None:
    """Nobody lets another choose a new password who may do more than they themselves, here or elsewhere."""
    if user.is_superuser and not actor.is_superuser:
        raise ValidationError(
            _("%(name)s looks after the whole installation; only somebody who does so too can do this.")
            % {"name": user},
            code="out_of_reach",
        )
    if places := beyond(actor, user):
        raise ValidationError(
            _("%(name)s has rights in %(departments)s too; only somebody who manages the members there can do this.")
            % {"name": user, "departments": joined(places)},
            code="out_of_reach",
        )


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
        if user.has_usable_password() and user.password:
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
    refuse_out_of_reach(actor, user)
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
    found = Invitation.objects.open().select_related("user", "department")
    return found.filter(digest=digest_of(token), user__is_active=True).first()


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User:
    """Set the invited person's password, once: a second time, or too late, it is refused ("used_or_expired").

    The caller has checked `password` against the rules for passwords.
    """
    held = Invitation.objects.filter(digest=digest_of(token))
    # Two who hold the same sheet of paper may press at once: the second waits here and finds it used. First the person,
    # then the invitation, as whoever makes a new one does.
    user = User.objects.select_for_update(no_key=True).filter(pk__in=held.values("user")).first()
    invitation = held.select_for_update().first()
    if user is None or invitation is None or not invitation.is_open or not user.is_active:
        raise ValidationError(_("This invitation has been used or has expired."), code="used_or_expired")
    user.set_password(password)
    user.save(update_fields=["password"])
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    audit.record(user, "people.invitation.used", invitation)
    return user
