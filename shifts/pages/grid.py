"""The roster grid of a month or a week: agents × days, made of pieces that are formatted once and joined.

A cell is `<td class="n p e">晚`: one letter for the palette, then p past and locked, a not to be edited here (a day of
another month, or before joining and after leaving), t today, w day off, y Sunday, u not yet published, e extended that
night. What a cell's place means (agent, day) follows from its row and column, and the versions that an editor has seen
stand in one attribute of the row.
"""

import operator
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from office import weekdays
from office.lists import joined
from office.texts import localised
from rulebooks.schema import Rulebook, ShiftType
from shifts.models import DayKind
from shifts.pages.foot import Finding, FootRow, findings_of, foot_of
from shifts.signs import LETTERS, letter_of, mark_of, note_of
from shifts.spans import stretches_of

# One sum of a line counts several things at once, each in bits of its own: no line has 256 days.
REST, NIGHT, WEEKEND, EMPTY, UNWORKED_MINUTE = 1, 1 << 8, 1 << 16, 1 << 24, 1 << 32


class Planned(NamedTuple):
    """What one cell of one layer holds. Cells that hold the same share one; an empty one holds NOTHING."""

    code: str
    # As the page writes it into its row.
    version: str


NOTHING = Planned("", "0")
# By membership key: a cell for every day that was asked for; the places of some days, counted from 0.
Lines = Mapping[int, Sequence[Planned]]
Places = Mapping[int, Collection[int]]


class SpecialDay(NamedTuple):
    """A day that the business calendar says something about; `headcounts`: {shift code: [wanted, minimum]}."""

    kind: str
    name: Mapping[str, str]
    is_promotion: bool
    headcounts: Mapping[str, Sequence[int]]

    @property
    def words(self) -> str:
        """Its name in the active language, else what kind of day it is."""
        return str(localised(self.name)) if self.name else str(DayKind(self.kind).label)


class Agent(NamedTuple):
    """Who a line is about: a membership, as far as the roster asks."""

    pk: int
    work_number: str
    name: str
    from_day: date
    until_day: date | None

    def days_within(self, first: date, last: date) -> int:
        """Days of the membership from `first` to `last`, both included."""
        until = last if self.until_day is None else min(last, self.until_day)
        return max(0, (until - max(first, self.from_day)).days + 1)

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@dataclass(frozen=True)
class Column:
    """One day's head. `sign` and `title` say what the calendar knows about it, in few letters and in words."""

    day: date
    weekday: str
    classes: str
    is_past: bool
    is_today: bool = False
    is_weekend: bool = False
    is_elsewhere: bool = False
    sign: str = ""
    title: str = ""
    headcounts: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.day.day

    @property
    def is_fixed(self) -> bool:
        """Whether no cell of the day can be edited on this page."""
        return self.is_past or self.is_elsewhere

    @property
    def head_classes(self) -> str:
        return f"{self.classes} ev".strip() if self.sign else self.classes

    @property
    def html(self) -> SafeString:
        """Its head in the table: a template's loop over the days takes as long as the lines of 200 agents."""
        return format_html(
            '<th scope="col" data-d="{}"{}{}>{}<small>{}</small>{}',
            self.number,
            format_html(' class="{}"', self.head_classes) if self.head_classes else "",
            format_html(' title="{}"', self.title) if self.title else "",
            self.number,
            self.weekday,
            format_html("<u>{}</u>", self.sign) if self.sign else "",
        )


@dataclass
class Row:
    """One agent's line, ready to print; all sums are the month's."""

    member: Agent
    html: SafeString
    rest_used: int
    # None where the rulebook does not say how many there are in a month.
    rest_allowed: int | None
    # Days of the membership without a shift, a rest day or leave.
    empty: int

    @property
    def is_filled(self) -> bool:
        return not self.empty

    @property
    def rest_is_off(self) -> bool:
        """More or fewer rest days than the rulebook gives, in a month that is planned to its last day."""
        return self.rest_allowed is not None and self.is_filled and self.rest_used != self.rest_allowed

    @property
    def rest_is_short(self) -> bool:
        """Fewer of them, which the checks judge, too."""
        return self.rest_is_off and self.rest_used < (self.rest_allowed or 0)


