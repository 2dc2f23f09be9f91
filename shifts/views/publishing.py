"""Publishing a month, taking its draft back, who has seen which version, and locking what is over."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people.access import in_department, may, require_right
from people.models import Right
from shifts import services
from shifts.checks import BLOCKING, OPEN, Report
from shifts.forms.publishing import PublishForm, ReasonForm
from shifts.forms.roster import SeenForm
from shifts.models import Layer, Roster, RosterChange
from shifts.pages.publishing import board_of, difference_of, versions_of
from shifts.services import publishing


def _roster(department, month) -> Roster | None:
    return Roster.objects.filter(department=department, first_day=month.first).first()


def _breaches(department, month, roster) -> dict:
    """What keeps the draft from being published, and what needs a reason; past days of a published month do not."""
    today = department.today() if roster and roster.version else month.first
    items = [item for item in Report(department, month, Layer.DRAFT).items if item.day >= today]
    return {
        "blocking": [item for item in items if item.state == BLOCKING],
        "warnings": [item for item in items if item.state == OPEN],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@in_department
def roster_publish(request, department, month):
    """Looks at what publishing would change and breaks; then publishes exactly that."""
    require_right(request, Right.EDIT_ROSTER)
    roster = _roster(department, month)
    edits = roster.edits if roster else 0
    form = PublishForm(request.POST or None, initial={"seen": edits})
    if request.method == "POST" and form.is_valid():
        try:
            seen, reason = form.cleaned_data["seen"], form.cleaned_data["reason"]
            services.publish(department=department, month=month, seen_edits=seen, actor=request.user, reason=reason)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Published. Everybody concerned is told."))
            return redirect("shifts:roster", code=department.code, month=month)
    if form.errors:
        # The page below shows the draft as it is now: what is published next is what stands here.
        form.data = {**request.POST.dict(), "seen": edits}
    breaches = _breaches(department, month, roster)
    form.fields["reason"].required = bool(breaches["warnings"])
    difference = difference_of(department, month, roster)
    context = {"department": department, "month": month, "roster": roster, "form": form, "difference": difference}
    context |= breaches
    return render(request, "shifts/publication_form.html", context, status=422 if form.errors else 200)


@require_POST
@in_department
def roster_discard(request, department, month):
    """Takes the draft that the person has seen back to what is published."""
    require_right(request, Right.EDIT_ROSTER)
    form = SeenForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("The page was not complete. Look again."), code="unreadable")
        seen = form.cleaned_data["seen"]
        services.discard_draft(department=department, month=month, seen_edits=seen, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("The draft is as published again."))
    return redirect("shifts:roster", code=department.code, month=month)


@require_GET
@in_department
def roster_versions(request, department, month):
    """All versions of a month, and for whoever edits it what may be locked."""
    return _versions_page(request, department, month, ReasonForm())


def _versions_page(request, department, month, reason_form):
    roster = _roster(department, month)
    context = {
        "department": department,
        "month": month,
        "roster": roster,
        "versions": versions_of(roster),
        "editing": may(request, Right.EDIT_ROSTER),
        "is_over": month.last < department.today(),
        "reason_form": reason_form,
    }
    return render(request, "shifts/version_list.html", context, status=422 if reason_form.errors else 200)


@require_GET
@in_department
def roster_version(request, department, month, number):
    """What one version changed for whom, and who has seen it; to those who edit the roster, else only one's own."""
    roster = _roster(department, month)
    version = roster.versions.filter(number=number).select_related("published_by").first() if roster else None
    if version is None:
        raise Http404
    board = board_of(version, department)
    editing = may(request, Right.EDIT_ROSTER)
    if not editing:
        board = [person for person in board if person.member.user_id == request.user.pk]
    context = {
        "department": department,
        "month": month,
        "version": version,
        "board": board,
        "editing": editing,
        "seen": sum(person.acknowledged_at is not None for person in board),
    }
    return render(request, "shifts/version_detail.html", context)


@require_POST
@in_department
def change_acknowledge(request, department, pk):
    rows = RosterChange.objects.visible_to(request.user).select_related("membership__department", "version__roster")
    change = get_object_or_404(rows.filter(membership__department=department), pk=pk)
    if change.membership.user_id != request.user.pk:
        raise PermissionDenied
    publishing.acknowledge(change=change, actor=request.user)
    messages.success(request, _("Thank you: your supervisor sees that you have seen it."))
    if request.POST.get("from") == "version":
        month, number = change.version.roster.month, change.version.number
        return redirect("shifts:roster_version", code=department.code, month=month, number=number)
    return redirect("desk:today", code=department.code)


@require_POST
@in_department
def roster_lock(request, department, month):
    require_right(request, Right.EDIT_ROSTER)
    try:
        publishing.lock_month(department=department, month=month, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Locked. Plan and attendance of this month stay as they are."))
    return redirect("shifts:roster_versions", code=department.code, month=month)


@require_POST
@in_department
def roster_unlock(request, department, month):
    require_right(request, Right.EDIT_ROSTER)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            publishing.unlock_month(department=department, month=month, actor=request.user, reason=reason)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("Unlocked."))
        return redirect("shifts:roster_versions", code=department.code, month=month)
    return _versions_page(request, department, month, form)
