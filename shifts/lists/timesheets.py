"""The department's timesheets as a list: what its columns hold, on the page and in the file, and what they mean."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from office.lists import joined
from office.tables import Column, Kind
from shifts.pages.timesheets import MonthSheets, Timesheet
from shifts.timesheet import Sums


def hours(minutes: int | None) -> Decimal | None:
    """As a file has them: hours with two decimals."""
    return None if minutes is None else round(Decimal(minutes) / 60, 2)


def _hours_of(name: str) -> Callable[[Any], Any]:
    return lambda sheet: hours(getattr(sheet.sums, name))


def _count_of(name: str) -> Callable[[Any], Any]:
    return lambda sheet: getattr(sheet.sums, name)


def columns_of(month: MonthSheets) -> list[Column]:
    """The columns of the month; every kind of leave has two more in the file."""
    number = Kind.NUMBER
    found = [
        Column("number", _("Work number"), lambda sheet: sheet.member.work_number, on_page=False),
        Column("who", _("Who"), lambda sheet: sheet.member.name, sort=lambda sheet: sheet.member.work_number),
        Column("planned", _("Planned"), _hours_of("planned"), sort=True, kind=number),
        Column("worked", _("Worked"), _hours_of("worked"), sort=True, kind=number),
        Column("extension", _("Extension"), _hours_of("extension"), sort=True, kind=number),
        Column("overtime", _("Overtime"), _hours_of("overtime"), sort=True, kind=number),
        Column("shifts", _("Shifts"), _count_of("shifts"), sort=True, kind=number),
        Column("nights", _("Nights"), _count_of("nights"), sort=True, kind=number),
        Column("weekends", _("Weekends"), _count_of("days_off"), sort=True, kind=number),
        Column("late", _("Late"), _count_of("late"), sort=True, kind=number),
        Column("late_minutes", _("Minutes late"), _count_of("late_minutes"), kind=number, on_page=False),
        Column("early", _("Left early"), _count_of("left_early"), sort=True, kind=number),
        Column("early_minutes", _("Minutes early"), _count_of("left_early_minutes"), kind=number, on_page=False),
        Column("absent", _("Absent"), _count_of("absent"), sort=True, kind=number),
        Column("rest", _("Rest days"), _count_of("rest"), sort=True, kind=number),
        Column("leave", _("Days of leave"), _count_of("leave_days"), sort=True, kind=number),
        Column("leave_hours", _("Hours of leave"), _hours_of("leave_minutes"), kind=number, on_page=False),
    ]
    for code, name in month.kinds.items():
        found.append(_kind_column(code, gettext("%(kind)s, days") % {"kind": name}, 0))
        found.append(_kind_column(code, gettext("%(kind)s, hours") % {"kind": name}, 1))
    return found


def _kind_column(code: str, label: str, place: int) -> Column:
    def value(sheet: Timesheet):
        days_and_minutes = sheet.sums.by_kind.get(code, [0, 0])
        return hours(days_and_minutes[1]) if place else days_and_minutes[0]

    return Column(f"leave_{code}_{place}".lower(), label, value, kind=Kind.NUMBER, on_page=False)


def said_leave(month: MonthSheets, sums: Sums, clock: Callable[[int], str]) -> str:
    """ "Holiday 2, Illness 1": the days of leave by kind, hours where there are no days."""
    said = []
    for code, (days, minutes) in sums.by_kind.items():
        amount = str(days) if days else clock(minutes)
        said.append(f"{month.kinds.get(code, code)} {amount}")
    return joined(said)


# What every column means, as the page says it.
MEANINGS = (
    (_("Planned"), _("Hours of the published shifts, without unpaid breaks.")),
    (
        _("Worked"),
        _(
            "Time there within the planned hours, without unpaid breaks, and the extension. Where a correction was "
            "approved: from its beginning to its end."
        ),
    ),
    (_("Extension"), _("The part of the worked time after the planned end, while customers were open.")),
    (_("Overtime"), _("Worked time of a day beyond what the rulebook calls a normal day; — where it says nothing.")),
    (_("Shifts"), _("Shifts that were worked.")),
    (_("Nights"), _("Worked shifts that the rulebook counts as nights.")),
    (_("Weekends"), _("Worked shifts on weekends and public holidays, as the calendar has them.")),
    (_("Late"), _("How often, beyond the minutes that the rulebook allows.")),
    (_("Left early"), _("How often, beyond the minutes that the rulebook allows.")),
    (_("Absent"), _("Shifts that nobody came to, or so late that the rulebook counts it as absence.")),
    (_("Rest days"), _("Rest days of the published roster.")),
    (_("Days of leave"), _("Days of approved leave on the roster; hours of leave stand beside them.")),
)
