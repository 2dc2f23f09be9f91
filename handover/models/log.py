"""The handover log 交接记录本: what one shift leaves to the next, and who answers for it at every instant."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, JSONObject
from django.forms import Form
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handover.words import Due, due_words, in_words, moment, names_of, whole_minute
from office import clock
from people.models import Membership
from people.permissions import departments_of
from rulebooks.schema import HandoverKind
from rulebooks.services import version_by_id

from .take_backs import is_taken_back

# What people add to a handover or to a step of an item, at most.
LONGEST_NOTE = 500


def asks_for_more(kind: HandoverKind) -> bool:
    """Whether an item of this kind has to be understood or done in time, so that what is known must not be missing."""
    return kind.read_back or kind.needs_due_time


class HandoverQuerySet(models.QuerySet):
    def standing(self):
        """Those that their giver has not taken back."""
        return self.exclude(is_taken_back())

    def of(self, attendance) -> "Handover | None":
        """What this shift has handed over, unless it was taken back."""
        return self.standing().filter(attendance=attendance).first()


class Handover(models.Model):
    """One agent's handover at the end of a shift: submitted once, also when there is nothing to hand over."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="handovers")
    attendance = models.OneToOneField("shifts.Attendance", models.PROTECT, related_name="handover")
    giver = models.ForeignKey("people.Membership", models.PROTECT, related_name="handovers")
    # Codes of the shift types that take it on, as the rulebook said.
    to_codes = models.JSONField(default=list)
    submitted_at = models.DateTimeField(default=clock.now)
    remark = models.CharField(max_length=LONGEST_NOTE, blank=True)

    objects = HandoverQuerySet.as_manager()

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
        passed_on = Q(handover__isnull=False) | Q(offered_at__isnull=False)
        return self.open().filter(passed_on | Q(in_queue=True))

    def inbox_of(self, attendance):
        """What the person on this shift may accept now, as cards; the same answer as `is_for` gives of one item."""
        if not attendance.is_on_duty:
            return self.none()
        # The list of codes as text: SQLite cannot look into JSON, and a code is letters and digits alone.
        here = self.waiting().for_cards().annotate(handed_to=Cast("handover__to_codes", models.TextField()))
        here = here.annotate(may_accept=Value(True))
        named = Q(meant_for=attendance.membership_id)
        # The same code the day before does not come on after the giver.
        next_on = Q(
            handed_to__contains=f'"{attendance.code}"', handover__attendance__planned_start__lt=attendance.planned_start
        )
        anybody = Q(meant_for=None) & (next_on | Q(handover=None))
        handed = (named | anybody) & ~Q(owner=attendance.membership_id)
        return here.filter(Q(in_queue=True) | handed, department=attendance.membership.department_id)

    def for_cards(self):
        """With everything that a card of an item shows."""
        events = ItemEvent.objects.filter(item=OuterRef("pk")).order_by("-id").values("at")
        queued = events.filter(action=ItemAction.QUEUED)
        submitted = events.filter(action=ItemAction.SUBMITTED, handover=OuterRef("handover"))
        return self.select_related(
            "department",
            "author__user",
            "owner__user",
            "meant_for__user",
            "handover__giver__user",
            "handover__attendance",
        ).annotate(
            queued_at=Subquery(queued[:1]),
            submitted_at=Subquery(submitted[:1]),
            question=_newest(ItemAction.ASKED),
            answer=_newest(ItemAction.ANSWERED),
            outcome=_newest(ItemAction.REFUSED, ItemAction.ACCEPTED, ItemAction.ASSIGNED),
            note=_newest(ItemAction.NOTED, said=True),
            noted_at=Subquery(events.filter(action=ItemAction.NOTED).exclude(text="")[:1]),
        )


def _newest(*actions: str, said: bool = False) -> Subquery:
    """The newest such event of an item, as a mapping of what its card says of it; `said`: only one with a text."""
    events = ItemEvent.objects.filter(item=OuterRef("pk"), action__in=actions).order_by("-id")
    events = events.exclude(text="") if said else events
    told = events.values(told=JSONObject(id="id", action="action", name="actor__name", text="text"))
    return Subquery(told[:1])


