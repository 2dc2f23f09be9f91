"""Programs that report statistics and orders: many rows at once, all of them or none."""

import json

import pytest
from django.test import Client

from config import api
from handover.models import Order, OrderFact, Reading, ReadingSource, ServiceStatistic
from people.services.tokens import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]
STATISTICS, ORDERS = "/api/v1/statistics", "/api/v1/orders"


@pytest.fixture(autouse=True)
def counted_anew():
    api.cache.clear()


@pytest.fixture
def send(department, owner):
    """`send(address, row, …)` with a token of the department."""
    made = make_token(actor=owner, department=department, name="chat tool")
    client = Client(headers={"authorization": f"Bearer {made.secret}", "accept-language": "en"})

    def do(address, *rows, **more):
        return client.post(address, json.dumps({"rows": rows, **more}), content_type="application/json")

    return do


def day(**more):
    return {
        "work_number": "07",
        "day": "2026-11-09",
        "served": 50,
        "closed": 22,
        "enquiries": 40,
        "sales_fen": 123450,
    } | more


def placed(**more):
    return {
        "number": "8841",
        "buyer": "<script>alert(1)</script>",
        "placed_at": "2026-11-09T10:00:00+08:00",
        "paid_at": "2026-11-09T10:05:00.250+08:00",
        "amount_fen": 8800,
        "paid_fen": 8800,
    } | more


def test_days_are_taken_as_the_programs(send, agent):
    answer = send(STATISTICS, day(calls=3, talk_seconds=90))
    assert (answer.status_code, answer.json()) == (200, {"added": 1, "corrected": 0, "same": 0, "beside": 0})
    row, reading = ServiceStatistic.objects.get(), Reading.objects.get()
    assert (row.membership, row.sales_fen, row.calls, row.source) == (agent.membership, 123450, 3, "imported")
    assert (row.recorded_by, row.reading, reading.by, reading.state, reading.name) == (
        None,
        reading,
        None,
        "done",
        "chat tool",
    )


def test_the_same_rows_again_change_nothing_and_others_correct(send, agent):
    send(STATISTICS, day(calls=3, talk_seconds=90))
    assert send(STATISTICS, day()).json() == {"added": 0, "corrected": 0, "same": 1, "beside": 0}
    assert send(STATISTICS, day(served=60)).json() == {"added": 0, "corrected": 1, "same": 0, "beside": 0}
    row = ServiceStatistic.objects.current().get()
    assert (row.served, row.calls) == (60, 3)
    assert Reading.objects.count() == 3


