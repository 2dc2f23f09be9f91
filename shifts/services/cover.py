"""Cover 顶班: putting somebody on a published shift that lacks people, or in the place of somebody."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, notices
from office.months import Month
from people.models import Department, Membership, Right, User
from people.permissions import has_right
from shifts.models import AnswerCause, RosterVersion, VersionCause
from shifts.services.cells import Move
from shifts.services.live import change_published, published_rosters
from shifts.services.swap_decisions import keep_why
from shifts.services.swaps import refused, written
from shifts.whatif import WhatIf

PUT_ON = gettext_noop("You stand in on %(day)s: %(shift)s.")
TAKEN_OFF = gettext_noop("%(name)s stands in for you on %(day)s: %(shift)s. You have nothing planned on that day now.")
# Filling a gap at once changes what is published: whoever edits the roster may, and whoever takes people off it.
PUTTING_ON = (Right.EDIT_ROSTER, Right.APPROVE_LEAVE)


@transaction.atomic
def put_on(
    *,
    department: Department,
    day: date,
    code: str,
    member: Membership,
    actor: User,
    instead_of: Membership | None = None,
    reason: str = "",
) -> RosterVersion:
    """Put a member on a shift of a day now; says the new version of the month. Tells whoever it concerns.

    `instead_of`: whose place they take. The shift keeps its key, so who answered for it until when stays known; that
    person's cell becomes empty, neither a rest day nor leave: that is for the planner to say.

    Refuses actors without the right ("not_yours"), everything that `WhatIf.put_on` does, somebody who is not on that
    shift ("not_on_it"), a shift that has begun ("begun"), and warnings without a reason ("reason_needed").
    """
    if not any(has_right(actor, department, right) for right in PUTTING_ON):
        raise ValidationError(_("You cannot change the published roster here."), code="not_yours")
    reason = written(reason)
    people = [one.pk for one in (member, instead_of) if one is not None]
    list(Membership.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    published_rosters(department, [day])
    scene = WhatIf(department, [day])
    if instead_of is not None and scene.code((instead_of.pk, day)) != code:
        raise ValidationError(_("%(name)s is not on this shift.") % {"name": instead_of.name}, code="not_on_it")
    trouble = scene.put_on(member.pk, day, code)
    refused(trouble.refusals)
    warnings = [warning.text for warning in trouble.warnings]
    if warnings and not reason:
        raise ValidationError(
            [ValidationError(text, code="reason_needed") for text in [_("Say why all the same:"), *warnings]]
        )
    cells, moves = {(member.pk, day): code}, []
    if instead_of is not None:
        cells, moves = {(instead_of.pk, day): ""}, [Move(instead_of.pk, member.pk, day)]
    versions = change_published(
        department=department,
        actor=actor,
        cause=VersionCause.COVER,
        answer_cause=AnswerCause.COVER,
        cells=cells,
        moves=moves,
        tell=False,
    )
    keep_why(versions, trouble.breaches, reason=reason, actor=actor)
    version = versions[Month.of(day)]
    audit.record(
        actor,
        "shifts.cover.put_on",
        version,
        department=department,
        member=member.pk,
        day=day,
        code=code,
        instead_of=instead_of.pk if instead_of else None,
        reason=reason,
        warnings=warnings,
    )
    _tell(scene, member, instead_of, day, code)
    return version


def _tell(scene: WhatIf, member: Membership, instead_of: Membership | None, day: date, code: str) -> None:
    rulebook = scene.rulebook(day)
    shift = rulebook.shift(code) if rulebook else None
    name = dict(shift.name.both) if shift else code
    link = f"/d/{scene.department.code}/roster/{Month.of(day)}/"
    notices.tell(member.user, PUT_ON, link=link, day=day.isoformat(), shift=name)
    if instead_of is not None:
        notices.tell(instead_of.user, TAKEN_OFF, link=link, day=day.isoformat(), shift=name, name=member.name)
