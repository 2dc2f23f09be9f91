"""Asking for pages as somebody, without anything being left of it."""

from contextlib import contextmanager

from django.db import transaction
from django.test import Client

from people.models import User
from rulebooks.services import _load


@contextmanager
def never_kept():
    """Whatever happens inside has not happened afterwards."""
    # Keys of rulebooks that were taken back come again with other content.
    _load.cache_clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    _load.cache_clear()


def signed_in(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def window(client: Client, language: str = "en") -> Client:
    """Another window of the same browser: whoever signs out in it is still signed in in the first."""
    other = Client(headers={"accept-language": language})
    other.cookies.update(client.cookies)
    return other
