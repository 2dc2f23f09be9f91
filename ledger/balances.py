"""The balances of a department's fund: sums over sealed entries, made by the database, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BigIntegerField, CharField, Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth

from office.months import Month
from people.models import Department

from .models import AccountKind, JournalEntry, LedgerHead, Posting


@dataclass(frozen=True)
class Flow:
    """What a month did, in fen, all at least 0: cash in and out, fines confirmed, fines paid."""

    month: Month
    cash_in: int = 0
    cash_out: int = 0
    fined: int = 0
    paid: int = 0


@dataclass(frozen=True)
class MonthEnd:
    """Cash and what members owe at the end of a month, in fen."""

    month: Month
    cash_fen: int = 0
    owed_fen: int = 0


@dataclass(frozen=True)
class ChainState:
    """The cheap look at a chain: what its head says against the journal's last entry and the number of entries."""

    number: int = 0
    hash: str = ""
    entries: int = 0
    last_hash: str = ""

    @property
    def is_sound(self) -> bool:
        """Nothing is missing at the end or in between. That no entry was changed, `verify_ledger` proves."""
        return self.number == self.entries and self.hash == self.last_hash


def flows_of(department: Department) -> list[Flow]:
    """Every month in which something was posted, oldest first; a payment belongs to the month in which it was paid."""

    def moved(kind: str, sign: Q) -> Coalesce:
        total = Sum("amount_fen", filter=Q(account__kind=kind) & sign, output_field=BigIntegerField())
        return Coalesce(total, 0, output_field=BigIntegerField())

    debit, credit = Q(amount_fen__gt=0), Q(amount_fen__lt=0)
    rows = (
        Posting.objects.sealed_of(department)
        .order_by()
        .values(first=TruncMonth("entry__business_date"))
        .annotate(
            cash_in=moved(AccountKind.FUND_CASH, debit),
            cash_out=-moved(AccountKind.FUND_CASH, credit),
            fined=moved(AccountKind.RECEIVABLE, debit),
            paid=-moved(AccountKind.RECEIVABLE, credit),
        )
        .order_by("first")
    )
    return [Flow(Month.of(row.pop("first")), **row) for row in rows]


def month_ends(flows: Iterable[Flow], last: Month, count: int) -> list[MonthEnd]:
    """The balances at the end of the `count` months up to `last`, oldest first, months without entries included."""
    flows = sorted(flows, key=lambda flow: flow.month)
    ends, cash, owed, done = [], 0, 0, 0
    for month in reversed(last.back(count)):
        while done < len(flows) and flows[done].month <= month:
            cash += flows[done].cash_in - flows[done].cash_out
            owed += flows[done].fined - flows[done].paid
            done += 1
        ends.append(MonthEnd(month, cash, owed))
    return ends


def chain_state(department: Department) -> ChainState:
    """One query: the head, the last entry's hash, and how many entries there are."""
    entries = JournalEntry.objects.sealed().filter(department=OuterRef("department"))
    count = entries.order_by().values("department").annotate(count=Count("pk")).values("count")
    last = entries.order_by("-number").values("hash")[:1]
    heads = LedgerHead.objects.filter(department=department).annotate(
        entries=Coalesce(Subquery(count), 0),
        last_hash=Coalesce(Subquery(last), Value(""), output_field=CharField()),
    )
    row = heads.values("number", "hash", "entries", "last_hash").first()
    return ChainState(**row) if row else ChainState()
