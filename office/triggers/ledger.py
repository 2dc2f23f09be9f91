"""Triggers of scores, incidents, bonuses and the journal."""

from .rules import Trigger, append_only

ENTRY_OPEN = "NOT EXISTS (SELECT 1 FROM ledger_journalentry e WHERE e.id = NEW.entry_id AND e.sealed_at IS NOT NULL)"
BALANCED = (
    "(SELECT COUNT(*) FROM ledger_posting p WHERE p.entry_id = NEW.id) >= 2"
    " AND (SELECT SUM(p.amount_fen) FROM ledger_posting p WHERE p.entry_id = NEW.id) = 0"
)
CASH_NOT_NEGATIVE = (
    "COALESCE((SELECT SUM(p.amount_fen) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
    " WHERE a.kind = 'fund_cash' AND a.department_id = NEW.department_id), 0) >= 0"
)

DECLARED: list[Trigger] = [
    *append_only("kpi_judgement"),
    Trigger("bonus_delete", "ledger_bonus", "DELETE", "ledger_bonus: nothing is deleted"),
    Trigger(
        "bonus_facts",
        "ledger_bonus",
        "UPDATE",
        "ledger_bonus: what was proposed and decided does not change",
        when=(
            "OLD.membership_id <> NEW.membership_id OR OLD.code <> NEW.code OR OLD.facts <> NEW.facts"
            " OR OLD.least_fen <> NEW.least_fen OR OLD.most_fen <> NEW.most_fen"
            " OR (OLD.state <> 'proposed' AND (OLD.state <> NEW.state OR OLD.amount_fen <> NEW.amount_fen))"
        ),
    ),
    *append_only("ledger_sanction"),
    Trigger(
        "ledger_sanction_insert",
        "ledger_sanction",
        "INSERT",
        "ledger_sanction: its incident is not confirmed",
        unless=(
            "EXISTS (SELECT 1 FROM ledger_incident i WHERE i.id = NEW.incident_id AND i.state = 'confirmed'"
            " AND i.membership_id = NEW.membership_id)"
        ),
    ),
    *append_only("ledger_payment"),
    Trigger(
        "ledger_payment_insert",
        "ledger_payment",
        "INSERT",
        "ledger_payment: more than is due",
        unless=(
            "(SELECT s.amount_fen FROM ledger_sanction s WHERE s.id = NEW.sanction_id) >= NEW.amount_fen"
            " + (SELECT COALESCE(SUM(p.amount_fen), 0) FROM ledger_payment p WHERE p.sanction_id = NEW.sanction_id)"
        ),
        lock="ledger_sanction s WHERE s.id = NEW.sanction_id",
    ),
    Trigger(
        "ledger_payment_entry",
        "ledger_payment",
        "INSERT",
        "ledger_payment: its entry is no payment of this fine",
        unless=(
            "EXISTS (SELECT 1 FROM ledger_journalentry e JOIN ledger_sanction s ON s.id = NEW.sanction_id"
            " WHERE e.id = NEW.entry_id AND e.kind = 'payment' AND e.membership_id = s.membership_id"
            " AND e.source_id = s.id)"
        ),
    ),
    Trigger(
        "ledger_sanction_entry",
        "ledger_sanction",
        "INSERT",
        "ledger_sanction: its entry is no fine of this incident",
        when="NEW.entry_id IS NOT NULL",
        unless=(
            "EXISTS (SELECT 1 FROM ledger_journalentry e WHERE e.id = NEW.entry_id AND e.kind = 'fine'"
            " AND e.membership_id = NEW.membership_id AND e.source_id = NEW.incident_id)"
        ),
    ),
    Trigger("ledger_incident_delete", "ledger_incident", "DELETE", "ledger_incident: nothing is deleted"),
    Trigger(
        "ledger_incident_decided",
        "ledger_incident",
        "UPDATE",
        "ledger_incident: a decided incident does not change",
        when="OLD.state <> 'reported'",
    ),
    Trigger(
        "ledger_incident_facts",
        "ledger_incident",
        "UPDATE",
        "ledger_incident: reported facts do not change",
        when=(
            "OLD.department_id <> NEW.department_id OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.clause_code <> NEW.clause_code OR OLD.occurred_at <> NEW.occurred_at"
            " OR OLD.business_date <> NEW.business_date OR OLD.facts <> NEW.facts OR OLD.id <> NEW.id"
            " OR OLD.clause_number <> NEW.clause_number OR OLD.rulebook_version_id <> NEW.rulebook_version_id"
            " OR COALESCE(OLD.reported_by_id, 0) <> COALESCE(NEW.reported_by_id, 0)"
        ),
    ),
    *append_only("ledger_account"),
    Trigger("ledger_head_delete", "ledger_ledgerhead", "DELETE", "ledger_ledgerhead: nothing is deleted"),
    Trigger(
        "ledger_head_forward",
        "ledger_ledgerhead",
        "UPDATE",
        "ledger_ledgerhead: the head only moves on by one",
        when="NEW.number <> OLD.number + 1 OR NEW.department_id <> OLD.department_id",
    ),
    *append_only("ledger_posting"),
    Trigger(
        "ledger_posting_insert",
        "ledger_posting",
        "INSERT",
        "ledger_posting: the entry is sealed",
        unless=ENTRY_OPEN,
        lock="ledger_journalentry e WHERE e.id = NEW.entry_id",
    ),
    Trigger(
        "ledger_posting_at_home",
        "ledger_posting",
        "INSERT",
        "ledger_posting: an account of another department",
        unless=(
            "(SELECT a.department_id FROM ledger_account a WHERE a.id = NEW.account_id)"
            " = (SELECT e.department_id FROM ledger_journalentry e WHERE e.id = NEW.entry_id)"
        ),
    ),
    Trigger(
        "ledger_entry_numbered",
        "ledger_journalentry",
        "INSERT",
        "ledger_journalentry: numbers run without gaps",
        unless=(
            "NEW.number = 1 + (SELECT COALESCE(MAX(e.number), 0) FROM ledger_journalentry e"
            " WHERE e.department_id = NEW.department_id)"
        ),
    ),
    Trigger(
        "ledger_entry_chained",
        "ledger_journalentry",
        "UPDATE",
        "ledger_journalentry: the chain is broken before this entry",
        when="OLD.sealed_at IS NULL AND NEW.sealed_at IS NOT NULL",
        unless=(
            "CASE WHEN NEW.number = 1 THEN NEW.previous_hash = '' ELSE EXISTS (SELECT 1 FROM ledger_journalentry e"
            " WHERE e.department_id = NEW.department_id AND e.number = NEW.number - 1 AND e.sealed_at IS NOT NULL"
            " AND e.hash = NEW.previous_hash) END"
        ),
    ),
    Trigger(
        "ledger_entry_sealed",
        "ledger_journalentry",
        "UPDATE",
        "ledger_journalentry: a sealed entry does not change",
        when="OLD.sealed_at IS NOT NULL",
    ),
    Trigger(
        "ledger_entry_balanced",
        "ledger_journalentry",
        "UPDATE",
        "ledger_journalentry: postings do not add up to 0",
        when="OLD.sealed_at IS NULL AND NEW.sealed_at IS NOT NULL",
        unless=BALANCED,
    ),
    Trigger(
        "ledger_entry_cash",
        "ledger_journalentry",
        "UPDATE",
        "ledger_fund_cash_below_zero",
        when="OLD.sealed_at IS NULL AND NEW.sealed_at IS NOT NULL",
        unless=CASH_NOT_NEGATIVE,
    ),
    Trigger(
        "ledger_entry_born_open",
        "ledger_journalentry",
        "INSERT",
        "ledger_journalentry: an entry is created open",
        when="NEW.sealed_at IS NOT NULL",
    ),
    Trigger("ledger_entry_delete", "ledger_journalentry", "DELETE", "ledger_journalentry: nothing is deleted"),
]
