"""The three notebooks."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast
from django.forms import Form
from django.utils.translation import gettext_lazy as _

from handover.words import Due, due_words, in_words, moment, names_of
from office import clock
from people.models import Right
from people.permissions import departments_of, departments_where
from rulebooks.schema import HandoverKind
from rulebooks.services import version_by_id

# What people add to a handover or to a step of an item, at most.
LONGEST_NOTE = 500


class IssueQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own entries, and everybody's where one may read the register."""
        return self.filter(Q(author__user=user) | Q(department__in=departments_where(user, Right.READ_REGISTER)))


class Issue(models.Model):
    """An entry of the issue register 问题登记本: a problem or an idea, written at once. Only ever added (trigger)."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="issues")
    author = models.ForeignKey("people.Membership", models.PROTECT, related_name="issues")
    category = models.CharField(max_length=40)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    text = models.CharField(max_length=2000)
    about = models.CharField(max_length=120, blank=True)
    business_date = models.DateField()
    written_at = models.DateTimeField(default=clock.now)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-id"]
        indexes = [models.Index(name="handover_issue_newest", fields=["department", "-written_at"])]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def category_name(self) -> str:
        """As the rulebook called it when the entry was written."""
        register = version_by_id(self.rulebook_version_id).notebooks.issue_register
        return next((str(known.name) for known in register.categories if known.code == self.category), self.category)

    @property
    def written_words(self) -> str:
        return moment(self.written_at, clock.now(), self.department.zone)


class StatisticSource(models.TextChoices):
    MANUAL = "manual", _("Notebook")


class StatisticQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(
            Q(membership__user=user) | Q(membership__department__in=departments_where(user, Right.READ_REGISTER))
        )

    def current(self):
        """Rows that no correction has superseded."""
        return self.filter(superseded_by=None)

    def as_of(self, instant):
        """What was current at `instant`: recorded by then, and not superseded by then."""
        later = Q(superseded_by=None) | Q(superseded_by__recorded_at__gt=instant)
        return self.filter(later, recorded_at__lte=instant)

    def between(self, first, last):
        return self.filter(business_date__range=(first, last))


class ServiceStatistic(models.Model):
    """A line of the service statistics 服务统计本: one agent's day from one source. A correction supersedes (trigger).

    Counts are customers; sales are fen.
    """

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="statistics")
    business_date = models.DateField()
    source = models.CharField(max_length=6, choices=StatisticSource, default=StatisticSource.MANUAL)
    served = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    enquiries = models.PositiveIntegerField()
    sales_fen = models.BigIntegerField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    objects = StatisticQuerySet.as_manager()

    class Meta:
        ordering = ["business_date", "id"]
        constraints = [
            models.UniqueConstraint(
                name="handover_statistic_one_first",
                fields=["membership", "business_date", "source"],
                condition=Q(supersedes=None),
            ),
            models.CheckConstraint(name="handover_statistic_source", condition=Q(source__in=StatisticSource.values)),
            models.CheckConstraint(name="handover_closed_were_served", condition=Q(closed__lte=F("served"))),
            models.CheckConstraint(name="handover_enquiries_were_served", condition=Q(enquiries__lte=F("served"))),
            models.CheckConstraint(name="handover_sales_not_negative", condition=Q(sales_fen__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.business_date}"


class Handover(models.Model):
    """One agent's handover at the end of a shift: submitted once, also when there is nothing to hand over."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="handovers")
    attendance = models.OneToOneField("shifts.Attendance", models.PROTECT, related_name="handover")
    giver = models.ForeignKey("people.Membership", models.PROTECT, related_name="handovers")
    # Codes of the shift types that take it on, as the rulebook said.
    to_codes = models.JSONField(default=list)
    submitted_at = models.DateTimeField(default=clock.now)
    remark = models.CharField(max_length=LONGEST_NOTE, blank=True)

    class Meta:
        ordering = ["-submitted_at"]
        indexes = [models.Index(name="handover_newest", fields=["department", "-submitted_at"])]

    def __str__(self) -> str:
        return f"{self.giver} {self.submitted_at:%Y-%m-%d %H:%M}"


class ItemState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")


class HandoverItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(department__in=departments_of(user))

    def open(self):
        return self.filter(state=ItemState.OPEN)

    def owned_by(self, membership):
        """What is the member's own, as cards: its owner may finish it."""
        return self.filter(owner=membership).for_cards().annotate(may_finish=Value(True))

    def waiting(self):
        """Passed on and not yet accepted by anybody: still the giver's, or in the department's queue."""
        return self.open().filter(Q(handover__isnull=False) | Q(in_queue=True))

    def inbox_of(self, attendance):
        """What the person on this shift may accept now, as cards; the same answer as `is_for` gives of one item."""
        if not attendance.is_on_duty:
            return self.none()
        # The list of codes as text: SQLite cannot look into JSON, and a code is letters and digits alone.
        here = self.waiting().for_cards().annotate(handed_to=Cast("handover__to_codes", models.TextField()))
        here = here.annotate(may_accept=Value(True))
        handed = Q(handed_to__contains=f'"{attendance.code}"') & ~Q(owner=attendance.membership_id)
        return here.filter(Q(in_queue=True) | handed, department=attendance.membership.department_id)

    def for_cards(self):
        """With everything that a card of an item shows."""
        queued = ItemEvent.objects.filter(item=OuterRef("pk"), action=ItemAction.QUEUED).order_by("-at", "-id")
        return self.select_related(
            "department", "author__user", "owner__user", "handover__giver__user", "handover__attendance"
        ).annotate(queued_at=Subquery(queued.values("at")[:1]))


