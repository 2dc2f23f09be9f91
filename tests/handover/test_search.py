"""Searching the notebooks: what is found, for whom, in which period, on both engines."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import HandoverItem, Issue, SearchKind, SearchText
from handover.pages.search import A_PAGE, LOOKED_AT, Reader, issues_holding, marked, search
from handover.services import note_item, write_issue, write_item
from handover.services.search import index, index_again
from people.models import Role
from tests.factories import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(department, rulebook, agent, colleague, at):
    """Two entries of the register and an item of the log, each on a day of its own."""
    category = rulebook.notebooks.issue_register.categories[0].code
    kind = next(kind for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
    with at("2026-11-02 10:00"):
        write_issue(author=agent.membership, category=category, text="顾客要求退款，仓库未发货")
    with at("2026-11-03 10:00"):
        write_issue(author=colleague.membership, category=category, text="退款页面打不开 <b>50%</b>", about="8841")
    with at("2026-11-04 10:00"):
        write_item(author=colleague.membership, kind=kind.code, to_do="给小鹿退款", known="浅灰色")


def texts(found) -> list[str]:
    return [str(hit.title) for hit in found.hits]


def test_a_word_of_two_characters_is_found_in_every_notebook_newest_first(written, department, leader):
    found = search(department, Reader(leader), "退款")
    assert [hit.kind for hit in found.hits] == ["Handover log", "Issue register", "Issue register"]
    assert texts(found)[0] == "给小鹿<mark>退款</mark>"


def test_an_agent_finds_the_own_entries_and_the_whole_log(written, department, agent):
    assert [hit.who for hit in search(department, Reader(agent), "退款").hits] == ["王浩然", "林晓彤"]


def test_all_words_must_be_there(written, department, leader):
    assert len(search(department, Reader(leader), "退款 仓库").hits) == 1
    assert search(department, Reader(leader), "退款 沙发").hits == []


def test_the_pairs_of_a_longer_word_must_stand_together(department, rulebook, leader, at):
    category = rulebook.notebooks.issue_register.categories[0].code
    with at("2026-11-02 10:00"):
        write_issue(author=leader.membership, category=category, text="要求换货，求退货，退款")
    assert search(department, Reader(leader), "要求退款").hits == []
    assert len(search(department, Reader(leader), "求退").hits) == 1


@pytest.mark.parametrize("words", ["8841", "884", "50%", "浅灰"])
def test_numbers_signs_and_the_other_texts_are_searched_too(written, department, leader, words):
    assert len(search(department, Reader(leader), words).hits) == 1


@pytest.mark.parametrize("words", ["'", "退款' OR '1", "u9000", "(", "AND", "退款 AND", "!", "* | &", '"退款"'])
def test_no_words_are_taken_for_a_query(written, department, leader, words):
    search(department, Reader(leader), words)


def test_the_period_and_the_notebook_narrow_it(written, department, leader):
    day = date(2026, 11, 3)
    assert len(search(department, Reader(leader), "退款", first=day, last=day).hits) == 1
    assert len(search(department, Reader(leader), "退款", first=day).hits) == 2
    assert len(search(department, Reader(leader), "退款", kind=SearchKind.ITEM).hits) == 1


def test_another_department_is_not_searched(written, department, other_department, stranger):
    assert search(other_department, Reader(stranger), "退款").hits == []


def test_older_ones_are_on_the_next_page_and_none_is_shown_twice(department, rulebook, leader, at):
    category = rulebook.notebooks.issue_register.categories[0].code
    with at("2026-11-02 10:00"):
        for number in range(A_PAGE + 3):
            write_issue(author=leader.membership, category=category, text=f"退款 {number}")
    first = search(department, Reader(leader), "退款")
    second = search(department, Reader(leader), "退款", before=int(first.older))
    assert (len(first.hits), len(second.hits), second.older) == (A_PAGE, 3, "")
    assert not {hit.url for hit in first.hits} & {hit.url for hit in second.hits}


def test_it_costs_the_same_for_one_hit_and_for_many(department, rulebook, leader, at):
    category = rulebook.notebooks.issue_register.categories[0].code
    counts = []
    for many in (1, 20):
        with at("2026-11-02 10:00"):
            for number in range(many):
                write_issue(author=leader.membership, category=category, text=f"退款 {number}")
        with CaptureQueriesContext(connection) as queries:
            search(department, Reader(leader), "退款")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_what_is_found_is_marked_and_what_was_typed_is_text():
    assert marked("<b>退款</b>", ["退款"]) == "&lt;b&gt;<mark>退款</mark>&lt;/b&gt;"
    assert marked("Ab aB", ["ab"]) == "<mark>Ab</mark> <mark>aB</mark>"


def test_an_entry_whose_row_is_gone_from_sight_is_passed_over(department, leader):
    gone = Issue(pk=10**9, department=department, text="退款")
    index(kind=SearchKind.ISSUE, row=gone, membership=None, business_date=date(2026, 11, 2))
    assert SearchText.objects.holding("退款").count() == 1
    assert search(department, Reader(leader), "退款").hits == []


def test_a_hit_shows_what_is_to_be_done_its_state_and_the_text_that_holds_the_word(written, department, leader):
    [hit] = search(department, Reader(leader), "浅灰").hits
    assert (str(hit.title), hit.state, str(hit.excerpt)) == ("给小鹿退款", "With 王浩然", "<mark>浅灰</mark>色")
    [hit] = search(department, Reader(leader), "小鹿").hits
    assert str(hit.excerpt) == ""


def test_a_long_entry_shows_its_first_words_and_those_around_the_word(department, rulebook, leader, at):
    with at("2026-11-02 10:00"):
        write_issue(author=leader.membership, category="problem", text="问题" * 60 + "退款" + "答" * 200)
    [hit] = search(department, Reader(leader), "退款").hits
    assert str(hit.title) == "问题" * 40 + "…"
    assert str(hit.excerpt).startswith("…问题问题")
    assert "<mark>退款</mark>答答" in str(hit.excerpt)


def test_what_was_added_to_a_row_is_found_and_the_rest_still_is(written, department, leader):
    item = HandoverItem.objects.get()
    item.fallback = "改约周六"
    item.save(update_fields=["fallback"])
    for _time in range(2):
        index_again(kind=SearchKind.ITEM, row=item)
        for words in ("周六", "浅灰", "小鹿"):
            assert len(search(department, Reader(leader), words).hits) == 1
    item.fallback = "改约周日"
    index_again(kind=SearchKind.ITEM, row=item)
    assert [SearchText.objects.holding(words).count() for words in ("周六", "周日", "浅灰")] == [0, 1, 1]


def test_what_a_note_fills_in_is_found(department, rulebook, agent, leader, at):
    kind = next(kind for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
    with at("2026-11-02 10:00"):
        item = write_item(author=agent.membership, kind=kind.code, to_do="回访")
        note_item(item=item, actor_membership=agent.membership, known="木板已寄出")
    assert len(search(department, Reader(leader), "木板").hits) == 1


@pytest.fixture
def kind_code(rulebook) -> str:
    return next(kind.code for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)


class TestCustomersOfOthers:
    """Found and shown as on every other page: no part of a handle, and nothing of a phone number."""

    @pytest.fixture
    def item(self, department, rulebook, colleague, at):
        kind = next(kind for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
        with at("2026-11-02 10:00"):
            return write_item(
                author=colleague.membership,
                kind=kind.code,
                to_do="回访",
                customer="小梅花鹿2026",
                known="电话 138 1234-2207，微信同号",
                fallback="打１３９１２３４５６７８",
            )

    @pytest.mark.parametrize("words", ["小梅", "梅花鹿", "2026", "1234", "234-2207", "回访 小梅", "9123", "912345"])
    def test_are_not_found_by_a_fragment(self, department, item, agent, colleague, words):
        assert search(department, Reader(agent), words).hits == []
        assert len(search(department, Reader(colleague), words).hits) == 1
        assert len(search(department, Reader(agent, sees_all=True), words).hits) == 1

    @pytest.mark.parametrize("words", ["小梅花鹿2026", "回访 小梅花鹿2026", "小梅花鹿2026 微信"])
    def test_are_found_by_the_whole_handle_and_shown_masked(self, department, item, agent, words):
        [hit] = search(department, Reader(agent), words).hits
        assert "小梅花鹿" not in f"{hit}"

    def test_with_the_whole_handle_alone_the_masked_one_is_shown(self, department, item, agent):
        assert str(search(department, Reader(agent), "小梅花鹿2026").hits[0].excerpt) == "小***6"

    def test_phones_are_masked_in_what_is_shown(self, department, item, agent, colleague):
        assert "138****2207" in search(department, Reader(agent), "微信").hits[0].excerpt
        assert "138 1234-2207" in search(department, Reader(colleague), "微信").hits[0].excerpt

    @pytest.mark.parametrize("phone", ["138.1111.2222", "138–1111–2222", "（138）1111 2222", "１３８_1111_2222"])
    def test_no_part_of_a_phone_is_found_however_it_is_written(
        self, department, agent, colleague, kind_code, phone, at
    ):
        with at("2026-11-02 10:00"):
            write_item(author=colleague.membership, kind=kind_code, to_do="回访", known=f"打 {phone}")
        for words in ("1111", "2222", "138"):
            hits = search(department, Reader(agent), words).hits
            assert "1111" not in f"{hits}"
            assert (words == "1111") <= (hits == [])
            assert len(search(department, Reader(colleague), words).hits) == 1

    def test_whoever_may_accept_it_sees_the_customer(self, department, item, agent, on_shift, at):
        HandoverItem.objects.filter(pk=item.pk).update(owner=None, in_queue=True)
        with at("2026-11-10 16:30"):
            shift = on_shift(agent, "N")
            assert search(department, Reader(agent), "梅花").hits == []
            assert len(search(department, Reader(agent, attendance=shift), "梅花").hits) == 1

    def test_it_is_the_same_in_the_register(self, department, agent, leader, at):
        text = "顾客电话 13812342207 打不通"
        with at("2026-11-02 10:00"):
            write_issue(
                author=leader.membership, category="problem", text=text, about="单号 26111000012345", customer="小鹿"
            )
        # Whoever handles the register without another right that shows customers.
        SearchText.objects.update(membership=agent.membership)
        for words in ("1234", "1000", "小鹿花"):
            assert search(department, Reader(agent), words).hits == []
        assert "138****2207" in f"{search(department, Reader(agent), '打不通').hits}"
        assert len(search(department, Reader(leader), "1234").hits) == 1

    def test_the_newest_may_hold_nothing_and_older_ones_something(self, department, rulebook, agent, colleague, at):
        kind = next(kind for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
        with at("2026-11-02 10:00"):
            write_item(author=agent.membership, kind=kind.code, to_do="回访", customer="小鹿")
            for _number in range(LOOKED_AT):
                write_item(author=colleague.membership, kind=kind.code, to_do="回访", customer="小鹿鹿")
        newest = search(department, Reader(agent), "小鹿")
        assert newest.hits == []
        assert len(search(department, Reader(agent), "小鹿", before=int(newest.older)).hits) == 1


class TestTheListOfTheRegister:
    """Its words find what a search through the notebooks finds, among the entries that it lists."""

    @pytest.fixture
    def entries(self, department, leader, agent, at):
        with at("2026-11-02 10:00"):
            text = "要求换货，电话 13812342207"
            theirs = write_issue(
                author=leader.membership, category="problem", text=text, about="8841", customer="小梅花鹿"
            )
            own = write_issue(author=agent.membership, category="problem", text="求换色", customer="小梅花")
        return theirs, own

    def found(self, department, reader, words) -> set[int]:
        return set(issues_holding(Issue.objects.all(), department, reader, words).values_list("pk", flat=True))

    def test_who_sees_every_customer_finds_everything(self, department, entries, leader):
        theirs, own = (entry.pk for entry in entries)
        reader = Reader(leader, sees_all=True)
        for words, keys in [
            ("求换", {theirs, own}),
            ("要求换货", {theirs}),
            ("要换", set()),
            ("8841", {theirs}),
            ("1234", {theirs}),
            ("梅花", {theirs, own}),
            ("求换 梅花鹿", {theirs}),
            ("x", set()),
            (" ", {theirs, own}),
        ]:
            assert self.found(department, reader, words) == keys, words

    def test_others_find_in_the_entries_of_colleagues_no_part_of_a_customer(self, department, entries, agent):
        theirs, own = (entry.pk for entry in entries)
        reader = Reader(agent)
        for words, keys in [
            ("求换", {theirs, own}),
            ("1234", set()),
            ("138", set()),
            ("①③⑧", set()),
            ("梅花", {own}),
            ("小梅花鹿", {theirs}),
            ("求换 小梅花鹿", {theirs}),
        ]:
            assert self.found(department, reader, words) == keys, words

    def test_the_page_finds_by_it(self, department, entries, leader, client_of):
        shown = client_of(leader).get(f"/d/{department.code}/issues/", {"q": "梅花鹿"}).content.decode()
        assert "要求换货" in shown
        assert "求换色" not in shown


class TestThePage:
    @pytest.fixture
    def page(self, department):
        return f"/d/{department.code}/search/"

    def test_says_how_to_begin(self, page, agent, client_of):
        assert "Two characters are enough" in client_of(agent).get(page).content.decode()

    def test_shows_what_was_found_and_keeps_the_words(self, written, page, leader, client_of):
        html = client_of(leader).get(page, {"q": "退款", "kind": "issue"}).content.decode()
        assert html.count("<mark>退款</mark>") == 2
        assert 'value="退款"' in html
        assert "<b>50%" not in html

    def test_customers_of_others_are_masked_on_it(self, page, rulebook, colleague, agent, leader, client_of, at):
        kind = next(kind for kind in rulebook.notebooks.handover_log.kinds if not kind.needs_due_time)
        with at("2026-11-02 10:00"):
            facts = {"kind": kind.code, "to_do": "打 13812342207", "customer": "小梅花鹿"}
            write_item(author=colleague.membership, **facts)
        assert "梅花" not in client_of(agent).get(page, {"q": "138"}).content.decode()
        assert "138****2207" in client_of(agent).get(page, {"q": "小梅花鹿"}).content.decode()
        assert "13812342207" in client_of(leader).get(page, {"q": "小梅花"}).content.decode().replace("<mark>", "")

    def test_it_costs_the_same_for_one_hit_and_for_many(self, page, agent, rulebook, client_of, at):
        client, counts = client_of(agent), []
        for many in (1, 20):
            with at("2026-11-02 10:00"):
                for number in range(many):
                    write_issue(author=agent.membership, category="problem", text=f"退款 {number}")
            client.get(page, {"q": "退款"})
            with CaptureQueriesContext(connection) as queries:
                client.get(page, {"q": "退款"})
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 14

    def test_nothing_found_says_what_to_try(self, written, page, leader, client_of):
        assert "Try fewer words" in client_of(leader).get(page, {"q": "沙发"}).content.decode()

    @pytest.mark.parametrize(
        "query", [{"first": "yesterday"}, {"kind": "fund"}, {"q": "x" * 61}, {"before": "-1"}, {"before": "9" * 30}]
    )
    def test_what_cannot_be_asked_is_refused_in_words(self, page, agent, client_of, query):
        response = client_of(agent).get(page, {"q": "退款"} | query)
        assert response.status_code == 422

    def test_a_period_in_the_wrong_order_is_refused_at_the_last_day(self, page, agent, client_of):
        query = {"q": "退款", "first": "2026-11-03", "last": "2026-11-02"}
        assert "before the first day" in client_of(agent).get(page, query).content.decode()

    def test_a_stranger_finds_no_such_page(self, page, stranger, client_of):
        assert client_of(stranger).get(page, {"q": "退款"}).status_code == 404

    def test_its_own_and_nobody_elses_for_a_newcomer_of_today(self, written, page, department, client_of):
        newcomer = add_person(department, roles=[Role.AGENT], from_day=department.today() - timedelta(days=1))
        html = client_of(newcomer).get(page, {"q": "退款"}).content.decode()
        assert html.count("<mark>") == 1
