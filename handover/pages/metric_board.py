"""The page of figures: a table of agents, the department above it, and a chart of the days of whoever is looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from handover.bars import Bar, Bars, bars_of
from handover.metrics import REGISTRY, of_group
from handover.pages.metrics import Difference, Figures, Line
from handover.periods import Period
from handover.tallies import Figure, Group, Metric, Tally, Unit
from office.money import FEN
from people.models import Department, Membership, User

# Whose rows are looked at, besides a member's.
EVERYBODYS, NOBODYS = "", "nobody"
# What is only measured against others has no rows of its own.
ROWS_OF = {"relative_order_value": "average_order_value"}


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_on: bool = False


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
        if self.whose is None or not figure.has_rows:
            return Cell(figure, "")
        return Cell(figure, rows_url(self.rows_url, metric, self.whose, self.period.first, self.period.last))

    @property
    def difference(self) -> list[str]:
        """Each count that differs between notebook and chat tool, with its size."""
        return [f"{_counted(name)} {sign}{size:,}" for name, size, sign in self.line.difference.sizes()]

    @property
    def compared(self) -> Difference:
        return self.line.difference


def _counted(name: str) -> str:
    names = {
        "served": pgettext("count of customers", "served"),
        "closed": pgettext("count of customers", "closed"),
        "enquiries": pgettext("count of customers", "enquiries"),
    }
    return names[name]


def rows_url(page: str, metric: Metric, whose: str, first: date, last: date) -> str:
    asked = {"metric": ROWS_OF.get(metric.name, metric.name), "member": whose, "from": first, "to": last}
    return f"{page}?{urlencode(asked)}"


def member_rows(department: Department, figures: Figures, reader: User, *, reads: bool) -> list[Row]:
    """Those of the table whom the reader may see: everybody, or oneself."""
    page = reverse("handover:statistic_rows", args=[department.code])
    return [
        Row(line, str(line.membership.pk), line.membership.name, page, figures.period)
        for line in figures.lines
        if line.membership and (reads or line.membership.user_id == reader.pk)
    ]


def sum_rows(department: Department, figures: Figures, group: Group, *, reads: bool) -> list[Row]:
    """The department's line, and beside sales what of them is nobody's."""
    page = reverse("handover:statistic_rows", args=[department.code])
    rows = [Row(figures.department, EVERYBODYS if reads else None, _("Department"), page, figures.period)]
    if figures.nobodys and group == Group.SALES:
        whose = NOBODYS if reads else None
        rows.append(Row(figures.nobodys, whose, _("Nobody's orders"), page, figures.period))
    return rows


@dataclass(frozen=True)
class Shown:
    """A row with the cells of the group of metrics that is chosen."""

    row: Row
    cells: list[Cell]


def cells_of(rows: Iterable[Row], metrics: Sequence[Metric]) -> list[Shown]:
    return [Shown(row, row.cells(metrics)) for row in rows]


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

    @cached_property
    def has_figures(self) -> bool:
        return any(day.figure.value is not None for day in self.days)

    @cached_property
    def has_unsettled(self) -> bool:
        return any(day.is_unsettled for day in self.days)

    @property
    def is_long(self) -> bool:
        return len(self.days) > 7


def chart_of(department: Department, figures: Figures, metric: Metric, whose: str | None) -> Chart:
    """`whose`: as of a row; None where the rows are not for the reader."""
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
    return Chart(metric, bars, days)


def _height(metric: Metric, figure: Figure) -> Fraction | None:
    """In the unit of the levels: yuan for money."""
    value = figure.value
    return value / FEN if value is not None and metric.unit == Unit.YUAN else value


def charted(group: Group) -> list[Metric]:
    return [metric for metric in of_group(group) if metric.charted]


def metric_of(group: Group, asked: str) -> Metric:
    """The metric asked for, else the first share of the group, which says more than a count."""
    metrics = charted(group)
    if asked in {metric.name for metric in metrics}:
        return REGISTRY[asked]
    return next((metric for metric in metrics if metric.bottom), metrics[0])
