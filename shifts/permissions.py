"""Who may edit rosters and watch the shifts: see `people.permissions` for how a right is held."""

from people.access import may
from people.models import Right


def can_edit_roster(request) -> bool:
    return may(request, Right.EDIT_ROSTER)


def can_watch(request) -> bool:
    return may(request, Right.WATCH_SHIFTS)
