"""Weekly summaries 周总结 and meetings 例会."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office import clock
from people.models import Right
from people.permissions import departments_of, departments_where


class WeeklySummaryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and everybody's where one reads the notebooks."""
        return self.filter(
            Q(membership__user=user) | Q(membership__department__in=departments_where(user, Right.READ_REGISTER))
        )

    def handed_in(self):
        return self.filter(handed_in_at__isnull=False)


class WeeklySummary(models.Model):
    """What one member writes about the week that ends at `due_at`: a draft; once handed in it stays (trigger)."""

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="weekly_summaries")
    due_at = models.DateTimeField()
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    text = models.CharField(max_length=10_000, blank=True)
    saved_at = models.DateTimeField(default=clock.now)
    handed_in_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    objects = WeeklySummaryQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "membership"]
        constraints = [
            models.UniqueConstraint(name="handover_summary_once", fields=["membership", "due_at"]),
        ]
        indexes = [models.Index(name="handover_summary_due", fields=["due_at"])]

    def __str__(self) -> str:
        return f"{self.membership} {self.due_at:%Y-%m-%d}"

    @property
    def is_on_time(self) -> bool:
        return self.handed_in_at is not None and self.handed_in_at <= self.due_at


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(department__in=departments_of(user))


class Meeting(models.Model):
    """One meeting: its chair by turn, who stays on the desk meanwhile, its minutes (unchanged once handed in)."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="meetings")
    code = models.CharField(max_length=40)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    chair = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="chaired_meetings")
    minutes = models.CharField(max_length=10_000, blank=True)
    minutes_due_at = models.DateTimeField()
    minutes_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    minutes_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-begins_at", "code"]
        constraints = [
            models.UniqueConstraint(name="handover_meeting_once", fields=["department", "code", "begins_at"]),
            models.CheckConstraint(
                name="handover_minutes_by_somebody",
                condition=Q(minutes_at=None, minutes_by=None) | Q(minutes_at__isnull=False, minutes_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.begins_at:%Y-%m-%d %H:%M}"


class MeetingPart(models.TextChoices):
    ATTENDS = "attends", _("Attends")
    STAYS = "stays", _("Stays on the desk")
    EXCUSED = "excused", _("Excused")


class MeetingPerson(models.Model):
    """One member's part in a meeting, and whether they came."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="people")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="meeting_parts")
    part = models.CharField(max_length=7, choices=MeetingPart)
    came = models.BooleanField(null=True)

    class Meta:
        ordering = ["meeting", "membership"]
        constraints = [
            models.UniqueConstraint(name="handover_meeting_person_once", fields=["meeting", "membership"]),
            models.CheckConstraint(name="handover_meeting_part_known", condition=Q(part__in=MeetingPart.values)),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.membership}"
