"""Orders: the list, a month's untagged ones, one order, and what people say about whose it is."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from handover.forms.orders import ALL, NONE, ClaimForm, DecideForm, OrderFilter, RefuseForm
from handover.lists.orders import order_columns, untagged_columns
from handover.models import Attribution, Order, OrderClaim
from handover.pages.orders import (
    Claim,
    Reader,
    all_fen,
    lines_of,
    newest_month,
    read_order,
    read_untagged,
    reader_of,
    untagged_of,
    whose,
    with_shares,
)
from handover.services import orders as services
from office.months import Month
from office.tables import Choice, Table, filled
from people.access import in_department, require_membership, require_right
from people.models import Right


# -- The list ---------------------------------------------------------------------------------------------------------
@require_GET
@in_department
def orders(request, department):
    reader, today = reader_of(request), Month.of(department.today())
    shown = _month_asked(request)
    members = list(department.memberships.select_related("user").order_by("work_number", "pk"))
    form = OrderFilter(request.GET, today=today, shown=shown, members=members)
    rows = _found(department, filled(form), today, reader)
    how = Choice(request, "how", _("How it is known"), [("", _("All")), *Attribution.choices])
    table = Table(
        request,
        order_columns(reader.buyer_of, reader.remark_of, whose),
        with_shares(rows.filter(attribution=how.value) if how.value else rows),
        name="orders",
        title=_("Orders"),
        order="-placed",
        zone=department.zone,
        form=form,
        choices=[how],
    )
    if table.wants_file:
        return table.file()
    context = {"table": table, "lines": lines_of(table.page, reader, department)}
    return render(request, "handover/order_list.html", context)


def _month_asked(request) -> Month | None:
    """The month of the address; None without one and for "all". 404 for what is no month."""
    asked = request.GET.get("month", "")
    if asked in ("", ALL):
        return None
    try:
        return Month.parse(asked)
    except ValueError:
        raise Http404 from None


def _found(department, asked: dict, this_month: Month, reader: Reader) -> QuerySet[Order]:
    """What the address asks for: this month's, unless it says otherwise."""
    rows = Order.objects.filter(department=department)
    if asked.get("month") != ALL:
        month = Month.parse(asked["month"]) if "month" in asked else this_month
        rows = rows.filter(business_date__range=(month.first, month.last))
    if member := asked.get("member"):
        rows = rows.filter(shares__membership=int(member))
    if flag := asked.get("flag"):
        rows = rows.filter(flag="" if flag == NONE else flag)
    if fault := asked.get("fault"):
        rows = rows.filter(fault=fault)
    if words := asked.get("q"):
        # Whoever may not read a handle finds it only whole, as the customer writes it.
        buyer = Q(buyer__icontains=words) if reader.sees_buyers else Q(buyer=words)
        rows = rows.filter(Q(number__icontains=words) | Q(remark__icontains=words) | buyer)
    return rows


# -- A month's untagged orders ----------------------------------------------------------------------------------------
@require_GET
@in_department
def untagged_now(request, department):
    """The month whose untagged orders matter now."""
    return redirect("handover:untagged", department.code, newest_month(department))


