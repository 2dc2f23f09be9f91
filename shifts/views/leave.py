"""Leave slips: the list, handing one in, deciding, and taking back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import uploads
from office.tables import Choice, Table
from people.access import in_department, may, membership_of
from people.models import Right
from rulebooks.services import NoRulebook, in_force
from shifts.forms.leave import ApproveForm, CancelForm, DaysForm, LeaveForm, RefuseForm, typed_day
from shifts.lists.leave import LEAVE_COLUMNS, LeaveFilter
from shifts.models import Leave, LeaveState
from shifts.pages.leave import LeaveDays, case_of, length_words, may_cancel, may_withdraw, why_not_decide
from shifts.services import leave as services
from shifts.services.leave import kind_of, wish_of


@require_GET
@in_department(former=True)
def leaves(request, department):
    approver = may(request, Right.APPROVE_LEAVE)
    form = LeaveFilter(request.GET, department=department)
    rows = form.applied(_shown(request, department))
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    states = [(value, label, counts.get(value, 0)) for value, label in LeaveState.choices]
    state = Choice(request, "state", _("State"), [("", _("All"), sum(counts.values())), *states])
    rows = rows.filter(state=state.value) if state.value else rows
    table = Table(
        request,
        LEAVE_COLUMNS if approver else [column for column in LEAVE_COLUMNS if column.name not in ("number", "who")],
        rows.select_related("membership__user", "membership__department", "decided_by"),
        name="leave",
        title=pgettext("time off", "Leave"),
        order="-when",
        zone=department.zone,
        form=form,
        choices=[state],
    )
    if table.wants_file:
        return table.file()
    context = {"table": table, "rows": [_row(leave) for leave in table.page], "is_approver": approver}
    has_rules = _has_rules(department)
    context |= {"has_rules": has_rules, "may_ask": has_rules and _may_ask(request, department)}
    return render(request, "shifts/leave_list.html", context)


def _shown(request, department):
    """One's own slips, and the department's for whoever approves them."""
    return Leave.objects.visible_to(request.user).filter(membership__department=department)


def _row(leave: Leave) -> dict:
    when = wish_of(leave).words(leave.membership.department.zone)
    return {"leave": leave, "kind": kind_of(leave).name, "when": when, "length": length_words(leave)}


def _may_ask(request, department) -> bool:
    """Members for themselves, who approves also for others; not whoever has left."""
    is_member = not department.is_former and membership_of(request.user, department) is not None
    return is_member or may(request, Right.APPROVE_LEAVE)


def _has_rules(department) -> bool:
    """Whether anybody can ask for leave here today."""
    try:
        return in_force(department, department.today()).leave is not None
    except NoRulebook:
        return False


@require_http_methods(["GET", "POST"])
@in_department
def leave_new(request, department):
    if not _may_ask(request, department):
        raise PermissionDenied
    form = LeaveForm(
        request.POST or None,
        request.FILES or None,
        department=department,
        mine=membership_of(request.user, department),
        acts=may(request, Right.APPROVE_LEAVE),
        day=typed_day(request.GET.get("day")),
    )
    if form.carry_out(lambda: services.ask(actor=request.user, **form.asked())):
        messages.success(request, _("Handed in. Those who approve leave have been told."))
        return redirect("shifts:leave", department.code, form.outcome.pk)
    context = {"form": form, "days": _days_of_form(form), "member": form.shown_member}
    return render(request, "shifts/leave_form.html", context, status=422 if form.errors else 200)


def _days_of_form(form: LeaveForm):
    """The days that were typed in, as far as they are days."""
    days = DaysForm({name: form[name].value() for name in ("first_day", "last_day")})
    first, last = (
        (days.cleaned_data.get(name) for name in ("first_day", "last_day")) if days.is_valid() else (None,) * 2
    )
    if first is None or form.shown_member is None:
        return []
    return LeaveDays(form.shown_member, drafts=False).of(first, last or first)


@require_GET
@in_department
def leave_days(request, department):
    form = DaysForm(request.GET)
    mine, member = membership_of(request.user, department), None
    if form.is_valid():
        asked = form.cleaned_data["membership"]
        member = mine if asked is None or (mine and asked == mine.pk) else None
        if asked is not None and member is None:
            if not may(request, Right.APPROVE_LEAVE):
                raise Http404
            member = get_object_or_404(department.memberships.select_related("user", "department"), pk=asked)
    days = []
    if member is not None:
        first = form.cleaned_data["first_day"]
        days = LeaveDays(member, drafts=False).of(first, form.cleaned_data["last_day"] or first)
    context = {"days": days, "member": member, "wrong": form.errors}
    return render(request, "shifts/_leave_days.html", context, status=422 if form.errors else 200)


@require_GET
@in_department(former=True)
def leave_detail(request, department, pk):
    return _case_page(request, _leave_or_404(request, department, pk))


def _leave_or_404(request, department, pk) -> Leave:
    people = ("membership__user", "membership__department", "decided_by", "asked_by", "attachment")
    return get_object_or_404(_shown(request, department).select_related(*people), pk=pk)


def _case_page(request, leave, **bound):
    forms = {
        "approve": ApproveForm(auto_id="approve_%s"),
        "refuse": RefuseForm(auto_id="refuse_%s"),
        "cancel": CancelForm(leave=leave, actor=request.user, auto_id="cancel_%s"),
        **bound,
    }
    context = {f"{name}_form": form for name, form in forms.items()}
    context |= {"case": case_of(request, leave), "leave": leave, "all_forms": forms.values()}
    refused = any(form.errors for form in bound.values())
    return render(request, "shifts/leave_detail.html", context, status=422 if refused else 200)


@require_POST
@in_department
def leave_approve(request, department, pk):
    leave = _leave_or_404(request, department, pk)
    if why_not_decide(request, leave):
        raise PermissionDenied
    form = ApproveForm(request.POST, auto_id="approve_%s")
    return _do(request, department, leave, "approve", form, services.approve, _("Approved. The member has been told."))


@require_POST
@in_department
def leave_refuse(request, department, pk):
    leave = _leave_or_404(request, department, pk)
    if why_not_decide(request, leave):
        raise PermissionDenied
    form = RefuseForm(request.POST, auto_id="refuse_%s")
    return _do(request, department, leave, "refuse", form, services.refuse, _("Refused. The member has been told."))


@require_POST
@in_department
def leave_withdraw(request, department, pk):
    leave = _leave_or_404(request, department, pk)
    if not may_withdraw(request, leave):
        raise PermissionDenied
    form = ApproveForm({}, auto_id="withdraw_%s")
    return _do(request, department, leave, "withdraw", form, _withdraw, _("Withdrawn."))


def _withdraw(*, leave, actor, **_nothing):
    return services.withdraw(leave=leave, actor=actor)


@require_POST
@in_department
def leave_cancel(request, department, pk):
    leave = _leave_or_404(request, department, pk)
    if not may_cancel(request, leave):
        raise PermissionDenied
    form = CancelForm(request.POST, leave=leave, actor=request.user, auto_id="cancel_%s")
    return _do(request, department, leave, "cancel", form, services.cancel, _("Cancelled."))


def _do(request, department, leave, name, form, service, said):
    """Have the service do it and show the slip again: with what it says, or with what it refuses."""
    if form.carry_out(lambda: service(leave=leave, actor=request.user, **form.cleaned_data)):
        done = form.outcome
        has_ended = isinstance(done, services.PutBack) and done.ended
        messages.success(request, _("Ended earlier. What was taken stays leave.") if has_ended else said)
        if isinstance(done, services.PutBack):
            _say_what_came_back(request, done)
        return redirect("shifts:leave", department.code, leave.pk)
    return _case_page(request, _leave_or_404(request, department, leave.pk), **{name: form})


def _say_what_came_back(request, done) -> None:
    if done.restored:
        text = ngettext(
            "%(days)s shift is back on the roster.", "%(days)s shifts are back on the roster.", len(done.restored)
        )
        messages.info(request, text % {"days": len(done.restored)})
    if done.covered:
        text = _("Somebody else covers these days; they stay free: %(days)s")
        messages.warning(request, text % {"days": services.listed(done.covered)})
    if done.nobodys:
        text = _("The shift of these days no longer fits; they are empty now: %(days)s")
        messages.warning(request, text % {"days": services.listed(done.nobodys)})


@require_GET
@in_department(former=True)
def leave_attachment(request, department, pk):
    leave = _leave_or_404(request, department, pk)
    if leave.attachment is None:
        raise Http404
    return uploads.response(leave.attachment)
