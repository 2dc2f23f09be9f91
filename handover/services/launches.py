"""Product launches: written and opened by who leads training, known by those who must, and the quiz that shows it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import Attempt, Launch, Learner, Question
from handover.quiz import passes, score, whats_wrong
from ledger.services import propose_incident
from office import audit, clock, notices
from people.models import Department, Membership, User
from rulebooks.schema import Clause, Exams
from rulebooks.services import in_force, version_by_id

# The event that clauses of the rulebook may be proposed for, and what such an incident names as its source.
FAILED = "exam_failed"
SOURCE = "exam"
# More can be read on no phone.
MOST_OPTIONS = 8
LONGEST_OPTION = 200
LONGEST_QUESTION = Question._meta.get_field("text").max_length or 0

# Further ahead nobody plans a launch: it is a day typed wrong.
PLANNED_AHEAD = timedelta(days=366)

OPENED = gettext_noop("New: %(product)s. Know it by %(day)s.")
TRAINS = gettext_noop("You explain %(product)s; everybody knows it by %(day)s.")
OFF = gettext_noop("The launch of %(product)s is off.")


# -- Before it is opened ----------------------------------------------------------------------------------------------
@transaction.atomic
def create_launch(
    *, department: Department, actor: User, product: str, brief: str, known_by: date, trainer: Membership | None = None
) -> Launch:
    """Begin a launch; nobody is told before it is opened. Refuses as `edit_launch` does."""
    rulebook = in_force(department, department.today())
    launch = Launch(department=department, rulebook_version_id=rulebook.version_id, made_by=actor)
    _fill(launch, product, brief, known_by, trainer)
    launch.save()
    audit.record(actor, "handover.launch.made", launch)
    return launch


@transaction.atomic
def edit_launch(
    *, launch: Launch, actor: User, product: str, brief: str, known_by: date, trainer: Membership | None = None
) -> Launch:
    """Change what is written, before it is opened.

    Refuses what is open ("opened") or off ("cancelled"), missing and overlong texts (by field), a day that is past
    ("past") or more than a year ahead ("too_far"), and a trainer who is no member on it ("not_a_member").
    """
    launch = _draft(launch)
    _fill(launch, product, brief, known_by, trainer)
    launch.save(update_fields=["product", "brief", "known_by", "trainer"])
    audit.record(actor, "handover.launch.edited", launch)
    return launch


def _fill(launch: Launch, product: str, brief: str, known_by: date, trainer: Membership | None) -> None:
    launch.product, launch.brief, launch.known_by = product.strip(), brief.strip(), known_by
    launch.trainer = trainer
    typed = {"product", "brief", "known_by"}
    launch.clean_fields(exclude={field.name for field in Launch._meta.fields} - typed)
    _refuse_past(launch)
    latest = launch.department.today() + PLANNED_AHEAD
    if known_by > latest:
        raise ValidationError(_("This is too far ahead: %(day)s at the latest.") % {"day": latest}, code="too_far")
    if trainer is not None and (trainer.department_id != launch.department_id or not trainer.holds_on(known_by)):
        raise ValidationError(
            _("%(name)s is no member on %(day)s.") % {"name": trainer.name, "day": known_by}, code="not_a_member"
        )


@transaction.atomic
def put_question(
    *,
    launch: Launch,
    actor: User,
    text: str,
    options: Sequence[str],
    right: Collection[int],
    question: Question | None = None,
) -> Question:
    """Add a question, or change one; `right`: places of the right options, counted from 0.

    Refuses "opened", "cancelled", "no_text", "too_long", fewer than two options ("few_options"), too many
    ("many_options"), none that is right ("no_right"), and two that are alike ("alike").
    """
    launch = _draft(launch)
    text, options = text.strip(), [option.strip() for option in options]
    if not text or not all(options):
        raise ValidationError(_("A question and its options need words."), code="no_text")
    if len(text) > LONGEST_QUESTION or max(map(len, options), default=0) > LONGEST_OPTION:
        raise ValidationError(_("This is too long for a question on the phone."), code="too_long")
    if len(options) > MOST_OPTIONS:
        raise ValidationError(_("At most %(most)s options.") % {"most": MOST_OPTIONS}, code="many_options")
    if len(set(options)) < len(options):
        raise ValidationError(_("Two options are alike."), code="alike")
    _refuse_unaskable(options, right)
    if question is None:
        last = launch.questions.aggregate(last=Max("place"))["last"]
        question = Question(launch=launch, place=0 if last is None else last + 1)
    question.text, question.options, question.right = text, options, sorted(set(right))
    question.save()
    audit.record(actor, "handover.launch.question", launch, question=question.pk, place=question.place)
    return question


@transaction.atomic
def drop_question(*, launch: Launch, question: Question, actor: User) -> None:
    """Take a question out before the launch is opened. Refuses "opened" and "cancelled"."""
    launch = _draft(launch)
    launch.questions.filter(pk=question.pk).delete()
    audit.record(actor, "handover.launch.question_dropped", launch, text=question.text)


@transaction.atomic
def open_launch(*, launch: Launch, learners: Iterable[Membership], actor: User) -> Launch:
    """Open a launch for those who must know it; they and the trainer are told, and its questions stay as they are.

    Refuses "opened", "cancelled", a day that is past ("past"), a launch without learners ("no_learners") or with some
    who are no members today ("not_a_member"), and, where the rulebook in force today has exams, a quiz without
    questions ("no_questions"), without a right answer ("no_right") or with fewer than two options ("few_options").
    """
    launch = _draft(launch)
    department = launch.department
    _refuse_past(launch)
    people = _who(launch, learners)
    rulebook = in_force(department, department.today())
    questions = list(launch.questions.all())
    if rulebook.exams is not None and not questions:
        raise ValidationError(_("Its quiz has no question yet."), code="no_questions")
    for question in questions:
        _refuse_unaskable(question.options, question.right)
    launch.rulebook_version_id, launch.opened_at = rulebook.version_id, clock.now()
    launch.save(update_fields=["rulebook_version", "opened_at"])
    audit.record(actor, "handover.launch.opened", launch, learners=[member.pk for member in people])
    _let_learn(launch, people)
    if launch.trainer is not None:
        _tell(launch, [launch.trainer.user], TRAINS)
    return launch


@transaction.atomic
def add_learners(*, launch: Launch, learners: Iterable[Membership], actor: User) -> list[Membership]:
    """Let more people know an open launch, who are told; who must know it already is passed over. Returns the new ones.

    Refuses a launch that is not open ("closed") or off ("cancelled"), nobody ("no_learners"), and who is no member
    today ("not_a_member").
    """
    launch = _locked(launch)
    if launch.opened_at is None:
        raise ValidationError(_("This launch is not open."), code="closed")
    known = set(launch.learners.values_list("membership", flat=True))
    people = [member for member in _who(launch, learners) if member.pk not in known]
    if people:
        audit.record(actor, "handover.launch.learners_added", launch, learners=[member.pk for member in people])
        _let_learn(launch, people)
    return people


def _who(launch: Launch, learners: Iterable[Membership]) -> list[Membership]:
    """Each of them once; they must be members today."""
    people = list({member.pk: member for member in learners}.values())
    if not people:
        raise ValidationError(_("Choose who must know it."), code="no_learners")
    for member in people:
        if member.department_id != launch.department_id or not member.holds_on(launch.department.today()):
            raise ValidationError(_("%(name)s is no member here.") % {"name": member.name}, code="not_a_member")
    return people


def _let_learn(launch: Launch, people: Sequence[Membership]) -> None:
    Learner.objects.bulk_create(Learner(launch=launch, membership=member) for member in people)
    _tell(launch, [member.user for member in people], OPENED)


@transaction.atomic
def cancel_launch(*, launch: Launch, actor: User) -> Launch:
    """Call a launch off: its quiz can be taken no more. Refuses what is off already ("cancelled")."""
    launch = _locked(launch)
    launch.cancelled_at = clock.now()
    launch.save(update_fields=["cancelled_at"])
    audit.record(actor, "handover.launch.cancelled", launch)
    learners = launch.learners.select_related("membership__user")
    _tell(launch, [learner.membership.user for learner in learners], OFF)
    return launch


# -- Knowing it -------------------------------------------------------------------------------------------------------
@transaction.atomic
def mark_read(*, learner: Learner) -> Learner:
    """Say that one has read the brief; without a quiz one is ready then. Refuses "closed"."""
    learner = _learning(learner)
    if learner.read_at is None:
        learner.read_at = clock.now()
        learner.save(update_fields=["read_at"])
    return learner


@transaction.atomic
def take_quiz(*, learner: Learner, answers: Mapping[int, Collection[int]], number: int) -> Attempt:
    """Take the quiz: `answers` by key of the question, places from 0; `number`: which attempt it is, from 1.

    An attempt that comes twice counts once: the second call returns the first. The last failed one proposes an
    incident under the clauses for it.

    Refuses a launch that is not open ("closed"), other answers for an attempt that was handed in ("handed_in"), one
    who has passed ("passed"), whose attempts are used up ("no_attempts"), an attempt out of turn ("out_of_turn"), and
    questions or options that there are not ("unknown_answer").
    """
    learner = _learning(learner)
    before = list(learner.attempts.all())
    chosen = {str(key): sorted(set(places)) for key, places in answers.items()}
    if 1 <= number <= len(before):
        if before[number - 1].answers != chosen:
            raise ValidationError(
                _("This attempt was handed in already, with other answers; these did not count."), code="handed_in"
            )
        return before[number - 1]
    exams = exams_of(learner.launch)
    questions = {question.pk: question for question in learner.launch.questions.all()}
    if exams is None or not questions:
        raise ValidationError(_("This launch has no quiz."), code="closed")
    if learner.passed_at is not None:
        raise ValidationError(_("You have passed already."), code="passed")
    if learner.failed_at is not None or len(before) >= exams.attempts:
        raise ValidationError(_("All attempts are used up."), code="no_attempts")
    if number != len(before) + 1:
        raise ValidationError(_("Load the page again: this is not your next attempt."), code="out_of_turn")
    for key, places in answers.items():
        if key not in questions or not all(0 <= place < len(questions[key].options) for place in places):
            raise ValidationError(_("There is no such answer."), code="unknown_answer")
    right = score({key: question.right for key, question in questions.items()}, answers)
    attempt = Attempt.objects.create(
        learner=learner,
        answers=chosen,
        right=right,
        questions=len(questions),
        passed=passes(right, len(questions), exams.pass_mark_percent),
    )
    learner.read_at = learner.read_at or attempt.at
    if attempt.passed:
        learner.passed_at = attempt.at
    elif number >= exams.attempts:
        learner.failed_at = attempt.at
    learner.save(update_fields=["read_at", "passed_at", "failed_at"])
    audit.record(
        learner.membership.user,
        "handover.quiz.taken",
        learner,
        department=learner.launch.department,
        number=number,
        right=right,
        passed=attempt.passed,
    )
    if learner.failed_at is not None:
        with translation.override(settings.LANGUAGE_CODE):
            _propose(learner, attempt)
    return attempt


def exams_of(launch: Launch) -> Exams | None:
    """What the rulebook under which it was opened says of quizzes."""
    return version_by_id(launch.rulebook_version_id).exams


def follows_from_failing(department: Department) -> list[Clause]:
    """The clauses of today's rulebook under which the last failed attempt proposes an incident."""
    return in_force(department, department.today()).triggered_by(FAILED)


