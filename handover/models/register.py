"""The issue register 问题登记本: entries that never change, and beside each what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handover.words import moment
from office import clock
from people.models import Right
from people.permissions import departments_where
from rulebooks.services import version_by_id


class IssueQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own entries, and everybody's where one may read or handle the register."""
        reading = departments_where(user, Right.READ_REGISTER) | departments_where(user, Right.HANDLE_REGISTER)
        return self.filter(Q(author__user=user) | Q(department__in=reading))


class Issue(models.Model):
    """An entry of the issue register 问题登记本: a problem or an idea, written at once. Only ever added (trigger)."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="issues")
    author = models.ForeignKey("people.Membership", models.PROTECT, related_name="issues")
    category = models.CharField(max_length=40)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    text = models.CharField(max_length=2000)
    # The product that it is about, or whatever else; the customer's handle as in the chat.
    about = models.CharField(max_length=120, blank=True)
    customer = models.CharField(max_length=80, blank=True)
    picture = models.OneToOneField("office.Upload", models.PROTECT, null=True, blank=True, related_name="+")
    # Made by the page: what is sent twice because the connection broke is written once.
    token = models.UUIDField(null=True, blank=True, unique=True)
    # The meeting that decided it.
    meeting = models.ForeignKey("handover.Meeting", models.PROTECT, null=True, blank=True, related_name="decisions")
    business_date = models.DateField()
    written_at = models.DateTimeField(default=clock.now)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-id"]
        indexes = [models.Index(name="handover_issue_newest", fields=["department", "-written_at"])]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def searched(self) -> tuple[str, ...]:
        """The texts by which it is found."""
        return (self.text, self.about, self.customer)

    @property
    def category_name(self) -> str:
        """As the rulebook called it when the entry was written."""
        register = version_by_id(self.rulebook_version_id).notebooks.issue_register
        return next((str(known.name) for known in register.categories if known.code == self.category), self.category)

    @property
    def written_words(self) -> str:
        return moment(self.written_at, clock.now(), self.department.zone)


class HandIn(models.Model):
    """One week's entries of a department, handed in to those who handle the register. Only ever added (trigger).

    It covers what was written after `since` and not after `until`, the rulebook's moment of the week.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="hand_ins")
    since = models.DateTimeField()
    until = models.DateTimeField()
    # How many entries, of how many people.
    entries = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(name="handover_hand_in_once", fields=["department", "until"]),
            models.CheckConstraint(name="handover_hand_in_in_order", condition=Q(until__gt=F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.until:%Y-%m-%d}"


class MatterState(models.TextChoices):
    # Written, not yet handed in.
    NEW = "new", _("New")
    HANDED_IN = "handed_in", _("Handed in")
    ASSIGNED = "assigned", _("Being worked on")
    ANSWERED = "answered", _("Answered")
    ADOPTED = "adopted", _("Adopted")
    REJECTED = "rejected", _("Not adopted")
    # Said before, in the entry of `merged_into`.
    MERGED = "merged", _("Same as another")


# States in which nothing more is to be done.
SETTLED = (MatterState.ANSWERED, MatterState.ADOPTED, MatterState.REJECTED, MatterState.MERGED)


class MatterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of one's own entries, and of departments where one reads or handles the register."""
        reading = departments_where(user, Right.READ_REGISTER) | departments_where(user, Right.HANDLE_REGISTER)
        return self.filter(Q(issue__author__user=user) | Q(assignee__user=user) | Q(issue__department__in=reading))

    def unsettled(self):
        return self.exclude(state__in=SETTLED)


class Matter(models.Model):
    """What becomes of an entry of the register; made with it."""

    issue = models.OneToOneField(Issue, models.PROTECT, related_name="matter")
    state = models.CharField(max_length=9, choices=MatterState, default=MatterState.NEW)
    hand_in = models.ForeignKey(HandIn, models.PROTECT, null=True, blank=True, related_name="matters")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    assignee = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True, related_name="matters")
    # The bonus that adopting it proposed.
    bonus = models.OneToOneField("ledger.Bonus", models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="handover_matter_state_known", condition=Q(state__in=MatterState.values)),
            models.CheckConstraint(
                name="handover_matter_settled_has_time",
                condition=Q(state__in=SETTLED, settled_at__isnull=False) | ~Q(state__in=SETTLED) & Q(settled_at=None),
            ),
            models.CheckConstraint(
                name="handover_matter_merged_into_another",
                condition=Q(state="merged", merged_into__isnull=False) | ~Q(state="merged") & Q(merged_into=None),
            ),
            models.CheckConstraint(
                name="handover_matter_assigned_to_somebody",
                condition=~Q(state="assigned") | Q(assignee__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="handover_matter_unsettled", fields=["state"], condition=~Q(state__in=SETTLED)),
        ]

    def __str__(self) -> str:
        return str(self.issue)


class MatterStep(models.Model):
    """The history of a matter, with the words its author reads. Only ever added (trigger)."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=9, choices=MatterState)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    text = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="handover_matter_step_known", condition=Q(state__in=MatterState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.at:%Y-%m-%d %H:%M}"
