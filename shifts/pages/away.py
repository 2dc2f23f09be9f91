"""The buttons for leaving the desk, as the agent on duty sees them."""

from dataclasses import dataclass

from office import clock
from rulebooks.schema import AwayReason
from shifts.models import Attendance, Away, Permission
from shifts.punctuality import whole_minutes
from shifts.services.away import reasons_of


@dataclass(frozen=True)
class AwayPanel:
    """What one may leave for, or what one has left for. `minutes`: away so long; `most`: allowed, None: no limit."""

    reasons: tuple[AwayReason, ...]
    away: Away | None = None
    name: str = ""
    since: str = ""
    minutes: int = 0
    most: int | None = None

    @property
    def is_asked(self) -> bool:
        return self.away is not None and self.away.permission == Permission.ASKED

    @property
    def is_granted(self) -> bool:
        return self.away is not None and self.away.permission == Permission.GRANTED

    @property
    def is_over(self) -> bool:
        """Whether they are away for longer than the reason allows."""
        return self.most is not None and self.minutes > self.most

    @property
    def is_shown(self) -> bool:
        return bool(self.reasons) or self.away is not None


def away_panel_of(attendance: Attendance) -> AwayPanel:
    """Of a running shift, with its member and department loaded; one query."""
    reasons = reasons_of(attendance)
    away = attendance.absences.open().first()
    if away is None:
        return AwayPanel(reasons)
    rule = next((each for each in reasons if each.code == away.reason), None)
    return AwayPanel(
        reasons,
        away=away,
        name=str(rule.name) if rule else away.reason,
        since=f"{attendance.membership.department.local(away.left_at):%H:%M}",
        minutes=whole_minutes(clock.now() - away.left_at),
        most=rule.minutes_at_most if rule else None,
    )
