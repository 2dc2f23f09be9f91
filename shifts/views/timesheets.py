"""What a month came to in hours: everybody's, or one's own day by day."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from office.months import FIRST_YEAR, LAST_YEAR, Month
from office.tables import Table
from people.access import in_department, may
from people.models import Right
from shifts.lists.timesheets import MEANINGS, columns_of, said_leave
from shifts.pages.timesheets import MonthSheets, Timesheet, agent_of, timesheets_of
from shifts.timesheet import Sums, clock_of

READERS = (Right.EDIT_ROSTER, Right.CORRECT_ATTENDANCE, Right.SCORE_MONTH)
PER_PAGE = 50


def may_read_all(request) -> bool:
    return any(may(request, right) for right in READERS)


@require_GET
@in_department
def timesheets(request, department, month):
    if not may_read_all(request):
        raise PermissionDenied
    found = timesheets_of(department, month)
    title = _("Timesheets %(month)s") % {"month": month}
    table = Table(
        request,
        columns_of(found),
        found.sheets,
        name=f"timesheets-{month}",
        title=title,
        per_page=PER_PAGE,
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    context = {
        "table": table,
        "rows": [_row(found, sheet) for sheet in table.page],
        "all": _shown(found, found.sums),
        "meanings": MEANINGS,
        **_frame(department, month, found),
    }
    return render(request, "shifts/timesheet_list.html", context)


@require_GET
@in_department
def timesheet_own(request, department, month):
    """One's own, for the menu: the membership of that month, else the newest."""
    own = department.memberships.filter(user=request.user).order_by("-from_day")
    member = own.touching(month.first, month.last).first() or own.first()
    if member is None:
        raise Http404
    return redirect("shifts:timesheet", department.code, month, member.pk)


@require_GET
@in_department(former=True)
def timesheet(request, department, month, pk):
    member = get_object_or_404(department.memberships.select_related("user"), pk=pk)
    if member.user_id != request.user.pk and not may_read_all(request):
        # To a former member the others' pages do not exist.
        if department.is_former:
            raise Http404
        raise PermissionDenied
    found = timesheets_of(department, month, [agent_of(member)])
    sheet = found.sheets[0]
    context = {
        "member": member,
        "lines": [_line(department, found, line) for line in sheet.lines],
        "sums": _shown(found, sheet.sums),
        "meanings": MEANINGS,
        "may_read_all": may_read_all(request),
        **_frame(department, month, found),
    }
    return render(request, "shifts/timesheet_detail.html", context)


def _frame(department, month: Month, found: MonthSheets) -> dict:
    this_month = Month.of(department.today())
    return {
        "month": month,
        "previous_month": month.previous if month.previous.year >= FIRST_YEAR else None,
        "next_month": month.next if month.next.year <= LAST_YEAR else None,
        "this_month": this_month if month != this_month else None,
        # Until a month is over its figures grow.
        "as_of": department.local(found.as_of) if department.today() <= month.last else None,
    }


def _row(found: MonthSheets, sheet: Timesheet) -> dict:
    return {"member": sheet.member, **_shown(found, sheet.sums)}


def _shown(found: MonthSheets, sums: Sums) -> dict:
    """Sums as they read."""
    return {
        "sums": sums,
        "planned": clock_of(sums.planned),
        "worked": clock_of(sums.worked),
        "extension": clock_of(sums.extension) if sums.extension else "",
        "overtime": "—" if sums.overtime is None else clock_of(sums.overtime),
        "leave": said_leave(found, sums, clock_of),
    }


def _line(department, found: MonthSheets, line) -> dict:
    """A day as it reads."""
    facts, came = line.facts, line.facts.came
    letter, mark = found.mark(facts.day, facts.code)

    def wall(instant) -> str:
        return f"{department.local(instant):%H:%M}" if instant else ""

    return {
        "day": facts.day,
        "is_day_off": facts.is_day_off,
        "letter": letter,
        "mark": mark,
        "planned": clock_of(line.planned) if facts.planned else "",
        "came": wall(came.came_at) if came else "",
        "left": wall(came.left_at) if came and not came.is_forgotten else "",
        "worked": clock_of(line.worked) if came else "",
        "extension": clock_of(line.extension) if line.extension else "",
        "overtime": clock_of(line.overtime) if line.overtime else "",
        "late": line.late or "",
        "left_early": line.left_early or "",
        "remarks": _remarks(found, line),
    }


def _remarks(found: MonthSheets, line) -> list[str]:
    came = line.facts.came
    said = []
    if line.is_absent:
        said.append(_("Absent"))
    if came and came.is_corrected:
        said.append(_("corrected"))
    if came and came.is_forgotten:
        said.append(_("clock-out forgotten"))
    for kind, minutes in line.leave:
        name = found.kinds.get(kind, kind)
        said.append(f"{name} {clock_of(minutes)}" if minutes else name)
    return said
