"""The monthly run, its scorecards and their lines, and the supervisor's judgement as a fact."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from office import clock
from office.months import Month
from office.texts import localised
from people.models import Right
from people.permissions import departments_where


class JudgementQuerySet(models.QuerySet):
    def current(self):
        """Judgements that no later one has superseded."""
        return self.filter(superseded_by=None)

    def as_of(self, instant):
        """What was current at `instant`: recorded by then, and not superseded by then."""
        later = Q(superseded_by=None) | Q(superseded_by__recorded_at__gt=instant)
        return self.filter(later, recorded_at__lte=instant)

    def of_month(self, month: Month):
        return self.filter(month=month.first)


class Judgement(models.Model):
    """A supervisor's judgement of an agent's month under one indicator: a choice of the rulebook and the reason.

    A later one supersedes it; rows are only ever added (trigger).
    """

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="judgements")
    month = models.DateField()
    indicator = models.CharField(max_length=40)
    choice = models.CharField(max_length=40)
    reason = models.CharField(max_length=500)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    objects = JudgementQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="kpi_judgement_month_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="kpi_judgement_has_reason", condition=~Q(reason="")),
            models.UniqueConstraint(
                name="kpi_judgement_one_first",
                fields=["membership", "month", "indicator"],
                condition=Q(supersedes=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.month:%Y-%m} {self.choice}"


class ScoreRunState(models.TextChoices):
    DRAFT = "draft", _("Draft")


class ScoreRun(models.Model):
    """A department's scored month. While it is a draft, running again recomputes it in place.

    `as_of` is the instant up to which facts count: a row recorded later is not in these scorecards.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="score_runs")
    month = models.DateField()
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=9, choices=ScoreRunState, default=ScoreRunState.DRAFT)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    run_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-month", "-number"]
        constraints = [
            models.UniqueConstraint(name="kpi_run_once", fields=["department", "month", "number"]),
            models.CheckConstraint(name="kpi_run_month_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="kpi_run_state_known", condition=Q(state__in=ScoreRunState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.of_month}"

    @property
    def of_month(self) -> Month:
        return Month.of(self.month)

    def is_over(self) -> bool:
        """Whether the month had ended in the department when it was scored. Reads `department`."""
        return self.department.local(self.as_of).date() > self.of_month.last


class ScorecardQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and all where one may read every scorecard."""
        return self.filter(
            Q(membership__user=user) | Q(run__department__in=departments_where(user, Right.READ_SCORECARDS))
        )

    def of(self, department, month: Month):
        return self.filter(run__department=department, run__month=month.first)


class Scorecard(models.Model):
    """What one member's month was worth. `total` is in points of the rulebook's scale, with two places."""

    run = models.ForeignKey(ScoreRun, models.CASCADE, related_name="scorecards")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="scorecards")
    total = models.DecimalField(max_digits=7, decimal_places=2)
    grade = models.CharField(max_length=4)
    flagged = models.BooleanField(default=False)
    rank = models.PositiveIntegerField()

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "membership__work_number"]
        constraints = [
            models.UniqueConstraint(name="kpi_scorecard_once", fields=["run", "membership"]),
            models.CheckConstraint(name="kpi_scorecard_rank_from_one", condition=Q(rank__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.total}"


class ScoreLine(models.Model):
    """One indicator of a scorecard, with everything it was worked out from.

    `figure` is numerator ÷ denominator in the metric's unit (a count has no denominator); none when there was nothing
    to divide by. `score` is 0 to 100, `points` = weight × score ÷ 100, where `weight` is the one that counted: 0 when
    the line was left out, more than the rulebook's when others were. All four are kept with four places, rounded half
    up.
    """

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    indicator = models.CharField(max_length=40)
    number = models.CharField(max_length=12)
    name = models.JSONField()
    metric = models.CharField(max_length=40)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    figure = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    weight = models.DecimalField(max_digits=8, decimal_places=4)
    points = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    # What the rulebook said (method, weight, no_figure), the answer given by hand, and of the rows that were counted
    # how many they are and the newest one's key: a correction that leaves the sums as they were still shows.
    inputs = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="kpi_line_once", fields=["scorecard", "indicator"]),
            models.CheckConstraint(
                name="kpi_line_score_in_range", condition=Q(score=None) | Q(score__gte=0, score__lte=100)
            ),
            models.CheckConstraint(
                name="kpi_line_points_with_score",
                condition=Q(score=None, points=None, weight=0) | Q(score__isnull=False, points__lte=F("weight")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.indicator}"

    @property
    def title(self) -> str:
        return str(localised(self.name))

    @property
    def counts(self) -> bool:
        """Whether the line is part of the total; without a figure it may have been left out."""
        return self.score is not None
