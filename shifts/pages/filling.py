"""Filling a month: what a pattern or the months before would put into its draft, judged before it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rulebooks.schema import Rulebook
from shifts.checks import alike, days_in_words
from shifts.filling import (
    LOOK_BACK,
    Carry,
    Cell,
    Filled,
    Key,
    by_cycle,
    fill,
    monday_of,
    on_in_cycle,
    same_date,
    same_weekday,
    staggered,
)
from shifts.models import Layer
from shifts.pages.foot import FootRow, foot_of
from shifts.pages.grid import Agent
from shifts.pages.paper import Line, Paper, cells_of
from shifts.plans import Breach, case_of
from shifts.services.roster import CellEdit
from shifts.sheets.writing import meanings_of, plain
from shifts.signs import LETTERS

WEEK = 7
# Where a month can go on from: the name in the form, and how.
CARRIES: dict[str, Carry] = {"on": on_in_cycle, "weekday": same_weekday, "date": same_date}


@dataclass(frozen=True)
class Wish:
    """What somebody asked for. `cycle` are words as typed, () when the month goes on from before as `carry` says.

    `places`: of each chosen member, where they stand in the cycle (from 0), None for wherever is best.
    """

    first: date
    last: date
    places: Mapping[int, int | None]
    cycle: Sequence[str] = ()
    carry: str = ""
    by_weeks: bool = False
    overwrite: bool = False

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def is_weekly(self) -> bool:
        """Whether the cycle consists of whole weeks and is to begin on a Monday."""
        return self.by_weeks and bool(self.cycle) and len(self.cycle) % WEEK == 0

    def settled(self) -> dict[int, int]:
        """Everybody's place: as asked for, else spread as evenly as can be."""
        step = WEEK if self.is_weekly else 1
        spread = staggered(len(self.cycle), len(self.places), step=step)
        pairs = zip(self.places.items(), spread, strict=True)
        return {member: even if place is None else place for (member, place), even in pairs}


@dataclass
class Proposal:
    """What filling would do. `planned`: what the wished days hold already and keep, also where it is what was wished.

    `aimless`: those of whom nothing could be carried on.
    """

    filled: Filled
    edits: list[CellEdit]
    after: Paper
    aimless: list[Agent] = field(default_factory=list)
    planned: dict[Key, str] = field(default_factory=dict)

    @property
    def set_counts(self) -> tuple[int, int]:
        """Of the cells that would be set: shifts and rest days."""
        return self._counts(self.filled.cells)

    @property
    def planned_counts(self) -> tuple[int, int]:
        """Of what stays: shifts and rest days."""
        return self._counts(self.planned)

    def _counts(self, cells: Mapping[Key, str]) -> tuple[int, int]:
        rulebooks = self.after.rulebooks
        rests = sum(day in rulebooks and code == rulebooks[day].rest.code for (_member, day), code in cells.items())
        return len(cells) - rests, rests

    @property
    def keys(self) -> set[Key]:
        return set(self.filled.cells)


def propose(paper: Paper, wish: Wish) -> Proposal:
    """What the wish comes to for this month's draft. Refuses a cycle with words that nothing has ("unknown_code")."""
    wanted = _cycle(paper, wish) if wish.cycle else _carried(paper, wish)
    before = _cells(paper)
    filled = fill(wanted, before, overwrite=wish.overwrite)
    lines = {line.member.pk: line for line in paper.lines}
    edits = [
        CellEdit(member, day, code, lines[member].versions[day.day - 1]) for (member, day), code in filled.cells.items()
    ]
    aimless = [] if wish.cycle else _aimless(paper, wish, wanted)
    planned = {
        key: cell.code
        for key, cell in before.items()
        if key in wanted and key not in filled.cells and cell.code and not (cell.is_fixed or cell.is_leave)
    }
    return Proposal(filled, edits, _after(paper, filled.cells), aimless, planned)


