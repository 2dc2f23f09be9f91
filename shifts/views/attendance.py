"""The agent's clock, the count of open customers, and the month that came of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from office.months import FIRST_YEAR, Month
from office.tables import Choice, Table
from people.access import in_department, may, membership_of, require_membership
from people.models import Right
from shifts import services
from shifts.devices import device_of
from shifts.forms.corrections import EVERYBODY, MemberFilter
from shifts.forms.roster import CustomersForm
from shifts.pages.attendance import MARKS, Line, columns, lines_of
from shifts.pages.now import now_of

# A person's month stands on one page; a department's is turned.
ROWS = 62


@require_POST
@in_department
def clock_in(request, department):
    member = require_membership(request)
    try:
        device = device_of(request.headers.get("User-Agent", ""))
        services.clock_in(membership=member, device=device)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("desk:today", code=department.code)


@require_POST
@in_department
def open_customers(request, department):
    member = require_membership(request)
    attendance = services.on_duty(member)
    form = CustomersForm(request.POST)
    try:
        if attendance is None:
            raise ValidationError(_("You are not clocked in."), code="not_on_duty")
        if not form.is_valid():
            raise ValidationError(_("Count one up or one down."), code="unreadable")
        attendance = services.change_open_customers(attendance=attendance, change=form.cleaned_data["change"])
    except ValidationError as refusal:
        if not request.htmx:
            messages.error(request, " ".join(refusal.messages))
            return redirect("desk:today", code=department.code)
        context = {"department": department, "attendance": attendance, "refusal": " ".join(refusal.messages)}
        return render(request, "shifts/_now.html", context, status=422)
    if not request.htmx:
        return redirect("desk:today", code=department.code)
    response = render(request, "shifts/_now.html", {"department": department, "now": now_of(attendance)})
    # What stands before leaving counts the customers too, and asks for itself anew.
    response["HX-Trigger"] = "customers-counted"
    return response


@require_GET
@in_department(former=True)
def attendance_month(request, department, month):
    """One's own month; whoever watches the shifts sees everybody's, or one member's (`?member=`)."""
    whose = _whose(request, department)
    of = {"membership__user": request.user} if whose == "" else {"membership": whose} if whose != EVERYBODY else {}
    lines = lines_of(department, month, **of)
    marks = [(mark, label, sum(mark in line.marks for line in lines)) for mark, label in MARKS]
    mark = Choice(request, "mark", _("Counts as"), [("", _("All"), len(lines)), *marks])
    table = Table(
        request,
        columns(with_names=whose == EVERYBODY),
        [line for line in lines if mark.value in ("", *line.marks)],
        name=f"attendance-{month}",
        title=_("Attendance %(month)s") % {"month": month},
        order="day",
        per_page=ROWS,
        zone=department.zone,
        form=_filter(request, department, month, whose),
        choices=[mark],
    )
    if table.wants_file:
        return table.file()
    context = {"table": table, "month": month, "label": month.name}
    member = membership_of(request.user, department)
    is_own = whose == "" or (member is not None and whose == str(member.pk))
    context |= {"everybody": whose == EVERYBODY, "is_own": is_own, "may_report": may(request, Right.REPORT_INCIDENT)}
    context["may_correct"] = may(request, Right.CORRECT_ATTENDANCE)
    return render(request, "shifts/attendance_month.html", context | _turn(request, department, month, lines))


def _whose(request, department) -> str:
    """The key of a member, EVERYBODY, or "" for one's own shifts, also of earlier memberships."""
    asked = request.GET.get("member", "")
    own = {str(pk) for pk in department.memberships.filter(user=request.user).values_list("pk", flat=True)}
    if asked in own:
        return asked
    if not may(request, Right.WATCH_SHIFTS):
        if asked or not own:
            raise PermissionDenied
        return ""
    if not asked:
        return _usual(request, department)
    known = asked.isdecimal() and len(asked) < 19 and department.memberships.filter(pk=asked).exists()
    if asked != EVERYBODY and not known:
        raise Http404
    return asked


def _usual(request, department) -> str:
    """Whose month whoever watches the shifts sees at first: their own if they work shifts, else everybody's."""
    member = membership_of(request.user, department)
    return str(member.pk) if member is not None and member.rostered else EVERYBODY


def _filter(request, department, month: Month, whose: str) -> MemberFilter | None:
    if not may(request, Right.WATCH_SHIFTS):
        return None
    return MemberFilter({"member": whose}, department=department, month=month, usual=_usual(request, department))


def _turn(request, department, month: Month, lines: list[Line]) -> dict:
    """What the page says above the list: sums, and the addresses of the other months for the same member."""
    member = request.GET.get("member")
    query = {"member": member} if member else None

    def to(turned: Month) -> str:
        return reverse("shifts:attendance", args=[department.code, turned], query=query)

    this = Month.of(department.today())
    return {
        "previous": to(month.previous) if month != Month(FIRST_YEAR, 1) else "",
        "next": to(month.next) if month < this else "",
        "now": to(this) if month != this else "",
        "sums": {
            "shifts": sum(line.state == "over" for line in lines),
            "late": sum(bool(line.found.late) for line in lines),
            "early": sum(bool(line.found.left_early) for line in lines),
            "absent": sum(line.found.absent for line in lines),
            "ran_on": sum(line.ran_on for line in lines),
        },
    }
