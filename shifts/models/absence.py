"""Leave, swaps and cover: how a planned shift comes to be worked by nobody, or by somebody else."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office import clock
from people.models import Right
from people.permissions import departments_where

from .roster import Assignment, RosterVersion


class LeaveState(models.TextChoices):
    ASKED = "asked", _("Asked")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # After it was approved.
    CANCELLED = "cancelled", _("Cancelled")


class LeaveQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own slips, and those of departments in which one may approve leave."""
        approving = departments_where(user, Right.APPROVE_LEAVE)
        return self.filter(Q(membership__user=user) | Q(membership__department__in=approving))

    def approved(self):
        return self.filter(state=LeaveState.APPROVED)

    def waiting(self):
        return self.filter(state=LeaveState.ASKED)

    def touching(self, first, last):
        """Slips with at least one day from `first` to `last`, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)


class Leave(models.Model):
    """A leave slip 请假条: whole business dates from first to last, both included, or hours within one of them."""

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="leaves")
    # The code of the rulebook's kind, and its version: what it is called and what it asks for.
    kind = models.CharField(max_length=4)
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    # Both null for whole days.
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    attachment = models.ForeignKey("office.Upload", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=LeaveState, default=LeaveState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    # What it took off the roster: [[business date in ISO form, code], …].
    replaced = models.JSONField(default=list)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-id"]
        constraints = [
            models.CheckConstraint(name="shifts_leave_days_in_order", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="shifts_leave_state_known", condition=Q(state__in=LeaveState.values)),
            models.CheckConstraint(
                name="shifts_leave_hours_fit",
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__gt=F("starts_at"), last_day=F("first_day")),
            ),
            models.CheckConstraint(
                name="shifts_leave_decided",
                condition=Q(state="asked", decided_at=None) | ~Q(state="asked") & Q(decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="shifts_leave_days", fields=["membership", "first_day"])]

    def __str__(self) -> str:
        return f"{self.membership} {self.first_day} – {self.last_day}"

    @property
    def is_hours(self) -> bool:
        return self.starts_at is not None


class SwapKind(models.TextChoices):
    SWAP = "swap", _("Swap")
    GIVE_AWAY = "give_away", _("Give away")
    OPEN_SHIFT = "open_shift", _("Open shift")


class SwapState(models.TextChoices):
    # Waits for the partner; an open shift, or one given to whoever wants it, for anybody.
    ASKED = "asked", pgettext_lazy("swap", "Asked")
    # Both have consented; waits for the approver.
    AGREED = "agreed", _("Agreed")
    # The approver has decided; until it is applied, the owner answers.
    APPROVED = "approved", _("Approved")
    APPLIED = "applied", _("Applied")
    DECLINED = "declined", _("Declined")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # One of its assignments changed.
    STALE = "stale", _("Overtaken")


# States from which a swap can still come to be applied.
LIVE_SWAPS = (SwapState.ASKED, SwapState.AGREED, SwapState.APPROVED)


class SwapQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those that one is part of or may join, and those of departments in which one approves swaps."""
        approving = departments_where(user, Right.APPROVE_SWAP)
        own = Q(owner__user=user) | Q(partner__user=user)
        offered = Q(partner=None, state=SwapState.ASKED, department__memberships__user=user)
        return self.filter(own | offered | Q(department__in=approving)).distinct()

    def live(self):
        return self.filter(state__in=LIVE_SWAPS)


class Swap(models.Model):
    """A swap 换班, a shift given away, or an open shift 顶班. It refers to assignments, never to windows of time.

    `seen`: every cell that applying it would touch, as it was when asked: [[membership pk, date in ISO form,
    assignment pk or null, code, version], …]. As soon as one of them differs, the swap is stale.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="swaps")
    kind = models.CharField(max_length=10, choices=SwapKind)
    # Whose shift it is; nobody's for an open shift, for which whoever opened it answers.
    owner = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="swaps_asked")
    # Null while it is offered to everybody.
    partner = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="swaps_received")
    assignment = models.ForeignKey(Assignment, models.SET_NULL, null=True, related_name="swaps")
    partner_assignment = models.ForeignKey(Assignment, models.SET_NULL, null=True, related_name="+")
    # The owner's shift, or the open one, and the partner's ("" for none), as they were.
    business_date = models.DateField()
    code = models.CharField(max_length=4)
    partner_date = models.DateField(null=True)
    partner_code = models.CharField(max_length=4, blank=True)
    seen = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=SwapState, default=SwapState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    # Who consented for the partner: themselves, or a supervisor with a reason.
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    acted_for = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    applied_at = models.DateTimeField(null=True)
    version = models.ForeignKey(RosterVersion, models.PROTECT, null=True, related_name="swaps")

    objects = SwapQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(name="shifts_swap_kind_known", condition=Q(kind__in=SwapKind.values)),
            models.CheckConstraint(name="shifts_swap_state_known", condition=Q(state__in=SwapState.values)),
            models.CheckConstraint(
                name="shifts_swap_has_owner", condition=Q(kind="open_shift") | Q(owner__isnull=False)
            ),
            models.CheckConstraint(
                name="shifts_swap_of_two", condition=Q(owner=None) | Q(partner=None) | ~Q(owner=F("partner"))
            ),
            models.CheckConstraint(
                name="shifts_swap_applied_at",
                condition=Q(state="applied", applied_at__isnull=False) | ~Q(state="applied") & Q(applied_at=None),
            ),
            # One shift is offered once at a time.
            models.UniqueConstraint(
                name="shifts_one_live_swap",
                fields=["assignment"],
                condition=Q(state__in=["asked", "agreed", "approved"], assignment__isnull=False),
            ),
        ]
        indexes = [models.Index(name="shifts_swap_states", fields=["department", "state"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.business_date} {self.code}"
