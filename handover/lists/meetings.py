"""The list of meetings that were held: what its columns hold, on the page and in the file."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.tables import Column, Kind

MEETING_COLUMNS = (
    Column("when", _("When"), lambda row: row.meeting.begins_at, sort=True, kind=Kind.INSTANT),
    Column("name", _("Meeting"), lambda row: row.name, sort=True),
    Column("chair", _("Chair"), lambda row: row.chair, sort=True),
    Column("came", pgettext_lazy("people at a meeting", "Came"), lambda row: row.came_words),
    Column("minutes", _("Minutes"), lambda row: str(row.minutes.label), sort=True),
)
