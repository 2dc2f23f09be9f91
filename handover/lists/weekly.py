"""The list of a week's summaries: what its columns hold, on the page and in the file."""

from django.utils.translation import gettext_lazy as _

from office.tables import Column, Kind

BOARD_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.member.work_number, on_page=False),
    Column("who", _("Name"), lambda row: row.member.name, sort=lambda row: row.member.work_number),
    Column("state", _("State"), lambda row: str(row.state.label), sort=True),
    Column("when", _("Handed in"), lambda row: row.handed_in_at, sort=True, kind=Kind.INSTANT),
    Column("record", _("On time, weeks"), lambda row: row.record, sort=lambda row: row.share),
)
