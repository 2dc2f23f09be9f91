"""Newcomers and their mentors: the list, pairing, one newcomer's checklist."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover.forms.training import EndForm, PairForm
from handover.lists.training import TRAINING_COLUMNS
from handover.models import Mentorship, MentorshipState
from handover.pages.training import pairs_of, points_of, who_can_be_paired
from handover.services import training as services
from handover.views.rules import needs_rulebook
from office.tables import Table
from people.access import in_department, may, require_right
from people.models import Right
from rulebooks.services import in_force

PAIRS_A_PAGE = 50


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def training(request, department):
    leads, today = may(request, Right.LEAD_TRAINING), department.today()
    if request.method == "POST":
        require_right(request, Right.LEAD_TRAINING)
    rule, form = in_force(department, today).training, None
    if leads and rule:
        newcomers, mentors = who_can_be_paired(department, today)
        form = PairForm(request.POST or None, newcomers=newcomers, mentors=mentors, today=today)
    if form and form.carry_out(lambda: services.pair(actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Paired; both have been told."))
        return redirect("handover:mentorship", code=department.code, pk=form.outcome.pk)
    table = Table(
        request,
        TRAINING_COLUMNS,
        pairs_of(department, request.user),
        name="training",
        title=_("Newcomers"),
        per_page=PAIRS_A_PAGE,
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    wrong = request.method == "POST"
    context = {"table": table, "form": form, "leads": leads, "rule": rule}
    return render(request, "handover/training_list.html", context, status=422 if wrong else 200)


def _mentorship_or_404(request, department, pk) -> Mentorship:
    people = ("newcomer__user", "newcomer__department", "mentor__user", "bonus")
    rows = Mentorship.objects.visible_to(request.user).select_related(*people)
    return get_object_or_404(rows, newcomer__department=department, pk=pk)


@require_GET
@in_department
def mentorship(request, department, pk):
    return _page(request, _mentorship_or_404(request, department, pk))


def _page(request, found: Mentorship, **failed):
    """The whole page. `failed`: the form that was refused, by its name, with what was typed."""
    running = found.state == MentorshipState.RUNNING
    leads, own = may(request, Right.LEAD_TRAINING), found.newcomer.user_id == request.user.pk
    mentors = found.mentor.user_id == request.user.pk
    points = points_of(found)
    begun = services.has_begun(found)
    initial = {"day": found.newcomer.department.today()}
    forms = {}
    if running and leads:
        forms["end"] = EndForm(initial=initial, auto_id="end-%s", only_on=None if begun else found.from_day)
        if begun and not own and not mentors:
            forms["passing"] = EndForm(initial=initial, auto_id="pass-%s")
    context = {
        "mentorship": found,
        "points": points,
        "learnt": sum(point.learnt is not None for point in points),
        "begun": begun,
        "may_tick": running and not own and (mentors or leads),
        "own": own,
        **forms,
        **failed,
    }
    return render(request, "handover/training_detail.html", context, status=422 if failed else 200)


@require_POST
@in_department
def mentorship_point(request, department, pk):
    """Tick a point of the checklist, or take it back."""
    found = _mentorship_or_404(request, department, pk)
    own, mentors = found.newcomer.user_id == request.user.pk, found.mentor.user_id == request.user.pk
    if own or not (mentors or may(request, Right.LEAD_TRAINING)):
        raise PermissionDenied
    act = services.take_back_point if request.POST.get("back") else services.tick_point
    try:
        act(mentorship=found, code=request.POST.get("point", ""), actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return _page(request, _mentorship_or_404(request, department, pk), refused=refusal)
    return redirect("handover:mentorship", code=department.code, pk=pk)


@require_POST
@in_department
def mentorship_pass(request, department, pk):
    return _over(request, department, pk, "passing", services.pass_newcomer, _("Passed; both have been told."))


@require_POST
@in_department
def mentorship_end(request, department, pk):
    return _over(request, department, pk, "end", services.end_mentorship, _("Ended; both have been told."))


def _over(request, department, pk, name: str, act, done: str):
    found = _mentorship_or_404(request, department, pk)
    require_right(request, Right.LEAD_TRAINING)
    only_on = None if name == "passing" or services.has_begun(found) else found.from_day
    form = EndForm(request.POST, auto_id=f"{'pass' if name == 'passing' else 'end'}-%s", only_on=only_on)
    if form.carry_out(lambda: act(mentorship=found, actor=request.user, **form.cleaned_data)):
        messages.success(request, done)
        return redirect("handover:mentorship", code=department.code, pk=pk)
    return _page(request, _mentorship_or_404(request, department, pk), **{name: form})