class HandoverItem(models.Model):
    """What the next shift must do, and for whom.

    An open item belongs to exactly one person (`owner`) or to the department's queue (`in_queue`); the check below
    holds it at every instant. `handover` is set while the item is handed over and waits to be accepted.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="handover_items")
    # None: it came up by itself, from an order (`follow_up`).
    author = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True, related_name="written_items")
    kind = models.CharField(max_length=40)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    customer = models.CharField(max_length=80, blank=True)
    known = models.CharField(max_length=1000, blank=True)
    to_do = models.CharField(max_length=500)
    # What to do if it goes wrong.
    fallback = models.CharField(max_length=500, blank=True)
    # Whom the giver means it for; nobody: whoever comes on. It binds until the giver has left.
    meant_for = models.ForeignKey(
        "people.Membership", models.PROTECT, null=True, blank=True, related_name="meant_items"
    )
    # The order that it is a follow-up of, and the code of the rulebook's follow-up.
    order = models.ForeignKey("handover.Order", models.PROTECT, null=True, blank=True, related_name="items")
    follow_up = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(default=clock.now)
    # Made by the page: what is sent twice because the connection broke is written once.
    token = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=4, choices=ItemState, default=ItemState.OPEN)
    owner = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True, related_name="owned_items")
    in_queue = models.BooleanField(default=False)
    handover = models.ForeignKey(Handover, models.PROTECT, null=True, blank=True, related_name="items")
    # Written by somebody who hands nothing over at the end of a shift: since then it waits to be accepted.
    offered_at = models.DateTimeField(null=True, blank=True)
    # How many shifts have passed it on.
    carried = models.PositiveIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    # While whoever should accept it waits for an answer of whoever gave it.
    asked_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverItemQuerySet.as_manager()

    # What the reader of a page may do with it, and the form that came back with errors: set by who shows the card.
    may_accept = False
    may_finish = False
    may_answer = False
    may_assign = False
    may_note = False
    may_move_due = False
    # The reader deals with it otherwise than as author, owner or the one whom it is meant for.
    deals_with = False
    form: Form | None = None
    # Whether being passed on just now has counted in `carried`: set by the service.
    is_carried_on = False

    class Meta:
        ordering = [F("due_at").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                name="handover_item_has_one_owner",
                condition=Q(owner__isnull=False, in_queue=False) | Q(owner=None, in_queue=True),
            ),
            models.CheckConstraint(name="handover_item_state_known", condition=Q(state__in=ItemState.values)),
            models.CheckConstraint(
                name="handover_item_written_or_follows_up",
                condition=Q(author__isnull=False, order=None, follow_up="")
                | Q(author=None, order__isnull=False) & ~Q(follow_up=""),
            ),
            models.UniqueConstraint(
                name="handover_follow_up_once", fields=["order", "follow_up"], condition=Q(order__isnull=False)
            ),
            models.UniqueConstraint(name="handover_item_written_once", fields=["author", "token"]),
            models.CheckConstraint(
                name="handover_item_done_has_time",
                condition=Q(state=ItemState.OPEN, done_at=None) | Q(state=ItemState.DONE, done_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="handover_item_open", fields=["department"], condition=Q(state="open")),
            models.Index(name="handover_item_customer", fields=["department", "customer"], condition=~Q(customer="")),
        ]

    def __str__(self) -> str:
        return self.to_do[:60]

    @property
    def searched(self) -> tuple[str, ...]:
        """The texts by which it is found."""
        return (self.to_do, self.known, self.customer, self.fallback)

    @property
    def is_open(self) -> bool:
        return self.state == ItemState.OPEN

    @property
    def is_waiting(self) -> bool:
        return self.is_open and (self.in_queue or self.handover_id is not None or self.offered_at is not None)

    def is_for(self, attendance) -> bool:
        """Whether the person on this shift may accept it now.

        From the queue anybody on duty may: also the giver, who is back for another shift. What is still the giver's
        goes to whom it is meant for, on whatever shift; else to another person on one of the shifts that it was handed
        to: one that comes on after the giver's, never the same code of the day before. What was offered without a
        handover goes to anybody else on duty.
        """
        if not (self.is_waiting and attendance.is_on_duty):
            return False
        if self.in_queue:
            return True
        if attendance.membership_id == self.owner_id:
            return False
        if self.meant_for_id is not None:
            return attendance.membership_id == self.meant_for_id
        if self.handover is None:
            return True
        comes_after = self.handover.attendance.planned_start < attendance.planned_start
        return comes_after and attendance.code in self.handover.to_codes

    @property
    def giver(self) -> Membership | None:
        """Who answers what is asked about it, also after clocking out; nobody for what came up by itself."""
        if self.owner is not None:
            return self.owner
        return self.handover.giver if self.handover else self.author

    @property
    def written_by(self) -> str:
        """The name of its author; empty for what came up by itself."""
        return self.author.name if self.author else ""

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
            return str(_("whoever is on duty")) if self.offered_at is not None else ""
        rulebook = version_by_id(self.handover.attendance.rulebook_version_id)
        return names_of(shift for code in self.handover.to_codes if (shift := rulebook.shift(code)))

    @property
    def open_question(self) -> dict | None:
        """Who asked what, while it waits for an answer: `name` and `text`."""
        return self.__dict__.get("question") if self.asked_at is not None else None

    @property
    def answered(self) -> tuple[dict, dict] | None:
        """The last question and its answer, each with `name` and `text`."""
        question, answer = self.__dict__.get("question"), self.__dict__.get("answer")
        if question is None or answer is None or answer["id"] < question["id"]:
            return None
        return question, answer

    @property
    def refusal(self) -> dict | None:
        """Who refused it and why, until somebody takes it on: `name` and `text`."""
        outcome = self.__dict__.get("outcome")
        return outcome if outcome is not None and outcome["action"] == ItemAction.REFUSED else None

    @property
    def read_back(self) -> str:
        """What whoever took it on last said they will do; empty where nothing was said."""
        outcome = self.__dict__.get("outcome")
        return outcome["text"] if outcome is not None and outcome["action"] == ItemAction.ACCEPTED else ""

    @property
    def last_note(self) -> dict | None:
        """What was added to it last: `name`, `text` and `at`, the time on the department's wall clock."""
        note, at = self.__dict__.get("note"), self.__dict__.get("noted_at")
        if note is None or at is None:
            return None
        return note | {"at": moment(at, clock.now(), self.department.zone)}

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at is not None and self.due_at < whole_minute(clock.now())

    @property
    def is_carried_far(self) -> bool:
        """Whether so many shifts have passed it on that its rulebook wants it seen."""
        log = version_by_id(self.rulebook_version_id).notebooks.handover_log
        return self.is_open and self.carried >= log.carried_stands_out_from

    @property
    def stamp(self) -> str:
        """Another one whenever what can be done about it, or what was said of it, has changed."""
        said = (self.__dict__.get(name) or {} for name in ("question", "answer", "outcome", "note"))
        filled = (bool(self.known), bool(self.fallback), self.due_at and int(self.due_at.timestamp()))
        parts = (self.state, self.owner_id, self.handover_id, self.carried, *filled, *(one.get("id") for one in said))
        return ".".join(str(part or 0) for part in parts)

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
        """When it was handed over, itself or last, or offered; or put in the queue without having been."""
        known = self.__dict__
        passed_on = known.get("submitted_at") or known.get("queued_at")
        handed = self.handover and self.handover.submitted_at
        return passed_on or handed or self.offered_at or self.accepted_at or self.written_at


