"""Letting one warning of a month's plan stand."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people.access import in_department, require_right
from people.models import Right
from shifts.checks import OPEN, Item, Report
from shifts.forms.overrides import StandForm
from shifts.models import Layer
from shifts.services import overrides

# Where the way back leads: to the grid, or to the list of what is wrong.
LIST = "list"


@require_http_methods(["GET", "POST"])
@in_department
def roster_stand(request, department, month):
    """One line of the checks (`key`), which stands from now on with a reason; what is no longer so is said."""
    require_right(request, Right.EDIT_ROSTER)
    layer = request.GET.get("layer", Layer.DRAFT)
    if layer not in Layer.values:
        raise Http404
    back = _way_back(request, department, month, layer)
    item = _open_line(department, month, layer, request.GET.get("key", ""))
    if item is None:
        messages.warning(request, _("The plan has changed; look at its checks again."))
        return redirect(back)
    form = StandForm(request.POST or None)
    what = {"department": department, "month": month, "layer": layer, "key": item.key, "actor": request.user}
    if form.carry_out(lambda: overrides.let_one_stand(**what, **form.cleaned_data)):
        messages.success(request, _("It may stand; the reason is kept."))
        return redirect(back)
    context = {"form": form, "item": item, "month": month, "back": back}
    return render(request, "shifts/override_form.html", context, status=422 if form.errors else 200)


def _open_line(department, month, layer: str, key: str) -> Item | None:
    return next(
        (item for item in Report(department, month, layer).items if item.key == key and item.state == OPEN), None
    )


def _way_back(request, department, month, layer: str) -> str:
    page = "roster_checks" if request.GET.get("from") == LIST else "roster"
    query = {"layer": layer} if page == "roster_checks" and layer != Layer.DRAFT else None
    return reverse(f"shifts:{page}", kwargs={"code": department.code, "month": month}, query=query)
