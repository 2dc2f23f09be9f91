"""The service statistics."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover import services
from handover.forms.statistics import StatisticForm
from handover.lists.statistics import DAY_COLUMNS, MEMBER_COLUMNS
from handover.pages.log import shift_of
from handover.pages.month import members_of, read, total_of
from handover.permissions import can_read_everybody
from office.months import Month
from office.tables import Table
from people.access import in_department, membership_of, require_membership

# A month's tables stand on one page: their sums are those of all rows.
MONTH_ROWS = 2_000


@require_http_methods(["GET", "POST"])
@in_department
def statistics(request, department):
    member = require_membership(request) if request.method == "POST" else membership_of(request.user, department)
    day = _day_meant(request, department, member)
    context = {
        "member": member,
        # Whoever is not on the roster serves nobody: no form, and the department instead of days of their own.
        "writes": member is not None and (member.rostered or request.method == "POST"),
        **_days_around(department, day),
        **_month_shown(request, department, member, day),
    }
    recorded = context["recorded"]
    initial = StatisticForm.initial_of(recorded) if recorded else {"business_date": day}
    context["form"] = form = StatisticForm(request.POST or None, initial=initial)
    if member and form.carry_out(
        lambda: services.record_statistics(membership=member, actor=request.user, **form.cleaned_data)
    ):
        recorded_on = form.outcome.business_date
        messages.success(request, _("Recorded for %(day)s.") % {"day": recorded_on})
        address = reverse("handover:statistics", args=[department.code])
        return redirect(f"{address}?month={Month.of(recorded_on)}")
    if context["everybody_table"].wants_file:
        table = context["everybody_table"] if context["everybody"] else context["days_table"]
        return table.file()
    return render(request, "handover/statistic_list.html", context, status=422 if form.errors else 200)


def _day_meant(request, department, member) -> date:
    """The day that the form is for: the one asked for, else the running shift's, else today."""
    asked = request.GET.get("day")
    if asked:
        try:
            day = date.fromisoformat(asked)
            Month.of(day)
        except ValueError:
            raise Http404 from None
        return day
    shift = shift_of(member) if member else None
    return shift.business_date if shift else department.today()


def _days_around(department, day: date) -> dict:
    one = timedelta(days=1)
    return {"day": day, "day_before": day - one, "day_after": day + one if day < department.today() else None}


def _month_shown(request, department, member, day: date) -> dict:
    """What is recorded of the day, and the month: one member's days, everybody's sums for who may read them."""
    asked = request.GET.get("month")
    try:
        month = Month.parse(asked) if asked else Month.of(day)
    except ValueError:
        raise Http404 from None
    everybody = members_of(department, month) if can_read_everybody(request) else []
    shown = _member_shown(request, department, everybody) or (member if member and member.rostered else None)
    recorded, days = read(department, member, day, shown, month)
    name, title = f"statistics-{month}", _("Service statistics %(month)s") % {"month": month}
    whose = f" {shown.name}" if shown else ""
    alike = {"name": name, "per_page": MONTH_ROWS, "zone": department.zone}
    return {
        "month": month,
        "this_month": Month.of(department.today()),
        "shown": shown,
        "recorded": recorded,
        "days": days,
        "days_table": Table(request, DAY_COLUMNS, days, title=f"{title}{whose}", **alike),
        "total": total_of(days),
        "everybody": everybody,
        "everybody_table": Table(request, MEMBER_COLUMNS, everybody, title=title, **alike),
        "everybody_total": total_of(everybody),
    }


def _member_shown(request, department, everybody):
    """The colleague whose days are asked for; 403 without the right to read them, 404 outside the department."""
    asked = request.GET.get("member", "")
    if not asked:
        return None
    pk = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    found = next((one.membership for one in everybody if one.membership.pk == pk), None)
    found = found or get_object_or_404(department.memberships.select_related("user"), pk=pk)
    if found.user_id != request.user.pk and not can_read_everybody(request):
        raise PermissionDenied
    return found
