"""Days as bars: places in percent of the width and in pixels of the height, ready for SVG attributes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

# Pixels: where the bars stand, and where the highest one ends.
AXIS, TOP = 120.5, 24.5
# Of the room that each day has, the bar takes this share.
SHARE = 0.72
# No level is finer than a tenth.
FINEST = Fraction(1, 10)
# With more bars than this every other name, and all figures but the highest, would run into each other.
FEW = 12


@dataclass(frozen=True)
class Bar:
    """One day. `slot`, `slot_width`: the room that can be pressed; a day without a figure has no height."""

    day: date
    slot: str
    slot_width: str
    x: str
    width: str
    middle: str
    y: str
    height: str
    label_y: str
    is_minor: bool
    is_labelled: bool


@dataclass(frozen=True)
class Level:
    """A level of the scale: its place and what it stands for."""

    y: str
    label_y: str
    label: str


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    levels: tuple[Level, ...]


def step_of(most: Fraction) -> Fraction:
    """The distance of the levels: 1, 2 or 5 times a power of ten, four levels at most."""
    step = FINEST
    while True:
        for nice in (step, 2 * step, 5 * step):
            if most <= 4 * nice:
                return nice
        step *= 10


def bars_of(values: Sequence[tuple[date, Fraction | None]]) -> Bars:
    """Bars of the days' values, none of them below 0, in the unit that the levels are labelled in."""
    known = [value for _day, value in values if value is not None]
    most = max(known, default=Fraction(0))
    step = step_of(most)
    top = max(-(-most // step), 1) * step
    slot = 100 / max(len(values), 1)
    highest = next((place for place, (_day, value) in enumerate(values) if value == most and most > 0), None)
    bars = []
    for place, (day, value) in enumerate(values):
        height = (AXIS - TOP) * float((value or 0) / top)
        bars.append(
            Bar(
                day=day,
                slot=f"{slot * place:.2f}%",
                slot_width=f"{slot:.2f}%",
                x=f"{slot * (place + (1 - SHARE) / 2):.2f}%",
                width=f"{slot * SHARE:.2f}%",
                middle=f"{slot * (place + 0.5):.2f}%",
                y=f"{AXIS - height:.1f}",
                height=f"{height:.1f}",
                label_y=f"{AXIS - height - 6:.1f}",
                is_minor=len(values) > FEW and place % 2 == 1,
                is_labelled=value is not None and (len(values) <= FEW or place == highest),
            )
        )
    return Bars(tuple(bars), tuple(_levels(step, top)))


def _levels(step: Fraction, top: Fraction):
    for number in range(1, int(top / step) + 1):
        y = AXIS - (AXIS - TOP) * float(number * step / top)
        says = number * step
        label = f"{int(says):,}" if says.denominator == 1 else f"{float(says):.1f}"
        yield Level(y=f"{y:.1f}", label_y=f"{y - 4.5:.1f}", label=label)
