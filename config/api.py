"""The address for programs, /api/v1/: bearer tokens of a department, JSON both ways, refusals with code and words.

The description for machines is at /api/v1/openapi.json; people read the page of the tokens. Sentences come in the
language that Accept-Language asks for.
"""

import math

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as Unfit
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from handover import api_figures
from handover.api import router as clock_router
from office import clock
from people.models import ApiToken
from people.services.tokens import authenticate_token
from shifts.api import UnknownNumber
from shifts.api import router as shifts_router

# A report is a hundred bytes; statistics and orders come by the hundred.
MOST_BYTES = 16_000
MOST_BYTES_OF = dict.fromkeys(("statistics", "orders"), api_figures.MOST_BYTES)
# One token a minute: an agent's client reports a few times a minute, and a department has some dozens of agents.
MOST_A_MINUTE = 600


class DepartmentToken(HttpBearer):
    """The token's row is `request.auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = authenticate_token(token)
        # Looked at before anything of the body is read.
        if found is not None and _announced(request) > _most_bytes(request):
            raise HttpError(413, _("This is too much at once."))
        return found


def _announced(request: HttpRequest) -> float:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else math.inf


def _most_bytes(request: HttpRequest) -> int:
    match = request.resolver_match
    return MOST_BYTES_OF.get(match.url_name or "", MOST_BYTES) if match else MOST_BYTES


class TokenThrottle(BaseThrottle):
    """Counts the requests of each token within a minute of the clock."""

    def allow_request(self, request: HttpRequest) -> bool:
        key = f"api:{request.auth.pk}:{clock.now():%Y%m%d%H%M}"  # type: ignore[attr-defined]
        cache.add(key, 0, timeout=120)
        try:
            return cache.incr(key) <= MOST_A_MINUTE
        except ValueError:
            # Dropped by the cache between the two: nothing to hold against anybody.
            return True

    def wait(self) -> float:
        return 60.0


api = NinjaAPI(
    title="Banzu",
    version="1",
    description="Facts that programs of a department report: presence, clock-ins and clock-outs, statistics, orders.",
    auth=DepartmentToken(),
    throttle=[TokenThrottle()],
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("", shifts_router)
api.add_router("", clock_router)
api.add_router("", api_figures.router)


def _refuse(request, status: int, code: str, message: str, fields: dict[str, str] | None = None):
    answer = {"code": code, "message": message, "fields": fields or {}}
    response = api.create_response(request, answer, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(AuthenticationError)
def no_token(request, error):
    return _refuse(request, 401, "no_token", _("Send a token of the department that has not been revoked."))


@api.exception_handler(UnknownNumber)
def unknown_number(request, error):
    return _refuse(request, 404, "unknown_number", _("Nobody in this department has this work number."))


@api.exception_handler(Throttled)
def too_often(request, error):
    response = _refuse(request, 429, "too_often", _("Too many requests; wait a minute."))
    response["Retry-After"] = str(error.wait or 60)
    return response


# Facts that do not fit what is so now, or what the rulebook asks for, are a conflict; impossible ones are wrong.
WRONG = frozenset({"bad_count", "in_future", "before_clock_in"})


@api.exception_handler(ValidationError)
def refused(request, refusal):
    code = getattr(refusal, "code", None) or "refused"
    return _refuse(request, 422 if code in WRONG else 409, code, " ".join(refusal.messages))


@api.exception_handler(Unfit)
def unfit(request, error):
    fields = {".".join(str(part) for part in wrong["loc"][2:]) or "body": _said(wrong) for wrong in error.errors}
    return _refuse(request, 422, "unfit", _("Something in the request is missing or wrong."), fields)


def _said(wrong: dict) -> str:
    """What is wrong with a field, in words of ours: the ones of the validator are English only."""
    kind = wrong.get("type", "")
    if kind == "missing":
        return _("This field is missing.")
    if kind == "extra_forbidden":
        return _("There is no such field.")
    if kind in ("greater_than_equal", "less_than_equal"):
        return _("This number is out of range.")
    if kind.startswith(("datetime", "timezone")):
        return _("Write the instant with its offset, like 2026-11-10T17:00:00+08:00.")
    return _("This value does not fit.")


@api.exception_handler(HttpError)
def unreadable(request, error):
    if error.status_code == 400:
        return _refuse(request, 422, "unreadable", _("The body is no JSON that can be read."))
    return _refuse(request, error.status_code, "too_large" if error.status_code == 413 else "refused", str(error))


@login_not_required
@require_GET
def description(request):
    """The description for machines; it holds nothing of any department."""
    return JsonResponse(api.get_openapi_schema(path_prefix=reverse("api:description").removesuffix("openapi.json")))


def addresses() -> list[URLPattern]:
    """The addresses for `config.urls`, open to who has not signed in: the token says who asks."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback.login_required = False  # type: ignore[attr-defined]
    return [*patterns, path("openapi.json", description, name="description")]
