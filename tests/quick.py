"""What every test does over and over, done once a process: nothing that a test says depends on it.

Loaded by pytest (`-p tests.quick`) once the settings are there. Processes that tests start are not made quick.
"""

import gc

import pytest
from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.test.client import ClientHandler

# The hasher of the settings takes a quarter of a second for each password, which is its purpose. It stays among those
# that are known: other processes write passwords into the database of the tests.
MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
CHAIN = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")

_load = ClientHandler.load_middleware
_loaded: list[ClientHandler] = []


def _load_once(self: ClientHandler, is_async: bool = False) -> None:
    """Each client of Django's would load the middleware anew, and whitenoise look up every static file for it."""
    if not _loaded:
        _load(self, is_async)
        _loaded.append(self)
    for name in CHAIN:
        setattr(self, name, getattr(_loaded[0], name))


@receiver(setting_changed)
def _load_anew(**_kwargs) -> None:
    _loaded.clear()


ClientHandler.load_middleware = _load_once


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = [MD5, *settings.PASSWORD_HASHERS]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
