"""What is planned for somebody who leaves."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, notices
from office.months import Month
from people.models import Membership, Right, User
from people.permissions import holders_of
from shifts.models import Assignment, Attendance, Correction, Layer, Roster, VersionCause
from shifts.services.cells import live, write_cells
from shifts.services.live import fixed_keys, record_version, refuse_locked
from shifts.services.swaps import end_swaps_of_leaver


def last_worked_day(member: Membership) -> date | None:
    """The date of the last shift that the member has clocked into."""
    days = Attendance.objects.filter(membership=member).order_by("-business_date")
    return days.values_list("business_date", flat=True).first()


def planned_after(member: Membership, day: date):
    """Published and drafted cells after `day` that nobody has clocked into, in the order of their dates."""
    rows = Assignment.objects.filter(membership=member, business_date__gt=day, attendance=None)
    return rows.order_by("business_date", "slot")


def refuse_while_planned(*, member: Membership) -> None:
    """Nobody leaves the roster while shifts from today on are planned for them: the page would show them no more."""
    planned = planned_after(member, member.department.today() - timedelta(days=1))
    days = sorted({row.business_date for row in planned if not row.is_rest})
    if days:
        raise ValidationError(
            _("%(name)s still has planned shifts: %(days)s. Take them out of the roster first.")
            % {"name": member.name, "days": _in_words(days)},
            code="still_planned",
        )


@transaction.atomic
def release_shifts(*, member: Membership, last_day: date, actor: User) -> list[date]:
    """Take the member out of the plan after `last_day`, in the draft and in what is published; says the shifts' days.

    A month whose published plan changes gets a new version. Those who edit the roster are told which days have lost
    somebody. Swaps of later days that could still be applied end. What the member has clocked into stays, and what
    they have asked to be corrected.

    Refuses when something of a closed month would go ("locked"), and while such a correction waits, which may yet say
    that they worked ("correction_waits").
    """
    department = member.department
    waiting = Correction.objects.waiting().filter(membership=member, assignment__business_date__gt=last_day)
    if waiting.exists():
        raise ValidationError(_("A correction of attendance still waits; decide it first."), code="correction_waits")
    months = sorted({Month.of(row.business_date).first for row in planned_after(member, last_day)})
    lost: set[date] = set()
    cells: list[list[str]] = []
    # Whoever edits or publishes one of these months waits here, or we for them.
    rosters = Roster.objects.select_for_update(of=("self",)).filter(department=department, first_day__in=months)
    for roster in rosters.select_related("department").order_by("first_day"):
        refuse_locked(roster)
        roster.edits += 1
        roster.save(update_fields=["edits"])
        for layer in (Layer.DRAFT, Layer.PUBLISHED):
            cleared = _clear(roster, member, last_day, layer, actor)
            cells += [[layer, day.isoformat(), row.code] for day, row in sorted(cleared.items())]
            lost |= {day for day, row in cleared.items() if layer == Layer.PUBLISHED and not row.is_rest}
    end_swaps_of_leaver(member=member, last_day=last_day, actor=actor)
    if not cells:
        return []
    audit.record(actor, "shifts.roster.released", member, last_day=last_day, before=cells)
    if lost:
        _tell_editors(member, sorted(lost))
    return sorted(lost)


def _clear(roster: Roster, member: Membership, last_day: date, layer: str, actor: User) -> dict[date, Assignment]:
    """Clear the member's cells of one layer of the month; says which. What was published gets its next version."""
    rows = live(roster.department, roster.month, layer, lock=True)
    own = {key: row for key, row in rows.items() if key[0] == member.pk and key[1] > last_day}
    fixed = fixed_keys(own.values())
    own = {key: row for key, row in own.items() if row.pk not in fixed}
    before = {key: row.code for key, row in own.items()}
    members = {member.pk: member}
    touched = write_cells(
        dict.fromkeys(own, ("", None)), layer=layer, existing=rows, members=members, version=roster.edits
    )
    if own and layer == Layer.PUBLISHED:
        # The member is told of their last day; who plans is told below.
        record_version(
            roster, rows, before, touched, actor=actor, cause=VersionCause.LEAVER, members=members, tell=False
        )
    return {day: row for (_member, day), row in own.items()}


def _tell_editors(member: Membership, days: list[date]) -> None:
    notices.tell(
        holders_of(member.department, Right.EDIT_ROSTER),
        gettext_noop("%(name)s leaves. Shifts without them now: %(days)s"),
        link=f"/d/{member.department.code}/roster/{Month.of(days[0])}/",
        name=member.name,
        count=len(days),
        day=days[0].isoformat(),
        days=_in_words(days),
    )


def _in_words(days: list[date]) -> str:
    """ "12-01, 12-02, …": enough to begin with; the roster shows them all."""
    shown = [f"{day:%m-%d}" for day in days[:10]]
    return " · ".join([*shown, "…"] if len(days) > 10 else shown)
