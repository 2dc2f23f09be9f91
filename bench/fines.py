"""One fine confirmed and posted, and one payment, against the bare statements that leave the same rows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.urls import reverse

from ledger import chain
from ledger.models import (
    Account,
    AccountKind,
    EntryKind,
    Incident,
    IncidentState,
    JournalEntry,
    LedgerHead,
    Payment,
    Posting,
    Sanction,
    SanctionKind,
)
from ledger.services import incidents, money, proof
from office import clock
from office.models import AuditEntry, Notice
from office.money import yuan
from people.models import Role, User

from .measure import Side, Yardstick
from .world import LOOKED_AT, Desk, desk, open_cases


@dataclass(frozen=True)
class Statement:
    """One statement, its SQL and parameters made beforehand; an `Id` among them is filled in when it is known."""

    sql: str
    params: list[Any]


class Id(str):
    """The key of a row that the same transaction has inserted, by the name of its table."""


def insert(*rows: models.Model) -> Statement:
    """INSERT of rows of one table, columns as the database takes them."""
    model = type(rows[0])
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    line = f"({', '.join(['%s'] * len(fields))})"
    params = []
    for row in rows:
        for field in fields:
            value = getattr(row, field.attname)
            params.append(value if isinstance(value, Id) else field.get_db_prep_save(value, connection))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {", ".join([line] * len(rows))} RETURNING id'
    return Statement(sql, params)


def update(row: models.Model, pk: int | Id, *names: str) -> Statement:
    fields = [field for field in row._meta.local_concrete_fields if field.name in names]
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    params = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    return Statement(f'UPDATE "{row._meta.db_table}" SET {sets} WHERE id = %s', [*params, pk])


def execute(statements: list[Statement]) -> int:
    """Run them in one transaction."""
    keys: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            params = [keys[value] if isinstance(value, Id) else value for value in statement.params]
            cursor.execute(statement.sql, params)
            if statement.sql.startswith("INSERT"):
                table = statement.sql.split('"')[1]
                keys[table] = cursor.fetchone()[0]
    return 0


class Ledger:
    """A department whose cases are decided one by one, by the services or by bare statements, on one chain."""

    def __init__(self, code: str, cases: int):
        self.desk: Desk = desk(code, cases)
        with clock.at(LOOKED_AT):
            self.open: list[Incident] = open_cases(self.desk)
        self.fined: list[Sanction] = []
        rows = Account.objects.filter(department=self.desk.department)
        self.accounts = {(row.kind, row.membership_id): row for row in rows}
        self.receipts = 0

    @property
    def manager(self) -> User:
        return self.desk.office[Role.MANAGER]

    @property
    def finance(self) -> User:
        return self.desk.office[Role.FINANCE]

    def next_open(self) -> Incident:
        """A fresh row, as a view fetches it."""
        pk = self.open.pop().pk
        return Incident.objects.select_related("department", "membership__user", "membership__department").get(pk=pk)

    def confirm(self, incident: Incident) -> int:
        with clock.at(LOOKED_AT):
            incidents.confirm_incident(incident=incident, actor=self.manager, seen_count=1)
        return 0

    def fine_everybody(self) -> None:
        while self.open:
            self.confirm(self.next_open())
        fines = Sanction.objects.filter(membership__department=self.desk.department).order_by("pk")
        self.fined = list(fines.select_related("membership__department", "membership__user", "incident"))

    def next_fined(self) -> Sanction:
        return self.fined.pop()

    def token(self) -> UUID:
        self.receipts += 1
        return UUID(int=self.receipts)

    def pay(self, given: tuple[Sanction, UUID]) -> int:
        sanction, token = given
        with clock.at(LOOKED_AT):
            money.record_payment(
                sanction=sanction,
                amount_fen=sanction.amount_fen,
                paid_on=LOOKED_AT.date(),
                actor=self.finance,
                token=token,
            )
        return 0

    def bare_entry(
        self, kind: str, actor: User, member: int, source: models.Model, lines: list[tuple[Account, int]], memo: str
    ) -> list[Statement]:
        """The statements of one journal entry: opened, its lines, sealed, the head moved on."""
        head = LedgerHead.objects.get_or_create(department=self.desk.department)[0]
        entry = JournalEntry(
            department=self.desk.department,
            number=head.number + 1,
            kind=kind,
            business_date=LOOKED_AT.date(),
            membership_id=member,
            source_kind=source._meta.label_lower,
            source_id=source.pk,
            memo=memo,
            recorded_at=LOOKED_AT,
            recorded_by=actor,
            previous_hash=head.hash,
        )
        opened = insert(entry)
        entry.sealed_at = LOOKED_AT
        written = [chain.Line(to.pk, to.kind, to.membership_id, fen) for to, fen in lines]
        entry.hash = chain.hash_of(money.link(entry, written))
        key = Id(JournalEntry._meta.db_table)
        head.number, head.hash = entry.number, entry.hash
        return [
            opened,
            insert(*(Posting(entry_id=key, account=to, amount_fen=fen) for to, fen in lines)),
            update(entry, key, "sealed_at", "hash"),
            update(head, head.pk, "number", "hash"),
        ]

    def bare_fine(self) -> list[Statement]:
        """What `confirm_incident` leaves of a first case: decided incident, entry, sanction, audit entry, notice."""
        incident = self.next_open()
        member, book = incident.membership, self.desk.rulebook
        clause = book.clause(incident.clause_code)
        assert clause is not None
        step = clause.ladder[0]
        incident.state, incident.decided_by, incident.decided_at = IncidentState.CONFIRMED, self.manager, LOOKED_AT
        owed, income = self.accounts[AccountKind.RECEIVABLE, member.pk], self.accounts[AccountKind.FINE_INCOME, None]
        first, last = LOOKED_AT.date().replace(day=1), LOOKED_AT.date().replace(day=31)
        due = LOOKED_AT.date() + timedelta(days=book.fund.due_days)
        sanction = Sanction(
            incident=incident,
            membership=member,
            rulebook_version_id=book.version_id,
            clause_code=incident.clause_code,
            window={
                "kind": "calendar_month",
                "days": None,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "incidents": [],
            },
            count=1,
            step=1,
            kind=SanctionKind.FINE,
            amount_fen=step.fine_fen,
            due_day=due,
            created_at=LOOKED_AT,
        )
        sanction.entry_id = Id(JournalEntry._meta.db_table)
        lines = [(owed, step.fine_fen), (income, -step.fine_fen)]
        memo = f"§{incident.clause_number}"
        return [
            update(incident, incident.pk, "state", "decided_by", "decided_at", "reason"),
            *self.bare_entry(EntryKind.FINE, self.manager, member.pk, incident, lines, memo),
            insert(sanction),
            insert(self.audit(self.manager, "ledger.incident.confirmed", incident, {"count": 1, "sanction": 1})),
            insert(self.notice(incident, incidents.WITH_STEP[SanctionKind.FINE], step.fine_fen, due.isoformat())),
        ]

    def bare_payment(self) -> list[Statement]:
        """What `record_payment` leaves: entry, payment, audit entry, notice."""
        sanction = self.next_fined()
        fen, member = sanction.amount_fen, sanction.membership
        cash, owed = self.accounts[AccountKind.FUND_CASH, None], self.accounts[AccountKind.RECEIVABLE, member.pk]
        payment = Payment(
            sanction=sanction,
            amount_fen=fen,
            paid_on=LOOKED_AT.date(),
            remark="",
            received_by=self.finance,
            recorded_at=LOOKED_AT,
            token=self.token(),
        )
        payment.entry_id = Id(JournalEntry._meta.db_table)
        lines = [(cash, fen), (owed, -fen)]
        facts = {"before": {"due_fen": fen}, "after": {"due_fen": 0}, "entry": 1}
        return [
            *self.bare_entry(EntryKind.PAYMENT, self.finance, member.pk, sanction, lines, ""),
            insert(payment),
            insert(self.audit(self.finance, "ledger.payment.recorded", sanction, facts)),
            insert(self.notice(sanction.incident, money.PAID, fen, "0.00")),
        ]

    def audit(self, actor: User, action: str, target: models.Model, facts: dict) -> AuditEntry:
        return AuditEntry(
            at=LOOKED_AT,
            actor=actor,
            department=self.desk.department,
            action=action,
            target_kind=target._meta.label_lower,
            target_id=target.pk,
            target_label=str(target)[:200],
            facts=facts,
        )

    def notice(self, incident: Incident, message: str, fen: int, due: str) -> Notice:
        params = {
            "number": incident.clause_number,
            "day": incident.business_date.isoformat(),
            "amount": yuan(fen),
            "due": due,
        }
        link = reverse("ledger:incident_detail", args=[self.desk.department.code, incident.pk])
        recipient = incident.membership.user_id
        return Notice(recipient_id=recipient, message=message, params=params, link=link, created_at=LOOKED_AT)

    def proof(self, action: EntryKind) -> None:
        """Both sides have left the same: sanctions alike, an audit entry and a notice each, and one sound chain."""
        department = self.desk.department
        fines = Sanction.objects.filter(membership__department=department)
        alike = fines.order_by().values("count", "step", "kind", "amount_fen", "points", "due_day", "window").distinct()
        assert len(alike) == 1, f"The sanctions differ: {list(alike)}"
        done = JournalEntry.objects.filter(department=department, kind=action).count()
        name = {EntryKind.FINE: "ledger.incident.confirmed", EntryKind.PAYMENT: "ledger.payment.recorded"}[action]
        assert AuditEntry.objects.filter(department=department, action=name).count() == done
        message = {EntryKind.FINE: incidents.WITH_STEP[SanctionKind.FINE], EntryKind.PAYMENT: money.PAID}[action]
        people = [member.user_id for member in self.desk.agents]
        assert Notice.objects.filter(recipient__in=people, message=message).count() == done
        found = proof.verify_ledger(department)
        assert found.fault is None, found.words


def fine(runs: int) -> Yardstick:
    """`confirm_incident` for a first case. Accounts are there already; every case is another agent's."""
    ledger = Ledger("fine", 2 * runs)
    return Yardstick(
        name="fine",
        ours=Side(ledger.confirm, ready=ledger.next_open),
        bare=Side(execute, ready=ledger.bare_fine),
        proof=lambda: ledger.proof(EntryKind.FINE),
    )


def payment(runs: int) -> Yardstick:
    """`record_payment` of a whole fine."""
    ledger = Ledger("payment", 2 * runs)
    ledger.fine_everybody()
    return Yardstick(
        name="payment",
        ours=Side(ledger.pay, ready=lambda: (ledger.next_fined(), ledger.token())),
        bare=Side(execute, ready=ledger.bare_payment),
        proof=lambda: ledger.proof(EntryKind.PAYMENT),
    )