class ItemAction(models.TextChoices):
    WRITTEN = "written", _("Written")
    SUBMITTED = "submitted", _("Handed over")
    # The giver took the handover back before anybody had accepted anything of it.
    TAKEN_BACK = "reclaimed", _("Taken back")
    QUEUED = "queued", _("Put in the queue")
    ACCEPTED = "accepted", _("Accepted")
    # Asked back, answered, added to, and refused with a reason: the owner stays the same.
    ASKED = "asked", _("Asked back")
    ANSWERED = "answered", _("Answered")
    NOTED = "noted", pgettext_lazy("an item", "Added to")
    REFUSED = "refused", pgettext_lazy("an item", "Refused")
    # A supervisor gave it to somebody.
    ASSIGNED = "assigned", _("Assigned")
    DONE = "done", _("Done")


class ItemEvent(models.Model):
    """The history of an item. Only ever added (trigger)."""

    item = models.ForeignKey(HandoverItem, models.PROTECT, related_name="events")
    action = models.CharField(max_length=9, choices=ItemAction)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    # The owner from this instant on; none: the queue.
    owner = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True, related_name="+")
    # The handover that passed it on; the item itself forgets it when it is accepted.
    handover = models.ForeignKey(Handover, models.PROTECT, null=True, blank=True, related_name="events")
    text = models.CharField(max_length=LONGEST_NOTE, blank=True)
    # What a note filled in or moved: by column, what stood there before and what stands there since.
    changes = models.JSONField(default=dict, blank=True)

    # Of an acceptance, what had passed the item on before and when: set by who shows it.
    given = ""
    given_at: datetime | None = None

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
