"""The fund: what is in it, what is owed and overdue, what moved last, and whether the journal is whole."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import BigIntegerField, Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.facts import Fact
from ledger.balances import ChainState, Flow, MonthEnd, chain_state, flows_of, month_ends
from ledger.chart import Chart, chart_of
from ledger.models import JournalEntry, Sanction
from office.money import yuan
from office.months import Month
from people.access import may
from people.models import Department, Right

SHOWN_DUES, SHOWN_ENTRIES = 8, 6
CHART_MONTHS = 6


@dataclass(frozen=True)
class Due:
    """A fine of which something is still due."""

    fine: Sanction
    overdue_days: int


@dataclass(frozen=True)
class MoneyPart:
    """Sums in fen. All but the balance is for whoever collects."""

    now: MonthEnd
    flow: Flow
    collects: bool
    dues: list[Due] = field(default_factory=list)
    due_count: int = 0
    overdue_count: int = 0
    overdue_fen: int = 0
    entries: list[JournalEntry] = field(default_factory=list)
    chain: ChainState = field(default_factory=ChainState)
    chart: Chart | None = None

    @property
    def more(self) -> int:
        return self.due_count - len(self.dues)

    @property
    def facts(self) -> list[Fact]:
        if not self.collects:
            says = _("yuan; %(amount)s outstanding") % {"amount": yuan(self.now.owed_fen)}
            return [Fact(_("Cash in the fund"), yuan(self.now.cash_fen), says, "coins")]
        owed = _("yuan, %(count)s") % {"count": fines(self.due_count)}
        late = _("yuan, %(count)s") % {"count": fines(self.overdue_count)}
        tone = "bad" if self.overdue_count else ""
        return [
            Fact(_("Cash in the fund"), yuan(self.now.cash_fen), _("yuan"), "coins"),
            Fact(_("Outstanding"), yuan(self.now.owed_fen), owed, "receipt"),
            Fact(_("Overdue"), yuan(self.overdue_fen), late, "clock-exclamation", tone),
            Fact(_("Collected this month"), yuan(self.flow.paid), _("yuan"), "cash"),
        ]


def fines(count: int) -> str:
    return ngettext("%(count)s fine", "%(count)s fines", count) % {"count": count}


def money_part(request, department: Department) -> MoneyPart | None:
    """The balance for who scores or leads the department, everything for who collects; None for others."""
    collects = may(request, Right.COLLECT_FINES)
    if not (collects or may(request, Right.SCORE_MONTH)):
        return None
    today = department.today()
    month = Month.of(today)
    flows = flows_of(department)
    flow = next((flow for flow in flows if flow.month == month), Flow(month))
    ends = month_ends(flows, month, CHART_MONTHS)
    if not collects:
        return MoneyPart(ends[-1], flow, collects=False)
    owed = Sanction.objects.visible_to(request.user).filter(membership__department=department).outstanding()
    shown = owed.select_related("membership__user", "incident").order_by("due_day", "pk")[:SHOWN_DUES]
    entries = JournalEntry.objects.sealed().filter(department=department).with_sums().order_by("-number")
    return MoneyPart(
        ends[-1],
        flow,
        collects=True,
        dues=[Due(fine, fine.overdue_days(today)) for fine in shown],
        entries=list(entries.select_related("membership__user")[:SHOWN_ENTRIES]),
        chain=chain_state(department),
        chart=chart_of([(end.month, max(end.cash_fen, 0)) for end in ends]),
        **_counted(owed, today),
    )


def _counted(owed, today: date) -> dict[str, int]:
    """How many fines are due, how many of them too late, and what these come to."""
    late = Q(due_day__lt=today)
    overdue = Coalesce(Sum("due_fen", filter=late), 0, output_field=BigIntegerField())
    return owed.order_by().aggregate(due_count=Count("pk"), overdue_count=Count("pk", filter=late), overdue_fen=overdue)