def _cycle(paper: Paper, wish: Wish) -> dict[Key, str]:
    begins = monday_of(wish.first) if wish.is_weekly else wish.first
    words = by_cycle(wish.cycle, begins=begins, places=wish.settled(), days=wish.days)
    known = _known_words(paper, wish)
    return {(member, day): known[id(paper.rulebooks[day])][plain(word)] for (member, day), word in words.items()}


def _known_words(paper: Paper, wish: Wish) -> dict[int, dict[str, str]]:
    """What the words of the cycle mean in each rulebook of the days."""
    found: dict[int, dict[str, str]] = {}
    for day in wish.days:
        rulebook = paper.rulebooks.get(day)
        if rulebook is None:
            raise ValidationError(_("No rulebook is in force on %(day)s.") % {"day": day}, code="no_rulebook")
        if id(rulebook) in found:
            continue
        meanings = found[id(rulebook)] = meanings_of(rulebook)
        for word in wish.cycle:
            code = meanings.get(plain(word), "")
            if not _is_planned(rulebook, code):
                raise ValidationError(
                    _("“%(word)s” is no shift and no rest day of the rulebook in force on %(day)s.")
                    % {"word": word[:24], "day": day},
                    code="unknown_code",
                )
    return found


def _is_planned(rulebook: Rulebook | None, code: str) -> bool:
    """Whether a code can be planned: a shift or the rest day, not leave."""
    return rulebook is not None and (code == rulebook.rest.code or rulebook.shift(code) is not None)


def _carried(paper: Paper, wish: Wish) -> dict[Key, str]:
    before = cells_of(paper.department, Layer.DRAFT, wish.first - timedelta(days=LOOK_BACK), _eve(wish))
    carry = CARRIES[wish.carry]
    wanted: dict[Key, str] = {}
    for member in wish.places:
        # Leave says nothing about what the person would have worked.
        known = paper.rulebook
        history = {day: code for day, (code, _version) in before.get(member, {}).items() if _is_planned(known, code)}
        for day, code in carry(history, wish.first, wish.days).items():
            wanted[member, day] = code if _is_planned(paper.rulebooks.get(day), code) else ""
    return wanted


def _eve(wish: Wish) -> date:
    return wish.first - timedelta(days=1)


def _aimless(paper: Paper, wish: Wish, wanted: Mapping[Key, str]) -> list[Agent]:
    found = {member for member, _day in wanted}
    return [line.member for line in paper.lines if line.member.pk in wish.places and line.member.pk not in found]


def _cells(paper: Paper) -> dict[Key, Cell]:
    cells = {}
    for line in paper.lines:
        for place, day in enumerate(paper.days):
            rulebook, code = paper.rulebooks.get(day), line.codes[place]
            leave = bool(rulebook and code and rulebook.leave_kind(code))
            cells[line.member.pk, day] = Cell(code, paper.is_fixed(day), leave, line.member.holds_on(day))
    return cells


def _after(paper: Paper, cells: Mapping[Key, str]) -> Paper:
    """The month as it would be. Whoever has cells without a line is not counted."""
    lines = [
        Line(
            line.member,
            [cells.get((line.member.pk, day), line.codes[place]) for place, day in enumerate(paper.days)],
            line.versions,
        )
        for line in paper.lines
    ]
    foot: list[FootRow] = foot_of(paper.columns, [line.codes for line in lines], paper.rulebooks, LETTERS)
    return replace(paper, lines=lines, foot=foot)


def breaches_added(paper: Paper, cells: Mapping[Key, str]) -> list[tuple[bool, str, str]]:
    """The breaches that new cells of the draft would add: (whether it blocks publishing, days, text).

    The days are in words; days that follow one another and read the same are one line.
    """
    if not cells:
        return []
    case = case_of(paper.department, paper.month, Layer.DRAFT)
    found = []
    for group in alike(Breach(one) for one in case.adds(cells)):
        violation = group[0].violation
        days = days_in_words([one.violation for one in group], paper.month)
        found.append((violation.blocks, days, violation.message(case.names)))
    return found
