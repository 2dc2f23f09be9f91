"""The business calendar of a year."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.months import FIRST_YEAR, LAST_YEAR, Month
from people.access import in_department, may, require_right
from people.models import Right
from rulebooks.services import in_force_by_day
from shifts.forms.calendar import DayForm
from shifts.models import CalendarDay, DayKind
from shifts.pages.calendar import by_month, year_page
from shifts.pages.month import calendar_of
from shifts.services import calendar as services


def _year_or_404(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return year


@require_GET
@in_department
def calendar(request, department, year):
    """A year at a glance, and its special days in a list."""
    _year_or_404(year)
    days = [day for number in range(1, 13) for day in Month(year, number).days()]
    specials, unknown = calendar_of(department, days)
    context = {
        "department": department,
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < LAST_YEAR else None,
        "months": year_page(specials, year),
        "specials": by_month(specials),
        "known": not unknown,
        "has_data": services.seeded_years()[0] <= year <= services.seeded_years()[1],
        "editing": may(request, Right.EDIT_ROSTER),
        "kinds": DayKind,
    }
    return render(request, "shifts/calendar_detail.html", context)


def _write(request, department, year, service, done) -> None:
    require_right(request, Right.EDIT_ROSTER)
    try:
        result = service(department=department, year=_year_or_404(year), actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, done(result))


@require_POST
@in_department
def calendar_seed(request, department, year):
    def done(days: int) -> str:
        return _("%(days)s days were added. Change what is different with you.") % {"days": days}

    _write(request, department, year, services.seed_year, done)
    return redirect("shifts:calendar", code=department.code, year=year)


@require_POST
@in_department
def calendar_known(request, department, year):
    _write(request, department, year, services.know_year, lambda row: _("The calendar of this year counts as known."))
    return redirect("shifts:calendar", code=department.code, year=year)


def _asked_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@in_department
def calendar_day(request, department):
    """Write what one day is; `?day=` opens it for that day."""
    require_right(request, Right.EDIT_ROSTER)
    day = _asked_day(request.POST.get("day", "") or request.GET.get("day", ""))
    row = CalendarDay.objects.filter(department=department, day=day).first() if day else None
    at = day or department.today()
    form = DayForm(request.POST or None, rulebook=in_force_by_day(department, [at]).get(at), row=row, day=day)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            written = services.set_day(
                department=department,
                day=data["day"],
                kind=data["kind"],
                name=data["name"],
                is_promotion=data["is_promotion"],
                headcounts=form.headcounts,
                actor=request.user,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Saved: %(day)s.") % {"day": written.day})
            return redirect("shifts:calendar", code=department.code, year=written.day.year)
    context = {"department": department, "form": form, "row": row, "year": at.year}
    return render(request, "shifts/calendar_day_form.html", context, status=422 if form.errors else 200)


@require_POST
@in_department
def calendar_day_forget(request, department):
    require_right(request, Right.EDIT_ROSTER)
    day = _asked_day(request.POST.get("day", ""))
    if day is None:
        raise Http404
    if services.forget_day(department=department, day=day, actor=request.user):
        messages.success(request, _("%(day)s is again what its weekday says.") % {"day": day})
    return redirect("shifts:calendar", code=department.code, year=_year_or_404(day.year))
