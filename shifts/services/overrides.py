"""Letting warnings of a roster stand, with a reason that is kept, and what keeps a month from being published."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from office import audit
from office.months import Month
from people.models import Department, Membership, User
from shifts.checks import alike, in_words
from shifts.compliance import Violation
from shifts.models import Layer, Override, Roster
from shifts.plans import Breach, breaches_of, override_key
from shifts.services.cells import roster_of
from shifts.services.live import refuse_locked

LONGEST_REASON = 500
# So many messages are read; the page shows them all.
MOST_TOLD = 5


@transaction.atomic
def let_stand(*, roster: Roster, violations: Sequence[Violation], reason: str, actor: User) -> list[Override]:
    """Keep that warnings may stand, each once: one that is kept already, as bad as it is, stays as it was.

    Refuses an empty reason ("no_reason"), one that is too long ("too_long"), and a breach that blocks ("blocking").
    """
    roster = Roster.objects.select_for_update().get(pk=roster.pk)
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Say why the warnings may stand."), code="no_reason")
    if len(reason) > LONGEST_REASON:
        raise ValidationError(
            _("The reason is too long: %(most)s characters at most.") % {"most": LONGEST_REASON}, code="too_long"
        )
    if any(one.blocks for one in violations):
        raise ValidationError(_("What blocks cannot be let stand; change the plan."), code="blocking")
    wanted = {override_key(one): one for one in violations}
    known = set(Override.objects.filter(roster=roster, key__in=wanted).values_list("key", flat=True))
    names = _names(violations)
    made = Override.objects.bulk_create(
        Override(roster=roster, key=key, text=one.in_all_languages(names), reason=reason, by=actor)
        for key, one in wanted.items()
        if key not in known
    )
    if made:
        audit.record(actor, "shifts.roster.let_stand", roster, reason=reason, warnings=[row.key for row in made])
    return made


@transaction.atomic
def let_one_stand(
    *, department: Department, month: Month, layer: str, key: str, reason: str, actor: User
) -> list[Override]:
    """Keep that one line of a month's checks may stand: a warning, or the same one on days that follow one another.

    `key`: of its first breach, as bad as it was when somebody looked (`override_key`). Refuses a closed month
    ("locked"), a line that is not there as it was, or that somebody has let stand ("changed"), and as `let_stand`.
    """
    roster = roster_of(department, month, lock=True)
    refuse_locked(roster)
    groups = alike(breaches_of(department, month, layer))
    found = next((group for group in groups if override_key(group[0].violation) == key), [])
    if not found or not found[0].is_open:
        raise ValidationError(_("The plan has changed; look at its checks again."), code="changed")
    return let_stand(roster=roster, violations=[breach.violation for breach in found], reason=reason, actor=actor)


def _names(violations: Sequence[Violation]) -> dict[int, str]:
    members = Membership.objects.select_related("user").in_bulk({one.agent for one in violations if one.agent})
    return {key: member.name for key, member in members.items()}


def require_publishable(*, department: Department, month: Month, reason: str, actor: User) -> None:
    """Refuse to publish a draft that must not be; keep why its open warnings may stand.

    Raises ValidationError with the messages of what blocks ("blocked"), or when there are warnings that nobody has let
    stand and no reason ("reason_needed"). Once a month is published, breaches of days that are past hold nobody up:
    they cannot be mended any more.
    """
    standing = to_be_answered(department, month)
    blocking = [breach for breach in standing if breach.violation.blocks]
    if blocking:
        words = _("This keeps the roster from being published: %(breaches)s")
        raise ValidationError(words % {"breaches": _told(blocking)}, code="blocked")
    warnings = [breach for breach in standing if breach.asks]
    if not warnings:
        return
    if not reason.strip():
        words = _("The plan has warnings. Say why they may stand, or change it: %(breaches)s")
        raise ValidationError(words % {"breaches": _told(warnings)}, code="reason_needed")
    let_stand(
        roster=roster_of(department, month),
        violations=[breach.violation for breach in warnings],
        reason=reason,
        actor=actor,
    )


def to_be_answered(department: Department, month: Month) -> list[Breach]:
    """The breaches of a draft that count when it is published."""
    found = breaches_of(department, month, Layer.DRAFT)
    roster = Roster.objects.filter(department=department, first_day=month.first).first()
    if roster is None or not roster.version:
        return found
    today = department.today()
    return [one for one in found if any(day >= today for day in one.violation.marked or one.violation.days)]


def _told(breaches: Sequence[Breach]) -> str:
    """The first few in words, and how many more there are; the same on days that follow one another is one."""
    names = _names([breach.violation for breach in breaches])
    groups = alike(breaches)
    told = []
    for group in groups[:MOST_TOLD]:
        days = in_words([day for breach in group for day in breach.violation.marked])
        told.append(f"{days} {group[0].violation.message(names)}".strip())
    more = len(groups) - len(told)
    return " · ".join([*told, _("and %(count)s more") % {"count": more}] if more else told)
