"""What somebody here has to answer: leave, swaps, corrections, being away, and what the notebooks bring."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.lines import Line
from desk.notebook_part import decided_lines
from handover.words import in_words
from office import clock
from people.access import may
from people.models import Department, Right
from shifts.lists.swaps import swaps_waiting
from shifts.models import Permission
from shifts.pages.leave import leave_waiting
from shifts.services.away import away_now
from shifts.services.corrections import waiting_corrections


@dataclass(frozen=True)
class RequestsPart:
    lines: list[Line]

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)


def requests_part(request, department: Department) -> RequestsPart | None:
    """What waits for this reader; None for somebody who answers nothing.

    One query for each right over shifts, and one for all others.
    """
    lines = []

    def address(name: str, **kwargs) -> str:
        return reverse(f"shifts:{name}", kwargs={"code": department.code, **kwargs})

    if may(request, Right.APPROVE_LEAVE):
        slips = leave_waiting(department, besides=request.user)
        label = pgettext("time off", "Leave")
        lines.append(Line(label, "calendar-off", slips.count, address("leaves"), _waited(slips.oldest)))
    if may(request, Right.APPROVE_SWAP):
        swaps = swaps_waiting(department, request.user)
        oldest = min((swap.agreed_at or swap.asked_at for swap in swaps), default=None)
        lines.append(Line(_("Swaps"), "switch-horizontal", len(swaps), address("swaps"), _waited(oldest)))
    if may(request, Right.CORRECT_ATTENDANCE):
        count, oldest = waiting_corrections(department)
        lines.append(Line(_("Corrections"), "clock", count, address("corrections"), _waited(oldest)))
    if may(request, Right.WATCH_SHIFTS):
        asked = [away for away in away_now(department) if away.permission == Permission.ASKED]
        oldest = min((away.left_at for away in asked), default=None)
        url = address("away_decide", pk=asked[0].pk) if asked else ""
        lines.append(Line(_("Asking to leave the desk"), "coffee", len(asked), url, _waited(oldest)))
    lines += decided_lines(request, department)
    return RequestsPart(lines) if lines else None


def _waited(since: datetime | None) -> str:
    return in_words(clock.now() - since) if since else ""
