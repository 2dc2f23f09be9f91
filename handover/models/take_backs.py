"""Handovers that their giver has taken back: the handover stays in the history, and counts for nothing until it is
submitted again."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from office import clock


class TakeBackQuerySet(models.QuerySet):
    def open(self):
        """Those after which nothing has been handed over again."""
        return self.filter(again_at=None)


class TakeBack(models.Model):
    """That a giver took a handover back, and when they submitted it again. One lies open at most."""

    handover = models.ForeignKey("handover.Handover", models.PROTECT, related_name="take_backs")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    again_at = models.DateTimeField(null=True, blank=True)

    objects = TakeBackQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(name="handover_taken_back_once", fields=["handover"], condition=Q(again_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.handover}: {self.at:%Y-%m-%d %H:%M}"


def is_taken_back(handover: str = "pk") -> Exists:
    """Whether the handover whose key stands under this path lies with its giver again."""
    return Exists(TakeBack.objects.open().filter(handover=OuterRef(handover)))
