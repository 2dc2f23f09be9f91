"""Putting somebody on a shift that lacks people, or offering it; and who answers for a shift."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from office.months import Month
from people.access import in_department
from rulebooks.services import in_force_by_day
from shifts.answering import answers_of
from shifts.candidates import stand_ins_in
from shifts.forms.swaps import CoverForm
from shifts.models import Assignment, Layer, Swap, SwapKind
from shifts.pages.swaps import can_cover, can_put_on, shift_shown
from shifts.services import cover as covering
from shifts.services import swaps as services
from shifts.whatif import WhatIf


@require_http_methods(["GET", "POST"])
@in_department
def cover(request, department, day, shift):
    if not can_cover(request):
        raise PermissionDenied
    on = _day_or_404(day)
    rulebook = in_force_by_day(department, [on]).get(on)
    if rulebook is None or rulebook.shift(shift) is None:
        raise Http404
    absent = _absent(request, department, on, shift)
    context = _cover_page(request, department, on, shift, absent)
    warned = {one.membership.pk for one in context["legal"] if one.warnings}
    form = CoverForm(request.POST or None, department=department, warned=warned, instead=absent is not None)
    if form.carry_out(lambda: _covered(request, department, on, shift, absent, form.cleaned_data)):
        return form.outcome
    context |= {"form": form, "gap": shift_shown(rulebook, on, shift)}
    return render(request, "shifts/cover_page.html", context, status=422 if form.errors else 200)


def _day_or_404(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        # Months end where the program's do.
        Month.of(day)
    except ValueError:
        raise Http404 from None
    if text != day.isoformat():
        raise Http404
    return day


def _absent(request, department, day: date, code: str) -> Assignment | None:
    """The published shift of whoever is to be replaced; 404 when they are not on it."""
    key = request.GET.get("instead_of", "")
    if not key:
        return None
    rows = Assignment.objects.filter(layer=Layer.PUBLISHED, business_date=day, code=code, slot=1)
    people = rows.filter(membership__department=department).select_related("membership__user", "membership__department")
    return get_object_or_404(people, membership=int(key) if key.isdecimal() and len(key) < 19 else 0)


def _cover_page(request, department, day: date, code: str, absent: Assignment | None) -> dict:
    scene = WhatIf(department, [day])
    found = stand_ins_in(scene, day, code, without=absent.membership if absent else None)
    legal = [one for one in found if one.legal]
    on_it = [row.pk for (_member, on), row in scene.cells.items() if on == day and row.code == code and not row.is_rest]
    offers = Swap.objects.live().filter(department=department, business_date=day, code=code)
    rulebook = scene.rulebook(day)
    return {
        "cover": scene.cover(day, code),
        "closed": [refusal.text for refusal in scene.closed(day)],
        "candidates": found,
        "legal": legal,
        "others": len(found) - len(legal),
        "nobody": not legal,
        "absent": absent,
        "on_it": Assignment.objects.filter(pk__in=on_it).select_related("membership__user").order_by("membership"),
        "offers": offers.select_related("owner__user", "partner__user"),
        "may_put_on": can_put_on(request),
        "may_offer": bool(rulebook and rulebook.swaps),
        "month": Month.of(day),
    }


def _covered(request, department, day: date, code: str, absent: Assignment | None, asked: dict):
    """Do what was chosen, and lead to where it shows."""
    here = reverse("shifts:cover", args=[department.code, day.isoformat(), code])
    instead_of = absent.membership if absent else None
    member = asked.get("member")
    if asked["does"] == CoverForm.PUT_ON and member is not None:
        covering.put_on(
            department=department,
            day=day,
            code=code,
            member=member,
            actor=request.user,
            instead_of=instead_of,
            reason=asked["reason"],
        )
        messages.success(request, _("%(name)s is on it now, and has been told.") % {"name": member.name})
        return redirect(here)
    if absent is not None:
        offered = services.offer(
            kind=SwapKind.GIVE_AWAY,
            assignment=absent,
            partner=member,
            actor=request.user,
            acted_for=asked["reason"],
        )
    else:
        offered = services.open_shift(
            department=department,
            day=day,
            code=code,
            actor=request.user,
            partner=member,
            reason=asked["reason"],
        )
    messages.success(request, _("Offered. Until it is applied, the gap stays."))
    return redirect("shifts:swap", department.code, offered.pk)


@require_GET
@in_department
def answers(request, department, key):
    rows = [row for row in answers_of(key) if row.membership.department_id == department.pk]
    if not rows:
        raise Http404
    last = rows[-1]
    rulebook = in_force_by_day(department, [last.business_date]).get(last.business_date)
    context = {"rows": rows, "shift": shift_shown(rulebook, last.business_date, last.code)}
    return render(request, "shifts/swap_answers.html", context)
