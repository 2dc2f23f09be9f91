"""How many people stand on the day against how many the rulebook wants, hour by hour: a pure sweep over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from shifts.spans import Stretch


@dataclass(frozen=True)
class Want:
    """One shift type of one day: its stretches, the people on it, and the people wanted."""

    stretches: Sequence[Stretch]
    have: int
    wanted: int


@dataclass(frozen=True)
class Level:
    """A stretch through which the same number of people are here and wanted."""

    starts_at: datetime
    ends_at: datetime
    have: int
    wanted: int

    @property
    def missing(self) -> int:
        return max(self.wanted - self.have, 0)


def levels_of(wants: Iterable[Want], starts_at: datetime, ends_at: datetime) -> list[Level]:
    """The levels between two instants, in order; stretches in which nobody is wanted or here are left out."""
    wants = list(wants)
    edges = {starts_at, ends_at}
    for want in wants:
        for stretch in want.stretches:
            edges |= {edge for edge in (stretch.starts_at, stretch.ends_at) if starts_at < edge < ends_at}
    places = sorted(edges)
    levels: list[Level] = []
    for first, last in pairwise(places):
        on = [want for want in wants if any(s.starts_at <= first and last <= s.ends_at for s in want.stretches)]
        have, wanted = sum(want.have for want in on), sum(want.wanted for want in on)
        before = levels[-1] if levels else None
        if before and (before.ends_at, before.have, before.wanted) == (first, have, wanted):
            levels[-1] = Level(before.starts_at, last, have, wanted)
        elif have or wanted:
            levels.append(Level(first, last, have, wanted))
    return levels
