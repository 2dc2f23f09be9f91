"""The list of what was read in: what its columns hold, on the page and in the file."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.tables import Column, Kind

READING_COLUMNS = (
    Column("when", _("When"), lambda row: row.at, sort="at", kind=Kind.INSTANT),
    Column("file", _("File"), lambda row: row.name, sort="name"),
    Column("kind", _("What it holds"), lambda row: row.get_kind_display()),
    Column("source", _("Where it comes from"), lambda row: str(row.source or "")),
    Column("state", _("State"), lambda row: row.get_state_display(), sort="state"),
    Column("added", pgettext_lazy("rows of a file", "New"), lambda row: row.added, sort="added", kind=Kind.NUMBER),
    Column(
        "corrected",
        pgettext_lazy("rows of a file", "Corrected"),
        lambda row: row.corrected,
        sort="corrected",
        kind=Kind.NUMBER,
    ),
    Column("same", pgettext_lazy("rows of a file", "As before"), lambda row: row.same, sort="same", kind=Kind.NUMBER),
    Column("wrong", pgettext_lazy("rows of a file", "Left out"), lambda row: row.wrong, sort="wrong", kind=Kind.NUMBER),
    Column("by", _("By"), lambda row: str(row.by or ""), on_page=False),
)
