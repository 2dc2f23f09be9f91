"""What is kept of one customer, and whom there are."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from handover.customers import may_see_customers
from handover.forms.log import CustomerForm
from handover.pages.customers import find, history_of
from office.tables import filled
from people.access import in_department, membership_of


@require_GET
@in_department
def customers(request, department):
    form, sees_all = CustomerForm(request.GET), may_see_customers(request)
    words = filled(form).get("q", "").strip()
    found = find(department, request.user, words, sees_all=sees_all) if form.is_valid() else []
    return render(
        request,
        "handover/customer_list.html",
        {"form": form, "words": words, "found": found, "sees_all": sees_all},
    )


@require_GET
@in_department
def customer(request, department, handle):
    found = history_of(department, handle, request.user, sees_all=may_see_customers(request))
    context = {
        "history": found,
        "handle": handle,
        "member": membership_of(request.user, department),
        "form": CustomerForm(),
    }
    return render(request, "handover/customer_detail.html", context)
