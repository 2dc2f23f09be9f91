"""Sampling: two sides of a yardstick in turn, each timed alone with the collector of garbage off."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

WARM_UP, ROUNDS = 2, 20
# What opens and closes a transaction is no question to the database.
FRAMES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(frozen=True)
class Side:
    """One way to do it. `run` is timed and given what `ready` returned; it returns the bytes that it made, if any.

    `ready` and `undo` come before and after every sample, outside the time.
    """

    run: Callable[[Any], int]
    ready: Callable[[], Any] = lambda: None
    undo: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Yardstick:
    """What the program does beside the least that could do it.

    `proof` raises AssertionError unless both sides did the same thing. `most_times` and `most_bytes` (a cell) are the
    limits that `--check` holds.
    """

    name: str
    ours: Side
    bare: Side
    cells: int = 0
    proof: Callable[[], None] = lambda: None
    most_times: float | None = None
    most_bytes: float | None = None


@dataclass
class Figures:
    """What one side took: seconds of each sample, queries of one run, bytes of the last."""

    seconds: list[float] = field(default_factory=list)
    queries: int = 0
    bytes: int = 0

    @property
    def least(self) -> float:
        return min(self.seconds)

    @property
    def middle(self) -> float:
        return median(self.seconds)


@dataclass(frozen=True)
class Outcome:
    yardstick: Yardstick
    ours: Figures
    bare: Figures

    @property
    def times_least(self) -> float:
        return self.ours.least / self.bare.least

    @property
    def times_middle(self) -> float:
        return self.ours.middle / self.bare.middle

    @property
    def bytes_a_cell(self) -> float | None:
        return self.ours.bytes / self.yardstick.cells if self.yardstick.cells else None

    def faults(self) -> list[str]:
        """The limits that were passed, by the minima and by the medians both: a busy machine upsets one of them."""
        name, most = self.yardstick.name, self.yardstick
        found = []
        times = min(self.times_least, self.times_middle)
        if most.most_times is not None and times > most.most_times:
            found.append(f"{name}: {times:.2f} times the bare one, at most {most.most_times:g} wanted")
        if most.most_bytes is not None and (self.bytes_a_cell or 0) > most.most_bytes:
            found.append(f"{name}: {self.bytes_a_cell:.0f} bytes a cell, at most {most.most_bytes:g} wanted")
        return found


def runs_of(rounds: int) -> int:
    """How often each side runs in all: once to count queries, to warm up, and to be timed."""
    return 1 + WARM_UP + rounds


def measure(yardstick: Yardstick, rounds: int) -> Outcome:
    """Count, warm up, prove, then `rounds` times one sample of ours and one of the bare side."""
    sides = (yardstick.ours, Figures()), (yardstick.bare, Figures())
    for side, figures in sides:
        figures.queries = _queries_of(side)
        for _ in range(WARM_UP):
            _sample(side)
    yardstick.proof()
    for _ in range(rounds):
        for side, figures in sides:
            seconds, figures.bytes = _sample(side)
            figures.seconds.append(seconds)
    return Outcome(yardstick, sides[0][1], sides[1][1])


def _sample(side: Side) -> tuple[float, int]:
    given = side.ready()
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        made = side.run(given)
        seconds = time.perf_counter() - start
    finally:
        gc.enable()
    side.undo()
    return seconds, made


def _queries_of(side: Side) -> int:
    given = side.ready()
    with CaptureQueriesContext(connection) as captured:
        side.run(given)
    side.undo()
    return sum(not query["sql"].startswith(FRAMES) for query in captured.captured_queries)
