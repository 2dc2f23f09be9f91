"""The service statistics 服务统计本: one row for one agent's day from one source.

What several tools or shops say of the same day is added together: every reader sums over the rows that hold.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from office import clock
from people.models import Right
from people.permissions import departments_where


class StatisticSource(models.TextChoices):
    # Counted by the agent.
    MANUAL = "manual", _("Notebook")
    # Read in from a chat tool or a shop, as a file or by a program; `origin` says from which.
    IMPORTED = "imported", _("Chat tool")


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

    The notebook is one source, and each tool or shop (`origin`) one more; a correction stays within its source.

    Counts are customers, rounds or calls; sales are fen; seconds are sums over the rounds or calls that are counted
    beside them. What a source does not report is None, which is no zero.
    """

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="statistics")
    business_date = models.DateField()
    source = models.CharField(max_length=8, choices=StatisticSource, default=StatisticSource.MANUAL)
    origin = models.ForeignKey(
        "handover.ReadingSource", models.PROTECT, null=True, blank=True, related_name="statistics"
    )
    served = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    enquiries = models.PositiveIntegerField()
    sales_fen = models.BigIntegerField()
    contacting = models.PositiveIntegerField(null=True, blank=True)
    # Customers with at least one human reply.
    replied = models.PositiveIntegerField(null=True, blank=True)
    # Enquiring buyers who paid within the attribution window; buyers who paid at all.
    enquiries_paid = models.PositiveIntegerField(null=True, blank=True)
    paying = models.PositiveIntegerField(null=True, blank=True)
    first_replies = models.PositiveIntegerField(null=True, blank=True)
    first_reply_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    rounds = models.PositiveIntegerField(null=True, blank=True)
    round_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    # Rounds answered in at most 180 seconds, within service hours.
    rounds_in_time = models.PositiveIntegerField(null=True, blank=True)
    calls = models.PositiveIntegerField(null=True, blank=True)
    talk_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    reading = models.ForeignKey("handover.Reading", models.PROTECT, null=True, blank=True, related_name="statistics")
    recorded_at = models.DateTimeField(default=clock.now)
    # None: a program of the department, by a token.
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    objects = StatisticQuerySet.as_manager()

    class Meta:
        ordering = ["business_date", "id"]
        constraints = [
            models.UniqueConstraint(
                "membership",
                "business_date",
                "source",
                # Two rows without one are alike, too.
                Coalesce("origin", 0),
                name="handover_statistic_one_first",
                condition=Q(supersedes=None),
            ),
            models.CheckConstraint(
                name="handover_statistic_origin", condition=Q(origin=None) | Q(source=StatisticSource.IMPORTED)
            ),
            models.CheckConstraint(name="handover_statistic_source", condition=Q(source__in=StatisticSource.values)),
            models.CheckConstraint(name="handover_closed_were_served", condition=Q(closed__lte=F("served"))),
            models.CheckConstraint(name="handover_enquiries_were_served", condition=Q(enquiries__lte=F("served"))),
            models.CheckConstraint(name="handover_sales_not_negative", condition=Q(sales_fen__gte=0)),
            models.CheckConstraint(
                name="handover_enquiries_paid_were_enquiries",
                condition=Q(enquiries_paid=None) | Q(enquiries_paid__lte=F("enquiries")),
            ),
            models.CheckConstraint(
                name="handover_replied_had_contacted",
                condition=Q(replied=None) | Q(contacting=None) | Q(replied__lte=F("contacting")),
            ),
            models.CheckConstraint(
                name="handover_rounds_in_time_were_rounds",
                condition=Q(rounds_in_time=None) | Q(rounds_in_time__lte=F("rounds")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.business_date}"
