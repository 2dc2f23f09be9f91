"""The rota of duties: looking at it, making it, passing a turn on and saying that it is done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.months import Month
from office.tables import Choice, Table
from people.access import in_department, require_right
from people.models import Right
from rulebooks.services import NoRulebook, in_force
from shifts.forms.duties import PassOnForm
from shifts.models import DutyTurn, Roster
from shifts.pages.duties import COLUMNS, people_for, rota_of, row_of
from shifts.permissions import can_edit_roster
from shifts.services import duties as services

# A month of a few duties stands on one page.
ROWS = 200


@require_GET
@in_department
def duties(request, department, month):
    may_edit = can_edit_roster(request)
    rows = rota_of(department, month, request.user, may_edit=may_edit)
    whose = Choice(request, "whose", _("Whose"), [("", _("All")), ("mine", pgettext("my own", "Mine"))])
    table = Table(
        request,
        COLUMNS,
        [row for row in rows if row.is_own or not whose.is_chosen],
        name="duties",
        title=_("Duties"),
        order="day",
        per_page=ROWS,
        zone=department.zone,
        choices=[whose],
    )
    if table.wants_file:
        return table.file()
    today = department.today()
    context = {
        "month": month,
        "table": table,
        "has_turns": bool(rows),
        "offered": [row for row in rows if row.is_offered],
        "this_month": Month.of(today),
        "today": today,
        # Where a narrow screen, which shows few days of the month at once, can go on from.
        "next_row": next((row for row in table.page if row.day >= today), None) if month == Month.of(today) else None,
        "rules": _rules(department, month),
        "may_make": may_edit and month.last >= today and _is_published(department, month),
        "is_published": _is_published(department, month),
    }
    return render(request, "shifts/duty_list.html", context)


def _rules(department, month):
    """The duties of the rulebook that holds at the end of the month; none where none holds."""
    try:
        return in_force(department, month.last).duties
    except NoRulebook:
        return ()


def _is_published(department, month) -> bool:
    return Roster.objects.filter(department=department, first_day=month.first, version__gt=0).exists()


@require_POST
@in_department
def duties_make(request, department, month):
    require_right(request, Right.EDIT_ROSTER)
    try:
        made = services.make_turns(department=department, month=month, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        count = len(made)
        text = ngettext("%(count)s turn given; they are told.", "%(count)s turns given; they are told.", count)
        messages.success(request, text % {"count": count} if count else _("Every duty has somebody already."))
    return redirect("shifts:duties", code=department.code, month=month)


@require_http_methods(["GET", "POST"])
@in_department
def duty_pass_on(request, department, pk):
    turn = _turn_or_404(request, department, pk)
    is_own, may_edit = turn.membership.user_id == request.user.pk, can_edit_roster(request)
    if not (is_own or may_edit):
        raise PermissionDenied
    form = PassOnForm(request.POST or None, people=people_for(turn))
    if form.is_valid():
        # Who holds the turn asks a colleague; who edits the roster decides.
        service = services.reassign if may_edit else services.offer
        try:
            service(turn=turn, actor=request.user, to=form.cleaned_data["to"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("It is theirs now.") if may_edit else _("Asked. It stays yours until then."))
            return _to_rota(department, turn)
    row = row_of(turn, request.user, may_edit=may_edit)
    context = {"row": row, "form": form, "decides": may_edit, "month": Month.of(turn.business_date)}
    return render(request, "shifts/duty_pass_on.html", context, status=422 if form.errors else 200)


@require_POST
@in_department
def duty_answer(request, department, pk):
    turn = _turn_or_404(request, department, pk)
    if turn.offered_to is not None and turn.offered_to.user_id != request.user.pk:
        raise PermissionDenied
    takes = request.POST.get("answer")
    if takes not in ("accept", "decline"):
        messages.error(request, _("Say whether you take it over."))
        return _to_rota(department, turn)
    service = services.accept if takes == "accept" else services.decline
    done = _("It is yours now.") if takes == "accept" else _("Declined; it stays theirs.")
    return _do(request, department, turn, service, done)


@require_POST
@in_department
def duty_done(request, department, pk):
    turn = _turn_or_404(request, department, pk)
    if turn.membership.user_id != request.user.pk:
        raise PermissionDenied
    return _do(request, department, turn, services.done, _("Noted as done."))


def _do(request, department, turn, service, said: str):
    """Let a service act on the turn; what it refuses is said on the page that comes next."""
    try:
        service(turn=turn, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, said)
    return redirect("desk:today", code=department.code) if "today" in request.POST else _to_rota(department, turn)


def _to_rota(department, turn: DutyTurn):
    return redirect("shifts:duties", code=department.code, month=Month.of(turn.business_date))


def _turn_or_404(request, department, pk) -> DutyTurn:
    turns = DutyTurn.objects.visible_to(request.user).filter(department=department)
    return get_object_or_404(turns.select_related("department", "membership__user", "offered_to__user"), pk=pk)
