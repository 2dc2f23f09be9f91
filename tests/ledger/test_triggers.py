"""What the database refuses by itself, on both engines, whoever writes and however."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.models import (
    Account,
    AccountKind,
    Incident,
    JournalEntry,
    LedgerHead,
    Payment,
    Posting,
    Sanction,
)
from ledger.services.money import accounts
from office import clock

pytestmark = pytest.mark.django_db


def refuses(what, match):
    """`what` is SQL or a call; the database refuses it."""
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        what() if callable(what) else cursor.execute(what)


@pytest.fixture
def paid(confirm, pay, agent):
    """A fine and its payment: two sealed entries."""
    incident = confirm(agent)
    pay(incident)
    return incident


@pytest.fixture
def open_entry(department, paid, finance):
    return JournalEntry.objects.create(
        department=department,
        number=3,
        kind="payment",
        business_date=date(2026, 11, 20),
        source_kind="tests.row",
        source_id=1,
        recorded_by=finance,
        previous_hash=department.ledger_head.hash,
    )


def seal(entry):
    entry.sealed_at, entry.hash = clock.now(), "f" * 64
    entry.save(update_fields=["sealed_at", "hash"])


def lines(entry, *pairs):
    for kind, fen in pairs:
        [account] = accounts(entry.department, (kind, None))
        Posting.objects.create(entry=entry, account=account, amount_fen=fen)


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        ("UPDATE ledger_journalentry SET memo = 'x' WHERE number = 1", "sealed entry does not change"),
        ("UPDATE ledger_journalentry SET sealed_at = NULL WHERE number = 1", "sealed entry does not change"),
        ("DELETE FROM ledger_journalentry", "nothing is deleted"),
        ("UPDATE ledger_posting SET amount_fen = amount_fen * 2", "only ever added"),
        ("DELETE FROM ledger_posting", "only ever added"),
        ("UPDATE ledger_sanction SET amount_fen = 1 WHERE amount_fen > 0", "only ever added"),
        ("DELETE FROM ledger_sanction", "only ever added"),
        ("UPDATE ledger_payment SET amount_fen = 1", "only ever added"),
        ("DELETE FROM ledger_payment", "only ever added"),
        ("UPDATE ledger_account SET kind = 'fine_income'", "only ever added"),
        ("DELETE FROM ledger_incident", "nothing is deleted"),
        ("UPDATE ledger_incident SET reason = 'x'", "decided incident does not change"),
        ("UPDATE ledger_ledgerhead SET number = 1", "only moves on by one"),
        ("UPDATE ledger_ledgerhead SET hash = ''", "only moves on by one"),
        ("DELETE FROM ledger_ledgerhead", "nothing is deleted"),
    ],
)
def test_raw_sql_does_not_change_the_books(paid, sql, match):
    refuses(sql, match)


def test_a_line_does_not_slip_in_beside_the_seal(paid, department):
    entry = JournalEntry.objects.get(number=1)
    for kind in (AccountKind.FUND_CASH, AccountKind.FINE_INCOME):
        refuses(lambda kind=kind: lines(entry, (kind, 5)), "the entry is sealed")


def test_an_entry_is_not_born_sealed(paid, department, finance):
    refuses(
        lambda: JournalEntry.objects.create(
            department=department,
            number=3,
            kind="fine",
            business_date=date(2026, 11, 20),
            source_kind="tests.row",
            source_id=1,
            sealed_at=clock.now(),
        ),
        "created open",
    )


@pytest.mark.parametrize(
    "pairs",
    [[], [("fund_cash", 5)], [("fund_cash", 5), ("fine_income", -4)]],
    ids=["no lines", "one line", "lines that do not add up"],
)
def test_an_unbalanced_entry_is_not_sealed(open_entry, pairs):
    lines(open_entry, *pairs)
    refuses(lambda: seal(open_entry), "do not add up to 0")


def test_cash_below_zero_is_not_sealed(open_entry):
    lines(open_entry, ("fund_cash", -1001), ("fine_income", 1001))
    refuses(lambda: seal(open_entry), "fund_cash_below_zero")


def test_all_cash_can_be_spent(open_entry):
    lines(open_entry, ("fund_cash", -1000), ("fine_income", 1000))
    seal(open_entry)


def test_an_entry_that_does_not_follow_the_last_one_is_not_sealed(open_entry):
    lines(open_entry, ("fund_cash", 5), ("fine_income", -5))
    open_entry.previous_hash = "0" * 64
    open_entry.save(update_fields=["previous_hash"])
    refuses(lambda: seal(open_entry), "chain is broken")


@pytest.mark.parametrize("number", [0, 2, 4, 5])
def test_numbers_run_without_gaps(paid, department, number):
    refuses(
        lambda: JournalEntry.objects.create(
            department=department,
            number=number,
            kind="payment",
            business_date=date(2026, 11, 20),
            source_kind="tests.row",
            source_id=1,
        ),
        "without gaps|ledger_entry_number_once|ledger_journalentry.number",
    )


def test_a_line_takes_no_account_of_another_department(open_entry, other_department):
    [foreign] = accounts(other_department, (AccountKind.FUND_CASH, None))
    refuses(
        lambda: Posting.objects.create(entry=open_entry, account=foreign, amount_fen=5), "account of another department"
    )


def test_a_line_of_nothing_is_no_line(open_entry):
    refuses(lambda: lines(open_entry, ("fund_cash", 0)), "ledger_posting_not_zero")


def test_one_fine_is_posted_once_for_one_incident(paid, department):
    first = JournalEntry.objects.get(number=1)
    refuses(
        lambda: JournalEntry.objects.create(
            department=department,
            number=3,
            kind="fine",
            business_date=first.business_date,
            source_kind=first.source_kind,
            source_id=first.source_id,
        ),
        "ledger_fine_once_per_source|source_kind",
    )


def test_a_payment_goes_with_the_entry_of_this_payment_and_no_other(confirm, agent, finance):
    """Else a fine could be called paid by pointing at the entry that made it due."""
    sanction = confirm(agent).sanction
    facts = {"paid_on": date(2026, 11, 20), "received_by": finance, "token": uuid.uuid4()}
    refuses(
        lambda: Payment.objects.create(
            sanction=sanction, amount_fen=sanction.amount_fen, entry=sanction.entry, **facts
        ),
        "no payment of this fine",
    )


def test_no_payment_is_more_than_is_due(confirm, pay, paid, open_entry, finance):
    facts = {"kind": "payment", "source_id": paid.sanction.pk, "membership": paid.sanction.membership}
    JournalEntry.objects.filter(pk=open_entry.pk).update(**facts)
    refuses(
        lambda: Payment.objects.create(
            sanction=paid.sanction,
            amount_fen=1,
            paid_on=date(2026, 11, 20),
            entry=open_entry,
            received_by=finance,
            token=uuid.uuid4(),
        ),
        "more than is due",
    )


def test_a_sanction_needs_a_confirmed_incident_of_the_same_member(report, agent, colleague, confirm):
    reported, confirmed = report(agent), confirm(agent, clause="complaint", when="2026-11-11 10:00")
    for incident, member in ((reported, agent), (confirmed, colleague)):
        refuses(
            lambda incident=incident, member=member: Sanction.objects.create(
                incident=incident,
                membership=member.membership,
                rulebook_version_id=incident.rulebook_version_id,
                clause_code=incident.clause_code,
                window={},
                count=1,
                step=1,
                kind="warning",
            ),
            "incident is not confirmed",
        )


@pytest.mark.parametrize(
    "change",
    ["facts = 'x'", "clause_code = 'late'", "business_date = '2026-11-11'", "membership_id = membership_id + 1"],
)
def test_the_facts_of_a_report_do_not_change(report, agent, change):
    report(agent)
    refuses(f"UPDATE ledger_incident SET {change}", "reported facts do not change")


def test_a_decided_incident_says_when(report, agent):
    incident = report(agent)
    refuses(lambda: Incident.objects.filter(pk=incident.pk).update(state="confirmed"), "decided_by_somebody")


def test_a_fine_has_its_entry_and_nothing_else_has_one(confirm, agent):
    confirmed = confirm(agent, clause="complaint")
    for kind, fen in (("fine", 1000), ("warning", 1000), ("fine", 0)):
        refuses(
            lambda kind=kind, fen=fen: Sanction.objects.create(
                incident=confirmed,
                membership=agent.membership,
                rulebook_version_id=confirmed.rulebook_version_id,
                clause_code=confirmed.clause_code,
                window={},
                count=1,
                step=1,
                kind=kind,
                amount_fen=fen,
            ),
            "ledger_fine_has_entry",
        )


def test_what_is_owed_is_owed_by_a_member(department):
    refuses(
        lambda: Account.objects.create(department=department, kind=AccountKind.RECEIVABLE),
        "ledger_receivable_has_member",
    )


def test_a_department_has_one_head(paid, department):
    refuses(lambda: LedgerHead.objects.create(department=department), "ledger_ledgerhead|unique|UNIQUE")
