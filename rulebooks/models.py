"""The stored versions of each department's rulebook."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from office import clock


class RulebookVersionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everybody in a department reads its rulebook."""
        from people.permissions import departments_of

        return self.filter(department__in=departments_of(user))

    def in_force_on(self, day):
        """Newest first: the first row of a department is the one in force there on `day`."""
        return self.filter(from_day__lte=day).order_by("-from_day", "-number")


class RulebookVersion(models.Model):
    """A published version of a department's rulebook, in force from `from_day` on. Never changed (trigger)."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="rulebook_versions")
    number = models.PositiveIntegerField()
    from_day = models.DateField()
    source = models.TextField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=clock.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = RulebookVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="rulebooks_version_once", fields=["department", "number"]),
            models.CheckConstraint(name="rulebooks_number_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return _("version %(number)s") % {"number": self.number}
