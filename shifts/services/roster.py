"""Editing the draft of a month and publishing it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from office import audit
from office.months import Month
from people.models import Department, Membership, User
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.models import Assignment, Layer, Leave, Roster, RosterVersion, VersionCause
from shifts.services.cells import changed_cells, code_in, live, members_of, roster_of, write_cells
from shifts.services.live import record_version, refuse_begun, refuse_locked
from shifts.services.overrides import require_publishable


@dataclass(frozen=True)
class CellEdit:
    """One cell to be set: a shift's or the rest day's code, "" to clear; `seen` is the version the editor saw."""

    membership_id: int
    day: date
    code: str
    seen: int


@dataclass(frozen=True)
class Conflict:
    """A cell that somebody else changed since it was seen: what stands there now, and what was wanted."""

    membership_id: int
    day: date
    theirs: str
    version: int
    yours: str


@dataclass
class Painted:
    """What a paint did: the roster's new edit count, the cells as they are now, and what collided."""

    edits: int
    saved: list[CellEdit] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@transaction.atomic
def paint(*, department: Department, month: Month, edits: Sequence[CellEdit], actor: User) -> Painted:
    """Save edits of the draft. Cells that changed since they were seen come back as conflicts; all others are saved.

    Raises ValidationError, and saves nothing, when an edit can never hold: an unknown code ("unknown_code"), a cell
    outside the month or of nobody's here ("no_such_cell"), a day that is past and published ("past"), two shifts of one
    person at the same time ("overlap"), a locked month ("locked"). A kind of leave can be put back where a leave is
    approved, and nowhere else.
    """
    roster = roster_of(department, month, lock=True)
    refuse_locked(roster)
    members = _members(department, month)
    rulebooks = in_force_by_day(department, {edit.day for edit in edits if edit.day in month})
    for edit in edits:
        _refuse_impossible(edit, roster=roster, members=members, rulebooks=rulebooks)
    _refuse_unasked_leave(edits, rulebooks)

    cells = {
        (row.membership_id, row.business_date): row
        for row in Assignment.objects.draft().between(month.first, month.last).filter(membership__in=members, slot=1)
    }
    result = Painted(edits=roster.edits)
    wanted: dict[tuple[int, date], CellEdit] = {}
    for edit in edits:
        cell = cells.get((edit.membership_id, edit.day))
        version, code = (cell.version, cell.code) if cell else (0, "")
        if code == edit.code:
            result.saved.append(CellEdit(edit.membership_id, edit.day, code, version))
        elif version != edit.seen:
            result.conflicts.append(Conflict(edit.membership_id, edit.day, code, version, edit.code))
        else:
            wanted[edit.membership_id, edit.day] = edit
    if not wanted:
        return result

    roster.edits += 1
    roster.save(update_fields=["edits"])
    before = {key: cells[key].code if key in cells else "" for key in wanted}
    write_cells(
        {key: (edit.code, rulebooks[edit.day]) for key, edit in wanted.items()},
        layer=Layer.DRAFT,
        existing=cells,
        members=members,
        version=roster.edits,
    )
    for edit in wanted.values():
        result.saved.append(CellEdit(edit.membership_id, edit.day, edit.code, roster.edits if edit.code else 0))
    result.edits = roster.edits
    audit.record(
        actor,
        "shifts.roster.painted",
        roster,
        before=[[member, day, code] for (member, day), code in before.items()],
        after=[[edit.membership_id, edit.day, edit.code] for edit in wanted.values()],
    )
    return result


def _refuse_impossible(edit: CellEdit, *, roster: Roster, members: dict[int, Membership], rulebooks) -> None:
    member = members.get(edit.membership_id)
    day = edit.day
    # A cell that was set before somebody's last day was known can still be cleared.
    if member is None or day not in roster.month or not (member.holds_on(day) or not edit.code):
        raise ValidationError(_("There is no such cell in this roster."), code="no_such_cell")
    rulebook = rulebooks.get(day)
    if rulebook is None:
        raise ValidationError(_("No rulebook is in force on %(day)s.") % {"day": day}, code="no_rulebook")
    known = edit.code in ("", rulebook.rest.code) or rulebook.shift(edit.code) or rulebook.leave_kind(edit.code)
    if not known:
        raise ValidationError(
            _("“%(code)s” is no shift of the rulebook.") % {"code": edit.code[:8]}, code="unknown_code"
        )
    if roster.version and day < roster.department.today():
        raise ValidationError(
            _("%(day)s is past and published; it can no longer be planned.") % {"day": day}, code="past"
        )


