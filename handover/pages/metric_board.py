"""The page of figures: a table of agents, the department above it, and a chart of the days of whoever is looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from handover.bars import Bar, Bars, bars_of
from handover.metrics import of_group
from handover.pages.metric_differences import COMPARED, Difference, count_label
from handover.pages.metrics import Figures, Line
from handover.periods import Period
from handover.tallies import Figure, Group, Metric, Tally, Unit
from office.money import FEN, yuan
from people.models import Department, Membership, User

# Whose rows are looked at, besides a member's.
EVERYBODYS, NOBODYS = "", "nobody"
# What is only measured against others has no rows of its own.
ROWS_OF = {"relative_order_value": "average_order_value"}


@dataclass(frozen=True)
class Cell:
    """A figure on the page; `url`: to its rows, empty where there are none or they are not for the reader."""

    figure: Figure
    url: str


@dataclass(frozen=True)
class Row:
    """A line of the table. `whose`: what the address of its rows calls it; None when the reader may not see them."""

    line: Line
    whose: str | None
    label: str
    rows_url: str
    differences_url: str
    period: Period

    @property
    def member(self) -> Membership | None:
        return self.line.membership

    def figure(self, metric: Metric) -> Figure:
        return self.line.figure(metric.name)

    def cells(self, metrics: Sequence[Metric]) -> list[Cell]:
        return [self._cell(metric) for metric in metrics]

    def _cell(self, metric: Metric) -> Cell:
        figure = self.figure(metric)
        # What all agents' order values come to has no rows of its own.
        is_mean = self.member is None and metric.unit == Unit.RATIO
        if self.whose is None or not figure.has_rows or is_mean:
            return Cell(figure, "")
        return Cell(figure, rows_url(self.rows_url, metric, self.whose, self.period.first, self.period.last))

    @property
    def difference(self) -> list[str]:
        """Each count that differs between notebook and chat tool or orders, with what it comes to."""
        net = self.line.difference.net
        names = [name for names in COMPARED.values() for name in names if name in net]
        return [f"{count_label(name)} {signed(name, net[name])}" for name in names]

    @property
    def compared(self) -> Difference:
        return self.line.difference

    @property
    def days_url(self) -> str:
        """To the days that differ; empty for who may not see them."""
        if self.whose is None or not self.compared.days:
            return ""
        asked = {"member": self.whose, "from": self.period.first, "to": self.period.last}
        return f"{self.differences_url}&{urlencode(asked)}"


def signed(name: str, net: int) -> str:
    """A difference with its sign; that of money in yuan."""
    size = yuan(abs(net)) if name == "sales_fen" else f"{abs(net):,}"
    return f"{'+' if net > 0 else '−' if net < 0 else ''}{size}"


def rows_url(page: str, metric: Metric, whose: str, first: date, last: date) -> str:
    asked = {"metric": ROWS_OF.get(metric.name, metric.name), "member": whose, "from": first, "to": last}
    return f"{page}?{urlencode(asked)}"


@dataclass(frozen=True)
class Board:
    """Who looks at the figures of which group. `reads`: everybody's rows, not the own alone."""

    department: Department
    figures: Figures
    group: Group
    reader: User
    reads: bool

    def members(self) -> list[Row]:
        """Those of the table whom the reader may see: everybody, or oneself."""
        return [
            self._row(line, str(line.membership.pk), line.membership.name)
            for line in self.figures.lines
            if line.membership and (self.reads or line.membership.user_id == self.reader.pk)
        ]

    def sums(self, *, with_nobodys: bool = False) -> list[Row]:
        """The department's line, and beside sales what of them is nobody's."""
        rows = [self._row(self.figures.department, EVERYBODYS if self.reads else None, _("Department"))]
        if self.figures.nobodys and (with_nobodys or self.group == Group.SALES):
            whose = NOBODYS if self.reads else None
            rows.append(self._row(self.figures.nobodys, whose, _("Nobody's orders")))
        return rows

    def metrics(self) -> list[Metric]:
        """Those of the group that somebody has a figure of; all of them where there is none at all."""
        every = of_group(self.group)
        lines = [self.figures.department, *self.figures.lines]
        known = [metric for metric in every if any(line.figure(metric.name).value is not None for line in lines)]
        return known or every

    def _row(self, line: Line, whose: str | None, label: str) -> Row:
        rows = reverse("handover:statistic_rows", args=[self.department.code])
        differences = reverse("handover:statistic_differences", args=[self.department.code])
        return Row(line, whose, label, rows, f"{differences}?group={self.group}", self.figures.period)


