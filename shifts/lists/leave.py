"""The list of leave slips: what its columns hold, on the page and in the file."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office.forms import MONTHS_OFFERED, MonthForm
from office.months import Month
from office.tables import Column, Kind, filled
from people.directory import named
from people.models import Department
from shifts.models import Leave
from shifts.pages.leave import length_words
from shifts.services.leave import kind_of, wish_of

# Leave is asked for ahead: so many months more are offered.
MONTHS_AHEAD = 3


class LeaveFilter(MonthForm):
    """A month that the leave touches, and words to look for in reasons, names and work numbers."""

    def __init__(self, data, *, department: Department):
        latest = Month.of(department.today())
        for _each in range(MONTHS_AHEAD):
            latest = latest.next
        super().__init__(data, newest=latest, offered=MONTHS_OFFERED + MONTHS_AHEAD)

    def applied(self, rows):
        """The slips that fit what was typed; what is no month or too long is left aside."""
        asked = filled(self)
        if asked.get("month"):
            month = Month.parse(asked["month"])
            rows = rows.touching(month.first, month.last)
        words = asked.get("q")
        return rows.filter(Q(reason__icontains=words) | named(words)) if words else rows


def _hours(leave: Leave) -> str:
    if leave.starts_at is None:
        return ""
    return wish_of(leave).words(leave.membership.department.zone).partition(" ")[2]


LEAVE_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column("who", _("Who"), lambda row: row.membership.name, sort=("membership__work_number",)),
    Column("kind", _("Kind"), lambda row: str(kind_of(row).name), sort="kind"),
    Column(
        "when",
        _("Dates"),
        lambda row: wish_of(row).words(row.membership.department.zone),
        sort=("first_day", "last_day"),
        in_file=False,
    ),
    Column("first", _("First day"), lambda row: row.first_day, kind=Kind.DAY, on_page=False),
    Column("last", _("Last day"), lambda row: row.last_day, kind=Kind.DAY, on_page=False),
    Column("hours", _("Hours of the day"), _hours, on_page=False),
    Column("length", _("Length"), length_words),
    Column("reason", _("Reason"), lambda row: row.reason),
    Column("state", _("State"), lambda row: row.get_state_display(), sort="state"),
    Column("asked", _("Asked on"), lambda row: row.asked_at, sort="asked_at", kind=Kind.INSTANT),
    Column("decided_by", _("Decided by"), lambda row: str(row.decided_by or ""), on_page=False),
    Column("decision", _("Reason of the decision"), lambda row: row.decision_reason, on_page=False),
)
