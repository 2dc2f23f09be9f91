"""Reading in statistics and orders: the list of what was read in, and one file on its way."""

from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import services
from handover.forms.readings import ColumnsForm, FileForm, NamesForm
from handover.lists.readings import READING_COLUMNS
from handover.models import Reading, ReadingKind, ReadingSource, ReadingState
from handover.pages.readings import MOST_SHOWN, draft_of, file_of, left_out_of, samples_under
from handover.readings.cells import headings_of
from handover.readings.checking import problems_of
from handover.readings.fields import FIELDS
from handover.services.readings import columns_of
from office import clock
from office.excel import CONTENT_TYPE
from office.tables import Choice, Table
from people.access import in_department, require_right
from people.models import Right

READINGS_A_PAGE = 25


@require_http_methods(["GET", "POST"])
@in_department
def readings(request, department):
    """What was read in, and a file to begin with."""
    require_right(request, Right.IMPORT_FIGURES)
    asked = request.GET.get("of", "")
    kind = asked if asked in ReadingKind.values else ReadingKind.STATISTICS
    form = FileForm(request.POST or None, request.FILES or None, initial={"kind": kind})
    if request.method == "POST" and form.is_valid():
        sheet = form.cleaned_data["file"]
        facts = {"kind": form.cleaned_data["kind"], "source": form.cleaned_data["source"], "name": sheet.name}
        try:
            kept = services.keep_file(
                department=department, table=sheet.table, digest=sheet.digest, actor=request.user, **facts
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return redirect("handover:reading", department.code, kept.pk)
    context = {"form": form, **_read_in(request, department)}
    if context["table"].wants_file:
        return context["table"].file()
    return render(request, "handover/reading_list.html", context, status=422 if form.errors else 200)


def _read_in(request, department) -> dict:
    kind = Choice(request, "kind", _("What it holds"), [("", _("All")), *ReadingKind.choices])
    rows = Reading.objects.visible_to(request.user).filter(department=department)
    rows = rows.filter(kind=kind.value) if kind.value else rows
    table = Table(
        request,
        READING_COLUMNS,
        rows.defer("cells").select_related("source", "by", "department", "job"),
        name="readings",
        title=_("Read in"),
        order="-when",
        per_page=READINGS_A_PAGE,
        zone=department.zone,
        choices=[kind],
    )
    names = ReadingSource.objects.filter(department=department).order_by("name").values_list("name", flat=True)
    return {"table": table, "page": table.page, "sources": names.distinct()}


def _found(request, department, pk) -> Reading:
    """404 for a stranger (`in_department`) and for what is not there, 403 for a colleague without the right."""
    require_right(request, Right.IMPORT_FIGURES)
    rows = Reading.objects.visible_to(request.user).filter(department=department)
    return get_object_or_404(rows.select_related("department", "source", "job", "by"), pk=pk)


@require_GET
@in_department
def reading(request, department, pk):
    return _page(request, _found(request, department, pk))


def _page(request, reading, *, form=None, names=None, refusal=None):
    """One file: being checked with its columns and what would change, under way, or what came of it."""
    context = {"reading": reading, "refusal": refusal, "under_way": reading.is_under_way}
    wrong = bool(refusal or (form and form.errors) or (names and names.errors))
    if reading.state == ReadingState.DONE:
        _cells, mistakes = left_out_of(reading)
        context |= {"mistakes": mistakes[:MOST_SHOWN], "more_mistakes": max(0, len(mistakes) - MOST_SHOWN)}
    elif reading.state != ReadingState.DROPPED and not context["under_way"]:
        context |= _draft_shown(reading, form, names)
    return render(request, "handover/reading_detail.html", context, status=422 if wrong else 200)


def _draft_shown(reading, form, names) -> dict:
    draft = draft_of(reading)
    outcome = draft.outcome
    form = form or ColumnsForm(kind=reading.kind, headings=draft.headings, initial=draft.columns)
    if outcome and (outcome.unknown or outcome.remembered) and names is None:
        names = NamesForm(
            unknown=outcome.unknown,
            remembered=outcome.remembered,
            chosen=reading.source.names,
            members=_people(reading.department),
        )
    lines = [(bound, samples_under(draft, draft.columns.get(bound.name, ""))) for bound in form]
    first = {each.name for each in FIELDS[reading.kind] if each.required} | draft.columns.keys() | draft.problems.keys()
    return {
        "draft": draft,
        "form": form,
        "names": names,
        # What must be said, or is, goes before what may be left alone.
        "lines": [line for line in lines if line[0].name in first],
        "other_lines": [line for line in lines if line[0].name not in first],
        "missing": [bound.label for bound in form if bound.name in draft.problems],
        "mistakes": outcome.mistakes if outcome else [],
        "more_mistakes": outcome.more_mistakes if outcome else 0,
    }


def _people(department):
    return department.memberships.select_related("user").order_by("work_number", "pk")


@require_POST
@in_department
def columns(request, department, pk):
    """Say what the columns mean; the page then shows what would change, or what is still missing."""
    found = _found(request, department, pk)
    if not any(found.cells):
        return _page(request, found, refusal=_("This file is no longer being checked."))
    form = ColumnsForm(request.POST, kind=found.kind, headings=headings_of(found.cells))
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        found.source = services.set_columns(reading=found, columns=form.cleaned_data, actor=request.user)
    except ValidationError as refusal:
        return _page(request, found, refusal=" ".join(refusal.messages))
    problems = problems_of(found.kind, columns_of(found))
    for name, why in problems.items():
        form.add_error(name, why)
    if problems:
        return _page(request, found, form=form)
    messages.success(
        request, _("The columns are remembered for the next file from %(source)s.") % {"source": found.source}
    )
    return redirect("handover:reading", department.code, found.pk)


@require_POST
@in_department
def names(request, department, pk):
    """Say whom the names of a file mean."""
    found = _found(request, department, pk)
    before = found.source.names if found.source else {}
    form = NamesForm(request.POST, chosen=before, members=_people(department))
    if not form.is_valid():
        return _page(request, found, names=form)
    chosen = form.chosen()
    try:
        services.set_names(reading=found, names=chosen, actor=request.user)
    except ValidationError as refusal:
        return _page(request, found, names=form, refusal=" ".join(refusal.messages))
    if any(chosen.values()):
        said = _("The names are remembered for the next file from %(source)s.") % {"source": found.source}
    else:
        said = _("These names mean nobody now: their rows are left out.")
    messages.success(request, said)
    return redirect("handover:reading", department.code, found.pk)


@require_POST
@in_department
def start(request, department, pk):
    found = _found(request, department, pk)
    try:
        services.start_reading(reading=found, seen=request.POST.get("seen", ""), actor=request.user)
    except ValidationError as refusal:
        return _page(request, found, refusal=" ".join(refusal.messages))
    return redirect("handover:reading", department.code, found.pk)


@require_POST
@in_department
def drop(request, department, pk):
    found = _found(request, department, pk)
    try:
        services.drop_reading(reading=found, actor=request.user)
    except ValidationError as refusal:
        return _page(request, found, refusal=" ".join(refusal.messages))
    messages.success(request, _("The file is dropped."))
    return redirect("handover:readings", department.code)


@require_GET
@in_department
def wrong_rows(request, department, pk):
    """The rows that are left out, as an Excel file."""
    found = _found(request, department, pk)
    made = file_of(found, made_at=department.local(clock.now()))
    response = HttpResponse(made, content_type=CONTENT_TYPE)
    name = quote(f"{department.code}-{found.pk}-left-out.xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
