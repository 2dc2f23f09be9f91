"""From incident to sanction, and the double-entry journal that keeps the money."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office import clock
from office.texts import localised
from people.models import Right
from people.permissions import departments_where

FACTS_LENGTH, REASON_LENGTH, REMARK_LENGTH = 2000, 500, 200


class IncidentState(models.TextChoices):
    REPORTED = "reported", _("Reported")
    CONFIRMED = "confirmed", _("Confirmed")
    DISMISSED = "dismissed", _("Dismissed")


def _judging(user):
    """Departments whose incidents the person decides, or whose scorecards, which count incidents, they read.

    To be allowed to report is not enough: a rulebook may give that to every agent.
    """
    return departments_where(user, Right.DECIDE_INCIDENT) | departments_where(user, Right.READ_SCORECARDS)


class IncidentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Incidents about oneself, those one reported, and all of departments where one decides or reads scorecards."""
        return self.filter(Q(membership__user=user) | Q(reported_by=user) | Q(department__in=_judging(user)))

    def reported(self):
        """Those that wait for a decision."""
        return self.filter(state=IncidentState.REPORTED)

    def confirmed(self):
        return self.filter(state=IncidentState.CONFIRMED)

    def between(self, first, last):
        """By business date, both days included; None leaves that end open."""
        found = self if first is None else self.filter(business_date__gte=first)
        return found if last is None else found.filter(business_date__lte=last)


class Incident(models.Model):
    """A fact reported under a clause; what it is judged by is the rulebook in force on its business date.

    The clause's number and text are kept as they read then. A source elsewhere in the house is (kind, id, label).
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="incidents")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="incidents")
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    clause_code = models.CharField(max_length=40)
    clause_number = models.CharField(max_length=12)
    clause_text = models.JSONField()
    occurred_at = models.DateTimeField()
    business_date = models.DateField()
    facts = models.CharField(max_length=FACTS_LENGTH)
    source_kind = models.CharField(max_length=40, blank=True)
    source_id = models.BigIntegerField(null=True)
    source_label = models.CharField(max_length=200, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=9, choices=IncidentState, default=IncidentState.REPORTED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.CheckConstraint(name="ledger_incident_state_known", condition=Q(state__in=IncidentState.values)),
            models.CheckConstraint(
                name="ledger_incident_decided_by_somebody",
                condition=Q(state="reported", decided_at=None) | ~Q(state="reported") & Q(decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="ledger_incident_once_per_source",
                fields=["clause_code", "membership", "source_kind", "source_id"],
                condition=~Q(source_kind=""),
            ),
        ]
        indexes = [
            models.Index(name="ledger_incident_counts", fields=["membership", "clause_code", "business_date"]),
        ]

    def __str__(self) -> str:
        return f"§{self.clause_number} {self.membership} {self.business_date}"

    @property
    def outcome(self) -> "Sanction | None":
        """What confirming it led to; None before, and for a clause without a ladder."""
        return getattr(self, "sanction", None)

    @property
    def clause(self) -> str:
        """The clause's sentence in the active language, as it read when the incident was reported."""
        return str(localised(self.clause_text))


class SanctionKind(models.TextChoices):
    FINE = "fine", _("Fine")
    WARNING = "warning", _("Warning")
    POINTS = "points", _("Points")
    PROPOSAL = "proposal", _("Proposal")


class SanctionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and all where one decides incidents, reads scorecards or collects fines."""
        departments = _judging(user) | departments_where(user, Right.COLLECT_FINES)
        return self.filter(Q(membership__user=user) | Q(membership__department__in=departments))

    def fines(self):
        return self.filter(kind=SanctionKind.FINE)

    def with_due(self):
        """Each with `paid_fen` and `due_fen`, summed from its payments."""
        paid = (
            Payment.objects.filter(sanction=OuterRef("pk"))
            .order_by()
            .values("sanction")
            .annotate(sum=Sum("amount_fen"))
            .values("sum")
        )
        return self.annotate(paid_fen=Coalesce(Subquery(paid), 0, output_field=models.BigIntegerField())).annotate(
            due_fen=F("amount_fen") - F("paid_fen")
        )

    def outstanding(self):
        """Fines of which something is still due, with `paid_fen` and `due_fen`."""
        return self.fines().with_due().filter(due_fen__gt=0)


class Sanction(models.Model):
    """What a confirmed incident led to: the step of the ladder, and all it was judged by. Only ever added (trigger)."""

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="sanction")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="sanctions")
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    clause_code = models.CharField(max_length=40)
    # The window as the rulebook words it, its first and last day (null: open), and the keys of the incidents counted
    # before this one: {"kind", "days", "first", "last", "incidents"}. `count` is this incident's place among them.
    window = models.JSONField()
    count = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=SanctionKind)
    amount_fen = models.BigIntegerField(default=0)
    points = models.PositiveIntegerField(default=0)
    text = models.JSONField(default=dict)
    due_day = models.DateField(null=True)
    entry = models.OneToOneField("ledger.JournalEntry", models.PROTECT, null=True, related_name="sanction")
    created_at = models.DateTimeField(default=clock.now)

    # From `with_due`.
    paid_fen: int
    due_fen: int

    objects = SanctionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="ledger_sanction_kind_known", condition=Q(kind__in=SanctionKind.values)),
            models.CheckConstraint(
                name="ledger_fine_has_entry",
                condition=Q(kind="fine", amount_fen__gt=0, entry__isnull=False)
                | ~Q(kind="fine") & Q(amount_fen=0, entry=None),
            ),
            models.CheckConstraint(
                name="ledger_sanction_step_from_one", condition=Q(step__gte=1, count__gte=F("step"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.membership}"

    @property
    def words(self) -> str:
        """What a warning or proposal says, in the active language; nothing for fines and points."""
        return str(localised(self.text)) if self.text else ""

    def overdue_days(self, today) -> int:
        """Whole days since the due day; 0 while there is time. Whether anything is still due, `due_fen` says."""
        return max((today - self.due_day).days, 0) if self.due_day else 0


class BonusState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    DISMISSED = "dismissed", _("Not approved")
    # Taken back by whoever proposed it, before anybody had decided.
    WITHDRAWN = "withdrawn", pgettext_lazy("bonus", "Withdrawn")


class BonusQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own that are approved, and all where one approves them, collects fines or reads scorecards."""
        entitled = (
            departments_where(user, Right.AWARD_BONUS)
            | departments_where(user, Right.COLLECT_FINES)
            | departments_where(user, Right.READ_SCORECARDS)
        )
        own = Q(membership__user=user, state=BonusState.APPROVED)
        return self.filter(own | Q(department__in=entitled))

    def proposed(self):
        """Those that wait for a decision."""
        return self.filter(state=BonusState.PROPOSED)


class Bonus(models.Model):
    """A bonus 奖励 of the rulebook, proposed for a fact and approved by a person. One source proposes once at a time.

    `least_fen` and `most_fen` are what the rulebook allows; `amount_fen` is what was approved.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="bonuses")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="bonuses")
    rulebook_version = models.ForeignKey("rulebooks.RulebookVersion", models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    number = models.CharField(max_length=12)
    name = models.JSONField()
    business_date = models.DateField()
    facts = models.CharField(max_length=FACTS_LENGTH)
    least_fen = models.BigIntegerField()
    most_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField(null=True)
    source_kind = models.CharField(max_length=40)
    source_id = models.BigIntegerField()
    source_label = models.CharField(max_length=200, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=9, choices=BonusState, default=BonusState.PROPOSED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    objects = BonusQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="ledger_bonus_once_per_source",
                fields=["code", "membership", "source_kind", "source_id"],
                condition=~Q(state="withdrawn"),
            ),
            models.CheckConstraint(name="ledger_bonus_state_known", condition=Q(state__in=BonusState.values)),
            models.CheckConstraint(
                name="ledger_bonus_allowed", condition=Q(least_fen__gt=0, most_fen__gte=F("least_fen"))
            ),
            models.CheckConstraint(
                name="ledger_bonus_approved_amount",
                condition=Q(state="approved", amount_fen__gte=F("least_fen"), amount_fen__lte=F("most_fen"))
                | ~Q(state="approved") & Q(amount_fen=None),
            ),
            models.CheckConstraint(
                name="ledger_bonus_decided_by_somebody",
                condition=Q(state="proposed", decided_at=None) | ~Q(state="proposed") & Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"§{self.number} {self.membership}"

    @property
    def words(self) -> str:
        """What it is given for, in the active language, as it read when it was proposed."""
        return str(localised(self.name))


class LedgerHead(models.Model):
    """The end of a department's chain. Every money service locks this row first: one writer a department at a time."""

    department = models.OneToOneField("people.Department", models.PROTECT, related_name="ledger_head")
    number = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.department} {self.number}"


