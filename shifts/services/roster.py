"""Editing the draft of a month and publishing it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, notices
from office.months import Month
from people.models import Department, Membership, User
from rulebooks.schema import Rulebook
from rulebooks.services import in_force, in_force_by_day
from shifts.models import Assignment, AssignmentSpan, Attendance, Layer, Roster, RosterVersion
from shifts.spans import Stretch, overlapping, stretches_of

OVERLAP = "shifts_span_overlap"


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


def roster_of(department: Department, month: Month, *, lock: bool = False) -> Roster:
    """The head row of a month, made when it is first asked for; `lock` holds it until the transaction ends."""
    Roster.objects.get_or_create(department=department, first_day=month.first)
    rows = Roster.objects.select_for_update() if lock else Roster.objects
    return rows.get(department=department, first_day=month.first)


@transaction.atomic
def paint(*, department: Department, month: Month, edits: Sequence[CellEdit], actor: User) -> Painted:
    """Save edits of the draft. Cells that changed since they were seen come back as conflicts; all others are saved.

    Raises ValidationError, and saves nothing, when an edit can never hold: an unknown code ("unknown_code"), a cell
    outside the month or of nobody's here ("no_such_cell"), a day that is past and published ("past"), two shifts of one
    person at the same time ("overlap").
    """
    roster = roster_of(department, month, lock=True)
    members = _members(department, month)
    rulebooks = in_force_by_day(department, {edit.day for edit in edits if edit.day in month})
    for edit in edits:
        _refuse_impossible(edit, roster=roster, members=members, rulebooks=rulebooks)

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
    _write_cells(
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
    if edit.code and edit.code != rulebook.rest.code and rulebook.shift(edit.code) is None:
        raise ValidationError(
            _("“%(code)s” is no shift of the rulebook.") % {"code": edit.code[:8]}, code="unknown_code"
        )
    if roster.version and day < roster.department.today():
        raise ValidationError(
            _("%(day)s is past and published; it can no longer be planned.") % {"day": day}, code="past"
        )


def _write_cells(
    wanted: dict[tuple[int, date], tuple[str, Rulebook | None]],
    *,
    layer: str,
    existing: dict[tuple[int, date], Assignment],
    members: dict[int, Membership],
    version: int | dict[tuple[int, date], int],
) -> None:
    """Make the cells of `layer` what is wanted ("" clears), in bulk. A changed cell keeps its row, so its key."""
    touched = [existing[key] for key in wanted if key in existing]
    AssignmentSpan.objects.filter(assignment__in=[row.pk for row in touched]).delete()
    cleared = [existing[key].pk for key, (code, _rulebook) in wanted.items() if key in existing and not code]
    Assignment.objects.filter(pk__in=cleared).delete()

    changed: list[Assignment] = []
    added: list[Assignment] = []
    planned: list[tuple[Assignment, list[Stretch]]] = []
    for (member_id, day), (code, rulebook) in wanted.items():
        if not code:
            continue
        row = existing.get((member_id, day))
        if row is None:
            row = Assignment(layer=layer, membership_id=member_id, business_date=day)
            added.append(row)
        else:
            changed.append(row)
        stretches = _stretches(members[member_id], day, code, rulebook)
        if not stretches and (rulebook is None or code != rulebook.rest.code):
            raise ValidationError(
                _("“%(code)s” is no shift of the rulebook in force on %(day)s.") % {"code": code, "day": day},
                code="unknown_code",
            )
        row.code, row.is_rest = code, not stretches
        row.starts_at = stretches[0].starts_at if stretches else None
        row.ends_at = stretches[-1].ends_at if stretches else None
        row.version = version if isinstance(version, int) else version[member_id, day]
        planned.append((row, stretches))
    Assignment.objects.bulk_update(changed, ["code", "is_rest", "starts_at", "ends_at", "version"])
    Assignment.objects.bulk_create(added)
    # In one order for everybody: two departments that plan the same people wait for each other, never in a circle.
    planned.sort(key=lambda pair: (members[pair[0].membership_id].user_id, pair[0].business_date))
    spans = [
        AssignmentSpan(
            assignment=row,
            user_id=members[row.membership_id].user_id,
            layer=layer,
            starts_at=stretch.starts_at,
            ends_at=stretch.ends_at,
        )
        for row, stretches in planned
        for stretch in stretches
    ]
    _refuse_overlaps(spans, layer=layer)
    try:
        with transaction.atomic():
            AssignmentSpan.objects.bulk_create(spans)
    except IntegrityError as error:
        # The check above has just looked; only somebody writing beside us (another department) can bring us here.
        if OVERLAP not in str(error):
            raise
        raise ValidationError(_("Somebody has just given one of these people another shift."), code="overlap") from None


def _stretches(member: Membership, day: date, code: str, rulebook: Rulebook | None):
    shift = rulebook.shift(code) if rulebook else None
    if shift is None:
        return []
    return stretches_of(day, [(span.start, span.end) for span in shift.spans], member.department.zone)


def _refuse_overlaps(spans: Sequence[AssignmentSpan], *, layer: str) -> None:
    """Say who would be in two places at once, and when; the database would only say that it is so."""
    if not spans:
        return
    first, last = min(span.starts_at for span in spans), max(span.ends_at for span in spans)
    people = {span.user_id for span in spans}
    others = AssignmentSpan.objects.filter(user__in=people, layer=layer, starts_at__lt=last, ends_at__gt=first)
    by_person: dict[int, list] = {}
    for span in [*others, *spans]:
        by_person.setdefault(span.user_id, []).append((span.starts_at, span.ends_at, span))
    for rows in by_person.values():
        for one, two in overlapping(rows):
            assignment = (one if one.pk is None else two).assignment
            raise ValidationError(
                _("%(name)s would be on two shifts at once on %(day)s.")
                % {"name": assignment.membership.name, "day": assignment.business_date},
                code="overlap",
            )


def _members(department: Department, month: Month) -> dict[int, Membership]:
    rows = department.memberships.rostered().touching(month.first, month.last)
    return {member.pk: member for member in rows.select_related("user", "department")}


def _members_of(*layers: dict[tuple[int, date], Assignment]) -> dict[int, Membership]:
    """Everybody with a cell in one of the layers, also those who are rostered no more."""
    keys = {member_id for cells in layers for member_id, _day in cells}
    return Membership.objects.select_related("user", "department").in_bulk(keys)


def _live(
    department: Department, month: Month, layer: str, *, lock: bool = False
) -> dict[tuple[int, date], Assignment]:
    """The cells of a layer; `lock` holds off whoever is about to clock into one of them."""
    rows = Assignment.objects.filter(layer=layer, membership__department=department, slot=1).order_by("pk")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    return {(row.membership_id, row.business_date): row for row in rows.between(month.first, month.last)}


@transaction.atomic
def publish(*, department: Department, month: Month, seen_edits: int, actor: User) -> RosterVersion:
    """Make the draft hold: the published layer becomes what the draft says, a snapshot is kept, those changed are told.

    A published cell that does not change keeps its row. Refuses when somebody edited the draft after `seen_edits`
    ("stale"), when nothing changed ("nothing_to_publish"), and when a shift that has begun would change ("begun").
    """
    roster = roster_of(department, month, lock=True)
    if roster.edits != seen_edits:
        raise ValidationError(_("The draft has changed since you looked. Look again, then publish."), code="stale")
    draft, published = _live(department, month, Layer.DRAFT), _live(department, month, Layer.PUBLISHED, lock=True)
    members = _members_of(draft, published)
    draft = {key: row for key, row in draft.items() if members[key[0]].holds_on(key[1])}
    changed = changed_cells(draft, published)
    if roster.version:
        # What was not published in time is past: who was planned when it happened stays as it was.
        changed = [key for key in changed if key[1] >= department.today()]
    if not changed:
        raise ValidationError(_("Nothing has changed since the last publication."), code="nothing_to_publish")
    _refuse_begun([published[key] for key in changed if key in published])
    rulebooks = in_force_by_day(department, {day for _member, day in changed})
    _write_cells(
        {key: (draft[key].code if key in draft else "", rulebooks.get(key[1])) for key in changed},
        layer=Layer.PUBLISHED,
        existing=published,
        members=members,
        version={key: draft[key].version if key in draft else 0 for key in changed},
    )
    roster.version += 1
    roster.save(update_fields=["version"])
    version = RosterVersion.objects.create(
        roster=roster,
        number=roster.version,
        content=snapshot(draft.values()),
        changed_cells=len(changed),
        rulebook_version_id=in_force(department, month.last).version_id,
        published_by=actor,
    )
    audit.record(actor, "shifts.roster.published", version, department=department, changed=len(changed))
    for member_id in {member_id for member_id, _day in changed}:
        days = sorted(day.day for member, day in changed if member == member_id)
        notices.tell(
            members[member_id].user,
            gettext_noop("Your shifts of %(month)s have changed, days: %(days)s."),
            link=f"/d/{department.code}/roster/{month}/",
            month=str(month),
            days=len(days),
        )
    return version


def changed_cells(draft: dict, published: dict) -> list[tuple[int, date]]:
    """Cells (membership pk, day) in which the draft differs from what is published."""
    keys = draft.keys() | published.keys()
    code = lambda rows, key: rows[key].code if key in rows else ""  # noqa: E731
    return sorted(key for key in keys if code(draft, key) != code(published, key))


def snapshot(rows: Iterable[Assignment]) -> dict[str, dict[str, str]]:
    """{membership pk: {day of month: code}}, keys as JSON has them."""
    content: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: (row.membership_id, row.business_date)):
        content.setdefault(str(row.membership_id), {})[str(row.business_date.day)] = row.code
    return content


def _refuse_begun(rows: Sequence[Assignment]) -> None:
    begun = Attendance.objects.filter(assignment__in=[row.pk for row in rows])
    first = begun.select_related("membership__user").first()
    if first is not None:
        raise ValidationError(
            _("%(name)s has already begun the shift of %(day)s; it cannot be changed any more.")
            % {"name": first.membership.name, "day": first.business_date},
            code="begun",
        )


@transaction.atomic
def discard_draft(*, department: Department, month: Month, seen_edits: int, actor: User) -> int:
    """Take the draft back to what is published; says how many cells. Refuses when it was edited after `seen_edits`."""
    roster = roster_of(department, month, lock=True)
    if roster.edits != seen_edits:
        raise ValidationError(_("The draft has changed since you looked. Look again."), code="stale")
    draft, published = _live(department, month, Layer.DRAFT), _live(department, month, Layer.PUBLISHED)
    changed = changed_cells(draft, published)
    if not changed:
        return 0
    members = _members_of(draft, published)
    rulebooks = in_force_by_day(department, {day for _member, day in changed})
    roster.edits += 1
    roster.save(update_fields=["edits"])
    _write_cells(
        {key: (published[key].code if key in published else "", rulebooks.get(key[1])) for key in changed},
        layer=Layer.DRAFT,
        existing=draft,
        members=members,
        version=roster.edits,
    )
    audit.record(actor, "shifts.roster.discarded", roster, cells=len(changed))
    return len(changed)
