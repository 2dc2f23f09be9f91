"""Founding a department."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk.forms import FoundForm
from desk.founding import found_department
from office import clock
from people.permissions import may_found
from rulebooks.reading import RulebookMistakes


@require_http_methods(["GET", "POST"])
def department_new(request):
    if not may_found(request.user):
        raise PermissionDenied
    first = clock.now().date().replace(day=1)
    form = FoundForm(request.POST or None, request.FILES or None, initial={"from_day": first})
    mistakes = []
    if form.is_valid():
        try:
            department = found_department(actor=request.user, **form.founding())
        except RulebookMistakes as error:
            mistakes = error.mistakes
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is founded. Add its people now.") % {"name": department})
            return redirect("people:members", department.code)
    context = {"form": form, "mistakes": mistakes}
    return render(request, "desk/department_form.html", context, status=422 if form.errors or mistakes else 200)
