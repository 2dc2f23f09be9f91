"""Filling a month from a pattern or from the month before: first a look at it, then one paint."""

from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from office.lists import joined
from people.access import in_department, require_right
from people.models import Right
from shifts.filling import Left
from shifts.forms.filling import FillForm, at_first
from shifts.forms.roster import CellsForm
from shifts.forms.sheets import as_json, refuse_too_many
from shifts.models import Layer
from shifts.pages.filling import Proposal, propose
from shifts.pages.paper import Paper, body_of, paper_of
from shifts.services import filling
from shifts.views.sheets import said_breaches, written_page


@require_http_methods(["GET", "POST"])
@in_department
def roster_fill(request, department, month):
    """A GET shows the form, a POST of it what would come of it, a POST of the cells that were shown paints them."""
    require_right(request, Right.EDIT_ROSTER)
    if "edits" in request.POST:
        return _take(request, department, month)
    paper = paper_of(department, month, Layer.DRAFT)
    form = _form(paper, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, paper, form)
    try:
        if paper.is_locked:
            raise ValidationError(_("The roster of this month is locked; nothing of it changes any more."))
        proposal = propose(paper, form.cleaned_data["wish"])
        refuse_too_many(proposal.edits)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _page(request, paper, form)
    wish = form.cleaned_data["wish"]
    form.spread = wish.settled() if wish.cycle else {}
    refusals = filling.refusals_of(department=department, month=month, edits=proposal.edits, actor=request.user)
    return _page(request, paper, form, proposal=proposal, refusals=refusals)


def _form(paper: Paper, data=None) -> FillForm:
    free = next((day for day in paper.days if not paper.is_fixed(day)), paper.month.first)
    return FillForm(
        data,
        month=paper.month,
        rulebook=paper.rulebook,
        agents=[line.member for line in paper.lines],
        initial=at_first(paper.month, free),
    )


def _take(request, department, month):
    shown = CellsForm(request.POST, month=month)
    try:
        if not shown.is_valid():
            raise ValidationError(shown.errors["edits"].as_data())
        painted = filling.write(
            department=department, month=month, edits=shown.cleaned_data["edits"], actor=request.user
        )
    except ValidationError as refusal:
        paper = paper_of(department, month, Layer.DRAFT)
        return _page(request, paper, _form(paper), refusals=refusal.messages)
    return written_page(request, department, month, painted)


def _page(request, paper: Paper, form: FillForm, *, proposal: Proposal | None = None, refusals=()):
    context = {"month": paper.month, "paper": paper, "form": form, "proposal": proposal, "refusals": refusals}
    if proposal:
        context |= {
            "after": proposal.after,
            "body": body_of(proposal.after, proposal.keys),
            "edits": as_json(proposal.edits),
            "left": said_left(proposal),
            "would_be": said_counts(proposal.set_counts),
            **said_breaches(paper, proposal.filled.cells),
        }
    return render(request, "shifts/fill_form.html", context, status=422 if form.errors or refusals else 200)


def said_left(proposal: Proposal) -> list[str]:
    """What was left alone and why, in words."""
    said = {
        Left.FIXED: lambda count: ngettext(
            "%(count)s day is past and published and stays.", "%(count)s days are past and published and stay.", count
        ),
        Left.LEAVE: lambda count: ngettext("%(count)s day of leave stays.", "%(count)s days of leave stay.", count),
        Left.NO_MEMBER: lambda count: ngettext(
            "%(count)s day lies before joining or after leaving.",
            "%(count)s days lie before joining or after leaving.",
            count,
        ),
        Left.UNKNOWN: lambda count: ngettext(
            "%(count)s day had a shift that is none any more.",
            "%(count)s days had shifts that are none any more.",
            count,
        ),
    }
    found = [said[why](count) % {"count": count} for why, count in proposal.filled.left.items() if why in said]
    if proposal.planned:
        text = ngettext(
            "Planned already, and stays: %(what)s.", "Planned already, and stay: %(what)s.", len(proposal.planned)
        )
        found.insert(0, text % {"what": said_counts(proposal.planned_counts)})
    return found


def said_counts(counts: tuple[int, int]) -> str:
    """ "109 shifts, 35 rest days": only what there is."""
    shifts, rests = counts
    said = [
        (shifts, ngettext("%(count)s shift", "%(count)s shifts", shifts)),
        (rests, ngettext("%(count)s rest day", "%(count)s rest days", rests)),
    ]
    return joined(text % {"count": count} for count, text in said if count)
