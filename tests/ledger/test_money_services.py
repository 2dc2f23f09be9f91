"""Posting and payments: numbers, balances, what is refused, and a form sent twice."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from ledger import services
from ledger.balances import Flow, MonthEnd, chain_state, flows_of, month_ends
from ledger.models import AccountKind, EntryKind, JournalEntry, LedgerHead, Payment, Posting, Sanction
from ledger.services.money import accounts
from office.models import Notice
from office.months import Month

pytestmark = pytest.mark.django_db


def code_of(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    return refusal.value.error_list[0].code


def balance(department, kind):
    return Posting.objects.sealed_of(department).sum_of(kind)


# ── Payments ──


def test_a_payment_moves_the_debt_into_the_cash(confirm, pay, agent, department, finance):
    payment = pay(confirm(agent))
    entry = payment.entry
    assert (entry.number, entry.kind, entry.business_date) == (2, "payment", date(2026, 11, 20))
    lines = {(line.account.kind, line.account.membership): line.amount_fen for line in entry.postings.all()}
    assert lines == {(AccountKind.FUND_CASH, None): 1000, (AccountKind.RECEIVABLE, agent.membership): -1000}
    assert balance(department, AccountKind.FUND_CASH) == 1000
    assert balance(department, AccountKind.RECEIVABLE) == 0
    assert payment.received_by == finance


def test_part_payments_add_up(confirm, pay, agent, department):
    incident = confirm(agent)
    pay(incident, 250)
    pay(incident, 750)
    fine = Sanction.objects.with_due().get()
    assert (fine.paid_fen, fine.due_fen) == (1000, 0)
    assert not Sanction.objects.outstanding().exists()
    assert [entry.number for entry in JournalEntry.objects.order_by("number")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("fen", "days_ago", "code"),
    [(1001, 0, "more_than_due"), (0, 0, "not_positive"), (-5, 0, "not_positive"), (10, -1, "in_future")],
)
def test_payments_that_cannot_be(confirm, pay, agent, department, fen, days_ago, code):
    incident = confirm(agent)
    assert code_of(lambda: pay(incident, fen, days_ago=days_ago)) == code
    assert not Payment.objects.exists()
    assert balance(department, AccountKind.FUND_CASH) == 0


def test_a_fine_is_not_paid_before_it_was_confirmed(confirm, pay, agent):
    incident = confirm(agent, decided="2026-11-15 10:00")
    assert code_of(lambda: pay(incident, days_ago=6)) == "before_fine"
    assert pay(incident, days_ago=5).paid_on == date(2026, 11, 15)


def test_the_rest_is_all_that_can_still_be_paid(confirm, pay, agent):
    incident = confirm(agent)
    pay(incident, 400)
    assert code_of(lambda: pay(incident, 601)) == "more_than_due"
    pay(incident, 600)
    assert code_of(lambda: pay(incident, 1)) == "more_than_due"


def test_only_fines_are_paid(confirm, pay, agent):
    assert code_of(lambda: pay(confirm(agent, clause="late"), 100)) == "no_fine"


def test_a_form_sent_twice_pays_once(confirm, pay, agent, colleague):
    incident, token = confirm(agent), uuid.uuid4()
    first = pay(incident, 400, token=token)
    assert pay(incident, 400, token=token) == first
    assert Payment.objects.count() == 1
    assert code_of(lambda: pay(confirm(colleague), token=token)) == "token_used"


def test_the_member_is_told_what_is_still_due(confirm, pay, agent):
    pay(confirm(agent), 400)
    with translation.override("en"):
        assert (
            Notice.objects.filter(recipient=agent).first().text
            == "Your payment of 4.00 yuan for § 7 has been received. Still due: 6.00 yuan."
        )


def test_an_overlong_remark_is_refused(confirm, pay, agent):
    assert code_of(lambda: pay(confirm(agent), remark="x" * 201)) == "too_long"


# ── Posting ──


@pytest.fixture
def books(department, now):
    """The department's accounts for entries made by hand."""
    kinds = (AccountKind.FUND_CASH, AccountKind.FINE_INCOME)
    return dict(zip(kinds, accounts(department, *((kind, None) for kind in kinds)), strict=True))


