"""The roster in its two layers, what each publication changed, and who answers for a shift at any instant."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office import clock
from office.months import Month
from people.models import Right
from people.permissions import departments_of, departments_where


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
    # A locked month is history: nothing of its plan or its attendance changes any more until it is unlocked.
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

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

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None


class VersionCause(models.TextChoices):
    """Why what is published changed."""

    PUBLISHED = "published", _("Published")
    SWAP = "swap", _("Swap")
    LEAVE = "leave", pgettext_lazy("time off", "Leave")
    COVER = "cover", _("Cover")
    LEAVER = "leaver", _("Somebody left")


class RosterVersion(models.Model):
    """An immutable snapshot of what was published: {membership pk: {day of month: code}}."""

    roster = models.ForeignKey(Roster, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    changed_cells = models.PositiveIntegerField()
    cause = models.CharField(max_length=9, choices=VersionCause, default=VersionCause.PUBLISHED)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=clock.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="shifts_roster_version_once", fields=["roster", "number"]),
            models.CheckConstraint(name="shifts_version_cause_known", condition=Q(cause__in=VersionCause.values)),
        ]

    def __str__(self) -> str:
        return f"{self.roster} v{self.number}"


class RosterChangeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and all of departments whose roster one edits."""
        return self.filter(
            Q(membership__user=user) | Q(membership__department__in=departments_where(user, Right.EDIT_ROSTER))
        )

    def waiting(self):
        """Those that nobody has acknowledged yet."""
        return self.filter(acknowledged_at=None)


class RosterChange(models.Model):
    """What one version changed for one person, and whether they have said that they saw it.

    `days`: [[business date in ISO form, code before, code after], …] in order of date; "" is an empty cell.
    """

    version = models.ForeignKey(RosterVersion, models.PROTECT, related_name="changes")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="roster_changes")
    days = models.JSONField()
    acknowledged_at = models.DateTimeField(null=True)

    objects = RosterChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-version", "membership"]
        constraints = [models.UniqueConstraint(name="shifts_change_once", fields=["version", "membership"])]

    def __str__(self) -> str:
        return f"{self.version} {self.membership}"


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


class AnswerCause(models.TextChoices):
    """How a shift came to whoever answers for it."""

    PUBLISHED = "published", _("Published")
    SWAP = "swap", _("Swap")
    GIVE_AWAY = "give_away", _("Given away")
    OPEN_SHIFT = "open_shift", _("Open shift")
    COVER = "cover", _("Cover")


class AnswerQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(membership__department__in=departments_of(user))

    def at(self, instant):
        """Who answered at `instant` (aware)."""
        return self.filter(from_at__lte=instant).filter(Q(until_at=None) | Q(until_at__gt=instant))

    def current(self):
        return self.filter(until_at=None)


class Answer(models.Model):
    """Who answers for a published shift, from when until when. Every published shift has exactly one that is current.

    The shift is `key`, the primary key of its assignment, which stays although the assignment may be cleared; its date,
    code and times are kept as they were. A change of the shift itself ends one row and begins the next.
    """

    assignment = models.ForeignKey(Assignment, models.SET_NULL, null=True, related_name="answers")
    key = models.BigIntegerField()
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="answers")
    business_date = models.DateField()
    code = models.CharField(max_length=4)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    from_at = models.DateTimeField(default=clock.now)
    until_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=10, choices=AnswerCause, default=AnswerCause.PUBLISHED)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["key", "from_at", "id"]
        constraints = [
            models.UniqueConstraint(name="shifts_one_answers", fields=["key"], condition=Q(until_at=None)),
            models.CheckConstraint(
                name="shifts_answer_in_order", condition=Q(until_at=None) | Q(until_at__gte=F("from_at"))
            ),
            models.CheckConstraint(name="shifts_answer_cause_known", condition=Q(cause__in=AnswerCause.values)),
        ]
        indexes = [models.Index(name="shifts_answer_person", fields=["membership", "business_date"])]

    def __str__(self) -> str:
        return f"{self.membership} {self.business_date} {self.code}"


class Override(models.Model):
    """That somebody let a warning stand, and why. Only ever added (trigger).

    `key` names the warning: its code, the person and the days, as `shifts.compliance.Violation.key` says.
    """

    roster = models.ForeignKey(Roster, models.PROTECT, related_name="overrides")
    key = models.CharField(max_length=200)
    # As it read, in both languages: {"zh-Hans": …, "en": …}.
    text = models.JSONField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(name="shifts_override_once", fields=["roster", "key"])]

    def __str__(self) -> str:
        return f"{self.roster} {self.key}"
