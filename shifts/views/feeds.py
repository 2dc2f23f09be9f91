"""One's shifts in one's own calendar program: the page that makes the secret address, and what stands behind it."""

import hashlib
import logging

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from office import clock
from people.access import in_department, require_membership
from shifts.feeds import calendar_of
from shifts.models import CalendarFeed
from shifts.services import feeds

log = logging.getLogger(__name__)


@require_GET
@in_department
def calendar_feed(request, department):
    return _page(request, require_membership(request))


@require_POST
@in_department
def calendar_feed_new(request, department):
    """The one moment at which the address can be read: the page is not to be kept."""
    member = require_membership(request)
    try:
        made = feeds.make_feed(membership=member, actor=request.user)
    except ValidationError as refusal:
        return _page(request, member, refusal=" ".join(refusal.messages))
    language = translation.get_language()
    address = request.build_absolute_uri(reverse("feed", args=[made.token])) + f"?lang={language}"
    return _page(request, member, address=address)


@require_POST
@in_department
def calendar_feed_revoke(request, department):
    ended = feeds.revoke_feed(membership=require_membership(request), actor=request.user)
    if ended:
        messages.success(request, _("The address is taken back. Programs that use it read nothing any more."))
    else:
        messages.info(request, _("There was no address to take back."))
    return redirect("shifts:calendar_feed", department.code)


def _page(request, member, *, address: str = "", refusal: str = ""):
    feed = CalendarFeed.objects.filter(membership=member, revoked_at=None).first()
    local = member.department.local
    context = {
        "member": member,
        "feed": feed,
        "made_at": local(feed.made_at) if feed else None,
        "read_at": local(feed.last_read_at) if feed and feed.last_read_at else None,
        "address": address,
        "refusal": refusal,
    }
    if address:
        # Calendar programs know this scheme: a press subscribes instead of fetching a file once.
        context["subscribe"] = "webcal://" + address.partition("://")[2]
        drawn = segno.make(address, error="m", micro=False).svg_inline(
            border=2, omitsize=True, svgclass="bz-qr", lineclass=None, dark="#000", light="#fff"
        )
        # Drawn from the address alone: nothing that anybody typed is in it.
        context["code"] = mark_safe(drawn)
    response = render(request, "shifts/feed_detail.html", context, status=422 if refusal else 200)
    if address:
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "same-origin"
    return response


@login_not_required
@require_safe
def feed(request, token):
    """A calendar program asks without signing in: the address is the key. Whatever does not open it is not found."""
    found = feeds.open_feed(token)
    if found is None:
        return _unlogged(404)
    asked = request.GET.get("lang", "")
    language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    try:
        with translation.override(language):
            body = calendar_of(found.membership, clock.now())
    except Exception:
        log.exception("the calendar of membership %s cannot be made", found.membership_id)
        return _unlogged(500)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = tag
    response["Content-Disposition"] = 'inline; filename="shifts.ics"'
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, etag=tag, response=response)


def _unlogged(status: int) -> HttpResponse:
    """An answer without words that Django does not log: the log would hold the path, and the path is the secret."""
    response = HttpResponse("", content_type="text/plain", status=status)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
