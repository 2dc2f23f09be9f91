"""Writing the business calendar: seeding a year, and what is special about a day."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from office import audit, weekdays
from office.months import FIRST_YEAR, LAST_YEAR
from people.models import Department, User
from shifts.models import CalendarDay, CalendarYear, DayKind

LONGEST_NAME = 60
MOST_PEOPLE = 1000


def _known_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(_("There is no year %(year)s here.") % {"year": year}, code="no_such_year")
    return year


def seeded_years() -> tuple[int, int]:
    """The first and the last year of which the ready-made public holidays are known."""
    from chinese_calendar.constants import holidays

    return min(holidays).year, max(holidays).year


@transaction.atomic
def seed_year(*, department: Department, year: int, actor: User | None) -> int:
    """Take the public holidays and make-up work days of China into the calendar; says how many days were added.

    Days that the department has written itself stay as they are. Refuses a year without data ("no_data").
    """
    from chinese_calendar.constants import holidays, workdays

    _known_year(year)
    if not any(day.year == year for day in holidays):
        raise ValidationError(
            _("The public holidays of %(year)s are not known here yet. Enter them when they are announced.")
            % {"year": year},
            code="no_data",
        )
    rows = [
        CalendarDay(department=department, day=day, kind=kind, name=_names(name))
        for kind, days in ((DayKind.HOLIDAY, holidays), (DayKind.MAKE_UP, workdays))
        for day, name in days.items()
        if day.year == year
    ]
    written = set(CalendarDay.objects.filter(department=department, day__year=year).values_list("day", flat=True))
    added = CalendarDay.objects.bulk_create(row for row in rows if row.day not in written)
    CalendarYear.objects.update_or_create(
        department=department, year=year, defaults={"seeded": True}, create_defaults={"seeded": True, "added_by": actor}
    )
    audit.record(actor, "shifts.calendar.seeded", department, department=department, year=year, days=len(added))
    return len(added)


def _names(english: str) -> dict[str, str]:
    """A holiday's names in both languages, from its English one as the data has it."""
    from chinese_calendar.constants import Holiday

    return {"zh-Hans": Holiday(english).chinese, "en": english}


@transaction.atomic
def know_year(*, department: Department, year: int, actor: User) -> CalendarYear:
    """Say that the calendar of a year holds what the department knows of it, with or without holidays."""
    _known_year(year)
    row, made = CalendarYear.objects.get_or_create(department=department, year=year, defaults={"added_by": actor})
    if made:
        audit.record(actor, "shifts.calendar.known", department, department=department, year=year)
    return row


@transaction.atomic
def set_day(
    *,
    department: Department,
    day: date,
    kind: str,
    name: str,
    is_promotion: bool,
    headcounts: Mapping[str, tuple[int, int]],
    actor: User,
) -> CalendarDay:
    """Write what a day is, and what is wanted on it where that differs from the rulebook: {code: (wanted, minimum)}.

    Refuses a kind that there is not ("unknown_kind"), an overlong name ("too_long"), and headcounts below 0, above 1000
    or with a minimum above what is wanted ("bad_headcount").
    """
    _known_year(day.year)
    if kind not in DayKind.values:
        raise ValidationError(_("Choose what kind of day it is."), code="unknown_kind")
    name = name.strip()
    if len(name) > LONGEST_NAME:
        raise ValidationError(_("At most %(most)s characters.") % {"most": LONGEST_NAME}, code="too_long")
    for code, (wanted, minimum) in headcounts.items():
        if not 0 <= minimum <= wanted <= MOST_PEOPLE:
            raise ValidationError(
                _("%(code)s: the minimum lies between 0 and what is wanted, %(most)s at most.")
                % {"code": code, "most": MOST_PEOPLE},
                code="bad_headcount",
            )
    before = CalendarDay.objects.select_for_update().filter(department=department, day=day).first()
    # A name that came in both languages and was not touched stays so.
    names = before.name if before and name in before.name.values() else ({"zh-Hans": name, "en": name} if name else {})
    row, _made = CalendarDay.objects.update_or_create(
        department=department,
        day=day,
        defaults={
            "kind": kind,
            "name": names,
            "is_promotion": is_promotion,
            "headcounts": {code: list(counts) for code, counts in headcounts.items()},
        },
    )
    audit.record(
        actor,
        "shifts.calendar.changed",
        row,
        department=department,
        day=day,
        before={"kind": before.kind, "headcounts": before.headcounts} if before else None,
        after={"kind": row.kind, "headcounts": row.headcounts},
    )
    return row


@transaction.atomic
def forget_day(*, department: Department, day: date, actor: User) -> bool:
    """Make a day again what its weekday says; whether there was anything to forget."""
    deleted, _rows = CalendarDay.objects.filter(department=department, day=day).delete()
    if deleted:
        audit.record(actor, "shifts.calendar.forgotten", department, department=department, day=day)
    return bool(deleted)


def usual_kind(day: date) -> str:
    """What a day is by its weekday."""
    return DayKind.WEEKEND if day.weekday() >= weekdays.SATURDAY else DayKind.WORKDAY
