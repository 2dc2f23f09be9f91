"""Audit entries, jobs and notices."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from . import clock


class RowEncoder(DjangoJSONEncoder):
    """JSON for facts: a row is written as its key."""

    def default(self, o):
        return o.pk if isinstance(o, models.Model) else super().default(o)


class AuditEntry(models.Model):
    """Who did what to which row, with what it was before and after. Rows are only ever added (trigger)."""

    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey("people.Department", models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=80)
    target_kind = models.CharField(max_length=60)
    target_id = models.BigIntegerField(null=True)
    target_label = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, encoder=RowEncoder)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="office_audit_target", fields=["target_kind", "target_id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}"


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", pgettext_lazy("job", "Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class JobQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own jobs."""
        return self.filter(owner=user)

    def unfinished(self):
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])


class Job(models.Model):
    """A piece of background work. The row is the truth; the message in the broker only wakes a worker for it."""

    task = models.CharField(max_length=100)
    params = models.JSONField(default=dict)
    key = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="jobs")
    department = models.ForeignKey("people.Department", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(default=clock.now)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="office_job_state_known", condition=Q(state__in=JobState.values)),
            models.CheckConstraint(name="office_job_progress_bounded", condition=Q(done__lte=F("total")) | Q(total=0)),
            models.UniqueConstraint(
                name="office_job_one_unfinished_per_key",
                fields=["task", "key"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]) & ~Q(key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.key}"

    def get_absolute_url(self) -> str:
        return reverse("office:job", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.state not in (JobState.QUEUED, JobState.RUNNING)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(recipient=user)

    def unread(self):
        return self.filter(read_at=None)


class Notice(models.Model):
    """A line in somebody's inbox: an English message id with its parameters, rendered in the reader's language."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    message = models.CharField(max_length=300)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="office_notice_unread", fields=["recipient"], condition=Q(read_at=None))]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The message in the active language; a parameter given as {"zh-hans": …, "en": …} is chosen by it."""
        from .texts import localised

        words = gettext(self.message)
        try:
            return words % {name: localised(value) for name, value in self.params.items()}
        except (KeyError, TypeError, ValueError):
            # One line that cannot be filled in must not take the whole inbox away.
            return words
