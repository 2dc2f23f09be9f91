"""The weekly summary: writing one's own, reading the others'."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover.forms.weekly import SummaryForm
from handover.lists.weekly import BOARD_COLUMNS
from handover.models import WeeklySummary
from handover.pages.weekly import board, own_weeks
from handover.permissions import can_read_everybody
from handover.services.weekly import hand_in_summary, save_summary
from handover.views.rules import needs_rulebook
from office.tables import Table
from people.access import in_department, membership_of, require_membership, require_right
from people.models import Right
from rulebooks.services import in_force

# A department's people stand on one page.
PEOPLE = 200


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def weekly(request, department):
    member = require_membership(request) if request.method == "POST" else membership_of(request.user, department)
    form = SummaryForm(request.POST) if request.method == "POST" else None
    if member and form and form.carry_out(lambda: hand_in_summary(membership=member, **form.cleaned_data)):
        late = not form.outcome.is_on_time
        messages.success(request, _("Handed in, late.") if late else _("Handed in, on time."))
        return redirect("handover:weekly", code=department.code)
    day = form.cleaned_data.get("day") if form else _day(request)
    own = own_weeks(member, day) if member else None
    if form is None and not (own and own.lines) and can_read_everybody(request) and _rule(department):
        # Whoever writes none reads the others'.
        return _board(request, department)
    begun = SummaryForm(initial={"day": own.chosen.week.day, "text": own.text}) if own and own.chosen else None
    return _page(request, department, member, own, form or begun)


def _page(request, department, member, own, form):
    """One's own weeks with the form of the chosen one; 422 where it was refused."""
    # Whoever has no weeks is told whether the rulebook asks anybody.
    rule = None if own and own.lines else _rule(department)
    context = {"own": own, "form": form, "member": member, "rule": rule, "reads_all": can_read_everybody(request)}
    return render(request, "handover/weekly_form.html", context, status=422 if form and form.errors else 200)


@require_POST
@in_department
@needs_rulebook
def weekly_save(request, department):
    """Keep the draft; asked every few seconds while somebody writes."""
    member = require_membership(request)
    form = SummaryForm(request.POST)
    saved = form.carry_out(lambda: save_summary(membership=member, **form.cleaned_data))
    if request.htmx:
        return render(
            request,
            "handover/_weekly_saved.html",
            {"summary": form.outcome, "form": form},
            status=200 if saved else 422,
        )
    if saved:
        messages.success(request, _("Saved as a draft; it is not handed in yet."))
        return redirect("handover:weekly", code=department.code)
    return _page(request, department, member, own_weeks(member, form.cleaned_data.get("day")), form)


@require_GET
@in_department
@needs_rulebook
def weekly_board(request, department):
    require_right(request, Right.READ_REGISTER)
    return _board(request, department)


def _rule(department):
    """What the rulebook in force today asks of a summary; None when it asks for none."""
    return in_force(department, department.today()).weekly_summary


def _writes(request) -> bool:
    """Whether the reader writes summaries of their own."""
    member = membership_of(request.user, request.department)
    return member is not None and member.scored


def _board(request, department):
    """Everybody's summaries of one week."""
    found = board(department, _day(request))
    if found is None:
        raise Http404
    if found.week is None:
        # Without a rulebook the page says that, instead of what the rulebook does not ask for.
        in_force(department, department.today())
    table = Table(
        request,
        BOARD_COLUMNS,
        found.lines,
        name=f"weekly-{found.week.day}" if found.week else "weekly",
        title=_("Weekly summaries %(day)s") % {"day": found.week.day} if found.week else _("Weekly summaries"),
        per_page=PEOPLE,
        zone=department.zone,
    )
    return (
        table.file()
        if table.wants_file
        else render(request, "handover/weekly_board.html", {"board": found, "table": table, "writes": _writes(request)})
    )


@require_GET
@in_department
def weekly_summary(request, department, pk):
    """One summary that was handed in; a draft is its writer's alone, and stands on the page where it is written."""
    rows = WeeklySummary.objects.visible_to(request.user).handed_in().filter(membership__department=department)
    summary = get_object_or_404(rows.select_related("membership__user"), pk=pk)
    others = rows.filter(due_at=summary.due_at)
    number = summary.membership.work_number
    context = {
        "summary": summary,
        "day": department.local(summary.due_at).date(),
        "before": others.filter(membership__work_number__lt=number).order_by("-membership__work_number").first(),
        "after": others.filter(membership__work_number__gt=number).order_by("membership__work_number").first(),
        "reads_all": can_read_everybody(request),
    }
    return render(request, "handover/weekly_detail.html", context)


def _day(request) -> date | None:
    asked = request.GET.get("week", "")
    try:
        return date.fromisoformat(asked) if asked else None
    except ValueError:
        raise Http404 from None
