"""What can be searched for, cut into pairs of signs so that words of two Chinese characters are found."""

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from handover.grams import wanted
from people.models import Right
from people.permissions import departments_where


class SearchKind(models.TextChoices):
    ISSUE = "issue", _("Issue register")
    ITEM = "item", _("Handover log")
    CASE = "case", _("Reviews and complaints")


class SearchTextQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Items of the log are everybody's in the department; of the rest one's own, and all where one may read it."""
        reading = departments_where(user, Right.READ_REGISTER) | departments_where(user, Right.HANDLE_REGISTER)
        handling = departments_where(user, Right.HANDLE_CASES) | departments_where(user, Right.READ_REGISTER)
        own = Q(membership__user=user)
        return self.filter(
            Q(kind=SearchKind.ITEM)
            | Q(kind=SearchKind.ISSUE) & (own | Q(department__in=reading))
            | Q(kind=SearchKind.CASE) & (own | Q(department__in=handling))
        )

    def holding(self, words: str):
        """Entries that hold every pair of signs of the words; all of them when the words are too short to look up."""
        grams = wanted(words)
        if not grams:
            return self
        # Letters and digits alone: nothing in them is taken for more.
        if connection.vendor == "sqlite":
            query = "SELECT rowid FROM handover_searchwords WHERE handover_searchwords MATCH %s"
            return self.filter(pk__in=RawSQL(query, [" AND ".join(grams)]))  # noqa: S611
        # A column that no model knows: see the migration.
        query = "SELECT id FROM handover_searchtext WHERE words @@ to_tsquery('simple', %s)"
        return self.filter(pk__in=RawSQL(query, [" & ".join(grams)]))  # noqa: S611


class SearchText(models.Model):
    """The searchable text of one row of the notebooks. `grams`: see `handover.grams`."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=SearchKind)
    row = models.BigIntegerField()
    # Whose entry it is; a colleague's is found only by those who may read it.
    membership = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    business_date = models.DateField()
    grams = models.TextField()

    objects = SearchTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="handover_search_once", fields=["kind", "row"]),
            models.CheckConstraint(name="handover_search_kind_known", condition=Q(kind__in=SearchKind.values)),
        ]
        indexes = [models.Index(name="handover_search_day", fields=["department", "kind", "business_date"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
