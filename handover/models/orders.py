"""Orders as the shop's system exports them, and whose they are."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from office import clock
from office.months import FIRST_YEAR, LAST_YEAR
from people.permissions import departments_of


class Attribution(models.TextChoices):
    """By what an order belongs to those who share it."""

    NONE = "none", pgettext_lazy("attribution of an order", "Untagged")
    TAGGED = "tagged", pgettext_lazy("attribution of an order", "Tagged")
    AUTO = "auto", pgettext_lazy("attribution of an order", "Placed without asking")
    CLAIMED = "claimed", pgettext_lazy("attribution of an order", "Claimed")
    DECIDED = "decided", pgettext_lazy("attribution of an order", "Decided")


class OrderQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(department__in=departments_of(user))

    def untagged(self):
        return self.filter(attribution=Attribution.NONE, paid_at__isnull=False)


class Order(models.Model):
    """An order as it stands now: what its newest facts say. Amounts are fen; instants are aware."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="orders")
    number = models.CharField(max_length=60)
    buyer = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    amount_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    remark = models.CharField(max_length=500, blank=True)
    # A colour of the rulebook's list; empty: not flagged.
    flag = models.CharField(max_length=10, blank=True)
    # The buyer had asked nobody before placing it.
    without_asking = models.BooleanField(default=False)
    # The business date it counts for: of its payment, else of its placing.
    business_date = models.DateField()
    attribution = models.CharField(max_length=7, choices=Attribution, default=Attribution.NONE)
    # Why the tag does not hold, as a code of `handover.orders`; empty when it does.
    fault = models.CharField(max_length=20, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="handover_order_number_once", fields=["department", "number"]),
            models.CheckConstraint(name="handover_order_has_number", condition=~Q(number="")),
            # The months that the department's calendar has.
            models.CheckConstraint(
                name="handover_order_of_our_time",
                condition=Q(business_date__gte=date(FIRST_YEAR, 1, 1), business_date__lte=date(LAST_YEAR, 12, 31)),
            ),
            models.CheckConstraint(name="handover_order_attribution", condition=Q(attribution__in=Attribution.values)),
            models.CheckConstraint(
                name="handover_order_amounts",
                condition=Q(amount_fen__gte=0, paid_fen__gte=0, refunded_fen__gte=0, refunded_fen__lte=F("paid_fen")),
            ),
        ]
        indexes = [
            models.Index(name="handover_order_day", fields=["department", "business_date"]),
            models.Index(
                name="handover_order_untagged",
                fields=["department", "business_date"],
                condition=Q(attribution="none"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderFact(models.Model):
    """What one reading said of an order, as the fields of `Order`. Only ever added (trigger); the newest holds."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="facts")
    reading = models.ForeignKey("handover.Reading", models.PROTECT, related_name="order_facts")
    facts = models.JSONField()
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order} {self.recorded_at:%Y-%m-%d %H:%M}"


class OrderShare(models.Model):
    """Whose an order is: parts of 10 000 of it. The parts of an attributed order add up to 10 000 (service)."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shares")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="order_shares")
    parts = models.PositiveIntegerField()

    class Meta:
        ordering = ["order", "membership"]
        constraints = [
            models.UniqueConstraint(name="handover_share_once", fields=["order", "membership"]),
            models.CheckConstraint(name="handover_share_parts", condition=Q(parts__gte=1, parts__lte=10_000)),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.membership} {self.parts}"


class ClaimState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("claim of an order", "Waiting")
    CONFIRMED = "confirmed", pgettext_lazy("claim of an order", "Confirmed")
    REFUSED = "refused", pgettext_lazy("claim of an order", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("claim of an order", "Withdrawn")


class OrderClaimQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of orders of one's departments: two who claim one order know of each other."""
        return self.filter(order__department__in=departments_of(user))

    def waiting(self):
        return self.filter(state=ClaimState.ASKED)


class OrderClaim(models.Model):
    """An agent says that an untagged order is theirs; somebody with the right decides."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="claims")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="order_claims")
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=9, choices=ClaimState, default=ClaimState.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True)

    objects = OrderClaimQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="handover_claim_once", fields=["order", "membership"], condition=Q(state="asked")
            ),
            models.CheckConstraint(name="handover_claim_state_known", condition=Q(state__in=ClaimState.values)),
            models.CheckConstraint(
                name="handover_claim_decided",
                condition=Q(state="asked", decided_at=None) | ~Q(state="asked") & Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.membership}"
