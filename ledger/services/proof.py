"""The proof of a department's journal: its chain, every entry's balance, and that entries say what they come from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger import chain
from ledger.models import AccountKind, EntryKind, JournalEntry, LedgerHead, Posting
from people.models import Department

from .money import link

CHUNK = 2000
WORDS = {
    "missing": _("the entry is missing"),
    "open": _("the entry was never sealed"),
    "unbalanced": _("its lines do not add up to 0"),
    "unchained": _("it does not follow the entry before it"),
    "changed": _("it has been changed since it was sealed"),
    "below_zero": _("the fund's cash is below 0 after it"),
    "source": _("it does not say what the fine or payment behind it says"),
    "head": _("it is not the entry that the chain ends with"),
}


@dataclass(frozen=True)
class Proof:
    """What was found: the first fault or None, and what was counted (fen)."""

    department: Department
    fault: chain.Fault | None
    entries: int
    cash_fen: int
    outstanding_fen: int

    @property
    def words(self) -> str:
        return str(WORDS[self.fault.key]) if self.fault else ""


def verify_ledger(department: Department) -> Proof:
    """Prove a department's journal from its rows. Others may write meanwhile: it proves up to the head it saw first."""
    head = LedgerHead.objects.filter(department=department).first()
    number, end = (head.number, head.hash) if head else (0, "")
    entries = JournalEntry.objects.filter(department=department, number__lte=number)
    faults = [_chain_fault(department, entries, number, end), _source_fault(entries), _beyond(department)]
    found = [fault for fault in faults if fault]
    lines = Posting.objects.sealed_of(department)
    return Proof(
        department=department,
        fault=min(found, key=lambda fault: fault.number) if found else None,
        entries=number,
        cash_fen=lines.sum_of(AccountKind.FUND_CASH),
        outstanding_fen=lines.sum_of(AccountKind.RECEIVABLE),
    )


def _chain_fault(department: Department, entries, number: int, end: str) -> chain.Fault | None:
    links = _Remembering(_links(department, entries, number))
    if fault := chain.verify(links, never_below_zero=[AccountKind.FUND_CASH]):
        return fault
    if links.number != number:
        return chain.Fault(links.number + 1, "missing")
    return chain.Fault(number, "head") if links.hash != end else None


class _Remembering:
    """Passes links on and remembers the last one: the journal is too long to be kept as a list."""

    def __init__(self, links: Iterable[chain.Entry]):
        self.links, self.number, self.hash = links, 0, ""

    def __iter__(self) -> Iterator[chain.Entry]:
        for entry in self.links:
            self.number, self.hash = entry.number, entry.hash
            yield entry


def _links(department: Department, entries, number: int) -> Iterator[chain.Entry]:
    """The entries in order, each with its lines: two streams of rows, merged by number."""
    rows = (
        Posting.objects.filter(entry__department=department, entry__number__lte=number)
        .order_by("entry__number", "id")
        .values_list("entry__number", "account_id", "account__kind", "account__membership_id", "amount_fen")
        .iterator(chunk_size=CHUNK)
    )
    groups = groupby(rows, key=itemgetter(0))
    ahead, lines = next(groups, (0, iter(())))
    for entry in entries.order_by("number").iterator(chunk_size=CHUNK):
        own = []
        if ahead == entry.number:
            own = [chain.Line(*row[1:]) for row in lines]
            ahead, lines = next(groups, (0, iter(())))
        yield link(entry, own)


def _source_fault(entries) -> chain.Fault | None:
    """The first entry whose lines are not those of its fine or payment."""
    fine = Q(
        sanction__isnull=False,
        sanction__amount_fen=F("owed_fen"),
        sanction__membership=F("membership"),
        sanction__incident=F("source_id"),
        cash_fen=0,
    )
    payment = Q(
        payment__isnull=False,
        payment__amount_fen=F("cash_fen"),
        payment__sanction__membership=F("membership"),
        payment__sanction=F("source_id"),
        payment__paid_on=F("business_date"),
        owed_fen=-F("cash_fen"),
    )
    sound = Q(kind=EntryKind.FINE) & fine | Q(kind=EntryKind.PAYMENT) & payment
    # What is not known to be sound: with NULLs, excluding the sound ones would lose rows.
    numbers = entries.with_sums().filter(sound).values("pk")
    first = entries.exclude(pk__in=numbers).order_by("number").values_list("number", flat=True).first()
    return chain.Fault(first, "source") if first else None


def _beyond(department: Department) -> chain.Fault | None:
    """An entry after the head. One statement, so that an entry posted meanwhile comes with its head."""
    entries = JournalEntry.objects.filter(department=department).order_by("number")
    beyond = entries.filter(Q(department__ledger_head=None) | Q(number__gt=F("department__ledger_head__number")))
    first = beyond.values_list("number", flat=True).first()
    return chain.Fault(first, "head") if first else None
