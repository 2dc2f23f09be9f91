"""What the demo's people learn: a newcomer with a mentor, and a launch with its quiz."""

from collections.abc import Iterator
from datetime import timedelta

from desk.demo import words
from desk.demo.scene import Scene
from desk.demo.timeline import Step
from handover.models import Learner, Mentorship, MentorshipState
from handover.services import launches, training
from office import clock
from people.models import Membership, Right
from rulebooks.services import in_force


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
        yield now - timedelta(days=5), self.launch
        for hours in (90, 60, 30):
            yield now - timedelta(hours=hours), self.quiz

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

    def launch(self) -> None:
        actor = self.scene.who_may(Right.LEAD_TRAINING)
        made = launches.create_launch(
            department=self.scene.department,
            actor=actor,
            product=words.PRODUCT,
            brief=words.BRIEF,
            known_by=self.scene.department.today() + timedelta(days=8),
            trainer=self.scene.crew[0],
        )
        for text, options, right in words.QUIZ:
            launches.put_question(launch=made, actor=actor, text=text, options=options, right=right)
        launches.open_launch(launch=made, learners=self.scene.crew, actor=actor)

    def quiz(self) -> None:
        """Somebody takes the quiz; the account to try has it still before them."""
        waiting = Learner.objects.filter(launch__department=self.scene.department, passed_at=None, failed_at=None)
        waiting = waiting.exclude(membership=self._shown).select_related("launch", "membership")
        for learner in waiting.filter(attempts=None).order_by("pk")[:2]:
            answers = {question.pk: question.right for question in learner.launch.questions.all()}
            if self.chance.random() < 0.3:
                wrong = learner.launch.questions.order_by("place")[0]
                answers[wrong.pk] = [place for place in range(len(wrong.options)) if place not in wrong.right][:1]
            with clock.at(clock.now() + timedelta(minutes=learner.pk % 7)):
                launches.take_quiz(learner=learner, answers=answers, number=1)

    @property
    def _shown(self) -> Membership:
        return self.scene.people["agent"]
