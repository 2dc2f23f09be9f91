"""Bad reviews 差评 and complaints 投诉, with the clocks that run on them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office import clock
from people.models import Right
from people.permissions import departments_where
from rulebooks.schema import CaseKind
from rulebooks.services import version_by_id


class CaseState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Finding(models.TextChoices):
    """Whether a complaint was right."""

    UPHELD = "upheld", _("Upheld")
    NOT_UPHELD = "not_upheld", _("Not upheld")


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those that one registered, has, or is the subject of, all where one handles cases or hears of late ones."""
        handling = departments_where(user, Right.HANDLE_CASES) | departments_where(user, Right.READ_REGISTER)
        handling |= departments_where(user, Right.SCORE_MONTH)
        return self.filter(
            Q(registered_by=user) | Q(assignee__user=user) | Q(subject__user=user) | Q(department__in=handling)
        )

    def open(self):
        return self.filter(state=CaseState.OPEN)


class Case(models.Model):
    """One review or complaint, of a kind of the rulebook that was in force when it came in."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=40)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    severity = models.CharField(max_length=40, blank=True)
    customer = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True)
    product = models.CharField(max_length=120, blank=True)
    order_number = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=2000)
    picture = models.OneToOneField("office.Upload", models.PROTECT, null=True, related_name="+")
    # Whom it is about, when it is about somebody.
    subject = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="cases_about")
    came_at = models.DateTimeField()
    business_date = models.DateField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=clock.now)
    assignee = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="cases")
    state = models.CharField(max_length=6, choices=CaseState, default=CaseState.OPEN)
    finding = models.CharField(max_length=10, choices=Finding, blank=True)
    closed_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-came_at", "-id"]
        constraints = [
            models.CheckConstraint(name="handover_case_state_known", condition=Q(state__in=CaseState.values)),
            models.CheckConstraint(name="handover_case_finding_known", condition=Q(finding__in=["", *Finding.values])),
            models.CheckConstraint(
                name="handover_case_closed_has_time",
                condition=Q(state="open", closed_at=None, finding="") | Q(state="closed", closed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="handover_case_open", fields=["department"], condition=Q(state="open")),
            models.Index(name="handover_case_day", fields=["department", "business_date"]),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def searched(self) -> tuple[str, ...]:
        """The texts by which it is found."""
        return (self.text, self.product, self.customer, self.order_number)

    @property
    def rule(self) -> CaseKind:
        found = version_by_id(self.rulebook_version_id).case_kind(self.kind)
        assert found is not None  # it was checked when the case was registered, and neither ever changes
        return found


class CaseStep(models.Model):
    """A step of a case: due at an instant, done at another."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    code = models.CharField(max_length=40)
    place = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # It is not asked for: what it waits for was done in time.
    is_skipped = models.BooleanField(default=False)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["case", "place"]
        constraints = [
            models.UniqueConstraint(name="handover_case_step_once", fields=["case", "code"]),
            models.CheckConstraint(
                name="handover_case_step_done_or_skipped", condition=Q(is_skipped=False) | Q(done_at=None)
            ),
            models.CheckConstraint(
                name="handover_case_step_done_by_somebody",
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="handover_case_step_running", fields=["due_at"], condition=Q(done_at=None, is_skipped=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.code}"

    @property
    def is_late(self) -> bool:
        """Whether it was done after its time, or is not done and past it."""
        return (self.done_at or clock.now()) > self.due_at and not self.is_skipped


class CaseNote(models.Model):
    """What was said and done about a case. Only ever added (trigger)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    # What kind of note: a word of `handover.cases.Deed`, such as registered, assigned, step, closed, corrected.
    action = models.CharField(max_length=12)
    step = models.ForeignKey(CaseStep, models.PROTECT, null=True, related_name="notes")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    text = models.CharField(max_length=1000, blank=True)
    # What was found, when this says so, and about whom; nobody where it says so of nobody.
    finding = models.CharField(max_length=10, choices=Finding, blank=True)
    subject = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="handover_case_note_finding_known", condition=Q(finding__in=["", *Finding.values])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
