"""Every component on one page, for whoever builds a page. Shown where DEMO or DEBUG is on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from office import clock
from office.forms import NoteField, SearchForm, YuanField
from office.models import Job, JobState
from office.tables import Choice, Column, Kind, Table, filled

MOMENT = datetime(2026, 11, 3, 17, 0, tzinfo=UTC)


class SampleForm(forms.Form):
    """One field of every sort."""

    name = forms.CharField(label=_("Name"), max_length=20, help_text=_("As on the badge."))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "—"), ("a", _("Fine")), ("b", _("Payment"))])
    amount = YuanField(label=_("Amount in yuan"))
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sure = forms.BooleanField(label=_("Single keys act"), required=False)
    grade = forms.ChoiceField(label=_("Grade"), choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    note = NoteField(label=_("Reason"), required=False)


@dataclass(frozen=True)
class Sample:
    """A row of the sample list."""

    day: date
    who: str
    amount_fen: int
    share: Decimal | None


ROWS = [
    Sample(date(2026, 11, 3), "07", 1000, Decimal("58.7")),
    Sample(date(2026, 11, 5), "02", 3000, Decimal("61.2")),
    Sample(date(2026, 11, 9), "04", 123_450, None),
]
COLUMNS = (
    Column("day", _("Day"), lambda row: row.day, sort=True, kind=Kind.DAY),
    Column("who", _("Work number"), lambda row: row.who, sort=True),
    Column("amount", _("Amount in yuan"), lambda row: row.amount_fen, sort=True, kind=Kind.MONEY),
    Column("share", _("Closed ÷ served"), lambda row: row.share, sort=True, kind=Kind.NUMBER),
)


@require_GET
def styleguide(request):
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    form = SearchForm(request.GET)
    words = filled(form).get("q", "")
    half = Choice(request, "half", _("Kind"), [("", _("All"), 3), ("second", _("Overdue"), 1)])
    rows = [row for row in ROWS if words in row.who and (not half.value or row.day.day > 5)]
    table = Table(
        request, COLUMNS, rows, name="styleguide", title=_("Style guide"), order="-day", form=form, choices=[half]
    )
    if table.wants_file:
        return table.file()
    context = {
        "table": table,
        "form": SampleForm(prefix="fresh"),
        "wrong": SampleForm({"wrong-amount": "1.005", "wrong-kind": "a"}, prefix="wrong"),
        "jobs": [sample_job(pk, state) for pk, state in enumerate(JobState.values, start=1)],
    }
    return render(request, "desk/styleguide.html", context)


def sample_job(pk: int, state: str) -> Job:
    """A job that exists on this page only."""
    known = {"done": 7, "total": 12} if state == JobState.RUNNING else {}
    error = str(_("Something went wrong on our side; it has been logged.")) if state == JobState.FAILED else ""
    return Job(pk=pk, task="sample", state=state, error=error, created_at=clock.now(), **known)
