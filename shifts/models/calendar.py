"""The business calendar: weekends, public holidays, make-up work days and promotion days, editable."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office import clock


class DayKind(models.TextChoices):
    WORKDAY = "workday", _("Work day")
    WEEKEND = "weekend", _("Weekend")
    HOLIDAY = "holiday", _("Public holiday")
    # A weekend day on which everybody works, in exchange for a holiday.
    MAKE_UP = "make_up", _("Make-up work day")


class CalendarYear(models.Model):
    """That a department's calendar of a year is known. A year without a row is not guessed."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="calendar_years")
    year = models.PositiveSmallIntegerField()
    # Whether the public holidays came from the ready-made data, or the department says that it knows them.
    seeded = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["year"]
        constraints = [models.UniqueConstraint(name="shifts_calendar_year_once", fields=["department", "year"])]

    def __str__(self) -> str:
        return f"{self.department} {self.year}"


class CalendarDay(models.Model):
    """A day that is not what its weekday says, or on which other headcounts hold.

    Only such days have rows. `name` is in both languages: {"zh-Hans": …, "en": …}, {} without one; `headcounts` are
    {shift code: [wanted, minimum]}, {} for those of the rulebook.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="calendar_days")
    day = models.DateField()
    kind = models.CharField(max_length=7, choices=DayKind)
    name = models.JSONField(default=dict, blank=True)
    is_promotion = models.BooleanField(default=False)
    headcounts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(name="shifts_calendar_day_once", fields=["department", "day"]),
            models.CheckConstraint(name="shifts_day_kind_known", condition=Q(kind__in=DayKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"
