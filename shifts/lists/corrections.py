"""The list of corrections: what its columns hold, on the page and in the file."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.forms import SearchForm
from office.tables import Column, Kind, filled
from people.directory import named
from shifts.models import Correction


class CorrectionFilter(SearchForm):
    """Words to look for in reasons, names and work numbers."""

    def applied(self, rows):
        words = filled(self).get("q", "")
        return rows.filter(Q(reason__icontains=words) | named(words)) if words else rows


def _times(row: Correction) -> str:
    department = row.membership.department
    return f"{department.local(row.came_at):%H:%M}–{department.local(row.left_at):%H:%M}"


CORRECTION_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column("who", _("Who"), lambda row: row.membership.name, sort=("membership__work_number",)),
    Column(
        "day",
        _("Shift"),
        lambda row: row.assignment.business_date,
        sort=("assignment__business_date",),
        kind=Kind.DAY,
    ),
    Column("times", _("Came and left"), _times, sort=("came_at",), in_file=False),
    Column("came", _("Came"), lambda row: row.came_at, kind=Kind.INSTANT, on_page=False),
    Column("left", pgettext_lazy("clock-out", "Left"), lambda row: row.left_at, kind=Kind.INSTANT, on_page=False),
    Column("reason", _("Reason"), lambda row: row.reason),
    Column("state", _("State"), lambda row: row.get_state_display(), sort="state"),
    Column("asked", _("Asked on"), lambda row: row.asked_at, sort="asked_at", kind=Kind.INSTANT),
    Column("asked_by", _("Asked by"), lambda row: str(row.asked_by), on_page=False),
    Column("decided_by", _("Decided by"), lambda row: str(row.decided_by or ""), on_page=False),
    Column("decision", _("Reason of the decision"), lambda row: row.decision_reason, on_page=False),
)
