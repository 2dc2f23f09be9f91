"""Duty rotas 值日, 值班: who of a day's shift takes a duty in turn."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from office import clock
from people.permissions import departments_of


class DutyTurnQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(department__in=departments_of(user))

    def between(self, first, last):
        return self.filter(business_date__range=(first, last))


class DutyTurn(models.Model):
    """One person's turn of one duty of the rulebook on one business date."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="duty_turns")
    duty = models.CharField(max_length=40)
    business_date = models.DateField()
    # The first, second … person of the day.
    place = models.PositiveSmallIntegerField(default=1)
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="duty_turns")
    # Whom the holder has asked to take it over.
    offered_to = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="duties_offered")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects = DutyTurnQuerySet.as_manager()

    class Meta:
        ordering = ["business_date", "duty", "place"]
        constraints = [
            models.UniqueConstraint(name="shifts_duty_once", fields=["department", "duty", "business_date", "place"]),
            models.UniqueConstraint(name="shifts_duty_one_place", fields=["duty", "business_date", "membership"]),
            models.CheckConstraint(
                name="shifts_duty_done_by_somebody",
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.business_date} {self.membership}"


class QualificationQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(membership__department__in=departments_of(user))


class Qualification(models.Model):
    """That a member may work the shifts that need a skill of the rulebook, from a day on."""

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="qualifications")
    code = models.CharField(max_length=40)
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        ordering = ["membership", "code", "from_day"]
        constraints = [
            models.UniqueConstraint(name="shifts_qualification_once", fields=["membership", "code", "from_day"]),
            models.CheckConstraint(
                name="shifts_qualification_days_in_order",
                condition=Q(until_day=None) | Q(until_day__gte=models.F("from_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.code}"


class CalendarFeed(models.Model):
    """A secret address at which a member's calendar program reads their published shifts. Only its digest is kept."""

    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="shifts_one_feed", fields=["membership"], condition=Q(revoked_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.membership)
