"""The list of newcomers: what its columns hold, on the page and in the file."""

from django.utils.translation import gettext_lazy as _

from office.tables import Column, Kind

TRAINING_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.mentorship.newcomer.work_number, on_page=False),
    Column(
        "newcomer",
        _("Newcomer"),
        lambda row: row.mentorship.newcomer.name,
        sort=lambda row: row.mentorship.newcomer.work_number,
    ),
    Column("mentor", _("Mentor"), lambda row: row.mentorship.mentor.name, sort=True),
    Column("since", _("From"), lambda row: row.mentorship.from_day, sort=True, kind=Kind.DAY),
    Column("until", _("Until"), lambda row: row.mentorship.until_day, sort=True, kind=Kind.DAY),
    Column("points", _("Learnt"), lambda row: f"{row.learnt}/{row.asked}", sort=lambda row: row.learnt),
    Column("state", _("State"), lambda row: row.mentorship.get_state_display(), sort=True),
)