def test_one_wrong_row_and_none_is_taken(send, agent, colleague):
    answer = send(
        STATISTICS,
        day(),
        day(work_number="77"),
        day(work_number="02", day="2026-11-11"),
        day(work_number="02", closed=51),
        day(work_number="7"),
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_rows")
    assert answer.json()["fields"] == {
        "rows.1.work_number": "Nobody in this department has this work number or name.",
        "rows.2.day": "This day has not come yet.",
        "rows.3.closed": "More closed (51) than served (50).",
        "rows.4": "Row 1 is about the same.",
    }
    assert not ServiceStatistic.objects.exists()
    assert not Reading.objects.exists()


def test_what_does_not_fit_is_named_by_row_and_field(send, agent):
    answer = send(STATISTICS, day(), day(served=-1, sales_fen="12.5", mood=3))
    assert (answer.status_code, answer.json()["code"]) == (422, "unfit")
    assert set(answer.json()["fields"]) == {"rows.1.served", "rows.1.sales_fen", "rows.1.mood"}


def test_an_order_is_taken_and_its_correction_adds_a_fact(send, agent):
    assert send(ORDERS, placed()).json() == {"added": 1, "corrected": 0, "same": 0, "beside": 0}
    assert send(ORDERS, placed()).json() == {"added": 0, "corrected": 0, "same": 1, "beside": 0}
    answer = send(ORDERS, placed(remark="07", flag="red", refunded_fen=100))
    assert answer.json() == {"added": 0, "corrected": 1, "same": 0, "beside": 0}
    row = Order.objects.get()
    assert (row.buyer, row.remark, row.flag, row.refunded_fen) == ("<script>alert(1)</script>", "07", "red", 100)
    assert OrderFact.objects.filter(order=row).count() == 2


def test_an_order_that_cannot_be_is_refused(send):
    answer = send(ORDERS, placed(refunded_fen=8801), placed(number="2", paid_at=None))
    assert answer.json()["fields"] == {
        "rows.0.refunded_fen": "More is refunded than was paid.",
        "rows.1.paid_at": "Paid, but without a time of payment.",
    }
    assert not Order.objects.exists()


def test_a_sign_that_no_text_has_is_refused(send):
    answer = send(ORDERS, placed(number="1\0", buyer="a\0b"), placed(remark="\0"))
    assert (answer.status_code, answer.json()["code"]) == (422, "unfit")
    assert set(answer.json()["fields"]) == {"rows.0.number", "rows.0.buyer", "rows.1.remark"}


def test_500_rows_with_long_remarks_are_one_call_and_501_too_many(send):
    rows = [placed(number=str(number), remark="备" * 500) for number in range(501)]
    answer = send(ORDERS, *rows)
    assert (answer.status_code, answer.json()["code"]) == (422, "unfit")
    assert send(ORDERS, *rows[:500]).json()["added"] == 500


def test_more_bytes_than_any_500_rows_are_not_read(send):
    answer = send(ORDERS, placed(remark="x" * 2_100_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_it_stands_in_the_description(client):
    described = client.get("/api/v1/openapi.json").json()
    assert {STATISTICS, ORDERS} <= set(described["paths"])
    assert "added together" in described["components"]["schemas"]["Taken"]["properties"]["beside"]["description"]


def test_each_program_is_a_source_of_its_own_unless_it_names_one(send, agent):
    send(STATISTICS, day())
    assert send(STATISTICS, day(served=60), source="赤兔").json() == {
        "added": 1,
        "corrected": 0,
        "same": 0,
        "beside": 1,
    }
    assert send(STATISTICS, day(served=61), source=" 赤兔 ").json() == {
        "added": 0,
        "corrected": 1,
        "same": 0,
        "beside": 1,
    }
    rows = ServiceStatistic.objects.current().order_by("served")
    assert [(row.served, row.origin.name) for row in rows] == [(50, "chat tool"), (61, "赤兔")]


def test_a_source_spelt_otherwise_corrects_its_own_days(send, agent):
    send(STATISTICS, day(), source="Shop B")
    for served, spelt in ((51, "shop b"), (52, "SHOP B"), (53, "Ｓｈｏｐ　Ｂ")):
        answer = send(STATISTICS, day(served=served), source=spelt)
        assert answer.json() == {"added": 0, "corrected": 1, "same": 0, "beside": 0}
    assert ServiceStatistic.objects.current().get().origin.name == "Shop B"


def test_the_names_of_a_source_hold_however_it_is_spelt(send, department, agent):
    ReadingSource.objects.create(department=department, kind="statistics", name="Shop B", names={"小林": "07"})
    assert send(STATISTICS, day(work_number="小林"), source="shop b").status_code == 200


def test_rows_beside_the_figures_of_other_sources_are_counted_in_the_answer(send, agent, colleague):
    send(STATISTICS, day(), source="Shop A")
    answer = send(STATISTICS, day(), day(work_number="02"), source="Shop B")
    assert answer.json() == {"added": 2, "corrected": 0, "same": 0, "beside": 1}


def refused(answer) -> dict:
    assert answer.status_code == 422, answer.content
    return answer.json()["fields"]


def test_times_that_no_calendar_has_are_refused(send, agent):
    for early in ("0001-01-01T00:00:00+14:00", "1999-12-31T10:00:00+08:00"):
        assert refused(send(ORDERS, placed(placed_at=early, paid_at=early))) == {
            "rows.0.placed_at": "There is no such time.",
            "rows.0.paid_at": "There is no such time.",
        }
    assert not Order.objects.exists()


def test_a_number_of_signs_that_cannot_be_seen_is_missing(send, agent):
    fields = refused(send(ORDERS, placed(number="\u200b\u200b", buyer="\u2060")))
    assert fields == {"rows.0.number": "This is missing.", "rows.0.buyer": "This is missing."}


def test_numbers_are_the_same_however_they_are_written(send, agent):
    send(ORDERS, placed(number="８８４１"))
    assert send(ORDERS, placed(number="'8841")).json() == {"added": 0, "corrected": 0, "same": 1, "beside": 0}
    assert Order.objects.get().number == "8841"


def test_a_count_comes_with_its_seconds(send, agent):
    assert refused(send(STATISTICS, day(calls=3))) == {
        "rows.0.talk_seconds": "This is missing, though there is a count for it."
    }
    assert send(STATISTICS, day(calls=0)).status_code == 200
    assert send(STATISTICS, day(rounds=9, rounds_in_time=4)).status_code == 200
