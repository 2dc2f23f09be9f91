"""Newcomers and their mentors, product launches and their quizzes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office import clock
from people.models import Right
from people.permissions import departments_of, departments_where


class MentorshipState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("mentorship", "Learning")
    PASSED = "passed", pgettext_lazy("mentorship", "Passed")
    ENDED = "ended", pgettext_lazy("mentorship", "Ended")


class MentorshipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own from either side, and all where one leads training."""
        return self.filter(
            Q(mentor__user=user)
            | Q(newcomer__user=user)
            | Q(newcomer__department__in=departments_where(user, Right.LEAD_TRAINING))
        )


class Mentorship(models.Model):
    """A newcomer learns from one mentor, from a day until they pass or it ends. One at a time for each newcomer."""

    newcomer = models.ForeignKey("people.Membership", models.PROTECT, related_name="mentorships")
    mentor = models.ForeignKey("people.Membership", models.PROTECT, related_name="newcomers")
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField(null=True)
    state = models.CharField(max_length=7, choices=MentorshipState, default=MentorshipState.RUNNING)
    paired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # What passing or ending it was said with.
    remark = models.CharField(max_length=500, blank=True)
    # Passed so soon that early confirmation was proposed.
    is_early = models.BooleanField(default=False)
    bonus = models.OneToOneField("ledger.Bonus", models.PROTECT, null=True, related_name="+")

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        ordering = ["-from_day", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="handover_one_mentor_at_a_time", fields=["newcomer"], condition=Q(state="running")
            ),
            models.CheckConstraint(name="handover_mentor_is_another", condition=~Q(mentor=F("newcomer"))),
            models.CheckConstraint(
                name="handover_mentorship_state_known", condition=Q(state__in=MentorshipState.values)
            ),
            models.CheckConstraint(
                name="handover_mentorship_ended_has_day",
                condition=Q(state="running", until_day=None) | ~Q(state="running") & Q(until_day__gte=F("from_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.newcomer} / {self.mentor}"


class LearntPoint(models.Model):
    """A point of the checklist that a newcomer has learnt. Only ever added; taking it back adds `taken_back`."""

    mentorship = models.ForeignKey(Mentorship, models.PROTECT, related_name="points")
    code = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="handover_point_once", fields=["mentorship", "code"], condition=Q(taken_back_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentorship} {self.code}"


class LaunchQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(department__in=departments_of(user))


class Launch(models.Model):
    """A new product: what to know about it, who explains it, by when it must be known."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="launches")
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    product = models.CharField(max_length=120)
    brief = models.CharField(max_length=5000)
    trainer = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="launches")
    known_by = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    # From then on its quiz can be taken, and its questions stay.
    opened_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = LaunchQuerySet.as_manager()

    class Meta:
        ordering = ["-known_by", "-id"]

    def __str__(self) -> str:
        return self.product


class Question(models.Model):
    """A question of a launch's quiz: what can be answered, and the places of the right ones, counted from 0."""

    launch = models.ForeignKey(Launch, models.PROTECT, related_name="questions")
    place = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    options = models.JSONField()
    right = models.JSONField()

    class Meta:
        ordering = ["launch", "place"]
        constraints = [
            models.UniqueConstraint(name="handover_question_place", fields=["launch", "place"]),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Learner(models.Model):
    """Somebody who must know a launch."""

    launch = models.ForeignKey(Launch, models.PROTECT, related_name="learners")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="launches_to_know")
    read_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)
    # The last attempt failed: it proposed its incident.
    failed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["launch", "membership"]
        constraints = [
            models.UniqueConstraint(name="handover_learner_once", fields=["launch", "membership"]),
            models.CheckConstraint(
                name="handover_learner_passed_or_failed", condition=Q(passed_at=None) | Q(failed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.launch} {self.membership}"


class Attempt(models.Model):
    """One try at a quiz: answers by question, how many were right of how many. Only ever added (trigger)."""

    learner = models.ForeignKey(Learner, models.PROTECT, related_name="attempts")
    # {question key: [places chosen]}
    answers = models.JSONField()
    right = models.PositiveIntegerField()
    questions = models.PositiveIntegerField()
    passed = models.BooleanField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="handover_attempt_right", condition=Q(right__lte=F("questions"))),
        ]

    def __str__(self) -> str:
        return _("%(right)s of %(all)s") % {"right": self.right, "all": self.questions}
