"""Dealing with entries of the issue register, one by one and in the digest of a week."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import services
from handover.forms.register import AgainForm, DealForm, FinishForm
from handover.lists.register import DIGEST_COLUMNS
from handover.models import Matter
from handover.pages.register import digest_of, hand_ins_of, next_hand_in, open_counts, proposed_by
from handover.views.register import entry_or_404, issue_page
from handover.views.rules import needs_rulebook
from office.tables import Table
from people.access import in_department, require_right
from people.models import Right
from rulebooks.services import in_force

# Words that the list of other entries is narrowed down by; more is no search.
LONGEST_WORDS = 60


@require_http_methods(["GET", "POST"])
@in_department
def issue_deal(request, department, pk):
    entry = entry_or_404(request, department, pk)
    require_right(request, Right.HANDLE_REGISTER)
    sent = request.POST if request.method == "POST" else None
    like = request.GET.get("like", "")[:LONGEST_WORDS]
    form = DealForm(sent, matter=entry.matter, department=department, like=like)
    if form.carry_out(lambda: _deal(entry.matter, request.user, form.cleaned_data)):
        return _dealt(request, department, pk)
    if request.method == "POST" and not request.htmx:
        return issue_page(request, department, entry_or_404(request, department, pk), deal=form)
    url = reverse("handover:issue_deal", args=[department.code, pk])
    context = {"entry": entry, "deal": form, "deal_url": url, "live": True, "proposes": proposed_by(entry.issue)}
    response = render(request, "handover/_matter_deal.html", context, status=422 if form.errors else 200)
    if form.errors:
        response["HX-Retarget"], response["HX-Reswap"] = f"#deal-{pk}", "outerHTML"
    return response


def _deal(matter: Matter, actor, asked: dict) -> None:
    call = {"matter": matter, "actor": actor, "text": asked["text"]}
    match asked["act"]:
        case "assign":
            services.assign_matter(to=asked["to"], **call)
        case "merge":
            services.merge_matter(into=asked["into"], **call)
        case "answer":
            services.answer_matter(**call)
        case "adopt":
            services.adopt_matter(**call)
        case _:
            services.reject_matter(**call)


def _dealt(request, department, pk):
    """The entry as it is now in the digest; without htmx its page."""
    done = _("Done. Whom it concerns has been told.")
    messages.success(request, done)
    if not request.htmx:
        return redirect("handover:issue", department.code, pk)
    return render(
        request,
        "handover/_issue_entry.html",
        {"entry": entry_or_404(request, department, pk), "deals": True, "just": True},
    )


@require_POST
@in_department
def issue_done(request, department, pk):
    entry = entry_or_404(request, department, pk)
    assignee = entry.matter.assignee
    if assignee is None or assignee.user_id != request.user.pk:
        raise PermissionDenied
    form = FinishForm(request.POST, auto_id="finish-%s")
    if form.carry_out(lambda: services.finish_matter(matter=entry.matter, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Done. Whom it concerns has been told."))
        return redirect("handover:issue", department.code, pk)
    return issue_page(request, department, entry_or_404(request, department, pk), finish=form)


@require_POST
@in_department
def issue_again(request, department, pk):
    """Deal with a settled entry once more."""
    entry = entry_or_404(request, department, pk)
    require_right(request, Right.HANDLE_REGISTER)
    form = AgainForm(request.POST, auto_id="again-%s")
    if form.carry_out(lambda: services.reopen_matter(matter=entry.matter, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Open again. Whom it concerns has been told."))
        return redirect("handover:issue", department.code, pk)
    return issue_page(request, department, entry_or_404(request, department, pk), again=form)


@require_GET
@in_department
@needs_rulebook
def issue_digests(request, department):
    require_right(request, Right.HANDLE_REGISTER)
    table = Table(
        request,
        DIGEST_COLUMNS,
        hand_ins_of(department),
        name="digests",
        title=_("Weekly digests"),
        order="-until",
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    rulebook = in_force(department, department.today())
    context = {"table": table, "counts": open_counts(department), "hands_in": next_hand_in(department, rulebook)}
    return render(request, "handover/digest_list.html", context)


@require_GET
@in_department
def issue_digest(request, department, pk):
    hand_in = get_object_or_404(department.hand_ins, pk=pk)
    require_right(request, Right.HANDLE_REGISTER)
    return render(request, "handover/digest_detail.html", {"digest": digest_of(request, hand_in)})
