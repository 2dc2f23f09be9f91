"""The month's scorecards as a list: columns for the page and the file, one for each indicator of the rulebook."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from office.tables import Choice, Column, Kind, Table

from .overview import MonthPage, Row

# All of a department's cards stand on one page: ranks are read across it.
ROWS = 2_000


def score_table(request, department, page: MonthPage) -> Table:
    """The rows of the page, of one grade or of all."""
    codes = [grade.code for grade in page.rulebook.scorecard.grades] if page.rulebook else []
    counts = [(code, code, sum(row.card.grade == code for row in page.rows)) for code in codes]
    grade = Choice(request, "grade", _("Grade"), [("", _("All"), len(page.rows)), *counts])
    rows = [row for row in page.rows if grade.value in ("", row.card.grade)]
    title = _("Scores %(month)s") % {"month": page.month}
    name = f"scores-{page.month}"
    return Table(
        request,
        _columns(page),
        rows,
        name=name,
        title=title,
        order="rank",
        per_page=ROWS,
        zone=department.zone,
        choices=[grade],
    )


def _columns(page: MonthPage) -> list[Column]:
    columns = [
        Column("rank", _("Rank"), lambda row: row.card.rank, sort=True, kind=Kind.NUMBER),
        Column("number", _("Work number"), lambda row: row.card.membership.work_number, on_page=False),
        Column(
            "who", _("Agent"), lambda row: row.card.membership.name, sort=lambda row: row.card.membership.work_number
        ),
        Column("scale", _("On the scale"), lambda row: None, in_file=False),
        Column("total", _("Total"), lambda row: row.card.total, sort=True, kind=Kind.NUMBER),
        Column("grade", _("Grade"), lambda row: row.card.grade),
    ]
    for place, cell in enumerate(page.rows[0].cells if page.rows else ()):
        columns.append(Column(f"part{place}", cell.name, _points_at(place), sort=True, kind=Kind.NUMBER))
    flag = Column(
        "flag", _("Attention"), lambda row: pgettext("list", "yes") if row.card.flagged else "", on_page=False
    )
    return [*columns, flag]


def _points_at(place: int):
    def points(row: Row):
        return row.cells[place].number if place < len(row.cells) else None

    return points
