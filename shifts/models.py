"""The roster in its two layers, who came, and how long a shift ran on."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from office import clock
from office.months import Month
from people.permissions import departments_of


class Layer(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Roster(models.Model):
    """A month's plan of one department: the head row that edits and publications lock."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="rosters")
    first_day = models.DateField()
    # Counts saved edits; an edited cell takes the count as its version, so no version ever comes twice in a month.
    edits = models.PositiveIntegerField(default=0)
    # The newest publication; 0 before the first.
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shifts_roster_once", fields=["department", "first_day"]),
            models.CheckConstraint(name="shifts_roster_from_first", condition=Q(first_day__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.month}"

    @property
    def month(self) -> Month:
        return Month.of(self.first_day)


class RosterVersion(models.Model):
    """An immutable snapshot of what was published: {membership pk: {day of month: code}}."""

    roster = models.ForeignKey(Roster, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    changed_cells = models.PositiveIntegerField()
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=clock.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(name="shifts_roster_version_once", fields=["roster", "number"])]

    def __str__(self) -> str:
        return f"{self.roster} v{self.number}"


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(membership__department__in=departments_of(user))

    def published(self):
        return self.filter(layer=Layer.PUBLISHED)

    def draft(self):
        return self.filter(layer=Layer.DRAFT)

    def working(self):
        """Shifts, not rest days."""
        return self.filter(is_rest=False)

    def between(self, first, last):
        """Business dates from `first` to `last`, both included."""
        return self.filter(business_date__range=(first, last))


class Assignment(models.Model):
    """One agent's planned shift or rest day on one business date. A live row; earlier plans are in RosterVersion.

    `version` is the one of the draft's cell, which every edit names; a cell without a row has version 0.
    """

    layer = models.CharField(max_length=9, choices=Layer)
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="assignments")
    business_date = models.DateField()
    slot = models.PositiveSmallIntegerField(default=1)
    code = models.CharField(max_length=4)
    is_rest = models.BooleanField(default=False)
    # First start and last end of its spans; none for a rest day.
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["business_date", "slot"]
        constraints = [
            models.UniqueConstraint(
                name="shifts_assignment_once", fields=["layer", "membership", "business_date", "slot"]
            ),
            models.CheckConstraint(name="shifts_assignment_layer_known", condition=Q(layer__in=Layer.values)),
            models.CheckConstraint(
                name="shifts_assignment_times_fit",
                condition=Q(is_rest=True, starts_at=None, ends_at=None)
                | Q(is_rest=False, starts_at__isnull=False, ends_at__gt=F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(name="shifts_assignment_day", fields=["layer", "business_date"]),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.business_date} {self.code}"

    @property
    def times(self) -> tuple[datetime, datetime]:
        """First start and last end of a shift; ValueError for a rest day, which has neither."""
        if self.starts_at is None or self.ends_at is None:
            raise ValueError(f"{self} is a rest day.")
        return self.starts_at, self.ends_at


class AssignmentSpan(models.Model):
    """One stretch of an assignment's time, carrying person and layer so that the database can refuse an overlap."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="spans")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    layer = models.CharField(max_length=9, choices=Layer)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(name="shifts_span_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="shifts_span_layer_known", condition=Q(layer__in=Layer.values)),
        ]
        indexes = [models.Index(name="shifts_span_person", fields=["user", "layer", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} – {self.ends_at:%Y-%m-%d %H:%M}"


class AttendanceQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(membership__department__in=departments_of(user))

    def on_duty(self):
        return self.filter(clocked_out_at=None)


class Attendance(models.Model):
    """That somebody came to a planned shift: the clock-in that was matched to it, and the clock-out.

    `open_customers` is the newest presence report, kept here for the page that everybody watches.
    """

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="attendance")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="attendances")
    code = models.CharField(max_length=4)
    business_date = models.DateField()
    planned_start = models.DateTimeField()
    planned_end = models.DateTimeField()
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    clocked_in_at = models.DateTimeField()
    clocked_out_at = models.DateTimeField(null=True)
    clocked_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    open_customers = models.PositiveSmallIntegerField(default=0)
    reported_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["planned_start"]
        constraints = [
            models.CheckConstraint(
                name="shifts_attendance_in_order",
                condition=Q(clocked_out_at=None) | Q(clocked_out_at__gte=F("clocked_in_at")),
            ),
            models.UniqueConstraint(
                name="shifts_one_shift_at_a_time", fields=["membership"], condition=Q(clocked_out_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.business_date} {self.code}"

    @property
    def is_on_duty(self) -> bool:
        return self.clocked_out_at is None


class ReportSource(models.TextChoices):
    DESK = "desk", _("Desk page")
    SYSTEM = "system", _("System")


class PresenceReport(models.Model):
    """A fact: how many customers an agent had open at an instant. Only ever added (trigger)."""

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="reports")
    at = models.DateTimeField(default=clock.now)
    open_customers = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=6, choices=ReportSource)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="shifts_report_source_known", condition=Q(source__in=ReportSource.values)),
        ]

    def __str__(self) -> str:
        return f"{self.attendance} {self.open_customers}"


class ExtensionSegment(models.Model):
    """A stretch after the planned end in which customers were still open. The planned end itself never changes.

    `confirmed` is false for the part that no report younger than the rulebook's limit proves.
    """

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="segments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    open_customers = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=6, choices=ReportSource)
    confirmed = models.BooleanField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(name="shifts_segment_once", fields=["attendance", "starts_at"]),
            models.CheckConstraint(name="shifts_segment_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="shifts_segment_source_known", condition=Q(source__in=ReportSource.values)),
            models.CheckConstraint(name="shifts_segment_has_customers", condition=Q(open_customers__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.attendance} {self.starts_at:%H:%M}"
