"""All yardsticks by name: `roster-200` is the roster of 200 agents."""

from collections.abc import Iterable, Iterator

from . import checks, fines, readings, roster, scoring, statistics
from .measure import Yardstick, runs_of

MAKERS = {
    "roster": roster.yardstick,
    "checks": checks.yardstick,
    "scoring": scoring.first_time,
    "scoring-again": scoring.again,
    "statistics": statistics.yardstick,
    "reading": readings.statistics,
    "reading-orders": readings.orders,
}
CASES = {"fine": fines.fine, "payment": fines.payment}


def yardsticks(names: Iterable[str], rounds: int) -> Iterator[Yardstick]:
    """One after the other, each with its world made when its turn comes."""
    for name in names:
        if name in CASES:
            yield CASES[name](runs_of(rounds))
        else:
            kind, _dash, size = name.rpartition("-")
            yield MAKERS[kind](int(size))
