"""Every database trigger, for both engines, in one place.

SQLite drops a table's triggers whenever Django remakes the table, and a migration fails while another table's trigger
names it. So `pre_migrate` takes all of ours off (SQLite) and `post_migrate` puts back exactly what is declared here for
the tables that exist. Every name begins with `banzu_`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, transaction

PREFIX = "banzu_"
FUNCTION = "banzu_refuse"


@dataclass(frozen=True)
class Trigger:
    """One rule. `events` are SQL events; `when` and `unless` are SQL that may use OLD and NEW.

    `when`: a plain condition on the row. `unless`: a subquery condition that must hold, else the write is refused.
    `lock`: a row (SQL after FROM) that PostgreSQL locks before it looks, so that nothing slips in beside it. `strength`
    of the lock: "NO KEY UPDATE" lets others go on writing rows that refer to it.
    """

    name: str
    table: str
    event: str
    refusal: str
    when: str = ""
    unless: str = ""
    lock: str = ""
    strength: str = "UPDATE"

    def sqlite(self) -> str:
        guards = [part for part in (self.when, f"NOT ({self.unless})" if self.unless else "") if part]
        condition = f"WHEN {' AND '.join(guards)} " if guards else ""
        return (
            f"CREATE TRIGGER {PREFIX}{self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
        )

    def postgres(self) -> list[str]:
        name = PREFIX + self.name
        when = f"WHEN ({self.when}) " if self.when else ""
        if not self.unless:
            return [
                f"CREATE TRIGGER {name} BEFORE {self.event} ON {self.table} FOR EACH ROW {when}"
                f"EXECUTE FUNCTION {FUNCTION}('{self.refusal}')"
            ]
        lock = f"PERFORM 1 FROM {self.lock} FOR {self.strength};" if self.lock else ""
        result = "OLD" if self.event == "DELETE" else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock} "
            f"IF NOT ({self.unless}) THEN RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {result}; END $$",
            f"CREATE TRIGGER {name} BEFORE {self.event} ON {self.table} FOR EACH ROW {when}EXECUTE FUNCTION {name}()",
        ]


def append_only(table: str) -> list[Trigger]:
    """Rows of `table` can be added and never changed or deleted."""
    return [
        Trigger(f"{table}_update", table, "UPDATE", f"{table}: rows are only ever added"),
        Trigger(f"{table}_delete", table, "DELETE", f"{table}: rows are only ever added"),
    ]


def no_overlap(event: str) -> Trigger:
    """Two spans of one person in one layer never overlap. PostgreSQL has an exclusion constraint for it instead."""
    return Trigger(
        f"span_overlap_{event.lower()}",
        "shifts_assignmentspan",
        event,
        "shifts_span_overlap",
        unless=(
            "NOT EXISTS (SELECT 1 FROM shifts_assignmentspan s WHERE s.user_id = NEW.user_id AND s.layer = NEW.layer"
            " AND s.id <> COALESCE(NEW.id, -1) AND s.starts_at < NEW.ends_at AND NEW.starts_at < s.ends_at)"
        ),
    )


def one_membership(event: str) -> Trigger:
    """Two memberships of one person in one department never share a day."""
    return Trigger(
        f"membership_overlap_{event.lower()}",
        "people_membership",
        event,
        "people_membership_overlap",
        unless=(
            "NOT EXISTS (SELECT 1 FROM people_membership m WHERE m.user_id = NEW.user_id"
            " AND m.department_id = NEW.department_id AND m.id <> COALESCE(NEW.id, -1)"
            " AND (NEW.until_day IS NULL OR m.from_day <= NEW.until_day)"
            " AND (m.until_day IS NULL OR NEW.from_day <= m.until_day))"
        ),
        lock="people_department d WHERE d.id = NEW.department_id",
        # Nearly everything that is written in a department refers to its row: what waits for a leaver's shift or
        # roster must not be waited for by them.
        strength="NO KEY UPDATE",
    )


def number_of_one(event: str) -> Trigger:
    """A work number names one person in a department for ever, also when they have left."""
    return Trigger(
        f"membership_number_{event.lower()}",
        "people_membership",
        event,
        "people_work_number_taken",
        unless=(
            "NOT EXISTS (SELECT 1 FROM people_membership m WHERE m.department_id = NEW.department_id"
            " AND m.work_number = NEW.work_number AND m.user_id <> NEW.user_id)"
        ),
        lock="people_department d WHERE d.id = NEW.department_id",
        # As above: nearly everything refers to a department's row.
        strength="NO KEY UPDATE",
    )


ENTRY_OPEN = "NOT EXISTS (SELECT 1 FROM ledger_journalentry e WHERE e.id = NEW.entry_id AND e.sealed_at IS NOT NULL)"
BALANCED = (
    "(SELECT COUNT(*) FROM ledger_posting p WHERE p.entry_id = NEW.id) >= 2"
    " AND (SELECT SUM(p.amount_fen) FROM ledger_posting p WHERE p.entry_id = NEW.id) = 0"
)
CASH_NOT_NEGATIVE = (
    "COALESCE((SELECT SUM(p.amount_fen) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
    " WHERE a.kind = 'fund_cash' AND a.department_id = NEW.department_id), 0) >= 0"
)

# An item's owner is of its department; while it waits with its giver, the giver is its owner.
ITEM_OWNER_FITS = (
    "(NEW.owner_id IS NULL OR EXISTS (SELECT 1 FROM people_membership m WHERE m.id = NEW.owner_id"
    " AND m.department_id = NEW.department_id))"
    " AND (NEW.owner_id IS NULL OR NEW.handover_id IS NULL OR EXISTS (SELECT 1 FROM handover_handover h"
    " WHERE h.id = NEW.handover_id AND h.giver_id = NEW.owner_id))"
)

DECLARED: list[Trigger] = [
    *append_only("office_auditentry"),
    *(rule(event) for rule in (one_membership, number_of_one) for event in ("INSERT", "UPDATE")),
    *append_only("rulebooks_rulebookversion"),
    *(one for name in ("rosterversion", "presencereport", "override") for one in append_only(f"shifts_{name}")),
    Trigger("answer_delete", "shifts_answer", "DELETE", "shifts_answer: nothing is deleted"),
    Trigger(
        "answer_facts",
        "shifts_answer",
        "UPDATE",
        "shifts_answer: who answered for what does not change; it only ends",
        when=(
            "OLD.id <> NEW.id OR OLD.key <> NEW.key OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.business_date <> NEW.business_date OR OLD.code <> NEW.code OR OLD.starts_at <> NEW.starts_at"
            " OR OLD.ends_at <> NEW.ends_at OR OLD.from_at <> NEW.from_at OR OLD.cause <> NEW.cause"
            " OR (OLD.until_at IS NOT NULL AND (NEW.until_at IS NULL OR OLD.until_at <> NEW.until_at))"
        ),
    ),
    *(
        Trigger(f"{table}_delete", f"shifts_{table}", "DELETE", f"shifts_{table}: nothing is deleted")
        for table in ("leave", "swap", "correction", "away", "rosterchange")
    ),
    Trigger(
        "correction_facts",
        "shifts_correction",
        "UPDATE",
        "shifts_correction: what was asked does not change",
        when=(
            "OLD.assignment_id <> NEW.assignment_id OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.came_at <> NEW.came_at OR OLD.left_at <> NEW.left_at OR OLD.reason <> NEW.reason"
            " OR (OLD.state <> 'asked' AND OLD.state <> NEW.state)"
        ),
    ),
    Trigger("attendance_delete", "shifts_attendance", "DELETE", "shifts_attendance: nothing is deleted"),
    Trigger(
        "attendance_facts",
        "shifts_attendance",
        "UPDATE",
        "shifts_attendance: what was planned and when somebody came do not change",
        when=(
            "OLD.id <> NEW.id OR OLD.assignment_id <> NEW.assignment_id OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.code <> NEW.code OR OLD.business_date <> NEW.business_date"
            " OR OLD.planned_start <> NEW.planned_start OR OLD.planned_end <> NEW.planned_end"
            " OR OLD.clocked_in_at <> NEW.clocked_in_at OR OLD.rulebook_version_id <> NEW.rulebook_version_id"
            " OR (OLD.clocked_out_at IS NOT NULL AND (NEW.clocked_out_at IS NULL"
            " OR OLD.clocked_out_at <> NEW.clocked_out_at))"
        ),
    ),
    *append_only("handover_issue"),
    *append_only("handover_servicestatistic"),
    *append_only("handover_itemevent"),
    *append_only("handover_handover"),
    Trigger("handover_item_delete", "handover_handoveritem", "DELETE", "handover_handoveritem: nothing is deleted"),
    Trigger(
        "handover_item_done",
        "handover_handoveritem",
        "UPDATE",
        "handover_handoveritem: what is done does not change",
        when="OLD.state = 'done'",
    ),
    Trigger(
        "handover_item_text",
        "handover_handoveritem",
        "UPDATE",
        "handover_handoveritem: what was written does not change",
        when=(
            "OLD.department_id <> NEW.department_id OR OLD.author_id <> NEW.author_id OR OLD.kind <> NEW.kind"
            " OR OLD.rulebook_version_id <> NEW.rulebook_version_id OR OLD.customer <> NEW.customer"
            " OR OLD.known <> NEW.known OR OLD.to_do <> NEW.to_do OR OLD.written_at <> NEW.written_at"
        ),
    ),
    *(
        Trigger(
            f"handover_item_owner_{event.lower()}",
            "handover_handoveritem",
            event,
            "handover_handoveritem: the owner does not fit",
            unless=ITEM_OWNER_FITS,
        )
        for event in ("INSERT", "UPDATE")
    ),
    *append_only("kpi_judgement"),
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
SQLITE_ONLY = [no_overlap("INSERT"), no_overlap("UPDATE")]


def declared(vendor: str) -> list[Trigger]:
    return DECLARED + (SQLITE_ONLY if vendor == "sqlite" else [])


def names(vendor: str) -> set[str]:
    """The full names that should be installed, with PostgreSQL's one more per table against TRUNCATE."""
    found = {PREFIX + trigger.name for trigger in declared(vendor)}
    if vendor == "postgresql":
        found |= {f"{PREFIX}{table}_truncate" for table in {trigger.table for trigger in DECLARED}}
    return found


