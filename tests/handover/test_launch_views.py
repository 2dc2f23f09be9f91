"""The pages of launches and their quiz, for each of the cast."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import Attempt, Launch, Question
from handover.services.launches import create_launch, open_launch, put_question, take_quiz
from office.excel import CONTENT_TYPE
from tests.factories import add_person

pytestmark = pytest.mark.usefixtures("afternoon")

FRIDAY = date(2026, 11, 13)
MOST = 10
FORM = {"product": "云朵沙发", "brief": "三人位，可拆洗", "known_by": "2026-11-13", "trainer": ""}


def url(department, name="launches", *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


@pytest.fixture
def launch(department, leader):
    made = create_launch(department=department, actor=leader, product="云朵沙发", brief="可拆洗", known_by=FRIDAY)
    for number in range(5):
        put_question(launch=made, actor=leader, text=f"第 {number} 题", options=["可以拆洗", "不行"], right=[0])
    return made


@pytest.fixture
def opened(launch, leader, agent, colleague):
    return open_launch(launch=launch, learners=[agent.membership, colleague.membership], actor=leader)


def sent(launch, number=1, wrong=0):
    chosen = {f"q{one.pk}": "1" if place < wrong else "0" for place, one in enumerate(launch.questions.all())}
    return {"number": number, **chosen}


class TestWriting:
    def test_who_leads_writes_asks_and_opens(self, department, leader, agent, client_of):
        client = client_of(leader)
        made = client.post(url(department, "launch_new"), FORM)
        launch = Launch.objects.get()
        assert made["location"] == url(department, "launch", launch.pk)
        question = {"text": "能拆洗吗？", "option_0": "能", "option_1": "不能", "option_3": "看款式", "right_3": "on"}
        assert client.post(url(department, "launch_ask", launch.pk), question).status_code == 302
        assert Question.objects.get().options == ["能", "不能", "看款式"]
        assert Question.objects.get().right == [2]
        answer = client.post(url(department, "launch_open", launch.pk), {"learners": [agent.membership.pk]})
        assert answer.status_code == 302
        assert launch.learners.get().membership == agent.membership

    @pytest.mark.parametrize(
        "changes",
        [{"product": ""}, {"brief": "x" * 5001}, {"known_by": "2026-11-09"}, {"known_by": "9999-01-01"}],
    )
    def test_mistakes_keep_what_was_typed(self, department, leader, client_of, changes):
        response = client_of(leader).post(url(department, "launch_new"), FORM | changes)
        assert response.status_code == 422
        assert not Launch.objects.exists()

    @pytest.mark.parametrize(
        "question",
        [
            {},
            {"text": "?", "option_0": "能", "option_1": "不能"},
            {"text": "?", "option_0": "能", "right_0": "on"},
            {"text": "?", "option_0": "能", "option_1": "不能", "right_4": "on"},
            {"text": "?", "option_0": "能", "option_1": "能", "right_0": "on"},
            {"text": "x" * 501, "option_0": "能", "option_1": "不能", "right_0": "on"},
        ],
    )
    def test_a_quiz_with_no_right_answer_cannot_be_made(self, department, launch, leader, client_of, question):
        assert client_of(leader).post(url(department, "launch_ask", launch.pk), question).status_code == 422
        assert launch.questions.count() == 5

    def test_a_question_is_taken_out(self, department, launch, leader, client_of):
        client, address = client_of(leader), url(department, "launch_drop", launch.pk)
        assert client.post(address, {"question": launch.questions.first().pk}).status_code == 302
        assert client.post(address, {"question": "x"}).status_code == 404
        assert launch.questions.count() == 4

    def test_without_learners_it_is_not_opened(self, department, launch, leader, client_of):
        client, address = client_of(leader), url(department, "launch_open", launch.pk)
        assert client.post(address, {}).status_code == 422
        assert client.post(address, {"learners": ["x"]}).status_code == 422

    def test_a_draft_is_nobodys_else(self, department, launch, agent, stranger, client_of):
        assert client_of(agent).get(url(department, "launch", launch.pk)).status_code == 404
        assert client_of(stranger).get(url(department, "launch", launch.pk)).status_code == 404
        assert "云朵沙发" not in page(client_of(agent).get(url(department)))

    def test_a_colleague_may_not(self, department, opened, agent, client_of):
        client = client_of(agent)
        assert client.get(url(department, "launch_new")).status_code == 403
        for name in ("launch_edit", "launch_ask", "launch_drop", "launch_open", "launch_cancel"):
            assert client.post(url(department, name, opened.pk)).status_code == 403

    def test_what_is_open_is_not_changed(self, department, opened, leader, client_of):
        client = client_of(leader)
        assert client.post(url(department, "launch_edit", opened.pk), FORM).status_code == 422
        assert client.post(url(department, "launch_open", opened.pk), {}).status_code == 422
        question = {"question": opened.questions.first().pk}
        assert client.post(url(department, "launch_drop", opened.pk), question).status_code == 422


class TestTheQuiz:
    def test_it_is_taken_on_the_phone_and_passed(self, department, opened, agent, client_of):
        client, address = client_of(agent), url(department, "quiz", opened.pk)
        html = page(client.get(address))
        assert "第 4 题" in html
        assert "2 attempts left" in html
        assert client.post(address, sent(opened)).status_code == 302
        html = page(client.get(url(department, "launch", opened.pk)))
        assert "Your answers" in html
        assert client.get(address).status_code == 302
        assert client.post(address, sent(opened, number=2)).status_code == 422

    def test_what_it_takes_and_where_failing_leads_is_said_before(self, department, opened, agent, client_of):
        html = page(client_of(agent).get(url(department, "quiz", opened.pk)))
        assert "Passed with 4 of 5 right." in html
        assert "§ 11, “Pass the exam of each new product”" in html

    def test_where_one_is_right_one_is_chosen(self, department, launch, leader, agent, client_of):
        options = {"options": ["绒布", "棉麻", "真皮"], "right": [0, 1]}
        several = put_question(launch=launch, actor=leader, text="哪些面料可拆洗？", **options)
        opened = open_launch(launch=launch, learners=[agent.membership], actor=leader)
        client, address = client_of(agent), url(department, "quiz", opened.pk)
        html = page(client.get(address))
        assert html.count('<input type="radio" name="q') == 10
        assert html.count('<input type="checkbox" name="q') == 3
        assert "choose everything that is right" in html
        assert client.post(address, sent(opened) | {f"q{several.pk}": ["0", "1"]}).status_code == 302
        assert Attempt.objects.get().right == 6

    def test_right_answers_are_shown_only_after_the_last_attempt(self, department, opened, agent, client_of):
        client, address = client_of(agent), url(department, "quiz", opened.pk)
        client.post(address, sent(opened, wrong=3))
        response = client.get(url(department, "launch", opened.pk))
        html = page(response)
        assert "Your answers" not in html
        assert "可以拆洗" not in html
        assert [answer.right for answer in response.context["answers"]] == [False] * 3 + [True] * 2
        assert page(client.get(address)).count("Wrong in your last attempt.") == 3
        client.post(address, sent(opened, number=2, wrong=3))
        html = page(client.get(url(department, "launch", opened.pk)))
        assert "Your answers" in html
        assert "Failed" in html

    def test_sent_twice_it_counts_once(self, department, opened, agent, client_of):
        client, address = client_of(agent), url(department, "quiz", opened.pk)
        for _time in range(2):
            assert client.post(address, sent(opened, wrong=3)).status_code == 302
        assert Attempt.objects.count() == 1

    def test_sent_twice_with_other_answers_it_says_that_these_did_not_count(self, department, opened, agent, client_of):
        client, address = client_of(agent), url(department, "quiz", opened.pk)
        client.post(address, sent(opened, wrong=3))
        answer = client.post(address, sent(opened))
        assert answer.status_code == 422
        assert "handed in already, with other answers" in answer.content.decode()

    def test_what_makes_no_sense_is_refused(self, department, opened, agent, client_of):
        client, address = client_of(agent), url(department, "quiz", opened.pk)
        first = opened.questions.first().pk
        for data in ({}, sent(opened) | {f"q{first}": "7"}, sent(opened) | {"number": "x"}, sent(opened, number=2)):
            assert client.post(address, data).status_code == 422
        assert not Attempt.objects.exists()

    def test_who_need_not_know_it_takes_no_quiz(self, department, opened, leader, stranger, client_of):
        assert client_of(leader).get(url(department, "quiz", opened.pk)).status_code == 403
        assert client_of(leader).post(url(department, "launch_read", opened.pk)).status_code == 403
        assert client_of(stranger).get(url(department, "quiz", opened.pk)).status_code == 404

    def test_scripts_in_it_are_text(self, department, opened, agent, client_of):
        Question.objects.filter(pk=opened.questions.first().pk).update(text="<script>x</script>", options=["<b>", "c"])
        html = page(client_of(agent).get(url(department, "quiz", opened.pk)))
        assert "<script>x" not in html
        assert "<b>\n" not in html


class TestWhoIsReady:
    def test_the_launch_shows_who_is_ready_and_who_is_not(self, department, opened, agent, leader, client_of):
        learner = opened.learners.get(membership=agent.membership)
        chosen = {question.pk: [0] for question in opened.questions.all()}
        take_quiz(learner=learner, answers=chosen, number=1)
        html = page(client_of(leader).get(url(department, "launch", opened.pk)))
        assert "1/2" in html
        assert "5/5" in html
        assert "Not ready" in html

    def test_colleagues_see_how_many_are_ready_and_not_who_failed(
        self, department, opened, agent, colleague, client_of
    ):
        learner = opened.learners.get(membership=agent.membership)
        for number in (1, 2):
            take_quiz(learner=learner, answers={}, number=number)
        address = url(department, "launch", opened.pk)
        html = page(client_of(colleague).get(address))
        assert "0/2" in html
        assert "林晓彤" not in html
        assert "Failed" not in html
        assert client_of(colleague).get(address, {"export": "xlsx"})["Content-Type"] != CONTENT_TYPE

    def test_somebody_is_added_to_it(self, department, opened, leader, agent, stranger, client_of):
        late = add_person(department, name="何佳")
        client, address = client_of(leader), url(department, "launch_add", opened.pk)
        assert "何佳" in page(client.get(url(department, "launch", opened.pk)))
        assert client.post(address, {"learners": [late.membership.pk]}).status_code == 302
        assert opened.learners.filter(membership=late.membership).exists()
        for wrong in ([], [late.membership.pk], [stranger.membership.pk], ["x"]):
            assert client.post(address, {"learners": wrong}).status_code == 422
        assert client_of(agent).post(address, {"learners": [late.membership.pk]}).status_code == 403
        assert client_of(stranger).post(address, {"learners": [late.membership.pk]}).status_code == 404

    def test_it_is_called_off(self, department, opened, leader, client_of):
        client, address = client_of(leader), url(department, "launch_cancel", opened.pk)
        assert client.post(address).status_code == 302
        assert client.post(address).status_code == 422

    def test_pages_cost_the_same_with_two_learners_and_with_thirty(self, department, launch, leader, agent, client_of):
        people = [add_person(department) for _number in range(30)]
        open_launch(launch=launch, learners=[agent.membership], actor=leader)
        client = client_of(leader)
        addresses = [url(department), url(department, "launch", launch.pk)]
        few = [queries_of(client, address) for address in addresses]
        for number in range(10):
            other = create_launch(department=department, actor=leader, product=f"{number}", brief="x", known_by=FRIDAY)
            put_question(launch=other, actor=leader, text="?", options=["a", "b"], right=[0])
            open_launch(launch=other, learners=[person.membership for person in people], actor=leader)
        many = [queries_of(client, address) for address in (url(department), url(department, "launch", other.pk))]
        assert many == few
        assert max(few) <= MOST

    def test_both_lists_go_along_as_excel(self, department, opened, leader, client_of):
        for address in (url(department), url(department, "launch", opened.pk)):
            assert client_of(leader).get(address, {"export": "xlsx"})["Content-Type"] == CONTENT_TYPE
