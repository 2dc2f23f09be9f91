"""The proof finds what was changed while the triggers were off, and names the first entry at fault."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ledger.models import JournalEntry
from ledger.services import verify_ledger
from office import triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def journal(confirm, pay, agent, colleague, department):
    """Fine, payment, fine, part payment, fine: entries 1 to 5, cash 15.00, outstanding 35.00."""
    first = confirm(agent, when="2026-11-03 10:00")
    pay(first)
    second = confirm(agent, when="2026-11-04 10:00")
    pay(second, 500, remark="WeChat")
    confirm(colleague, when="2026-11-05 10:00")
    return department


def tamper(*statements):
    """Change rows as somebody with the keys to the database could."""
    # PostgreSQL drops no trigger of a table with checks still to be made.
    connection.check_constraints()
    with triggers.lifted(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.check_constraints()


def fault_of(department):
    fault = verify_ledger(department).fault
    return fault and (fault.number, fault.key)


def test_a_sound_journal_is_counted(journal):
    proof = verify_ledger(journal)
    assert (proof.fault, proof.entries, proof.cash_fen, proof.outstanding_fen) == (None, 5, 1500, 3500)


def test_a_department_without_entries_is_sound(other_department):
    assert verify_ledger(other_department).fault is None


ENTRY = "(SELECT id FROM ledger_journalentry WHERE number = {})"


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE ledger_journalentry SET memo = 'x' WHERE number = 2"], (2, "changed")),
        (["UPDATE ledger_journalentry SET business_date = '2026-10-01' WHERE number = 3"], (3, "changed")),
        (["UPDATE ledger_journalentry SET recorded_by_id = NULL WHERE number = 4"], (4, "changed")),
        (["UPDATE ledger_journalentry SET hash = 'x' WHERE number = 5"], (5, "changed")),
        (["UPDATE ledger_journalentry SET sealed_at = NULL WHERE number = 5"], (5, "open")),
        ([f"UPDATE ledger_posting SET amount_fen = 2 * amount_fen WHERE entry_id = {ENTRY.format(3)}"], (3, "changed")),
        ([f"UPDATE ledger_posting SET amount_fen = 7 WHERE entry_id = {ENTRY.format(3)}"], (3, "unbalanced")),
        ([f"DELETE FROM ledger_posting WHERE entry_id = {ENTRY.format(2)}"], (2, "unbalanced")),
        (["UPDATE ledger_sanction SET amount_fen = 900 WHERE amount_fen = 3000"], (3, "source")),
        (["UPDATE ledger_payment SET amount_fen = 400 WHERE amount_fen = 500"], (4, "source")),
        (["UPDATE ledger_payment SET paid_on = '2026-11-01' WHERE amount_fen = 500"], (4, "source")),
        ([f"DELETE FROM ledger_payment WHERE entry_id = {ENTRY.format(4)}"], (4, "source")),
        (["UPDATE ledger_ledgerhead SET hash = 'x'"], (5, "head")),
        (["UPDATE ledger_ledgerhead SET number = 4"], (4, "head")),
        (["UPDATE ledger_ledgerhead SET number = 6"], (6, "missing")),
        (["DELETE FROM ledger_ledgerhead"], (1, "head")),
    ],
)
def test_what_was_changed_is_found(journal, statements, fault):
    tamper(*statements)
    assert fault_of(journal) == fault


@pytest.mark.parametrize("number", [2, 4])
def test_a_payment_that_was_taken_out_is_found(journal, number):
    tamper(
        f"DELETE FROM ledger_payment WHERE entry_id = {ENTRY.format(number)}",
        f"DELETE FROM ledger_posting WHERE entry_id = {ENTRY.format(number)}",
        f"DELETE FROM ledger_journalentry WHERE number = {number}",
    )
    assert fault_of(journal) == (number, "missing")


def test_an_account_that_was_given_to_another_member_is_found(journal, supervisor):
    tamper(
        f"UPDATE ledger_account SET membership_id = {supervisor.membership.pk} WHERE membership_id ="
        f" (SELECT membership_id FROM ledger_journalentry WHERE number = 5)"
    )
    assert fault_of(journal) == (5, "changed")


def test_the_command_counts_what_is_sound(journal, other_department, capsys):
    call_command("verify_ledger")
    assert capsys.readouterr().out.splitlines() == [
        "desk: 5 entries sound, cash 15.00, outstanding 35.00",
        "next-door: 0 entries sound, cash 0.00, outstanding 0.00",
    ]


def test_the_command_fails_with_the_number_of_the_first_fault(journal):
    tamper("UPDATE ledger_journalentry SET memo = 'x' WHERE number IN (3, 4)")
    with pytest.raises(CommandError, match=r"^desk: entry 3: it has been changed since it was sealed$") as failure:
        call_command("verify_ledger", department="desk")
    assert failure.value.returncode == 1


def test_the_command_knows_no_other_departments(db):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("verify_ledger", department="nowhere")


def test_many_entries_take_as_many_queries_as_few(journal, confirm, agent, django_assert_num_queries):
    with django_assert_num_queries(7):
        verify_ledger(journal)
    for day in range(6, 16):
        confirm(agent, clause="handover-missing", when=f"2026-11-{day:02} 10:00")
    assert JournalEntry.objects.count() > 10
    with django_assert_num_queries(7):
        verify_ledger(journal)
