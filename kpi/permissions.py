"""Who sees which scorecards of the department of a request, and who judges."""

from django.db.models import QuerySet

from people.access import may
from people.models import Membership, Right


def visible_members(request) -> QuerySet[Membership]:
    """Members whose scorecards the person may open: all with the right to read them, else oneself."""
    members = request.department.memberships.scored()
    return members if may(request, Right.READ_SCORECARDS) else members.filter(user=request.user)


def can_judge(request, member: Membership) -> bool:
    """Nobody judges themselves."""
    return may(request, Right.JUDGE_AGENTS) and member.user_id != request.user.pk
