"""What is looked at before a request is read, and what becomes of one that cannot be answered where it was sent."""

from typing import cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage.base import BaseStorage
from django.shortcuts import redirect, render, resolve_url
from django.urls import is_valid_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

# More than any form of ours sends with its files; who sends more is answered before anything of it is read.
MOST_BYTES = 24 * 1024 * 1024
READING = ("GET", "HEAD")


class RefuseTooLarge:
    """413 for a request that announces more than it may have. Without it a file of any size would go to the disk first,
    for the sake of the form's token."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > MOST_BYTES:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class SignInFirst(LoginRequiredMiddleware):
    """Whoever is signed out signs in first. What they had pressed is lost: they are told, and brought back to where the
    button stands instead of to the address that it sends to."""

    def handle_no_permission(self, request, view_func):
        if request.method in READING:
            return super().handle_no_permission(request, view_func)
        messages.warning(request, _("What you pressed was not done: you had been signed out. Press it again."))
        login, field = resolve_url(self.get_login_url(view_func)), self.get_redirect_field_name(view_func)
        answer = redirect_to_login(_pressed_on(request), login, field)
        # A redirect would be followed behind the page, and the words be shown to nobody.
        return HttpResponseClientRedirect(answer.url) if request.htmx else answer


class PressedNotOpened:
    """A browser that opens an address which is only ever pressed (left over from before a sign-in, or loaded again) is
    brought to the page above it, where the button stands. Elsewhere 405 is said in words."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if answer.status_code != 405 or answer.content or "text/html" not in request.headers.get("accept", ""):
            return answer
        in_department = request.path_info.startswith("/d/") and request.user.is_authenticated
        if request.method == "GET" and in_department and not request.htmx:
            _say_once(request, _("Nothing was done. If it is still to be done, press the button again."))
            return redirect(_above(request.path_info))
        said = render(request, "405.html", status=405)
        said.headers["Allow"] = answer.headers["Allow"]
        return said


def _pressed_on(request) -> str:
    """The page on which the button was pressed, as far as the browser tells; else the nearest one above its address."""
    page = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        found = urlsplit(page)
        return f"{found.path or '/'}{'?' if found.query else ''}{found.query}"
    return _above(request.path_info)


def _above(path: str) -> str:
    """The nearest address above this one that there is."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            return path
    return path


def _say_once(request, words: str) -> None:
    """One address above another that is only pressed says it again: it is shown once."""
    waiting = cast(BaseStorage, messages.get_messages(request))
    said = words in [message.message for message in waiting]
    # They have only been looked at.
    waiting.used = False
    if not said:
        messages.info(request, words)