class HandoverItem(models.Model):
    """What the next shift must do, and for whom.

    An open item belongs to exactly one person (`owner`) or to the department's queue (`in_queue`); the check below
    holds it at every instant. `handover` is set while the item is handed over and waits to be accepted.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="handover_items")
    author = models.ForeignKey("people.Membership", models.PROTECT, related_name="written_items")
    kind = models.CharField(max_length=40)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    customer = models.CharField(max_length=80, blank=True)
    known = models.CharField(max_length=1000, blank=True)
    to_do = models.CharField(max_length=500)
    due_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=4, choices=ItemState, default=ItemState.OPEN)
    owner = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="owned_items")
    in_queue = models.BooleanField(default=False)
    handover = models.ForeignKey(Handover, models.PROTECT, null=True, related_name="items")
    # How many shifts have passed it on.
    carried = models.PositiveIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverItemQuerySet.as_manager()

    # What the reader of a page may do with it, and the form that came back with errors: set by who shows the card.
    may_accept = False
    may_finish = False
    form: Form | None = None

    class Meta:
        ordering = [F("due_at").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                name="handover_item_has_one_owner",
                condition=Q(owner__isnull=False, in_queue=False) | Q(owner=None, in_queue=True),
            ),
            models.CheckConstraint(name="handover_item_state_known", condition=Q(state__in=ItemState.values)),
            models.CheckConstraint(
                name="handover_item_done_has_time",
                condition=Q(state=ItemState.OPEN, done_at=None) | Q(state=ItemState.DONE, done_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="handover_item_open", fields=["department"], condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.to_do[:60]

    @property
    def is_open(self) -> bool:
        return self.state == ItemState.OPEN

    @property
    def is_waiting(self) -> bool:
        return self.is_open and (self.in_queue or self.handover_id is not None)

    def is_for(self, attendance) -> bool:
        """Whether the person on this shift may accept it now.

        From the queue anybody on duty may: also the giver, who is back for another shift. What is still the giver's
        goes to another person on one of the shifts that it was handed to.
        """
        if not (self.is_waiting and attendance.is_on_duty):
            return False
        if self.in_queue:
            return True
        waits_for = self.handover.to_codes if self.handover else []
        return attendance.membership_id != self.owner_id and attendance.code in waits_for

    @property
    def rule(self) -> HandoverKind:
        """What the rulebook that it was written under says of its kind."""
        found = version_by_id(self.rulebook_version_id).handover_kind(self.kind)
        assert found is not None  # it was checked when the item was written, and neither ever changes
        return found

    @property
    def passed_on_by(self) -> str:
        """Who handed it over, when that is not who wrote it."""
        if self.handover is None or self.handover.giver_id == self.author_id:
            return ""
        return self.handover.giver.name

    @property
    def receivers(self) -> str:
        """The shift types that it was handed to, in words."""
        if self.handover is None:
            return ""
        rulebook = version_by_id(self.handover.attendance.rulebook_version_id)
        return names_of(shift for code in self.handover.to_codes if (shift := rulebook.shift(code)))

    @property
    def carry_marks(self) -> range:
        """A mark for each shift that passed it on; more than five say no more."""
        return range(min(self.carried, 5))

    @property
    def due(self) -> Due | None:
        return due_words(self.due_at, clock.now(), self.department.zone) if self.due_at else None

    @property
    def written_words(self) -> str:
        return moment(self.written_at, clock.now(), self.department.zone)

    @property
    def waited(self) -> str:
        """How long it has been waiting for somebody to accept it."""
        return in_words(clock.now() - self.waiting_since)

    @property
    def waiting_since(self) -> datetime:
        """When it was handed over, or put in the queue without a handover."""
        if self.handover is not None:
            return self.handover.submitted_at
        queued = self.__dict__.get("queued_at")
        return queued or self.accepted_at or self.written_at


class ItemAction(models.TextChoices):
    WRITTEN = "written", _("Written")
    SUBMITTED = "submitted", _("Handed over")
    QUEUED = "queued", _("Put in the queue")
    ACCEPTED = "accepted", _("Accepted")
    DONE = "done", _("Done")


class ItemEvent(models.Model):
    """The history of an item. Only ever added (trigger)."""

    item = models.ForeignKey(HandoverItem, models.PROTECT, related_name="events")
    action = models.CharField(max_length=9, choices=ItemAction)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    # The owner from this instant on; none: the queue.
    owner = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    # The handover that passed it on; the item itself forgets it when it is accepted.
    handover = models.ForeignKey(Handover, models.PROTECT, null=True, related_name="events")
    text = models.CharField(max_length=LONGEST_NOTE, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="handover_event_action_known", condition=Q(action__in=ItemAction.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.at:%Y-%m-%d %H:%M}"

    @property
    def words(self) -> str:
        """When it happened, on the department's wall clock."""
        return moment(self.at, clock.now(), self.item.department.zone)
