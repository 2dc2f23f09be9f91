"""Who may report, decide and collect. The rulebook gives the rights; that nobody judges their own case stands here."""

from django.utils.translation import gettext as _

from people.access import may
from people.models import Right

from .models import Bonus, Incident


def can_report(request) -> bool:
    return may(request, Right.REPORT_INCIDENT)


def can_collect(request) -> bool:
    return may(request, Right.COLLECT_FINES)


def can_decide(request, incident: Incident) -> bool:
    return not why_not_decide(request, incident)


def why_not_decide(request, incident: Incident) -> str:
    """Why the signed-in person may not decide this incident, in one sentence; "" when they may."""
    if not may(request, Right.DECIDE_INCIDENT):
        return _("You may not decide incidents.")
    if incident.membership.user_id == request.user.pk:
        return _("This is about you: somebody else decides it.")
    if incident.reported_by_id == request.user.pk:
        return _("You reported this: somebody else decides it.")
    return ""


def why_not_award(request, bonus: Bonus) -> str:
    """Why the signed-in person may not decide this bonus, in one sentence; "" when they may."""
    if not may(request, Right.AWARD_BONUS):
        return _("You may not approve bonuses.")
    if bonus.membership.user_id == request.user.pk:
        return _("This is about you: somebody else decides it.")
    return ""
