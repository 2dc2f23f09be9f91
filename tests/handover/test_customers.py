"""What is kept of a customer, who sees it whole, and how it looks to everybody else."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from handover import services
from handover.customers import masked, without_phones
from handover.models import Case, Handover, Order
from office import clock
from tests.factories import add_person
from tests.handover.conftest import TUESDAY, begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("handle", "shown"),
    [
        ("小鹿", "小***"),
        ("小梅花鹿", "小***鹿"),
        ("鹿", "***"),
        ("tb12345x", "t***x"),
        ("小鹿 tb88123x", "小*** t***x"),
        ("小鹿 t***8", "小鹿 t***8"),
        ("13812342207", "138****2207"),
        ("138 1234 2207", "138****2207"),
        ("0571-8812345", "057****2345"),
        ("8812345", "8****5"),
        ("订单 8841", "订*** 8***1"),
        ("", ""),
        (SCRIPT, "<***>"),
    ],
)
def test_a_handle_is_masked(handle, shown):
    assert masked(handle) == shown
    # Once masked it stays as it is.
    assert masked(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打 13812342207 找她", "打 138****2207 找她"),
        ("订单尾号 8841，10:30 前", "订单尾号 8841，10:30 前"),
        ("+86 138-1234-2207", "861****2207"),
    ],
)
def test_of_a_text_only_phones_are_hidden(text, shown):
    assert without_phones(text) == shown


@pytest.mark.parametrize(
    "phone",
    [
        "１３８１１１１２２２２",
        "①③⑧①①①①②②②②",
        "138.1111.2222",
        "138–1111–2222",
        "138/1111/2222",
        "138_1111_2222",
        "138·1111·2222",
        "138  1111  2222",
        "138 - 1111 - 2222",
        "138\u200b1111\u200b2222",
        "１３８．１１１１／２２２２",
        "（138）1111 2222",
    ],
)
def test_however_a_phone_is_written_its_middle_is_hidden(phone):
    assert masked(phone) == "138****2222"
    assert without_phones(f"打 {phone}，微信同号") == "打 138****2222，微信同号"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(0571)8812.3456", "057****3456"),
        ("0571/881/2345", "057****2345"),
        ("+852 9123.4567", "852****4567"),
        ("8841/138.1111.2222", "8841/138****2222"),
        ("2026-11-03 138.1111.2222", "2026-11-03 138****2222"),
        ("（13811112222）", "（138****2222）"),
    ],
)
def test_lines_and_phones_beside_other_figures_are_hidden_too(text, shown):
    assert without_phones(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "订单尾号 8841/8842",
        "补差 12999.00 元",
        "1,299.00 / 1399.00",
        "１２９９９．００ 元",
        "2026-11-03",
        "2026/11/03 10:30-18:00",
        "2026.11.03–2026.11.05",
        "11.03-11.05",
        "180×200×45",
        "３ 天内，①②③",
    ],
)
def test_what_is_no_phone_stays_as_it_was_written(text):
    assert without_phones(text) == text


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def kept(department, agent, colleague, write):
    """Three days of one customer: an order, a case, an entry of the register, an item."""
    now, day = clock.now(), timedelta(days=1)
    Order.objects.create(
        department=department,
        number="26111000012345",
        buyer="小梅花鹿",
        placed_at=now - 3 * day,
        paid_at=now - 3 * day,
        amount_fen=129_900,
        paid_fen=129_900,
        business_date=TUESDAY,
    )
    version = department.rulebook_versions.get()
    Case.objects.create(
        department=department,
        kind="complaint",
        rulebook_version=version,
        customer="小梅花鹿",
        phone="13812342207",
        text="送货晚了三天",
        came_at=now - 2 * day,
        business_date=TUESDAY,
        registered_by=colleague,
    )
    services.write_issue(author=agent.membership, category="problem", text="床板裂了", customer="小梅花鹿")
    return write(agent, "打 13812342207 约上门", customer="小梅花鹿", known="木板已寄出")


class TestTheHistory:
    def test_everything_stands_there_newest_first(self, department, kept, supervisor, client_of):
        html = page(client_of(supervisor).get(url("customer", department, "小梅花鹿")))
        places = [html.index(text) for text in ("约上门", "床板裂了", "送货晚了三天", "26111000012345")]
        assert places == sorted(places) or (places[0] > places[1] and places[1:] == sorted(places[1:]))
        for text in ("小梅花鹿", "13812342207", "木板已寄出", "paid 1,299.00 yuan", "林晓彤"):
            assert text in html

    def test_who_deals_with_the_customer_sees_the_handle(self, department, kept, agent, client_of):
        html = page(client_of(agent).get(url("customer", department, "小梅花鹿")))
        assert "打 13812342207 约上门" in html
        assert "hidden in part" not in html

    def test_to_others_handle_and_phones_are_hidden_and_what_is_not_theirs_is_left_out(
        self, department, kept, finance, client_of
    ):
        html = page(client_of(finance).get(url("customer", department, "小梅花鹿")))
        assert "小***鹿" in html
        assert "138****2207" in html
        assert "13812342207" not in html
        for text in ("床板裂了", "送货晚了三天"):
            assert text not in html
        assert "26111000012345" in html

    def test_an_own_item_of_the_customer_shows_nothing_more_of_those_of_others(
        self, department, kept, supervisor, write, client_of
    ):
        other = add_person(department, name="何佳怡", work_number="33")
        begin_shift(other, "D")
        write(other, "问 13987654321", customer="小梅花鹿")
        html = page(client_of(other).get(url("customer", department, "小梅花鹿")))
        assert "问 13987654321" in html
        assert "打 138****2207 约上门" in html
        assert "13812342207" not in html

    def test_capitals_and_width_do_not_matter(self, department, agent, write, supervisor, client_of):
        write(agent, "回访甲", customer="TaoBao88")
        write(agent, "回访乙", customer="ｔａｏｂａｏ８８")
        write(agent, "回访丙", customer="taobao881")
        services.write_issue(author=agent.membership, category="problem", text="床板裂了", customer="taobao88")
        for handle in ("TAOBAO88", "ｔaobao８８"):
            html = page(client_of(supervisor).get(url("customer", department, handle)))
            for text in ("回访甲", "回访乙", "床板裂了"):
                assert text in html
            assert "回访丙" not in html

    def test_nothing_of_another_department_stands_there(
        self, department, other_department, kept, stranger, supervisor, client_of
    ):
        assert client_of(stranger).get(url("customer", department, "小梅花鹿")).status_code == 404
        html = page(client_of(stranger).get(url("customer", other_department, "小梅花鹿")))
        assert "Nothing is kept of this customer" in html

    @pytest.mark.parametrize(
        "handle", [SCRIPT, "a/b", "..", "../../accounts", "?q=x&y#z", "50%", "%2F", "小 鹿", "a\\b", "'\"", "+", ";x"]
    )
    def test_any_handle_has_an_address_and_is_shown_as_text(self, department, agent, write, client_of, handle):
        write(agent, "回访", customer=handle)
        client = client_of(agent)
        address = url("customer", department, handle)
        assert resolve(reverse("handover:customer", args=[department.code, "x"])).url_name == "customer"
        html = page(client.get(address))
        assert "回访" in html
        assert SCRIPT not in html
        listed = page(client.get(url("log", department)))
        assert f'href="{address.replace("&", "&amp;").replace(chr(39), "&#x27;")}"' in listed
        assert SCRIPT not in listed

    @pytest.mark.parametrize("written", ["%00", "a%00b", "%2500", "a%2500"])
    def test_a_sign_that_no_text_has_is_in_no_address(self, department, agent, client_of, written):
        assert client_of(agent).get(f"{url('customers', department)}{written}/").status_code == 404

    def test_an_item_for_the_customer_is_a_press_away(self, department, agent, client_of):
        html = page(client_of(agent).get(url("customer", department, "a&b=c")))
        assert f"{url('item_new', department)}?customer=a%26b%3Dc" in html

    def test_it_stands_by_day_and_thirty_to_a_page(self, department, agent, write, client_of):
        for number in range(31):
            write(agent, f"回访 {number}", customer="小梅花鹿")
        client, address = client_of(agent), url("customer", department, "小梅花鹿")
        first = client.get(address)
        assert "2026-11-10" in page(first)
        assert "Page 1 of 2" in page(first)
        (day,) = first.context["days"]
        assert len(day.entries) == 30
        assert "回访 0" in page(client.get(address, {"page": 2}))
        assert client.get(address, {"page": "x"}).status_code == 200

    def test_finished_follow_ups_are_folded(self, department, rulebook, agent, day_shift, client_of, kept):
        follow_up = rulebook.notebooks.follow_ups[0].code
        item = services.follow_up_item(order=Order.objects.get(), follow_up_code=follow_up, at=clock.now())
        services.finish_item(item=item, actor_membership=agent.membership)
        client, address = client_of(agent), url("customer", department, "小梅花鹿")
        response = client.get(address)
        assert "1 finished follow-up" in page(response)
        assert len(response.context["days"][0].settled) == 1

    def test_it_costs_the_same_with_1_and_30_of_each(self, department, kept, agent, write, client_of):
        client, address = client_of(agent), url("customer", department, "小梅花鹿")

        def queries() -> int:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            return len(captured)

        few = queries()
        for number in range(30):
            write(agent, f"回访 {number}", customer="小梅花鹿")
            services.write_issue(
                author=agent.membership, category="problem", text=f"问题 {number}", customer="小梅花鹿"
            )
        assert queries() == few <= 10


class TestLookingUp:
    def found(self, client, department, words=""):
        return [one.handle for one in client.get(url("customers", department), {"q": words}).context["found"]]

    def test_who_deals_with_all_customers_finds_by_a_part(self, department, kept, supervisor, client_of):
        client = client_of(supervisor)
        assert self.found(client, department, "梅花") == ["小梅花鹿"]
        assert self.found(client, department) == ["小梅花鹿"]
        assert self.found(client, department, "%") == []

    def test_ones_own_are_found_by_a_part_and_others_by_the_whole_handle(
        self, department, kept, agent, finance, client_of
    ):
        assert self.found(client_of(agent), department, "梅花") == ["小梅花鹿"]
        assert self.found(client_of(finance), department, "梅花") == []
        assert self.found(client_of(finance), department, "小梅花鹿") == ["小梅花鹿"]
        assert "by nothing less" in page(client_of(finance).get(url("customers", department), {"q": "梅花"}))

    @pytest.mark.parametrize("words", ["taobao88", "TAOBAO88", "ＴａｏBao８８"])
    def test_capitals_and_width_do_not_matter(self, department, agent, finance, supervisor, write, client_of, words):
        write(agent, "回访", customer="ＴaoBao88")
        for person in (agent, finance, supervisor):
            assert self.found(client_of(person), department, words) == ["ＴaoBao88"]
        for person in (agent, supervisor):
            assert self.found(client_of(person), department, words[:-1]) == ["ＴaoBao88"]
        assert self.found(client_of(finance), department, words[:-1]) == []

    def test_the_spellings_of_one_handle_are_one_customer(self, department, agent, supervisor, write, client_of):
        write(agent, "回访", customer="ＴaoBao88")
        write(agent, "回访", customer="taobao88")
        for words in ("", "taobao"):
            (found,) = client_of(supervisor).get(url("customers", department), {"q": words}).context["found"]
            assert found.count == 2

    def test_the_buyer_of_an_order_is_found_whatever_the_capitals(self, department, kept, supervisor, client_of):
        Order.objects.update(buyer="XiaoLu8")
        assert self.found(client_of(supervisor), department, "xiaolu8") == ["XiaoLu8"]
        assert "26111000012345" in page(client_of(supervisor).get(url("customer", department, "xiaolu8")))

    def test_it_costs_the_same_for_one_and_for_thirty(self, department, agent, write, client_of):
        client, address, counts = client_of(agent), url("customers", department), []
        for many in (1, 30):
            for number in range(many):
                write(agent, "回访", customer=f"ＴaoBao{many}{number}")
            client.get(address, {"q": "taobao"})
            with CaptureQueriesContext(connection) as captured:
                client.get(address, {"q": "taobao"})
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_entries_are_counted_over_all_notebooks(self, department, kept, supervisor, client_of):
        found = client_of(supervisor).get(url("customers", department)).context["found"]
        assert [one.count for one in found] == [4]

    def test_as_many_are_counted_as_stand_on_the_page(self, department, agent, colleague, write, day_shift, client_of):
        for number in range(3):
            write(colleague, f"回访 {number}", customer="小梅花鹿")
        write(agent, "回访", customer="小梅花鹿")
        client = client_of(agent)
        (found,) = client.get(url("customers", department)).context["found"]
        history = client.get(url("customer", department, "小梅花鹿")).context["history"]
        assert found.count == len(history.entries) == 4

    @pytest.mark.parametrize("words", ["x" * 81, "a\x00b", SCRIPT, "'; drop table", " "])
    def test_whatever_is_typed_is_answered(self, department, kept, agent, client_of, words):
        html = page(client_of(agent).get(url("customers", department), {"q": words}))
        assert SCRIPT not in html

    def test_a_stranger_looks_nobody_up(self, department, stranger, client_of, client):
        assert client_of(stranger).get(url("customers", department)).status_code == 404
        assert client.get(url("customers", department))["location"].startswith("/accounts/login/")


class TestOnCards:
    @pytest.fixture
    def handed(self, department, agent, day_shift, night_shift, write):
        item = write(agent, "打给她", customer="小梅花鹿", known="电话 13812342207")
        services.submit_handover(attendance=day_shift, actor=agent)
        return item

    @pytest.mark.parametrize("name", ["log", "item", "customer"])
    def test_who_is_asked_to_take_it_on_sees_the_customer_whole_before(
        self, department, handed, colleague, client_of, name
    ):
        of_what = {"log": [], "item": [handed.pk], "customer": ["小梅花鹿"]}[name]
        html = page(client_of(colleague).get(url(name, department, *of_what)))
        assert "小梅花鹿" in html
        assert "13812342207" in html

    def test_whom_it_is_meant_for_sees_the_customer_whole_off_duty_too(
        self, department, agent, colleague, write, client_of
    ):
        item = write(agent, "打给她", customer="小梅花鹿", meant_for=colleague.membership)
        assert "小梅花鹿" in page(client_of(colleague).get(url("item", department, item.pk)))

    def test_pressing_a_button_that_one_may_not_press_shows_nothing_more(self, department, handed, client_of):
        address = url("item_accept", department, handed.pk)
        other = add_person(department, work_number="33")
        answer = client_of(other).post(address, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert "小梅花鹿" not in answer.content.decode()

    def test_the_printed_handover_is_whole_for_giver_and_receivers(
        self, department, handed, agent, colleague, finance, client_of
    ):
        address = url("handover_print", department, Handover.objects.get().pk)
        receiver = add_person(department, name="何佳怡", work_number="33")
        begin_shift(receiver, "N")
        services.accept_item(item=handed, actor_membership=colleague.membership)
        for person in (agent, colleague, receiver):
            html = page(client_of(person).get(address))
            assert "小梅花鹿" in html
            assert "13812342207" in html
        assert "小梅花鹿" not in page(client_of(finance).get(address))

    @pytest.mark.parametrize("name", ["log", "log_print", "item"])
    def test_everywhere(self, department, handed, finance, supervisor, client_of, name):
        address = url(name, department, *([handed.pk] if name == "item" else []))
        html = page(client_of(finance).get(address))
        assert "小梅花鹿" not in html
        assert "13812342207" not in html
        assert "小梅花鹿" in page(client_of(supervisor).get(address))

    def test_a_due_day_far_away_still_fits(self, department, agent, write, client_of):
        far = datetime(2027, 3, 1, 9, 0, tzinfo=department.zone)
        write(agent, "年后回访", due_at=far)
        assert "2027-03-01 09:00" in page(client_of(agent).get(url("log", department)))