def installed(connection) -> set[str]:
    """The names of our triggers in the database now."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


def install(connection) -> None:
    """Put on every declared trigger whose table exists, in place of what is there, without a moment between."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        remove(connection)
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
            )
        for trigger in declared(connection.vendor):
            if trigger.table not in tables:
                continue
            for statement in [trigger.sqlite()] if connection.vendor == "sqlite" else trigger.postgres():
                cursor.execute(statement)
        if connection.vendor == "postgresql":
            for table in {trigger.table for trigger in DECLARED} & tables:
                cursor.execute(
                    f"CREATE TRIGGER {PREFIX}{table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                    f"EXECUTE FUNCTION {FUNCTION}('{table}: rows are only ever added')"
                )


def remove(connection) -> None:
    """Take off all of ours."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in installed(connection):
                cursor.execute(f"DROP TRIGGER {name}")
            return
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        )
        for name, table in cursor.fetchall():
            if name.startswith(PREFIX):
                cursor.execute(f"DROP TRIGGER {name} ON {table}")


@contextmanager
def lifted(connection) -> Iterator[None]:
    """No triggers inside the block; for emptying a test database and for nothing else."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def before_migrate(*, using, **kwargs) -> None:
    if connections[using].vendor == "sqlite":
        remove(connections[using])


def after_migrate(*, using, **kwargs) -> None:
    install(connections[using])