@require_GET
@in_department
def untagged(request, department, month):
    found = read_untagged(request, department, month)
    table = Table(
        request,
        untagged_columns(found.buyer, found.remark, found.claimed_by),
        untagged_of(department, month),
        name=f"untagged-{month}",
        title=_("Untagged orders %(month)s") % {"month": month},
        order="-paid_at",
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    lines = [found.line(order) for order in table.page]
    context = {
        "found": found,
        "month": month,
        "this_month": Month.of(department.today()),
        "table": table,
        "rows": [(line, _claim_form(line.order) if found.may_claim(line.order) else None) for line in lines],
        "waiting": [(line, _with_forms(line.claims)) for line in found.waiting],
        "all_fen": all_fen(lines),
    }
    return render(request, "handover/order_untagged.html", context)


def _claim_form(order: Order, data=None) -> ClaimForm:
    return ClaimForm(data, auto_id=f"claim-{order.pk}-%s")


def _refuse_form(pk: int, data=None) -> RefuseForm:
    return RefuseForm(data, auto_id=f"refuse-{pk}-%s")


def _with_forms(claims, failed: tuple[int, RefuseForm] | None = None) -> list[tuple[Claim, RefuseForm]]:
    """Each claim with the form that refuses it; `failed`: the one that came back with its mistakes."""
    back = dict([failed] if failed else [])
    return [(claim, back.get(claim.pk) or _refuse_form(claim.pk)) for claim in claims]


# -- One order --------------------------------------------------------------------------------------------------------
def _order_or_404(request, department, pk) -> Order:
    return get_object_or_404(Order.objects.visible_to(request.user), department=department, pk=pk)


@require_GET
@in_department
def order(request, department, pk):
    return _order_page(request, department, _order_or_404(request, department, pk))


def _order_page(request, department, found: Order, *, claim=None, decide=None, refuse=None, refusal=None):
    """The page of an order; with a form that came back, where its mistakes are put right, or with what was refused."""
    sheet = read_order(request, department, found)
    context = {
        "sheet": sheet,
        "order": found,
        "claim_form": claim or _claim_form(found),
        "claims": _with_forms(sheet.claims, refuse),
        "decide_form": decide or DecideForm(members=sheet.members, given=sheet.given, seen=sheet.seen),
        "refusal": refusal.messages if refusal else [],
    }
    status = 422 if claim or decide or refuse or refusal else 200
    return render(request, "handover/order_detail.html", context, status=status)


@require_POST
@in_department
def order_claim(request, department, pk):
    found = _order_or_404(request, department, pk)
    member = require_membership(request)
    form = _claim_form(found, request.POST)
    if form.carry_out(lambda: services.claim_order(order=found, membership=member, **form.cleaned_data)):
        messages.success(request, _("Claimed. Somebody who decides looks at it; you will be told."))
        return _back(request, department, found)
    return _order_page(request, department, found, claim=form)


@require_POST
@in_department
def order_decide(request, department, pk):
    require_right(request, Right.DECIDE_ORDERS)
    found = _order_or_404(request, department, pk)
    members = read_order(request, department, found).members
    form = DecideForm(request.POST, members=members, given={}, seen="")
    if form.carry_out(lambda: services.decide_order(order=found, actor=request.user, **form.decided())):
        messages.success(request, _("Decided. Everybody concerned has been told."))
        return redirect("handover:order", department.code, pk)
    return _order_page(request, department, found, decide=form)


# -- Claims -----------------------------------------------------------------------------------------------------------
def _claim_or_404(request, department, pk) -> OrderClaim:
    rows = OrderClaim.objects.visible_to(request.user).select_related("order", "membership__user")
    return get_object_or_404(rows, order__department=department, pk=pk)


@require_POST
@in_department
def claim_withdraw(request, department, pk):
    claim = _claim_or_404(request, department, pk)
    if claim.membership.user_id != request.user.pk:
        raise PermissionDenied
    try:
        services.withdraw_claim(claim=claim, actor=request.user)
    except ValidationError as refusal:
        return _refused(request, department, claim, refusal)
    messages.success(request, _("Taken back."))
    return _back(request, department, claim.order)


@require_POST
@in_department
def claim_confirm(request, department, pk):
    require_right(request, Right.DECIDE_ORDERS)
    claim = _claim_or_404(request, department, pk)
    try:
        services.confirm_claim(claim=claim, actor=request.user)
    except ValidationError as refusal:
        return _refused(request, department, claim, refusal)
    messages.success(request, _("Confirmed. Everybody concerned has been told."))
    return _back(request, department, claim.order)


@require_POST
@in_department
def claim_refuse(request, department, pk):
    require_right(request, Right.DECIDE_ORDERS)
    claim = _claim_or_404(request, department, pk)
    form = _refuse_form(pk, request.POST)
    if form.carry_out(lambda: services.refuse_claim(claim=claim, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Refused. Who claimed it has been told."))
        return _back(request, department, claim.order)
    return _order_page(request, department, claim.order, refuse=(pk, form))


def _refused(request, department, claim: OrderClaim, refusal: ValidationError):
    """The order as it is now, with what was refused above it: a press too late, or about oneself."""
    return _order_page(request, department, _order_or_404(request, department, claim.order_id), refusal=refusal)


def _back(request, department, found: Order):
    """To where one pressed: the order's own page, else its month's list, at the page that one was on."""
    own = reverse("handover:order", args=[department.code, found.pk])
    if request.POST.get("from") == "order":
        return redirect(own)
    page = request.POST.get("page", "")
    month = Month.of(found.business_date)
    query = {"page": page} if page.isdecimal() and len(page) < 9 else None
    return redirect(reverse("handover:untagged", args=[department.code, month], query=query))
