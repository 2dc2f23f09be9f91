"""What the demo's people learn: a newcomer with a mentor, and new products with their quizzes."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from desk.demo import words
from desk.demo.scene import Scene
from desk.demo.timeline import Step
from handover.models import Launch, Learner, Mentorship, MentorshipState
from handover.services import launches, training
from office import clock
from people.models import Right
from rulebooks.services import in_force

# So long ago new products were announced; at the first quiz, who is at this place of the crew used up all attempts.
DAYS_AGO, FAILS = (24, 5), 1


class Learning:
    """The steps of the last weeks; a newcomer is whoever is scored and not on the roster."""

    def __init__(self, scene: Scene):
        self.scene, self.chance = scene, scene.chance

    def steps(self) -> Iterator[Step]:
        now = self.scene.now
        if in_force(self.scene.department, self.scene.today).training is not None:
            yield now - timedelta(days=12), self.pair
            for days in (9, 6, 3):
                yield now - timedelta(days=days), self.tick
        for days, launch in zip(DAYS_AGO, words.LAUNCHES, strict=True):
            yield self.scene.wall(self.scene.today - timedelta(days=days), 14, 10), partial(self.launch, *launch)

    def pair(self) -> None:
        rostered = {member.pk for member in self.scene.crew}
        here = self.scene.department.memberships.filter(scored=True, until_day=None).exclude(pk__in=rostered)
        newcomer = here.order_by("-from_day").first()
        if newcomer is not None:
            actor = self.scene.who_may(Right.LEAD_TRAINING)
            mentor = next(member for member in self.scene.crew if member.user_id != actor.pk)
            today = self.scene.department.today()
            training.pair(newcomer=newcomer, mentor=mentor, from_day=max(today, newcomer.from_day), actor=actor)

    def tick(self) -> None:
        for mentorship in Mentorship.objects.filter(
            newcomer__department=self.scene.department, state=MentorshipState.RUNNING
        ):
            known = set(mentorship.points.values_list("code", flat=True))
            left = [point for point in training.training_of(mentorship).checklist if point.code not in known]
            if len(left) > 1:
                training.tick_point(mentorship=mentorship, code=left[0].code, actor=mentorship.mentor.user)

    def launch(self, product: str, brief: str, quiz: Sequence[tuple[str, Sequence[str], Sequence[int]]]) -> None:
        """A product is announced to the crew; in the days after it they take its quiz, one after the other."""
        actor = self.scene.who_may(Right.LEAD_TRAINING)
        made = launches.create_launch(
            department=self.scene.department,
            actor=actor,
            product=product,
            brief=brief,
            known_by=self.scene.department.today() + timedelta(days=8),
            trainer=self.scene.crew[0],
        )
        for text, options, right in quiz:
            launches.put_question(launch=made, actor=actor, text=text, options=options, right=right)
        launches.open_launch(launch=made, learners=self.scene.crew, actor=actor)
        is_latest = product == words.LAUNCHES[-1][0]
        if launches.exams_of(made) is not None:
            self.scene.story.add(self._quizzes(made, is_latest))

    def _quizzes(self, launch: Launch, is_latest: bool) -> Iterator[Step]:
        exams = launches.exams_of(launch)
        attempts = exams.attempts if exams is not None else 1
        for place, member in enumerate(self.scene.crew):
            learner = launch.learners.get(membership=member)
            at = clock.now() + timedelta(hours=20 + 23 * place, minutes=self.chance.randint(0, 90))
            if is_latest and member == self.scene.people["agent"]:
                # The account to try has it still before them.
                continue
            fails = not is_latest and place == FAILS
            wrong = attempts if fails else min(int(self.chance.random() < 0.3), attempts - 1)
            for number in range(1, wrong + 1):
                yield at, partial(self.quiz, learner, number, knows=False)
                at += timedelta(minutes=self.chance.randint(25, 90))
            if not fails:
                yield at, partial(self.quiz, learner, wrong + 1, knows=True)

    def quiz(self, learner: Learner, number: int, *, knows: bool) -> None:
        answers = {question.pk: question.right for question in learner.launch.questions.all()}
        if not knows:
            wrong = learner.launch.questions.order_by("place")[0]
            answers[wrong.pk] = [place for place in range(len(wrong.options)) if place not in wrong.right][:1]
        launches.take_quiz(learner=learner, answers=answers, number=number)
