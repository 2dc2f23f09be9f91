"""Finance's pages: what is due, and recording what was paid."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import services
from ledger.models import Payment, Sanction
from tests.factories import add_person

pytestmark = pytest.mark.django_db

DUES = "/d/desk/dues/"


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def pay_page(incident):
    return f"{DUES}{incident.sanction.pk}/pay/"


def form(**changes):
    return {"amount_fen": "10.00", "paid_on": "2026-11-20", "token": str(uuid.uuid4()), "remark": ""} | changes


def test_finance_sees_what_is_due_the_longest_first(confirm, pay, agent, colleague, finance, client_of):
    late = confirm(agent, when="2026-11-03 10:00", decided="2026-11-04 10:00")
    pay(late, 250)
    confirm(colleague, when="2026-11-10 10:00")
    paid = confirm(colleague, clause="handover-missing", when="2026-11-10 11:00")
    assert paid.outcome.kind == "warning"
    shown = client_of(finance).get(DUES)
    assert [(fine.membership.name, fine.due_fen, age, late) for fine, age, late in shown.context["rows"]] == [
        ("林晓彤", 750, 16, 9),
        ("王浩然", 1000, 0, 0),
    ]
    assert shown.context["sums"] == {"fen": 1750, "number": 2, "late_fen": 750, "late_number": 1, "members": 2}
    assert "9 days overdue" in text_of(shown)
    assert "1 overdue" not in text_of(shown)
    only_late = client_of(finance).get(DUES, {"overdue": "1"})
    assert [fine.membership.name for fine, _age, _late in only_late.context["rows"]] == ["林晓彤"]


def test_what_is_paid_in_full_is_gone_from_the_list(confirm, pay, agent, finance, client_of):
    pay(confirm(agent))
    assert "Nothing is outstanding" in text_of(client_of(finance).get(DUES))


def test_nothing_overdue_is_said(confirm, agent, finance, client_of):
    confirm(agent)
    assert "Nothing is overdue" in text_of(client_of(finance).get(DUES, {"overdue": "1"}))


def test_dues_are_for_finance_alone(confirm, agent, colleague, manager, stranger, client_of):
    incident = confirm(agent)
    for user in (agent, colleague, manager):
        assert client_of(user).get(DUES).status_code == 403
    assert client_of(stranger).get(DUES).status_code == 404
    # The manager sees the fine but may not collect; a colleague does not even see it.
    for user, status in ((manager, 403), (agent, 403), (colleague, 404), (stranger, 404)):
        assert client_of(user).post(pay_page(incident), form()).status_code == status
    assert not Payment.objects.exists()


def test_finance_records_a_payment(confirm, agent, finance, client_of):
    incident, client = confirm(agent), client_of(finance)
    shown = client.get(pay_page(incident))
    assert 'value="10.00"' in shown.content.decode()
    token = re.search(r'name="token" value="([^"]+)"', shown.content.decode())[1]
    answer = client.post(pay_page(incident), form(token=token, remark="WeChat"), follow=True)
    assert "Recorded as J-2." in text_of(answer)
    payment = Payment.objects.get()
    assert (payment.amount_fen, payment.remark, payment.received_by) == (1000, "WeChat", finance)
    assert (str(payment.paid_on), str(payment.token)) == ("2026-11-20", token)


def test_a_form_sent_twice_pays_once(confirm, agent, finance, client_of):
    incident, client, sent = confirm(agent), client_of(finance), form(amount_fen="4")
    assert [client.post(pay_page(incident), sent).status_code for _ in range(2)] == [302, 302]
    assert Payment.objects.get().amount_fen == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount_fen": "10.01"}, "amount_fen"),
        ({"amount_fen": "-1"}, "amount_fen"),
        ({"amount_fen": "0"}, "amount_fen"),
        ({"amount_fen": "1.001"}, "amount_fen"),
        ({"amount_fen": "1000000000000"}, "amount_fen"),
        ({"amount_fen": "ten"}, "amount_fen"),
        ({"amount_fen": "NaN"}, "amount_fen"),
        ({"amount_fen": ""}, "amount_fen"),
        ({"paid_on": "2026-11-21"}, "paid_on"),
        ({"paid_on": "2026-11-19"}, "paid_on"),
        ({"paid_on": "2026-02-30"}, "paid_on"),
        ({"remark": "x" * 201}, "remark"),
        ({"token": "once"}, "token"),
    ],
)
def test_a_payment_with_a_mistake_says_where_and_books_nothing(confirm, agent, finance, client_of, change, field):
    incident = confirm(agent)
    answer = client_of(finance).post(pay_page(incident), form(**change))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Payment.objects.exists()


def test_two_payments_of_one_due_book_it_once(confirm, agent, finance, client_of):
    incident, client = confirm(agent), client_of(finance)
    assert client.post(pay_page(incident), form()).status_code == 302
    answer = client.post(pay_page(incident), form())
    assert answer.status_code == 422
    assert "Only 0.00 yuan are still due." in text_of(answer)
    assert Payment.objects.count() == 1


def test_a_warning_cannot_be_paid(confirm, agent, finance, client_of):
    assert client_of(finance).get(pay_page(confirm(agent, clause="late"))).status_code == 404


def test_a_fine_of_another_department_is_not_found(report, stranger, finance, other_department, client_of):
    incident = report(stranger)
    decider = add_person(other_department, roles=["manager"])
    services.confirm_incident(incident=incident, actor=decider)
    address = f"{DUES}{Sanction.objects.get().pk}/pay/"
    client = client_of(finance)
    assert client.get(address).status_code == client.post(address, form()).status_code == 404
    assert client.get(address.replace("desk", "next-door")).status_code == 404
    assert client_of(stranger).get(address.replace("desk", "next-door")).status_code == 200
    assert not Payment.objects.exists()


def test_the_list_takes_as_many_queries_for_30_as_for_1(confirm, agent, finance, client_of):
    client = client_of(finance)

    def queries(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    incident = confirm(agent, when="2026-11-01 08:00")
    few = queries(DUES)
    assert queries(pay_page(incident)) <= 10
    for number in range(29):
        confirm(agent, when=f"2026-{1 + number % 10:02}-{2 + number // 10:02} 08:00")
    assert Sanction.objects.outstanding().count() >= 20
    assert queries(DUES) == few <= 10


def test_the_same_amount_of_the_same_day_is_asked_about_once_more(confirm, agent, finance, client_of):
    """After "Back" the form is new, and its token with it."""
    incident, client = confirm(agent), client_of(finance)
    assert client.post(pay_page(incident), form(amount_fen="4.00")).status_code == 302
    answer = client.post(pay_page(incident), form(amount_fen="4.00"))
    assert answer.status_code == 422
    assert "recorded already" in text_of(answer)
    assert client.post(pay_page(incident), form(amount_fen="4.00", again="on")).status_code == 302
    assert incident.sanction.payments.count() == 2
