"""Files and messages that are read in: statistics and orders as the department's tools export them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office import clock
from people.models import Right
from people.permissions import departments_where


class ReadingKind(models.TextChoices):
    STATISTICS = "statistics", _("Service statistics")
    ORDERS = "orders", _("Orders")


LONGEST_SOURCE = 60


class ReadingSource(models.Model):
    """Where figures come from: a tool or a shop, whose files have one layout, or a program.

    `columns`: which of their headings means what, {field: heading}. `names`: whom its own names mean, {name as
    `readings.judging.folded` has it: work number}.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="reading_sources")
    kind = models.CharField(max_length=10, choices=ReadingKind)
    name = models.CharField(max_length=LONGEST_SOURCE)
    columns = models.JSONField(default=dict)
    names = models.JSONField(default=dict)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(name="handover_source_once", fields=["department", "kind", "name"]),
            models.CheckConstraint(name="handover_source_kind_known", condition=Q(kind__in=ReadingKind.values)),
        ]

    def __str__(self) -> str:
        return self.name


class ReadingState(models.TextChoices):
    # Read and kept; its columns are being settled, nothing is written yet.
    DRAFT = "draft", pgettext_lazy("file read in", "Being checked")
    RUNNING = "running", pgettext_lazy("file read in", "Being read in")
    DONE = "done", pgettext_lazy("file read in", "Read in")
    DROPPED = "dropped", pgettext_lazy("file read in", "Dropped")


class ReadingQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(department__in=departments_where(user, Right.IMPORT_FIGURES))


class Reading(models.Model):
    """One file, or one message of a program, that was read in."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="readings")
    kind = models.CharField(max_length=10, choices=ReadingKind)
    source = models.ForeignKey(ReadingSource, models.PROTECT, null=True, related_name="readings")
    name = models.CharField(max_length=120)
    # SHA-256 of the file: the same one a second time is known.
    digest = models.CharField(max_length=64)
    # Its cells as `handover.readings.cells` keeps them; once it is read in, only those of the rows that were wrong.
    cells = models.JSONField(default=list)
    # What its last check came to, as long as nothing has changed that it hangs on (`handover.pages.readings.Outcome`).
    outcome = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=ReadingState, default=ReadingState.DRAFT)
    # How many rows were new, corrected something, changed nothing, and were wrong.
    added = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    job = models.ForeignKey("office.Job", models.SET_NULL, null=True, related_name="+")

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(name="handover_reading_kind_known", condition=Q(kind__in=ReadingKind.values)),
            models.CheckConstraint(name="handover_reading_state_known", condition=Q(state__in=ReadingState.values)),
        ]
        indexes = [models.Index(name="handover_reading_newest", fields=["department", "-at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        """Whether its job runs or waits; one that was stopped or failed left the reading where it was."""
        return self.state == ReadingState.RUNNING and self.job is not None and not self.job.is_finished

    @property
    def may_be_dropped(self) -> bool:
        return self.state not in (ReadingState.DONE, ReadingState.DROPPED) and not self.is_under_way
