"""The pages of orders, for each of the cast."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import ClaimState, Order, OrderClaim, OrderFact, OrderShare, Reading, ReadingKind, ReadingState
from handover.orders import WHOLE, standing
from handover.services import orders as services
from office import clock
from tests.handover.order_facts import BUYER, make_order
from tests.sheets import rows_of

REASON = "我在旺旺上谈的"


@pytest.fixture(autouse=True)
def second_of_november(department):
    with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=department.zone)) as moment:
        yield moment


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response, status=200) -> str:
    assert response.status_code == status
    return response.content.decode()


def attributed(department, number, **more) -> Order:
    made = make_order(department, number, **more)
    services.attribute(department=department, order_keys=[made.pk])
    made.refresh_from_db()
    return made


@pytest.fixture
def order(department):
    return attributed(department, "880012", remark="请尽快 13812345678")


@pytest.fixture
def claim(order, agent):
    return services.claim_order(order=order, membership=agent.membership, reason=REASON)


class TestTheList:
    def get(self, department, client, **query):
        return client.get(url("orders", department), {"month": "2026-10"} | query)

    def numbers(self, response) -> list[str]:
        return [line.order.number for line in response.context["lines"]]

    def test_shows_whose_each_is_and_what_is_wrong(self, department, order, agent, client_of):
        attributed(department, "880013", remark="07", flag="red")
        html = page(self.get(department, client_of(agent)))
        assert "07 林晓彤" in html
        assert "Nobody named in the remark" in html

    def test_can_be_filtered_by_all_that_matters(self, department, order, agent, colleague, client_of):
        client = client_of(agent)
        attributed(department, "880013", remark="07", flag="red")
        attributed(department, "880014", remark="02", flag="green")
        attributed(department, "990015", placed="2026-09-30 10:00")
        for query, found in [
            ({}, ["880012", "880013", "880014"]),
            ({"month": "2026-09"}, ["990015"]),
            ({"month": "all"}, ["880012", "880013", "880014", "990015"]),
            ({"member": agent.membership.pk}, ["880013"]),
            ({"how": "none"}, ["880012", "880014"]),
            ({"fault": "wrong_flag"}, ["880014"]),
            ({"flag": "red"}, ["880013"]),
            ({"flag": "none"}, ["880012"]),
            ({"q": "0014"}, ["880014"]),
            ({"q": "尽快"}, ["880012"]),
            ({"member": "x", "fault": "y", "flag": "z", "how": "?"}, ["880012", "880013", "880014"]),
        ]:
            assert sorted(self.numbers(self.get(department, client, **query))) == found, query

    @pytest.mark.parametrize("month", ["abc", "2026-13", "1999-12"])
    def test_of_what_is_no_month_there_is_none(self, department, order, agent, client_of, month):
        assert self.get(department, client_of(agent), month=month).status_code == 404

    def test_a_buyer_is_masked_for_who_does_not_need_the_handle(self, department, order, agent, leader, client_of):
        attributed(department, "880013", remark="07", flag="red", buyer="大象 e5678")
        html = page(self.get(department, client_of(agent)))
        assert BUYER not in html
        assert "大象 e5678" in html
        assert "13812345678" not in html
        assert BUYER in page(self.get(department, client_of(leader)))

    def test_who_may_not_read_a_handle_does_not_find_by_parts_of_it(self, department, order, agent, leader, client_of):
        assert self.numbers(self.get(department, client_of(agent), q="t123")) == []
        assert self.numbers(self.get(department, client_of(agent), q=BUYER)) == ["880012"]
        assert self.numbers(self.get(department, client_of(leader), q="t123")) == ["880012"]

    def test_the_file_masks_as_the_page_does(self, department, order, agent, leader, client_of):
        heads, row = rows_of(self.get(department, client_of(agent), export="xlsx").content)
        assert row[heads.index("Buyer")] != BUYER
        assert row[heads.index("What is wrong")] == "Nobody named in the remark"
        assert "13812345678" not in "".join(map(str, row))
        assert BUYER in rows_of(self.get(department, client_of(leader), export="xlsx").content)[1]

    def test_with_nothing_it_says_what_comes_here(self, department, agent, client_of):
        assert "once they are read in" in page(client_of(agent).get(url("orders", department)))


class TestUntagged:
    def get(self, department, client, month="2026-10", **query):
        return client.get(url("untagged", department, month), query)

    def test_says_how_many_how_much_and_how_long(self, department, order, agent, client_of):
        attributed(department, "880013", fen=12_345_600)
        attributed(department, "880014", paid=False)
        html = page(self.get(department, client_of(agent)))
        assert "123,555.00" in html
        assert "<b>4</b>days, until 11-05" in html
        assert "880014" not in html

    def test_now_leads_to_the_month_that_closes_next(self, department, agent, client_of):
        client = client_of(agent)
        assert client.get(url("untagged_now", department)).url == "/d/desk/orders/untagged/2026-10/"
        with clock.at(datetime(2026, 11, 6, 9, 0, tzinfo=department.zone)):
            assert client.get(url("untagged_now", department)).url == "/d/desk/orders/untagged/2026-11/"

    def test_mine_claims_it(self, department, order, agent, client_of):
        client = client_of(agent)
        answer = client.post(url("order_claim", department, order.pk), {"reason": REASON, "page": "2"})
        assert answer.url == "/d/desk/orders/untagged/2026-10/?page=2"
        assert OrderClaim.objects.get().reason == REASON
        html = page(self.get(department, client))
        assert "You claim it" in html
        # Who claims it deals with the buyer.
        assert BUYER in html

    def test_without_a_reason_the_page_of_the_order_asks_for_it(self, department, order, agent, client_of):
        html = page(client_of(agent).post(url("order_claim", department, order.pk), {"reason": " "}), 422)
        assert "This field is required" in html
        assert not OrderClaim.objects.exists()

    def test_after_the_last_day_there_is_no_button(self, department, order, agent, client_of):
        with clock.at(datetime(2026, 11, 6, 9, 0, tzinfo=department.zone)):
            html = page(self.get(department, client_of(agent)))
            assert "Claims closed" in html
            assert "Claim it" not in html
            answer = client_of(agent).post(url("order_claim", department, order.pk), {"reason": REASON})
            assert "can no longer be claimed" in page(answer, 422)

    def test_colleagues_see_who_claims_it_and_who_decides_gets_buttons(
        self, department, claim, colleague, leader, client_of
    ):
        html = page(self.get(department, client_of(colleague)))
        assert "07 林晓彤 claims it" in html
        assert "Confirm" not in html
        html = page(self.get(department, client_of(leader)))
        assert url("claim_confirm", department, claim.pk) in html
        assert REASON in html

    def test_whose_own_claim_waits_is_sent_to_another_decider(self, department, order, leader, supervisor, client_of):
        own = services.claim_order(order=order, membership=leader.membership, reason=REASON)
        html = page(self.get(department, client_of(leader)))
        assert url("claim_confirm", department, own.pk) not in html
        assert "You claim it" in html
        html = page(client_of(leader).get(url("order", department, order.pk)))
        assert url("claim_confirm", department, own.pk) not in html
        assert "Put it right" not in html
        answer = client_of(leader).post(url("claim_confirm", department, own.pk))
        assert "This is about you" in page(answer, 422)

    def test_the_only_decider_decides_on_the_page_of_the_order(self, department, order, leader, client_of):
        own = services.claim_order(order=order, membership=leader.membership, reason=REASON)
        html = page(client_of(leader).get(url("order", department, order.pk)))
        assert url("claim_confirm", department, own.pk) in html

    def test_the_file_says_who_claims_it(self, department, claim, leader, client_of):
        heads, row = rows_of(self.get(department, client_of(leader), export="xlsx").content)
        assert row[heads.index("Claimed by")] == "07 林晓彤"

    def test_only_who_is_on_a_roster_is_asked_whether_it_is_theirs(
        self, department, order, agent, leader, supervisor, client_of
    ):
        for person, asked, decides in ((agent, True, False), (leader, True, True), (supervisor, False, True)):
            html = page(client_of(person).get(url("untagged", department, "2026-10")))
            assert ("Mine…" in html, "Decide…" in html) == (asked, decides), person
            html = page(client_of(person).get(url("order", department, order.pk)))
            assert ("Mine…" in html, "Say whose it is, or split it" in html) == (asked, decides), person
            if asked and decides:
                assert html.index("Say whose it is, or split it") < html.index("Mine…")

    def test_a_month_that_has_not_begun_says_so(self, department, agent, client_of):
        html = page(client_of(agent).get(url("untagged", department, "2026-12")))
        assert "This month has not begun yet." in html
        assert "Every paid order of this month" not in html

    def test_with_nothing_untagged_it_says_so(self, department, agent, client_of):
        assert "No untagged orders" in page(self.get(department, client_of(agent)))


class TestClaims:
    def test_are_taken_back_by_oneself(self, department, claim, agent, colleague, client_of):
        address = url("claim_withdraw", department, claim.pk)
        assert client_of(colleague).post(address).status_code == 403
        assert client_of(agent).post(address).url == "/d/desk/orders/untagged/2026-10/"
        claim.refresh_from_db()
        assert claim.state == ClaimState.WITHDRAWN
        assert "already been decided" in page(client_of(agent).post(address), 422)

    def test_are_confirmed(self, department, order, claim, leader, client_of):
        answer = client_of(leader).post(url("claim_confirm", department, claim.pk), {"from": "order"})
        assert answer.url == url("order", department, order.pk)
        assert OrderShare.objects.get().parts == WHOLE

    def test_are_refused_with_a_reason(self, department, claim, leader, agent, client_of):
        address = url("claim_refuse", department, claim.pk)
        assert "This field is required" in page(client_of(leader).post(address, {"reason": ""}), 422)
        assert client_of(leader).post(address, {"reason": "不是"}).status_code == 302
        claim.refresh_from_db()
        assert (claim.state, claim.decision) == (ClaimState.REFUSED, "不是")
        html = page(client_of(agent).get(url("order", department, claim.order_id)))
        assert "陈思雨: 不是" in html


class TestOneOrder:
    def split(self, order, *people, reason="各半", **more):
        data = {"seen": standing(order.attribution, {}), "reason": reason}
        for row, (person, share) in enumerate(people):
            data |= {f"member_{row}": person and person.membership.pk, f"share_{row}": share}
        return data | more

    def test_shares_are_offered_to_those_who_serve(self, department, order, agent, leader, supervisor, client_of):
        offered = client_of(supervisor).get(url("order", department, order.pk)).context["decide_form"].members
        assert {member.user for member in offered.values()} == {agent, leader}

    def test_is_split_by_who_decides(self, department, order, claim, agent, colleague, leader, client_of):
        data = self.split(order, (agent, "66.67"), (colleague, "33.33"), ("", ""))
        answer = client_of(leader).post(url("order_decide", department, order.pk), data)
        assert answer.status_code == 302
        html = page(client_of(agent).get(url("order", department, order.pk)))
        assert "66.67 %" in html
        # 99.00 yuan: what cannot be divided goes to the first, by work number.
        assert ("33.00 yuan" in html, "66.00 yuan" in html) == (True, True)

    @pytest.mark.parametrize(
        ("shares", "says"),
        [
            (("60", "30"), "must add up"),
            (("100", "0"), "greater than or equal to 0.01"),
            (("100", ""), "How much is theirs?"),
            (("1e400", "1"), "Ensure that"),
            (("NaN", "1"), "Enter a number"),
        ],
    )
    def test_shares_that_do_not_fit_come_back(
        self, shares, says, department, order, agent, colleague, leader, client_of
    ):
        data = self.split(order, (agent, shares[0]), (colleague, shares[1]))
        html = page(client_of(leader).post(url("order_decide", department, order.pk), data), 422)
        assert says in html
        assert not OrderShare.objects.exists()

    def test_so_do_people_named_twice_or_not_at_all(self, department, order, agent, leader, client_of):
        address, client = url("order_decide", department, order.pk), client_of(leader)
        assert "here twice" in page(client.post(address, self.split(order, (agent, "50"), (agent, "50"))), 422)
        assert "Whose share is this" in page(client.post(address, self.split(order, ("", "100"))), 422)
        assert "must add up" in page(client.post(address, self.split(order)), 422)
        assert client.post(address, {}).status_code == 422
        assert client.post(address, self.split(order, member_0="999999", share_0="100")).status_code == 422

    def test_the_second_of_two_who_decide_is_told(self, department, order, agent, colleague, leader, client_of):
        data = self.split(order, (colleague, "100"))
        services.decide_order(order=order, actor=leader, parts={agent.membership: WHOLE}, reason="先")
        html = page(client_of(leader).post(url("order_decide", department, order.pk), data), 422)
        assert "meanwhile" in html

    def test_an_agent_reads_it_and_decides_nothing(self, department, order, agent, client_of):
        assert "Say whose it is" not in page(client_of(agent).get(url("order", department, order.pk)))
        answer = client_of(agent).post(url("order_decide", department, order.pk), self.split(order, (agent, "100")))
        assert answer.status_code == 403

    def test_of_another_department_does_not_exist(self, department, order, claim, stranger, client_of):
        client = client_of(stranger)
        for address in (
            url("order", department, order.pk),
            f"/d/next-door/orders/{order.pk}/",
            f"/d/next-door/orders/claims/{claim.pk}/confirm/",
        ):
            answer = client.post(address) if "confirm" in address else client.get(address)
            assert answer.status_code == 404

    def test_shows_what_each_reading_said(self, department, order, agent, leader, client_of):
        reading = Reading.objects.create(
            department=department, kind=ReadingKind.ORDERS, name="十月.xlsx", digest="0" * 64, state=ReadingState.DONE
        )
        for facts in (
            {"buyer": BUYER, "paid_fen": 9900, "flag": "", "without_asking": False, "paid_at": None},
            {"buyer": BUYER, "paid_fen": 9800, "flag": "red", "paid_at": "2026-10-20T06:03:00+00:00"},
        ):
            OrderFact.objects.create(order=order, reading=reading, facts=facts)
        html = page(client_of(leader).get(url("order", department, order.pk)))
        assert "十月.xlsx" in html
        assert "<del>99.00</del> → 98.00" in html
        assert "2026-10-20 14:03" in html
        assert BUYER in html
        assert BUYER not in page(client_of(agent).get(url("order", department, order.pk)))


def test_what_people_wrote_is_shown_as_text(department, agent, leader, client_of):
    order = attributed(department, "880012", buyer="<script>alert(1)</script>", remark="<b>07</b>")
    services.claim_order(order=order, membership=agent.membership, reason="<img src=x>")
    for address in (
        url("orders", department) + "?month=2026-10",
        url("untagged", department, "2026-10"),
        url("order", department, order.pk),
    ):
        html = page(client_of(leader).get(address))
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
        assert "<b>07</b>" not in html


@pytest.mark.parametrize("name", ["orders", "untagged", "order"])
@pytest.mark.parametrize("who", ["agent", "leader"])
def test_pages_take_as_many_queries_for_thirty_as_for_one(
    name, who, department, agent, colleague, leader, supervisor, client_of
):
    client = client_of({"agent": agent, "leader": leader}[who])

    def fill(start, count):
        reading = Reading.objects.create(
            department=department, kind=ReadingKind.ORDERS, name="x", digest=f"{start:064}", state=ReadingState.DONE
        )
        for number in range(start, start + count):
            order = attributed(department, f"88{number}")
            OrderFact.objects.create(order=order, reading=reading, facts={"buyer": BUYER, "paid_fen": number})
            for person in (agent, colleague):
                services.claim_order(order=order, membership=person.membership, reason=REASON)
            tagged = attributed(department, f"99{number}", remark="07", flag="red")
        return tagged if number % 2 else order

    def queries(order):
        address = {
            "orders": url("orders", department) + "?month=2026-10",
            "untagged": url("untagged", department, "2026-10"),
            "order": url("order", department, order.pk),
        }[name]
        page(client.get(address))
        with CaptureQueriesContext(connection) as captured:
            page(client.get(address))
        return len(captured)

    few = queries(fill(0, 1))
    assert queries(fill(1, 30)) == few <= 10
