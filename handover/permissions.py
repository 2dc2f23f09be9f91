"""Who may do what with the notebooks: see `people.permissions` for how a right is held."""

from handover.models import HandoverItem
from people.access import may
from people.models import Membership, Right
from shifts.models import Attendance


def can_read_everybody(request) -> bool:
    """Everybody's issues and statistics; one's own are always open to oneself."""
    return may(request, Right.READ_REGISTER)


def can_take_over(request) -> bool:
    return may(request, Right.TAKE_OVER)


def can_finish(request, item: HandoverItem, member: Membership) -> bool:
    """Its owner, or who may take over."""
    return item.owner_id == member.pk or can_take_over(request)


def can_act_for(request, attendance: Attendance) -> bool:
    """Hand over and end this shift: the person on it, or who may take over."""
    return attendance.membership.user_id == request.user.pk or can_take_over(request)


def can_answer(request, item: HandoverItem, member: Membership) -> bool:
    """What is asked about it: whoever gave it, on duty or not, or who may take over."""
    giver = item.giver
    return (giver is not None and giver.pk == member.pk) or can_take_over(request)