@dataclass
class Grid:
    """What the page shows: `columns` of the month or of the week; everything else is about the month."""

    columns: list[Column]
    rows: list[Row]
    foot: list[FootRow]
    findings: list[Finding]
    changed: list[tuple[int, date]]
    # By day, of the whole span. `rulebook` is the one in force at the end of the month.
    rulebooks: Mapping[date, Rulebook]
    rulebook: Rulebook | None
    # Years of the month whose calendar nobody knows.
    unknown_years: list[int] = field(default_factory=list)

    @property
    def head(self) -> SafeString:
        return mark_safe("".join(column.html for column in self.columns))

    @property
    def body(self) -> SafeString:
        """All lines as one text: a template would ask about each of a thousand."""
        return mark_safe("".join(row.html for row in self.rows))

    @property
    def unjudged(self) -> list[Finding]:
        """The findings that no limit of the rulebook judges: the checks do not list them."""
        limits = self.rulebook.working_time if self.rulebook else None
        return [finding for finding in self.findings if not (finding.rule and getattr(limits, finding.rule, None))]

    @property
    def changed_people(self) -> int:
        return len({member for member, _day in self.changed})


def columns_of(
    days: Sequence[date],
    *,
    today: date,
    locked: bool,
    calendar: Mapping[date, SpecialDay] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> list[Column]:
    """The heads of some days; `locked` says that past days can no longer be edited.

    Days before `first` and after `last` belong to another month's page.
    """
    found = []
    for day in days:
        special = (calendar or {}).get(day)
        kind = special.kind if special else _kind_of(day)
        elsewhere = bool((first and day < first) or (last and day > last))
        flags = [
            "p" if locked and day < today else "",
            "a" if elsewhere else "",
            "t" if day == today else "",
            "w" if kind in (DayKind.WEEKEND, DayKind.HOLIDAY) else "",
            "y" if day.weekday() == weekdays.SUNDAY else "",
        ]
        column = Column(
            day,
            weekdays.short(day),
            " ".join(filter(None, flags)),
            is_past=bool(flags[0]),
            is_today=day == today,
            is_weekend=kind == DayKind.WEEKEND,
            is_elsewhere=elsewhere,
            sign=_sign_of(special, day),
            title=_title_of(special, day),
            headcounts=special.headcounts if special else {},
        )
        found.append(column)
    return found


def _kind_of(day: date) -> str:
    return DayKind.WEEKEND if day.weekday() >= weekdays.SATURDAY else DayKind.WORKDAY


def _sign_of(special: SpecialDay | None, day: date) -> str:
    """What stands in the head of a day that is not what its weekday says, in one or two characters."""
    if special is None:
        return ""
    signs = {
        DayKind.HOLIDAY: pgettext("sign of a public holiday", "hol"),
        DayKind.MAKE_UP: pgettext("sign of a make-up work day", "work"),
    }
    sign = signs.get(DayKind(special.kind), "")
    return pgettext("sign of a promotion day", "sale") if special.is_promotion else sign


def _title_of(special: SpecialDay | None, day: date) -> str:
    if special is None:
        return ""
    parts = [localised(special.name) if special.name else ""]
    if special.kind != _kind_of(day):
        parts.append(str(DayKind(special.kind).label))
    if special.is_promotion:
        parts.append(_("Promotion day"))
    return joined(dict.fromkeys(filter(None, parts)))


def build(
    *,
    agents: Sequence[Agent],
    columns: Sequence[Column],
    shown: Lines,
    published: Lines,
    extended: Places,
    minutes: Mapping[int, int],
    rulebooks: Mapping[date, Rulebook],
    zone: ZoneInfo,
    mark_changes: bool,
    week: Sequence[date] = (),
) -> Grid:
    """Lay out a month. `shown` is the layer on the page; where it differs from `published`, cells carry u if asked.

    `columns` and the lines hold the days of the month, and those of the `week` that the page shows instead of it; the
    latter may reach into a neighbouring month, whose columns are `is_elsewhere`. `minutes` are each member's from first
    start to last end of every shift of the month, by the clocks of `zone`.
    """
    nobody = [NOTHING] * len(columns)
    changed: dict[int, list[int]] = {}
    for key in sorted(shown.keys() | published.keys()) if mark_changes else ():
        if places := _differences(shown.get(key, nobody), published.get(key, nobody)):
            changed[key] = places
    pieces = _Pieces(columns, rulebooks, week, zone)
    inside = range(len(columns))[pieces.month]
    keys = [(member, columns[place].day) for member, places in changed.items() for place in places if place in inside]
    grid = Grid(
        list(columns[pieces.window]), [], [], [], keys, rulebooks, rulebook=rulebooks.get(columns[inside[-1]].day)
    )
    # Before the first publication every cell is new; marking all of them would say nothing.
    unpublished = changed if published else {}
    for agent in agents:
        marked = unpublished.get(agent.pk, ()), extended.get(agent.pk, ())
        grid.rows.append(_row(agent, shown.get(agent.pk, nobody), *marked, minutes.get(agent.pk, 0), pieces))
    grid.foot = foot_of(columns, [[planned.code for planned in line] for line in shown.values()], rulebooks, LETTERS)
    for row in grid.foot:
        row.shown, row.cells = row.cells[pieces.window], row.cells[pieces.month]
    grid.findings = findings_of(grid.rows, grid.foot) if shown else []
    return grid


def _differences(one: Sequence[Planned], other: Sequence[Planned]) -> list[int]:
    """The places at which two lines have different codes."""
    if one == other:
        return []
    return [place for place, (this, that) in enumerate(zip(one, other, strict=True)) if this.code != that.code]


class _Pieces:
    """What the lines have in common; `cells[place]` makes each different cell of a day once, `weights` what it counts.

    `month` and `window` are the places of the month and of the days on the page.
    """

    def __init__(self, columns: Sequence[Column], rulebooks, week: Sequence[date], zone: ZoneInfo):
        inside = [place for place, column in enumerate(columns) if not column.is_elsewhere]
        self.month = slice(inside[0], inside[-1] + 1)
        self.days = [column.day for column in columns]
        self.first, self.last = self.days[inside[0]], self.days[inside[-1]]
        self.window = self.month
        if week:
            start = self.days.index(week[0])
            self.window = slice(start, start + len(week))
        self.is_whole = self.month == self.window == slice(0, len(columns))
        books = [rulebooks.get(column.day) for column in columns]
        # As in the checks, the rulebook of the last day judges the month.
        self.allowed = next((book.rest.days_per_month for book in reversed(books[self.month]) if book), None)
        self.cells = [_Cells(column.classes, book, bool(week)) for column, book in zip(columns, books, strict=True)]
        self.weights = [_Weights(column, book, zone) for column, book in zip(columns, books, strict=True)]

    def allowed_to(self, days: int) -> int | None:
        """Rest days of somebody who is a member on so many days of the month: their share, rounded down."""
        length = self.month.stop - self.month.start
        return self.allowed if self.allowed is None or days == length else self.allowed * days // length


class _Cells(dict[str, str]):
    """A day's cells by code and, after spaces, flags ("N u e"), made when they are first asked for."""

    def __init__(self, classes: str, rulebook: Rulebook | None, wide: bool):
        super().__init__()
        self.classes, self.rulebook, self.wide = classes, rulebook, wide

    def __missing__(self, key: str) -> str:
        code, *flags = key.split(" ")
        classes = " ".join(filter(None, (letter_of(self.rulebook, code), self.classes, *flags)))
        start = f'<td class="{classes}">' if classes else "<td>"
        made = start + escape(mark_of(self.rulebook, code))
        if self.wide and code:
            made += f"<small>{escape(note_of(self.rulebook, code))}</small>"
        self[key] = made
        return made


class _Weights(dict[str, int]):
    """What a day's cell counts by its code: a rest day, a night, a shift at a weekend, nothing planned, and unworked
    minutes between the beginning and the end of a shift."""

    def __init__(self, column: Column, rulebook: Rulebook | None, zone: ZoneInfo):
        super().__init__({"": EMPTY})
        self.column, self.rulebook, self.zone = column, rulebook, zone

    def __missing__(self, code: str) -> int:
        shift = self.rulebook.shift(code) if self.rulebook else None
        if shift:
            weight = (NIGHT if shift.night else 0) + (WEEKEND if self.column.is_weekend else 0)
            weight += UNWORKED_MINUTE * unworked_minutes(shift, self.column.day, self.zone)
        else:
            # Leave is neither a rest day nor an empty one.
            weight = REST if self.rulebook and code == self.rulebook.rest.code else 0
        self[code] = weight
        return weight


def unworked_minutes(shift: ShiftType, day: date, zone: ZoneInfo) -> int:
    """Minutes from a shift's first start to its last end that are no working time: between its parts, and breaks."""
    if len(shift.spans) == 1:
        return shift.breaks_minutes
    parts = stretches_of(day, [(span.start, span.end) for span in shift.spans], zone)
    worked = sum((part.ends_at - part.starts_at for part in parts), timedelta())
    return shift.breaks_minutes + (parts[-1].ends_at - parts[0].starts_at - worked) // timedelta(minutes=1)


def _row(
    agent: Agent,
    line: Sequence[Planned],
    unpublished: Collection[int],
    extended: Collection[int],
    minutes: int,
    pieces: _Pieces,
) -> Row:
    codes, versions = zip(*line, strict=True)
    parts = list(map(operator.getitem, pieces.cells, codes))
    days = agent.days_within(pieces.first, pieces.last)
    elsewhere = _outside(agent, codes, pieces)
    for place in {*unpublished, *extended, *elsewhere}:
        flags = (" a" if place in elsewhere else "") + (" u" if place in unpublished else "")
        parts[place] = pieces.cells[place][codes[place] + flags + (" e" if place in extended else "")]
    weights = list(map(operator.getitem, pieces.weights, codes))
    if not pieces.is_whole:
        parts, versions = parts[pieces.window], versions[pieces.window]
        weights = weights[pieces.month]
    counted = sum(weights)
    rest, nights, weekends, empties = (counted >> bits & 255 for bits in (0, 8, 16, 24))
    hours = hours_of(max(0, minutes - (counted >> 32)))
    row = Row(agent, SafeString(), rest, pieces.allowed_to(days), empty=max(0, days - (len(weights) - empties)))
    bad = " bad" if row.rest_is_off else ""
    used = rest if row.rest_allowed is None else f"{rest}/{row.rest_allowed}"
    head = f"<span>{escape(agent.work_number)}</span>{escape(agent.name)}"
    tail = f'<td class="k{bad}">{used}<td class="k">{nights}<td class="k">{weekends}<td class="k">{hours}'
    # Every piece is either escaped above or made of numbers and letters of ours.
    row.html = mark_safe(
        f'<tr data-m="{agent.pk}" data-v="{",".join(versions)}"><th scope="row">{head}</th>{"".join(parts)}{tail}'
    )
    return row


def _outside(agent: Agent, codes: Sequence[str], pieces: _Pieces) -> set[int]:
    """Places of empty cells before joining and after leaving: nothing can be planned there."""
    if agent.from_day <= pieces.days[0] and (agent.until_day is None or agent.until_day >= pieces.days[-1]):
        return set()
    inside = range(len(codes))[pieces.month]
    return {place for place in inside if not codes[place] and not agent.holds_on(pieces.days[place])}


def hours_of(minutes: int) -> str:
    """ "216", "7.5": hours with at most one decimal, rounded half up."""
    tenths = (minutes + 3) // 6
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