@dataclass(frozen=True)
class Shown:
    """A row with the cells of the group of metrics that is chosen."""

    row: Row
    cells: list[Cell]


def cells_of(rows: Iterable[Row], metrics: Sequence[Metric]) -> list[Shown]:
    return [Shown(row, row.cells(metrics)) for row in rows]


def has_several_sources(rows: Iterable[Shown]) -> bool:
    """Whether figures that stand beside each other come from different sources, which must then be said."""
    return any(len({tuple(cell.figure.sources) for cell in one.cells if cell.figure.sources}) > 1 for one in rows)


@dataclass(frozen=True)
class MaturityShown:
    """Until when the enquiries of a period are settled. `after`: the rulebook's days; None where they change."""

    until: date | None
    open_days: int
    after: int | None
    # Of all metrics that must settle, the lines of the department that were read in too early.
    early: int


def maturity_shown(figures: Figures) -> MaturityShown:
    maturity, days = figures.maturity, figures.period.days
    lengths = set(maturity.after.values())
    after = lengths.pop() if len(lengths) == 1 else None
    early = max((tally.early for tally in figures.department.sums.values()), default=0)
    return MaturityShown(maturity.settled_until(days), len(maturity.open_days(days)), after, early)


# -- The chart --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Day:
    bar: Bar
    figure: Figure
    url: str

    @property
    def is_unsettled(self) -> bool:
        return self.figure.is_unsettled

    @property
    def says(self) -> str:
        """All of it in one line, for who listens."""
        parts = (f"{self.bar.day:%m-%d}", self.figure.text, self.figure.fraction)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Chart:
    """A metric day by day, of a member or (None) of the department."""

    metric: Metric
    bars: Bars
    days: list[Day]
    # Of all its days, for whoever is looked at; None where nothing is known of them.
    whole: Figure | None

    @property
    def unit(self) -> str:
        """Behind each level; the yuan of money stands in its name."""
        signs = {Unit.PERCENT: " %", Unit.SECONDS: " " + _("s"), Unit.MINUTES: " " + _("min")}
        return signs.get(self.metric.unit, "")

    @cached_property
    def newest(self) -> date | None:
        """The last day that has a figure, which a narrow screen begins with."""
        return max((day.bar.day for day in self.days if day.figure.value is not None), default=None)

    @cached_property
    def has_figures(self) -> bool:
        return any(day.figure.value is not None for day in self.days)

    @cached_property
    def has_unsettled(self) -> bool:
        return any(day.is_unsettled for day in self.days)

    @property
    def is_long(self) -> bool:
        return len(self.days) > 7


def chart_of(
    department: Department, figures: Figures, metric: Metric, whose: str | None, member: Membership | None
) -> Chart:
    """`whose`: as of a row, None where the rows are not for the reader; `member`: None for the department."""
    page = reverse("handover:statistic_rows", args=[department.code])
    found = [(day, Figure(metric, sums.get(metric.name, Tally()))) for day, sums in figures.days.items()]
    bars = bars_of([(day, _height(metric, figure)) for day, figure in found])
    days = [
        Day(
            bar,
            figure,
            rows_url(page, metric, whose, day, day) if whose is not None and figure.has_rows else "",
        )
        for bar, (day, figure) in zip(bars.bars, found, strict=True)
    ]
    lines = (line for line in figures.lines if line.membership == member) if member else iter([figures.department])
    line = next(lines, None)
    return Chart(metric, bars, days, line.figure(metric.name) if line else None)


def _height(metric: Metric, figure: Figure) -> Fraction | None:
    """In the unit of the levels: yuan for money."""
    value = figure.value
    return value / FEN if value is not None and metric.unit == Unit.YUAN else value


def metric_of(shown: Sequence[Metric], asked: str) -> Metric | None:
    """The metric asked for, else the first share of those shown, which says more than a count."""
    metrics = [metric for metric in shown if metric.charted]
    found = next((metric for metric in metrics if metric.name == asked), None)
    return found or next((metric for metric in metrics if metric.bottom), metrics[0] if metrics else None)
