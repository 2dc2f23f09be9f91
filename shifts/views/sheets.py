"""The roster out and in: as an Excel file, on paper, and back from a file."""

from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from office import clock
from office.excel import CONTENT_TYPE
from people.access import in_department, require_right
from people.models import Right
from shifts.forms.roster import CellsForm
from shifts.forms.sheets import SheetForm, as_edits, as_json, refuse_too_many
from shifts.models import Layer
from shifts.pages.filling import breaches_added
from shifts.pages.paper import Paper, body_of, layer_to_plan_in, paper_of
from shifts.permissions import can_edit_roster
from shifts.services import filling
from shifts.sheets.importing import known_of, said_conflicts
from shifts.sheets.reading import read
from shifts.sheets.writing import book_of, legend_of

MOST_SHOWN, MOST_BREACHES = 200, 60


# -- Out --------------------------------------------------------------------------------------------------------------
@require_GET
@in_department
def roster_sheet(request, department, month):
    """The draft for whoever edits it while it differs from what is published, and that for all others."""
    layer = layer_to_plan_in(department, month) if can_edit_roster(request) else Layer.PUBLISHED
    paper = paper_of(department, month, layer)
    made = book_of(paper, made_at=department.local(clock.now()))
    name = quote("-".join(filter(None, [department.code, "roster", str(month), paper.sign])))
    response = HttpResponse(made, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


@require_GET
@in_department
def roster_print(request, department, month):
    """What is published, on landscape paper; before a first publication, its editors get the draft."""
    paper = paper_of(department, month, Layer.PUBLISHED)
    if paper.version is None and can_edit_roster(request):
        paper = paper_of(department, month, Layer.DRAFT)
    published = department.local(paper.version.published_at).date() if paper.version else None
    context = {
        "paper": paper,
        "month": month,
        "published": published,
        "body": body_of(paper),
        "legend": legend_of(paper),
    }
    return render(request, "shifts/sheet_print.html", context)


# -- In ---------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@in_department
def roster_import(request, department, month):
    """First a file, which is looked at and nothing more; then the cells that were shown, which are painted."""
    require_right(request, Right.EDIT_ROSTER)
    if request.method == "GET":
        return _import_page(request, department, month, SheetForm())
    if "edits" in request.POST:
        return _take(request, department, month)
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, department, month, form)
    paper = paper_of(department, month, Layer.DRAFT)
    try:
        if paper.is_locked:
            raise ValidationError(_("The roster of this month is locked; nothing of it changes any more."))
        reading = read(form.cleaned_data["file"], known_of(paper))
        edits = as_edits(reading.changes)
        refuse_too_many(edits)
    except ValidationError as refusal:
        form.add_error("file", refusal)
        return _import_page(request, department, month, form)
    refusals = filling.refusals_of(department=department, month=month, edits=edits, actor=request.user)
    return _import_page(request, department, month, SheetForm(), paper=paper, reading=reading, refusals=refusals)


def _take(request, department, month):
    form = CellsForm(request.POST, month=month)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["edits"].as_data())
        painted = filling.write(
            department=department, month=month, edits=form.cleaned_data["edits"], actor=request.user
        )
    except ValidationError as refusal:
        return _import_page(request, department, month, SheetForm(), refusals=refusal.messages)
    return written_page(request, department, month, painted)


def written_page(request, department, month, painted):
    """Back to the roster; where somebody else was faster, first what collided."""
    said = ngettext("%(count)s cell of the draft is set.", "%(count)s cells of the draft are set.", len(painted.saved))
    messages.success(request, said % {"count": len(painted.saved)})
    if not painted.conflicts:
        return redirect("shifts:roster", department.code, month)
    paper = paper_of(department, month, Layer.DRAFT)
    context = {"month": month, "conflicts": said_conflicts(paper, painted.conflicts)}
    return render(request, "shifts/sheet_conflicts.html", context)


def _import_page(request, department, month, form, *, paper=None, reading=None, refusals=()):
    context = {"month": month, "form": form, "reading": reading, "refusals": refusals}
    if reading:
        context |= _differences(paper, reading)
        context["edits"] = as_json(as_edits(reading.changes))
        context |= said_breaches(paper, {(each.membership_id, each.day): each.after for each in reading.changes})
    wrong = form.errors or refusals or (reading and reading.mistakes)
    return render(request, "shifts/sheet_import.html", context, status=422 if wrong else 200)


def said_breaches(paper: Paper, cells) -> dict:
    """What the page says of the rules that new cells ({(member, day): code}) would break."""
    breaches = breaches_added(paper, cells)
    return {
        "breaches": breaches[:MOST_BREACHES],
        "more_breaches": max(0, len(breaches) - MOST_BREACHES),
        "blocks": any(blocks for blocks, _days, _text in breaches),
    }


def _differences(paper: Paper, reading) -> dict:
    """What would change, a line a person, and the mistakes, no more than anybody reads."""
    people = [
        (
            person,
            [
                {
                    "day": change.day,
                    "before": (paper.letter(change.day, change.before), paper.mark(change.day, change.before)),
                    "after": (paper.letter(change.day, change.after), paper.mark(change.day, change.after)),
                }
                for change in changes
            ],
        )
        for person, changes in reading.by_person()
    ]
    return {
        "people": people,
        "mistakes": reading.mistakes[:MOST_SHOWN],
        "more_mistakes": max(0, len(reading.mistakes) - MOST_SHOWN),
    }
