"""Where things stand in the server-made charts: pure geometry, in percent of the width."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .scoring import Grade, Sheet

# A band narrower than this has no room for its letter, and numbers nearer to the end than this stand on the other side.
NARROW = 5
NEAR_END = 84


@dataclass(frozen=True)
class Band:
    """The stretch of a grade on the scale."""

    grade: str
    at_least: Decimal
    starts: float
    width: float
    soft: bool

    @property
    def label(self) -> str:
        return f"{self.at_least.normalize():f}"

    @property
    def middle(self) -> float:
        return round(self.starts + self.width / 2, 2)

    @property
    def has_room(self) -> bool:
        return self.width >= NARROW


@dataclass(frozen=True)
class Scale:
    """The scale from floor to cap with the grades, one's own total and the others' without names."""

    bands: tuple[Band, ...]
    own: float
    own_is_near_end: bool
    peers: tuple[float, ...]


def scale(sheet: Sheet, own: Decimal, others: Iterable[Decimal]) -> Scale:
    """Every place as a percentage of the way from the sheet's floor to its cap."""

    def place(total: Decimal) -> float:
        way = sheet.cap - sheet.floor
        along = (total - sheet.floor) / way * 100 if way else Decimal(0)
        return round(float(min(max(along, Decimal(0)), Decimal(100))), 2)

    bands, ends = [], 100.0
    for index, grade in enumerate(sheet.grades):
        starts = place(grade.at_least)
        bands.append(Band(grade.code, grade.at_least, starts, round(ends - starts, 2), soft=_is_upper(index, sheet)))
        ends = starts
    mine = place(own)
    return Scale(tuple(reversed(bands)), mine, mine > NEAR_END, tuple(sorted(place(other) for other in others)))


def _is_upper(index: int, sheet: Sheet) -> bool:
    """The better half of the grades stands on the lighter ground."""
    return index < len(sheet.grades) / 2


@dataclass(frozen=True)
class Share:
    """How many have a grade, and how long its bar is."""

    grade: str
    flag: bool
    count: int
    width: float


def distribution(grades: Sequence[Grade], reached: Sequence[str]) -> list[Share]:
    """The number of scorecards a grade, the best first; the longest bar fills the width."""
    counts = [reached.count(grade.code) for grade in grades]
    most = max(counts, default=0) or 1
    return [
        Share(grade.code, grade.flag, count, round(count / most * 100, 2))
        for grade, count in zip(grades, counts, strict=True)
    ]
