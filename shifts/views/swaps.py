"""Swaps, shifts given away and open shifts: the list, asking, and the page of one with its steps."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import clock
from office.forms import SearchForm
from office.tables import Choice, Table, filled
from people.access import in_department, membership_of
from people.directory import named
from rulebooks.services import in_force_by_day
from shifts.candidates import A_WEEK, Exchange, partners, takers
from shifts.forms.swaps import ActForm, OfferForm, StepForm
from shifts.lists.swaps import STATE_CHOICES, SWAP_COLUMNS, lines_of, own, shown_swaps
from shifts.models import Assignment, Swap, SwapKind, SwapState
from shifts.pages.swaps import by_weeks, can_approve, own_shifts, page_of, shift_shown, steps_of
from shifts.services import swap_decisions
from shifts.services import swaps as services

# So far ahead one's own shifts are offered for swapping.
AHEAD = timedelta(days=62)


# -- The list ---------------------------------------------------------------------------------------------------------
@require_GET
@in_department
def swaps(request, department):
    form = SearchForm(request.GET)
    rows, choices = _chosen(request, department, filled(form).get("q", ""))
    table = Table(
        request,
        SWAP_COLUMNS,
        rows.select_related("owner__user", "partner__user"),
        name="swaps",
        title=_("Swaps"),
        order="-asked",
        zone=department.zone,
        form=form,
        choices=choices,
    )
    if table.wants_file:
        return table.file()
    today = department.today()
    rulebook = in_force_by_day(department, [today]).get(today)
    context = {
        "table": table,
        "lines": lines_of(department, table.page),
        "rules": rulebook.swaps if rulebook else None,
        "may_offer": _is_rostered(membership_of(request.user, department)) or can_approve(request),
    }
    return render(request, "shifts/swap_list.html", context)


def _chosen(request, department, words: str) -> tuple[QuerySet[Swap], list[Choice]]:
    """The swaps that the address asks for, and the chips to choose by; only approvers see others' than their own."""
    rows = _found(shown_swaps(request.user, department), words)
    choices = []
    if can_approve(request):
        choices.append(Choice(request, "whose", _("Whose"), [("", _("All")), ("mine", pgettext("my own", "Mine"))]))
    if not choices or choices[0].value:
        rows = rows.filter(own(request.user))
    state = Choice(request, "state", _("State"), [(value, label) for value, label, _states in STATE_CHOICES])
    states = next(states for value, _label, states in STATE_CHOICES if value == state.value)
    return rows.filter(state__in=states), [*choices, state]


def _is_rostered(member) -> bool:
    return member is not None and member.rostered


def _found(rows, words: str):
    """Those with these words in a name or a message, or of this work number."""
    sides = named(words, "owner") | named(words, "partner")
    return rows.filter(Q(reason__icontains=words) | sides) if words else rows


# -- Asking -----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@in_department
def swap_new(request, department):
    if "shift" not in request.GET:
        return _choose_shift(request, department)
    shift = _own_shift_or_404(request, department)
    acts = shift.membership.user_id != request.user.pk
    form = OfferForm(request.POST or None, assignment=shift, acts=acts)
    if form.carry_out(lambda: services.offer(assignment=shift, actor=request.user, **form.offer())):
        messages.success(request, _("Asked. You will be told as soon as somebody answers."))
        return redirect("shifts:swap", department.code, form.outcome.pk)
    context = _choices(request, department, shift) | {"form": form, "acts": acts}
    return render(request, "shifts/swap_form.html", context, status=422 if form.errors else 200)


def _choose_shift(request, department):
    """Which shift: one's own, or for somebody who is absent those of a member."""
    if request.method == "POST":
        raise Http404
    member = membership_of(request.user, department)
    others = []
    if can_approve(request):
        others = list(department.memberships.rostered().on(department.today()).select_related("user"))
        asked = request.GET.get("of", "")
        usual = member if _is_rostered(member) else next(iter(others), member)
        member = next((one for one in others if str(one.pk) == asked), usual)
    if member is None or not (member.rostered or others):
        raise PermissionDenied
    member.department = department
    today = department.today()
    weeks = by_weeks(own_shifts(member, today, today + AHEAD), today)
    context = {"member": member, "weeks": weeks, "others": others}
    return render(request, "shifts/swap_choose.html", context)


def _own_shift_or_404(request, department) -> Assignment:
    """The published shift that the address names; 403 for somebody else's, unless one approves swaps."""
    key = request.GET.get("shift", "")
    rows = Assignment.objects.published().working().filter(membership__department=department)
    people = rows.select_related("membership__user", "membership__department")
    shift = get_object_or_404(people, pk=int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0)
    if shift.membership.user_id != request.user.pk and not can_approve(request):
        raise PermissionDenied
    return shift


def _choices(request, department, shift: Assignment) -> dict:
    """What the page of an offer shows: the shift, the ways of passing it on, and who could take it or why not."""
    rulebooks = in_force_by_day(department, [shift.business_date])
    rulebook = rulebooks.get(shift.business_date)
    rules = rulebook.swaps if rulebook else None
    kinds = [kind for kind in (SwapKind.SWAP, SwapKind.GIVE_AWAY) if rules and kind in rules.kinds]
    options = [(kind.value, kind.label) for kind in kinds]
    kind = Choice(request, "kind", _("How"), options, default=options[0][0] if options else "")
    context = {
        "shift": shift_shown(rulebook, shift.business_date, shift.code, member=shift.membership, key=shift.pk),
        "kind": kind,
        "rules": rules,
        "running": Swap.objects.live().filter(assignment=shift).first(),
        "begun": shift.starts_at is not None and shift.starts_at <= clock.now(),
    }
    if not kinds or context["running"] or context["begun"]:
        return context
    if kind.value == SwapKind.GIVE_AWAY:
        return context | _takers(shift)
    return context | _partners(department, shift, wide=request.GET.get("days") == "all")


