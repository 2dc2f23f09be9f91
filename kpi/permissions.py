"""Who sees which scorecards of the department of a request, and who judges."""

from django.db.models import Exists, OuterRef, Q

from people.access import may
from people.models import Membership, MembershipQuerySet, Right

from .models import Scorecard


def visible_members(request) -> MembershipQuerySet:
    """Members whose scorecards the person may open: all with the right to read them, else oneself.

    Who gets none any more still has those of earlier months.
    """
    if may(request, Right.READ_SCORECARDS):
        return _ever_scored(request.department.memberships.all())
    return own_memberships(request)


def own_memberships(request) -> MembershipQuerySet:
    """One's own memberships here that have scorecards, or get them."""
    return _ever_scored(request.department.memberships.filter(user=request.user))


def _ever_scored(members: MembershipQuerySet) -> MembershipQuerySet:
    return members.filter(Q(scored=True) | Q(Exists(Scorecard.objects.filter(membership=OuterRef("pk")))))


def can_judge(request, member: Membership) -> bool:
    """Nobody judges themselves."""
    return may(request, Right.JUDGE_AGENTS) and member.user_id != request.user.pk
