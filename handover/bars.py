"""Days as bars, ready for SVG attributes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from office.bars import Frame, Level, Place, scale_of

# Pixels: where the bars stand, and where the highest one ends.
AXIS, TOP = 120.5, 24.5
# Of the room that each day has, the bar takes this share.
SHARE = 0.72
# No level is finer than a tenth, and there are four at most.
FINEST, LEVELS = Fraction(1, 10), 4
# With more bars than this every other name, and all figures but the highest, would run into each other.
FEW = 12


@dataclass(frozen=True)
class Bar(Place):
    """One day. `slot`, `slot_width`: the room that can be pressed; a day without a figure has no height."""

    day: date
    slot: str
    slot_width: str
    is_minor: bool
    is_labelled: bool


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    levels: tuple[Level, ...]


def bars_of(values: Sequence[tuple[date, Fraction | None]]) -> Bars:
    """Bars of the days' values, none of them below 0, in the unit that the levels are labelled in."""
    most = max((value for _day, value in values if value is not None), default=Fraction(0))
    frame = Frame(AXIS, TOP, SHARE, len(values), scale_of(most, finest=FINEST, levels=LEVELS))
    highest = next((place for place, (_day, value) in enumerate(values) if value == most and most > 0), None)
    bars = [
        Bar(
            **vars(frame.bar(place, value or Fraction(0))),
            day=day,
            slot=frame.across(place),
            slot_width=frame.across(1),
            is_minor=len(values) > FEW and place % 2 == 1,
            is_labelled=value is not None and (len(values) <= FEW or place == highest),
        )
        for place, (day, value) in enumerate(values)
    ]
    return Bars(tuple(bars), tuple(frame.levels()))
