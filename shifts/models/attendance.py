"""Who came, who went away in between, how long a shift ran on, and what was corrected afterwards."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from office import clock
from people.models import Right
from people.permissions import departments_of, departments_where

from .roster import Assignment


class ReportSource(models.TextChoices):
    DESK = "desk", _("Desk page")
    API = "api", _("Chat tool")
    CORRECTION = "correction", _("Correction")
    SYSTEM = "system", _("System")


class AttendanceQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(membership__department__in=departments_of(user))

    def on_duty(self):
        return self.filter(clocked_out_at=None)

    def with_worked_times(self):
        """Each with `worked_from` and `worked_until`: as clocked, or as corrected (None while the shift runs)."""
        return self.annotate(
            worked_from=Coalesce("correction__came_at", "clocked_in_at"),
            worked_until=Coalesce("correction__left_at", "clocked_out_at"),
        )


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
    # When those who watch were told: that nothing is heard or the cap is reached, that the next shift loses its rest,
    # that no successor has come.
    warned_at = models.DateTimeField(null=True)
    rest_warned_at = models.DateTimeField(null=True)
    successor_missed_at = models.DateTimeField(null=True)
    # Where the clock-in came from: the desk page and its device, or the department's terminal by the API.
    source = models.CharField(max_length=10, choices=ReportSource, default=ReportSource.DESK)
    device = models.CharField(max_length=120, blank=True)
    # Nobody clocked out: the system ended the shift long after its end, and asks for a correction.
    forgotten = models.BooleanField(default=False)
    # The newest approved correction; what was clocked stays beside it.
    correction = models.ForeignKey("shifts.Correction", models.PROTECT, null=True, related_name="+")

    # From `with_worked_times`.
    worked_from: datetime
    worked_until: datetime | None

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
            models.CheckConstraint(name="shifts_attendance_source_known", condition=Q(source__in=ReportSource.values)),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.business_date} {self.code}"

    @property
    def is_on_duty(self) -> bool:
        return self.clocked_out_at is None

    @property
    def came_at(self) -> datetime:
        """When the work began: as corrected, else as clocked."""
        return self.correction.came_at if self.correction else self.clocked_in_at

    @property
    def left_at(self) -> datetime | None:
        """When the work ended: as corrected, else as clocked; None while the shift runs."""
        return self.correction.left_at if self.correction else self.clocked_out_at


class PresenceReport(models.Model):
    """A fact: how many customers an agent had open at an instant. Only ever added (trigger)."""

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="reports")
    at = models.DateTimeField(default=clock.now)
    open_customers = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=10, choices=ReportSource)

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
    source = models.CharField(max_length=10, choices=ReportSource)
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


class Decision(models.TextChoices):
    """How a request stands."""

    ASKED = "asked", _("Asked")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CorrectionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and those of departments in which one corrects attendance."""
        return self.filter(
            Q(membership__user=user) | Q(membership__department__in=departments_where(user, Right.CORRECT_ATTENDANCE))
        )

    def waiting(self):
        return self.filter(state=Decision.ASKED)


class Correction(models.Model):
    """A request to record other times than were clocked for a planned shift; approved, it stands beside the clock.

    `assignment` is the shift; whoever never clocked in has no attendance yet, and an approval makes one.
    """

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="corrections")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="corrections")
    came_at = models.DateTimeField()
    left_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=Decision, default=Decision.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(name="shifts_correction_in_order", condition=Q(left_at__gt=F("came_at"))),
            models.CheckConstraint(name="shifts_correction_state_known", condition=Q(state__in=Decision.values)),
            models.CheckConstraint(
                name="shifts_correction_decided",
                condition=Q(state="asked", decided_at=None) | ~Q(state="asked") & Q(decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="shifts_one_open_correction", fields=["assignment"], condition=Q(state="asked")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.came_at:%Y-%m-%d %H:%M}"

    @property
    def is_entered(self) -> bool:
        """Whether somebody else has asked for it than whose shift it is."""
        return self.asked_by_id != self.membership.user_id


class Permission(models.TextChoices):
    """Whether somebody who is away was allowed to be."""

    NOT_ASKED = "not_asked", _("No permission needed")
    ASKED = "asked", _("Asked")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class AwayQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and those of departments whose shifts one watches."""
        watched = departments_where(user, Right.WATCH_SHIFTS)
        return self.filter(Q(attendance__membership__user=user) | Q(attendance__membership__department__in=watched))

    def open(self):
        return self.filter(back_at=None)


class Away(models.Model):
    """Being off the desk within a shift, said by button: why, from when, until when, and whether it was allowed."""

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="absences")
    # A code of the rulebook's reasons.
    reason = models.CharField(max_length=40)
    left_at = models.DateTimeField(default=clock.now)
    back_at = models.DateTimeField(null=True)
    permission = models.CharField(max_length=9, choices=Permission, default=Permission.NOT_ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = AwayQuerySet.as_manager()

    class Meta:
        ordering = ["left_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_away_in_order", condition=Q(back_at=None) | Q(back_at__gte=F("left_at"))
            ),
            models.CheckConstraint(name="shifts_away_permission_known", condition=Q(permission__in=Permission.values)),
            models.UniqueConstraint(name="shifts_away_once", fields=["attendance"], condition=Q(back_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.attendance} {self.left_at:%H:%M}"


class Watch(models.Model):
    """How far the shifts of a department have been looked through for lateness, absence and the like."""

    department = models.OneToOneField("people.Department", models.PROTECT, related_name="shift_watch")
    seen_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.department} {self.seen_until:%Y-%m-%d %H:%M}"
