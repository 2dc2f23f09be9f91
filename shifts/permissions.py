"""Who may edit rosters: see `people.permissions` for how a right is held."""

from people.access import may
from people.models import Right


def can_edit_roster(request) -> bool:
    return may(request, Right.EDIT_ROSTER)