@pytest.fixture
def post(department, books, finance):
    ids = iter(range(1, 1000))

    def make(*lines, department=department, day=date(2026, 11, 20)):
        return services.post(
            department=department,
            kind=EntryKind.PAYMENT,
            business_date=day,
            lines=[(books[to] if isinstance(to, str) else to, fen) for to, fen in lines],
            source=("tests.row", next(ids)),
            actor=finance,
        )

    return make


def test_entries_are_numbered_without_gaps_each_department_for_itself(post, other_department, finance, stranger):
    assert [post(("fund_cash", 5), ("fine_income", -5)).number for _ in range(3)] == [1, 2, 3]
    there = accounts(other_department, (AccountKind.FUND_CASH, None), (AccountKind.FINE_INCOME, None))
    assert post((there[0], 5), (there[1], -5), department=other_department).number == 1


def test_a_refused_entry_leaves_no_gap(post):
    post(("fund_cash", 5), ("fine_income", -5))
    for lines in ([("fund_cash", 5)], [("fund_cash", 5), ("fine_income", -4)], [("fund_cash", 0), ("fine_income", 0)]):
        assert code_of(lambda lines=lines: post(*lines)) == "unbalanced"
    assert post(("fund_cash", 5), ("fine_income", -5)).number == 2


def test_cash_that_is_not_there_cannot_be_spent(post):
    post(("fund_cash", 500), ("fine_income", -500))
    assert code_of(lambda: post(("fund_cash", -501), ("fine_income", 501))) == "not_enough_cash"
    assert post(("fund_cash", -500), ("fine_income", 500)).number == 2


def test_the_account_of_another_department_is_refused(post, other_department):
    [foreign] = accounts(other_department, (AccountKind.FUND_CASH, None))
    assert code_of(lambda: post((foreign, 5), ("fine_income", -5))) == "other_department"


def test_the_head_is_made_on_demand_once(department, now, books):
    assert services.lock_head(department) == services.lock_head(department)
    assert LedgerHead.objects.count() == 1


# ── Balances ──


def test_a_month_shows_what_moved_in_it(confirm, pay, agent, colleague, department):
    october = confirm(agent, when="2026-10-03 10:00", decided="2026-10-04 10:00")
    confirm(colleague, when="2026-11-03 10:00")
    pay(october, 400, days_ago=20)
    pay(october, 100)
    assert flows_of(department) == [
        Flow(Month(2026, 10), cash_in=400, fined=1000, paid=400),
        Flow(Month(2026, 11), cash_in=100, fined=1000, paid=100),
    ]


def test_months_without_entries_carry_the_balance_over():
    flows = [Flow(Month(2026, 9), cash_in=500, cash_out=100, fined=900, paid=500), Flow(Month(2026, 11), cash_in=5)]
    assert month_ends(flows, Month(2026, 11), 4) == [
        MonthEnd(Month(2026, 8), 0, 0),
        MonthEnd(Month(2026, 9), 400, 400),
        MonthEnd(Month(2026, 10), 400, 400),
        MonthEnd(Month(2026, 11), 405, 400),
    ]


def test_the_cheap_look_at_the_chain(confirm, agent, department, other_department):
    assert chain_state(department).is_sound
    confirm(agent)
    entry = confirm(agent, when="2026-11-11 10:00").outcome.entry
    state = chain_state(department)
    assert (state.number, state.entries, state.hash, state.last_hash) == (2, 2, entry.hash, entry.hash)
    assert state.is_sound
    assert chain_state(other_department).entries == 0


def test_a_member_leaves_no_money_behind_when_a_month_is_empty(department):
    assert flows_of(department) == []
    assert month_ends([], Month(2026, 11), 1) == [MonthEnd(Month(2026, 11))]


def test_overdue_begins_after_the_due_day(confirm, agent):
    fine = confirm(agent).outcome
    assert fine.overdue_days(fine.due_day) == 0
    assert fine.overdue_days(fine.due_day + timedelta(days=3)) == 3
