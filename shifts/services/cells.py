"""Writing the cells of a layer in bulk: rows, their spans, and nobody on two shifts at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from office.months import Month
from people.models import Department, Membership
from rulebooks.schema import Rulebook
from shifts.models import Assignment, AssignmentSpan, Roster
from shifts.spans import Stretch, overlapping, stretches_of

OVERLAP = "shifts_span_overlap"

# A cell of the roster: membership key and business date. What it holds, in one layer.
Key = tuple[int, date]
Cells = dict[Key, Assignment]


@dataclass(frozen=True)
class Move:
    """Two members exchange what they have on a day: the rows change hands, so a shift keeps its key."""

    giver: int
    taker: int
    day: date

    @property
    def keys(self) -> tuple[Key, Key]:
        return (self.giver, self.day), (self.taker, self.day)


def roster_of(department: Department, month: Month, *, lock: bool = False) -> Roster:
    """The head row of a month, made when it is first asked for; `lock` holds it until the transaction ends."""
    rows = Roster.objects.select_for_update() if lock else Roster.objects.all()
    found = rows.filter(department=department, first_day=month.first).first()
    if found is None:
        Roster.objects.get_or_create(department=department, first_day=month.first)
        found = rows.get(department=department, first_day=month.first)
    found.department = department
    return found


def live(department: Department, month: Month, layer: str, *, lock: bool = False) -> Cells:
    """The cells of a layer; `lock` holds off whoever is about to clock into one of them."""
    rows = Assignment.objects.filter(layer=layer, membership__department=department, slot=1).order_by("pk")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    return {(row.membership_id, row.business_date): row for row in rows.between(month.first, month.last)}


def members_of(*layers: Iterable[Key]) -> dict[int, Membership]:
    """Everybody with a cell in one of the layers, also those who are rostered no more."""
    keys = {member_id for cells in layers for member_id, _day in cells}
    return Membership.objects.select_related("user", "department").in_bulk(keys)


def changed_cells(draft: Mapping[Key, Assignment], published: Mapping[Key, Assignment]) -> list[Key]:
    """Cells (membership pk, day) in which the draft differs from what is published."""
    keys = draft.keys() | published.keys()
    return sorted(key for key in keys if code_in(draft, key) != code_in(published, key))


def code_in(cells: Mapping[Key, Assignment], key: Key) -> str:
    """What a cell holds: "" when it is empty."""
    return cells[key].code if key in cells else ""


def snapshot(rows: Iterable[Assignment]) -> dict[str, dict[str, str]]:
    """{membership pk: {day of month: code}}, keys as JSON has them."""
    content: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: (row.membership_id, row.business_date)):
        content.setdefault(str(row.membership_id), {})[str(row.business_date.day)] = row.code
    return content


def write_cells(
    wanted: Mapping[Key, tuple[str, Rulebook | None]],
    *,
    layer: str,
    existing: Cells,
    members: Mapping[int, Membership],
    version: int | Mapping[Key, int],
    moves: Sequence[Move] = (),
) -> set[int]:
    """Make the cells of `layer` what is wanted ("" clears), in bulk, after the moves; says the keys of touched rows.

    A changed cell keeps its row, so its key; a moved one keeps its hours too. `existing` is brought up to date.
    """
    touched = {existing[key].pk for key in wanted if key in existing}
    handed = {existing[key].pk for move in moves for key in move.keys if key in existing}
    kept: dict[int, list[Stretch]] = {}
    if moves:
        for span in AssignmentSpan.objects.filter(assignment__in=handed):
            kept.setdefault(span.assignment_id, []).append(Stretch(span.starts_at, span.ends_at))
    if touched | handed:
        AssignmentSpan.objects.filter(assignment__in=touched | handed).delete()
    planned = [(row, kept.get(row.pk, [])) for row in _hand_over(moves, existing, version)]

    cleared = [existing.pop(key).pk for key, (code, _rulebook) in wanted.items() if key in existing and not code]
    if cleared:
        Assignment.objects.filter(pk__in=cleared).delete()
    changed: list[Assignment] = []
    added: list[Assignment] = []
    for key, (code, rulebook) in wanted.items():
        if not code:
            continue
        row = existing.get(key)
        if row is None:
            row = existing[key] = Assignment(layer=layer, membership_id=key[0], business_date=key[1])
            added.append(row)
        else:
            changed.append(row)
        stretches = _stretches(members[key[0]], key[1], code, rulebook)
        row.code, row.is_rest = code, not stretches
        row.starts_at = stretches[0].starts_at if stretches else None
        row.ends_at = stretches[-1].ends_at if stretches else None
        row.version = version if isinstance(version, int) else version[key]
        planned.append((row, stretches))
    if changed:
        fields = ["code", "is_rest", "starts_at", "ends_at", "version"]
        # The statement lists every row once for each of them: its length grows with the square.
        Assignment.objects.bulk_update(changed, fields, batch_size=400)
    if added:
        Assignment.objects.bulk_create(added)
    write_spans(planned, layer=layer, members=members)
    return touched | handed | {row.pk for row in added}


def _hand_over(moves: Sequence[Move], existing: Cells, version: int | Mapping[Key, int]) -> list[Assignment]:
    """Let the rows change hands; says them. One cell holds one row, so one of two steps aside meanwhile."""
    handed = []
    for move in moves:
        mine, theirs = move.keys
        given, taken = existing.pop(mine, None), existing.pop(theirs, None)
        if taken is not None:
            Assignment.objects.filter(pk=taken.pk).update(slot=2)
        for row, key in ((given, theirs), (taken, mine)):
            if row is None:
                continue
            row.membership_id, row.slot = key[0], 1
            row.version = version if isinstance(version, int) else version[key]
            row.save(update_fields=["membership", "slot", "version"])
            existing[key] = row
            handed.append(row)
    return handed


def write_spans(
    planned: Sequence[tuple[Assignment, Sequence[Stretch]]], *, layer: str, members: Mapping[int, Membership]
) -> None:
    """Write the stretches of rows that have none yet. Refuses whoever would be on two shifts at once ("overlap")."""
    # In one order for everybody: two departments that plan the same people wait for each other, never in a circle.
    in_order = sorted(planned, key=lambda pair: (members[pair[0].membership_id].user_id, pair[0].business_date))
    spans = [
        AssignmentSpan(
            assignment=row,
            user_id=members[row.membership_id].user_id,
            layer=layer,
            starts_at=stretch.starts_at,
            ends_at=stretch.ends_at,
        )
        for row, stretches in in_order
        for stretch in stretches
    ]
    if not spans:
        return
    _refuse_overlaps(spans, layer=layer, members=members)
    try:
        AssignmentSpan.objects.bulk_create(spans)
    except IntegrityError as error:
        # The check above has just looked; only somebody writing beside us (another department) can bring us here. The
        # refusal leaves the transaction, which is over anyway.
        if OVERLAP not in str(error):
            raise
        raise ValidationError(_("Somebody has just given one of these people another shift."), code="overlap") from None


def _stretches(member: Membership, day: date, code: str, rulebook: Rulebook | None) -> list[Stretch]:
    """The hours of a code on a day, none for rest and leave. Refuses what no rulebook of the day knows."""
    shift = rulebook.shift(code) if rulebook else None
    if shift is not None:
        return stretches_of(day, [(span.start, span.end) for span in shift.spans], member.department.zone)
    if rulebook is None or (code != rulebook.rest.code and rulebook.leave_kind(code) is None):
        raise ValidationError(
            _("“%(code)s” is no shift of the rulebook in force on %(day)s.") % {"code": code, "day": day},
            code="unknown_code",
        )
    return []


def _refuse_overlaps(spans: Sequence[AssignmentSpan], *, layer: str, members: Mapping[int, Membership]) -> None:
    """Say who would be in two places at once, and when; the database would only say that it is so."""
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
                % {"name": members[assignment.membership_id].name, "day": assignment.business_date},
                code="overlap",
            )
