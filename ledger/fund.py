"""What the fund's page shows: a month's entries, the cash after each, and names as far as the rulebook shows them."""

from dataclasses import dataclass
from typing import Literal

from django.db.models.functions import Coalesce

from office.months import Month
from people.models import Department, Membership

from .balances import Flow, MonthEnd, flows_of, month_ends
from .models import AccountKind, EntryKind, Incident, JournalEntry, Sanction

CHART_MONTHS = 12
Names = Literal["name", "work_number", "work_number_masked"]
# As long as no rulebook says how names are shown.
NAMES_WITHOUT_RULES: Names = "work_number_masked"
# The account on the other side: of the cash for a payment, of what is owed for a fine.
OTHER_SIDE = {EntryKind.FINE: AccountKind.FINE_INCOME, EntryKind.PAYMENT: AccountKind.RECEIVABLE}
HASH_LETTERS = 4


@dataclass(frozen=True)
class FundLine:
    """One entry on the page. A fine changes what is owed, not the cash."""

    entry: JournalEntry
    incident: Incident
    who: str
    account: str
    cash_fen: int
    owed_fen: int
    cash_after: int
    is_mine: bool
    is_linked: bool

    @property
    def in_fen(self) -> int:
        return max(self.cash_fen, 0)

    @property
    def out_fen(self) -> int:
        return min(self.cash_fen, 0)

    @property
    def check(self) -> str:
        return self.entry.hash[:HASH_LETTERS]


@dataclass(frozen=True)
class FundMonth:
    """The fund now, and one month of it: opening, what moved, closing, and the balances of the months before."""

    now: MonthEnd
    opening: MonthEnd
    closing: MonthEnd
    flow: Flow
    ends: tuple[MonthEnd, ...]

    @property
    def owed_change(self) -> int:
        return self.flow.fined - self.flow.paid


def masked(work_number: str) -> str:
    """Only the last character: enough to look for one's own line, too little to look for another's."""
    return f"**{work_number[-1:]}"


def shown_name(names: Names, membership: Membership, *, openly: bool) -> str:
    """Who stands on a line, for readers who may see everybody's name (`openly`) and for others."""
    if openly or names == "name":
        return membership.name
    return membership.work_number if names == "work_number" else masked(membership.work_number)


def fund_month(department: Department, month: Month) -> FundMonth:
    """One query: all months' flows, from which every balance on the page follows."""
    flows = flows_of(department)
    this_month = Month.of(department.today())
    ends = month_ends(flows, max(month, this_month), CHART_MONTHS)
    return FundMonth(
        now=month_ends(flows, this_month, 1)[0],
        opening=month_ends(flows, month.previous, 1)[0],
        closing=month_ends(flows, month, 1)[0],
        flow=next((flow for flow in flows if flow.month == month), Flow(month)),
        ends=tuple(ends),
    )


def fund_lines(
    department: Department, month: Month, *, opening_fen: int, names: Names, reader, openly: bool, linked: bool
) -> list[FundLine]:
    """The month's entries, newest first. `openly`: every name is shown; `linked`: every incident may be opened.

    A reader always sees and may open what concerns them.
    """
    entries = (
        JournalEntry.objects.sealed()
        .filter(department=department, business_date__range=(month.first, month.last))
        .with_sums()
        .annotate(version=Coalesce("sanction__rulebook_version__number", "payment__sanction__rulebook_version__number"))
        .select_related("membership__user", "sanction__incident", "payment__sanction__incident")
        .order_by("business_date", "number")
    )
    cash, lines = opening_fen, []
    for entry in entries:
        cash += entry.cash_fen
        mine = entry.membership.user_id == reader.pk
        lines.append(
            FundLine(
                entry=entry,
                incident=_sanction(entry).incident,
                who=shown_name(names, entry.membership, openly=openly or mine),
                account=str(OTHER_SIDE[EntryKind(entry.kind)].label),
                cash_fen=entry.cash_fen,
                owed_fen=entry.owed_fen,
                cash_after=cash,
                is_mine=mine,
                is_linked=linked or mine,
            )
        )
    return lines[::-1]


def _sanction(entry: JournalEntry) -> Sanction:
    return entry.sanction if entry.kind == EntryKind.FINE else entry.payment.sanction