class AccountKind(models.TextChoices):
    RECEIVABLE = "receivable", _("Fines receivable")
    FUND_CASH = "fund_cash", _("Fund cash")
    FINE_INCOME = "fine_income", _("Fine income")


class Account(models.Model):
    """An account of a department's journal; receivables are one per member."""

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=12, choices=AccountKind)
    membership = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="accounts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="ledger_account_once", fields=["department", "kind"], condition=Q(membership=None)
            ),
            models.UniqueConstraint(
                name="ledger_receivable_once", fields=["membership", "kind"], condition=Q(membership__isnull=False)
            ),
            models.CheckConstraint(name="ledger_account_kind_known", condition=Q(kind__in=AccountKind.values)),
            models.CheckConstraint(
                name="ledger_receivable_has_member",
                condition=Q(kind="receivable", membership__isnull=False) | ~Q(kind="receivable") & Q(membership=None),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class EntryKind(models.TextChoices):
    FINE = "fine", _("Fine")
    PAYMENT = "payment", _("Payment")


class JournalEntryQuerySet(models.QuerySet):
    def sealed(self):
        return self.filter(sealed_at__isnull=False)

    def with_sums(self):
        """Each with `cash_fen` and `owed_fen`: what it did to the fund's cash and to what members owe."""

        def moved(kind):
            lines = Posting.objects.filter(entry=OuterRef("pk"), account__kind=kind).order_by()
            total = lines.values("entry").annotate(sum=Sum("amount_fen")).values("sum")
            return Coalesce(Subquery(total), 0, output_field=models.BigIntegerField())

        return self.annotate(cash_fen=moved(AccountKind.FUND_CASH), owed_fen=moved(AccountKind.RECEIVABLE))


class JournalEntry(models.Model):
    """One entry of the journal: created open and sealed in the same transaction, then never changed (trigger).

    `hash` covers the entry and the hash before it (see `ledger.chain`). Its source is (kind, id): a fine's is its
    incident, a payment's the sanction that it pays.
    """

    department = models.ForeignKey("people.Department", models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=EntryKind)
    business_date = models.DateField()
    membership = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    source_kind = models.CharField(max_length=40)
    source_id = models.BigIntegerField()
    memo = models.CharField(max_length=REMARK_LENGTH, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(null=True)

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="ledger_entry_number_once", fields=["department", "number"]),
            # A payment's source is the sanction it pays, of which there may be several parts; its own row is unique.
            models.UniqueConstraint(
                name="ledger_fine_once_per_source", fields=["source_kind", "source_id"], condition=Q(kind="fine")
            ),
            models.CheckConstraint(name="ledger_entry_kind_known", condition=Q(kind__in=EntryKind.values)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return _now("J-%(number)s") % {"number": self.number}


class PostingQuerySet(models.QuerySet):
    def sealed_of(self, department):
        """The lines of a department's sealed entries."""
        return self.filter(entry__department=department, entry__sealed_at__isnull=False)

    def sum_of(self, kind) -> int:
        """The balance in fen over all accounts of a kind, summed by the database."""
        return self.filter(account__kind=kind).aggregate(sum=Sum("amount_fen"))["sum"] or 0


class Posting(models.Model):
    """One line of an entry, in fen: debit above 0, credit below 0. Only added, and only while its entry is open."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings")
    amount_fen = models.BigIntegerField()

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="ledger_posting_not_zero", condition=~Q(amount_fen=0))]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_fen}"


class Payment(models.Model):
    """Money that finance received for a fine. Only ever added (trigger). `token` makes a form sent twice count once."""

    sanction = models.ForeignKey(Sanction, models.PROTECT, related_name="payments")
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    remark = models.CharField(max_length=REMARK_LENGTH, blank=True)
    entry = models.OneToOneField(JournalEntry, models.PROTECT, related_name="payment")
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    token = models.UUIDField(unique=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="ledger_payment_positive", condition=Q(amount_fen__gt=0))]

    def __str__(self) -> str:
        return f"{self.sanction.membership} {self.amount_fen}"
