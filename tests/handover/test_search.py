"""Searching the notebooks: what is found, for whom, in which period, on both engines."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.models import Issue, SearchKind, SearchText
from handover.pages.search import A_PAGE, marked, search
from handover.services import write_issue, write_item
from handover.services.search import index
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
    return [str(hit.text) for hit in found.hits]


def test_a_word_of_two_characters_is_found_in_every_notebook_newest_first(written, department, leader):
    found = search(department, leader, "退款")
    assert [hit.kind for hit in found.hits] == ["Handover log", "Issue register", "Issue register"]
    assert texts(found)[0] == "给小鹿<mark>退款</mark>"


def test_an_agent_finds_the_own_entries_and_the_whole_log(written, department, agent):
    assert [hit.who for hit in search(department, agent, "退款").hits] == ["王浩然", "林晓彤"]


def test_all_words_must_be_there(written, department, leader):
    assert len(search(department, leader, "退款 仓库").hits) == 1
    assert search(department, leader, "退款 沙发").hits == []


def test_the_pairs_of_a_longer_word_must_stand_together(department, rulebook, leader, at):
    category = rulebook.notebooks.issue_register.categories[0].code
    with at("2026-11-02 10:00"):
        write_issue(author=leader.membership, category=category, text="要求换货，求退货，退款")
    assert search(department, leader, "要求退款").hits == []
    assert len(search(department, leader, "求退").hits) == 1


@pytest.mark.parametrize("words", ["8841", "884", "50%", "浅灰"])
def test_numbers_signs_and_the_other_texts_are_searched_too(written, department, leader, words):
    assert len(search(department, leader, words).hits) == 1


@pytest.mark.parametrize("words", ["'", "退款' OR '1", "u9000", "(", "AND", "退款 AND", "!", "* | &", '"退款"'])
def test_no_words_are_taken_for_a_query(written, department, leader, words):
    search(department, leader, words)


def test_the_period_and_the_notebook_narrow_it(written, department, leader):
    day = date(2026, 11, 3)
    assert len(search(department, leader, "退款", first=day, last=day).hits) == 1
    assert len(search(department, leader, "退款", first=day).hits) == 2
    assert len(search(department, leader, "退款", kind=SearchKind.ITEM).hits) == 1


def test_another_department_is_not_searched(written, department, other_department, stranger):
    assert search(other_department, stranger, "退款").hits == []


def test_older_ones_are_on_the_next_page_and_none_is_shown_twice(department, rulebook, leader, at):
    category = rulebook.notebooks.issue_register.categories[0].code
    with at("2026-11-02 10:00"):
        for number in range(A_PAGE + 3):
            write_issue(author=leader.membership, category=category, text=f"退款 {number}")
    first = search(department, leader, "退款")
    second = search(department, leader, "退款", before=int(first.older))
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
            search(department, leader, "退款")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_what_is_found_is_marked_and_what_was_typed_is_text():
    assert marked("<b>退款</b>", ["退款"]) == "&lt;b&gt;<mark>退款</mark>&lt;/b&gt;"
    assert marked("Ab aB", ["ab"]) == "<mark>Ab</mark> <mark>aB</mark>"


def test_an_entry_whose_row_is_gone_from_sight_is_passed_over(department, leader):
    gone = Issue(pk=10**9, department=department, text="退款")
    index(kind=SearchKind.ISSUE, row=gone, membership=None, business_date=date(2026, 11, 2))
    assert SearchText.objects.holding("退款").count() == 1
    assert search(department, leader, "退款").hits == []


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