def _takers(shift: Assignment) -> dict:
    """Who could be given the shift, and of all others why not."""
    found = takers(shift)
    legal = [one for one in found if one.legal]
    return {"takers": found, "legal": legal, "others": len(found) - len(legal), "nobody": not legal}


def _partners(department, shift: Assignment, *, wide: bool) -> dict:
    """With whom the shift could be exchanged, for which of theirs, and of all others why not."""
    first, last = _range(department, shift, wide=wide)
    found = partners(shift, first, last)
    days = {exchange.assignment.business_date for one in found for exchange in one.exchanges}
    books = in_force_by_day(department, days)
    legal = [(one, [_in_return(exchange, books) for exchange in one.exchanges]) for one in found if one.legal]
    others = len(found) - len(legal)
    return {"partners": found, "legal": legal, "others": others, "nobody": not legal, "wide": wide}


def _in_return(exchange: Exchange, rulebooks) -> tuple:
    """A colleague's shift as it is shown, and what should be known about it."""
    row = exchange.assignment
    shown = shift_shown(rulebooks.get(row.business_date), row.business_date, row.code, key=row.pk)
    return shown, exchange.warnings


def _range(department, shift: Assignment, *, wide: bool) -> tuple[date, date]:
    """The days of the shifts that are offered in return: a week around it, or all that is published from today on."""
    if not wide:
        return shift.business_date - A_WEEK, shift.business_date + A_WEEK
    published = Assignment.objects.published().filter(membership__department=department)
    last = published.order_by("-business_date").values_list("business_date", flat=True).first()
    return department.today(), min(last or shift.business_date, department.today() + AHEAD)


# -- One swap ---------------------------------------------------------------------------------------------------------
@require_GET
@in_department
def swap(request, department, pk):
    return _swap_page(request, department, _swap_or_404(request, department, pk))


def _swap_or_404(request, department, pk) -> Swap:
    people = ("department", "owner__user", "partner__user", "asked_by", "agreed_by", "decided_by", "version")
    found = get_object_or_404(shown_swaps(request.user, department).select_related(*people), pk=pk)
    for member in (found.owner, found.partner):
        if member is not None:
            member.department = department
    found.department = department
    return found


def _swap_page(request, department, swap: Swap, *, step="", form=None):
    page = page_of(request, swap, membership_of(request.user, department))
    forms = {"decide": StepForm(auto_id="decide_%s"), "refuse": StepForm(auto_id="refuse_%s"), "act": ActForm()}
    if form is not None:
        forms[{"refuse": "refuse", "agree_for": "act", "decline_for": "act"}.get(step, "decide")] = form
    refused = form is not None and bool(form.errors)
    context = {"page": page, "swap": swap, "form": form, "forms": forms}
    return render(request, "shifts/swap_detail.html", context, status=422 if refused else 200)


# What each step does with the words that were typed in, and what is said afterwards.
def _agree(swap, user, words):
    member = membership_of(user, swap.department)
    services.agree(swap=swap, actor=user, member=member)
    return _("Agreed. It waits for approval now.")


def _agree_for(swap, user, words):
    services.agree(swap=swap, actor=user, **words)
    return _("Agreed for them. They have been told.")


def _decline(swap, user, words):
    services.decline(swap=swap, actor=user, **words)
    return _("Declined. They have been told.")


def _withdraw(swap, user, words):
    services.withdraw(swap=swap, actor=user)
    return _("Taken back.")


def _approve(swap, user, words):
    return _how_it_went(swap_decisions.approve(swap=swap, actor=user, **words))


def _apply(swap, user, words):
    return _how_it_went(swap_decisions.apply(swap=swap, actor=user))


def _refuse(swap, user, words):
    swap_decisions.refuse(swap=swap, actor=user, **words)
    return _("Refused. Both have been told.")


def _how_it_went(swap: Swap) -> str:
    if swap.state == SwapState.APPLIED:
        return _("Applied. The roster has a new version, and both have been told.")
    if swap.state == SwapState.STALE:
        return _("One of the shifts has changed meanwhile: this swap is over.")
    return _("Approved, but it could not be applied: see what was in the way.")


STEPS = {
    "agree": (_agree, StepForm),
    "agree_for": (_agree_for, ActForm),
    "decline": (_decline, StepForm),
    "decline_for": (_decline, ActForm),
    "withdraw": (_withdraw, StepForm),
    "approve": (_approve, StepForm),
    "apply": (_apply, StepForm),
    "refuse": (_refuse, StepForm),
}


@require_POST
@in_department
def swap_step(request, department, pk, step):
    if step not in STEPS:
        raise Http404
    swap = _swap_or_404(request, department, pk)
    do, form_class = STEPS[step]
    if not _may_ever(request, swap, step):
        raise PermissionDenied
    form = form_class(request.POST, auto_id=f"{'refuse' if step == 'refuse' else 'decide'}_%s")
    if form.carry_out(lambda: do(swap, request.user, form.cleaned_data)):
        messages.success(request, form.outcome)
        return redirect("shifts:swap", department.code, pk)
    return _swap_page(request, department, _swap_or_404(request, department, pk), step=step, form=form)


def _may_ever(request, swap: Swap, step: str) -> bool:
    """Whether the step is this person's in some state of the swap; that it no longer fits is a refusal with words."""
    member = membership_of(request.user, swap.department)
    shown = swap.state
    try:
        for state in (SwapState.ASKED, SwapState.AGREED, SwapState.APPROVED):
            swap.state = state
            if step in steps_of(request, swap, member):
                return True
        return False
    finally:
        swap.state = shown
