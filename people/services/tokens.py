"""Tokens with which the department's programs write facts: made, revoked, recognised. Only digests are kept."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from office import audit, clock
from people.models import ApiToken, Department, User
from people.services.invitations import TOKEN_BYTES, digest_of

# By which people who find one in a file know what it opens; the hint shows it with the first random signs.
PREFIX = "bz_"
HINT_LENGTH = ApiToken._meta.get_field("hint").max_length
# A chat tool and a terminal or two; more are a mistake.
MOST_TOKENS = 20
# "Last used" is for people: writing it with every request would be a write for every count.
USE_KEPT_EVERY = timedelta(minutes=1)
LONGEST_TOKEN = 200


@dataclass(frozen=True)
class MadeToken:
    """A token that has just been made: the only moment at which its secret is known."""

    token: ApiToken
    secret: str


@transaction.atomic
def make_token(*, actor: User, department: Department, name: str) -> MadeToken:
    """A new token of the department, called `name` after the program that will use it.

    Refuses a name that is missing or cannot be shown (by field), one that a living token has ("name_taken"), and more
    than so many ("too_many").
    """
    # Two who make one at once: the second waits here and sees the name of the first.
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    living = department.api_tokens.filter(revoked_at=None)
    secret = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token = ApiToken(
        department=department,
        name=name.strip(),
        digest=digest_of(secret),
        hint=secret[:HINT_LENGTH],
        made_at=clock.now(),
        made_by=actor,
    )
    token.clean_fields(exclude={"department", "made_by", "revoked_at", "revoked_by", "last_used_at"})
    if living.filter(name=token.name).exists():
        raise ValidationError(_("There is a token of this name already."), code="name_taken")
    if living.count() >= MOST_TOKENS:
        raise ValidationError(
            _("A department has at most %(most)s tokens; revoke one first.") % {"most": MOST_TOKENS}, code="too_many"
        )
    token.save()
    audit.record(actor, "people.token.made", token, hint=token.hint)
    return MadeToken(token, secret)


@transaction.atomic
def revoke_token(*, actor: User, token: ApiToken) -> ApiToken:
    """End a token at once, for ever. Refuses a second time ("already_revoked")."""
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("department").get(pk=token.pk)
    if token.revoked_at is not None:
        raise ValidationError(_("This token has been revoked already."), code="already_revoked")
    token.revoked_at, token.revoked_by = clock.now(), actor
    token.save(update_fields=["revoked_at", "revoked_by"])
    audit.record(actor, "people.token.revoked", token, hint=token.hint)
    return token


def authenticate_token(secret: str) -> ApiToken | None:
    """The living token of this secret, with its department; None for any other. Remembers when it was last used."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST_TOKEN:
        return None
    tokens = ApiToken.objects.filter(revoked_at=None).select_related("department")
    token = tokens.filter(digest=digest_of(secret)).first()
    if token is not None:
        now = clock.now()
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_KEPT_EVERY)
        if token.last_used_at is None or token.last_used_at <= now - USE_KEPT_EVERY:
            ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token
