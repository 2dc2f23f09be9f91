"""Tokens of the department's programs: the list, a new one (shown once), revoking."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from office.forms import RefusingForm
from people.access import in_department, require_right
from people.models import ApiToken, Right
from people.services import tokens as services


class TokenForm(RefusingForm):
    """What the program is called that will use the token."""

    fields_of_codes = {"name_taken": "name"}

    name = forms.CharField(
        label=pgettext_lazy("program", "Name"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=gettext_lazy("Which program will use it: the chat tool, the terminal at the door."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_GET
@in_department
def tokens(request, department):
    require_right(request, Right.MANAGE_MEMBERS)
    return _page(request, department, TokenForm())


def _page(request, department, form: TokenForm, **shown):
    rows = department.api_tokens.select_related("made_by", "revoked_by")
    base = request.build_absolute_uri(reverse("api:description")).removesuffix("openapi.json")
    context = {
        "living": [token for token in rows if token.revoked_at is None],
        "revoked": [token for token in rows if token.revoked_at is not None],
        "form": form,
        "base": base,
        **shown,
    }
    return render(request, "people/token_list.html", context, status=422 if form.errors else 200)


@sensitive_variables("made")
@require_POST
@in_department
def token_new(request, department):
    """Make one, and show its secret: the only answer in which it stands."""
    require_right(request, Right.MANAGE_MEMBERS)
    form = TokenForm(request.POST)
    if form.carry_out(lambda: services.make_token(actor=request.user, department=department, **form.cleaned_data)):
        response = _page(request, department, TokenForm(), made=form.outcome)
        response["Cache-Control"] = "no-store"
        return response
    return _page(request, department, form)


@require_POST
@in_department
def token_revoke(request, department, pk):
    require_right(request, Right.MANAGE_MEMBERS)
    token = get_object_or_404(department.api_tokens, pk=pk)
    try:
        services.revoke_token(actor=request.user, token=token)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Revoked: %(name)s") % {"name": token.name})
    return redirect("shifts:tokens", department.code)
