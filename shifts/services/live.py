"""Changing what is published: by a publication, a swap, leave, cover, or because somebody leaves.

Whoever changes published cells comes through here, so that every change has its version, tells those concerned, keeps
who answers for each shift, and makes swaps stale that counted on what was.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, notices
from office.months import Month
from people.models import Department, Membership, User
from rulebooks.services import in_force, in_force_by_day
from shifts.models import (
    LIVE_SWAPS,
    AnswerCause,
    Assignment,
    Attendance,
    Correction,
    Layer,
    Roster,
    RosterChange,
    RosterVersion,
    Swap,
    SwapState,
)
from shifts.services.answers import keep_answers
from shifts.services.cells import Cells, Key, Move, code_in, live, members_of, snapshot, write_cells
from shifts.services.duty_making import repair_turns

CHANGED = gettext_noop("Your shifts of %(month)s have changed, days: %(days)s.")
OVERTAKEN = gettext_noop("The swap of %(day)s is off: one of its shifts has changed.")


@transaction.atomic
def change_published(
    *,
    department: Department,
    actor: User,
    cause: str,
    cells: Mapping[Key, str] | None = None,
    moves: Sequence[Move] = (),
    answer_cause: str = AnswerCause.PUBLISHED,
    tell: bool = True,
) -> dict[Month, RosterVersion]:
    """Change published cells by their codes ("" clears), after the moves; a new version of each month holds them.

    The draft follows wherever it said what was published; an edit of just that cell that waits for publication stays.
    Refuses a month that was never published ("not_published") or is locked ("locked"), a day that is past ("past"), a
    shift that has begun ("begun"), somebody on two shifts at once ("overlap"). `tell`: notices to those concerned.
    """
    wanted = dict(cells or {})
    keys = {*wanted, *(key for move in moves for key in move.keys)}
    days = sorted({day for _member, day in keys})
    for day in days:
        if day < department.today():
            raise ValidationError(_("%(day)s is past; its plan stays as it was.") % {"day": day}, code="past")
    versions: dict[Month, RosterVersion] = {}
    rosters = published_rosters(department, days)
    for month, roster in rosters.items():
        own_cells = {key: code for key, code in wanted.items() if key[1] in month}
        own_moves = [move for move in moves if move.day in month]
        versions[month] = _change_month(
            roster, own_cells, own_moves, actor=actor, cause=cause, answer_cause=answer_cause, tell=tell
        )
    return versions


def published_rosters(department: Department, days: Sequence[date]) -> dict[Month, Roster]:
    """The heads of the months of these days, locked, in their order; each published and not closed, else refused."""
    months = sorted({Month.of(day).first for day in days})
    rows = Roster.objects.select_for_update().filter(department=department, first_day__in=months).order_by("first_day")
    rosters = {roster.month: roster for roster in rows}
    for first in months:
        roster = rosters.get(Month.of(first))
        if roster is None or not roster.version:
            raise ValidationError(
                _("The roster of %(month)s is not published yet.") % {"month": Month.of(first)}, code="not_published"
            )
        refuse_locked(roster)
    return rosters


def refuse_locked(roster: Roster) -> None:
    if roster.is_locked:
        raise ValidationError(
            _("The roster of %(month)s is locked; nothing of it changes any more.") % {"month": roster.month},
            code="locked",
        )


def _change_month(
    roster: Roster,
    cells: dict[Key, str],
    moves: Sequence[Move],
    *,
    actor: User,
    cause: str,
    answer_cause: str,
    tell: bool,
) -> RosterVersion:
    department, month = roster.department, roster.month
    draft, published = live(department, month, Layer.DRAFT), live(department, month, Layer.PUBLISHED, lock=True)
    keys = {*cells, *(key for move in moves for key in move.keys)}
    members = members_of(keys, draft, published)
    refuse_begun([published[key] for key in keys if key in published])
    before = {key: code_in(published, key) for key in keys}
    followed = {key for key in keys if code_in(draft, key) == before[key]}
    rulebooks = in_force_by_day(department, {day for _member, day in keys})
    roster.edits += 1
    touched: set[int] = set()
    for layer, rows, own in ((Layer.PUBLISHED, published, keys), (Layer.DRAFT, draft, followed)):
        written = write_cells(
            {key: (code, rulebooks.get(key[1])) for key, code in cells.items() if key in own},
            layer=layer,
            existing=rows,
            members=members,
            version=roster.edits,
            moves=[move for move in moves if set(move.keys) <= own],
        )
        touched |= written if layer == Layer.PUBLISHED else set()
    return record_version(
        roster,
        published,
        before,
        touched,
        actor=actor,
        cause=cause,
        answer_cause=answer_cause,
        members=members,
        tell=tell,
    )


def record_version(
    roster: Roster,
    published: Cells,
    before: Mapping[Key, str],
    touched: set[int],
    *,
    actor: User,
    cause: str,
    members: Mapping[int, Membership],
    answer_cause: str = AnswerCause.PUBLISHED,
    tell: bool = True,
) -> RosterVersion:
    """Keep what is published now (`published`) as the month's next version; `before` has what the changed cells held.

    `touched`: keys of the published assignments that were written. Saves the roster's counts.
    """
    department, month = roster.department, roster.month
    after = {key: code_in(published, key) for key in before}
    changed = sorted(key for key in before if before[key] != after[key])
    roster.version += 1
    roster.save(update_fields=["edits", "version"])
    version = RosterVersion.objects.create(
        roster=roster,
        number=roster.version,
        content=snapshot(published.values()),
        changed_cells=len(changed),
        cause=cause,
        rulebook_version_id=in_force(department, month.last).version_id,
        published_by=actor,
    )
    days: dict[int, list[list[str]]] = {}
    for key in changed:
        days.setdefault(key[0], []).append([key[1].isoformat(), before[key], after[key]])
    RosterChange.objects.bulk_create(
        RosterChange(version=version, membership_id=member, days=own) for member, own in days.items()
    )
    keep_answers(touched, cause=answer_cause)
    overtake_swaps(department, set(changed))
    repair_turns(department, {day for _member, day in changed}, actor=actor)
    audit.record(actor, "shifts.roster.published", version, department=department, changed=len(changed), cause=cause)
    if tell:
        tell_changed(version, days, members)
    return version


def tell_changed(version: RosterVersion, days: Mapping[int, Sequence], members: Mapping[int, Membership]) -> None:
    """Tell everybody whose days a version changed."""
    department, month = version.roster.department, version.roster.month
    for member_id, own in days.items():
        notices.tell(
            members[member_id].user,
            CHANGED,
            link=reverse("shifts:roster", args=[department.code, month]),
            month=str(month),
            days=len(own),
        )


def overtake_swaps(department: Department, changed: set[Key]) -> None:
    """End the swaps that counted on one of these cells as it was, and tell both sides."""
    waiting = Swap.objects.select_for_update(of=("self",)).filter(department=department, state__in=LIVE_SWAPS)
    for swap in waiting.select_related("owner__user", "partner__user", "asked_by").order_by("pk"):
        if not changed & {(cell[0], date.fromisoformat(cell[1])) for cell in swap.seen}:
            continue
        swap.state = SwapState.STALE
        swap.save(update_fields=["state"])
        audit.record(None, "shifts.swap.overtaken", swap, department=department)
        people = {member.user for member in (swap.owner, swap.partner) if member}
        notices.tell(
            # For an open shift, whoever opened it answers.
            people if swap.owner else {*people, swap.asked_by},
            OVERTAKEN,
            link=f"/d/{department.code}/swaps/{swap.pk}/",
            day=swap.business_date.isoformat(),
        )


def fixed_keys(rows: Iterable[Assignment]) -> set[int]:
    """Keys of those of these shifts that attendance, or a correction of it, hangs on: they stay as they are."""
    keys = [row.pk for row in rows]
    clocked = Attendance.objects.filter(assignment__in=keys).values_list("assignment", flat=True)
    corrected = Correction.objects.filter(assignment__in=keys).values_list("assignment", flat=True)
    return {*clocked, *corrected}


def refuse_begun(rows: Sequence[Assignment]) -> None:
    """Refuse to change shifts that somebody has clocked into, or has asked to have worked."""
    begun = Attendance.objects.filter(assignment__in=[row.pk for row in rows])
    first = begun.select_related("membership__user").first()
    if first is not None:
        raise ValidationError(
            _("%(name)s has already begun the shift of %(day)s; it cannot be changed any more.")
            % {"name": first.membership.name, "day": first.business_date},
            code="begun",
        )
    asked = Correction.objects.filter(assignment__in=[row.pk for row in rows])
    one = asked.select_related("membership__user", "assignment").first()
    if one is not None:
        raise ValidationError(
            _("%(name)s has asked for a correction of the shift of %(day)s; it cannot be changed any more.")
            % {"name": one.membership.name, "day": one.assignment.business_date},
            code="begun",
        )
