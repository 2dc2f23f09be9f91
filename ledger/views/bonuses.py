"""Bonuses: what is proposed, the decision, and what was approved."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, Q, Sum, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ledger import services, sources
from ledger.forms import ApproveBonusForm, DismissBonusForm
from ledger.lists import BONUS_COLUMNS, bonus_amount
from ledger.models import Bonus, BonusState
from ledger.permissions import why_not_award
from ledger.views.months import month_asked
from office.forms import MonthForm
from office.months import Month
from office.tables import Choice, Table, filled
from people.access import in_department, may
from people.directory import named
from people.models import Right

PROPOSED_FIRST = Case(When(state=BonusState.PROPOSED, then=Value(0)), default=Value(1))


@require_GET
@in_department(former=True)
def bonuses(request, department):
    table = _table(request, department)
    if table.wants_file:
        return table.file()
    approved = table.rows.order_by().filter(state=BonusState.APPROVED).aggregate(fen=Sum("amount_fen"))["fen"] or 0
    context = {"table": table, "rows": [(one, bonus_amount(one)) for one in table.page], "approved_fen": approved}
    return render(request, "ledger/bonus_list.html", context | {"reads_all": _reads_all(request)})


def _table(request, department) -> Table:
    month = month_asked(request)
    form = MonthForm(request.GET, newest=Month.of(department.today()), shown=month)
    rows = _found(request, department, month, filled(form).get("q", ""))
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    states = [(value, label, counts.get(value, 0)) for value, label in BonusState.choices]
    state = Choice(request, "state", _("State"), [("", _("All states"), sum(counts.values())), *states])
    rows = rows.filter(state=state.value) if state.value else rows
    rows = rows.order_by(PROPOSED_FIRST, "-business_date", "-pk").select_related("membership__user")
    return Table(
        request,
        BONUS_COLUMNS,
        rows,
        name="bonuses",
        title=_("Bonuses"),
        zone=department.zone,
        form=form,
        # Of one's own only what is approved is shown: there is nothing to choose from.
        choices=[state] if _reads_all(request) else [],
    )


def _reads_all(request) -> bool:
    return any(may(request, right) for right in (Right.AWARD_BONUS, Right.COLLECT_FINES, Right.READ_SCORECARDS))


def _shown(request, department):
    found = Bonus.objects.visible_to(request.user).filter(department=department)
    # Whoever has left reads what is about themselves.
    return found.filter(membership__user=request.user) if department.is_former else found


def _found(request, department, month, words: str):
    rows = _shown(request, department)
    rows = rows.filter(business_date__gte=month.first, business_date__lte=month.last) if month else rows
    return rows.filter(Q(facts__icontains=words) | named(words)) if words else rows


def _bonus_or_404(request, department, pk) -> Bonus:
    people = ("department", "membership__user", "proposed_by", "decided_by")
    return get_object_or_404(_shown(request, department).select_related(*people), pk=pk)


@require_GET
@in_department(former=True)
def bonus(request, department, pk):
    return _page(request, department, _bonus_or_404(request, department, pk))


def _page(request, department, bonus: Bonus, *, approve=None, dismiss=None):
    waits = bonus.state == BonusState.PROPOSED
    links = sources.links(request, department, [bonus])
    context = {
        "bonus": bonus,
        "amount": bonus_amount(bonus),
        "source": links.get((bonus.source_kind, bonus.source_id)),
        "why_not": why_not_award(request, bonus) if waits else "",
        "waits": waits,
        "approve": approve or ApproveBonusForm(bonus=bonus),
        "dismiss": dismiss or DismissBonusForm(),
    }
    refused = any(form is not None and form.errors for form in (approve, dismiss))
    return render(request, "ledger/bonus_detail.html", context, status=422 if refused else 200)


@require_POST
@in_department
def bonus_approve(request, department, pk):
    bonus = _bonus_or_404(request, department, pk)
    if why_not_award(request, bonus):
        raise PermissionDenied
    form = ApproveBonusForm(request.POST, bonus=bonus)
    if form.carry_out(lambda: services.approve_bonus(bonus=bonus, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Approved. The member has been told."))
        return redirect("ledger:bonuses", department.code)
    return _page(request, department, _bonus_or_404(request, department, pk), approve=form)


@require_POST
@in_department
def bonus_dismiss(request, department, pk):
    bonus = _bonus_or_404(request, department, pk)
    if why_not_award(request, bonus):
        raise PermissionDenied
    form = DismissBonusForm(request.POST)
    if form.carry_out(lambda: services.dismiss_bonus(bonus=bonus, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Not approved."))
        return redirect("ledger:bonuses", department.code)
    return _page(request, department, _bonus_or_404(request, department, pk), dismiss=form)
