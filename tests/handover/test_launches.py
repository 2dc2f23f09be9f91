"""Product launches: written, opened, known; the quiz and what follows from failing it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from handover.models import Attempt, Question
from handover.services.launches import (
    add_learners,
    cancel_launch,
    create_launch,
    drop_question,
    edit_launch,
    mark_read,
    open_launch,
    put_question,
    take_quiz,
)
from ledger.models import Incident
from office import clock
from office.models import Notice
from tests.factories import add_person

pytestmark = pytest.mark.usefixtures("afternoon")

FRIDAY = date(2026, 11, 13)


def code_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return getattr(refusal.value, "code", None) or next(iter(refusal.value.error_dict))


@pytest.fixture
def launch(department, leader, colleague):
    return create_launch(
        department=department,
        actor=leader,
        product="云朵沙发",
        brief="三人位，可拆洗",
        known_by=FRIDAY,
        trainer=colleague.membership,
    )


def ask(launch, actor, count=5):
    return [
        put_question(launch=launch, actor=actor, text=f"第 {number} 题", options=["对", "错", "都不是"], right=[0])
        for number in range(count)
    ]


@pytest.fixture
def opened(launch, leader, agent):
    ask(launch, leader)
    return open_launch(launch=launch, learners=[agent.membership], actor=leader)


@pytest.fixture
def learner(opened):
    return opened.learners.get()


def answers(launch, wrong=0):
    return {question.pk: [1] if place < wrong else [0] for place, question in enumerate(launch.questions.all())}


class TestWriting:
    def test_it_changes_until_it_is_opened(self, launch, leader):
        facts = {"launch": launch, "actor": leader, "product": "云朵沙发二代", "brief": "新", "known_by": FRIDAY}
        assert edit_launch(**facts).product == "云朵沙发二代"
        [question] = ask(launch, leader, 1)
        drop_question(launch=launch, question=question, actor=leader)
        assert not Question.objects.exists()
        ask(launch, leader, 1)
        open_launch(launch=launch, learners=[leader.membership], actor=leader)
        assert code_of(edit_launch, **facts) == "opened"
        assert code_of(drop_question, launch=launch, question=Question.objects.get(), actor=leader) == "opened"

    @pytest.mark.parametrize(
        ("options", "right", "code"),
        [
            (["对"], [0], "few_options"),
            (["对", "错"], [], "no_right"),
            (["对", "错"], [2], "no_right"),
            (["对", "对"], [0], "alike"),
            (["对", " "], [0], "no_text"),
            (["对", "错" * 201], [0], "too_long"),
            ([str(number) for number in range(9)], [0], "many_options"),
        ],
    )
    def test_a_question_that_cannot_be_asked_is_refused(self, launch, leader, options, right, code):
        assert code_of(put_question, launch=launch, actor=leader, text="?", options=options, right=right) == code

    def test_days_past_and_empty_words_are_refused(self, department, leader, stranger):
        facts = {"department": department, "actor": leader, "product": "沙发", "brief": "x", "known_by": FRIDAY}
        assert code_of(create_launch, **facts | {"known_by": date(2026, 11, 9)}) == "past"
        assert code_of(create_launch, **facts | {"known_by": date(2027, 11, 12)}) == "too_far"
        assert code_of(create_launch, **facts | {"product": " "}) == "product"
        assert code_of(create_launch, **facts | {"brief": "x" * 5001}) == "brief"
        assert code_of(create_launch, **facts | {"trainer": stranger.membership}) == "not_a_member"


class TestOpening:
    def test_learners_and_trainer_are_told(self, opened, agent, colleague):
        told = Notice.objects.filter(link__contains="/launches/")
        assert set(told.values_list("recipient", flat=True)) == {agent.pk, colleague.pk}
        assert code_of(open_launch, launch=opened, learners=[agent.membership], actor=agent) == "opened"

    def test_it_is_refused_without_learners_or_questions(self, launch, leader, agent, stranger):
        facts = {"launch": launch, "actor": leader}
        assert code_of(open_launch, learners=[agent.membership], **facts) == "no_questions"
        ask(launch, leader, 1)
        assert code_of(open_launch, learners=[], **facts) == "no_learners"
        assert code_of(open_launch, learners=[stranger.membership], **facts) == "not_a_member"

    @pytest.mark.parametrize(("changes", "code"), [({"right": []}, "no_right"), ({"options": ["对"]}, "few_options")])
    def test_a_quiz_without_a_right_answer_is_refused(self, launch, leader, agent, changes, code):
        ask(launch, leader, 1)
        Question.objects.update(**changes)
        assert code_of(open_launch, launch=launch, learners=[agent.membership], actor=leader) == code

    def test_more_people_can_be_added_later_and_only_they_are_told(self, opened, leader, agent, owner, stranger):
        late = add_person(opened.department)
        Notice.objects.all().delete()
        facts = {"launch": opened, "actor": leader}
        assert add_learners(learners=[late.membership, agent.membership], **facts) == [late.membership]
        assert add_learners(learners=[late.membership], **facts) == []
        assert [notice.recipient for notice in Notice.objects.all()] == [late]
        assert opened.learners.count() == 2
        assert code_of(add_learners, learners=[], **facts) == "no_learners"
        assert code_of(add_learners, learners=[stranger.membership], **facts) == "not_a_member"
        cancel_launch(launch=opened, actor=leader)
        assert code_of(add_learners, learners=[owner.membership], **facts) == "cancelled"

    def test_nobody_is_added_to_a_draft(self, launch, leader, agent):
        assert code_of(add_learners, launch=launch, learners=[agent.membership], actor=leader) == "closed"

    def test_called_off_its_quiz_is_closed(self, opened, learner, leader):
        cancel_launch(launch=opened, actor=leader)
        assert code_of(take_quiz, learner=learner, answers=answers(opened), number=1) == "closed"
        assert code_of(mark_read, learner=learner) == "closed"
        assert code_of(cancel_launch, launch=opened, actor=leader) == "cancelled"


class TestTheQuiz:
    def test_enough_right_ones_pass(self, opened, learner):
        attempt = take_quiz(learner=learner, answers=answers(opened, wrong=1), number=1)
        assert (attempt.right, attempt.questions, attempt.passed) == (4, 5, True)
        learner.refresh_from_db()
        assert learner.passed_at is not None
        assert code_of(take_quiz, learner=learner, answers=answers(opened), number=2) == "passed"

    def test_the_same_attempt_twice_counts_once(self, opened, learner):
        first = take_quiz(learner=learner, answers=answers(opened, wrong=5), number=1)
        again = take_quiz(learner=learner, answers=answers(opened, wrong=5), number=1)
        assert again == first
        assert Attempt.objects.count() == 1

    def test_other_answers_for_an_attempt_that_was_handed_in_are_not_dropped_silently(self, opened, learner):
        take_quiz(learner=learner, answers=answers(opened, wrong=5), number=1)
        assert code_of(take_quiz, learner=learner, answers=answers(opened), number=1) == "handed_in"
        assert Attempt.objects.count() == 1

    def test_the_last_failed_attempt_proposes_its_incident_once(self, opened, learner, agent):
        take_quiz(learner=learner, answers=answers(opened, wrong=2), number=1)
        assert not Incident.objects.exists()
        take_quiz(learner=learner, answers=answers(opened, wrong=2), number=2)
        take_quiz(learner=learner, answers=answers(opened, wrong=2), number=2)
        learner.refresh_from_db()
        assert learner.failed_at is not None
        incident = Incident.objects.get()
        assert (incident.membership, incident.source_kind, incident.reported_by) == (agent.membership, "exam", None)
        assert code_of(take_quiz, learner=learner, answers=answers(opened), number=3) == "no_attempts"

    def test_passing_at_the_last_attempt_is_passing(self, opened, learner):
        take_quiz(learner=learner, answers={}, number=1)
        assert take_quiz(learner=learner, answers=answers(opened), number=2).passed
        assert not Incident.objects.exists()

    def test_what_was_not_asked_is_refused(self, opened, learner):
        question = opened.questions.first()
        assert code_of(take_quiz, learner=learner, answers={question.pk: [3]}, number=1) == "unknown_answer"
        assert code_of(take_quiz, learner=learner, answers={question.pk: [-1]}, number=1) == "unknown_answer"
        assert code_of(take_quiz, learner=learner, answers={0: [0]}, number=1) == "unknown_answer"
        assert code_of(take_quiz, learner=learner, answers={}, number=2) == "out_of_turn"
        assert not Attempt.objects.exists()

    def test_under_another_rulebook_the_mark_and_the_attempts_are_others(self, changed_department):
        sailor, lead = add_person(changed_department), add_person(changed_department)
        today = changed_department.today()
        launch = create_launch(
            department=changed_department, actor=lead, product="灯", brief="x", known_by=today + timedelta(days=1)
        )
        ask(launch, lead, 3)
        launch = open_launch(launch=launch, learners=[sailor.membership], actor=lead)
        learner = launch.learners.get()
        for number in (1, 2):
            assert not take_quiz(learner=learner, answers=answers(launch, wrong=2), number=number).passed
        # Two of three are more than 65 %.
        assert take_quiz(learner=learner, answers=answers(launch, wrong=1), number=3).passed

    def test_reading_is_marked_once(self, opened, learner):
        first = mark_read(learner=learner).read_at
        clock.move(timedelta(hours=1))
        assert mark_read(learner=learner).read_at == first
