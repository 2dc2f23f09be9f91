"""What is kept of one customer, and whom there are."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from handover.customers import may_see_customers
from handover.forms.log import CustomerForm
from handover.pages.customers import days_of, find, history_of
from office.tables import filled
from people.access import in_department, membership_of

ENTRIES_A_PAGE = 30


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
    member = membership_of(request.user, department)
    found = history_of(department, handle, request.user, member=member, sees_all=may_see_customers(request))
    entries = Paginator(found.entries, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "history": found,
        "page": entries,
        "days": days_of(entries),
        "handle": handle,
        "member": member,
        "form": CustomerForm(),
    }
    return render(request, "handover/customer_detail.html", context)
