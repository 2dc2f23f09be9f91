"""The list of members, and adding to it: one by one, or pasted."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from people import services
from people.access import in_department, require_right
from people.directory import rows_of, table_of, without_membership, without_password
from people.forms import ListForm, NewMemberForm
from people.models import Right, Role
from people.permissions import departments_where


@require_GET
@in_department
def members(request, department):
    require_right(request, Right.MANAGE_MEMBERS)
    table = table_of(request, department)
    if table.wants_file:
        return table.file()
    context = {
        "table": table,
        "rows": rows_of(table, department.today()),
        "without_password": without_password(department).exclude(user=request.user).count(),
        "others": without_membership(department),
    }
    return render(request, "people/member_list.html", context)


def _at_first(department) -> dict:
    return {"from_day": department.today(), "roles": [Role.AGENT], "rostered": True, "scored": True}


@require_http_methods(["GET", "POST"])
@in_department
def member_new(request, department):
    require_right(request, Right.MANAGE_MEMBERS)
    form = NewMemberForm(request.POST or None, initial=_at_first(department))
    if form.carry_out(lambda: services.add_person(actor=request.user, department=department, **form.cleaned_data)):
        messages.success(request, _("Added: %(name)s") % {"name": form.outcome.name})
        if "more" in request.POST:
            return redirect("people:member_new", department.code)
        return redirect("people:member", department.code, form.outcome.pk)
    context = {"form": form, "manages_more": _manages_more(request.user)}
    return render(request, "people/member_form.html", context, status=422 if form.errors else 200)


def _manages_more(user) -> bool:
    """Whether a user name can be that of somebody in another department of the reader."""
    return departments_where(user, Right.MANAGE_MEMBERS).count() > 1


@require_http_methods(["GET", "POST"])
@in_department
def member_list_new(request, department):
    """Paste, look at what was understood, store: nothing is stored before the second step."""
    require_right(request, Right.MANAGE_MEMBERS)
    form = ListForm(request.POST or None, initial=_at_first(department))
    context: dict = {"form": form}
    if form.is_valid():
        lines = services.check_lines(actor=request.user, department=department, lines=form.lines)
        context |= {"lines": _shown(lines), "wrong": sum(bool(line.mistake) for line in lines)}
        if "store" in request.POST and not context["wrong"]:
            facts = {name: form.cleaned_data[name] for name in ("from_day", "rostered", "scored")}
            try:
                added = services.add_people(actor=request.user, department=department, lines=form.lines, **facts)
            except ValidationError as refusal:
                form.refuse(refusal)
            else:
                text = ngettext("%(count)s person added.", "%(count)s people added.", len(added))
                messages.success(request, text % {"count": len(added)})
                return redirect("people:members", department.code)
    wrong = form.errors or context.get("wrong")
    return render(request, "people/member_list_form.html", context, status=422 if wrong else 200)


def _shown(lines) -> list[dict]:
    names = dict(Role.choices)
    return [{"line": line, "roles": [names[role] for role in line.roles]} for line in lines]