def _propose(learner: Learner, attempt: Attempt) -> None:
    launch, department = learner.launch, learner.launch.department
    said = {"product": launch.product, "right": attempt.right, "all": attempt.questions}
    for clause in follows_from_failing(department):
        # What cannot be proposed does not undo the attempt.
        propose_incident(
            membership=learner.membership,
            clause_code=clause.code,
            occurred_at=attempt.at,
            facts=_("Quiz on %(product)s failed for the last time: %(right)s of %(all)s right.") % said,
            source=(SOURCE, learner.pk, _("Quiz on %(product)s") % said),
        )


def _refuse_unaskable(options: Sequence[str], right: Collection[int]) -> None:
    wrong = whats_wrong(options, right)
    if wrong == "few_options":
        raise ValidationError(_("A question has at least two options."), code=wrong)
    if wrong:
        raise ValidationError(_("Mark at least one option as right."), code=wrong)


def _refuse_past(launch: Launch) -> None:
    if launch.known_by < launch.department.today():
        raise ValidationError(_("This day is past."), code="past")


def _locked(launch: Launch) -> Launch:
    # Two people may press at once: the second waits here and then sees what the first one did.
    rows = Launch.objects.select_for_update(of=("self",)).select_related("department", "trainer__user")
    launch = rows.get(pk=launch.pk)
    if launch.cancelled_at is not None:
        raise ValidationError(_("This launch is off."), code="cancelled")
    return launch


def _draft(launch: Launch) -> Launch:
    launch = _locked(launch)
    if launch.opened_at is not None:
        raise ValidationError(_("This launch is open; it does not change any more."), code="opened")
    return launch


def _learning(learner: Learner) -> Learner:
    # Sent twice at once, the second waits here and then finds the attempt of the first.
    people = ("launch__department", "membership__user", "membership__department")
    learner = Learner.objects.select_for_update(of=("self",)).select_related(*people).get(pk=learner.pk)
    if learner.launch.opened_at is None or learner.launch.cancelled_at is not None:
        raise ValidationError(_("This launch is not open."), code="closed")
    return learner


def _tell(launch: Launch, people, message: str) -> None:
    link = reverse("handover:launch", args=[launch.department.code, launch.pk])
    notices.tell(people, message, link=link, product=launch.product, day=launch.known_by.isoformat())
