"""Bars of a chart that the server draws: places in percent of the width and pixels of the height, for SVG. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Place:
    """Where a bar stands; its name is written at `middle`, its figure at `label_y`."""

    x: str
    width: str
    middle: str
    y: str
    height: str
    label_y: str


@dataclass(frozen=True)
class Level:
    """A level of the scale: its place and what it stands for."""

    y: str
    label_y: str
    label: str


@dataclass(frozen=True)
class Scale:
    """The levels `step` apart, up to `top`, which no value is above."""

    step: Fraction
    top: Fraction


def scale_of(most: Fraction, *, finest: Fraction, levels: int) -> Scale:
    """The finest scale up to `most`: its step is 1, 2 or 5 times a power of ten of `finest`, and it has few levels."""
    nice = finest
    while True:
        for step in (nice, 2 * nice, 5 * nice):
            if most <= levels * step:
                return Scale(step, max(-(-most // step), 1) * step)
        nice *= 10


@dataclass(frozen=True)
class Frame:
    """The chart's room: the pixels of the axis and of the scale's top, and what share of its slot each bar takes."""

    axis: float
    top: float
    share: float
    count: int
    scale: Scale

    def across(self, slots: float) -> str:
        """A place or a length, counted in slots."""
        return f"{100 / max(self.count, 1) * slots:.2f}%"

    def bar(self, number: int, value: Fraction) -> Place:
        height = self._height(value)
        return Place(
            x=self.across(number + (1 - self.share) / 2),
            width=self.across(self.share),
            middle=self.across(number + 0.5),
            y=f"{self.axis - height:.1f}",
            height=f"{height:.1f}",
            label_y=f"{self.axis - height - 6:.1f}",
        )

    def levels(self) -> Iterator[Level]:
        for number in range(1, int(self.scale.top / self.scale.step) + 1):
            value = number * self.scale.step
            y = self.axis - self._height(value)
            label = f"{int(value):,}" if value.denominator == 1 else f"{float(value):.1f}"
            yield Level(y=f"{y:.1f}", label_y=f"{y - 4.5:.1f}", label=label)

    def _height(self, value: Fraction) -> float:
        return (self.axis - self.top) * float(value / self.scale.top)
