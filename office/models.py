"""Audit entries, jobs and notices."""

from datetime import timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import clock
from .texts import filled


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


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
# A job is sent when it is made; sent later than this, it was sent again.
SENT_AT_ONCE = timedelta(seconds=30)


class JobQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own jobs."""
        return self.filter(owner=user)

    def unfinished(self):
        return self.filter(state__in=UNFINISHED)

    def count_by_state(self) -> dict[str, int]:
        return dict(self.order_by().values_list("state").annotate(Count("pk")))

    def newest_zone(self):
        """The time zone of the department that the newest job was for; None when there is none."""
        newest = self.filter(department__isnull=False).first()
        return newest.department.zone if newest else None  # type: ignore[attr-defined]


class Job(models.Model):
    """A piece of background work. The row is the truth; the message in the broker only wakes a worker for it."""

    task = models.CharField(max_length=100)
    # What it is called, for people: a message id with its parameters, like a notice.
    title = models.CharField(max_length=300, blank=True)
    title_params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # The page that its result is on.
    link = models.CharField(max_length=300, blank=True)
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
    # When a worker first took it; `beat_at` when one was last heard of.
    started_at = models.DateTimeField(null=True)
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
        return self.state not in UNFINISHED

    @property
    def name(self) -> str:
        """What it is called, in the active language; a job that was started without a title by its task."""
        return filled(self.title, self.title_params) or self.task.rpartition(".")[2].replace("_", " ")

    @property
    def outcome(self) -> str:
        """What came of it, in the active language: the message of its result, if it gave one."""
        if not isinstance(self.result, dict) or not isinstance(self.result.get("message"), str):
            return ""
        return filled(self.result["message"], self.result.get("params") or {})

    @property
    def outcome_link(self) -> str:
        """Where its result is: what the result says, else what was known when it was started."""
        link = self.result.get("link") if isinstance(self.result, dict) else None
        return link if isinstance(link, str) else self.link

    @property
    def is_sent_again(self) -> bool:
        """Whether its message or its worker was lost and it had to be sent once more."""
        return self.attempts > 1 or self.sent_at - self.created_at > SENT_AT_ONCE

    @property
    def attempt(self) -> int:
        """The attempt that it is in or waits for, from 1 on."""
        waits = self.state == JobState.QUEUED
        taken_for_dead = self.state == JobState.RUNNING and self.beat_at is not None and self.sent_at > self.beat_at
        return max(self.attempts + (waits or taken_for_dead), 1)

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
        return filled(self.message, self.params)


class Upload(models.Model):
    """A file that somebody handed in: a picture or a PDF. Who may see it, the row that refers to it says."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    # As the person's device called it; shown and offered for saving, never used as a path.
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    file = models.FileField(upload_to="uploads/%Y/%m/")

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name
