"""Product launches: the list, writing and opening one, who is ready, and taking the quiz."""

from collections.abc import Collection

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover.forms.launches import LaunchForm, LearnersForm, OpenForm, QuestionForm, QuizForm
from handover.lists.launches import LAUNCH_COLUMNS, LEARNER_COLUMNS
from handover.models import Launch
from handover.pages.launches import (
    Line,
    Ready,
    answers_of,
    knowing,
    launches_of,
    learners_of,
    stakes_of,
    wrong_in,
)
from handover.services import launches as services
from handover.views.rules import needs_rulebook
from office.tables import Table
from people.access import in_department, may, require_right
from people.models import Right
from rulebooks.services import in_force

LAUNCHES_A_PAGE, PEOPLE = 25, 500


def _members(department):
    rows = department.memberships.rostered().on(department.today())
    return list(rows.select_related("user", "department").order_by("work_number"))


def _not_yet(launch: Launch, known: Collection[int]):
    """Members who need not know it yet; `known`: keys of those who must."""
    return [member for member in _members(launch.department) if member.pk not in known]


@require_GET
@in_department
@needs_rulebook
def launches(request, department):
    in_force(department, department.today())
    leads = may(request, Right.LEAD_TRAINING)
    table = Table(
        request,
        LAUNCH_COLUMNS,
        launches_of(department, request.user, leads=leads),
        name="launches",
        title=_("Launches"),
        per_page=LAUNCHES_A_PAGE,
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    return render(request, "handover/launch_list.html", {"table": table, "leads": leads})


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def launch_new(request, department):
    require_right(request, Right.LEAD_TRAINING)
    in_force(department, department.today())
    form = LaunchForm(request.POST or None, members=_members(department))
    if form.carry_out(lambda: services.create_launch(department=department, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Begun. Add questions, then open it."))
        return redirect("handover:launch", code=department.code, pk=form.outcome.pk)
    wrong = request.method == "POST"
    return render(request, "handover/launch_form.html", {"form": form}, status=422 if wrong else 200)


def _launch_or_404(request, department, pk) -> Launch:
    rows = Launch.objects.visible_to(request.user).select_related("trainer__user", "department")
    if not may(request, Right.LEAD_TRAINING):
        rows = rows.filter(opened_at__isnull=False)
    return get_object_or_404(rows, department=department, pk=pk)


def _drafted(request, department, pk) -> Launch:
    found = _launch_or_404(request, department, pk)
    require_right(request, Right.LEAD_TRAINING)
    return found


@require_http_methods(["GET", "POST"])
@in_department
def launch_edit(request, department, pk):
    found = _drafted(request, department, pk)
    initial = {"product": found.product, "brief": found.brief, "known_by": found.known_by, "trainer": found.trainer_id}
    form = LaunchForm(request.POST or None, members=_members(department), initial=initial)
    if form.carry_out(lambda: services.edit_launch(launch=found, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("handover:launch", code=department.code, pk=pk)
    wrong = request.method == "POST"
    return render(request, "handover/launch_form.html", {"form": form, "launch": found}, status=422 if wrong else 200)


@require_GET
@in_department
def launch(request, department, pk):
    return _page(request, _launch_or_404(request, department, pk))


def _page(request, found: Launch, **failed):
    """The whole page. `failed`: the form that was refused, by its name, with what was typed."""
    leads = may(request, Right.LEAD_TRAINING)
    draft = found.opened_at is None and found.cancelled_at is None
    questions = list(found.questions.all())
    people = [] if draft else learners_of(found, bool(questions))
    own = next((one for one in people if one.membership.user_id == request.user.pk), None)
    table = Table(
        request,
        LEARNER_COLUMNS,
        people,
        name=f"launch-{found.pk}",
        title=found.product,
        per_page=PEOPLE,
        zone=found.department.zone,
    )
    # How colleagues did is for who leads training, and for who explains the product.
    sees_all = leads or (found.trainer is not None and found.trainer.user_id == request.user.pk)
    if table.wants_file and sees_all:
        return table.file()
    forms = {}
    if draft and leads:
        forms = {"ask": QuestionForm(auto_id="ask-%s"), "open": OpenForm(members=_members(found.department))}
    elif leads and found.cancelled_at is None:
        forms = {"add": LearnersForm(members=_not_yet(found, {one.membership.pk for one in people}), auto_id="add-%s")}
    context = {
        "launch": found,
        "line": Line(found, sum(one.state == Ready.READY for one in people), len(people), own),
        "questions": questions,
        "table": table,
        "sees_all": sees_all,
        "own": own,
        "leads": leads,
        "draft": draft,
        "answers": answers_of(own.attempts[-1], questions) if own and own.attempts else [],
        **forms,
        **failed,
    }
    return render(request, "handover/launch_detail.html", context, status=422 if failed else 200)


def _answer(request, found: Launch, name: str, form, act, done: str):
    if form.carry_out(act):
        messages.success(request, done)
        return redirect("handover:launch", code=found.department.code, pk=found.pk)
    return _page(request, _launch_or_404(request, found.department, found.pk), **{name: form})


@require_POST
@in_department
def launch_ask(request, department, pk):
    found = _drafted(request, department, pk)
    form = QuestionForm(request.POST, auto_id="ask-%s")

    def act():
        services.put_question(launch=found, actor=request.user, **form.asked())

    return _answer(request, found, "ask", form, act, _("Question added."))


@require_POST
@in_department
def launch_drop(request, department, pk):
    found = _drafted(request, department, pk)
    key = request.POST.get("question", "")
    question = get_object_or_404(found.questions, pk=int(key) if key.isdecimal() and len(key) < 19 else 0)
    try:
        services.drop_question(launch=found, question=question, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return _page(request, found, refused=True)
    messages.success(request, _("Question taken out."))
    return redirect("handover:launch", code=department.code, pk=pk)


@require_POST
@in_department
def launch_open(request, department, pk):
    found = _drafted(request, department, pk)
    form = OpenForm(request.POST, members=_members(department))

    def act():
        services.open_launch(launch=found, actor=request.user, learners=form.cleaned_data["learners"])

    return _answer(request, found, "open", form, act, _("Opened; everybody concerned has been told."))


@require_POST
@in_department
def launch_add(request, department, pk):
    """More people must know a launch that is open."""
    found = _drafted(request, department, pk)
    known = set(found.learners.values_list("membership", flat=True))
    form = LearnersForm(request.POST, members=_not_yet(found, known), auto_id="add-%s")

    def act():
        services.add_learners(launch=found, actor=request.user, learners=form.cleaned_data["learners"])

    return _answer(request, found, "add", form, act, _("Added; they have been told."))


@require_POST
@in_department
def launch_cancel(request, department, pk):
    found = _drafted(request, department, pk)
    try:
        services.cancel_launch(launch=found, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return _page(request, found, refused=True)
    messages.success(request, _("The launch is off."))
    return redirect("handover:launch", code=department.code, pk=pk)


def _own(request, found: Launch):
    """How the reader stands in the launch; 403 for who need not know it."""
    learner = found.learners.filter(membership__user=request.user).select_related("membership__user").first()
    if learner is None:
        raise PermissionDenied
    return learner


@require_POST
@in_department
def launch_read(request, department, pk):
    found = _launch_or_404(request, department, pk)
    try:
        services.mark_read(learner=_own(request, found))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return _page(request, found, refused=True)
    return redirect("handover:launch", code=department.code, pk=pk)


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def quiz(request, department, pk):
    found = _launch_or_404(request, department, pk)
    learner, questions = _own(request, found), list(found.questions.all())
    own = knowing(learner, found, bool(questions))
    wrong = wrong_in(own.attempts, questions)
    form = QuizForm(request.POST or None, questions=questions, wrong=wrong, initial={"number": own.tried + 1})
    if form.carry_out(lambda: services.take_quiz(learner=learner, **form.taken())):
        attempt = form.outcome
        said = {"right": attempt.right, "all": attempt.questions}
        text = _("Passed: %(right)s of %(all)s right.") if attempt.passed else _("%(right)s of %(all)s right.")
        (messages.success if attempt.passed else messages.warning)(request, text % said)
        return redirect("handover:launch", code=department.code, pk=pk)
    if request.method == "GET" and not own.may_try:
        return redirect("handover:launch", code=department.code, pk=pk)
    context = {"launch": found, "form": form, "own": own, "stakes": stakes_of(found, len(questions))}
    return render(request, "handover/quiz_form.html", context, status=422 if request.method == "POST" else 200)
