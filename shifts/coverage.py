"""How many people a day has on each shift, against what the rulebook wants and the least it allows. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a day stands: `under` the minimum is a violation, `short` of what is wanted is only shown."""

    UNDER = "under"
    SHORT = "short"
    FULL = "full"
    OVER = "over"


@dataclass(frozen=True)
class Cover:
    """One shift type on one day, in people."""

    have: int
    wanted: int
    minimum: int

    @property
    def level(self) -> Level:
        if self.have < self.minimum:
            return Level.UNDER
        if self.have < self.wanted:
            return Level.SHORT
        return Level.OVER if self.have > self.wanted else Level.FULL

    @property
    def missing(self) -> int:
        """People short of what is wanted."""
        return max(self.wanted - self.have, 0)
