"""One member: facts, roles, history, and what can be done."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people import services
from people.access import in_department, require_right
from people.directory import access_of, held_by, history_of, roles_of, with_access
from people.forms import AgainForm, EndRoleForm, GrantForm
from people.models import Department, Membership, Right, Role
from people.permissions import beyond, departments_where


def member_or_404(request, department: Department, pk: int) -> Membership:
    """A member of the department, present, past or to come, for whoever manages them (403 else)."""
    require_right(request, Right.MANAGE_MEMBERS)
    members = with_access(department.memberships.all(), department).select_related("department")
    return get_object_or_404(members, pk=pk)


@require_GET
@in_department
def member(request, department, pk):
    return member_page(request, member_or_404(request, department, pk))


def member_page(request, member: Membership, *, grant=None, ending=None, refusal=None):
    """The page of a member, with a form or a refusal that came back."""
    department, today, user = member.department, member.department.today(), member.user
    is_over = member.until_day is not None and member.until_day < today
    later = department.memberships.filter(user=user, from_day__gt=member.from_day).order_by("from_day").first()
    managed = departments_where(request.user, Right.MANAGE_MEMBERS)
    context = {
        "member": member,
        "access": access_of(member),
        "has_password": services.has_password(user),
        "roles": _role_rows(member, ending),
        "grant": grant or GrantForm(initial={"from_day": max(today, member.from_day)}, auto_id="grant_%s"),
        "history": [each for each in history_of(request.user, user) if each.pk != member.pk],
        "is_self": user == request.user,
        "is_over": is_over,
        "is_ahead": member.from_day > today,
        "later": later,
        "beyond": _out_of_reach(request.user, user),
        "may_move": not is_over and managed.exclude(pk=department.pk).exists(),
        "refusal": refusal,
    }
    wrong = (grant and grant.errors) or (ending and ending[1].errors) or refusal
    return render(request, "people/member_detail.html", context, status=422 if wrong else 200)


def _out_of_reach(reader, user) -> list[Department]:
    """Departments that keep the reader from inviting the person, or from resetting their access."""
    return beyond(reader, user, account=services.has_password(user)) if user != reader else []


@require_POST
@in_department
def remove(request, department, pk):
    """Somebody who was added by mistake and has not begun."""
    found = member_or_404(request, department, pk)
    try:
        services.remove_member(actor=request.user, member=found)
    except ValidationError as refusal:
        return member_page(request, found, refusal=" ".join(refusal.messages))
    messages.success(request, _("Removed: %(name)s") % {"name": found.name})
    return redirect("people:members", department.code)


def _role_rows(member: Membership, ending) -> list[dict]:
    """Every role held here, with the form that ends it while it can be ended."""
    today = member.department.today()
    current = {grant.pk for grant in roles_of(member)}
    rows = []
    for grant in reversed(held_by(member)):
        over = grant.until_day is not None and grant.until_day < today
        form = EndRoleForm(initial={"last_day": grant.until_day or today}, auto_id=f"role_{grant.pk}_%s")
        if ending and ending[0].pk == grant.pk:
            form = ending[1]
        rows.append({"grant": grant, "over": over, "current": grant.pk in current, "form": None if over else form})
    return rows


@require_http_methods(["GET", "POST"])
@in_department
def again(request, department, pk):
    """Somebody who has left, or will, comes back."""
    found = member_or_404(request, department, pk)
    if found.until_day is None:
        return redirect("people:member", department.code, pk)
    at_first = {
        "work_number": found.work_number,
        "from_day": max(department.today(), found.until_day + timedelta(days=1)),
        "roles": [grant.role for grant in roles_of(found)] or [Role.AGENT],
        "rostered": found.rostered,
        "scored": found.scored,
    }
    form = AgainForm(request.POST or None, initial=at_first)
    if form.carry_out(lambda: services.add_again(actor=request.user, member=found, **form.cleaned_data)):
        messages.success(request, _("Added again: %(name)s") % {"name": form.outcome.name})
        return redirect("people:member", department.code, form.outcome.pk)
    context = {"member": found, "form": form}
    return render(request, "people/member_again.html", context, status=422 if form.errors else 200)


@require_POST
@in_department
def role_grant(request, department, pk):
    found = member_or_404(request, department, pk)
    form = GrantForm(request.POST, auto_id="grant_%s")
    if form.carry_out(
        lambda: services.grant_role(actor=request.user, department=department, user=found.user, **form.cleaned_data)
    ):
        messages.success(request, _("The role is given."))
        return redirect("people:member", department.code, pk)
    return member_page(request, found, grant=form)


@require_POST
@in_department
def role_end(request, department, pk, grant):
    found = member_or_404(request, department, pk)
    role = get_object_or_404(department.role_grants.filter(user=found.user), pk=grant)
    form = EndRoleForm(request.POST, auto_id=f"role_{role.pk}_%s")
    if form.carry_out(lambda: services.end_role(actor=request.user, grant=role, **form.cleaned_data)):
        messages.success(request, _("The role ends."))
        return redirect("people:member", department.code, pk)
    return member_page(request, found, ending=(role, form))
