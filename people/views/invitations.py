"""Invitations on paper, reset of access, and the page on which the invited choose a password."""

from dataclasses import dataclass

import segno
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from office.lists import joined
from people import services
from people.access import in_department, require_right
from people.directory import with_access, without_password
from people.forms import WelcomeForm
from people.models import Department, Membership, Right
from people.services import Invited
from people.views.member import member_or_404, member_page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# So many sheets of paper at once are a department; more are a mistake.
MOST_CARDS = 500


@dataclass(frozen=True)
class Card:
    """One card to cut out."""

    member: Membership
    address: str
    code: str
    until: str


def cards_of(request, invited: list[Invited]) -> list[Card]:
    return [_card(request, each) for each in invited]


def _card(request, invited: Invited) -> Card:
    address = request.build_absolute_uri(reverse("welcome", args=[invited.token]))
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        border=2, omitsize=True, svgclass="bz-qr", lineclass=None, dark="#000", light="#fff"
    )
    until = invited.member.department.local(invited.invitation.expires_at)
    # Drawn from the address alone: nothing that anybody typed is in it.
    return Card(invited.member, address, mark_safe(drawn), f"{until:%Y-%m-%d %H:%M}")


@require_POST
@in_department
def invitations(request, department):
    """Make invitations for the chosen members, or for all without a password, and show them as cards to print."""
    require_right(request, Right.MANAGE_MEMBERS)
    chosen = _chosen(request, department)
    skipped = services.out_of_reach(request.user, department, chosen) if request.POST.get("all") == "1" else []
    chosen = [each for each in chosen if each not in skipped]
    known = [each for each in chosen if each.user.password and each.user.has_usable_password()]
    confirmed = request.POST.get("confirmed") == "1"
    if known and not confirmed:
        context = {"chosen": chosen, "known": known}
        return render(request, "people/invitation_confirm.html", context, status=422)
    try:
        if skipped and not chosen:
            raise ValidationError(_said_of(skipped), code="out_of_reach")
        if not chosen:
            raise ValidationError(_("Choose somebody first."), code="nobody")
        made = services.invite(actor=request.user, department=department, members=chosen, confirmed=confirmed)
    except ValidationError as refusal:
        refused = {"refusal": " ".join(refusal.messages)}
        return render(request, "people/invitation_confirm.html", refused, status=422)
    return _print_page(request, department, made, _said_of(skipped) if skipped else "")


def _said_of(skipped: list[Membership]) -> str:
    text = _("Not invited, since they belong to other departments too, or look after the installation: %(names)s.")
    return text % {"names": joined(each.name for each in skipped)}


def _chosen(request, department: Department) -> list[Membership]:
    if request.POST.get("all") == "1":
        found = without_password(department).exclude(user=request.user)
    else:
        keys = [int(key) for key in request.POST.getlist("members") if key.isdecimal() and len(key) < 19]
        found = department.memberships.filter(pk__in=keys)
    return list(with_access(found, department).select_related("department").order_by("work_number", "pk")[:MOST_CARDS])


def _print_page(request, department: Department, made: list[Invited], skipped: str = "") -> HttpResponse:
    context = {"cards": cards_of(request, made), "skipped": skipped}
    response = render(request, "people/invitation_cards.html", context)
    # The one moment at which the addresses can be read.
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@in_department
def reset(request, department, pk):
    found = member_or_404(request, department, pk)
    try:
        made = services.reset_access(actor=request.user, department=department, member=found)
    except ValidationError as refusal:
        return member_page(request, found, refusal=" ".join(refusal.messages))
    return _print_page(request, department, [made])


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def welcome(request, token):
    """Choose a password with an invitation, and come in."""
    invitation = services.open_invitation(token)
    if invitation is None:
        return _kept_private(render(request, "people/welcome_over.html", status=410))
    form = WelcomeForm(request.POST or None, user=invitation.user)
    if form.is_valid():
        try:
            user = services.accept_invitation(token=token, password=form.cleaned_data["password"])
        except ValidationError:
            return _kept_private(render(request, "people/welcome_over.html", status=410))
        login(request, user, backend=BACKEND)
        return _kept_private(redirect("desk:home"))
    context = {"form": form, "invitation": invitation}
    return _kept_private(render(request, "people/welcome.html", context, status=422 if form.errors else 200))


def _kept_private(response: HttpResponse) -> HttpResponse:
    # The address is the key: it goes to no other site.
    response["Referrer-Policy"] = "same-origin"
    return response
