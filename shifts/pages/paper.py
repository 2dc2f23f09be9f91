"""One layer of a month as it leaves the program: on paper, as an Excel file, or to be held against what comes back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from office.months import Month
from people.models import Department
from rulebooks.schema import Rulebook
from rulebooks.services import in_force_by_day
from shifts.models import Assignment, Layer, Roster, RosterVersion
from shifts.pages.foot import FootRow, foot_of
from shifts.pages.grid import Agent, Column, columns_of
from shifts.pages.month import agents_of, calendar_of
from shifts.signs import LETTERS, letter_of, mark_of


@dataclass
class Line:
    """One membership's month: what each day holds ("" nothing), and the version that an edit must name."""

    member: Agent
    codes: list[str]
    versions: list[int]


@dataclass
class Paper:
    """A layer of a month, with all that is needed to print it. `version` is the newest publication, if any."""

    department: Department
    month: Month
    layer: str
    roster: Roster | None
    version: RosterVersion | None
    columns: list[Column]
    lines: list[Line]
    foot: list[FootRow] = field(default_factory=list)
    rulebooks: Mapping[date, Rulebook] = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        return [column.day for column in self.columns]

    @property
    def rulebook(self) -> Rulebook | None:
        """The one in force at the end of the month; where there is none, the last one before."""
        return next((self.rulebooks[day] for day in reversed(self.days) if day in self.rulebooks), None)

    @property
    def is_draft(self) -> bool:
        return self.layer == Layer.DRAFT

    @property
    def state(self) -> str:
        """What this is, in words: a draft, or which version."""
        if self.is_draft:
            return _("Draft")
        return (
            _("Published, version %(number)s") % {"number": self.version.number} if self.version else _("Not published")
        )

    @property
    def sign(self) -> str:
        """The same for the name of a file: "draft", "v2", or "" before a first publication."""
        if self.is_draft:
            return "draft"
        return f"v{self.version.number}" if self.version else ""

    @property
    def is_locked(self) -> bool:
        return bool(self.roster and self.roster.is_locked)

    def is_fixed(self, day: date) -> bool:
        """Whether a day is past and published: then its plan stays as it was."""
        return bool(self.roster and self.roster.version) and day < self.department.today()

    def letter(self, day: date, code: str) -> str:
        return letter_of(self.rulebooks.get(day), code)

    def mark(self, day: date, code: str) -> str:
        return mark_of(self.rulebooks.get(day), code)


def paper_of(department: Department, month: Month, layer: str) -> Paper:
    """Everything of one layer of a month, in a fixed number of queries."""
    days = list(month.days())
    roster = Roster.objects.filter(department=department, first_day=month.first).first()
    version = roster.versions.filter(number=roster.version).first() if roster and roster.version else None
    rulebooks = in_force_by_day(department, days)
    calendar, _unknown = calendar_of(department, days)
    locked = bool(roster and roster.version)
    columns = columns_of(days, today=department.today(), locked=locked, calendar=calendar)
    cells = cells_of(department, layer, month.first, month.last)
    lines = [
        Line(
            agent,
            [cells.get(agent.pk, {}).get(day, ("", 0))[0] for day in days],
            [cells.get(agent.pk, {}).get(day, ("", 0))[1] for day in days],
        )
        for agent in agents_of(department, month)
    ]
    everybody = [[line.get(day, ("", 0))[0] for day in days] for line in cells.values()]
    foot = foot_of(columns, everybody, rulebooks, LETTERS)
    return Paper(department, month, layer, roster, version, columns, lines, foot, rulebooks)


def layer_to_plan_in(department: Department, month: Month) -> str:
    """What whoever edits the roster takes along: the draft, or what is published as long as the draft says the same."""
    is_published = Roster.objects.filter(department=department, first_day=month.first, version__gt=0).exists()
    if not is_published:
        return Layer.DRAFT
    draft, published = (
        cells_of(department, layer, month.first, month.last) for layer in (Layer.DRAFT, Layer.PUBLISHED)
    )
    return Layer.PUBLISHED if _codes(draft) == _codes(published) else Layer.DRAFT


def _codes(cells: Mapping[int, Mapping[date, tuple[str, int]]]) -> dict[tuple[int, date], str]:
    return {(member, day): code for member, line in cells.items() for day, (code, _version) in line.items()}


def cells_of(department: Department, layer: str, first: date, last: date) -> dict[int, dict[date, tuple[str, int]]]:
    """{membership key: {day: (code, version)}} of a layer between two days, both included."""
    found: dict[int, dict[date, tuple[str, int]]] = {}
    rows = Assignment.objects.filter(layer=layer, slot=1, membership__department=department).between(first, last)
    for member, day, code, version in rows.order_by().values_list("membership_id", "business_date", "code", "version"):
        found.setdefault(member, {})[day] = (code, version)
    return found


def body_of(paper: Paper, changed: Collection[tuple[int, date]] = ()) -> SafeString:
    """All lines as one text, each different cell made once; `changed` cells (member, day) carry the mark of an edit."""
    made: dict[tuple[int, str, bool], str] = {}
    lines = []
    for line in paper.lines:
        cells = []
        for place, code in enumerate(line.codes):
            day = paper.columns[place].day
            key = (place, code, (line.member.pk, day) in changed)
            if key not in made:
                made[key] = _cell(paper, *key)
            cells.append(made[key])
        head = f"<span>{escape(line.member.work_number)}</span>{escape(line.member.name)}"
        lines.append(f'<tr><th scope="row">{head}</th>{"".join(cells)}')
    # Every piece is escaped, or made of letters of ours.
    return mark_safe("".join(lines))


def _cell(paper: Paper, place: int, code: str, is_changed: bool) -> str:
    column = paper.columns[place]
    flags = [flag for flag in column.classes.split() if flag in ("w", "y")] + (["u"] if is_changed else [])
    classes = " ".join(filter(None, [paper.letter(column.day, code), *flags]))
    start = f'<td class="{classes}">' if classes else "<td>"
    return start + escape(paper.mark(column.day, code))
