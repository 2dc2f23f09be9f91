"""The ledger's lists: what their columns hold, on the page and in the file."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from office.money import yuan
from office.tables import Column, Kind

from .models import Bonus, BonusState, Incident, Sanction, SanctionKind


def outcome(incident: Incident) -> str:
    """What the reader may see of what it led to, in words."""
    # From the prefetch of the view.
    sanction: Sanction | None = incident.shown_sanction  # type: ignore[attr-defined]
    if sanction is None:
        return ""
    if sanction.kind == SanctionKind.FINE:
        return gettext("Fine %(amount)s yuan") % {"amount": yuan(sanction.amount_fen)}
    if sanction.kind == SanctionKind.POINTS:
        return gettext("%(points)s points") % {"points": sanction.points}
    return f"{sanction.get_kind_display()}: {sanction.words}"


INCIDENT_COLUMNS = (
    Column("when", _("When"), lambda row: row.occurred_at, sort="occurred_at", kind=Kind.INSTANT),
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column(
        "who",
        _("Who"),
        lambda row: row.membership.name,
        sort=("membership__work_number",),
    ),
    Column("clause", _("Clause"), lambda row: row.clause_number, sort=("clause_number", "clause_code")),
    Column("clause_text", _("Text of the clause"), lambda row: row.clause, on_page=False),
    Column("facts", _("What happened"), lambda row: row.facts),
    Column("state", _("State"), lambda row: row.get_state_display(), sort="state"),
    Column("outcome", _("Outcome"), outcome),
    Column("reason", _("Reason"), lambda row: row.reason, on_page=False),
)

DUE_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column("who", _("Who"), lambda row: row.membership.name, sort=("membership__work_number",)),
    Column("clause", _("Clause"), lambda row: f"{row.incident.clause_number} {row.incident.clause}"),
    Column("entry", _("Entry"), lambda row: str(row.entry), sort="entry__number"),
    Column("since", _("Age"), lambda row: row.entry.business_date, sort="entry__business_date", kind=Kind.DAY),
    Column("due", _("Due by"), lambda row: row.due_day, sort="due_day", kind=Kind.DAY),
    Column("fine", _("Fine"), lambda row: row.amount_fen, sort="amount_fen", kind=Kind.MONEY),
    Column("paid", _("Paid"), lambda row: row.paid_fen, sort="paid_fen", kind=Kind.MONEY),
    Column("left", _("Still due"), lambda row: row.due_fen, sort="due_fen", kind=Kind.MONEY),
)

# No column sorts: the cash after each entry has a meaning in the order of the journal only.
FUND_COLUMNS = (
    Column("date", _("Date"), lambda row: row.entry.business_date, kind=Kind.DAY),
    Column("entry", _("Entry"), lambda row: str(row.entry)),
    Column("kind", _("Kind"), lambda row: row.entry.get_kind_display()),
    Column("text", _("Text"), lambda row: f"{row.who} {row.incident.clause}"),
    Column("clause", _("Clause"), lambda row: row.incident.clause_number),
    Column("account", _("Account"), lambda row: row.account),
    Column("owed", _("Owed"), lambda row: row.owed_fen, kind=Kind.MONEY),
    Column("in", _("In"), lambda row: row.in_fen or None, kind=Kind.MONEY),
    Column("out", _("Out"), lambda row: row.out_fen or None, kind=Kind.MONEY),
    Column("after", _("Cash after"), lambda row: row.cash_after, kind=Kind.MONEY),
    Column("check", _("Check"), lambda row: row.entry.hash),
)


def bonus_amount(bonus: Bonus) -> str:
    """What was approved, else what the rulebook allows, in yuan."""
    if bonus.amount_fen is not None:
        return yuan(bonus.amount_fen)
    if bonus.state != BonusState.PROPOSED:
        return ""
    least, most = yuan(bonus.least_fen), yuan(bonus.most_fen)
    return least if least == most else f"{least}–{most}"


BONUS_COLUMNS = (
    Column("when", _("When"), lambda row: row.business_date, sort="business_date", kind=Kind.DAY),
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column("who", _("Who"), lambda row: row.membership.name, sort="membership__work_number"),
    Column("what", _("Bonus"), lambda row: f"{row.number} {row.words}", sort=("number", "code")),
    Column("facts", _("For what"), lambda row: row.facts),
    Column("state", _("State"), lambda row: row.get_state_display(), sort="state"),
    Column("amount", _("Yuan"), bonus_amount, sort=("amount_fen", "most_fen")),
    Column("approved", _("Approved"), lambda row: row.amount_fen, kind=Kind.MONEY, on_page=False),
    Column("reason", _("Remark"), lambda row: row.reason, on_page=False),
)