def _refuse_unasked_leave(edits: Sequence[CellEdit], rulebooks: dict[date, Rulebook]) -> None:
    """A cell of leave stands for a slip that somebody approved: it cannot be painted without one."""
    asked = [edit for edit in edits if edit.code and rulebooks[edit.day].leave_kind(edit.code)]
    if not asked:
        return
    slips = Leave.objects.approved().filter(membership__in={edit.membership_id for edit in asked})
    days = {(slip.membership_id, slip.kind): [] for slip in slips}  # type: dict[tuple[int, str], list[Leave]]
    for slip in slips:
        days[slip.membership_id, slip.kind].append(slip)
    for edit in asked:
        own = days.get((edit.membership_id, edit.code), [])
        if not any(slip.first_day <= edit.day <= slip.last_day for slip in own):
            raise ValidationError(_("Leave on %(day)s needs an approved slip.") % {"day": edit.day}, code="no_leave")


def _members(department: Department, month: Month) -> dict[int, Membership]:
    rows = department.memberships.rostered().touching(month.first, month.last)
    return {member.pk: member for member in rows.select_related("user", "department")}


@transaction.atomic
def publish(*, department: Department, month: Month, seen_edits: int, actor: User, reason: str = "") -> RosterVersion:
    """Make the draft hold: the published layer becomes what the draft says, a snapshot is kept, those changed are told.

    A published cell that does not change keeps its row. Refuses when somebody edited the draft after `seen_edits`
    ("stale"), when nothing changed ("nothing_to_publish"), when a shift that has begun would change ("begun"), a locked
    month ("locked"), a plan that breaks what the rulebook does not let pass ("blocked"), and warnings that nobody gives
    a `reason` for ("reason_needed").
    """
    roster = roster_of(department, month, lock=True)
    refuse_locked(roster)
    if roster.edits != seen_edits:
        raise ValidationError(_("The draft has changed since you looked. Look again, then publish."), code="stale")
    draft, published = live(department, month, Layer.DRAFT), live(department, month, Layer.PUBLISHED, lock=True)
    members = members_of(draft, published)
    draft = {key: row for key, row in draft.items() if members[key[0]].holds_on(key[1])}
    changed = changed_cells(draft, published)
    if roster.version:
        # What was not published in time is past: who was planned when it happened stays as it was.
        changed = [key for key in changed if key[1] >= department.today()]
    if not changed:
        raise ValidationError(_("Nothing has changed since the last publication."), code="nothing_to_publish")
    refuse_begun([published[key] for key in changed if key in published])
    require_publishable(department=department, month=month, reason=reason, actor=actor)
    rulebooks = in_force_by_day(department, {day for _member, day in changed})
    before = {key: code_in(published, key) for key in changed}
    touched = write_cells(
        {key: (code_in(draft, key), rulebooks.get(key[1])) for key in changed},
        layer=Layer.PUBLISHED,
        existing=published,
        members=members,
        version={key: draft[key].version if key in draft else 0 for key in changed},
    )
    return record_version(
        roster, published, before, touched, actor=actor, cause=VersionCause.PUBLISHED, members=members
    )


@transaction.atomic
def discard_draft(*, department: Department, month: Month, seen_edits: int, actor: User) -> int:
    """Take the draft back to what is published; says how many cells. Refuses when it was edited after `seen_edits`."""
    roster = roster_of(department, month, lock=True)
    refuse_locked(roster)
    if roster.edits != seen_edits:
        raise ValidationError(_("The draft has changed since you looked. Look again."), code="stale")
    draft, published = live(department, month, Layer.DRAFT), live(department, month, Layer.PUBLISHED)
    changed = changed_cells(draft, published)
    if not changed:
        return 0
    members = members_of(draft, published)
    rulebooks = in_force_by_day(department, {day for _member, day in changed})
    roster.edits += 1
    roster.save(update_fields=["edits"])
    write_cells(
        {key: (published[key].code if key in published else "", rulebooks.get(key[1])) for key in changed},
        layer=Layer.DRAFT,
        existing=draft,
        members=members,
        version=roster.edits,
    )
    audit.record(actor, "shifts.roster.discarded", roster, cells=len(changed))
    return len(changed)
