"""What the pages of launches show: which there are, who is ready, and what somebody answered."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handover.models import Attempt, Launch, Learner, Question
from handover.quiz import is_right, needed
from handover.services.launches import exams_of, follows_from_failing
from people.models import Department, Membership, User
from rulebooks.schema import Clause


class State(TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", pgettext_lazy("launch", "Open")
    KNOWN = "known", _("Everybody is ready")
    OFF = "off", pgettext_lazy("launch", "Off")


class Ready(TextChoices):
    READY = "ready", _("Ready")
    NOT_READY = "not_ready", _("Not ready")
    FAILED = "failed", pgettext_lazy("quiz", "Failed")


READY_TONES = {Ready.READY: "good", Ready.FAILED: "bad", Ready.NOT_READY: "warn"}
READY_ICONS = {Ready.READY: "circle-check", Ready.FAILED: "circle-x", Ready.NOT_READY: "circle-dashed"}
TONES = {State.OPEN: "info", State.KNOWN: "good"}


@dataclass(frozen=True)
class Line:
    """One launch in a list. `own`: how the reader stands in it, if they must know it."""

    launch: Launch
    ready: int
    learners: int
    own: "Knowing | None" = None

    @property
    def trainer(self) -> str:
        return self.launch.trainer.name if self.launch.trainer else ""

    @property
    def ready_words(self) -> str:
        return f"{self.ready}/{self.learners}" if self.learners else "—"

    @property
    def state(self) -> State:
        if self.launch.cancelled_at is not None:
            return State.OFF
        if self.launch.opened_at is None:
            return State.DRAFT
        return State.KNOWN if self.ready == self.learners else State.OPEN

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")


@dataclass(frozen=True)
class Knowing:
    """How somebody stands who must know a launch. `best`: of all attempts, "4/5"."""

    learner: Learner
    attempts: list[Attempt]
    has_quiz: bool
    most: int

    @property
    def membership(self) -> Membership:
        return self.learner.membership

    @property
    def ready_at(self) -> datetime | None:
        return self.learner.passed_at if self.has_quiz else self.learner.read_at

    @property
    def state(self) -> Ready:
        if self.learner.failed_at is not None:
            return Ready.FAILED
        return Ready.READY if self.ready_at is not None else Ready.NOT_READY

    @property
    def tone(self) -> str:
        return READY_TONES[self.state]

    @property
    def icon(self) -> str:
        return READY_ICONS[self.state]

    @property
    def tried(self) -> int:
        return len(self.attempts)

    @property
    def best(self) -> str:
        if not self.attempts:
            return "—"
        best = max(self.attempts, key=lambda attempt: attempt.right)
        return f"{best.right}/{best.questions}"

    @property
    def may_try(self) -> bool:
        return self.has_quiz and self.state == Ready.NOT_READY and self.tried < self.most

    @property
    def left(self) -> int:
        return max(0, self.most - self.tried)

    @property
    def may_see_answers(self) -> bool:
        """After passing or the last attempt: before, they would answer the next one."""
        return bool(self.attempts) and self.state != Ready.NOT_READY


@dataclass(frozen=True)
class Stakes:
    """What a quiz asks for: how many right ones; the clauses under which the last failure proposes an incident."""

    needed: int
    questions: int
    clauses: list[Clause]


def stakes_of(launch: Launch, questions: int) -> Stakes | None:
    """None where the launch has no quiz."""
    exams = exams_of(launch)
    if exams is None or not questions:
        return None
    return Stakes(needed(questions, exams.pass_mark_percent), questions, follows_from_failing(launch.department))


def launches_of(department: Department, user: User, *, leads: bool) -> list[Line]:
    """Those that are open or were, and for who leads the drafts too; the newest first, in three queries."""
    known = Q(learners__passed_at__isnull=False)
    read = Q(learners__read_at__isnull=False)
    rows = Launch.objects.visible_to(user).filter(department=department)
    if not leads:
        rows = rows.filter(opened_at__isnull=False)
    rows = rows.annotate(
        passed=Count("learners", filter=known, distinct=True),
        has_read=Count("learners", filter=read, distinct=True),
        everybody=Count("learners", distinct=True),
        asked=Count("questions", distinct=True),
    )
    launches = list(rows.select_related("trainer__user").order_by("-known_by", "-pk"))
    mine = Learner.objects.filter(membership__user=user, launch__department=department)
    own = {row.launch_id: row for row in mine.select_related("membership__user").prefetch_related("attempts")}
    found = []
    for launch in launches:
        ready = launch.passed if launch.asked else launch.has_read
        stand = knowing(own[launch.pk], launch, bool(launch.asked)) if launch.pk in own else None
        found.append(Line(launch, ready, launch.everybody, stand))
    return found


def knowing(learner: Learner, launch: Launch, has_quiz: bool) -> Knowing:
    exams = exams_of(launch)
    quiz = has_quiz and exams is not None
    return Knowing(learner, list(learner.attempts.all()), quiz, exams.attempts if exams and quiz else 0)


def learners_of(launch: Launch, has_quiz: bool) -> list[Knowing]:
    """Everybody who must know it, who is not ready first; in two queries."""
    rows = launch.learners.select_related("membership__user").prefetch_related("attempts")
    found = [knowing(learner, launch, has_quiz) for learner in rows]
    order = (Ready.FAILED, Ready.NOT_READY, Ready.READY)
    return sorted(found, key=lambda one: (order.index(one.state), one.membership.work_number))


def wrong_in(attempts: list[Attempt], questions: list[Question]) -> set[int]:
    """The keys of the questions that were wrong in the last of the attempts."""
    last = attempts[-1].answers if attempts else None
    return {one.pk for one in questions if last is not None and not is_right(one.right, last.get(str(one.pk), []))}


@dataclass(frozen=True)
class Option:
    text: str
    is_right: bool
    was_chosen: bool


@dataclass(frozen=True)
class Answer:
    """One question as it was answered."""

    question: Question
    options: list[Option]
    right: bool


def answers_of(attempt: Attempt, questions: list[Question]) -> list[Answer]:
    """What was chosen, beside what is right."""
    found = []
    for question in questions:
        chosen = attempt.answers.get(str(question.pk), [])
        options = [
            Option(text, place in question.right, place in chosen) for place, text in enumerate(question.options)
        ]
        found.append(Answer(question, options, is_right(question.right, chosen)))
    return found
