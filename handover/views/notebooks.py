"""The issue register and the service statistics."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover import services
from handover.forms import IssueForm, StatisticForm
from handover.lists import DAY_COLUMNS, ISSUE_COLUMNS, MEMBER_COLUMNS
from handover.log import shift_of
from handover.models import Issue
from handover.month import days_of, lines, members_of, total_of
from handover.permissions import can_read_everybody
from handover.views.rules import needs_rulebook
from office.forms import SearchForm
from office.months import Month
from office.tables import Choice, Table, filled
from people.access import in_department, membership_of, require_membership
from rulebooks.services import in_force

ISSUES_A_PAGE = 25
# A month's tables stand on one page: their sums are those of all rows.
MONTH_ROWS = 2_000


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def issues(request, department):
    member = require_membership(request) if request.method == "POST" else membership_of(request.user, department)
    rulebook = in_force(department, department.today())
    form = IssueForm(request.POST or None, rulebook=rulebook)
    if member and form.is_valid():
        try:
            services.write_issue(author=member, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Entered in the register."))
            return redirect("handover:issues", code=department.code)
    context = {"form": form, "member": member, **_entries(request, department, rulebook)}
    if context["table"].wants_file:
        return context["table"].file()
    return render(request, "handover/issue_list.html", context, status=422 if form.errors else 200)


def _entries(request, department, rulebook) -> dict:
    """The list with its filters: whose (own, or all where one may), which category, and words."""
    reads_all = can_read_everybody(request)
    whose = Choice(request, "whose", _("Whose entries"), [("", _("All")), ("own", _("Mine"))])
    own = not reads_all or whose.value == "own"
    kinds = [(known.code, known.name) for known in rulebook.notebooks.issue_register.categories]
    category = Choice(request, "category", _("Category"), [("", _("All categories")), *kinds])
    form = SearchForm(request.GET)
    rows = Issue.objects.visible_to(request.user).filter(department=department)
    rows = rows.filter(author__user=request.user) if own else rows
    rows = rows.filter(category=category.value) if category.value else rows
    words = filled(form).get("q", "")
    rows = rows.filter(Q(text__icontains=words) | Q(about__icontains=words)) if words else rows
    table = Table(
        request,
        ISSUE_COLUMNS,
        rows.select_related("department", "author__user"),
        name="issues",
        title=_("Issue register"),
        order="-when",
        per_page=ISSUES_A_PAGE,
        zone=department.zone,
        form=form,
        choices=[whose, category] if reads_all else [category],
    )
    return {"table": table, "page": table.page, "own": own, "reads_all": reads_all}


@require_http_methods(["GET", "POST"])
@in_department
def statistics(request, department):
    member = require_membership(request) if request.method == "POST" else membership_of(request.user, department)
    day = _day_meant(request, department, member)
    recorded = lines(department).filter(membership=member, business_date=day).first() if member else None
    initial = StatisticForm.initial_of(recorded) if recorded else {"business_date": day}
    form = StatisticForm(request.POST or None, initial=initial)
    if member and form.is_valid():
        try:
            row = services.record_statistics(membership=member, actor=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Recorded for %(day)s.") % {"day": row.business_date})
            address = reverse("handover:statistics", args=[department.code])
            return redirect(f"{address}?month={Month.of(row.business_date)}")
    context = {"form": form, "member": member, "recorded": recorded, **_days_around(department, day)}
    context |= _month_shown(request, department, member, day)
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
    """The month's tables: the days of one member, and everybody's sums for who may read them."""
    asked = request.GET.get("month")
    try:
        month = Month.parse(asked) if asked else Month.of(day)
    except ValueError:
        raise Http404 from None
    shown = _member_shown(request, department) or member
    days = days_of(shown, month) if shown else []
    everybody = members_of(department, month) if can_read_everybody(request) else []
    name, title = f"statistics-{month}", _("Service statistics %(month)s") % {"month": month}
    whose = f" {shown.name}" if shown else ""
    alike = {"name": name, "per_page": MONTH_ROWS, "zone": department.zone}
    return {
        "month": month,
        "this_month": Month.of(department.today()),
        "shown": shown,
        "days": days,
        "days_table": Table(request, DAY_COLUMNS, days, title=f"{title}{whose}", **alike),
        "total": total_of(days),
        "everybody": everybody,
        "everybody_table": Table(request, MEMBER_COLUMNS, everybody, title=title, **alike),
        "everybody_total": total_of(everybody),
    }


def _member_shown(request, department):
    """The colleague whose days are asked for; 403 without the right to read them, 404 outside the department."""
    pk = request.GET.get("member", "")
    if not pk:
        return None
    rows = department.memberships.select_related("user")
    found = get_object_or_404(rows, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0)
    if found.user_id != request.user.pk and not can_read_everybody(request):
        raise PermissionDenied
    return found
