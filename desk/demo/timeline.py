"""What happens in the demo, in the order in which it happened."""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count

from office import clock

# An instant, and what somebody did then.
Step = tuple[datetime, Callable[[], object]]


class Timeline:
    """Steps taken in order of time, those of one instant as they were added; a step may add later ones."""

    def __init__(self, until: datetime):
        self.until = until
        self._steps: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()

    def add(self, steps: Iterable[Step]) -> None:
        for at, step in steps:
            heapq.heappush(self._steps, (at, next(self._order), step))

    def run(self) -> None:
        """Take every step up to `until`, each with the clock at its instant; what is later never happens."""
        while self._steps and self._steps[0][0] <= self.until:
            at, _order, step = heapq.heappop(self._steps)
            with clock.at(at):
                step()
