"""Where what shifts propose is read: the person's month of attendance, or the duties of the month."""

from collections.abc import Iterable, Mapping

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ledger import sources
from office.months import Month
from people.access import may
from people.models import Department, Right
from shifts.models import Assignment, Attendance, Away, DutyTurn, PresenceReport


def register() -> None:
    """Say it to the ledger."""
    shift = _("Shift and attendance")
    sources.register(Assignment._meta.label_lower, shift, _attendance(Assignment))
    sources.register(Attendance._meta.label_lower, shift, _attendance(Attendance))
    sources.register(Away._meta.label_lower, _("Time away from the desk"), _attendance(Away, "attendance__"))
    sources.register(PresenceReport._meta.label_lower, shift, _attendance(PresenceReport, "attendance__"))
    sources.register(DutyTurn._meta.label_lower, _("Duties of the month"), _duties)


def _attendance(model: type[Model], shift: str = "") -> sources.Finder:
    """The month of whoever was on the shift; `shift`: how the row leads to what says whose it was and on which day."""

    def find(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
        rows = model._default_manager.filter(pk__in=list(keys), **{f"{shift}membership__department": department})
        if not may(request, Right.WATCH_SHIFTS):
            rows = rows.filter(**{f"{shift}membership__user": request.user})
        found = rows.values_list("pk", f"{shift}membership", f"{shift}business_date")
        return {
            pk: reverse("shifts:attendance", args=[department.code, Month.of(day)], query={"member": member})
            for pk, member, day in found
        }

    return find


def _duties(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
    rows = DutyTurn.objects.visible_to(request.user).filter(pk__in=list(keys), membership__department=department)
    return {
        pk: reverse("shifts:duties", args=[department.code, Month.of(day)])
        for pk, day in rows.values_list("pk", "business_date")
    }
