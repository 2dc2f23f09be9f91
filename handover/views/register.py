"""The issue register: its list, a new entry from the page or from anywhere, one entry, its picture."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from handover import services
from handover.customers import may_see_customers
from handover.forms.register import AgainForm, DealForm, FinishForm, IssueFilter, IssueForm, category_choices
from handover.lists.register import issue_columns
from handover.models import Issue, Matter, MatterState
from handover.pages.register import WAITING, Entry, Eyes, case_of, entries_of, next_hand_in, shown
from handover.pages.search import Reader, issues_holding
from handover.permissions import can_read_everybody
from handover.views.rules import needs_rulebook
from office import uploads
from office.tables import Choice, Table, filled
from people.access import in_department, may, membership_of, require_membership
from people.models import Right
from rulebooks.services import NoRulebook, in_force

ISSUES_A_PAGE = 25
JSON = "application/json"


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def issues(request, department):
    member = require_membership(request) if request.method == "POST" else membership_of(request.user, department)
    rulebook = in_force(department, department.today())
    form = IssueForm(request.POST or None, request.FILES or None, rulebook=rulebook)
    if member and form.carry_out(lambda: services.write_issue(author=member, **form.cleaned_data)):
        return _entered(request, form.outcome)
    if request.method == "POST" and _wants_json(request):
        return JsonResponse({"errors": form.errors.get_json_data()}, status=422)
    context = {"form": form, "member": member, **_entries(request, department, rulebook)}
    if context["table"].wants_file:
        return context["table"].file()
    return render(request, "handover/issue_list.html", context, status=422 if form.errors else 200)


def _wants_json(request) -> bool:
    """Whether quick capture asks, which stays on the page it was opened on."""
    return request.headers.get("Accept") == JSON


def _entered(request, issue: Issue):
    said = _("Entered in the register.")
    if _wants_json(request):
        return JsonResponse({"issue": issue.pk, "said": said}, status=201)
    messages.success(request, said)
    return redirect("handover:issues", code=request.department.code)


def _entries(request, department, rulebook) -> dict:
    """The list with its filters: whose (own, all where one may, those one works on), state, category and words."""
    reads_all = can_read_everybody(request) or may(request, Right.HANDLE_REGISTER)
    mine = [("own", pgettext("of entries", "Mine"))] if reads_all else []
    whose = Choice(
        request,
        "whose",
        _("Whose entries"),
        [("", _("Everybody") if reads_all else pgettext("of entries", "Mine")), *mine, ("working", _("For me to do"))],
    )
    form = IssueFilter(request.GET, register=rulebook.notebooks.issue_register)
    rows = _found(request, department, whose.value, form)
    state = _state_choice(request, rows)
    if state.value:
        rows = rows.filter(matter__state__in=WAITING if state.value == "waiting" else [state.value])
    table = Table(
        request,
        issue_columns(Eyes(request)),
        entries_of(rows),
        name="issues",
        title=_("Issue register"),
        order="-when",
        per_page=ISSUES_A_PAGE,
        zone=department.zone,
        form=form,
        choices=[whose, state],
    )
    found = {"table": table, "entries": [] if table.wants_file else shown(request, table.page)}
    found |= {"whose": whose.value, "reads_all": reads_all}
    return found | {"hands_in": next_hand_in(department, rulebook)}


def _found(request, department, whose: str, form):
    rows = Issue.objects.filter(department=department)
    if whose == "working":
        rows = rows.filter(matter__assignee__user=request.user)
    elif whose == "own":
        rows = rows.filter(author__user=request.user)
    else:
        rows = rows.filter(pk__in=Issue.objects.visible_to(request.user).values("pk"))
    asked = filled(form)
    rows = rows.filter(category=asked["category"]) if "category" in asked else rows
    reader = Reader(request.user, sees_all=may_see_customers(request))
    return issues_holding(rows, department, reader, asked.get("q", ""))


def _state_choice(request, rows) -> Choice:
    counts = dict(rows.order_by().values_list("matter__state").annotate(Count("pk")))
    waiting = ("waiting", _("Waiting"), sum(counts.get(state, 0) for state in WAITING))
    others = [(state.value, state.label, counts.get(state, 0)) for state in MatterState if state not in WAITING]
    return Choice(request, "state", _("State"), [("", _("All states"), sum(counts.values())), waiting, *others])


@require_GET
@in_department
def issue_capture(request, department):
    """What quick capture has to ask the server for: the categories, or why nobody can write here."""
    if membership_of(request.user, department) is None:
        return JsonResponse({"categories": [], "trouble": _("Only members of the department write into its register.")})
    try:
        register = in_force(department, department.today()).notebooks.issue_register
    except NoRulebook as refusal:
        return JsonResponse({"categories": [], "trouble": " ".join(refusal.messages)})
    return JsonResponse({"categories": category_choices(register), "trouble": ""})


def entry_or_404(request, department, pk) -> Entry:
    """One entry that the reader may see: the author, who works on it, who reads or handles the register."""
    visible = Matter.objects.visible_to(request.user).filter(issue__department=department)
    rows = entries_of(Issue.objects.filter(pk=pk, matter__in=visible.values("pk")))
    return shown(request, [get_object_or_404(rows.select_related("picture"))])[0]


@require_GET
@in_department
def issue(request, department, pk):
    return issue_page(request, department, entry_or_404(request, department, pk))


def issue_page(request, department, entry: Entry, *, deal=None, finish=None, again=None):
    """The page of one entry. `deal`, `finish`, `again`: a form that was refused."""
    if entry.may_deal:
        deal = deal or DealForm(matter=entry.matter, department=department)
    case = case_of(request, entry)
    context = {
        "case": case,
        "entry": entry,
        "deal": deal if entry.may_deal else None,
        "deal_url": reverse("handover:issue_deal", args=[department.code, entry.issue.pk]),
        "finish": (finish or FinishForm(auto_id="finish-%s")) if entry.may_finish else None,
        "again": (again or AgainForm(auto_id="again-%s")) if case.may_reopen else None,
    }
    refused = [form for form in (deal, finish, again) if form is not None and form.errors]
    for form in refused:
        if form not in (context["deal"], context["finish"], context["again"]):
            # Somebody else was faster: there is nothing left to decide here.
            messages.error(request, " ".join(message for errors in form.errors.values() for message in errors))
    return render(request, "handover/issue_detail.html", context, status=422 if refused else 200)


@require_GET
@in_department
def issue_picture(request, department, pk):
    picture = entry_or_404(request, department, pk).issue.picture
    if picture is None:
        raise Http404
    return uploads.response(picture)
